/* The posterior over label patterns of one data set, pattern by pattern. */
#include "reference/flow_dae/labels_unknown.h"

#include "reference/core/interval.h"
#include "reference/core/ziv.h"

#include <assay/reference.h>

#include <math.h>

enum { MOST_SAMPLES = 16 };

typedef struct {
  const double *x;
  size_t n, d;
  iv sigma2, total; /* sigma^2, n + sigma^2 */
  double reference; /* about the largest log-weight: weights are taken relative to it */
} data_set;

/* S_e into `sum` (d intervals); bit i of the pattern: e_i = -1. */
static void signed_sum(mpfi_ptr sum, const data_set *set, unsigned long pattern) {
  for (size_t j = 0; j < set->d; j++) {
    mpfi_set_ui(&sum[j], 0);
    for (size_t i = 0; i < set->n; i++) {
      if (pattern >> i & 1)
        mpfi_sub_d(&sum[j], &sum[j], set->x[i * set->d + j]);
      else
        mpfi_add_d(&sum[j], &sum[j], set->x[i * set->d + j]);
    }
  }
}

static iv square_distance(iv_scope *s, mpfi_srcptr a, mpfi_srcptr b, size_t d) {
  mpfi_ptr total = iv_new(s), term = iv_new(s);
  for (size_t j = 0; j < d; j++) {
    mpfi_set(term, &a[j]);
    if (b) mpfi_sub(term, term, &b[j]);
    mpfi_sqr(term, term);
    mpfi_add(total, total, term);
  }
  return total;
}

/* |S_e|^2/(2 sigma^2 (n + sigma^2)) */
static iv log_weight(iv_scope *s, const data_set *set, mpfi_srcptr sum) {
  return iv_mul_2si(s, iv_div(s, square_distance(s, sum, NULL, set->d), iv_mul(s, set->sigma2, set->total)), -1);
}

static iv weight_of(iv_scope *s, const data_set *set, mpfi_srcptr sum) {
  return iv_exp(s, iv_sub(s, log_weight(s, set, sum), iv_d(s, set->reference)));
}

static double largest_log_weight(iv_scope *s, const data_set *set, mpfi_ptr sum) {
  double largest = -INFINITY;
  for (unsigned long pattern = 0; pattern < 1ul << set->n; pattern += 2) {
    size_t mark = iv_mark(s);
    signed_sum(sum, set, pattern);
    largest = fmax(largest, iv_mid_d(log_weight(s, set, sum)));
    iv_release(s, mark);
  }
  return largest;
}

/* sum p(e) S_e, then sum p(e) |S_e - mean|^2; `sum` and `mean` are d intervals each. */
static iv posterior_variance(iv_scope *s, const data_set *set, mpfi_ptr sum, mpfi_ptr mean) {
  mpfi_ptr all = iv_new(s), variance = iv_new(s), part = iv_new(s);
  for (size_t j = 0; j < set->d; j++) mpfi_set_ui(&mean[j], 0);
  for (unsigned long pattern = 0; pattern < 1ul << set->n; pattern += 2) {
    size_t mark = iv_mark(s);
    signed_sum(sum, set, pattern);
    iv weight = weight_of(s, set, sum);
    mpfi_add(all, all, weight);
    for (size_t j = 0; j < set->d; j++) {
      mpfi_mul(part, weight, &sum[j]);
      mpfi_add(&mean[j], &mean[j], part);
    }
    iv_release(s, mark);
  }
  for (size_t j = 0; j < set->d; j++) mpfi_div(&mean[j], &mean[j], all);
  for (unsigned long pattern = 0; pattern < 1ul << set->n; pattern += 2) {
    size_t mark = iv_mark(s);
    signed_sum(sum, set, pattern);
    mpfi_add(variance, variance, iv_mul(s, weight_of(s, set, sum), square_distance(s, sum, mean, set->d)));
    iv_release(s, mark);
  }
  return iv_div(s, variance, all);
}

static iv excess_of(iv_scope *s, data_set *set, assay_real sigma, mpfi_ptr vectors) {
  for (size_t j = 0; j < 2 * set->d; j++) mpfi_set_prec(&vectors[j], iv_bits(s));
  set->sigma2 = iv_sqr(s, iv_real(s, sigma));
  set->total = iv_add(s, iv_ui(s, set->n), set->sigma2);
  set->reference = largest_log_weight(s, set, vectors);
  iv per_dimension = iv_mul(s, iv_sqr(s, set->total), iv_ui(s, set->d));
  return iv_div(s, posterior_variance(s, set, vectors, vectors + set->d), per_dimension);
}

static assay_status check(const data_set *set, assay_real sigma, assay_context *context) {
  if (set->n < 1 || set->n > MOST_SAMPLES)
    return assay_fail(context, ASSAY_INVALID, "samples: %zu; 1 to %d are expected", set->n, MOST_SAMPLES);
  if (set->d < 1) return assay_fail(context, ASSAY_INVALID, "dimension: 0; at least 1 is expected");
  if (!(sigma.nearest > 0 && isfinite(sigma.nearest)))
    return assay_fail(context, ASSAY_INVALID, "sigma: %.17g must be positive and finite", sigma.nearest);
  return assay_points_check(set->x, set->n, set->d, context);
}

assay_status labels_unknown_excess(mpfi_ptr out, const double *x, size_t samples, size_t dimension, assay_real sigma,
                                   long goal_bits, assay_context *context) {
  data_set set = {.x = x, .n = samples, .d = dimension};
  mpfi_ptr vectors = NULL;
  double scale = 0;
  assay_status status = check(&set, sigma, context);
  if (!status) status = assay_enclosures_init(&vectors, 2 * dimension, context);
  if (status) return status;
  for (size_t k = 0; k < samples * dimension; k++) scale = fmax(scale, x[k] * x[k]);
  status = ASSAY_PRECISION;
  for (long bits = ziv_first(goal_bits, context); status && bits; bits = ziv_next(bits, context)) {
    iv_scope *s = iv_scope_new(bits);
    iv value = excess_of(s, &set, sigma, vectors);
    if (iv_reached(value, goal_bits, scale)) {
      mpfi_set_prec(out, bits);
      mpfi_set(out, value);
      status = ASSAY_OK;
    }
    iv_scope_free(s);
  }
  assay_enclosures_clear(vectors, 2 * dimension);
  return status ? ziv_failed("posterior of the labels", goal_bits, context) : ASSAY_OK;
}
