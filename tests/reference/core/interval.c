/* Interval expressions against Arb: for random thick intervals, the function of a point inside lies inside; for points
 * the enclosure is narrow; comparisons never decide on NaN. */
#include "testing.h"

#include "reference/core/interval.h"

#include <arb.h>
#include <arb_hypgeom.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef iv (*unary)(iv_scope *, iv);
typedef void (*arb_unary)(arb_t, const arb_t, slong);

static void arb_normal_density(arb_t r, const arb_t x, slong bits) {
  arb_t pi;
  arb_init(pi);
  arb_mul(r, x, x, bits);
  arb_mul_2exp_si(r, r, -1);
  arb_neg(r, r);
  arb_exp(r, r, bits);
  arb_const_pi(pi, bits);
  arb_mul_2exp_si(pi, pi, 1);
  arb_rsqrt(pi, pi, bits);
  arb_mul(r, r, pi, bits);
  arb_clear(pi);
}

/* Phi(x) = (1 + erf(x/sqrt 2))/2: another route than erfc. */
static void arb_normal_cdf(arb_t r, const arb_t x, slong bits) {
  slong work = bits + 2000;
  arb_t two;
  arb_init(two);
  arb_set_ui(two, 2);
  arb_rsqrt(two, two, work);
  arb_mul(two, two, x, work);
  arb_hypgeom_erf(r, two, work);
  arb_add_ui(r, r, 1, work);
  arb_mul_2exp_si(r, r, -1);
  arb_clear(two);
}

static void arb_cube(arb_t r, const arb_t x, slong bits) { arb_pow_ui(r, x, 3, bits); }
static void arb_fourth(arb_t r, const arb_t x, slong bits) { arb_pow_ui(r, x, 4, bits); }
static iv iv_cube(iv_scope *s, iv a) { return iv_pow_ui(s, a, 3); }
static iv iv_fourth(iv_scope *s, iv a) { return iv_pow_ui(s, a, 4); }
static void arb_square(arb_t r, const arb_t x, slong bits) { arb_mul(r, x, x, bits); }

static const struct {
  const char *name;
  unary ours;
  arb_unary arbs;
  double low, high; /* domain drawn from */
} functions[] = {
    {"exp", iv_exp, arb_exp, -300, 300},
    {"expm1", iv_expm1, arb_expm1, -2, 2},
    {"log", iv_log, arb_log, 1e-3, 100},
    {"log1p", iv_log1p, arb_log1p, -0.9, 3},
    {"sin", iv_sin, arb_sin, -9, 9},
    {"cos", iv_cos, arb_cos, -9, 9},
    {"tan", iv_tan, arb_tan, -1.5, 1.5},
    {"atan", iv_atan, arb_atan, -50, 50},
    {"tanh", iv_tanh, arb_tanh, -20, 20},
    {"cosh", iv_cosh, arb_cosh, -20, 20},
    {"erfc", iv_erfc, arb_hypgeom_erfc, -6, 30},
    {"normal density", iv_normal_density, arb_normal_density, -30, 30},
    {"normal cdf", iv_normal_cdf, arb_normal_cdf, -30, 8},
    {"cube", iv_cube, arb_cube, -3, 3},
    {"fourth power", iv_fourth, arb_fourth, -3, 3},
    {"square", iv_sqr, arb_square, -3, 3},
    {"inverse", iv_inv, arb_inv, 0.01, 50},
    {"square root", iv_sqrt, arb_sqrt, 0, 50},
};

/* Does [left, right] meet the ball? The ball has 400 bits, so a miss is an error, not an accident. */
static bool meets(iv a, const arb_t ball) {
  arf_t low, high;
  arf_init(low), arf_init(high);
  mpfr_t left, right;
  mpfr_init2(left, 500), mpfr_init2(right, 500);
  arb_get_interval_mpfr(left, right, ball);
  bool r = mpfr_lessequal_p(&a->left, right) && mpfr_lessequal_p(left, &a->right);
  arf_clear(low), arf_clear(high), mpfr_clear(left), mpfr_clear(right);
  return r;
}

static void functions_contain_arb(void **state) {
  (void)state;
  test_random random = test_random_new(11);
  arb_t x, y;
  arb_init(x), arb_init(y);
  for (size_t f = 0; f < sizeof functions / sizeof *functions; f++)
    for (size_t i = 0; i < test_cases(300); i++) {
      long bits = (long)test_integer(&random, 53, 200);
      iv_scope *s = iv_scope_new(bits);
      double inside = test_uniform(&random, functions[f].low, functions[f].high);
      double radius = i % 2 ? 0 : ldexp(fabs(inside), -(int)test_integer(&random, 1, 40));
      double low = fmax(functions[f].low, inside - radius), high = fmin(functions[f].high, inside + radius);
      iv a = iv_hull(s, iv_d(s, low), iv_d(s, high));
      iv r = functions[f].ours(s, a);
      arb_set_d(x, inside);
      functions[f].arbs(y, x, 400);
      test_check(meets(r, y), "%s on [%a, %a] at %ld bits misses the value at %a", functions[f].name, low, high, bits,
                 inside);
      /* A point gives at most a few ulps: every function here is a handful of correctly rounded operations whose
       * condition numbers on these domains stay below 2^11 (exp of -x^2/2 at 30). */
      if (radius == 0)
        test_check(iv_reached(r, bits - 14, 1), "%s at %a, %ld bits: width %g", functions[f].name, inside, bits,
                   iv_width_d(r));
      iv_scope_free(s);
    }
  arb_clear(x), arb_clear(y);
}

