# The targets over everything that was defined before: included last, when the lists are complete.
#   linkchecks     every library, whole, against nothing but its declared dependencies
#   headers_check  every header of src/ compiled as the first line of a file (cmake/Headers.cmake)
#   benches        every *_bench and every program under bench/
#   fuzzers        every *_fuzz (only with -DDX_FUZZ=ON)
# Scripts find programs through the lists in the build tree, so that a new folder needs no edit of any script.
function(daos_aggregate name property)
  get_property(targets GLOBAL PROPERTY ${property})
  add_custom_target(${name})
  set(programs "")
  foreach(target ${targets})
    add_dependencies(${name} ${target})
    string(APPEND programs "$<TARGET_FILE:${target}>\n")
  endforeach()
  if(NOT ARGV2 STREQUAL "NO_LIST")
    file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/${name}.txt CONTENT "${programs}")
  endif()
endfunction()

daos_aggregate(linkchecks DAOS_LINKCHECKS NO_LIST)
daos_aggregate(headers_check DAOS_HEADERCHECKS NO_LIST)
daos_aggregate(benches DAOS_BENCHES)
daos_aggregate(bench_programs DAOS_BENCH_PROGRAMS NO_LIST)
add_dependencies(benches bench_programs)
daos_aggregate(fuzzers DAOS_FUZZERS)
