/* F(nu, nu) against Arb's incomplete beta function of equal parameters, x/(1+x) in place of the half logarithm; for
 * degrees beyond its reach against Arb's integrals of the density; and against closed forms. */
#include "reference/flow_dae/variance_ratio.h"

#include "testing.h"

#include "reference/core/interval.h"
#include "tests/reference/arb_bridge.h"

#include <acb.h>
#include <acb_calc.h>
#include <arb_hypgeom.h>
#include <math.h>
#include <string.h>

enum { GOAL = 100, BITS = 400 };

typedef assay_status (*tail)(mpfi_ptr, mpfi_srcptr, uint64_t, long, assay_context *);
typedef void (*oracle)(arb_t out, uint64_t degrees, const arb_t x);

static const tail tails[] = {variance_ratio_below, variance_ratio_above};
static const char *const names[] = {"below", "above"};

static void probability(mpfi_ptr out, int which, double x, uint64_t degrees, long goal) {
  assay_context context;
  assay_context_init(&context);
  mpfi_t point;
  mpfi_init2(point, 53);
  mpfi_set_d(point, x);
  assay_status status = tails[which](out, point, degrees, goal, &context);
  test_check(status == ASSAY_OK, "%s, x = %a, nu = %llu: %s", names[which], x, (unsigned long long)degrees,
             context.message);
  mpfi_clear(point);
}

/* The upper tail at x is the lower one at 1/x. */
static void check_point(oracle truth, double x, uint64_t degrees) {
  arb_t ball, argument;
  mpfi_t out;
  arb_init(ball), arb_init(argument), mpfi_init(out);
  for (int which = 0; which < 2; which++) {
    probability(out, which, x, degrees, GOAL);
    arb_set_d(argument, x);
    if (which) arb_inv(argument, argument, BITS);
    truth(ball, degrees, argument);
    test_check(arb_rel_accuracy_bits(ball) > GOAL, "the oracle failed: x = %a, nu = %llu: %s", x,
               (unsigned long long)degrees, bridge_ball(ball));
    test_check(bridge_meets(out, ball) && iv_reached(out, GOAL, 0), "%s, x = %a, nu = %llu: %s, Arb %s", names[which],
               x, (unsigned long long)degrees, bridge_text(out), bridge_ball(ball));
  }
  arb_clear(ball), arb_clear(argument), mpfi_clear(out);
}

/* ---- oracles for P(F <= x) ---- */

static void incomplete_beta(arb_t out, uint64_t degrees, const arb_t x) {
  arb_t half, z;
  arb_init(half), arb_init(z);
  arb_set_ui(half, degrees);
  arb_mul_2exp_si(half, half, -1);
  arb_add_ui(z, x, 1, BITS);
  arb_div(z, x, z, BITS);
  arb_hypgeom_beta_lower(out, half, half, z, 1, BITS);
  arb_clear(half), arb_clear(z);
}

/* Degrees 1: (2/pi) atan sqrt x. 2: x/(1+x) = z. 4: z^2 (3 - 2z). */
static void elementary(arb_t out, uint64_t degrees, const arb_t x) {
  arb_t z;
  arb_init(z);
  if (degrees == 1) {
    arb_sqrt(z, x, BITS);
    arb_atan(out, z, BITS);
    arb_const_pi(z, BITS);
    arb_div(out, out, z, BITS);
    arb_mul_2exp_si(out, out, 1);
  } else {
    arb_add_ui(z, x, 1, BITS);
    arb_div(out, x, z, BITS);
  }
  if (degrees == 4) {
    arb_mul_si(z, out, -2, BITS);
    arb_add_ui(z, z, 3, BITS);
    arb_mul(z, z, out, BITS);
    arb_mul(out, out, z, BITS);
  }
  arb_clear(z);
}

/* cosh(u/sqrt(nu))^-nu, u in units of about a standard deviation; cosh v = 1 + 2 sinh^2(v/2). acb_log_analytic tells
 * the integrator where this is not holomorphic. */
static int density(acb_ptr out, const acb_t u, void *param, slong order, slong prec) {
  const uint64_t degrees = *(const uint64_t *)param;
  arb_t root;
  acb_t v;
  arb_init(root), acb_init(v);
  arb_sqrt_ui(root, degrees, prec);
  acb_div_arb(v, u, root, prec);
  acb_mul_2exp_si(v, v, -1);
  acb_sinh(v, v, prec);
  acb_mul(v, v, v, prec);
  acb_mul_2exp_si(v, v, 1);
  acb_add_ui(v, v, 1, prec);
  acb_log_analytic(v, v, order != 0, prec);
  acb_mul_ui(v, v, degrees, prec);
  acb_neg(v, v);
  acb_exp(out, v, prec);
  arb_clear(root), acb_clear(v);
  return 0;
}

