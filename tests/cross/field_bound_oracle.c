#include "field_bound_oracle.h"

#include <stdlib.h>
#include <string.h>

enum { BITS = 768, STEP_BITS = 220 };

static mpfr_t *numbers_new(size_t count) {
  mpfr_t *numbers = calloc(count ? count : 1, sizeof *numbers);
  for (size_t i = 0; i < count; i++) {
    mpfr_init2(numbers[i], BITS);
    mpfr_set_zero(numbers[i], 1);
  }
  return numbers;
}

void field_oracle_free(mpfr_t *numbers, size_t count) {
  for (size_t i = 0; i < count; i++) mpfr_clear(numbers[i]);
  free(numbers);
}

static void set_real(mpfr_t out, assay_real real) {
  if (!real.exact) {
    mpfr_set_d(out, real.nearest, MPFR_RNDN);
    return;
  }
  char *end = NULL;
  mpfr_strtofr(out, real.exact, &end, 10, MPFR_RNDN);
  if (*end != '/') return;
  mpfr_t below;
  mpfr_init2(below, BITS);
  mpfr_strtofr(below, end + 1, NULL, 10, MPFR_RNDN);
  mpfr_div(out, out, below, MPFR_RNDN);
  mpfr_clear(below);
}

/* out += sign a b */
static void add_product(mpfr_t out, const mpfr_t a, const mpfr_t b, int sign) {
  mpfr_t product;
  mpfr_init2(product, BITS);
  mpfr_mul(product, a, b, MPFR_RNDN);
  if (sign > 0)
    mpfr_add(out, out, product, MPFR_RNDN);
  else
    mpfr_sub(out, out, product, MPFR_RNDN);
  mpfr_clear(product);
}

static void set_cosine(field_oracle *o, mpfr_t time) {
  mpfr_t half_pi, angle;
  mpfr_inits2(BITS, half_pi, angle, (mpfr_ptr)0);
  mpfr_const_pi(half_pi, MPFR_RNDN);
  mpfr_div_ui(half_pi, half_pi, 2, MPFR_RNDN);
  mpfr_mul(angle, half_pi, time, MPFR_RNDN);
  mpfr_sin_cos(o->beta, o->alpha, angle, MPFR_RNDN);
  if (mpfr_cmp_ui(time, 1) == 0) mpfr_set_zero(o->alpha, 1);
  mpfr_mul(o->beta_rate, half_pi, o->alpha, MPFR_RNDN);
  mpfr_clears(half_pi, angle, (mpfr_ptr)0);
}

/* beta = exp(-(u^2 (B - b)/2 + u b)/2), u = 1 - t. */
static void set_exponential(field_oracle *o, const assay_schedule *schedule, mpfr_t time) {
  mpfr_t low, growth, rest, sum;
  mpfr_inits2(BITS, low, growth, rest, sum, (mpfr_ptr)0);
  set_real(low, schedule->beta_min);
  set_real(growth, schedule->beta_max);
  mpfr_sub(growth, growth, low, MPFR_RNDN);
  mpfr_ui_sub(rest, 1, time, MPFR_RNDN);
  mpfr_mul(growth, growth, rest, MPFR_RNDN);
  mpfr_div_ui(sum, growth, 2, MPFR_RNDN);
  mpfr_add(sum, sum, low, MPFR_RNDN);
  mpfr_mul(sum, sum, rest, MPFR_RNDN);
  mpfr_div_si(sum, sum, -2, MPFR_RNDN);
  mpfr_exp(o->beta, sum, MPFR_RNDN);
  mpfr_add(o->beta_rate, growth, low, MPFR_RNDN);
  mpfr_mul(o->beta_rate, o->beta_rate, o->beta, MPFR_RNDN);
  mpfr_div_ui(o->beta_rate, o->beta_rate, 2, MPFR_RNDN);
  mpfr_clears(low, growth, rest, sum, (mpfr_ptr)0);
}

/* alpha alpha' = -alpha beta' where alpha + beta = 1, -beta beta' on the circle. */
static void set_alpha(field_oracle *o, const assay_schedule *schedule) {
  bool straight = schedule->kind == ASSAY_LINEAR || schedule->kind == ASSAY_POLYNOMIAL;
  if (straight) {
    mpfr_ui_sub(o->alpha, 1, o->beta, MPFR_RNDN);
  } else if (schedule->kind != ASSAY_TRIGONOMETRIC) {
    mpfr_sqr(o->alpha, o->beta, MPFR_RNDN);
    mpfr_ui_sub(o->alpha, 1, o->alpha, MPFR_RNDN);
    mpfr_sqrt(o->alpha, o->alpha, MPFR_RNDN);
  }
  mpfr_mul(o->alpha_decay, straight ? o->alpha : o->beta, o->beta_rate, MPFR_RNDN);
  mpfr_neg(o->alpha_decay, o->alpha_decay, MPFR_RNDN);
}

