# daos_check_headers(NAME) compiles the calling folder's headers, each as the first line of a file of its own.
#
# x.cc includes x.h first (scripts/lint insists), so compiling x.cc proves x.h already. Only a header without such a
# sibling gets a probe of its own: a few small compilations, cached by ccache, instead of one for every header. The probe
# includes the header twice, which a missing #pragma once does not survive.
function(daos_check_headers name)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h ${CMAKE_CURRENT_SOURCE_DIR}/*/*.h)
  file(GLOB nested CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
  foreach(lists ${nested}) # a subfolder with a CMakeLists.txt of its own checks its own headers
    get_filename_component(folder ${lists} DIRECTORY)
    list(FILTER headers EXCLUDE REGEX "^${folder}/")
  endforeach()
  set(probes "")
  foreach(header ${headers})
    string(REGEX REPLACE "\\.h$" ".cc" sibling ${header})
    if(NOT EXISTS ${sibling})
      file(RELATIVE_PATH from_src ${PROJECT_SOURCE_DIR}/src ${header})
      string(REPLACE "/" "__" probe ${from_src})
      set(probe ${CMAKE_CURRENT_BINARY_DIR}/headers/${probe}.cc)
      file(CONFIGURE OUTPUT ${probe} CONTENT "#include \"${from_src}\"\n#include \"${from_src}\"\n")
      list(APPEND probes ${probe})
    endif()
  endforeach()
  if(probes)
    add_library(${name}_headers OBJECT EXCLUDE_FROM_ALL ${probes})
    target_link_libraries(${name}_headers PRIVATE daos_${name})
    target_compile_options(${name}_headers PRIVATE -O0 -g0)
    set_property(GLOBAL APPEND PROPERTY DAOS_HEADERCHECKS ${name}_headers)
  endif()
endfunction()
