/* The trapezoidal rule for f(x) = phi(x) g(x), phi the normal density.
 *
 * Step. By Poisson's formula h sum_k f(kh) - int f = sum_{k != 0} F(2 pi k/h), F the Fourier transform of f. Moving the
 * line of integration to Im z = -+a, which g's bound and the decay of phi allow, gives |F(w)| <= M exp(-a |w|) with
 * M = int |f(x + ia)| dx <= bound exp(a^2/2), as |phi(x + ia)| = phi(x) exp(a^2/2). The sum is at most
 * 2M sum_{k >= 1} exp(-2 pi a k/h) = 2M/(exp(2 pi a/h) - 1).
 *
 * Cut-off. phi decreases on [0, inf), so h sum_{k > N} phi(kh) <= int_{Nh}^inf phi = Phi(-Nh); the two sides together
 * miss at most 2 beyond(Nh) Phi(-Nh). */
#include "reference/core/quadrature.h"

#include <math.h>

static const double MOST_NODES = 0x1p22;

iv quadrature_strip(iv_scope *s, long target_bits) {
  /* h = 2 pi a/(a^2/2 + target_bits log 2), largest at a^2 = 2 target_bits log 2 */
  return iv_d(s, sqrt(2 * log(2) * (double)target_bits));
}

static iv step_error(iv_scope *s, const gaussian_integrand *g, iv step) {
  iv mass = iv_mul(s, g->bound, iv_exp(s, iv_mul_2si(s, iv_sqr(s, g->strip), -1)));
  iv decay = iv_div(s, iv_mul_2si(s, iv_mul(s, iv_pi(s), g->strip), 1), step);
  return iv_div(s, iv_mul_2si(s, mass, 1), iv_expm1(s, decay));
}

static iv tail_error(iv_scope *s, const gaussian_integrand *g, iv cut) {
  return iv_mul_2si(s, iv_mul(s, g->beyond(s, cut, g->self), iv_normal_cdf(s, iv_neg(s, cut))), 1);
}

/* A step for which step_error is at most 2^-(target_bits + 1), up to rounding: the error is computed afterwards. */
static double choose_step(iv_scope *s, const gaussian_integrand *g, long target_bits) {
  iv exponent = iv_mul_2si(s, iv_sqr(s, g->strip), -1);
  iv mass = iv_mul(s, g->bound, iv_exp(s, exponent));
  iv decay = iv_log1p(s, iv_mul_2si(s, mass, target_bits + 2));
  return iv_lower_d(iv_div(s, iv_mul_2si(s, iv_mul(s, iv_pi(s), g->strip), 1), decay));
}

/* A cut for which tail_error is at most 2^-(target_bits + 1): doubling or halving from 1, then a few bisections. */
static double choose_cut(iv_scope *s, const gaussian_integrand *g, long target_bits) {
  iv target = iv_mul_2si(s, iv_ui(s, 1), -(target_bits + 1));
  double cut = 1;
  const double farthest = 0x1p200, nearest = 0x1p-900; /* ends the search whatever `beyond` does */
  while (cut < farthest && iv_less(tail_error(s, g, iv_d(s, cut)), target) != IV_TRUE) cut *= 2;
  if (cut == 1)
    while (cut > nearest && iv_less(tail_error(s, g, iv_d(s, cut / 2)), target) == IV_TRUE) cut /= 2;
  double low = cut / 2;
  for (int i = 0; i < 5; i++) {
    double middle = (low + cut) / 2;
    if (iv_less(tail_error(s, g, iv_d(s, middle)), target) == IV_TRUE)
      cut = middle;
    else
      low = middle;
  }
  return cut;
}

static bool cancelled(const gaussian_integrand *g, long node, long nodes) {
  enum { PAUSE = 32 };
  if (!g->context || node % PAUSE) return false;
  return assay_progress(g->context, g->task, (double)node / (double)nodes) != ASSAY_OK;
}

/* sum over |k| <= nodes of exp(-x^2/2) g(x), x = k step; NULL: cancelled. */
static iv weighted_sum(iv_scope *s, const gaussian_integrand *g, iv step, long nodes) {
  mpfi_ptr sum = iv_new(s);
  mpfi_add(sum, sum, g->value(s, iv_ui(s, 0), g->self));
  for (long k = 1; k <= nodes; k++) {
    size_t mark = iv_mark(s);
    iv x = iv_mul_si(s, step, k);
    iv weight = iv_exp(s, iv_mul_2si(s, iv_neg(s, iv_sqr(s, x)), -1));
    iv pair = iv_add(s, g->value(s, x, g->self), g->value(s, iv_neg(s, x), g->self));
    mpfi_add(sum, sum, iv_mul(s, weight, pair));
    iv_release(s, mark);
    if (cancelled(g, k, nodes)) return NULL;
  }
  return sum;
}

iv quadrature_normal(iv_scope *s, const gaussian_integrand *g, long target_bits) {
  double h = choose_step(s, g, target_bits), cut = choose_cut(s, g, target_bits);
  double nodes = ceil(cut / h);
  if (!(nodes <= MOST_NODES)) return iv_ball(s, iv_ui(s, 0), g->beyond(s, iv_ui(s, 0), g->self));
  iv step = iv_d(s, h), last = iv_mul_si(s, step, (long)nodes);
  iv error = iv_add(s, step_error(s, g, step), tail_error(s, g, last));
  iv normalised = iv_div(s, step, iv_sqrt(s, iv_mul_2si(s, iv_pi(s), 1)));
  iv sum = weighted_sum(s, g, step, (long)nodes);
  return sum ? iv_ball(s, iv_mul(s, normalised, sum), error) : NULL;
}
