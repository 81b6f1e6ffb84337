/* The continuity equation d/dt log p_t + div b + <b, score> = 0 on every schedule: the reference's divergence, velocity
 * and score against the time derivative of log p_t, a power series in t by Arb from the path's definition. */
#include "testing.h"

#include <assay/reference.h>

#include <arb_poly.h>

enum { DIMENSION = 3, COUNT = 3, GOAL = 120, BITS = 400, ORDER = 2 };

typedef struct {
  const char *text;
  void (*path)(arb_poly_t alpha_square, arb_poly_t beta, const arb_poly_t time);
} listed_schedule;

/* ---- paths as series, time = t + epsilon ---- */

static void one_minus(arb_poly_t out, const arb_poly_t in) {
  arb_poly_t one;
  arb_poly_init(one);
  arb_poly_one(one);
  arb_poly_sub(out, one, in, BITS);
  arb_poly_clear(one);
}

static void linear(arb_poly_t alpha_square, arb_poly_t beta, const arb_poly_t time) {
  arb_poly_set(beta, time);
  one_minus(alpha_square, time);
  arb_poly_mullow(alpha_square, alpha_square, alpha_square, ORDER, BITS);
}

static void trigonometric(arb_poly_t alpha_square, arb_poly_t beta, const arb_poly_t time) {
  arb_poly_t half;
  arb_poly_init(half);
  arb_poly_scalar_mul_2exp_si(half, time, -1);
  arb_poly_sin_cos_pi_series(beta, alpha_square, half, ORDER, BITS);
  arb_poly_mullow(alpha_square, alpha_square, alpha_square, ORDER, BITS);
  arb_poly_clear(half);
}

static void cubic(arb_poly_t alpha_square, arb_poly_t beta, const arb_poly_t time) {
  arb_poly_pow_ui_trunc_binexp(beta, time, 3, ORDER, BITS);
  one_minus(alpha_square, beta);
  arb_poly_mullow(alpha_square, alpha_square, alpha_square, ORDER, BITS);
}

static void close_circle(arb_poly_t alpha_square, const arb_poly_t beta) {
  arb_poly_mullow(alpha_square, beta, beta, ORDER, BITS);
  one_minus(alpha_square, alpha_square);
}

static void linear_vp(arb_poly_t alpha_square, arb_poly_t beta, const arb_poly_t time) {
  arb_poly_set(beta, time);
  close_circle(alpha_square, beta);
}

/* BMIN = 1/10, BMAX = 20: beta = exp(-(199/20 u^2 + u/10)/2). */
static void vp(arb_poly_t alpha_square, arb_poly_t beta, const arb_poly_t time) {
  arb_poly_t rest, sum;
  arb_t factor;
  arb_poly_init(rest), arb_poly_init(sum), arb_init(factor);
  one_minus(rest, time);
  arb_poly_mullow(sum, rest, rest, ORDER, BITS);
  arb_set_si(factor, -199);
  arb_div_ui(factor, factor, 40, BITS);
  arb_poly_scalar_mul(sum, sum, factor, BITS);
  arb_set_si(factor, -1);
  arb_div_ui(factor, factor, 20, BITS);
  arb_poly_scalar_mul(rest, rest, factor, BITS);
  arb_poly_add(sum, sum, rest, BITS);
  arb_poly_exp_series(beta, sum, ORDER, BITS);
  arb_poly_clear(rest), arb_poly_clear(sum), arb_clear(factor);
  close_circle(alpha_square, beta);
}

static const listed_schedule listed[] = {{"linear", linear},
                                         {"trigonometric", trigonometric},
                                         {"polynomial:3", cubic},
                                         {"linear-vp", linear_vp},
                                         {"vp:1/10:20", vp}};
enum { LISTED = sizeof listed / sizeof *listed };

/* ---- log p_t ---- */

/* Adds w exp(-|x - beta m|^2/(2 v))/v^(d/2), v = alpha^2 + s beta^2, up to (2 pi)^(d/2). */
static void add_component(arb_poly_t sum, const assay_component *c, const arb_poly_t alpha_square,
                          const arb_poly_t beta, const double *x) {
  arb_poly_t v, square, u;
  arb_t number;
  arb_poly_init(v), arb_poly_init(square), arb_poly_init(u), arb_init(number);
  for (size_t j = 0; j < DIMENSION; j++) {
    arb_set_d(number, -c->mean[j]);
    arb_poly_scalar_mul(u, beta, number, BITS);
    arb_set_d(number, x[j]);
    arb_poly_set_arb(v, number);
    arb_poly_add(u, u, v, BITS);
    arb_poly_mullow(u, u, u, ORDER, BITS);
    arb_poly_add(square, square, u, BITS);
  }
  arb_poly_mullow(v, beta, beta, ORDER, BITS);
  arb_set_d(number, c->covariance.variance.nearest);
  arb_poly_scalar_mul(v, v, number, BITS);
  arb_poly_add(v, v, alpha_square, BITS);
  arb_poly_div_series(square, square, v, ORDER, BITS);
  arb_poly_scalar_mul_2exp_si(square, square, -1);
  arb_poly_neg(square, square);
  arb_poly_exp_series(square, square, ORDER, BITS);
  arb_poly_pow_ui_trunc_binexp(v, v, DIMENSION, ORDER, BITS);
  arb_poly_rsqrt_series(v, v, ORDER, BITS);
  arb_poly_mullow(square, square, v, ORDER, BITS);
  arb_set_d(number, c->weight.nearest);
  arb_poly_scalar_mul(square, square, number, BITS);
  arb_poly_add(sum, sum, square, BITS);
  arb_poly_clear(v), arb_poly_clear(square), arb_poly_clear(u), arb_clear(number);
}

