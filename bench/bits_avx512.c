#include "bench/bits.h"

#include <immintrin.h>

enum { LANES = 8 };
#define MULTIPLY_LOW_WORDS(a, b) ((words)_mm512_mul_epu32((__m512i)(a), (__m512i)(b)))
#include "bench/bits_kernel.h"

void bits_avx512(uint64_t *out, uint64_t seed, uint64_t stream, uint64_t row, size_t columns) {
  fill_row(out, seed, stream, row, columns);
}
