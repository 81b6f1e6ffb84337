/* Bayes-optimal rates against Arb's integrals over x-space: posterior variance for B3, the lesser of the two weighted
 * densities for B4, and the posterior of a Gaussian mean by completing squares for B1. */
#include "testing.h"

#include "reference/flow_dae/overlap.h"
#include "tests/reference/arb_bridge.h"

#include <assay/reference.h>

#include <acb.h>
#include <acb_calc.h>
#include <math.h>
#include <string.h>

enum { BITS = 400, GOAL = 100 };

/* One coordinate along mu: x_t = beta (+-m + sigma z) + alpha e. */
typedef struct {
  arb_t alpha, beta, m, sigma2, variance;
} channel;

static void channel_init(channel *c, double alpha, double beta, double norm2, double sigma) {
  arb_init(c->alpha), arb_init(c->beta), arb_init(c->m), arb_init(c->sigma2), arb_init(c->variance);
  arb_set_d(c->alpha, alpha), arb_set_d(c->beta, beta), arb_set_d(c->sigma2, sigma), arb_set_d(c->m, norm2);
  arb_mul(c->sigma2, c->sigma2, c->sigma2, BITS);
  arb_sqrt(c->m, c->m, BITS);
  arb_mul(c->variance, c->beta, c->beta, BITS);
  arb_mul(c->variance, c->variance, c->sigma2, BITS);
  arb_addmul(c->variance, c->alpha, c->alpha, BITS);
}

static void channel_clear(channel *c) {
  arb_clear(c->alpha), arb_clear(c->beta), arb_clear(c->m), arb_clear(c->sigma2), arb_clear(c->variance);
}

/* N(x; side beta m, v). */
static void density(acb_t out, const channel *c, const acb_t x, int side, slong prec) {
  acb_t u;
  arb_t t;
  acb_init(u), arb_init(t);
  arb_mul(t, c->beta, c->m, prec);
  arb_mul_si(t, t, side, prec);
  acb_sub_arb(u, x, t, prec);
  acb_mul(u, u, u, prec);
  acb_div_arb(u, u, c->variance, prec);
  acb_mul_2exp_si(u, u, -1);
  acb_neg(u, u);
  acb_exp(u, u, prec);
  arb_const_pi(t, prec);
  arb_mul_2exp_si(t, t, 1);
  arb_mul(t, t, c->variance, prec);
  arb_rsqrt(t, t, prec);
  acb_mul_arb(out, u, t, prec);
  acb_clear(u), arb_clear(t);
}

/* Posterior precision of x_1 given x_t and the component: 1/sigma^2 + beta^2/alpha^2. */
static void component_precision(arb_t out, const channel *c, slong prec) {
  arb_t t;
  arb_init(t);
  arb_div(t, c->beta, c->alpha, prec);
  arb_mul(t, t, t, prec);
  arb_inv(out, c->sigma2, prec);
  arb_add(out, out, t, prec);
  arb_clear(t);
}

/* Posterior mean of x_1 given x and the component: (side m/sigma^2 + beta x/alpha^2)/precision. */
static void component_mean(acb_t out, const channel *c, const acb_t x, int side, slong prec) {
  arb_t t;
  arb_init(t);
  acb_mul_arb(out, x, c->beta, prec);
  acb_div_arb(out, out, c->alpha, prec);
  acb_div_arb(out, out, c->alpha, prec);
  arb_mul_si(t, c->m, side, prec);
  arb_div(t, t, c->sigma2, prec);
  acb_add_arb(out, out, t, prec);
  component_precision(t, c, prec);
  acb_div_arb(out, out, t, prec);
  arb_clear(t);
}

/* p(x) Var(x_1 | x), less the component's own variance: weights p_k, means f_k, sum p_k f_k^2 - (sum p_k f_k)^2. */
static int spread_of_means(acb_ptr out, const acb_t x, void *param, slong order, slong prec) {
  (void)order; /* the one pole, total = 0, makes the division's ball indeterminate */
  const channel *c = param;
  acb_t p[2], f[2], total, first, second;
  acb_init(total), acb_init(first), acb_init(second);
  for (int k = 0; k < 2; k++) {
    acb_init(p[k]), acb_init(f[k]);
    density(p[k], c, x, 1 - 2 * k, prec);
    component_mean(f[k], c, x, 1 - 2 * k, prec);
    acb_add(total, total, p[k], prec);
  }
  for (int k = 0; k < 2; k++) {
    acb_mul(f[k], f[k], p[k], prec);
    acb_add(first, first, f[k], prec);
    component_mean(p[k], c, x, 1 - 2 * k, prec); /* p[k] is spent */
    acb_addmul(second, f[k], p[k], prec);
  }
  acb_mul(first, first, first, prec);
  acb_div(first, first, total, prec);
  acb_sub(second, second, first, prec);
  acb_mul_2exp_si(out, second, -1); /* weights 1/2 */
  for (int k = 0; k < 2; k++) acb_clear(p[k]), acb_clear(f[k]);
  acb_clear(total), acb_clear(first), acb_clear(second);
  return 0;
}