static void integrate(arb_t out, uint64_t degrees, const arb_t from, const arb_t to) {
  acb_t a, b, integral;
  mag_t tolerance;
  acb_init(a), acb_init(b), acb_init(integral), mag_init(tolerance);
  acb_set_arb(a, from), acb_set_arb(b, to);
  mag_set_ui_2exp_si(tolerance, 1, -300);
  acb_calc_integrate(integral, density, &degrees, a, b, 200, tolerance, NULL, BITS);
  acb_get_real(out, integral);
  acb_clear(a), acb_clear(b), acb_clear(integral), mag_clear(tolerance);
}

/* Partial over whole integral. For nu >= 10^5, nu log cosh(u/sqrt nu) >= 0.49 u^2 at u = 24 and convex: less than
 * exp(-0.49 24^2)/(0.49 24) < 2^-400 lies beyond. */
static void integrated_density(arb_t out, uint64_t degrees, const arb_t x) {
  arb_t low, high, u, whole;
  arb_init(low), arb_init(high), arb_init(u), arb_init(whole);
  arb_set_si(low, -24), arb_set_si(high, 24);
  arb_sqrt_ui(whole, degrees, BITS);
  arb_log(u, x, BITS);
  arb_mul(u, u, whole, BITS);
  arb_mul_2exp_si(u, u, -1);
  integrate(out, degrees, low, u);
  integrate(whole, degrees, low, high);
  mag_t beyond;
  mag_init(beyond);
  mag_set_ui_2exp_si(beyond, 1, -400);
  arb_add_error_mag(out, beyond), arb_add_error_mag(whole, beyond);
  mag_clear(beyond);
  arb_div(out, out, whole, BITS);
  arb_clear(low), arb_clear(high), arb_clear(u), arb_clear(whole);
}

/* ---- tests ---- */

static void test_incomplete_beta(void **state) {
  (void)state;
  const uint64_t degrees[] = {1, 2, 3, 5, 10, 31, 100, 1000, 54321, 1000000};
  const double fractions[] = {1, 1 - 0x1p-52, 0.9999, 0.999, 0.99, 0.9, 0.5, 0.172, 0.1, 0x1p-20, 1e-100};
  for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++)
    for (size_t k = 0; k < sizeof fractions / sizeof *fractions; k++) {
      check_point(incomplete_beta, fractions[k], degrees[i]);
      check_point(incomplete_beta, 1 / fractions[k], degrees[i]);
    }
  test_random random = test_random_new(1010);
  for (size_t i = 0; i < test_cases(200); i++) { /* 25 standard deviations: both representations, and their border */
    uint64_t nu = (uint64_t)exp(test_uniform(&random, 0, 13.8));
    check_point(incomplete_beta, exp(test_uniform(&random, -25, 25) * 2 / sqrt((double)nu)), nu);
  }
}

static void test_closed_forms(void **state) {
  (void)state;
  const double points[] = {0x1p-1074, 1e-300, 1e-9, 0.01, 0.2, 0.999, 1, 1.5, 3, 5.83, 77, 1e16, 1.7e308};
  for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
    check_point(elementary, points[i], 1);
    check_point(elementary, points[i], 2);
    check_point(elementary, points[i], 4);
  }
}

static void test_many_degrees(void **state) {
  (void)state;
  const uint64_t degrees[] = {100001, 51150000, 999999999999, 1000000000000};
  const double deviations[] = {-11, -6.9, -3, -0.1, 0, 0.5, 2, 7.1};
  for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++)
    for (size_t k = 0; k < sizeof deviations / sizeof *deviations; k++)
      check_point(integrated_density, exp(2 * deviations[k] / sqrt((double)degrees[i])), degrees[i]);
}

