/* Binomial and chi-square tails: the first term, whose logarithm is enclosed, times a sum of ratios of terms, which are
 * positive and soon fall geometrically. The sum ends when a geometric series bounds the rest well enough. */
#include "theory/samples/tails.h"

#include "reference/core/interval.h"

#include <math.h>

enum { BITS = 160 };
static const double MARGIN = 1.0 + 0x1p-31; /* roundings of three million terms, of exp and of erfc */
static const double ENOUGH = 0x1p-40;       /* a rest so small is added as it is bounded */

static double at_most_one(double p) { return p < 1.0 ? p : 1.0; }

/* exp of the enclosure's upper end times the sum. */
static double scaled(iv log_first, double sum) {
  double first = exp(iv_upper_d(log_first));
  return at_most_one(first * sum * MARGIN + 0x1p-1070);
}

/* Of a point. */
static iv log_gamma_of(iv_scope *s, iv a) {
  mpfi_ptr out = iv_new(s);
  int sign = 0;
  mpfr_lgamma(&out->left, &sign, &a->left, MPFR_RNDD);
  mpfr_lgamma(&out->right, &sign, &a->right, MPFR_RNDU);
  return out;
}

/* A sum 1 + r_0 + r_0 r_1 + ... of falling ratios. */
typedef struct {
  double sum, term;
  bool done;
} series;

static const series SERIES_START = {1.0, 1.0, false};

/* ratio: of the next term to the last; later ones are smaller. */
static void series_next(series *s, double ratio) {
  if (ratio < 1.0) {
    double rest = s->term * ratio / (1.0 - ratio);
    if (rest <= ENOUGH * s->sum) {
      s->sum += rest;
      s->done = true;
      return;
    }
  }
  s->term *= ratio;
  s->sum += s->term;
}

/* ---- binomial ---------------------------------------------------------------------------------------------------- */

/* binomial(n, k) p^k (1-p)^(n-k), 0 < p < 1. */
static iv log_binomial_term(iv_scope *s, uint64_t n, uint64_t k, double p) {
  iv choose =
      iv_sub(s, log_gamma_of(s, iv_d(s, (double)n + 1.0)),
             iv_add(s, log_gamma_of(s, iv_d(s, (double)k + 1.0)), log_gamma_of(s, iv_d(s, (double)(n - k) + 1.0))));
  iv chance = iv_d(s, p);
  iv hits = iv_mul(s, iv_d(s, (double)k), iv_log(s, chance));
  iv misses = iv_mul(s, iv_d(s, (double)(n - k)), iv_log1p(s, iv_neg(s, chance)));
  return iv_add(s, choose, iv_add(s, hits, misses));
}

static double binomial_series(uint64_t n, uint64_t k, double p, bool upper) {
  double odds = p / (1.0 - p);
  series t = SERIES_START;
  for (uint64_t j = k; !t.done && j != (upper ? n : 0); j += upper ? 1 : (uint64_t)-1)
    series_next(&t, upper ? (double)(n - j) / (double)(j + 1) * odds : (double)j / ((double)(n - j + 1) * odds));
  return t.sum;
}

static double binomial_tail(uint64_t n, uint64_t k, double p, bool upper) {
  iv_scope *s = iv_scope_new(BITS);
  double tail = scaled(log_binomial_term(s, n, k, p), binomial_series(n, k, p, upper));
  iv_scope_free(s);
  return tail;
}

double tail_binomial_upper(uint64_t trials, uint64_t count, double p) {
  if (count > trials || (p <= 0.0 && count > 0)) return 0.0;
  if (!((double)count > (double)trials * p) || p >= 1.0) return 1.0;
  return binomial_tail(trials, count, p, true);
}

double tail_binomial_lower(uint64_t trials, uint64_t count, double p) {
  if (p >= 1.0 && count < trials) return 0.0;
  if (!((double)count < (double)trials * p) || p <= 0.0) return 1.0;
  return binomial_tail(trials, count, p, false);
}

double tail_binomial_quick(uint64_t trials, uint64_t count, double p, bool upper) {
  double n = (double)trials, k = (double)count;
  if (upper ? !(k > n * p) || count > trials : !(k < n * p)) return count > trials ? 0.0 : 1.0;
  double choose = lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
  return exp(choose + k * log(p) + (n - k) * log1p(-p)) * binomial_series(trials, count, p, upper);
}

/* ---- chi-square -------------------------------------------------------------------------------------------------- */