static void integrate(arb_t out, acb_calc_func_t f, channel *c, double from, double to, long tolerance_bits) {
  acb_t a, b, r;
  mag_t tolerance;
  acb_init(a), acb_init(b), acb_init(r), mag_init(tolerance);
  acb_set_d(a, from), acb_set_d(b, to);
  if (tolerance_bits) mag_set_ui_2exp_si(tolerance, 1, -tolerance_bits);
  acb_calc_integrate(r, f, c, a, b, GOAL + 20, tolerance, NULL, BITS);
  arb_set(out, acb_realref(r));
  acb_clear(a), acb_clear(b), acb_clear(r), mag_clear(tolerance);
}

/* d/precision + int p Var(mean). Beyond beta m + 20 sqrt(v) on either side the integrand is below m^2 times the density
 * (the means differ by less than 2 m), so under 2^-280 m^2 is cut off. */
static void denoising_oracle(arb_t out, channel *c, size_t dimension) {
  double reach = arf_get_d(arb_midref(c->beta), ARF_RND_UP) * arf_get_d(arb_midref(c->m), ARF_RND_UP) +
                 20 * sqrt(arf_get_d(arb_midref(c->variance), ARF_RND_UP));
  arb_t t;
  arb_init(t);
  integrate(out, spread_of_means, c, -reach, reach, GOAL + 40);
  arb_add_error_2exp_si(out, -250);
  component_precision(t, c, BITS);
  arb_inv(t, t, BITS);
  arb_addmul_ui(out, t, dimension, BITS);
  arb_clear(t);
}

static void test_denoising(void **state) {
  (void)state;
  test_random random = test_random_new(51);
  mpfi_t ours;
  mpfi_init(ours);
  arb_t oracle;
  arb_init(oracle);
  for (size_t i = 0; i < test_cases(12); i++) {
    double alpha = test_uniform(&random, 0.05, 1), beta = test_uniform(&random, 0, 1);
    double norm2 = exp(test_uniform(&random, -6, 3)), sigma = test_uniform(&random, 0.3, 2);
    size_t dimension = test_integer(&random, 1, 5);
    assay_path_point point = assay_path_point_of(assay_real_of(alpha), assay_real_of(beta));
    assay_context context;
    assay_context_init(&context);
    assay_status status = assay_reference_bayes_denoising(ours, dimension, assay_real_of(norm2), assay_real_of(sigma),
                                                          &point, GOAL, &context);
    channel c;
    channel_init(&c, alpha, beta, norm2, sigma);
    denoising_oracle(oracle, &c, dimension);
    test_check(!status && bridge_meets(ours, oracle), "alpha %a, beta %a, R %a, sigma %a, d %zu: %s, oracle %s (%s)",
               alpha, beta, norm2, sigma, dimension, bridge_text(ours), bridge_ball(oracle), context.message);
    test_check(bridge_narrow(ours, GOAL - 10), "%s is wide", bridge_text(ours));
    test_check(arb_rel_accuracy_bits(oracle) > GOAL - 5, "the oracle is wide: %s", bridge_ball(oracle));
    channel_clear(&c);
  }
  mpfi_clear(ours);
  arb_clear(oracle);
}

