/* What the figures depend on beside the code, one "name value" a line: compiler, flags, OpenBLAS's core type and
 * threads, the other libraries, the instruction set of the fast path. */
#include <assay/fast.h>

#include <cblas.h>
#include <gnu/libc-version.h>
#include <mpfr.h>
#include <stdio.h>

int main(void) {
  printf("compiler %s\n", BENCH_COMPILER);
  printf("flags %s\n", BENCH_FLAGS);
  printf("openblas %s\n", openblas_get_config());
  printf("core %s\n", openblas_get_corename());
  printf("blas_threads %d\n", openblas_get_num_threads());
  printf("mpfr %s\n", mpfr_get_version());
  printf("gmp %s\n", gmp_version);
  printf("libc %s\n", gnu_get_libc_version());
  printf("isa %s\n", assay_fast_isa_name(assay_fast_isa_resolve(ASSAY_ISA_BEST)));
  return 0;
}
