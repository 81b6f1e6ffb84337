/* Two samples of which one label is unknown: the average excess in closed form, an alternating series at a time. */
#include "reference/flow_dae/labels_unknown.h"

#include "reference/core/interval.h"
#include "reference/core/ziv.h"

#include <math.h>

enum { MOST_DIMENSION = 1 << 10 };

/* sum_m (-1)^m (z + 2m)^-power, z > 0. The terms are moments of a positive measure on [0, 1], so with d = T_N(3) Cohen,
 * Rodriguez Villegas and Zagier's (2000) weights, from T_N(1 - 2x), give the sum to a factor within 1 +- 1/d. */
static iv alternating(iv_scope *s, iv z, unsigned long power, long terms) {
  mpfi_ptr b = iv_new(s), c = iv_new(s), sum = iv_new(s), d = iv_new(s), before = iv_new(s), next = iv_new(s);
  mpfi_set_ui(d, 3);
  mpfi_set_ui(before, 1);
  for (long k = 1; k < terms; k++) { /* T_(k+1) = 6 T_k - T_(k-1) */
    mpfi_mul_ui(next, d, 6);
    mpfi_sub(next, next, before);
    mpfi_swap(before, d);
    mpfi_swap(d, next);
  }
  mpfi_set_si(b, -1);
  mpfi_neg(c, d);
  for (long k = 0; k < terms; k++) {
    size_t mark = iv_mark(s);
    mpfi_sub(c, b, c);
    mpfi_add(sum, sum, iv_div(s, c, iv_pow_ui(s, iv_add_si(s, z, 2 * k), power)));
    mpfi_mul_si(b, b, 2 * (k + terms) * (k - terms));
    mpfi_div_si(b, b, (2 * k + 1) * (k + 1));
    iv_release(s, mark);
  }
  iv error = iv_inv(s, d), one = iv_ui(s, 1);
  return iv_mul(s, iv_div(s, sum, d), iv_ball(s, one, iv_mul_2si(s, error, 1)));
}

static iv factorial(iv_scope *s, unsigned long n) {
  mpfi_ptr r = iv_new(s);
  mpfi_set_ui(r, 1);
  for (unsigned long k = 2; k <= n; k++) mpfi_mul_ui(r, r, k);
  return r;
}

/* int t^j exp(-a t) sech(t) dt over t > 0 */
static iv moment(iv_scope *s, iv a, unsigned long j, long terms) {
  return iv_mul_2si(s, iv_mul(s, factorial(s, j), alternating(s, iv_add_si(s, a, 1), j + 1, terms)), 1);
}

/* J: twice the half p = q + t, t > 0, where int (2q + t) (q (q + t))^(h-1) exp(-2 a q) dq =
 * sum_i binomial(h-1, i) t^i (2 (2h-1-i)!/(2a)^(2h-i) + t (2h-2-i)!/(2a)^(2h-1-i)). */
static iv integral(iv_scope *s, iv a, unsigned long h, long terms) {
  mpfi_ptr sum = iv_new(s), choose = iv_new(s);
  iv twice = iv_mul_2si(s, a, 1);
  mpfi_set_ui(choose, 1);
  for (unsigned long i = 0; i < h; i++) {
    size_t mark = iv_mark(s);
    iv high = iv_div(s, factorial(s, 2 * h - 1 - i), iv_pow_ui(s, twice, 2 * h - i));
    iv low = iv_div(s, factorial(s, 2 * h - 2 - i), iv_pow_ui(s, twice, 2 * h - 1 - i));
    iv both = iv_add(s, iv_mul(s, iv_mul_2si(s, high, 1), moment(s, a, i, terms)),
                     iv_mul(s, low, moment(s, a, i + 1, terms)));
    mpfi_add(sum, sum, iv_mul(s, choose, both));
    mpfi_mul_ui(choose, choose, h - 1 - i);
    mpfi_div_ui(choose, choose, i + 1);
    iv_release(s, mark);
  }
  return iv_mul_2si(s, sum, 1);
}

static iv pair(iv_scope *s, unsigned long h, assay_real sigma) {
  long terms = iv_bits(s) * 2 / 5 + 2; /* d exceeds 2^(5/2 terms)/2 */
  iv sigma2 = iv_sqr(s, iv_real(s, sigma)), total = iv_add_si(s, sigma2, 2);
  iv k = iv_mul_2si(s, iv_inv(s, iv_mul(s, sigma2, total)), -1);
  iv normal = iv_mul(s, iv_mul(s, iv_pow_ui(s, iv_mul_2si(s, k, 1), h), k), iv_sqr(s, factorial(s, h - 1)));
  iv outer = iv_mul(s, iv_mul_si(s, iv_sqr(s, total), (long)(4 * h)), normal);
  return iv_div(s, integral(s, iv_add_si(s, sigma2, 1), h, terms), outer);
}

assay_status labels_unknown_pair(mpfi_ptr out, size_t dimension, assay_real sigma, long goal_bits,
                                 assay_context *context) {
  if (dimension < 2 || dimension % 2 || dimension > MOST_DIMENSION)
    return assay_fail(context, ASSAY_INVALID, "dimension: %zu; an even number from 2 to %d is expected", dimension,
                      MOST_DIMENSION);
  if (!(sigma.nearest > 0 && isfinite(sigma.nearest)))
    return assay_fail(context, ASSAY_INVALID, "sigma: %.17g must be positive and finite", sigma.nearest);
  for (long bits = ziv_first(goal_bits, context); bits; bits = ziv_next(bits, context)) {
    iv_scope *s = iv_scope_new(bits);
    iv value = pair(s, dimension / 2, sigma);
    bool done = iv_reached(value, goal_bits, 0);
    if (done) {
      mpfi_set_prec(out, bits);
      mpfi_set(out, value);
    }
    iv_scope_free(s);
    if (done) return ASSAY_OK;
  }
  return ziv_failed("excess of two samples", goal_bits, context);
}
