/* Claim flow-dae/bayes-denoising: the least mean squared error of a denoiser, mmse = d s + (alpha^4/v^2) |mu|^2 (1 -
 * I), s = alpha^2 sigma^2/v, I = E tanh^2(kappa + sqrt(kappa) Z), kappa = beta^2 |mu|^2/v.
 *
 * It is integrated here from its definition, E|x_1|^2 - E|E[x_1|x_t]|^2, in the space of x. Across mu the posterior
 * mean is (beta sigma^2/v) x, which contributes (d-1) beta^2 sigma^4/v. Along mu, with y = <mu, x>/|mu|, the posterior
 * mean is f = P_+ f_+ + P_- f_- with f_s = s m + (beta sigma^2/v) (y - s beta m) and P_+ = 1/(1 + exp(-2 beta m y/v));
 * the marginal p is even and f odd, so its part is 2 int_0^inf p f^2 dy, by Taylor panels instead of reference/'s
 * trapezoidal sum over Z.
 *
 * Tail: for y >= X = beta m + sqrt(v) z_0, z_0 >= 1, p <= N(y; beta m, v), and |f| <= m + (beta sigma^2/v) y = a + b z
 * <= (a + b) z with a = m + (beta^2 sigma^2/v) m, b = beta sigma^2/sqrt(v), z = (y - beta m)/sqrt(v); int_{z_0}^inf z^2
 * phi <= (z_0 + 1/z_0) phi(z_0). */
#include "theory/flow_dae/integrate.h"
#include "theory/flow_dae/line_mixture.h"
#include "theory/flow_dae/paper.h"
#include "theory/flow_dae/series.h"

#include <assay/reference.h>

/* Remainders, cut and rounding each add less than a quarter of 2^-AGREE_BITS. The cut is farther than the target asks
 * for, as f^2 grows. */
enum { AGREE_BITS = 100, TARGET_BITS = 103, CUT_BITS = 120, GOAL_BITS = 112, WORKING_BITS = 224 };

enum { COEFFICIENTS = INTEGRATE_ORDER + 1 };

/* Taylor coefficients of P_+ = 1/(1 + exp(-2 beta m y/v)) at y. */
static void plus_series(iv_scope *s, iv *out, const line_mixture *m, iv y) {
  iv odds[COEFFICIENTS], one[COEFFICIENTS];
  iv rate = iv_neg(s, iv_mul_2si(s, iv_div(s, m->center, m->variance), 1));
  odds[0] = iv_exp(s, iv_mul(s, rate, y));
  for (size_t k = 1; k < COEFFICIENTS; k++) odds[k] = iv_div(s, iv_mul(s, rate, odds[k - 1]), iv_si(s, (long)k));
  odds[0] = iv_add_si(s, odds[0], 1);
  for (size_t k = 0; k < COEFFICIENTS; k++) {
    one[k] = iv_si(s, k == 0);
    out[k] = series_div(s, out, one, odds, k);
  }
}

/* f = f_- + P_+ (f_+ - f_-), f_+ - f_- = 2 m (1 - beta^2 sigma^2/v). */
static void denoiser_series(iv_scope *s, iv *out, const line_mixture *m, iv y) {
  iv plus[COEFFICIENTS], shrink = iv_div(s, iv_mul(s, m->beta, m->sigma2), m->variance);
  iv minus = iv_sub(s, iv_mul(s, shrink, iv_add(s, y, m->center)), m->length);
  iv apart = iv_mul_2si(s, iv_sub(s, m->length, iv_mul(s, shrink, m->center)), 1);
  plus_series(s, plus, m, y);
  for (size_t k = 0; k < COEFFICIENTS; k++) out[k] = iv_mul(s, apart, plus[k]);
  out[0] = iv_add(s, out[0], minus);
  out[1] = iv_add(s, out[1], shrink);
}

