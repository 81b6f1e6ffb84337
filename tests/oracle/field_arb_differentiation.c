/* Power series of the log-density, and Tweedie's formulas. */
#include "field_arb.h"

#include <arb_mat.h>
#include <arb_poly.h>

/* alpha^2 I + beta^2 S_k */
static void spread_matrix(arb_mat_t out, const oracle_mixture *mixture, const oracle_path *path, slong k, slong bits) {
  slong d = mixture->dimension;
  arb_t square;
  arb_init(square);
  arb_mul(square, path->beta, path->beta, bits);
  for (slong i = 0; i < d; i++)
    for (slong j = 0; j < d; j++) {
      arb_ptr entry = arb_mat_entry(out, i, j);
      arb_set_d(entry, mixture->covariance[(k * d + i) * d + j]);
      arb_mul(entry, entry, square, bits);
      if (i == j) arb_addmul(entry, path->alpha, path->alpha, bits);
    }
  arb_clear(square);
}

/* (u + epsilon e_i)^T P (u + epsilon e_i), u = x - beta m_k. */
static void quadratic_form(arb_poly_t out, const arb_mat_t precision, const oracle_mixture *mixture,
                           const oracle_path *path, const double *x, slong k, slong i, slong bits) {
  slong d = mixture->dimension;
  arb_mat_t u, image;
  arb_t t;
  arb_mat_init(u, d, 1);
  arb_mat_init(image, d, 1);
  arb_init(t);
  for (slong j = 0; j < d; j++) {
    arb_set_d(arb_mat_entry(u, j, 0), x[j]);
    arb_set_d(t, mixture->mean[k * d + j]);
    arb_submul(arb_mat_entry(u, j, 0), t, path->beta, bits);
  }
  arb_mat_mul(image, precision, u, bits);
  arb_zero(t);
  for (slong j = 0; j < d; j++) arb_addmul(t, arb_mat_entry(u, j, 0), arb_mat_entry(image, j, 0), bits);
  arb_poly_zero(out);
  arb_poly_set_coeff_arb(out, 0, t);
  arb_mul_2exp_si(t, arb_mat_entry(image, i, 0), 1);
  arb_poly_set_coeff_arb(out, 1, t);
  arb_poly_set_coeff_arb(out, 2, arb_mat_entry(precision, i, i));
  arb_mat_clear(u);
  arb_mat_clear(image);
  arb_clear(t);
}

/* w_k N(x + epsilon e_i; beta m_k, V_k) up to epsilon^2. */
static void component_series(arb_poly_t out, const oracle_mixture *mixture, const oracle_path *path, const double *x,
                             slong k, slong i, slong bits) {
  slong d = mixture->dimension;
  arb_poly_t exponent;
  arb_mat_t spread, precision;
  arb_t t, w;
  arb_poly_init(exponent);
  arb_mat_init(spread, d, d);
  arb_mat_init(precision, d, d);
  arb_init(t);
  arb_init(w);
  spread_matrix(spread, mixture, path, k, bits);
  if (!arb_mat_inv(precision, spread, bits)) arb_mat_indeterminate(precision);
  quadratic_form(exponent, precision, mixture, path, x, k, i, bits);
  arb_set_si(t, -2);
  arb_poly_scalar_div(exponent, exponent, t, bits);
  arb_poly_exp_series(out, exponent, 3, bits);
  arb_mat_det(w, spread, bits);
  arb_const_pi(t, bits);
  arb_mul_2exp_si(t, t, 1);
  arb_pow_ui(t, t, (ulong)d, bits);
  arb_mul(t, t, w, bits);
  arb_rsqrt(t, t, bits);
  arb_set_d(w, mixture->weight[k]);
  arb_mul(t, t, w, bits);
  arb_poly_scalar_mul(out, out, t, bits);
  arb_poly_clear(exponent);
  arb_mat_clear(spread);
  arb_mat_clear(precision);
  arb_clear(t);
  arb_clear(w);
}

/* log p_t(x + epsilon e_i) up to epsilon^2. */
static void log_density_series(arb_poly_t out, const oracle_mixture *mixture, const oracle_path *path, const double *x,
                               slong i, slong bits) {
  arb_poly_t one;
  arb_t total;
  arb_poly_init(one);
  arb_init(total);
  arb_poly_zero(out);
  for (slong k = 0; k < mixture->count; k++) {
    component_series(one, mixture, path, x, k, i, bits);
    arb_poly_add(out, out, one, bits);
  }
  oracle_total_weight(total, mixture, bits);
  arb_poly_scalar_div(out, out, total, bits);
  arb_poly_log_series(out, out, 3, bits);
  arb_poly_clear(one);
  arb_clear(total);
}

/* b_i = beta' f_i + alpha' e_i from f_i and e_i; also for the two divergences. */
static void combine(arb_t out, const oracle_path *path, const arb_t denoiser, const arb_t noise, slong bits) {
  arb_mul(out, path->beta_rate, denoiser, bits);
  arb_addmul(out, path->alpha_rate, noise, bits);
}

/* (x + alpha^2 score)/beta: Tweedie's formula; with x = 1 and the score's derivative, its divergence. */
static void tweedie(arb_t denoiser, arb_t noise, const oracle_path *path, double x, const arb_t score, slong bits) {
  arb_set_d(denoiser, x);
  arb_mul(noise, path->alpha, score, bits);
  arb_addmul(denoiser, path->alpha, noise, bits);
  arb_div(denoiser, denoiser, path->beta, bits);
  arb_neg(noise, noise);
}

void oracle_field_by_differentiation(oracle_field *out, const oracle_mixture *mixture, const oracle_path *path,
                                     const double *x, slong bits) {
  arb_poly_t series;
  arb_t score, curvature, denoiser, noise, velocity;
  arb_poly_init(series);
  arb_init(score);
  arb_init(curvature);
  arb_init(denoiser);
  arb_init(noise);
  arb_init(velocity);
  if (out->divergence) arb_zero(out->divergence);
  for (slong i = 0; i < mixture->dimension; i++) {
    log_density_series(series, mixture, path, x, i, bits);
    arb_poly_get_coeff_arb(score, series, 1);
    arb_poly_get_coeff_arb(curvature, series, 2);
    arb_mul_2exp_si(curvature, curvature, 1);
    if (i == 0 && out->log_density) arb_poly_get_coeff_arb(out->log_density, series, 0);
    if (out->score) arb_set(out->score + i, score);
    tweedie(denoiser, noise, path, x[i], score, bits);
    if (out->denoiser) arb_set(out->denoiser + i, denoiser);
    if (out->noise) arb_set(out->noise + i, noise);
    if (out->velocity) combine(out->velocity + i, path, denoiser, noise, bits);
    tweedie(denoiser, noise, path, 1, curvature, bits);
    combine(velocity, path, denoiser, noise, bits);
    if (out->divergence) arb_add(out->divergence, out->divergence, velocity, bits);
  }
  arb_poly_clear(series);
  arb_clear(score);
  arb_clear(curvature);
  arb_clear(denoiser);
  arb_clear(noise);
  arb_clear(velocity);
}
