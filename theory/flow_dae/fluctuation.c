#include "theory/flow_dae/fluctuation.h"

#include "reference/core/quantile.h"

#include <math.h>

iv fluctuation_normal(iv_scope *s, double delta) {
  iv q = iv_d(s, quantile_normal_upper(delta / 2));
  return iv_hull(s, iv_neg(s, q), q);
}

/* chi^2_nu/per, two-sided. */
static iv chi_square(iv_scope *s, uint64_t nu, iv per, double delta) {
  iv low = iv_d(s, quantile_chi2_lower(nu, delta / 2)), high = iv_d(s, quantile_chi2_upper(nu, delta / 2));
  return iv_div(s, iv_hull(s, low, high), per);
}

static fluctuation inputs(iv_scope *s, const assay_dae_settings *settings, size_t dimension) {
  fluctuation f = {.samples = settings->samples, .dimension = dimension};
  f.n = iv_ui(s, settings->samples);
  f.d = iv_ui(s, dimension);
  f.sigma = iv_real(s, settings->sigma);
  f.lambda = iv_real(s, settings->lambda);
  f.norm2 = iv_real(s, settings->norm2);
  f.shrinkage = iv_div(s, f.n, iv_add(s, f.lambda, f.n));
  return f;
}

/* sum |y_i|^2 - n^2|xi|^2/(lambda+n) = W_00 + kappa |xi|^2, kappa = n lambda/(lambda+n); likewise with mu + sigma eta.
 */
static void find_metric(fluctuation *f, iv_scope *s, iv w00, iv w01, iv w11) {
  iv kappa = iv_mul(s, f->shrinkage, f->lambda), sigma2 = iv_sqr(s, f->sigma);
  f->a00 = iv_add(s, w00, iv_mul(s, kappa, f->xi2));
  f->a01 = iv_add(s, iv_mul(s, f->sigma, w01), iv_mul(s, kappa, iv_add(s, f->xi_mu, iv_mul(s, f->sigma, f->xi_eta))));
  iv mixed = iv_mul_2si(s, iv_mul(s, f->sigma, f->eta_mu), 1);
  iv mean2 = iv_add(s, iv_add(s, f->norm2, mixed), iv_mul(s, sigma2, f->eta2));
  f->a11 = iv_add(s, iv_mul(s, sigma2, w11), iv_mul(s, kappa, mean2));
}

fluctuation fluctuation_of(iv_scope *s, const assay_dae_settings *settings, size_t dimension, double delta) {
  enum { EVENTS = 8 };
  double share = delta / EVENTS;
  fluctuation f = inputs(s, settings, dimension);
  iv nd = iv_mul(s, f.n, f.d), normal = fluctuation_normal(s, share), root_nd = iv_sqrt(s, nd);
  f.xi2 = chi_square(s, dimension, nd, share);
  f.eta2 = f.xi2; /* the same interval; independent variables */
  f.xi_eta = iv_div(s, iv_mul(s, normal, iv_sqrt(s, f.xi2)), root_nd);
  f.xi_mu = iv_div(s, iv_mul(s, normal, iv_sqrt(s, f.norm2)), root_nd);
  f.eta_mu = f.xi_mu; /* likewise */
  uint64_t within = (uint64_t)(settings->samples - 1) * dimension;
  iv w00 = chi_square(s, within, f.d, share), w11 = w00; /* likewise */
  iv w01 = iv_div(s, iv_mul(s, normal, iv_sqrt(s, w00)), iv_sqrt(s, f.d));
  find_metric(&f, s, w00, w01, w11);
  return f;
}

fluctuation fluctuation_limit(iv_scope *s, const assay_dae_settings *settings, size_t dimension) {
  fluctuation f = inputs(s, settings, dimension);
  iv within = iv_add_si(s, f.n, -1), zero = iv_si(s, 0);
  f.xi2 = f.eta2 = iv_inv(s, f.n);
  f.xi_eta = f.xi_mu = f.eta_mu = zero;
  find_metric(&f, s, within, zero, within);
  return f;
}

