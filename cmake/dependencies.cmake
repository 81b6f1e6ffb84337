# Libraries from the distribution, as imported targets. ./run setup installs their packages.
find_package(PkgConfig REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS C)

# assay_mpfi: intervals on MPFR on GMP. MPFI ships neither a CMake package nor a pkg-config file.
find_path(MPFI_INCLUDE_DIR mpfi.h REQUIRED)
find_library(MPFI_LIBRARY mpfi REQUIRED)
find_library(MPFR_LIBRARY mpfr REQUIRED)
find_library(GMP_LIBRARY gmp REQUIRED)
add_library(assay_mpfi INTERFACE)
target_include_directories(assay_mpfi SYSTEM INTERFACE ${MPFI_INCLUDE_DIR})
target_link_libraries(assay_mpfi INTERFACE ${MPFI_LIBRARY} ${MPFR_LIBRARY} ${GMP_LIBRARY} m)

pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)

find_path(RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED)
add_library(assay_random123 INTERFACE)
target_include_directories(assay_random123 SYSTEM INTERFACE ${RANDOM123_INCLUDE_DIR})

if(BUILD_TESTING)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
  # Arb: a library of its own (libflint-arb) on Debian 12, part of FLINT since version 3.
  find_library(FLINT_LIBRARY flint REQUIRED)
  find_library(ARB_LIBRARY NAMES flint-arb arb)
  find_path(FLINT_INCLUDE_DIR flint/flint.h REQUIRED)
  find_path(ARB_INCLUDE_DIR NAMES arb.h PATH_SUFFIXES flint REQUIRED)
  add_library(assay_arb INTERFACE)
  target_include_directories(assay_arb SYSTEM INTERFACE ${FLINT_INCLUDE_DIR} ${FLINT_INCLUDE_DIR}/flint ${ARB_INCLUDE_DIR})
  target_link_libraries(assay_arb INTERFACE $<$<BOOL:${ARB_LIBRARY}>:${ARB_LIBRARY}> ${FLINT_LIBRARY} ${MPFR_LIBRARY}
                                            ${GMP_LIBRARY} m)
endif()
