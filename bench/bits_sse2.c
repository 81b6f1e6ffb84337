#include "bench/bits.h"

#include <immintrin.h>

enum { LANES = 2 };
#define MULTIPLY_LOW_WORDS(a, b) ((words)_mm_mul_epu32((__m128i)(a), (__m128i)(b)))
#include "bench/bits_kernel.h"

void bits_sse2(uint64_t *out, uint64_t seed, uint64_t stream, uint64_t row, size_t columns) {
  fill_row(out, seed, stream, row, columns);
}
