/* Taylor arithmetic: the recurrences follow from result' = ... by comparing coefficients. Inner sums use plain mpfi
 * arithmetic in two accumulators, so that one coefficient costs two intervals of the scope whatever its order. */
#include "theory/flow_dae/series.h"

/* sum_{i=first}^{last} factor(i) a_i b_{k-i}, factor(i) = i when weighted, else 1. */
static mpfi_ptr convolve(iv_scope *s, const iv *a, const iv *b, size_t k, size_t first, size_t last, bool weighted) {
  mpfi_ptr sum = iv_new(s), term = iv_new(s);
  for (size_t i = first; i <= last; i++) {
    mpfi_mul(term, a[i], b[k - i]);
    if (weighted) mpfi_mul_ui(term, term, (unsigned long)i);
    mpfi_add(sum, sum, term);
  }
  return sum;
}

iv series_mul(iv_scope *s, const iv *a, const iv *b, size_t k) { return convolve(s, a, b, k, 0, k, false); }

/* a = result b. */
iv series_div(iv_scope *s, const iv *result, const iv *a, const iv *b, size_t k) {
  if (k == 0) return iv_div(s, a[0], b[0]);
  return iv_div(s, iv_sub(s, a[k], convolve(s, result, b, k, 0, k - 1, false)), b[0]);
}

/* a = result^2. */
iv series_sqrt(iv_scope *s, const iv *result, const iv *a, size_t k) {
  if (k == 0) return iv_sqrt(s, a[0]);
  iv rest = iv_sub(s, a[k], convolve(s, result, result, k, 1, k - 1, false));
  return iv_div(s, rest, iv_mul_si(s, result[0], 2));
}

/* result' = a' result. */
iv series_exp(iv_scope *s, const iv *result, const iv *a, size_t k) {
  if (k == 0) return iv_exp(s, a[0]);
  return iv_div(s, convolve(s, a, result, k, 1, k, true), iv_ui(s, (unsigned long)k));
}

/* a result' = a'. */
iv series_log(iv_scope *s, const iv *result, const iv *a, size_t k) {
  if (k == 0) return iv_log(s, a[0]);
  iv known = iv_div(s, convolve(s, result, a, k, 1, k - 1, true), iv_ui(s, (unsigned long)k));
  return iv_div(s, iv_sub(s, a[k], known), a[0]);
}

void series_schedule(iv_scope *s, iv *alpha, iv *beta, assay_schedule_kind schedule, iv t, size_t order) {
  if (schedule == ASSAY_LINEAR) {
    alpha[0] = iv_sub(s, iv_si(s, 1), t);
    beta[0] = t;
    for (size_t k = 1; k <= order; k++) {
      alpha[k] = iv_si(s, k == 1 ? -1 : 0);
      beta[k] = iv_si(s, k == 1 ? 1 : 0);
    }
    return;
  }
  /* cos' = -rate sin, sin' = rate cos, rate = pi/2. */
  iv rate = iv_mul_2si(s, iv_pi(s), -1), angle = iv_mul(s, rate, t);
  alpha[0] = iv_cos(s, angle);
  beta[0] = iv_sin(s, angle);
  for (size_t k = 1; k <= order; k++) {
    iv scale = iv_div(s, rate, iv_ui(s, (unsigned long)k));
    alpha[k] = iv_neg(s, iv_mul(s, scale, beta[k - 1]));
    beta[k] = iv_mul(s, scale, alpha[k - 1]);
  }
}

iv series_derivative(iv_scope *s, const iv *a, size_t k) { return iv_mul_si(s, a[k + 1], (long)k + 1); }
