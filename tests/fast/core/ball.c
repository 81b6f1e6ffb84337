/* Balls: results contain what exact arithmetic gives at the ends and inside of the arguments. Oracle: long double,
 * whose 64-bit products and sums are within 2^-64 relatively; ORACLE allows for a few of those. */
#include "fast/core/ball.h"

#include "testing.h"

#include <string.h>

static const long double ORACLE = 0x1p-62L;

static ball random_ball(test_random *random) {
  double value = test_uniform(random, -4.0, 4.0) * exp2(test_uniform(random, -30.0, 30.0));
  static const double RELATIVE[] = {0.0, 0x1p-53, 0x1p-40, 0x1p-3};
  return ball_make(value, fabs(value) * RELATIVE[test_integer(random, 0, 3)]);
}

static long double inside(ball b, size_t place) {
  static const long double PLACES[] = {-1.0L, -0.5L, 0.0L, 1.0L};
  return (long double)b.value + PLACES[place] * (long double)b.error;
}

/* `scale`: what the oracle's own relative error is relative to. */
static void check_contains(ball b, long double exact, long double scale, const char *what, ball left, ball right) {
  long double off = fabsl(exact - (long double)b.value), slack = ORACLE * fabsl(scale);
  test_check(off <= (long double)b.error + slack, "%s of %a +- %a and %a +- %a: got %a +- %a, exact %La", what,
             left.value, left.error, right.value, right.error, b.value, b.error, exact);
}

/* Not only safe: with exact arguments the radius is at most one rounding, with others at most a few times the spread.
 */
static void check_tight(ball b, double spread, const char *what) {
  test_check(b.error <= 4.0 * spread + 0x1.1p-52 * fabs(b.value), "%s: %a +- %a is wider than %a", what, b.value,
             b.error, spread);
}

static void arithmetic_contains_exact_results(void **state) {
  (void)state;
  test_random random = test_random_new(11);
  for (size_t i = 0; i < test_cases(4000); i++) {
    ball a = random_ball(&random), b = random_ball(&random), root = ball_make(fabs(a.value), a.error);
    ball sum = ball_add(a, b), difference = ball_sub(a, b), product = ball_mul(a, b), quotient = ball_div(a, b);
    ball square = ball_sqr(a), scaled = ball_scale(a, b.value), square_root = ball_sqrt(root);
    for (size_t place = 0; place < 16; place++) {
      long double x = inside(a, place / 4), y = inside(b, place % 4);
      check_contains(sum, x + y, fabsl(x) + fabsl(y), "sum", a, b);
      check_contains(difference, x - y, fabsl(x) + fabsl(y), "difference", a, b);
      check_contains(product, x * y, x * y, "product", a, b);
      check_contains(quotient, x / y, x / y, "quotient", a, b);
      check_contains(square, x * x, x * x, "square", a, a);
      check_contains(scaled, x * (long double)b.value, x * (long double)b.value, "multiple", a, b);
      check_contains(square_root, sqrtl(inside(root, place / 4)), sqrtl(inside(root, place / 4)), "root", root, root);
    }
    check_tight(sum, a.error + b.error, "sum");
    check_tight(product, a.error * fabs(b.value) + fabs(a.value) * b.error, "product");
    check_tight(quotient, (a.error + fabs(quotient.value) * b.error) / fabs(b.value), "quotient");
    check_tight(square_root, a.error / square_root.value, "root");
  }
}

static void functions_contain_exact_results(void **state) {
  (void)state;
  test_random random = test_random_new(12);
  for (size_t i = 0; i < test_cases(2000); i++) {
    ball a = random_ball(&random), positive = ball_make(fabs(a.value), a.error);
    ball logarithm = ball_log(positive), plus = ball_log1p(positive), sine = ball_sin(a), cosine = ball_cos(a);
    for (size_t place = 0; place < 4; place++) {
      long double x = inside(a, place), y = inside(positive, place);
      check_contains(logarithm, logl(y), 1.0L + fabsl(logl(y)), "log", positive, positive);
      check_contains(plus, log1pl(y), log1pl(y), "log1p", positive, positive);
      if (fabs(a.value) > 1e3) continue; /* long double's own argument reduction is not an oracle there */
      check_contains(sine, sinl(x), fabsl(x), "sin", a, a);
      check_contains(cosine, cosl(x), 1.0L + fabsl(x), "cos", a, a);
    }
  }
}

/* log(1 + x) towards its pole. With the ball's lower end 1 + x - r > 0 its slope is below 1/(1 + x - r); 2 ulp of the C
 * library are at most 2^-51 relatively, and a few roundings upward stay below the factor 1 + 2^-40. */
static void log1p_reaches_towards_its_pole(void **state) {
  (void)state;
  test_random random = test_random_new(13);
  for (size_t i = 0; i < test_cases(2000); i++) {
    double gap = exp2(test_uniform(&random, -50.0, 0.0)), value = gap - 1.0;
    gap = 1.0 + value; /* exactly */
    double radius = test_integer(&random, 0, 1) ? 0.0 : gap * test_uniform(&random, 0.0, 0.75);
    ball a = ball_make(value, radius), logarithm = ball_log1p(a);
    for (size_t place = 0; place < 4; place++) {
      long double exact = log1pl(inside(a, place));
      check_contains(logarithm, exact, exact, "log1p", a, a);
    }
    double widest = radius == 0.0 ? 0.0 : radius / (gap - radius);
    test_check(logarithm.error <= (widest + 0x1p-51 * fabs(logarithm.value)) * (1.0 + 0x1p-40),
               "log1p of %a +- %a: %a +- %a is wider than %a", value, radius, logarithm.value, logarithm.error, widest);
  }
}