/* Exact ends, and separations far beyond what an integral would resolve. */
static void test_denoising_ends(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  mpfi_t r;
  mpfi_init(r);
  const assay_schedule_kind schedules[] = {ASSAY_LINEAR, ASSAY_TRIGONOMETRIC};
  for (size_t k = 0; k < 2; k++) {
    assay_path_point noise = assay_path_point_at(assay_schedule_of(schedules[k]), assay_real_of(0)),
                     data = assay_path_point_at(assay_schedule_of(schedules[k]), assay_real_of(1));
    assert_int_equal(
        assay_reference_bayes_denoising(r, 3, assay_real_of(7), assay_real_of(0.5), &noise, GOAL, &context), ASSAY_OK);
    assert_true(mpfr_cmp_d(&r->left, 7.75) == 0 && mpfr_cmp_d(&r->right, 7.75) == 0); /* 3/4 + 7 */
    assert_int_equal(assay_reference_bayes_denoising(r, 3, assay_real_of(7), assay_real_of(0.5), &data, GOAL, &context),
                     ASSAY_OK);
    assert_true(mpfi_is_zero(r) > 0);
  }
  /* alpha = beta = 1, sigma = 1: v = 2, s = 1/2; far apart only d s is left, whatever the separation. */
  assay_path_point middle = assay_path_point_of(assay_real_of(1), assay_real_of(1));
  const double norm2[] = {0, 1e6, 1e12, 1e100, 1e300};
  for (size_t k = 0; k < 5; k++) {
    assert_int_equal(
        assay_reference_bayes_denoising(r, 3, assay_real_of(norm2[k]), assay_real_of(1), &middle, GOAL, &context),
        ASSAY_OK);
    assert_true(mpfr_cmp_d(&r->left, 1.5) <= 0 && mpfr_cmp_d(&r->right, 1.5) >= 0 && bridge_narrow(r, GOAL - 2));
  }
  mpfi_clear(r);
}

/* ---- overlaps: both integrals meet 1 - gap (Nishimori), and more bits stay inside ---- */

static void test_overlaps(void **state) {
  (void)state;
  test_random random = test_random_new(52);
  for (size_t i = 0; i < test_cases(12); i++) {
    double kappa = exp(test_uniform(&random, log(0.01), log(50)));
    iv_scope *s = iv_scope_new(120), *finer = iv_scope_new(480);
    iv exact = iv_d(s, kappa), gap = overlap_gap(s, exact, 50, NULL, NULL), one = iv_ui(s, 1);
    iv rest = iv_sub(s, one, gap), mean = overlap_mean(s, exact, 50), square = overlap_square(s, exact, 50);
    test_check(iv_overlap(rest, mean) == IV_TRUE && iv_overlap(rest, square) == IV_TRUE,
               "kappa = %a: 1 - gap = %s, mean %s, square %s", kappa, bridge_text(rest), bridge_text(mean),
               bridge_text(square));
    test_check(bridge_narrow(mean, 48) && bridge_narrow(square, 48), "kappa = %a", kappa);
    iv point = iv_d(finer, kappa);
    test_check(iv_contains(gap, overlap_gap(finer, point, 200, NULL, NULL)), "kappa = %a: gap", kappa);
    test_check(iv_contains(mean, overlap_mean(finer, point, 200)), "kappa = %a: mean", kappa);
    test_check(iv_contains(square, overlap_square(finer, point, 200)), "kappa = %a: square", kappa);
    /* A range of kappa encloses the values inside it. */
    iv range = iv_hull(s, iv_d(s, kappa * 0.999), iv_d(s, kappa * 1.001));
    test_check(iv_contains(overlap_gap(s, range, 50, NULL, NULL), gap) &&
                   iv_contains(overlap_mean(s, range, 50), mean) && iv_contains(overlap_square(s, range, 50), square),
               "kappa = %a: range", kappa);
    iv_scope_free(s), iv_scope_free(finer);
  }
}

/* Relative accuracy of the gap: for large kappa, exp(-kappa/2) sqrt(pi/(2 kappa)) (1 - pi^2/(8 kappa) + ...), from
 * int sech = pi and int y^2 sech = pi^3/4. */
static void test_gap_far(void **state) {
  (void)state;
  const double kappas[] = {1e3, 1e6, 1e9};
  for (size_t k = 0; k < 3; k++) {
    iv_scope *s = iv_scope_new(200);
    iv kappa = iv_d(s, kappas[k]), gap = overlap_gap(s, kappa, 100, NULL, NULL);
    iv leading = iv_mul(s, iv_exp(s, iv_mul_2si(s, iv_neg(s, kappa), -1)),
                        iv_sqrt(s, iv_div(s, iv_pi(s), iv_mul_2si(s, kappa, 1))));
    iv ratio = iv_div(s, gap, leading);
    /* the next term is int y^4 sech/(8 kappa^2 pi) = 5 pi^4/(128 kappa^2): alternating, so an upper bound of the error
     */
    double second = 9.869604401089358 / (8 * kappas[k]), third = 3.81 / (kappas[k] * kappas[k]);
    test_check(fabs(iv_mid_d(ratio) - 1 + second) <= third + 0x1p-52, "kappa = %g: ratio %s", kappas[k],
               bridge_text(ratio));
    test_check(iv_width_d(ratio) < 0x1p-98, "kappa = %g: ratio %s", kappas[k], bridge_text(ratio));
    iv_scope_free(s);
  }
  iv_scope *s = iv_scope_new(100);
  assert_true(iv_contains_d(overlap_gap(s, iv_ui(s, 0), 50, NULL, NULL), 1) &&
              iv_is_zero(overlap_mean(s, iv_ui(s, 0), 50)) && iv_is_zero(overlap_square(s, iv_ui(s, 0), 50)));
  iv_scope_free(s);
}

