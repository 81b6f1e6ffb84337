#include "tests/reference/gmm_diffusion/oracle.h"

#include <acb_calc.h>
#include <acb_hypgeom.h>
#include <math.h>

const oracle_law oracle_laws[ORACLE_LAWS] = {
    {2, {1, 1}, {-1, 1}, {-1, 1}, 1, 0},
    {2, {1, 3}, {-0.5, 1.5}, {-0.5, 1.5}, 1, 0.25},
    {3, {2, 1, 1}, {-3, 0.5, 2}, {-3, 0.5, 2}, 2, -0.5},
    {1, {1}, {-1.5}, {1.5}, 1, 0},
    {2, {1, 2}, {-2, 0.75}, {-0.5, 0.75}, 0.75, 0},
    {4, {1, 2, 3, 1}, {-4, -1, 1, 5}, {-3, -1, 2.5, 5}, 2, 0.125},
};

void oracle_line_set(oracle_line *out, const oracle_law *law) {
  for (size_t i = 0; i < law->count; i++)
    out->piece[i] =
        (assay_gmm_piece){assay_real_of(law->weight[i]), assay_real_of(law->left[i]), assay_real_of(law->right[i])};
  out->line = (assay_gmm_line){out->piece, law->count, assay_real_of(law->sigma), assay_real_of(law->centre)};
}

/* ---- the density as a series ---- */

/* (at - centre)/sigma - x, as x + epsilon. */
static void argument(acb_poly_t out, const oracle_law *law, double at, const acb_t x, slong prec) {
  acb_t value;
  arb_t sigma;
  acb_init(value), arb_init(sigma);
  acb_set_d(value, at - law->centre);
  arb_set_d(sigma, law->sigma);
  acb_div_arb(value, value, sigma, prec);
  acb_sub(value, value, x, prec);
  acb_poly_zero(out);
  acb_poly_set_coeff_acb(out, 0, value);
  acb_poly_set_coeff_si(out, 1, -1);
  acb_clear(value), arb_clear(sigma);
}

/* exp(-u^2/2)/sqrt(2 pi) */
static void atom(acb_poly_t out, const acb_poly_t u, slong length, slong prec) {
  acb_t factor;
  acb_init(factor);
  acb_poly_mullow(out, u, u, length, prec);
  acb_poly_scalar_mul_2exp_si(out, out, -1);
  acb_poly_neg(out, out);
  acb_poly_exp_series(out, out, length, prec);
  acb_const_pi(factor, prec);
  acb_mul_2exp_si(factor, factor, 1);
  acb_rsqrt(factor, factor, prec);
  acb_poly_scalar_mul(out, out, factor, prec);
  acb_clear(factor);
}

/* Phi(u) - 1/2 = erf(u/sqrt 2)/2 */
static void half_erf(acb_poly_t out, const acb_poly_t u, slong length, slong prec) {
  acb_t root;
  acb_init(root);
  acb_set_ui(root, 2);
  acb_rsqrt(root, root, prec);
  acb_poly_scalar_mul(out, u, root, prec);
  acb_hypgeom_erf_series(out, out, length, prec);
  acb_poly_scalar_mul_2exp_si(out, out, -1);
  acb_clear(root);
}

static void add_piece(acb_poly_t out, const oracle_law *law, size_t i, const acb_t x, slong length, slong prec) {
  acb_poly_t u, part, other;
  acb_t factor;
  acb_poly_init(u), acb_poly_init(part), acb_poly_init(other), acb_init(factor);
  double total = 0;
  for (size_t k = 0; k < law->count; k++) total += law->weight[k];
  acb_set_d(factor, law->weight[i]);
  argument(u, law, law->left[i], x, prec);
  if (law->left[i] == law->right[i]) {
    atom(part, u, length, prec);
  } else {
    half_erf(other, u, length, prec);
    argument(u, law, law->right[i], x, prec);
    half_erf(part, u, length, prec);
    acb_poly_sub(part, part, other, prec);
    arb_t width;
    arb_init(width);
    acb_set_d(factor, law->weight[i] * law->sigma);
    arb_set_d(width, law->right[i] - law->left[i]);
    acb_div_arb(factor, factor, width, prec);
    arb_clear(width);
  }
  acb_poly_scalar_mul(part, part, factor, prec);
  acb_set_d(factor, total);
  acb_poly_scalar_div(part, part, factor, prec);
  acb_poly_add(out, out, part, prec);
  acb_poly_clear(u), acb_poly_clear(part), acb_poly_clear(other), acb_clear(factor);
}

