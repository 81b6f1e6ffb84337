/* fast/core/normals_kernel.h: Philox4x32-10 and Box-Muller over LANES pairs at once, in the compilers' vector types.
 * normals_<isa>.c includes it once per instruction set, after saying what the vector types cannot: REGISTER_LANES, how
 * many 64-bit lanes a register has; MULTIPLY_LOW_WORDS(a, b), the 64-bit product of the low 32 bits of each lane;
 * SQUARE_ROOT(x); and the shuffles that put two registers' lanes in turn. */
#ifndef ASSAY_FAST_CORE_NORMALS_KERNEL_H
#define ASSAY_FAST_CORE_NORMALS_KERNEL_H

#include "normals.h"

#include <string.h>

/* Without the attribute gcc passes vectors through memory. */
#define INLINE inline __attribute__((always_inline))

/* Registers side by side, each step done on all before the next: a step waits for the one before it, not for its
 * neighbours. */
#define REGISTERS 4
#define LANES ((size_t)REGISTERS * REGISTER_LANES)

typedef uint64_t register_bits __attribute__((vector_size(REGISTER_LANES * 8)));
typedef double register_reals __attribute__((vector_size(REGISTER_LANES * 8)));
typedef uint64_t bits __attribute__((vector_size(LANES * 8)));
typedef double reals __attribute__((vector_size(LANES * 8)));

/* The two normals of each lane's pair. */
typedef struct {
  reals even, odd;
} normal_pairs;

#define EACH_REGISTER _Pragma("GCC unroll 4") for (size_t r = 0; r < REGISTERS; r++)

/* ---- random words: Philox4x32-10 (Salmon et al., SC 2011, section 3.3) ---- */

/* Words first, values after, in turns that stay in the first cache: a processor overlaps what does not depend on each
 * other much better within one short loop than across one long one. */
#define TURN 128

/* Two words of 64 random bits a pair. */
typedef struct {
  uint64_t a[TURN], b[TURN];
} word_buffer;

/* The counter of fast.h, its last word being the stream: word 0 = low word of pair, word 1 = low word of row, word 2 =
 * (row >> 32) << 16 | (pair >> 32). Each 32-bit word sits in the low half of a 64-bit lane. The upper halves hold
 * leftovers: nothing reads them. */
typedef struct {
  register_bits word[3][REGISTERS];
} counters;