/* ---- B4 ---- */

static int plus_density(acb_ptr out, const acb_t x, void *param, slong order, slong prec) {
  (void)order; /* entire */
  density(out, param, x, 1, prec);
  return 0;
}

/* The lesser of the two halves: for x < 0 that of the + component, for x > 0 its mirror image. The density at x < 0 is
 * below that at 0 times exp(x beta m/v) and exp(-x^2/(2v)): cut where the smaller is exp(-300). */
static void classification_oracle(arb_t out, channel *c) {
  double slope = arf_get_d(arb_midref(c->beta), ARF_RND_DOWN) * arf_get_d(arb_midref(c->m), ARF_RND_DOWN);
  double v = arf_get_d(arb_midref(c->variance), ARF_RND_UP);
  integrate(out, plus_density, c, -fmin(300 * v / slope, sqrt(600 * v)), 0, 0);
}

static void check_classification(double alpha, double beta, double norm2, double sigma) {
  mpfi_t ours;
  mpfi_init(ours);
  arb_t oracle, difference;
  arb_init(oracle), arb_init(difference);
  assay_context context;
  assay_context_init(&context);
  assay_path_point point = assay_path_point_of(assay_real_of(alpha), assay_real_of(beta));
  assay_status status =
      assay_reference_bayes_classification(ours, assay_real_of(norm2), assay_real_of(sigma), &point, GOAL, &context);
  channel c;
  channel_init(&c, alpha, beta, norm2, sigma);
  classification_oracle(oracle, &c);
  bridge_set(difference, ours);
  test_check(!status && arb_rel_accuracy_bits(difference) >= GOAL - 2, "R %a: %s is wide (%s)", norm2,
             bridge_text(ours), context.message);
  arb_div(difference, difference, oracle, BITS);
  arb_sub_ui(difference, difference, 1, BITS);
  arb_add_error_2exp_si(difference, -GOAL); /* the cut and the oracle's own error are far below this */
  test_check(arb_contains_zero(difference), "alpha %a, beta %a, R %a, sigma %a: %s, oracle %s", alpha, beta, norm2,
             sigma, bridge_text(ours), bridge_ball(oracle));
  test_check(arb_rel_accuracy_bits(oracle) > GOAL, "the oracle is wide: %s", bridge_ball(oracle));
  channel_clear(&c);
  arb_clear(oracle), arb_clear(difference);
  mpfi_clear(ours);
}

static void test_classification(void **state) {
  (void)state;
  test_random random = test_random_new(53);
  for (size_t i = 0; i < test_cases(20); i++) {
    double alpha = test_uniform(&random, 0, 1), beta = test_uniform(&random, 0.1, 1);
    double norm2 = exp(test_uniform(&random, -3, 9)), sigma = test_uniform(&random, 0.3, 2);
    check_classification(alpha, beta, norm2, sigma);
  }
  check_classification(0.5, 0.5, 6000, 0.5); /* 10^-1044 */
  assay_context context;
  assay_context_init(&context);
  mpfi_t r;
  mpfi_init(r);
  assay_path_point noise = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0));
  assert_int_equal(assay_reference_bayes_classification(r, assay_real_of(4), assay_real_of(1), &noise, GOAL, &context),
                   ASSAY_OK);
  assert_true(mpfr_cmp_d(&r->left, 0.5) == 0 && mpfr_cmp_d(&r->right, 0.5) == 0);
  mpfi_clear(r);
}

/* ---- B1: posterior precision 1/r + n/sigma^2 per coordinate ---- */

