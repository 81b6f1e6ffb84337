#include "bench/bits.h"

#include <immintrin.h>

enum { LANES = 4 };
#define MULTIPLY_LOW_WORDS(a, b) ((words)_mm256_mul_epu32((__m256i)(a), (__m256i)(b)))
#include "bench/bits_kernel.h"

void bits_avx2(uint64_t *out, uint64_t seed, uint64_t stream, uint64_t row, size_t columns) {
  fill_row(out, seed, stream, row, columns);
}
