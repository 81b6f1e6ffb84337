/* The random bits of as many normals as in normals.c, 64 each, into an array of the same size but for whole vectors. */
#include "bench/bits.h"
#include "bench/driver.h"
#include "bench/sizes.h"

#include <assay/fast.h>

#include <stdlib.h>

static const bench_setting own[] = {{"isa", 0, 0}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, NORMALS_SIZES, own);
  assay_context context = bench_context(&arguments);
  size_t rows = bench_value(&arguments, "n"), columns = (bench_value(&arguments, "d") + 15) / 16 * 16;
  bits_kernel *const kernels[] = {
      [ASSAY_ISA_SSE2] = bits_sse2, [ASSAY_ISA_AVX2] = bits_avx2, [ASSAY_ISA_AVX512] = bits_avx512};
  bits_kernel *kernel = kernels[assay_fast_isa_resolve(context.isa)];
  void *memory = NULL;
  bench_require(assay_allocate(&memory, rows * columns, sizeof(uint64_t), "bits", &context), &context);
  uint64_t *out = memory;
  for (size_t pass = 0; pass < arguments.passes; pass++)
    for (size_t row = 0; row < rows; row++) kernel(out + row * columns, UINT64_C(0x0123456789abcdef), 7, row, columns);
  bench_show_words(&arguments, "bits", out, rows * columns);
  free(memory);
  return 0;
}
