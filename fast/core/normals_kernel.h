/* fast/core/normals_kernel.h: Philox4x32-10 and Box-Muller over LANES pairs at once, in the compilers' vector types.
 * normals_<isa>.c includes it once per instruction set, after saying what the vector types cannot:
 * MULTIPLY_LOW_WORDS(a, b), the 64-bit product of the low 32 bits of each lane; SQUARE_ROOT(x); and the shuffles that
 * put two vectors' lanes in turn. */
#ifndef ASSAY_FAST_CORE_NORMALS_KERNEL_H
#define ASSAY_FAST_CORE_NORMALS_KERNEL_H

#include "normals.h"

#include <string.h>

/* Without the attribute gcc passes vectors through memory. */
#define INLINE inline __attribute__((always_inline))

typedef uint64_t bits __attribute__((vector_size(LANES * 8)));
typedef double reals __attribute__((vector_size(LANES * 8)));

/* Two words of 64 random bits per lane, and the two normals they become. */
typedef struct {
  bits a, b;
} random_words;
typedef struct {
  reals even, odd;
} normal_pairs;

static INLINE bits in_all_lanes(uint64_t value) {
  const bits zero = {0};
  return zero + value;
}

/* ---- random words: Philox4x32-10 (Salmon et al., SC 2011, section 3.3) ---- */

/* Each 32-bit word sits in the low half of a 64-bit lane. The upper halves hold leftovers: nothing reads them. */
static INLINE random_words philox(bits c0, bits c1, bits c2, bits c3, uint64_t seed) {
  const bits multiplier_0 = in_all_lanes(0xd2511f53), multiplier_1 = in_all_lanes(0xcd9e8d57);
  uint32_t key_0 = (uint32_t)seed, key_1 = (uint32_t)(seed >> 32);
#pragma GCC unroll 10
  for (int round = 0; round < 10; round++) {
    bits product_0 = MULTIPLY_LOW_WORDS(c0, multiplier_0), product_1 = MULTIPLY_LOW_WORDS(c2, multiplier_1);
    c0 = product_1 >> 32 ^ c1 ^ (uint64_t)key_0;
    c2 = product_0 >> 32 ^ c3 ^ (uint64_t)key_1;
    c1 = product_1;
    c3 = product_0;
    key_0 += UINT32_C(0x9e3779b9);
    key_1 += UINT32_C(0xbb67ae85);
  }
  return (random_words){c1 << 32 | (c0 & UINT32_MAX), c3 << 32 | (c2 & UINT32_MAX)};
}

/* The counter of fast.h: c0 = low word of pair, c1 = low word of row, c2 = (row >> 32) << 16 | (pair >> 32). */
static INLINE random_words words_at(const assay_normals *normals, bits row, bits pair) {
  return philox(pair, row, (row >> 32) << 16 | pair >> 32, in_all_lanes(normals->stream), normals->seed);
}

/* ---- Box-Muller ----
 *
 * Accuracy: every value has a relative error below 4 e, e = 2^-53, so it is within 4 ulp; exact zeros come out as 0.
 * Terms of order e^2 are left out: the sum below has room for them. h(v) <= e is half an ulp of v over v, the relative
 * error of one rounding; normals_design.py makes the coefficients and evaluates these sums over all arguments.
 *  - Logarithm. f is exact, a multiple of 2^(K - 53); so `leading` = K log 2 (rounded to 2^-42 K) - f is exact too: a
 *    multiple of 2^(K - 53) below 2^K if K <= 11, and of 2^-42 below 2^6 beyond. The low part's rounding is 2^-38 e.
 *    t = s (f - w P) carries h(2 + f) + h(s) from s, [h(f - w P) + (error of w P) w P/(f - w P)], h(t) of its own and
 *    h(t) of the sum with the low part; as t <= 0.166 (-log u), these six or so roundings weigh little beside the
 *    last, h(log u). With 0.006 e of approximation: at most 1.50 e (at f = -0.24, K = 0).
 *  - Radius: half of that and one rounding; at most 1.61 e, since they are not largest together.
 *  - Sine. p is exact: 26 bits times 27. r's error is 2^-24 e x. What counts is x^3 S(y): h(x) + h(y) + h(x y) + error
 *    of S + h(x y S), times x^3 S/sin x <= 0.11; y has one rounding only, because H is exact and Q small. With the
 *    sum with r, the last rounding and 0.057 e of approximation: at most 1.30 e (at x = 0.73).
 *  - Cosine. H and first + lost are exact; y^2 C <= 0.016 carries 2 h(y) + h(y^2) + error of C + h(y^2 C) and two
 *    sums; with the last rounding and 0.012 e of approximation: at most 0.83 e.
 *  - Product: 1 e. Together 1.61 + 1.30 + 1 = 3.91 e. */