static void reals_are_enclosed(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(100);
  iv tenth = iv_real(s, (assay_real){.nearest = 0.1, .exact = "1/10"});
  iv decimal = iv_real(s, (assay_real){.nearest = 0.1, .exact = "0.1"});
  assert_false(iv_contains_d(tenth, 0.1)); /* the double is not 1/10, and 100 bits see it */
  assert_int_equal(iv_overlap(tenth, decimal), IV_TRUE);
  assert_true(iv_contains(iv_si(s, 1), iv_hull(s, iv_si(s, 1), iv_si(s, 1))));
  assert_true(iv_contains(iv_mul_si(s, decimal, 10), iv_si(s, 1)));
  assert_true(iv_width_d(decimal) < 1e-30);
  assert_true(iv_contains_d(iv_real(s, assay_real_of(0.1)), 0.1));
  assert_true(iv_is_zero(iv_sub(s, iv_d(s, 0.1), iv_d(s, 0.1))));
  iv_scope_free(s);
}

/* k/1000 as a decimal, in few bits, contains the quotient in many. */
static void decimals_are_enclosed(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(40), *fine = iv_scope_new(400);
  for (long k = -999; k <= 999; k++) {
    char text[32];
    (void)snprintf(text, sizeof text, "%lde-3", k);
    iv decimal = iv_real(s, (assay_real){.nearest = (double)k / 1000, .exact = text});
    test_check(iv_contains(decimal, iv_ratio(fine, k, 1000)), "%s: [%a, %a]", text, iv_lower_d(decimal),
               iv_upper_d(decimal));
  }
  iv_scope_free(fine);
  iv_scope_free(s);
}

static void comparisons_do_not_decide_on_nan(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(64);
  iv nan = iv_log(s, iv_si(s, -1)), one = iv_si(s, 1), wide = iv_hull(s, iv_si(s, -1), iv_si(s, 2));
  assert_int_equal(iv_less(nan, one), IV_UNDECIDED);
  assert_int_equal(iv_less(one, nan), IV_UNDECIDED);
  assert_int_equal(iv_positive(nan), IV_UNDECIDED);
  assert_int_equal(iv_overlap(nan, one), IV_UNDECIDED);
  assert_false(iv_finite(nan));
  assert_false(iv_contains(nan, one));
  assert_false(iv_contains(one, nan));
  assert_false(iv_contains_d(one, NAN));
  assert_false(iv_reached(nan, 10, 1));
  assert_true(isnan(iv_magnitude_d(nan)));
  assert_int_equal(iv_less(wide, one), IV_UNDECIDED);
  assert_int_equal(iv_less(iv_si(s, -2), wide), IV_TRUE);
  assert_int_equal(iv_less(one, one), IV_FALSE);
  assert_int_equal(iv_positive(wide), IV_UNDECIDED);
  assert_int_equal(iv_positive(iv_si(s, 0)), IV_FALSE);
  assert_int_equal(iv_overlap(iv_si(s, 3), wide), IV_FALSE);
  assert_int_equal(iv_overlap(iv_si(s, 2), wide), IV_TRUE);
  assert_false(iv_finite(iv_inv(s, wide))); /* 1/x over an interval with 0 */
  iv_scope_free(s);
}

static void a_goal_is_relative_with_a_floor(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(200);
  iv value = iv_ball(s, iv_si(s, 1024), iv_d(s, 0x1p-41)); /* width 2^-40 = 2^-50 x 2^10 */
  assert_false(iv_reached(value, 50, 1));                  /* the smallest magnitude is a little below 2^10 */
  assert_true(iv_reached(value, 49, 1));
  iv around_zero = iv_ball(s, iv_si(s, 0), iv_d(s, 0x1p-61)); /* width 2^-60 */
  assert_true(iv_reached(around_zero, 30, 1));
  assert_false(iv_reached(around_zero, 30, 0.5));
  assert_true(iv_reached(iv_si(s, 0), 4000, 0));
  iv negative = iv_neg(s, value);
  assert_true(iv_reached(negative, 49, 1));
  iv_scope_free(s);
}

static void scopes_keep_addresses(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(53);
  iv first = iv_si(s, 42);
  size_t mark = iv_mark(s);
  for (int round = 0; round < 3; round++) {
    for (long i = 0; i < 1000; i++) assert_true(iv_contains_d(iv_si(s, i), (double)i));
    iv_release(s, mark);
  }
  assert_true(iv_contains_d(first, 42));
  assert_true(iv_is_zero(iv_new(s))); /* a reused interval starts at 0 */
  iv_scope_free(s);
}