/* F(x) + F(1/x) = 1 and F(x) + (1 - F(x)) = 1; exactly 1/2 at 1. */
static void test_symmetry(void **state) {
  (void)state;
  const uint64_t degrees[] = {1, 2, 7, 4096, UINT64_C(1) << 30, UINT64_C(1000000000000)};
  const double points[] = {1, 2, 4, 1024};
  mpfi_t below, inverse, above, sum;
  mpfi_init(below), mpfi_init(inverse), mpfi_init(above), mpfi_init2(sum, BITS);
  for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++)
    for (size_t k = 0; k < sizeof points / sizeof *points; k++) {
      if ((double)degrees[i] * log(points[k]) > 1e9) continue; /* the tail is below MPFR's smallest number */
      probability(below, 0, points[k], degrees[i], GOAL);
      probability(inverse, 0, 1 / points[k], degrees[i], GOAL);
      probability(above, 1, points[k], degrees[i], GOAL);
      mpfi_add(sum, below, inverse);
      test_check(iv_contains_d(sum, 1) && bridge_narrow(sum, GOAL - 1), "x = %a, nu = %llu", points[k],
                 (unsigned long long)degrees[i]);
      mpfi_add(sum, below, above);
      test_check(iv_contains_d(sum, 1) && bridge_narrow(sum, GOAL - 1), "x = %a, nu = %llu", points[k],
                 (unsigned long long)degrees[i]);
      mpfi_sub(sum, below, above);
      test_check(k > 0 || (iv_is_zero(sum) && iv_contains_d(below, 0.5)), "x = 1, nu = %llu: %s, %s",
                 (unsigned long long)degrees[i], bridge_text(below), bridge_text(above));
    }
  mpfi_clear(below), mpfi_clear(inverse), mpfi_clear(above), mpfi_clear(sum);
}

static void test_inclusion(void **state) {
  (void)state;
  const long goals[] = {3, 20, 53, 100, 300};
  test_random random = test_random_new(1011);
  mpfi_t coarse, fine;
  mpfi_init(coarse), mpfi_init(fine);
  for (size_t i = 0; i < test_cases(150); i++) {
    uint64_t nu = (uint64_t)exp(test_uniform(&random, 0, 27.6));
    double x = exp(test_uniform(&random, -40, 40) * 2 / sqrt((double)nu));
    long goal = goals[i % 5];
    for (int which = 0; which < 2; which++) {
      probability(coarse, which, x, nu, goal);
      probability(fine, which, x, nu, 4 * goal);
      test_check(iv_contains(coarse, fine) && iv_reached(coarse, goal, 0) && iv_reached(fine, 4 * goal, 0),
                 "%s, x = %a, nu = %llu, goal %ld: %s, %s", names[which], x, (unsigned long long)nu, goal,
                 bridge_text(coarse), bridge_text(fine));
    }
  }
  mpfi_clear(coarse), mpfi_clear(fine);
}

/* A handful of bits: an honest refusal or a true enclosure, the largest degrees included, which these bits do not hold.
 */
static void test_few_bits(void **state) {
  (void)state;
  test_random random = test_random_new(1013);
  mpfi_t x, coarse, fine;
  mpfi_init2(x, 53), mpfi_init(coarse), mpfi_init(fine);
  assay_context context;
  assay_context_init(&context);
  size_t reached = 0;
  for (size_t i = 0; i < test_cases(2000); i++) {
    uint64_t nu = (uint64_t)exp(test_uniform(&random, 0, i % 2 ? 5 : 27.6));
    double value = exp(test_uniform(&random, -4, 4) * 2 / sqrt((double)nu));
    long goal = (long)test_integer(&random, 1, 5);
    context.max_bits = (long)test_integer(&random, 2, 40);
    mpfi_set_d(x, value);
    assay_status status = tails[i % 2](coarse, x, nu, goal, &context);
    assert_true(status == ASSAY_OK || status == ASSAY_PRECISION);
    if (status) continue;
    reached++;
    probability(fine, (int)(i % 2), value, nu, GOAL);
    test_check(iv_contains(coarse, fine) && mpfi_get_prec(coarse) <= (mpfr_prec_t)context.max_bits,
               "%s, x = %a, nu = %llu, max_bits %ld: %s, %s", names[i % 2], value, (unsigned long long)nu,
               context.max_bits, bridge_text(coarse), bridge_text(fine));
  }
  assert_true(reached > test_cases(2000) / 4);
  mpfi_clear(x), mpfi_clear(coarse), mpfi_clear(fine);
}