/* c = a_t1/(alpha a_t0 + beta a_t1) = 1/(beta + alpha a_t0/a_t1), each Gram number once where t is interior. */
fluctuation_fit fluctuation_fit_at(iv_scope *s, const fluctuation *f, iv alpha, iv beta) {
  iv at0 = iv_add(s, iv_mul(s, alpha, f->a00), iv_mul(s, beta, f->a01));
  iv at1 = iv_add(s, iv_mul(s, alpha, f->a01), iv_mul(s, beta, f->a11));
  fluctuation_fit fit;
  fit.c = iv_inv(s, iv_add(s, beta, iv_mul(s, alpha, iv_div(s, at0, at1))));
  fit.mu = iv_mul(s, f->shrinkage, iv_sub(s, iv_si(s, 1), iv_mul(s, fit.c, beta)));
  fit.xi = iv_neg(s, iv_mul(s, f->shrinkage, iv_mul(s, fit.c, alpha)));
  return fit;
}

iv fluctuation_weight_overlap(iv_scope *s, const fluctuation_fit *fit, const fluctuation *f, iv with_mu, iv with_xi,
                              iv with_eta) {
  iv along_mean = iv_mul(s, fit->mu, iv_add(s, with_mu, iv_mul(s, f->sigma, with_eta)));
  return iv_add(s, along_mean, iv_mul(s, fit->xi, with_xi));
}

/* Euler's factors are 1 + dt gamma_i = <u_i, u_{i+1}>/|u_i|^2 = cos(theta_i) |u_{i+1}|/|u_i| for u = (alpha, beta) in
 * the metric a, so P_j = |u_j|/|u_0| prod cos(theta_i), where tan(theta_i) = |u_i x u_{i+1}|/<u_i, u_{i+1}> with
 * cross product dt sqrt(a_00 a_11 - a_01^2): what is uncertain enters the product through dt^2 only. Everything below
 * is divided by a_00: rho = a11/a00, tau = a01/a00. */
iv fluctuation_perp(iv_scope *s, const fluctuation *f, size_t steps, size_t j) {
  iv rho = iv_div(s, f->a11, f->a00), tau = iv_div(s, f->a01, f->a00);
  if (steps == 1 && j == 1) return tau; /* the one factor <u_0, u_1>/|u_0|^2, whatever its sign; theta_0 may be pi/2 */
  iv area = iv_div(s, iv_sub(s, rho, iv_sqr(s, tau)), iv_sqr(s, iv_ui(s, steps)));
  mpfi_ptr secants = iv_new(s); /* prod 1/cos^2 */
  mpfi_set_ui(secants, 1);
  for (size_t i = 0; i < j; i++) {
    size_t mark = iv_mark(s);
    iv alpha = iv_ratio(s, (long)(steps - i), (long)steps), beta = iv_ratio(s, (long)i, (long)steps);
    iv next_alpha = iv_ratio(s, (long)(steps - i - 1), (long)steps),
       next_beta = iv_ratio(s, (long)(i + 1), (long)steps);
    iv mixed = iv_add(s, iv_mul(s, alpha, next_beta), iv_mul(s, next_alpha, beta));
    iv inner = iv_add(s, iv_mul(s, alpha, next_alpha),
                      iv_add(s, iv_mul(s, mixed, tau), iv_mul(s, iv_mul(s, beta, next_beta), rho)));
    mpfi_mul(secants, secants, iv_add_si(s, iv_div(s, area, iv_sqr(s, inner)), 1));
    iv_release(s, mark);
  }
  iv alpha = iv_ratio(s, (long)(steps - j), (long)steps), beta = iv_ratio(s, (long)j, (long)steps);
  iv cross = iv_mul_2si(s, iv_mul(s, iv_mul(s, alpha, beta), tau), 1);
  iv norm2 = iv_add(s, iv_add(s, iv_sqr(s, alpha), cross), iv_mul(s, iv_sqr(s, beta), rho));
  return iv_sqrt(s, iv_div(s, norm2, secants));
}

double fluctuation_bound(iv_scope *s, iv image, iv center) { return iv_magnitude_d(iv_sub(s, image, center)); }