/* p f^2, p = 1/2 N(y; beta m, v) + 1/2 N(y; -beta m, v). */
static void energy_series(iv_scope *s, iv *out, iv y, const void *self) {
  const line_mixture *m = self;
  iv near[COEFFICIENTS], far[COEFFICIENTS], f[COEFFICIENTS], square[COEFFICIENTS], density[COEFFICIENTS];
  line_mixture_density(s, near, m, 1, y, INTEGRATE_ORDER);
  line_mixture_density(s, far, m, -1, y, INTEGRATE_ORDER);
  denoiser_series(s, f, m, y);
  for (size_t k = 0; k < COEFFICIENTS; k++) {
    density[k] = iv_mul_2si(s, iv_add(s, near[k], far[k]), -1);
    square[k] = series_mul(s, f, f, k);
    out[k] = series_mul(s, density, square, k);
  }
}

/* >= int_cut^inf p f^2. */
static iv tail_bound(iv_scope *s, const line_mixture *m, double cut) {
  iv deviation = iv_sqrt(s, m->variance), z = iv_div(s, iv_sub(s, iv_d(s, cut), m->center), deviation);
  iv share = iv_div(s, iv_mul(s, iv_sqr(s, m->beta), m->sigma2), m->variance);
  iv a = iv_mul(s, m->length, iv_add_si(s, share, 1)), b = iv_div(s, iv_mul(s, m->beta, m->sigma2), deviation);
  iv growth = iv_mul(s, iv_sqr(s, iv_add(s, a, b)), iv_add(s, z, iv_inv(s, z)));
  return iv_mul(s, growth, iv_normal_density(s, z));
}

/* E|x_1|^2 - E|E[x_1|x_t]|^2. */
static iv least_error(iv_scope *s, const line_case *at, assay_real sigma) {
  line_mixture m = line_mixture_of(s, at, sigma);
  double cut = line_mixture_cut(&m, CUT_BITS);
  iv half =
      iv_add(s, integrate(s, energy_series, &m, 0, cut, TARGET_BITS), iv_hull(s, iv_si(s, 0), tail_bound(s, &m, cut)));
  iv across = iv_div(s, iv_sqr(s, iv_mul(s, m.beta, m.sigma2)), m.variance);
  iv energy = iv_add(s, iv_sqr(s, m.length), iv_mul_si(s, m.sigma2, (long)at->dimension));
  iv explained = iv_add(s, iv_mul_si(s, across, (long)at->dimension - 1), iv_mul_2si(s, half, 1));
  return iv_sub(s, energy, explained);
}

static assay_status closed_form(mpfi_ptr out, const line_case *at, const assay_path_point *point,
                                assay_context *context) {
  return assay_reference_bayes_denoising(out, at->dimension, at->norm2, at->sigma, point, GOAL_BITS, context);
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  static const line_rate mmse = {.task = "bayes-denoising",
                                 .what = "least mean squared error",
                                 .closed = closed_form,
                                 .integrated = least_error,
                                 .working_bits = WORKING_BITS,
                                 .agree_bits = AGREE_BITS};
  return line_rate_gather(trial, &mmse, context);
}

const assay_claim assay_flow_dae_bayes_denoising = {
    .id = "flow-dae/bayes-denoising",
    .statement =
        "For the mixture of N(mu, sigma^2 I) and N(-mu, sigma^2 I) with weights 1/2, the least mean squared "
        "error of a denoiser of x_t, that of E[x_1|x_t], is d alpha^2 sigma^2/v + (alpha^4/v^2) |mu|^2 (1 - "
        "E tanh^2(kappa + sqrt(kappa) Z)), kappa = beta^2 |mu|^2/v, v = alpha^2 + beta^2 sigma^2, Z ~ N(0, 1), "
        "for listed (|mu|, sigma, t, d).",
    .source = "derived here (flow-dae section 5, B3) for the binary mixture and the denoising loss of arXiv:2310.03575",
    .control = "sigma is 1 % larger",
    .sizes = {"4 mixtures and times, d from 1 to 10, both schedules, to 2^-100",
              "9 mixtures and times, d from 1 to 100, both schedules, to 2^-100"},
    .kind = ASSAY_PROOF,
    .comparisons = {LINE_CASES_QUICK, LINE_CASES_FULL},
    .gather = gather,
};
