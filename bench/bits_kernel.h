/* bench/bits_kernel.h: Philox4x32-10 (Salmon et al., SC 2011) over the lanes of a vector, written apart from the
 * library's, so that both do not grow slow together. bits_<isa>.c includes it after saying LANES and
 * MULTIPLY_LOW_WORDS(a, b), the product of the low 32 bits of each lane. A word sits in the low half of its lane. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t words __attribute__((vector_size(LANES * sizeof(uint64_t))));

static void fill_row(uint64_t *out, uint64_t seed, uint64_t stream, uint64_t row, size_t columns) {
  const words zero = {0}, low = zero + UINT32_MAX;
  words pair = {0};
  for (size_t lane = 0; lane < LANES; lane++) pair[lane] = lane;
  for (size_t column = 0; column < columns; column += 2 * LANES, pair += LANES) {
    words c0 = pair, c1 = zero + row, c2 = zero, c3 = zero + stream;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++, k0 += UINT32_C(0x9e3779b9), k1 += UINT32_C(0xbb67ae85)) {
      words a = MULTIPLY_LOW_WORDS(c0, zero + UINT64_C(0xd2511f53));
      words b = MULTIPLY_LOW_WORDS(c2, zero + UINT64_C(0xcd9e8d57));
      c0 = b >> 32 ^ c1 ^ (uint64_t)k0;
      c2 = a >> 32 ^ c3 ^ (uint64_t)k1;
      c1 = b;
      c3 = a;
    }
    words first = c1 << 32 | (c0 & low), second = c3 << 32 | (c2 & low);
    memcpy(out + column, &first, sizeof first);
    memcpy(out + column + LANES, &second, sizeof second);
  }
}
