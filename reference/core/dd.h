/* reference/core/dd.h: double-double arithmetic: numbers high + low with |low| <= u |high|, u = 2^-53.
 *
 * Round to nearest is assumed, and compilation without contraction (-ffp-contract=off). Relative errors, as long as
 * nothing overflows and no product of two doubles lies below 2^-960 (then dd_two_product errs by less than 2^-1070):
 *
 *   dd_two_sum, dd_fast_two_sum, dd_two_difference, dd_two_product    exact
 *   dd_add_double     2 u^2                 JMP algorithm 4
 *   dd_add            3 u^2/(1 - 4u)        JMP algorithm 6
 *   dd_add_positive   3 u^2 (1 + 4u)        JMP algorithm 5, for signs that do not differ (proof at the function)
 *   dd_multiply_double  3/2 u^2 + 4 u^3     JMP algorithm 7
 *   dd_multiply       7 u^2                 JMP algorithm 10
 *   dd_divide         15 u^2 + 56 u^3       JMP algorithm 17
 *
 * JMP: M. Joldes, J.-M. Muller, V. Popescu, "Tight and rigorous error bounds for basic building blocks of double-word
 * arithmetic", ACM TOMS 44(2), 2017, theorems 2.2, 3.1, 4.1, 5.1 and 6.2 or their numbers nearby. Results are such
 * pairs again. */
#ifndef ASSAY_REFERENCE_CORE_DD_H
#define ASSAY_REFERENCE_CORE_DD_H

typedef struct {
  double high, low;
} dd;

static inline dd dd_of(double value) { return (dd){value, 0}; }
static inline dd dd_negate(dd a) { return (dd){-a.high, -a.low}; }

/* a times a power of two. */
static inline dd dd_scale(dd a, double power) { return (dd){a.high * power, a.low * power}; }

/* Knuth: a + b. */
static inline dd dd_two_sum(double a, double b) {
  double sum = a + b, b_part = sum - a, a_part = sum - b_part;
  return (dd){sum, (a - a_part) + (b - b_part)};
}

/* Dekker: a + b for |a| >= |b|, or a = 0. */
static inline dd dd_fast_two_sum(double a, double b) {
  double sum = a + b;
  return (dd){sum, b - (sum - a)};
}

/* a - b. */
static inline dd dd_two_difference(double a, double b) { return dd_two_sum(a, -b); }

/* a b: by a fused multiply-add where the machine compiled for has one, else by Veltkamp's splitting and Dekker's
 * product; from 2^-960 on both are exact, so the results are the same. Splitting asks |a|, |b| < 2^995. */
static inline dd dd_two_product(double a, double b) {
  double product = a * b;
#ifdef __FMA__
  return (dd){product, __builtin_fma(a, b, -product)};
#else
  const double splitter = 0x1p27 + 1;
  double a_scaled = splitter * a, b_scaled = splitter * b;
  double a_high = a_scaled - (a_scaled - a), b_high = b_scaled - (b_scaled - b);
  double a_low = a - a_high, b_low = b - b_high;
  return (dd){product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
#endif
}

static inline dd dd_add_double(dd a, double b) {
  dd sum = dd_two_sum(a.high, b);
  return dd_fast_two_sum(sum.high, a.low + sum.low);
}

static inline dd dd_add(dd a, dd b) {
  dd high = dd_two_sum(a.high, b.high), low = dd_two_sum(a.low, b.low);
  dd sum = dd_fast_two_sum(high.high, high.low + low.high);
  return dd_fast_two_sum(sum.high, low.low + sum.low);
}

/* Exact but for the roundings of v = a.low + b.low and w = s.low + v. With S = |a.high| + |b.high| = |a.high + b.high|
 * they err by at most u |v| <= u^2 (1 + u) S and u |w| <= u (u S + u (1 + u) S): 3 u^2 (1 + u) S together, and the sum
 * is at least (1 - u) S. */
static inline dd dd_add_positive(dd a, dd b) {
  dd s = dd_two_sum(a.high, b.high);
  double v = a.low + b.low;
  return dd_fast_two_sum(s.high, s.low + v);
}

static inline dd dd_subtract(dd a, dd b) { return dd_add(a, dd_negate(b)); }

static inline dd dd_multiply_double(dd a, double b) {
  dd product = dd_two_product(a.high, b);
  dd sum = dd_fast_two_sum(product.high, a.low * b);
  return dd_fast_two_sum(sum.high, sum.low + product.low);
}

static inline dd dd_multiply(dd a, dd b) {
  dd product = dd_two_product(a.high, b.high);
  double cross = a.high * b.low + a.low * b.high;
  return dd_fast_two_sum(product.high, product.low + cross);
}

static inline dd dd_divide(dd a, dd b) {
  double quotient = a.high / b.high;
  dd product = dd_multiply_double(b, quotient);
  double rest = (a.high - product.high) + (a.low - product.low);
  return dd_fast_two_sum(quotient, rest / b.high);
}

#endif