static void log_density_rate(arb_t out, const listed_schedule *schedule, const assay_mixture *mixture, double t,
                             const double *x) {
  arb_poly_t time, alpha_square, beta, sum;
  arb_t number;
  arb_poly_init(time), arb_poly_init(alpha_square), arb_poly_init(beta), arb_poly_init(sum), arb_init(number);
  arb_set_d(number, t);
  arb_poly_set_coeff_arb(time, 0, number);
  arb_poly_set_coeff_si(time, 1, 1);
  schedule->path(alpha_square, beta, time);
  for (size_t k = 0; k < mixture->count; k++) add_component(sum, &mixture->components[k], alpha_square, beta, x);
  arb_poly_log_series(sum, sum, ORDER, BITS);
  arb_poly_get_coeff_arb(out, sum, 1);
  arb_poly_clear(time), arb_poly_clear(alpha_square), arb_poly_clear(beta), arb_poly_clear(sum), arb_clear(number);
}

/* ---- the equation ---- */

static void add_enclosure(arb_t out, mpfi_srcptr value) {
  arb_t term;
  arb_init(term);
  arb_set_interval_mpfr(term, &value->left, &value->right, BITS);
  arb_add(out, out, term, BITS);
  arb_clear(term);
}

static void check(const listed_schedule *schedule, const assay_mixture *mixture, double t, const double *x) {
  char storage[64];
  assay_context context;
  assay_context_init(&context);
  assay_schedule parsed;
  assert_int_equal(assay_schedule_parse(&parsed, schedule->text, storage, &context), ASSAY_OK);
  assay_path_point point = assay_path_point_at(parsed, assay_real_of(t));
  mpfi_ptr values = NULL, velocity, score;
  assert_int_equal(assay_enclosures_init(&values, 2 * DIMENSION + 1, &context), ASSAY_OK);
  velocity = values + 1, score = velocity + DIMENSION;
  const assay_quantity quantities[] = {ASSAY_DIVERGENCE, ASSAY_VELOCITY, ASSAY_SCORE};
  mpfi_ptr at[] = {values, velocity, score};
  for (size_t k = 0; k < 3; k++) {
    assay_status status = assay_reference_field(at[k], quantities[k], mixture, &point, x, 1, GOAL, &context);
    test_check(status == ASSAY_OK, "%s at %a: %s", schedule->text, t, context.message);
  }
  arb_t rest;
  arb_init(rest);
  log_density_rate(rest, schedule, mixture, t, x);
  double size = arf_get_d(arb_midref(rest), ARF_RND_UP);
  add_enclosure(rest, values);
  for (size_t j = 0; j < DIMENSION; j++) {
    mpfi_mul(&velocity[j], &velocity[j], &score[j]);
    add_enclosure(rest, &velocity[j]);
  }
  /* three enclosures of relative width 2^-120 each */
  test_check(arb_contains_zero(rest) && mag_cmp_2exp_si(arb_radref(rest), -60) < 0,
             "%s at %a, x_1 = %a: d/dt log p is %g, all in all %g +- %g", schedule->text, t, x[0], size,
             arf_get_d(arb_midref(rest), ARF_RND_NEAR), mag_get_d(arb_radref(rest)));
  arb_clear(rest);
  assay_enclosures_clear(values, 2 * DIMENSION + 1);
}

static void continuity_holds(void **state) {
  (void)state;
  static const double times[] = {0x1p-20, 0.125, 0.5, 0.9375, 1 - 0x1p-20};
  assay_context context;
  assay_context_init(&context);
  test_random random = test_random_new(0xc04);
  for (size_t i = 0; i < test_cases(10); i++) {
    assay_mixture mixture;
    assert_int_equal(assay_mixture_init(&mixture, DIMENSION, 1 + i % COUNT, &context), ASSAY_OK);
    for (size_t k = 0; k < mixture.count; k++) {
      mixture.components[k].weight = assay_real_of(test_uniform(&random, 0.1, 1));
      mixture.components[k].covariance.variance = assay_real_of(test_uniform(&random, 0.2, 2));
      for (size_t j = 0; j < DIMENSION; j++) mixture.components[k].mean[j] = test_normal(&random);
    }
    double x[DIMENSION];
    for (size_t j = 0; j < DIMENSION; j++) x[j] = test_normal(&random);
    for (size_t k = 0; k < LISTED; k++)
      for (size_t t = 0; t < sizeof times / sizeof *times; t++) check(&listed[k], &mixture, times[t], x);
    assay_mixture_clear(&mixture);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(continuity_holds)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
