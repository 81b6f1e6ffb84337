/* reference/core/quick_exp_kernel.h: quick_exp for loops over vectors, to be compiled by each user: x = n log 2 + j/64
 * + s, |s| <= 1/128 and a little, and exp(x) = 2^n exp(j/64) (1 + P(s)), P the Taylor polynomial of expm1 of degree 12.
 * Its error: docs/quick-field-bound.md, Q6. */
#ifndef ASSAY_REFERENCE_CORE_QUICK_EXP_KERNEL_H
#define ASSAY_REFERENCE_CORE_QUICK_EXP_KERNEL_H

#include "reference/core/quick_exp.h"
#include "reference/core/rounding.h"

#include <math.h>

/* exp(j/64), j = -22, ..., 22, each within 2^-106 of its size: |r| <= (log 2)/2 and a little < 22.5/64. */
enum { QUICK_EXP_REACH = 22, QUICK_EXP_STEPS = 64 };
extern const dd quick_exponentials[2 * QUICK_EXP_REACH + 1];

static const dd QUICK_LOG_2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};

/* 1/2!, 1/3!, ..., 1/6!. */
static const dd quick_exp_coefficients[] = {
    {0x1.0000000000000p-1, 0x0.0p+0},
    {0x1.5555555555555p-3, 0x1.5555555555555p-57},
    {0x1.5555555555555p-5, 0x1.5555555555555p-59},
    {0x1.1111111111111p-7, 0x1.1111111111111p-63},
    {0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65},
};

/* (expm1(s) - s - ... - s^6/6!)/s^7, in double: it is multiplied by s^7/s < 2^-42. */
static inline double quick_exp_tail(double s) {
  return 1.0 / 5040 +
         s * (1.0 / 40320 + s * (1.0 / 362880 + s * (1.0 / 3628800 + s * (1.0 / 39916800 + s * (1.0 / 479001600)))));
}

static inline dd quick_exp_polynomial(dd s) {
  const int degrees = sizeof quick_exp_coefficients / sizeof *quick_exp_coefficients;
  dd sum = dd_multiply_double(s, quick_exp_tail(s.high));
  for (int i = degrees; i-- > 0;) {
    sum = dd_add(sum, quick_exp_coefficients[i]);
    sum = dd_multiply(sum, s);
  }
  return dd_multiply(dd_add_double(sum, 1), s);
}

/* x = n log 2 + j/64 + rest */
typedef struct {
  dd rest;
  double n, j;
} quick_exp_parts;

static inline quick_exp_parts quick_exp_reduce(dd x) {
  double n = rint(x.high * (1 / QUICK_LOG_2.high));
  dd r = dd_subtract(x, dd_multiply_double(QUICK_LOG_2, n));
  double j = rint(r.high * QUICK_EXP_STEPS);
  return (quick_exp_parts){dd_add_double(r, -j / QUICK_EXP_STEPS), n, j};
}

/* exp(j/64) and 2^n */
static inline dd quick_exp_power(quick_exp_parts parts) { return quick_exponentials[(int)parts.j + QUICK_EXP_REACH]; }
static inline double quick_exp_scale(quick_exp_parts parts) { return rounding_power((int)parts.n); }

static inline dd quick_exp_join(dd rest, dd power, double scale) {
  return dd_scale(dd_add(power, dd_multiply(power, quick_exp_polynomial(rest))), scale);
}

#endif
