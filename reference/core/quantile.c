/* Normal quantile: bisection on Phi. Chi-square: with a = nu/2, s = log(t/2), the density of chi^2 in s is
 * exp(a s - e^s)/Gamma(a), log-concave for every a > 0. So on a cell of width w the log-density lies below its tangent
 * at the cell's middle m, of slope a - e^m, and with y = (a - e^m) w/2
 *   int_cell <= w exp(l(m)) sinh(y)/y <= w exp(l(m) + y^2/6),
 * while beyond a last point T of the right sign of slope the tangent there bounds the rest: exp(l(T))/|a - e^T|. */
#include "reference/core/quantile.h"

#include "reference/core/interval.h"

#include <math.h>

enum {
  BITS = 128,          /* a s - e^s - log Gamma(a) is below 2^46 for a <= 5 10^11 and t near a: 80 bits remain */
  CELLS_PER_UNIT = 16, /* cells per standard deviation of s: a tangent then adds 1/(24 16^2) of the cell */
  UNITS = 4            /* how far cells reach: there the density has fallen by about exp(-8) */
};

static bool probability(double p) { return p > 0 && p < 1; }

/* ---- normal ---- */

static bool normal_tail_within(double z, double p) {
  iv_scope *s = iv_scope_new(BITS);
  bool within = iv_less(iv_d(s, p), iv_normal_cdf(s, iv_d(s, -z))) == IV_FALSE;
  iv_scope_free(s);
  return within;
}

double quantile_normal_upper(double p) {
  if (!probability(p)) return NAN;
  double low = -9, high = 40; /* Phi(-40) < 2^-1074, the least p; Phi(9) > 1 - 2^-54 */
  for (;;) {
    double middle = (low + high) / 2;
    if (middle <= low || middle >= high) return high;
    if (normal_tail_within(middle, p))
      high = middle;
    else
      low = middle;
  }
}

/* ---- chi-square ---- */

typedef struct {
  iv_scope *s;
  iv a, log_gamma; /* a = nu/2, log Gamma(a) */
} chi2;

static chi2 chi2_of(iv_scope *s, uint64_t nu) {
  iv a = iv_mul_2si(s, iv_ui(s, nu), -1);
  mpfi_ptr log_gamma = iv_new(s);
  int sign = 0;
  mpfr_lgamma(&log_gamma->left, &sign, &a->left, MPFR_RNDD); /* a is exact: both ends are the same number */
  mpfr_lgamma(&log_gamma->right, &sign, &a->right, MPFR_RNDU);
  return (chi2){s, a, log_gamma};
}

static iv density(const chi2 *c, iv log_t, iv t, iv extra) {
  iv exponent = iv_sub(c->s, iv_sub(c->s, iv_mul(c->s, c->a, log_t), t), c->log_gamma);
  return iv_exp(c->s, iv_add(c->s, exponent, extra));
}

/* Upper bound for P(chi^2 >= x) (side 1) or P(chi^2 <= x) (side -1): cells leave log(x/2) towards that side. Infinite
 * when the last point does not lie beyond the mode on that side. */
static iv tail_bound(const chi2 *c, double x, int side) {
  iv_scope *s = c->s;
  iv start = iv_mul_2si(s, iv_d(s, x), -1), log_start = iv_log(s, start);
  double curvature = fmax(iv_mid_d(c->a), side > 0 ? x / 2 : 0);
  double width = 1 / (CELLS_PER_UNIT * sqrt(curvature));
  iv signed_width = iv_d(s, side * width), factor = iv_exp(s, signed_width);
  iv half_width = iv_mul_2si(s, signed_width, -1);
  iv log_t = iv_add(s, log_start, half_width), t = iv_mul(s, start, iv_exp(s, half_width));
  iv sum = iv_ui(s, 0);
  for (int i = 0; i < CELLS_PER_UNIT * UNITS; i++) {
    iv y = iv_mul(s, iv_sub(s, c->a, t), half_width);
    sum = iv_add(s, sum, density(c, log_t, t, iv_div(s, iv_sqr(s, y), iv_ui(s, 6))));
    log_t = iv_add(s, log_t, signed_width);
    t = iv_mul(s, t, factor);
  }
  iv last_log = iv_sub(s, log_t, half_width), last = iv_exp(s, last_log);
  iv slope = iv_mul_si(s, iv_sub(s, last, c->a), side);
  if (iv_positive(slope) != IV_TRUE) return iv_inv(s, iv_ui(s, 0));
  iv rest = iv_div(s, density(c, last_log, last, iv_ui(s, 0)), slope);
  return iv_add(s, iv_mul(s, sum, iv_d(s, width)), rest);
}

static bool tail_within(const chi2 *c, double x, int side, double p) {
  size_t mark = iv_mark(c->s);
  bool within = iv_less(iv_d(c->s, p), tail_bound(c, x, side)) == IV_FALSE;
  iv_release(c->s, mark);
  return within;
}

/* Bisection between a point that is within p and one that is not, until they are close; returns the one within. */
static double bisect(const chi2 *c, double within, double without, int side, double p, double unit) {
  const double fine = 0x1p-20;
  while (fabs(within - without) > fine * fmin(unit, within)) {
    double middle =
        within > 2 * without || without > 2 * within ? sqrt(within) * sqrt(without) : (within + without) / 2;
    if (middle == within || middle == without) break;
    if (tail_within(c, middle, side, p))
      within = middle;
    else
      without = middle;
  }
  return within;
}

double quantile_chi2_upper(uint64_t nu, double p) {
  if (!probability(p) || nu == 0 || nu > UINT64_C(1000000000000)) return NAN;
  iv_scope *s = iv_scope_new(BITS);
  chi2 c = chi2_of(s, nu);
  double unit = sqrt(2 * (double)nu), within = (double)nu, without = within;
  if (tail_within(&c, within, 1, p)) /* nu is the mean: for few degrees the median lies well below it */
    while (tail_within(&c, without /= 2, 1, p)) within = without;
  else
    for (int doublings = 0; !tail_within(&c, within = (double)nu + ldexp(unit, doublings), 1, p); doublings++)
      without = within;
  double x = bisect(&c, within, without, 1, p, unit);
  iv_scope_free(s);
  return x;
}

double quantile_chi2_lower(uint64_t nu, double p) {
  if (!probability(p) || nu == 0 || nu > UINT64_C(1000000000000)) return NAN;
  iv_scope *s = iv_scope_new(BITS);
  chi2 c = chi2_of(s, nu);
  double unit = sqrt(2 * (double)nu), without = (double)nu, within = without;
  for (int doublings = 0; within > 0; doublings++) { /* exp(-reach) nu: never below 0, soon tiny */
    within = (double)nu * exp(-ldexp(unit / (double)nu, doublings));
    if (tail_within(&c, within, -1, p)) break;
    without = within;
  }
  double x = bisect(&c, within, without, -1, p, unit);
  iv_scope_free(s);
  return x;
}

/* ---- Kolmogorov-Smirnov ---- */

double quantile_kolmogorov(uint64_t samples, double p) {
  if (!probability(p) || samples == 0) return NAN;
  iv_scope *s = iv_scope_new(BITS);
  iv ratio = iv_div(s, iv_ui(s, 2), iv_d(s, p));
  iv square = iv_div(s, iv_log(s, ratio), iv_mul_2si(s, iv_ui(s, samples), 1));
  double r = iv_upper_d(iv_sqrt(s, square));
  iv_scope_free(s);
  return r;
}