/* Fills a[k ... k + LANES - 1] and b likewise. */
static INLINE void philox(word_buffer *out, size_t k, const assay_normals *normals, const counters *at) {
  const register_bits zero = {0}, multiplier_0 = zero + 0xd2511f53, multiplier_1 = zero + 0xcd9e8d57;
  uint32_t key_0 = (uint32_t)normals->seed, key_1 = (uint32_t)(normals->seed >> 32);
  register_bits c0[REGISTERS], c1[REGISTERS], c2[REGISTERS], c3[REGISTERS];
  EACH_REGISTER {
    c0[r] = at->word[0][r];
    c1[r] = at->word[1][r];
    c2[r] = at->word[2][r];
    c3[r] = zero + normals->stream;
  }
#pragma GCC unroll 10
  for (int round = 0; round < 10; round++) {
    EACH_REGISTER {
      register_bits product_0 = MULTIPLY_LOW_WORDS(c0[r], multiplier_0);
      register_bits product_1 = MULTIPLY_LOW_WORDS(c2[r], multiplier_1);
      c0[r] = product_1 >> 32 ^ c1[r] ^ (uint64_t)key_0;
      c2[r] = product_0 >> 32 ^ c3[r] ^ (uint64_t)key_1;
      c1[r] = product_1;
      c3[r] = product_0;
    }
    key_0 += UINT32_C(0x9e3779b9);
    key_1 += UINT32_C(0xbb67ae85);
  }
  EACH_REGISTER {
    c0[r] = c1[r] << 32 | (c0[r] & UINT32_MAX);
    c2[r] = c3[r] << 32 | (c2[r] & UINT32_MAX);
  }
  memcpy(out->a + k, c0, sizeof c0);
  memcpy(out->b + k, c2, sizeof c2);
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
static INLINE bits in_all_lanes(uint64_t value) {
  const bits zero = {0};
  return zero + value;
}

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

static INLINE reals square_root(reals x) {
  register_reals part[REGISTERS];
  memcpy(part, &x, sizeof part);
  EACH_REGISTER part[r] = SQUARE_ROOT(part[r]);
  memcpy(&x, part, sizeof part);
  return x;
}

static INLINE normal_pairs box_muller(bits a, bits b) {
  reals radius = square_root(2.0 * minus_log(a));
  normal_pairs turn = cosine_and_sine(b);
  return (normal_pairs){radius * turn.even, radius * turn.odd};
}

/* ---- arrays of any length ---- */

static INLINE bits load(const uint64_t *from) {
  bits value;
  memcpy(&value, from, sizeof value);
  return value;
}

static INLINE register_bits load_register(const uint64_t *from) {
  register_bits value;
  memcpy(&value, from, sizeof value);
  return value;
}

static INLINE void store(double *out, normal_pairs pairs) {
  register_reals even[REGISTERS], odd[REGISTERS];
  memcpy(even, &pairs.even, sizeof even);
  memcpy(odd, &pairs.odd, sizeof odd);
  EACH_REGISTER {
    register_reals low = __builtin_shufflevector(even[r], odd[r], INTERLEAVE_LOW);
    register_reals high = __builtin_shufflevector(even[r], odd[r], INTERLEAVE_HIGH);
    memcpy(out + 2 * r * REGISTER_LANES, &low, sizeof low);
    memcpy(out + (2 * r + 1) * REGISTER_LANES, &high, sizeof high);
  }
}

/* The last `count` < LANES pairs. */
static void transform_rest(double *out, const uint64_t *a, const uint64_t *b, size_t count) {
  uint64_t words[2][LANES] = {0};
  double all[2 * LANES];
  memcpy(words[0], a, count * sizeof *a);
  memcpy(words[1], b, count * sizeof *b);
  store(all, box_muller(load(words[0]), load(words[1])));
  memcpy(out, all, 2 * count * sizeof *out);
}

static void normals_transform(double *out, const uint64_t *a, const uint64_t *b, size_t count) {
  size_t whole = count - count % LANES;
  for (size_t k = 0; k < whole; k += LANES) store(out + 2 * k, box_muller(load(a + k), load(b + k)));
  if (whole < count) transform_rest(out + 2 * whole, a + whole, b + whole, count - whole);
}

/* Words 1 and 2 are the same for a whole turn, which ends where pair >> 32 changes: compilers take what follows from
 * them alone, a tenth of the work, out of the loop. */
static void normals_run(double *out, const assay_normals *normals, uint64_t row, uint64_t pair, size_t count) {
  const register_bits zero = {0};
  uint64_t lanes[LANES];
  word_buffer buffer;
  counters at;
  for (size_t lane = 0; lane < LANES; lane++) lanes[lane] = lane;
  for (size_t turn = 0; count > 0; count -= turn, pair += turn, out += 2 * turn) {
    size_t carry = ((size_t)1 << 32) - (uint32_t)pair;
    turn = count < TURN ? count : TURN;
    if (turn > carry) turn = carry;
    EACH_REGISTER {
      at.word[0][r] = load_register(lanes + r * REGISTER_LANES) + pair;
      at.word[1][r] = zero + row;
      at.word[2][r] = zero + ((row >> 32) << 16 | pair >> 32);
    }
    for (size_t k = 0; k < turn; k += LANES) {
      philox(&buffer, k, normals, &at);
      EACH_REGISTER at.word[0][r] += LANES;
    }
    normals_transform(out, buffer.a, buffer.b, turn);
  }
}

/* Of LANES pairs at (row[i], pair[i]). */
static INLINE void philox_at(word_buffer *out, size_t k, const assay_normals *normals, const uint64_t *row,
                             const uint64_t *pair) {
  counters at;
  EACH_REGISTER {
    at.word[0][r] = load_register(pair + r * REGISTER_LANES);
    at.word[1][r] = load_register(row + r * REGISTER_LANES);
    at.word[2][r] = (at.word[1][r] >> 32) << 16 | at.word[0][r] >> 32;
  }
  philox(out, k, normals, &at);
}

static void normals_list(double *out, const assay_normals *normals, const uint64_t *row, const uint64_t *pair,
                         size_t count) {
  word_buffer buffer;
  for (size_t done = 0; done < count; done += TURN) {
    size_t turn = count - done < TURN ? count - done : TURN;
    size_t whole = turn - turn % LANES;
    for (size_t k = 0; k < whole; k += LANES) philox_at(&buffer, k, normals, row + done + k, pair + done + k);
    if (whole < turn) {
      uint64_t rest[2][LANES] = {0};
      memcpy(rest[0], row + done + whole, (turn - whole) * sizeof *row);
      memcpy(rest[1], pair + done + whole, (turn - whole) * sizeof *pair);
      philox_at(&buffer, whole, normals, rest[0], rest[1]);
    }
    normals_transform(out + 2 * done, buffer.a, buffer.b, turn);
  }
}

#endif