/* Doubles with these bits have the lane's integer in their lowest mantissa bits: the integer plus 2^52 or (in units of
 * 2^32) plus 2^84. */
#define EXPONENT_52 UINT64_C(0x4330000000000000)
#define EXPONENT_84 UINT64_C(0x4530000000000000)

/* -log u for u = ((a >> 11) + 1) 2^-53 = z 2^-K, z in [11/16, 11/8), f = z - 1, s = f/(2 + f), w = s^2:
 *   log z = 2 atanh(s) = 2 s + s w P(w) = f - s (f - w P(w)),  since 2 s = f - s f.
 * P interpolates (2 atanh(s)/s - 2)/w at 8 Chebyshev nodes of [0, (5/27)^2]. */
static INLINE reals minus_log(bits a) {
  bits m = (a >> 11) + 1;
  reals high = (reals)(m >> 32 | EXPONENT_84) - (0x1p84 + 0x1p52), low = (reals)((m & UINT32_MAX) | EXPONENT_52);
  bits u = (bits)(high + low);                           /* 2^53 u, exact */
  bits shift = (u - UINT64_C(0x3fe6000000000000)) >> 52; /* 53 - K; the constant is 11/16 */
  reals K = (0x1p52 + 53) - (reals)(shift | EXPONENT_52);
  reals z = (reals)(u - (shift << 52));

  reals f = z - 1.0, s = f / (z + 1.0), w = s * s;
  reals P = w * 0x1.10d31060a8ad6p-3 + 0x1.0f3f171a2265ap-3;
  P = P * w + 0x1.3b215f738dbd2p-3;
  P = P * w + 0x1.745cde9952c1fp-3;
  P = P * w + 0x1.c71c724645278p-3;
  P = P * w + 0x1.249249244c589p-2;
  P = P * w + 0x1.9999999999b6ep-2;
  P = P * w + 0x1.5555555555555p-1;

  /* log 2 = 0x1.62e42fefa38p-1 (42 bits, so that its product with K is exact) + 0x1.ef35793c7673p-45. */
  reals leading = K * 0x1.62e42fefa38p-1 - f;
  return leading + (K * 0x1.ef35793c7673p-45 + s * (f - w * P));
}

/* cos and sin of 2 pi v for v = (b >> 11) 2^-53 = q/4 + g, |g| <= 1/8, x = 2 pi g = p + r (p exact, r small):
 *   sin x = p + (r + x y S(y)), cos x = 1 - y/2 + y^2 C(y), y = x^2 = H + Q with H = (head of x)^2 exact.
 * S and C interpolate (sin(x)/x - 1)/y and (cos(x) - 1 + y/2)/y^2 at 7 and 6 Chebyshev nodes of [0, (pi/4)^2]. */
static INLINE normal_pairs cosine_and_sine(bits b) {
  bits turned = b + (UINT64_C(1) << 61); /* q in the top two bits (4 wraps to 0), (g + 1/8) 2^51 below */
  reals g = (reals)(turned << 2 >> 13 | EXPONENT_52) - (0x1p52 + 0x1p50); /* 2^53 g, exact */

  /* 2 pi = 0x1.921fb54p+2 (27 bits) + 0x1.10b4611a62633p-28, times 2^-53. */
  const bits head = in_all_lanes(UINT64_C(0xfffffffff8000000));
  reals g_head = (reals)((bits)g & head);
  reals p = g_head * 0x1.921fb54p-51, r = (g - g_head) * 0x1.921fb54p-51 + g * 0x1.10b4611a62633p-81;
  reals x = p + r;
  reals x_head = (reals)((bits)x & head), x_tail = (p - x_head) + r;
  reals H = x_head * x_head, Q = x_tail * (x + x_head), y = H + Q;

  reals S = y * -0x1.ab17d404de5b3p-41 + 0x1.61217f0b800d5p-33;
  S = S * y - 0x1.ae645412c560cp-26;
  S = S * y + 0x1.71de3a546095bp-19;
  S = S * y - 0x1.a01a01a019938p-13;
  S = S * y + 0x1.111111111111p-7;
  S = S * y - 0x1.5555555555555p-3;
  reals C = y * -0x1.907da367a37cbp-37 + 0x1.1eeb68e93b64cp-29;
  C = C * y - 0x1.27e4fa17da09ep-22;
  C = C * y + 0x1.a01a019f4eb01p-16;
  C = C * y - 0x1.6c16c16c16967p-10;
  C = C * y + 0x1.5555555555555p-5;

  reals sine = p + (r + x * y * S);
  reals half_H = 0.5 * H, first = 1.0 - half_H, lost = (1.0 - first) - half_H; /* exact */
  reals cosine = first + (lost + (y * y * C - 0.5 * Q));

  /* Quarter turns: q odd swaps the two; the cosine is negative for q = 1, 2, the sine for q = 2, 3. */
  bits swap = ((bits)sine ^ (bits)cosine) & (in_all_lanes(0) - (turned >> 62 & 1));
  const bits sign = in_all_lanes(UINT64_C(1) << 63);
  bits even = (bits)cosine ^ swap ^ ((turned + (UINT64_C(1) << 62)) & sign), odd = (bits)sine ^ swap ^ (turned & sign);
  return (normal_pairs){(reals)even, (reals)odd};
}

