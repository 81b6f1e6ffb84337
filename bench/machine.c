/* What the figures depend on beside the code, one "name value" a line: compiler, flags, OpenBLAS's core type and
 * threads, the instruction set of the fast path. */
#include <assay/fast.h>

#include <cblas.h>
#include <stdio.h>

int main(void) {
  printf("compiler %s\n", BENCH_COMPILER);
  printf("flags %s\n", BENCH_FLAGS);
  printf("openblas %s\n", openblas_get_config());
  printf("core %s\n", openblas_get_corename());
  printf("blas_threads %d\n", openblas_get_num_threads());
  printf("isa %s\n", assay_fast_isa_name(assay_fast_isa_resolve(ASSAY_ISA_BEST)));
  return 0;
}
