/* Gaussian quadrature against expectations known in closed form, and against itself at more bits. */
#include "testing.h"

#include "reference/core/quadrature.h"
#include "tests/reference/arb_bridge.h"

#include <arb_hypgeom.h>
#include <math.h>

/* ---- E cos(q Z) = exp(-q^2/2); |cos(q (x + iy))| <= cosh(q y) ---- */

static iv cosine(iv_scope *s, iv x, const void *self) {
  return iv_cos(s, iv_mul(s, iv_d(s, *(const double *)self), x));
}

static iv one(iv_scope *s, iv cut, const void *self) {
  (void)cut, (void)self;
  return iv_ui(s, 1);
}

static iv cosine_expectation(iv_scope *s, const double *q, long target) {
  iv strip = quadrature_strip(s, target);
  gaussian_integrand g = {cosine, one, strip, iv_cosh(s, iv_mul(s, iv_d(s, *q), strip)), q, NULL, NULL};
  return quadrature_normal(s, &g, target);
}

static void test_cosine(void **state) {
  (void)state;
  test_random random = test_random_new(31);
  arb_t exact;
  arb_init(exact);
  for (size_t i = 0; i < test_cases(30); i++) {
    double q = test_uniform(&random, 0, 12);
    long target = (long)test_integer(&random, 20, 120);
    arb_set_d(exact, q);
    arb_mul(exact, exact, exact, 1000);
    arb_mul_2exp_si(exact, exact, -1);
    arb_neg(exact, exact);
    arb_exp(exact, exact, 1000);
    iv_scope *s = iv_scope_new(target + 64);
    iv value = cosine_expectation(s, &q, target);
    test_check(bridge_meets(value, exact), "q = %a, target %ld: %s, exact %s", q, target, bridge_text(value),
               bridge_ball(exact));
    /* 2 2^-target by contract; the sum's rounding is 64 bits below, times fewer than 2^20 nodes */
    test_check(bridge_narrow(value, target - 2), "q = %a, target %ld: %s", q, target, bridge_text(value));
    iv_scope *finer = iv_scope_new(4 * (target + 64));
    test_check(iv_contains(value, cosine_expectation(finer, &q, 4 * target)), "q = %a, target %ld", q, target);
    iv_scope_free(finer);
    iv_scope_free(s);
  }
  arb_clear(exact);
}

/* ---- E 1/(1 + Z^2) = sqrt(pi e/2) erfc(1/sqrt 2); |1 + z^2| = |z - i| |z + i| >= 1 - a^2 in the strip ---- */

static iv lorentzian(iv_scope *s, iv x, const void *self) {
  (void)self;
  return iv_inv(s, iv_add_si(s, iv_sqr(s, x), 1));
}

static iv lorentzian_expectation(iv_scope *s, double strip, long target) {
  iv a = iv_d(s, strip), bound = iv_inv(s, iv_sub(s, iv_ui(s, 1), iv_sqr(s, a)));
  gaussian_integrand g = {lorentzian, lorentzian, a, bound, NULL, NULL, NULL};
  return quadrature_normal(s, &g, target);
}

static void test_lorentzian(void **state) {
  (void)state;
  enum { BITS = 600 };
  arb_t exact, term;
  arb_init(exact), arb_init(term);
  arb_set_ui(term, 2);
  arb_rsqrt(term, term, BITS);
  arb_hypgeom_erfc(exact, term, BITS);
  arb_const_pi(term, BITS);
  arb_mul_2exp_si(term, term, -1);
  arb_sqrt(term, term, BITS);
  arb_mul(exact, exact, term, BITS);
  arb_set_d(term, 0.5);
  arb_exp(term, term, BITS);
  arb_mul(exact, exact, term, BITS);
  for (long target = 16; target <= 256; target *= 2)
    for (int eighths = 1; eighths < 8; eighths += 2) {
      double strip = eighths / 8.0;
      iv_scope *s = iv_scope_new(target + 64);
      iv value = lorentzian_expectation(s, strip, target);
      test_check(bridge_meets(value, exact), "strip %g, target %ld: %s, exact %s", strip, target, bridge_text(value),
                 bridge_ball(exact));
      test_check(bridge_narrow(value, target - 2), "strip %g, target %ld: %s", strip, target, bridge_text(value));
      iv_scope_free(s);
    }
  arb_clear(exact), arb_clear(term);
}

/* The error bound is no decoration: with a strip that reaches over the pole at i the rule must miss, or the tests above
 * could not see a missing bound. */
static void test_false_strip_misses(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(256);
  iv honest = lorentzian_expectation(s, 0.875, 120);
  iv a = iv_ui(s, 4);
  gaussian_integrand g = {lorentzian, lorentzian, a, iv_ui(s, 1), NULL, NULL, NULL};
  iv dishonest = quadrature_normal(s, &g, 120);
  assert_int_equal(iv_overlap(honest, dishonest), IV_FALSE);
  iv_scope_free(s);
}

/* Too many nodes: the trivial enclosure. */
static void test_trivial(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(128);
  gaussian_integrand g = {lorentzian, lorentzian, iv_d(s, 0x1p-30), iv_ui(s, 2), NULL, NULL, NULL};
  iv value = quadrature_normal(s, &g, 64);
  assert_true(iv_contains_d(value, -1) && iv_contains_d(value, 1) && iv_magnitude_d(value) == 1);
  iv_scope_free(s);
}

static int stop_at_half(void *self, const char *what, double fraction) {
  (void)what;
  *(double *)self = fraction;
  return fraction >= 0.5;
}

static void test_cancel(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(128);
  assay_context context;
  assay_context_init(&context);
  double seen = 0;
  context.progress = stop_at_half;
  context.progress_self = &seen;
  gaussian_integrand g = {lorentzian, lorentzian, iv_d(s, 0.875), iv_ui(s, 8), NULL, "a task", &context};
  assert_null(quadrature_normal(s, &g, 120));
  test_check(seen >= 0.5 && seen < 1, "%a", seen);
  assert_string_equal(context.message, "a task: cancelled");
  iv_scope_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cosine),  cmocka_unit_test(test_lorentzian), cmocka_unit_test(test_false_strip_misses),
      cmocka_unit_test(test_trivial), cmocka_unit_test(test_cancel),
  };
  return cmocka_run_group_tests_name("quadrature", tests, NULL, NULL);
}