static INLINE normal_pairs box_muller(random_words words) {
  reals radius = SQUARE_ROOT(2.0 * minus_log(words.a));
  normal_pairs turn = cosine_and_sine(words.b);
  return (normal_pairs){radius * turn.even, radius * turn.odd};
}

/* ---- arrays of any length ---- */

static INLINE bits load(const uint64_t *from) {
  bits value;
  memcpy(&value, from, sizeof value);
  return value;
}

static INLINE void store(double *out, normal_pairs pairs) {
  reals low = __builtin_shufflevector(pairs.even, pairs.odd, INTERLEAVE_LOW);
  reals high = __builtin_shufflevector(pairs.even, pairs.odd, INTERLEAVE_HIGH);
  memcpy(out, &low, sizeof low);
  memcpy(out + LANES, &high, sizeof high);
}

/* The first `count` < LANES pairs. */
static INLINE void store_some(double *out, normal_pairs pairs, size_t count) {
  double all[2 * LANES];
  store(all, pairs);
  memcpy(out, all, 2 * count * sizeof *out);
}

static INLINE bits load_some(const uint64_t *from, size_t count) {
  uint64_t all[LANES] = {0};
  memcpy(all, from, count * sizeof *from);
  return load(all);
}

/* Words first, values after, in turns that stay in the first cache: a processor overlaps the long dependence chains of
 * neighbouring vectors much better within one short loop than across one long one. */
#define TURN 128

typedef struct {
  uint64_t a[TURN], b[TURN];
} word_buffer;

static void normals_transform(double *out, const uint64_t *a, const uint64_t *b, size_t count) {
  size_t whole = count - count % LANES, rest = count - whole;
  for (size_t k = 0; k < whole; k += LANES) store(out + 2 * k, box_muller((random_words){load(a + k), load(b + k)}));
  if (rest)
    store_some(out + 2 * whole, box_muller((random_words){load_some(a + whole, rest), load_some(b + whole, rest)}),
               rest);
}

static INLINE void put_words(word_buffer *buffer, size_t k, random_words words) {
  memcpy(buffer->a + k, &words.a, sizeof words.a);
  memcpy(buffer->b + k, &words.b, sizeof words.b);
}

static void normals_run(double *out, const assay_normals *normals, uint64_t row, uint64_t pair, size_t count) {
  word_buffer buffer;
  uint64_t steps[LANES];
  for (size_t lane = 0; lane < LANES; lane++) steps[lane] = pair + lane;
  bits rows = in_all_lanes(row), pairs = load(steps);
  for (size_t done = 0; done < count; done += TURN) {
    size_t turn = count - done;
    if (turn > TURN) turn = TURN;
    for (size_t k = 0; k < turn; k += LANES, pairs += LANES) put_words(&buffer, k, words_at(normals, rows, pairs));
    normals_transform(out + 2 * done, buffer.a, buffer.b, turn);
  }
}

static void normals_list(double *out, const assay_normals *normals, const uint64_t *row, const uint64_t *pair,
                         size_t count) {
  word_buffer buffer;
  for (size_t done = 0; done < count; done += TURN, row += TURN, pair += TURN) {
    size_t turn = count - done;
    if (turn > TURN) turn = TURN;
    size_t whole = turn - turn % LANES, rest = turn - whole;
    for (size_t k = 0; k < whole; k += LANES) put_words(&buffer, k, words_at(normals, load(row + k), load(pair + k)));
    if (rest) put_words(&buffer, whole, words_at(normals, load_some(row + whole, rest), load_some(pair + whole, rest)));
    normals_transform(out + 2 * done, buffer.a, buffer.b, turn);
  }
}

#endif
