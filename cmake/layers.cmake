# What every layer of the library shares: flags, include path, and being part of libassay.

add_library(assay_flags INTERFACE)
target_compile_options(assay_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow -ffp-contract=off -fno-math-errno)
if(ASSAY_WERROR)
  target_compile_options(assay_flags INTERFACE -Werror)
endif()
if(ASSAY_SANITIZE)
  target_compile_options(assay_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(assay_flags INTERFACE -fsanitize=address,undefined)
endif()
target_compile_definitions(assay_flags INTERFACE _POSIX_C_SOURCE=200809L)
target_include_directories(assay_flags INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})

# assay_layer(NAME sources...): objects of one layer; link what it may call with target_link_libraries.
function(assay_layer name)
  add_library(assay_${name} STATIC ${ARGN})
  set_target_properties(assay_${name} PROPERTIES C_VISIBILITY_PRESET hidden) # the public headers make their names visible
  target_link_libraries(assay_${name} PUBLIC assay_flags)
endfunction()

# assay_test(NAME LABEL label SOURCES ... LIBRARIES ... [ENVIRONMENT ...] [TIMEOUT s]): a cmocka program and its CTest entry.
function(assay_test name)
  cmake_parse_arguments(T "" "LABEL;TIMEOUT" "SOURCES;LIBRARIES;ENVIRONMENT" ${ARGN})
  add_executable(${name} ${T_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${T_LIBRARIES} assay_testing)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${T_LABEL}" TIMEOUT 300)
  if(T_TIMEOUT)
    set_tests_properties(${name} PROPERTIES TIMEOUT ${T_TIMEOUT})
  endif()
  if(T_ENVIRONMENT)
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "${T_ENVIRONMENT}")
  endif()
endfunction()
