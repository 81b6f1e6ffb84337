#include "field_arb.h"

#include <acb_calc.h>
#include <arb_hypgeom.h>
#include <arb_poly.h>

/* ---- the path ---- */

void oracle_path_init(oracle_path *path) {
  arb_init(path->alpha);
  arb_init(path->beta);
  arb_init(path->alpha_rate);
  arb_init(path->beta_rate);
}

void oracle_path_clear(oracle_path *path) {
  arb_clear(path->alpha);
  arb_clear(path->beta);
  arb_clear(path->alpha_rate);
  arb_clear(path->beta_rate);
}

void oracle_path_linear(oracle_path *path, const arb_t time, slong bits) {
  arb_sub_ui(path->alpha, time, 1, bits);
  arb_neg(path->alpha, path->alpha);
  arb_set(path->beta, time);
  arb_set_si(path->alpha_rate, -1);
  arb_set_si(path->beta_rate, 1);
}

void oracle_path_trigonometric(oracle_path *path, const arb_t time, slong bits) {
  arb_t half, speed;
  arb_init(half);
  arb_init(speed);
  arb_mul_2exp_si(half, time, -1);
  arb_sin_cos_pi(path->beta, path->alpha, half, bits);
  arb_const_pi(speed, bits);
  arb_mul_2exp_si(speed, speed, -1);
  arb_mul(path->beta_rate, path->alpha, speed, bits);
  arb_mul(path->alpha_rate, path->beta, speed, bits);
  arb_neg(path->alpha_rate, path->alpha_rate);
  arb_clear(half);
  arb_clear(speed);
}

/* ---- by integration ---- */

/* u^power N(u; mean, variance) N(x; beta u, alpha^2), but for the constants in front. */
typedef struct {
  arb_t mean, variance, x, alpha, beta;
  int power;
} integrand;

static int evaluate_integrand(acb_ptr out, const acb_t u, void *parameters, slong order, slong bits) {
  (void)order; /* entire: holomorphic wherever Arb asks */
  const integrand *f = parameters;
  acb_t a, b;
  acb_init(a);
  acb_init(b);
  acb_sub_arb(a, u, f->mean, bits);
  acb_mul(a, a, a, bits);
  acb_div_arb(a, a, f->variance, bits);
  acb_mul_arb(b, u, f->beta, bits);
  acb_sub_arb(b, b, f->x, bits);
  acb_div_arb(b, b, f->alpha, bits);
  acb_mul(b, b, b, bits);
  acb_add(a, a, b, bits);
  acb_mul_2exp_si(a, a, -1);
  acb_neg(a, a);
  acb_exp(out, a, bits);
  if (f->power) acb_mul(out, out, u, bits);
  acb_clear(a);
  acb_clear(b);
  return 0;
}

/* Over |u - mean| > radius, with N(x; beta u, alpha^2) replaced by its peak: int exp(-v^2/(2 s)) dv <= sqrt(2 pi s)
 * exp(-R^2/(2 s)), int |v| exp(-v^2/(2 s)) dv = 2 s exp(-R^2/(2 s)). */
static void tail_bound(arb_t out, const integrand *f, const arb_t radius, slong bits) {
  arb_t t;
  arb_init(t);
  arb_const_pi(out, bits);
  arb_mul(out, out, f->variance, bits);
  arb_mul_2exp_si(out, out, 1);
  arb_sqrt(out, out, bits);
  if (f->power) {
    arb_abs(t, f->mean);
    arb_mul(out, out, t, bits);
    arb_mul_2exp_si(t, f->variance, 1);
    arb_add(out, out, t, bits);
  }
  arb_mul(t, radius, radius, bits);
  arb_div(t, t, f->variance, bits);
  arb_mul_2exp_si(t, t, -1);
  arb_neg(t, t);
  arb_exp(t, t, bits);
  arb_mul(out, out, t, bits);
  arb_clear(t);
}

static void integrate(arb_t out, integrand *f, int power, slong bits) {
  acb_t low, high, value;
  arb_t radius, tail;
  mag_t tolerance;
  acb_init(low);
  acb_init(high);
  acb_init(value);
  arb_init(radius);
  arb_init(tail);
  mag_init(tolerance);
  f->power = power;
  arb_mul_si(radius, f->variance, 4 * bits, bits); /* exp(-R^2/(2 s)) = exp(-2 bits) */
  arb_sqrt(radius, radius, bits);
  arb_sub(acb_realref(low), f->mean, radius, bits);
  arb_add(acb_realref(high), f->mean, radius, bits);
  mag_set_ui_2exp_si(tolerance, 1, -2 * bits);
  acb_calc_integrate(value, evaluate_integrand, f, low, high, bits, tolerance, NULL, bits);
  tail_bound(tail, f, radius, bits);
  arb_add_error(acb_realref(value), tail);
  arb_set(out, acb_realref(value));
  acb_clear(low);
  acb_clear(high);
  acb_clear(value);
  arb_clear(radius);
  arb_clear(tail);
  mag_clear(tolerance);
}

static void integrand_init(integrand *f) {
  arb_init(f->mean);
  arb_init(f->variance);
  arb_init(f->x);
  arb_init(f->alpha);
  arb_init(f->beta);
}

static void integrand_clear(integrand *f) {
  arb_clear(f->mean);
  arb_clear(f->variance);
  arb_clear(f->x);
  arb_clear(f->alpha);
  arb_clear(f->beta);
}

/* 1/(2 pi alpha sqrt(s)): what the integrand leaves out, per coordinate. */
static void constant_in_front(arb_t out, const integrand *f, slong bits) {
  arb_t t;
  arb_init(t);
  arb_sqrt(out, f->variance, bits);
  arb_mul(out, out, f->alpha, bits);
  arb_const_pi(t, bits);
  arb_mul(out, out, t, bits);
  arb_mul_2exp_si(out, out, 1);
  arb_inv(out, out, bits);
  arb_clear(t);
}