static void test_estimation(void **state) {
  (void)state;
  test_random random = test_random_new(54);
  mpfi_t ours;
  mpfi_init(ours);
  arb_t oracle, t;
  arb_init(oracle), arb_init(t);
  for (size_t i = 0; i < test_cases(30); i++) {
    size_t samples = test_integer(&random, 1, 1000);
    double sigma = test_uniform(&random, 0.1, 3), norm2 = test_uniform(&random, 0.1, 3);
    assay_context context;
    assay_context_init(&context);
    assert_int_equal(
        assay_reference_bayes_estimation(ours, samples, assay_real_of(sigma), assay_real_of(norm2), GOAL, &context),
        ASSAY_OK);
    arb_set_d(t, sigma);
    arb_mul(t, t, t, BITS);
    arb_ui_div(oracle, samples, t, BITS);
    arb_set_d(t, norm2);
    arb_inv(t, t, BITS);
    arb_add(oracle, oracle, t, BITS);
    arb_inv(oracle, oracle, BITS);
    test_check(bridge_meets(ours, oracle) && bridge_narrow(ours, GOAL - 2), "n %zu, sigma %a, r %a: %s, oracle %s",
               samples, sigma, norm2, bridge_text(ours), bridge_ball(oracle));
  }
  arb_clear(oracle), arb_clear(t);
  mpfi_clear(ours);
}

/* ---- refusals ---- */

static void expect(assay_status got, assay_status status, const char *message, const assay_context *context,
                   mpfi_srcptr out) {
  test_check(got == status && strstr(context->message, message), "status %d, '%s'; expected %d, '%s'", (int)got,
             context->message, (int)status, message);
  test_check(mpfi_cmp_ui(out, 77) == 0, "output touched by '%s'", message);
}

static int stop(void *self, const char *what, double fraction) {
  (void)self, (void)what, (void)fraction;
  return 1;
}

static void test_refusals(void **state) {
  (void)state;
  assay_context c;
  assay_context_init(&c);
  mpfi_t r;
  mpfi_init(r);
  mpfi_set_ui(r, 77);
  assay_real one = assay_real_of(1), zero = assay_real_of(0), minus = assay_real_of(-1);
  assay_path_point half = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5)),
                   late = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(2));
  expect(assay_reference_bayes_estimation(r, 0, one, one, 50, &c), ASSAY_INVALID, "samples", &c, r);
  expect(assay_reference_bayes_estimation(r, 1, zero, one, 50, &c), ASSAY_INVALID, "sigma", &c, r);
  expect(assay_reference_bayes_estimation(r, 1, one, zero, 50, &c), ASSAY_INVALID, "norm2", &c, r);
  expect(assay_reference_bayes_denoising(r, 0, one, one, &half, 50, &c), ASSAY_INVALID, "dimension", &c, r);
  expect(assay_reference_bayes_denoising(r, 1, minus, one, &half, 50, &c), ASSAY_INVALID, "mean_norm2", &c, r);
  expect(assay_reference_bayes_denoising(r, 1, one, minus, &half, 50, &c), ASSAY_INVALID, "sigma", &c, r);
  expect(assay_reference_bayes_denoising(r, 1, one, one, &late, 50, &c), ASSAY_INVALID, "time", &c, r);
  expect(assay_reference_bayes_classification(r, minus, one, &half, 50, &c), ASSAY_INVALID, "mean_norm2", &c, r);
  expect(assay_reference_bayes_classification(r, one, zero, &half, 50, &c), ASSAY_INVALID, "sigma", &c, r);
  expect(assay_reference_bayes_classification(r, one, one, &late, 50, &c), ASSAY_INVALID, "time", &c, r);
  expect(assay_reference_bayes_classification(r, one, one, &half, -3, &c), ASSAY_INVALID, "goal_bits: -3", &c, r);
  c.max_bits = 80;
  expect(assay_reference_bayes_classification(r, one, one, &half, 100, &c), ASSAY_PRECISION, "max_bits = 80", &c, r);
  c.max_bits = 4096; /* Phi(-1e15): no precision holds it, and the message says so */
  expect(assay_reference_bayes_classification(r, assay_real_of(1e30), one, &half, 50, &c), ASSAY_PRECISION,
         "below MPFR's smallest number", &c, r);
  c.progress = stop;
  expect(assay_reference_bayes_denoising(r, 1, one, one, &half, 500, &c), ASSAY_CANCELLED, "Bayes denoising", &c, r);
  mpfi_clear(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_denoising), cmocka_unit_test(test_denoising_ends), cmocka_unit_test(test_overlaps),
      cmocka_unit_test(test_gap_far),   cmocka_unit_test(test_classification), cmocka_unit_test(test_estimation),
      cmocka_unit_test(test_refusals),
  };
  return cmocka_run_group_tests_name("Bayes-optimal rates", tests, NULL, NULL);
}