static void set_schedule(field_oracle *o, const assay_path_point *point) {
  const assay_schedule *schedule = &point->schedule;
  mpfr_inits2(BITS, o->alpha, o->beta, o->alpha_decay, o->beta_rate, (mpfr_ptr)0);
  mpfr_set_zero(o->alpha_decay, 1);
  mpfr_set_zero(o->beta_rate, 1);
  if (schedule->kind == ASSAY_COEFFICIENTS) {
    set_real(o->alpha, point->alpha);
    set_real(o->beta, point->beta);
    return;
  }
  mpfr_t time;
  mpfr_init2(time, BITS);
  set_real(time, point->time);
  mpfr_set(o->beta, time, MPFR_RNDN);
  mpfr_set_ui(o->beta_rate, 1, MPFR_RNDN);
  if (schedule->kind == ASSAY_POLYNOMIAL) {
    mpfr_pow_ui(o->beta, time, schedule->degree, MPFR_RNDN);
    mpfr_pow_ui(o->beta_rate, time, schedule->degree - 1, MPFR_RNDN);
    mpfr_mul_ui(o->beta_rate, o->beta_rate, schedule->degree, MPFR_RNDN);
  }
  if (schedule->kind == ASSAY_TRIGONOMETRIC) set_cosine(o, time);
  if (schedule->kind == ASSAY_VP) set_exponential(o, schedule, time);
  set_alpha(o, schedule);
  mpfr_clear(time);
}

static void covariance_entry(mpfr_t out, const assay_covariance *c, size_t i, size_t j, size_t d) {
  if (c->kind == ASSAY_COVARIANCE_ISOTROPIC)
    set_real(out, c->variance);
  else
    mpfr_set_d(out, c->entries[c->kind == ASSAY_COVARIANCE_FULL ? i * d + j : i], MPFR_RNDN);
}

/* V = alpha^2 I + beta^2 S, then L D L' in place (rows of L by the outer product form). */
static void factor(const field_oracle *o, size_t k) {
  const assay_covariance *c = &o->mixture->components[k].covariance;
  size_t d = o->mixture->dimension;
  bool full = c->kind == ASSAY_COVARIANCE_FULL;
  mpfr_t *v = o->factors + o->first[k], ratio;
  mpfr_init2(ratio, BITS);
  for (size_t i = 0; i < d; i++)
    for (size_t j = full ? 0 : i; j <= i; j++) {
      mpfr_t *entry = &v[full ? i * d + j : i];
      covariance_entry(*entry, c, i, j, d);
      mpfr_mul(*entry, *entry, o->beta, MPFR_RNDN);
      mpfr_mul(*entry, *entry, o->beta, MPFR_RNDN);
      if (i == j) add_product(*entry, o->alpha, o->alpha, 1);
    }
  for (size_t p = 0; full && p < d; p++) {
    for (size_t i = p + 1; i < d; i++) {
      mpfr_div(ratio, v[i * d + p], v[p * d + p], MPFR_RNDN);
      for (size_t j = p + 1; j <= i; j++) add_product(v[i * d + j], ratio, v[j * d + p], -1);
    }
    for (size_t i = p + 1; i < d; i++) mpfr_div(v[i * d + p], v[i * d + p], v[p * d + p], MPFR_RNDN);
  }
  mpfr_clear(ratio);
}

static void set_log_weight(const field_oracle *o, size_t k) {
  size_t d = o->mixture->dimension;
  bool full = o->mixture->components[k].covariance.kind == ASSAY_COVARIANCE_FULL;
  mpfr_t sum, two_pi, term;
  mpfr_inits2(BITS, sum, two_pi, term, (mpfr_ptr)0);
  mpfr_set_zero(sum, 1);
  mpfr_const_pi(two_pi, MPFR_RNDN);
  mpfr_mul_ui(two_pi, two_pi, 2, MPFR_RNDN);
  for (size_t i = 0; i < d; i++) {
    mpfr_mul(term, two_pi, o->factors[o->first[k] + (full ? i * d + i : i)], MPFR_RNDN);
    mpfr_log(term, term, MPFR_RNDN);
    mpfr_sub(sum, sum, term, MPFR_RNDN);
  }
  mpfr_div_ui(o->log_weights[k], sum, 2, MPFR_RNDN);
  mpfr_set_zero(sum, 1);
  for (size_t l = 0; l < o->mixture->count; l++) {
    set_real(term, o->mixture->components[l].weight);
    mpfr_add(sum, sum, term, MPFR_RNDN);
  }
  set_real(term, o->mixture->components[k].weight);
  mpfr_div(term, term, sum, MPFR_RNDN);
  mpfr_log(term, term, MPFR_RNDN);
  mpfr_add(o->log_weights[k], o->log_weights[k], term, MPFR_RNDN);
  mpfr_clears(sum, two_pi, term, (mpfr_ptr)0);
}