/* Adds component k: w_k prod_j I_j to density, and with the i-th factor replaced by its first moment to moment[i]. */
static void add_component(arb_t density, arb_ptr moment, const oracle_mixture *mixture, const oracle_path *path,
                          const double *x, slong k, slong bits) {
  slong d = mixture->dimension;
  arb_ptr mass = _arb_vec_init(d), first = _arb_vec_init(d);
  arb_t product, front;
  integrand f;
  integrand_init(&f);
  arb_init(product);
  arb_init(front);
  for (slong j = 0; j < d; j++) {
    arb_set_d(f.mean, mixture->mean[k * d + j]);
    arb_set_d(f.variance, mixture->variance[k]);
    arb_set_d(f.x, x[j]);
    arb_set(f.alpha, path->alpha);
    arb_set(f.beta, path->beta);
    constant_in_front(front, &f, bits);
    integrate(mass + j, &f, 0, bits);
    integrate(first + j, &f, 1, bits);
    arb_mul(mass + j, mass + j, front, bits);
    arb_mul(first + j, first + j, front, bits);
  }
  for (slong i = -1; i < d; i++) { /* -1: the density itself */
    arb_set_d(product, mixture->weight[k]);
    for (slong j = 0; j < d; j++) arb_mul(product, product, j == i ? first + j : mass + j, bits);
    arb_ptr sum = i < 0 ? density : moment + i;
    arb_add(sum, sum, product, bits);
  }
  arb_clear(product);
  arb_clear(front);
  integrand_clear(&f);
  _arb_vec_clear(mass, d);
  _arb_vec_clear(first, d);
}

static void total_weight(arb_t out, const oracle_mixture *mixture, slong bits) {
  arb_t w;
  arb_init(w);
  arb_zero(out);
  for (slong k = 0; k < mixture->count; k++) {
    arb_set_d(w, mixture->weight[k]);
    arb_add(out, out, w, bits);
  }
  arb_clear(w);
}

void oracle_field_by_integration(oracle_field *out, const oracle_mixture *mixture, const oracle_path *path,
                                 const double *x, slong bits) {
  slong d = mixture->dimension;
  arb_ptr moment = _arb_vec_init(d);
  arb_t density, t;
  arb_init(density);
  arb_init(t);
  for (slong k = 0; k < mixture->count; k++) add_component(density, moment, mixture, path, x, k, bits);
  for (slong i = 0; i < d; i++) {
    arb_div(moment + i, moment + i, density, bits);
    if (out->denoiser) arb_set(out->denoiser + i, moment + i);
    arb_mul(moment + i, moment + i, path->beta, bits);
    arb_set_d(t, x[i]);
    arb_sub(t, t, moment + i, bits);
    if (out->noise) arb_div(out->noise + i, t, path->alpha, bits);
  }
  total_weight(t, mixture, bits);
  arb_div(density, density, t, bits);
  if (out->log_density) arb_log(out->log_density, density, bits);
  arb_clear(density);
  arb_clear(t);
  _arb_vec_clear(moment, d);
}

/* ---- by differentiation ---- */

/* out = (x + epsilon - c)^2 along the coordinate that moves, (x - c)^2 along the others. */
static void squared_distance(arb_poly_t out, double x, const arb_t center, int moves, slong bits) {
  arb_t t;
  arb_init(t);
  arb_set_d(t, x);
  arb_sub(t, t, center, bits);
  arb_poly_zero(out);
  arb_poly_set_coeff_arb(out, 0, t);
  if (moves) arb_poly_set_coeff_si(out, 1, 1);
  arb_poly_mullow(out, out, out, 3, bits);
  arb_clear(t);
}

/* w_k N(x + epsilon e_i; beta m_k, v_k I) up to epsilon^2. */
static void component_series(arb_poly_t out, const oracle_mixture *mixture, const oracle_path *path, const double *x,
                             slong k, slong i, slong bits) {
  slong d = mixture->dimension;
  arb_poly_t square, exponent;
  arb_t v, t;
  arb_poly_init(square);
  arb_poly_init(exponent);
  arb_init(v);
  arb_init(t);
  arb_set_d(v, mixture->variance[k]);
  arb_mul(v, v, path->beta, bits);
  arb_mul(v, v, path->beta, bits);
  arb_addmul(v, path->alpha, path->alpha, bits);
  for (slong j = 0; j < d; j++) {
    arb_set_d(t, mixture->mean[k * d + j]);
    arb_mul(t, t, path->beta, bits);
    squared_distance(square, x[j], t, j == i, bits);
    arb_poly_add(exponent, exponent, square, bits);
  }
  arb_mul_2exp_si(t, v, 1);
  arb_neg(t, t);
  arb_poly_scalar_div(exponent, exponent, t, bits);
  arb_poly_exp_series(out, exponent, 3, bits);
  arb_const_pi(t, bits);
  arb_mul(t, t, v, bits);
  arb_mul_2exp_si(t, t, 1);
  arb_pow_ui(t, t, (ulong)d, bits);
  arb_rsqrt(t, t, bits);
  arb_set_d(v, mixture->weight[k]);
  arb_mul(t, t, v, bits);
  arb_poly_scalar_mul(out, out, t, bits);
  arb_poly_clear(square);
  arb_poly_clear(exponent);
  arb_clear(v);
  arb_clear(t);
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
  total_weight(total, mixture, bits);
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
  arb_ptr all[] = {score, curvature, denoiser, noise, velocity, NULL};
  for (arb_ptr *p = all; *p; p++) arb_init(*p);
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
  for (arb_ptr *p = all; *p; p++) arb_clear(*p);
}