/* x^power e^-x/Gamma(a) */
static iv log_gamma_term(iv_scope *s, double power, double x, double a) {
  iv at = iv_d(s, x);
  iv log_power = iv_mul(s, iv_d(s, power), iv_log(s, at));
  return iv_sub(s, iv_sub(s, log_power, at), log_gamma_of(s, iv_d(s, a)));
}

/* Gamma(1/2, x)/(x^(-1/2) e^-x) <= 1 */
static double half_integer_end(double x) {
  const double most = 700.0, root_pi = 1.7724538509055160273;
  return x < most ? root_pi * erfc(sqrt(x)) * exp(x) * sqrt(x) : 1.0;
}

/* Gamma(a, x)/(x^(a-1) e^-x), x > a, by Gamma(a, x) = x^(a-1) e^-x + (a-1) Gamma(a-1, x) down to a = 1 or 1/2. */
static double upper_series(double a, double x) {
  series t = SERIES_START;
  if (a == 0.5) t.sum = half_integer_end(x);
  for (size_t i = 0; !t.done && a - (double)i > 1.0; i++) {
    double b = a - (double)i;
    series_next(&t, (b - 1.0) / x);
    if (!t.done && b == 1.5) t.sum += t.term * (half_integer_end(x) - 1.0); /* it stands for Gamma(1/2, x) */
  }
  return t.sum;
}

/* gamma(a, x)/(x^a e^-x/a), x <= a: 1 + x/(a+1) + x^2/((a+1)(a+2)) + ... */
static double lower_series(double a, double x) {
  series t = SERIES_START;
  for (size_t i = 1; !t.done; i++) series_next(&t, x / (a + (double)i));
  return t.sum;
}

double tail_chi2_upper(uint64_t nu, double chi2) {
  double a = (double)nu / 2.0, x = chi2 / 2.0;
  if (!(x > a)) return 1.0;
  if (isinf(x)) return 0.0;
  iv_scope *s = iv_scope_new(BITS);
  double tail = scaled(log_gamma_term(s, a - 1.0, x, a), upper_series(a, x));
  iv_scope_free(s);
  return tail;
}

double tail_chi2_lower(uint64_t nu, double chi2) {
  double a = (double)nu / 2.0, x = chi2 / 2.0;
  if (!(x <= a)) return 1.0;
  if (x <= 0.0) return 0.0;
  iv_scope *s = iv_scope_new(BITS);
  double tail = scaled(log_gamma_term(s, a, x, a + 1.0), lower_series(a, x));
  iv_scope_free(s);
  return tail;
}

double tail_log_gamma(double a) {
  iv_scope *s = iv_scope_new(BITS);
  double value = iv_mid_d(log_gamma_of(s, iv_d(s, a)));
  iv_scope_free(s);
  return value;
}

double tail_chi2_quick(uint64_t nu, double chi2, double log_gamma, bool upper) {
  double a = (double)nu / 2.0, x = chi2 / 2.0, log_x = log(x);
  if (upper ? !(x > a) : !(x <= a)) return 1.0;
  if (!(x > 0.0)) return 0.0;
  double exponent = upper ? (a - 1.0) * log_x - x - log_gamma : a * log_x - x - (log_gamma + log(a));
  return exp(exponent) * (upper ? upper_series(a, x) : lower_series(a, x));
}

/* The exponent's four terms, each rounded a few times. */
double tail_chi2_cdf(double *error, uint64_t nu, double chi2, double log_gamma) {
  double a = (double)nu / 2.0, x = chi2 / 2.0;
  double size = (a + 1.0) * fabs(log(x)) + x + fabs(log_gamma) + fabs(log(a));
  double part = tail_chi2_quick(nu, chi2, log_gamma, x > a);
  *error = part * (0x1p-30 + size * 0x1p-50);
  return x > a ? 1.0 - part : part;
}

/* ---- the others -------------------------------------------------------------------------------------------------- */

double tail_normal(double z) { return z > 0.0 ? at_most_one(erfc(z * 0.70710678118654752440) * MARGIN) : 1.0; }

double tail_kolmogorov(uint64_t n, double e) {
  return e > 0.0 ? at_most_one(2.0 * exp(-2.0 * (double)n * e * e) * MARGIN) : 1.0;
}

static double gaussian_concentration(double t) { return t > 0.0 ? at_most_one(exp(-0.5 * t * t) * MARGIN) : 1.0; }

double tail_widest(uint64_t n, uint64_t d, double stretch) {
  return gaussian_concentration(stretch - (sqrt((double)n) + sqrt((double)d)));
}

double tail_narrowest(uint64_t n, uint64_t d, double stretch) {
  return n >= d ? gaussian_concentration(sqrt((double)n) - sqrt((double)d) - stretch) : 1.0;
}
