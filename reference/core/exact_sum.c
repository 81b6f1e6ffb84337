#include "reference/core/exact_sum.h"

#include <string.h>

/* A term adds less than 2^34 to a limb; with carries moved this often a limb stays below 2^62. */
enum { TERMS_BETWEEN_CARRIES = 1 << 27, LIMB_BITS = 32 };
static const int64_t LIMB = (int64_t)1 << LIMB_BITS;

typedef unsigned __int128 wide;

/* term = (-1)^negative magnitude 2^exponent, magnitude < 2^53. */
typedef struct {
  uint64_t magnitude;
  int exponent;
  bool negative;
} parts;

static parts split(double term) {
  uint64_t bits = 0;
  memcpy(&bits, &term, sizeof bits);
  uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
  int field = (int)(bits >> 52) & 0x7ff;
  return (parts){.magnitude = field ? fraction | (uint64_t)1 << 52 : fraction,
                 .exponent = (field ? field : 1) - 1075,
                 .negative = bits >> 63};
}

void exact_sum_start(exact_sum *sum) { memset(sum, 0, sizeof *sum); }

static void move_carries(exact_sum *sum) {
  for (size_t i = 0; i + 1 < EXACT_SUM_LIMBS; i++) {
    int64_t low = sum->limb[i] % LIMB;
    sum->limb[i + 1] += (sum->limb[i] - low) / LIMB;
    sum->limb[i] = low;
  }
  sum->pending = 0;
}

static void add_shifted(exact_sum *sum, uint64_t magnitude, int exponent, bool negative) {
  unsigned shift = (unsigned)(exponent - EXACT_SUM_EXPONENT);
  int64_t *limb = &sum->limb[shift / LIMB_BITS];
  wide value = (wide)magnitude << (shift % LIMB_BITS);
  int64_t sign = negative ? -1 : 1;
  limb[0] += sign * (int64_t)(uint32_t)value;
  limb[1] += sign * (int64_t)(uint32_t)(value >> LIMB_BITS);
  limb[2] += sign * (int64_t)(value >> (2 * LIMB_BITS));
}

static void count_term(exact_sum *sum) {
  if (++sum->pending == TERMS_BETWEEN_CARRIES) move_carries(sum);
}

void exact_sum_add(exact_sum *sum, double term) {
  parts p = split(term);
  add_shifted(sum, p.magnitude, p.exponent, p.negative);
  count_term(sum);
}

static void add_product(exact_sum *sum, double a, double b) {
  parts p = split(a), q = split(b);
  wide product = (wide)p.magnitude * q.magnitude;
  if (!product) return;
  int exponent = p.exponent + q.exponent;
  bool negative = p.negative != q.negative;
  add_shifted(sum, (uint64_t)product, exponent, negative);
  add_shifted(sum, (uint64_t)(product >> 64), exponent + 64, negative);
  count_term(sum);
}

void exact_sum_value(mpz_ptr out, exact_sum *sum) {
  move_carries(sum);
  size_t high = EXACT_SUM_LIMBS;
  while (high && !sum->limb[high - 1]) high--;
  size_t low = 0;
  while (low < high && !sum->limb[low]) low++;
  mpz_set_ui(out, 0);
  for (size_t i = high; i-- > low;) {
    mpz_mul_2exp(out, out, LIMB_BITS);
    if (sum->limb[i] >= 0)
      mpz_add_ui(out, out, (unsigned long)sum->limb[i]);
    else
      mpz_sub_ui(out, out, (unsigned long)-sum->limb[i]);
  }
  mpz_mul_2exp(out, out, LIMB_BITS * low);
}

void exact_dot(mpz_ptr out, const double *a, const double *b, size_t count) {
  exact_sum sum;
  exact_sum_start(&sum);
  for (size_t j = 0; j < count; j++) add_product(&sum, a[j], b[j]);
  exact_sum_value(out, &sum);
}
