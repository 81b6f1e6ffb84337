# libassay: the layers in one library, with headers, the command, a CMake package (find_package(Assay)) and assay.pc.

set(ASSAY_OBJECTS $<TARGET_OBJECTS:assay_model> $<TARGET_OBJECTS:assay_io> $<TARGET_OBJECTS:assay_reference>
                  $<TARGET_OBJECTS:assay_fast> $<TARGET_OBJECTS:assay_theory>)
if(NOT BUILD_SHARED_LIBS)
  # An archive shows its users every name that its objects share. As one object, with hidden names made local, it shows
  # what include/ declares, like the shared library.
  add_custom_command(OUTPUT assay.o
                     COMMAND ${CMAKE_C_COMPILER} -r -nostdlib -o assay.o ${ASSAY_OBJECTS}
                     COMMAND ${CMAKE_OBJCOPY} --localize-hidden assay.o
                     DEPENDS ${ASSAY_OBJECTS} COMMAND_EXPAND_LISTS VERBATIM)
  set(ASSAY_OBJECTS ${CMAKE_BINARY_DIR}/assay.o)
endif()
add_library(assay_library ${ASSAY_OBJECTS})
add_library(Assay::assay ALIAS assay_library)
set_target_properties(assay_library PROPERTIES OUTPUT_NAME assay EXPORT_NAME assay VERSION ${PROJECT_VERSION}
                                               SOVERSION ${PROJECT_VERSION_MAJOR} LINKER_LANGUAGE C)
target_include_directories(assay_library PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(assay_library PUBLIC assay_mpfi PRIVATE PkgConfig::OPENBLAS PkgConfig::JANSSON PkgConfig::ZLIB OpenMP::OpenMP_C
                                           $<BUILD_INTERFACE:assay_flags>)

install(TARGETS assay_library assay_mpfi EXPORT AssayTargets)
install(TARGETS assay RUNTIME)
install(DIRECTORY include/assay DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/assay PATTERN __pycache__ EXCLUDE)

set(ASSAY_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Assay)
install(EXPORT AssayTargets NAMESPACE Assay:: DESTINATION ${ASSAY_CMAKE_DIR})
include(CMakePackageConfigHelpers)
configure_package_config_file(cmake/AssayConfig.cmake.in ${CMAKE_BINARY_DIR}/AssayConfig.cmake
                              INSTALL_DESTINATION ${ASSAY_CMAKE_DIR})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/AssayConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/AssayConfig.cmake ${CMAKE_BINARY_DIR}/AssayConfigVersion.cmake
        DESTINATION ${ASSAY_CMAKE_DIR})

# A static libassay needs its libraries named at every link; a shared one brings them.
if(BUILD_SHARED_LIBS)
  set(ASSAY_PC_PRIVATE .private)
else()
  set(ASSAY_PC_OPENMP " ${OpenMP_C_FLAGS}")
endif()
# Relative to where it lies, so that it is right under any --prefix.
file(RELATIVE_PATH ASSAY_PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/assay.pc.in ${CMAKE_BINARY_DIR}/assay.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/assay.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