static void hulls_minima_and_balls(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(80);
  iv a = iv_hull(s, iv_si(s, -3), iv_si(s, 1)), b = iv_hull(s, iv_si(s, 0), iv_si(s, 5));
  assert_true(iv_lower_d(iv_min(s, a, b)) == -3 && iv_upper_d(iv_min(s, a, b)) == 1);
  assert_true(iv_lower_d(iv_max(s, a, b)) == 0 && iv_upper_d(iv_max(s, a, b)) == 5);
  assert_true(iv_lower_d(iv_abs(s, a)) == 0 && iv_upper_d(iv_abs(s, a)) == 3);
  assert_true(iv_lower_d(iv_sqr(s, a)) == 0 && iv_upper_d(iv_sqr(s, a)) == 9);
  assert_true(iv_lower_d(iv_pow_ui(s, a, 3)) == -27 && iv_upper_d(iv_pow_ui(s, a, 3)) == 1);
  assert_true(iv_lower_d(iv_pow_ui(s, a, 4)) == 0 && iv_upper_d(iv_pow_ui(s, a, 4)) == 81);
  iv ball = iv_ball(s, iv_si(s, 2), iv_si(s, -3));
  assert_true(iv_lower_d(ball) == -1 && iv_upper_d(ball) == 5 && iv_width_d(ball) == 6);
  assert_true(iv_mid_d(ball) == 2 && iv_magnitude_d(ball) == 5);
  assert_true(iv_contains(ball, iv_mid(s, ball)) && iv_contains_d(iv_lower(s, ball), -1));
  iv third = iv_ratio(s, 1, 3);
  assert_true(iv_lower_d(third) < iv_upper_d(third) && iv_contains(iv_hull(s, iv_d(s, 0.333), iv_d(s, 0.334)), third));
  iv_scope_free(s);
}

/* Arguments from a finer scope are rounded outward. */
static void minima_of_finer_intervals(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(40), *fine = iv_scope_new(400);
  for (long k = -9; k <= 9; k++) {
    iv third = iv_ratio(fine, k, 3);
    assert_true(iv_contains(iv_min(s, third, third), third) && iv_contains(iv_max(s, third, third), third));
    assert_true(iv_contains(iv_lower(s, third), iv_lower(fine, third)));
    assert_true(iv_contains(iv_copy(s, third), third) && iv_contains(iv_ball(s, third, iv_si(s, 0)), third));
  }
  iv_scope_free(fine);
  iv_scope_free(s);
}

/* Widths from 2^-80 to 8, and 0: inclusion to the last bits, and hardly wider than need be where narrow. */
static void exponentials_by_their_lower_ends(void **state) {
  (void)state;
  enum { FEW = 100, MANY = 400 };
  test_random random = test_random_new(7005);
  iv_scope *few = iv_scope_new(FEW), *many = iv_scope_new(MANY);
  for (size_t i = 0; i < test_cases(2000); i++) {
    size_t mark = iv_mark(few), marked = iv_mark(many);
    iv low = iv_d(few, ldexp(test_normal(&random), (int)test_integer(&random, 0, 14) - 8));
    double width = i % 4 ? ldexp(test_uniform(&random, 0.5, 1), (int)test_integer(&random, 0, 83) - 80) : i % 8 ? 0 : 3;
    iv a = iv_hull(few, low, iv_add(few, low, iv_d(few, width))), exact = iv_exp(many, iv_copy(many, a));
    mpfi_ptr got = iv_new(few);
    iv_set_exp(got, a);
    test_check(iv_contains(got, exact), "case %zu: exp of [%a, + %a]", i, iv_lower_d(a), width);
    double relative =
        iv_upper_d(iv_div(many, iv_sub(many, iv_upper(many, got), iv_lower(many, got)), iv_lower(many, exact)));
    double h = iv_width_d(a), need = h * (1 + h) * (1 + 0x1p-50) + 0x1p-96; /* roundings here, and three to 100 bits */
    test_check(width > 1 || relative <= need, "case %zu: exp of [%a, + %a] is %a wide", i, iv_lower_d(a), width,
               relative);
    iv_release(few, mark);
    iv_release(many, marked);
  }
  mpfi_ptr one = iv_new(few);
  iv_set_exp(one, iv_ui(few, 0));
  assert_true(iv_lower_d(one) == 1 && iv_upper_d(one) == 1 && iv_width_d(one) == 0);
  iv_set_exp(one, iv_div(few, iv_ui(few, 1), iv_hull(few, iv_si(few, -1), iv_si(few, 1))));
  assert_false(iv_finite(one));
  iv_scope_free(few);
  iv_scope_free(many);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exponentials_by_their_lower_ends),
      cmocka_unit_test(functions_contain_arb),
      cmocka_unit_test(reals_are_enclosed),
      cmocka_unit_test(decimals_are_enclosed),
      cmocka_unit_test(comparisons_do_not_decide_on_nan),
      cmocka_unit_test(a_goal_is_relative_with_a_floor),
      cmocka_unit_test(scopes_keep_addresses),
      cmocka_unit_test(hulls_minima_and_balls),
      cmocka_unit_test(minima_of_finer_intervals),
  };
  int failures = cmocka_run_group_tests(tests, NULL, NULL);
  flint_cleanup();
  return failures;
}
