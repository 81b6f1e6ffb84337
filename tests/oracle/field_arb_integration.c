/* Bayes' rule by integrals along the principal axes of every component. */
#include "field_arb.h"

#include <acb_calc.h>

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

/* Principal axes of a component: (cosine, sine) and (- sine, cosine) in the plane of coordinates 0 and 1. */
typedef struct {
  arb_t cosine, sine;
  arb_ptr variance; /* along the axes */
} axes;

/* The matrix (a b; b c), b != 0: variances (a + c)/2 +- root, root = sqrt(((a - c)/2)^2 + b^2); the first one's axis is
 * (variance - c, b). */
static void diagonalise_plane(axes *out, double a, double b, double c, slong bits) {
  arb_t half, root, off;
  arb_init(half);
  arb_init(root);
  arb_init(off);
  arb_set_d(half, a);
  arb_set_d(off, c);
  arb_sub(half, half, off, bits);
  arb_mul_2exp_si(half, half, -1);
  arb_mul(root, half, half, bits);
  arb_set_d(off, b);
  arb_addmul(root, off, off, bits);
  arb_sqrt(root, root, bits);
  arb_add(out->cosine, half, root, bits); /* variance - c */
  arb_set(out->sine, off);
  arb_set_d(off, c);
  arb_add(out->variance, out->cosine, off, bits);
  arb_sub(out->variance + 1, half, root, bits);
  arb_add(out->variance + 1, out->variance + 1, off, bits);
  arb_hypot(root, out->cosine, out->sine, bits);
  arb_div(out->cosine, out->cosine, root, bits);
  arb_div(out->sine, out->sine, root, bits);
  arb_clear(half);
  arb_clear(root);
  arb_clear(off);
}

static void axes_init(axes *out, const oracle_mixture *mixture, slong k, slong bits) {
  slong d = mixture->dimension;
  const double *covariance = mixture->covariance + k * d * d;
  arb_init(out->cosine);
  arb_init(out->sine);
  out->variance = _arb_vec_init(d);
  arb_one(out->cosine);
  for (slong j = 0; j < d; j++) arb_set_d(out->variance + j, covariance[j * d + j]);
  if (d > 1 && covariance[1] != 0) diagonalise_plane(out, covariance[0], covariance[1], covariance[d + 1], bits);
}

static void axes_clear(axes *a, slong d) {
  arb_clear(a->cosine);
  arb_clear(a->sine);
  _arb_vec_clear(a->variance, d);
}

/* v = the same vector in the axes (sign 1), or back (sign -1). */
static void turn(arb_ptr v, const axes *a, slong d, int sign, slong bits) {
  if (d < 2) return;
  arb_t first, sine;
  arb_init(first);
  arb_init(sine);
  arb_mul_si(sine, a->sine, sign, bits);
  arb_mul(first, a->cosine, v, bits);
  arb_addmul(first, sine, v + 1, bits);
  arb_mul(v + 1, a->cosine, v + 1, bits);
  arb_submul(v + 1, sine, v, bits);
  arb_swap(v, first);
  arb_clear(first);
  arb_clear(sine);
}

/* Mass and first moment along each axis. */
static void integrate_axes(arb_ptr mass, arb_ptr first, const axes *a, const oracle_mixture *mixture,
                           const oracle_path *path, const double *x, slong k, slong bits) {
  slong d = mixture->dimension;
  arb_ptr mean = _arb_vec_init(d), point = _arb_vec_init(d);
  arb_t front;
  integrand f;
  integrand_init(&f);
  arb_init(front);
  for (slong j = 0; j < d; j++) {
    arb_set_d(mean + j, mixture->mean[k * d + j]);
    arb_set_d(point + j, x[j]);
  }
  turn(mean, a, d, 1, bits);
  turn(point, a, d, 1, bits);
  for (slong j = 0; j < d; j++) {
    arb_set(f.mean, mean + j);
    arb_set(f.variance, a->variance + j);
    arb_set(f.x, point + j);
    arb_set(f.alpha, path->alpha);
    arb_set(f.beta, path->beta);
    constant_in_front(front, &f, bits);
    integrate(mass + j, &f, 0, bits);
    integrate(first + j, &f, 1, bits);
    arb_mul(mass + j, mass + j, front, bits);
    arb_mul(first + j, first + j, front, bits);
  }
  arb_clear(front);
  integrand_clear(&f);
  _arb_vec_clear(mean, d);
  _arb_vec_clear(point, d);
}

/* Adds component k: w_k prod_j I_j to density, and with the i-th factor replaced by its first moment to moment[i]. */
static void add_component(arb_t density, arb_ptr moment, const oracle_mixture *mixture, const oracle_path *path,
                          const double *x, slong k, slong bits) {
  slong d = mixture->dimension;
  arb_ptr mass = _arb_vec_init(d), first = _arb_vec_init(d), own = _arb_vec_init(d);
  arb_t product;
  axes a;
  arb_init(product);
  axes_init(&a, mixture, k, bits);
  integrate_axes(mass, first, &a, mixture, path, x, k, bits);
  for (slong i = -1; i < d; i++) { /* -1: the density itself */
    arb_set_d(product, mixture->weight[k]);
    for (slong j = 0; j < d; j++) arb_mul(product, product, j == i ? first + j : mass + j, bits);
    if (i < 0)
      arb_add(density, density, product, bits);
    else
      arb_set(own + i, product);
  }
  turn(own, &a, d, -1, bits);
  _arb_vec_add(moment, moment, own, d, bits);
  axes_clear(&a, d);
  arb_clear(product);
  _arb_vec_clear(mass, d);
  _arb_vec_clear(first, d);
  _arb_vec_clear(own, d);
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
  oracle_total_weight(t, mixture, bits);
  arb_div(density, density, t, bits);
  if (out->log_density) arb_log(out->log_density, density, bits);
  arb_clear(density);
  arb_clear(t);
  _arb_vec_clear(moment, d);
}