void oracle_density(acb_poly_t out, const oracle_law *law, size_t i, const acb_t x, slong length, slong prec) {
  acb_poly_zero(out);
  for (size_t k = 0; k < law->count; k++)
    if (i == k || i == law->count) add_piece(out, law, k, x, length, prec);
}

/* ---- integrals ---- */

typedef struct {
  const oracle_law *law;
  unsigned order, power;
} derivative;

/* Coefficient `order` of x + epsilon + p'/p, to the power, times order! and phi(x). */
static int derivative_at(acb_ptr out, const acb_t x, void *param, slong analytic, slong prec) {
  (void)analytic; /* p = 0 gives no finite number */
  const derivative *o = param;
  slong length = (slong)o->order + 2;
  acb_poly_t p, slope, unit;
  acb_t value, factor;
  acb_poly_init(p), acb_poly_init(slope), acb_poly_init(unit), acb_init(value), acb_init(factor);
  oracle_density(p, o->law, o->law->count, x, length, prec);
  acb_poly_derivative(slope, p, prec);
  acb_poly_div_series(slope, slope, p, length - 1, prec);
  acb_poly_get_coeff_acb(value, slope, (slong)o->order);
  if (o->order == 0) acb_add(value, value, x, prec);
  if (o->order == 1) acb_add_ui(value, value, 1, prec);
  acb_pow_ui(value, value, o->power, prec);
  acb_poly_set_coeff_acb(unit, 0, x);
  atom(slope, unit, 1, prec);
  acb_poly_get_coeff_acb(factor, slope, 0);
  acb_mul(out, value, factor, prec);
  for (unsigned k = 0; k < o->power; k++) {
    arb_fac_ui(acb_realref(factor), o->order, prec);
    acb_mul_arb(out, out, acb_realref(factor), prec);
  }
  acb_poly_clear(p), acb_poly_clear(slope), acb_poly_clear(unit), acb_clear(value), acb_clear(factor);
  return 0;
}

static int kept_mass_at(acb_ptr out, const acb_t x, void *param, slong analytic, slong prec) {
  (void)analytic;
  const oracle_law *law = param;
  acb_poly_t p;
  acb_t part, all;
  acb_poly_init(p), acb_init(part), acb_init(all);
  oracle_density(p, law, law->count, x, 1, prec);
  acb_poly_get_coeff_acb(all, p, 0);
  acb_zero(out);
  for (size_t i = 0; i < law->count; i++) {
    oracle_density(p, law, i, x, 1, prec);
    acb_poly_get_coeff_acb(part, p, 0);
    acb_addmul(out, part, part, prec);
  }
  acb_div(out, out, all, prec);
  acb_poly_clear(p), acb_clear(part), acb_clear(all);
  return 0;
}

static void integrate(arb_t out, acb_calc_func_t f, void *param, double reach) {
  acb_t a, b, integral;
  mag_t tolerance;
  acb_init(a), acb_init(b), acb_init(integral), mag_init(tolerance);
  acb_set_d(a, -reach), acb_set_d(b, reach);
  mag_set_ui_2exp_si(tolerance, 1, -64);
  acb_calc_integrate(integral, f, param, a, b, 64, tolerance, NULL, ORACLE_BITS);
  acb_get_real(out, integral);
  acb_clear(a), acb_clear(b), acb_clear(integral), mag_clear(tolerance);
}

/* What lies beyond: phi(12) and p(16) are below 2^-104, coefficients of m that count below 2^20. */
static void add_rest(arb_t out) {
  mag_t rest;
  mag_init(rest);
  mag_set_ui_2exp_si(rest, 1, -64);
  arb_add_error_mag(out, rest);
  mag_clear(rest);
}

void oracle_derivative(arb_t out, const oracle_law *law, unsigned order, unsigned power) {
  derivative o = {law, order, power};
  integrate(out, derivative_at, &o, 12);
  add_rest(out);
}

void oracle_far_mass(arb_t out, const oracle_law *law) {
  integrate(out, kept_mass_at, (void *)law, 16);
  add_rest(out);
  arb_sub_ui(out, out, 1, ORACLE_BITS);
  arb_neg(out, out);
}

double oracle_mean(const oracle_law *law, double x) {
  double above = 0, below = 0;
  for (size_t i = 0; i < law->count; i++) {
    double v = (law->left[i] - law->centre) / law->sigma, p = law->weight[i] * exp(v * (x - v / 2));
    above += p * v, below += p;
  }
  return above / below;
}