void field_oracle_init(field_oracle *o, const assay_mixture *mixture, const assay_path_point *point) {
  size_t d = mixture->dimension, count = mixture->count;
  o->mixture = mixture;
  set_schedule(o, point);
  o->first = calloc(count + 1, sizeof *o->first);
  for (size_t k = 0; k < count; k++)
    o->first[k + 1] = o->first[k] + (mixture->components[k].covariance.kind == ASSAY_COVARIANCE_FULL ? d * d : d);
  o->factors = numbers_new(o->first[count]);
  o->log_weights = numbers_new(count);
  for (size_t k = 0; k < count; k++) {
    factor(o, k);
    set_log_weight(o, k);
  }
}

void field_oracle_clear(field_oracle *o) {
  mpfr_clears(o->alpha, o->beta, o->alpha_decay, o->beta_rate, (mpfr_ptr)0);
  field_oracle_free(o->factors, o->first[o->mixture->count]);
  field_oracle_free(o->log_weights, o->mixture->count);
  free(o->first);
}

/* g = V^{-1}(x - beta m); returns the log-weight with -<y, g>/2 in `log_weight`. */
static void solve(mpfr_t *g, mpfr_t log_weight, const field_oracle *o, size_t k, mpfr_t *x) {
  const assay_component *c = &o->mixture->components[k];
  size_t d = o->mixture->dimension;
  bool full = c->covariance.kind == ASSAY_COVARIANCE_FULL;
  mpfr_t *v = o->factors + o->first[k], *y = numbers_new(d), product;
  mpfr_init2(product, BITS);
  for (size_t j = 0; j < d; j++) {
    mpfr_mul_d(product, o->beta, c->mean[j], MPFR_RNDN);
    mpfr_sub(y[j], x[j], product, MPFR_RNDN);
    mpfr_set(g[j], y[j], MPFR_RNDN);
  }
  for (size_t i = 0; full && i < d; i++)
    for (size_t j = 0; j < i; j++) add_product(g[i], v[i * d + j], g[j], -1);
  for (size_t i = 0; i < d; i++) mpfr_div(g[i], g[i], v[full ? i * d + i : i], MPFR_RNDN);
  for (size_t i = d; full && i-- > 0;)
    for (size_t j = i + 1; j < d; j++) add_product(g[i], v[j * d + i], g[j], -1);
  mpfr_set_zero(product, 1);
  for (size_t j = 0; j < d; j++) add_product(product, y[j], g[j], 1);
  mpfr_div_ui(product, product, 2, MPFR_RNDN);
  mpfr_sub(log_weight, o->log_weights[k], product, MPFR_RNDN);
  mpfr_clear(product);
  field_oracle_free(y, d);
}

/* f_k = m_k + beta S_k g_k */
static void denoise(mpfr_t *f, const field_oracle *o, size_t k, mpfr_t *g) {
  const assay_component *c = &o->mixture->components[k];
  size_t d = o->mixture->dimension;
  bool full = c->covariance.kind == ASSAY_COVARIANCE_FULL;
  mpfr_t entry;
  mpfr_init2(entry, BITS);
  for (size_t i = 0; i < d; i++) {
    mpfr_set_zero(f[i], 1);
    for (size_t j = full ? 0 : i; j < (full ? d : i + 1); j++) {
      covariance_entry(entry, &c->covariance, i, j, d);
      add_product(f[i], entry, g[j], 1);
    }
    mpfr_mul(f[i], f[i], o->beta, MPFR_RNDN);
    mpfr_add_d(f[i], f[i], c->mean[i], MPFR_RNDN);
  }
  mpfr_clear(entry);
}

