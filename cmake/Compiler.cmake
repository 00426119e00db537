# One toolchain for everything: clang 19 (docs/decisions/0004-clang-19.md says why g++ 12 is refused).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  message(FATAL_ERROR "g++ ${CMAKE_CXX_COMPILER_VERSION} silently miscompiles coroutines (co_await in a condition never "
                      "completes, temporaries are freed twice). Use clang 19: run scripts/setup, then make.")
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "clang ${CMAKE_CXX_COMPILER_VERSION} is too old: clang 19 is needed. Run scripts/setup, then make.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS ON) # DX_TRY is a statement expression
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON) # one set of objects serves engine and libdaos_client.so
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -DDX_DEBUG_CHECKS=1")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g1")

option(DX_ASAN "address and undefined-behaviour sanitizers" OFF)
option(DX_TSAN "thread sanitizer" OFF)
option(DX_FUZZ "build the libFuzzer targets (*_fuzz)" OFF)

add_compile_options(-Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -fno-omit-frame-pointer)
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-gnu-statement-expression-from-macro-expansion>
                    $<$<COMPILE_LANGUAGE:CXX>:-fno-semantic-interposition>)
add_link_options(-fuse-ld=lld -Wl,--gdb-index)
if(DX_ASAN)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -DDX_DEBUG_CHECKS=1)
  add_link_options(-fsanitize=address,undefined)
endif()
if(DX_TSAN)
  add_compile_options(-fsanitize=thread -DDX_DEBUG_CHECKS=1)
  add_link_options(-fsanitize=thread)
endif()
if(DX_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(DX_CCACHE ccache)
if(DX_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${DX_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${DX_CCACHE})
endif()