static void exact_operations_have_radius_zero(void **state) {
  (void)state;
  ball one = ball_exact(1.0), late = ball_exact(1.0 - 0x1p-53);
  assert_true(ball_sub(one, late).value == 0x1p-53);
  assert_true(ball_sub(one, late).error == 0.0);
  assert_true(ball_sub(one, ball_exact(0x1p-60)).error == 0x1p-60);
  assert_true(ball_mul(ball_exact(3.0), ball_exact(5.0)).error == 0.0);
  assert_true(ball_mul(ball_exact(0.1), ball_exact(0.1)).error > 0.0);
  assert_true(ball_div(ball_exact(0.3), ball_exact(0.3)).error == 0.0);
  assert_true(ball_sqrt(ball_exact(9.0)).error == 0.0);
  assert_true(ball_log(one).value == 0.0);
  assert_true(ball_log(one).error == 0.0);
  assert_true(ball_sin(ball_exact(0.0)).error == 0.0);
  assert_true(ball_cos(ball_exact(0.0)).error == 0.0);
}

static void what_cannot_be_bounded_is_infinite(void **state) {
  (void)state;
  ball big = ball_exact(1e300), small = ball_exact(1e-200), zero = ball_exact(0.0), one = ball_exact(1.0);
  ball unsure = ball_make(0.5, 0.5);
  ball hopeless[] = {ball_exact(NAN),
                     ball_exact(INFINITY),
                     ball_make(1.0, NAN),
                     ball_make(1.0, -1.0),
                     ball_mul(big, big),
                     ball_add(ball_exact(1.7e308), ball_exact(1.7e308)),
                     ball_div(one, zero),
                     ball_div(one, unsure),
                     ball_div(big, small),
                     ball_log(zero),
                     ball_log(unsure),
                     ball_log(ball_exact(-1.0)),
                     ball_log1p(ball_exact(-1.0)),
                     ball_log1p(ball_make(-0.5, 0.5)),
                     ball_sqrt(ball_exact(-1.0)),
                     ball_mul(zero, ball_make(1.0, INFINITY)),
                     ball_add(ball_exact(NAN), one)};
  for (size_t i = 0; i < sizeof hopeless / sizeof *hopeless; i++)
    test_check(isinf(hopeless[i].error), "case %zu: %a +- %a", i, hopeless[i].value, hopeless[i].error);
}

static void underflow_leaves_a_radius(void **state) {
  (void)state;
  ball product = ball_mul(ball_exact(1e-200), ball_exact(1e-200));
  assert_true(product.value == 0.0);
  assert_true(product.error > 0.0);
  ball edge = ball_mul(ball_exact(0x1.8p-1000), ball_exact(0x1.4p-74)); /* 15/8 2^-1074, rounded to 2 2^-1074 */
  assert_true(edge.error >= 0x1p-1074);
  ball quotient = ball_div(ball_exact(0x1p-1074), ball_exact(3.0));
  assert_true(quotient.error > 0.0);
  assert_true(ball_relative(0x1p-1074, 0x1p-53).error > 0.0);
  assert_true(ball_sqrt(ball_make(0.0, 0x1p-1074)).error >= 0x1p-537);
}

static void check_real(const char *text, double nearest, double low, double high) {
  assay_real real = {nearest, text};
  ball b = ball_real(real);
  test_check(b.value == nearest && b.error >= low && b.error <= high, "\"%s\": %a +- %a", text ? text : "no text",
             b.value, b.error);
}

/* 0.1 is 5.55e-18 below its double, 1/3 1.85e-17 above. */
static void reals_know_how_exact_they_are(void **state) {
  (void)state;
  check_real(NULL, 0.1, 0.0, 0.0);
  check_real("1", 1.0, 0.0, 0.0);
  check_real("0.5", 0.5, 0.0, 0.0);
  check_real("3/4", 0.75, 0.0, 0.0);
  check_real("25e-2", 0.25, 0.0, 0.0);
  check_real("0.1", 0.1, 5.551e-18, 5.552e-18);
  check_real("-0.1", -0.1, 5.551e-18, 5.552e-18);
  check_real("1/3", 1.0 / 3.0, 1.850e-17, 1.851e-17);
  check_real("1e-300", 1e-300, 1e-318, 0x1.1p-53 * 1e-300);
  check_real("0.99999999999999999999", 1.0, 0x1p-67, 0x1.1p-53);
  check_real("0.00000000000000000000001", 1e-23, 0x1p-140, 0x1.1p-53 * 1e-23);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arithmetic_contains_exact_results),  cmocka_unit_test(functions_contain_exact_results),
      cmocka_unit_test(log1p_reaches_towards_its_pole),     cmocka_unit_test(exact_operations_have_radius_zero),
      cmocka_unit_test(what_cannot_be_bounded_is_infinite), cmocka_unit_test(underflow_leaves_a_radius),
      cmocka_unit_test(reals_know_how_exact_they_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