/* Posterior means of g and f, and the log-density. */
static void posterior_means(mpfr_t *mean_g, mpfr_t *mean_f, mpfr_t log_density, const field_oracle *o, mpfr_t *x) {
  size_t d = o->mixture->dimension, count = o->mixture->count;
  mpfr_t *g = numbers_new(d * count), *f = numbers_new(d * count), *logs = numbers_new(count), top, sum;
  mpfr_inits2(BITS, top, sum, (mpfr_ptr)0);
  for (size_t k = 0; k < count; k++) {
    solve(g + k * d, logs[k], o, k, x);
    denoise(f + k * d, o, k, g + k * d);
    if (k == 0 || mpfr_greater_p(logs[k], top)) mpfr_set(top, logs[k], MPFR_RNDN);
  }
  mpfr_set_zero(sum, 1);
  for (size_t k = 0; k < count; k++) {
    mpfr_sub(logs[k], logs[k], top, MPFR_RNDN);
    mpfr_exp(logs[k], logs[k], MPFR_RNDN);
    mpfr_add(sum, sum, logs[k], MPFR_RNDN);
  }
  for (size_t j = 0; j < d; j++) {
    mpfr_set_zero(mean_g[j], 1);
    mpfr_set_zero(mean_f[j], 1);
    for (size_t k = 0; k < count; k++) {
      add_product(mean_g[j], logs[k], g[k * d + j], 1);
      add_product(mean_f[j], logs[k], f[k * d + j], 1);
    }
    mpfr_div(mean_g[j], mean_g[j], sum, MPFR_RNDN);
    mpfr_div(mean_f[j], mean_f[j], sum, MPFR_RNDN);
  }
  mpfr_log(sum, sum, MPFR_RNDN);
  mpfr_add(log_density, top, sum, MPFR_RNDN);
  mpfr_clears(top, sum, (mpfr_ptr)0);
  field_oracle_free(g, d * count);
  field_oracle_free(f, d * count);
  field_oracle_free(logs, count);
}

/* Any quantity but the divergence; out: width numbers. */
static void value_at(mpfr_t *out, const field_oracle *o, assay_quantity quantity, mpfr_t *x) {
  size_t d = o->mixture->dimension;
  mpfr_t *g = numbers_new(d), *f = numbers_new(d), log_density;
  mpfr_init2(log_density, BITS);
  posterior_means(g, f, log_density, o, x);
  if (quantity == ASSAY_LOG_DENSITY) mpfr_set(out[0], log_density, MPFR_RNDN);
  for (size_t j = 0; j < d && quantity != ASSAY_LOG_DENSITY; j++) {
    mpfr_mul(log_density, o->alpha, g[j], MPFR_RNDN); /* e */
    if (quantity == ASSAY_SCORE) mpfr_neg(out[j], g[j], MPFR_RNDN);
    if (quantity == ASSAY_NOISE) mpfr_set(out[j], log_density, MPFR_RNDN);
    if (quantity == ASSAY_DENOISER) mpfr_set(out[j], f[j], MPFR_RNDN);
    if (quantity != ASSAY_VELOCITY) continue;
    mpfr_mul(out[j], o->beta_rate, f[j], MPFR_RNDN);
    add_product(out[j], o->alpha_decay, g[j], 1);
  }
  mpfr_clear(log_density);
  field_oracle_free(g, d);
  field_oracle_free(f, d);
}

/* sum_j (b_j(x + h e_j) - b_j(x - h e_j))/(2h), h = 2^-STEP_BITS: off by h^2/6 times third derivatives. */
static void difference_divergence(mpfr_t out, const field_oracle *o, mpfr_t *x) {
  size_t d = o->mixture->dimension;
  mpfr_t *b = numbers_new(d), step;
  mpfr_init2(step, BITS);
  mpfr_set_ui_2exp(step, 1, -STEP_BITS, MPFR_RNDN);
  mpfr_set_zero(out, 1);
  for (size_t j = 0; j < d; j++) {
    mpfr_add(x[j], x[j], step, MPFR_RNDN);
    value_at(b, o, ASSAY_VELOCITY, x);
    mpfr_add(out, out, b[j], MPFR_RNDN);
    mpfr_sub(x[j], x[j], step, MPFR_RNDN);
    mpfr_sub(x[j], x[j], step, MPFR_RNDN);
    value_at(b, o, ASSAY_VELOCITY, x);
    mpfr_sub(out, out, b[j], MPFR_RNDN);
    mpfr_add(x[j], x[j], step, MPFR_RNDN);
  }
  mpfr_mul_2ui(out, out, STEP_BITS - 1, MPFR_RNDN);
  mpfr_clear(step);
  field_oracle_free(b, d);
}

mpfr_t *field_oracle_value(const field_oracle *o, assay_quantity quantity, const double *x) {
  size_t d = o->mixture->dimension;
  mpfr_t *at = numbers_new(d), *out = numbers_new(assay_quantity_width(quantity, d));
  for (size_t j = 0; j < d; j++) mpfr_set_d(at[j], x[j], MPFR_RNDN);
  if (quantity == ASSAY_DIVERGENCE)
    difference_divergence(out[0], o, at);
  else
    value_at(out, o, quantity, at);
  field_oracle_free(at, d);
  return out;
}