/* Over [low, high]: the probabilities at both ends lie inside, and each end of the result is near the one there. */
static void test_ranges(void **state) {
  (void)state;
  test_random random = test_random_new(1012);
  mpfi_t x, out, low, high, least;
  mpfi_init2(x, 53), mpfi_init(out), mpfi_init(low), mpfi_init(high), mpfi_init2(least, BITS);
  assay_context context;
  assay_context_init(&context);
  for (size_t i = 0; i < test_cases(60); i++) {
    uint64_t nu = (uint64_t)exp(test_uniform(&random, 0, 20));
    double from = exp(test_uniform(&random, -9, 9) / sqrt((double)nu)), to = from * (1 + exp(-(double)(i % 30)));
    mpfi_interv_d(x, from, to);
    for (int which = 0; which < 2; which++) {
      assert_int_equal(tails[which](out, x, nu, GOAL, &context), ASSAY_OK);
      probability(low, which, which ? to : from, nu, GOAL);
      probability(high, which, which ? from : to, nu, GOAL);
      mpfi_union(least, low, high);
      test_check(iv_contains(out, least), "%s, x = [%a, %a], nu = %llu", names[which], from, to,
                 (unsigned long long)nu);
      mpfr_set(&low->left, &out->left, MPFR_RNDD), mpfr_set(&high->right, &out->right, MPFR_RNDU);
      test_check(iv_reached(low, GOAL, 0) && iv_reached(high, GOAL, 0), "%s, x = [%a, %a], nu = %llu is wide: %s",
                 names[which], from, to, (unsigned long long)nu, bridge_text(out));
    }
  }
  mpfi_clear(x), mpfi_clear(out), mpfi_clear(low), mpfi_clear(high), mpfi_clear(least);
}

/* ---- refusals ---- */

static void refuse(double low, double high, uint64_t degrees, long goal, long max_bits, assay_status expected,
                   const char *word) {
  assay_context context;
  assay_context_init(&context);
  context.max_bits = max_bits;
  mpfi_t x, out;
  mpfi_init2(x, 53), mpfi_init2(out, 77);
  mpfr_set_d(&x->left, low, MPFR_RNDD), mpfr_set_d(&x->right, high, MPFR_RNDU);
  mpfi_set_si(out, -7);
  for (int which = 0; which < 2; which++) {
    assay_status status = tails[which](out, x, degrees, goal, &context);
    test_check(status == expected && strstr(context.message, word), "x = [%a, %a], nu = %llu, goal %ld: %d, %s", low,
               high, (unsigned long long)degrees, goal, (int)status, context.message);
    assert_true(mpfi_get_prec(out) == 77 && iv_lower_d(out) == -7 && iv_upper_d(out) == -7);
  }
  mpfi_clear(x), mpfi_clear(out);
}

static void test_refusals(void **state) {
  (void)state;
  enum { MANY = 4096 };
  const uint64_t most = UINT64_C(1000000000000);
  refuse(1, 2, 0, GOAL, MANY, ASSAY_INVALID, "degrees: 0");
  refuse(1, 2, most + 1, GOAL, MANY, ASSAY_INVALID, "degrees: 1000000000001");
  refuse(0, 2, 5, GOAL, MANY, ASSAY_INVALID, "x: [0, 2]");
  refuse(-1, -1, 5, GOAL, MANY, ASSAY_INVALID, "x: [-1, -1]");
  refuse(2, 1, 5, GOAL, MANY, ASSAY_INVALID, "x: [2, 1]");
  refuse(1, INFINITY, 5, GOAL, MANY, ASSAY_INVALID, "x: ");
  refuse(NAN, 1, 5, GOAL, MANY, ASSAY_INVALID, "x: ");
  refuse(1, NAN, 5, GOAL, MANY, ASSAY_INVALID, "x: ");
  refuse(1, 2, 5, 0, MANY, ASSAY_INVALID, "goal_bits: 0");
  refuse(0.3, 0.3, 5, 40, 40, ASSAY_PRECISION, "40 bits were not reached within max_bits = 40");
  refuse(0.3, 0.3, 5, 3, 2, ASSAY_PRECISION, "max_bits = 2");
  refuse(0.5, 2, most, GOAL, MANY, ASSAY_PRECISION, "variance ratio"); /* about 10^-(2.6 10^10), no number of MPFR's */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_incomplete_beta), cmocka_unit_test(test_closed_forms), cmocka_unit_test(test_many_degrees),
      cmocka_unit_test(test_symmetry),        cmocka_unit_test(test_inclusion),    cmocka_unit_test(test_few_bits),
      cmocka_unit_test(test_ranges),          cmocka_unit_test(test_refusals),
  };
  return cmocka_run_group_tests_name("variance_ratio", tests, NULL, NULL);
}
