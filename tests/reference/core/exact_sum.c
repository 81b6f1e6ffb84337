/* Exact sums against GMP rationals, and exact reals read from strings against known ratios. */
#include "testing.h"

#include "reference/core/exact_sum.h"
#include "reference/core/rational.h"

#include <float.h>
#include <math.h>
#include <string.h>

static double any_double(test_random *random) {
  double value = 0;
  do {
    uint64_t bits = test_bits(random);
    memcpy(&value, &bits, sizeof value);
  } while (!isfinite(value));
  return value;
}

static void scale_down(mpq_ptr out, mpz_srcptr sum) {
  mpq_set_z(out, sum);
  mpq_div_2exp(out, out, -EXACT_SUM_EXPONENT);
}

static void check_products(const double *a, const double *b, size_t count) {
  mpz_t sum;
  mpq_t ours, expected, x, y;
  mpz_init(sum);
  mpq_inits(ours, expected, x, y, (mpq_ptr)NULL);
  exact_dot(sum, a, b, count);
  scale_down(ours, sum);
  for (size_t j = 0; j < count; j++) {
    mpq_set_d(x, a[j]);
    mpq_set_d(y, b[j]);
    mpq_mul(x, x, y);
    mpq_add(expected, expected, x);
  }
  test_check(mpq_equal(ours, expected), "%zu products, the first %a times %a", count, a[0], b[0]);
  mpz_clear(sum);
  mpq_clears(ours, expected, x, y, (mpq_ptr)NULL);
}

static void products_of_any_doubles_add_up_exactly(void **state) {
  (void)state;
  enum { MOST = 40 };
  test_random random = test_random_new(301);
  double a[MOST] = {0}, b[MOST] = {0};
  for (size_t i = 0; i < test_cases(300); i++) {
    size_t count = test_integer(&random, 1, MOST);
    for (size_t j = 0; j < count; j++) {
      a[j] = any_double(&random);
      b[j] = any_double(&random);
    }
    check_products(a, b, count);
  }
}

static void extreme_products_fit(void **state) {
  (void)state;
  const double ends[] = {DBL_MAX, -DBL_MAX, DBL_TRUE_MIN, -DBL_TRUE_MIN, DBL_MIN, 0.0, -0.0, 1.0};
  enum { COUNT = sizeof ends / sizeof *ends };
  for (size_t i = 0; i < COUNT; i++)
    for (size_t j = 0; j < COUNT; j++) {
      double a[] = {ends[i], ends[j], ends[i]}, b[] = {ends[j], ends[j], ends[i]};
      check_products(a, b, 3);
    }
}

static void terms_add_up_exactly(void **state) {
  (void)state;
  test_random random = test_random_new(302);
  exact_sum sum;
  mpz_t value;
  mpq_t ours, expected, x;
  mpz_init(value);
  mpq_inits(ours, expected, x, (mpq_ptr)NULL);
  exact_sum_start(&sum);
  for (size_t i = 0; i < test_cases(2000); i++) {
    double term = i % 3 ? test_normal(&random) : any_double(&random);
    exact_sum_add(&sum, term);
    mpq_set_d(x, term);
    mpq_add(expected, expected, x);
    if (i % 100) continue; /* the value may be read in between */
    exact_sum_value(value, &sum);
    scale_down(ours, value);
    test_check(mpq_equal(ours, expected), "after %zu terms, the last %a", i + 1, term);
  }
  mpz_clear(value);
  mpq_clears(ours, expected, x, (mpq_ptr)NULL);
}

static void exact_strings_become_their_ratios(void **state) {
  (void)state;
  static const struct {
    const char *text, *ratio;
  } cases[] = {{"0.1", "1/10"},         {"-12.50e-2", "-1/8"}, {"+3/9", "1/3"}, {"-4/-6", "2/3"},
               {"7/-21", "-1/3"},       {"1e3", "1000"},       {".5", "1/2"},   {"5.", "5"},
               {"0e999999999999", "0"}, {"-0/5", "0"},         {"2E+2", "200"}, {"0.0001e4", "1"},
               {"10/1", "10"},          {"1.5E-1", "3/20"},    {"00012", "12"}, {"-.25", "-1/4"}};
  assay_context context;
  assay_context_init(&context);
  mpq_t ours, expected;
  mpq_inits(ours, expected, (mpq_ptr)NULL);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assay_real value = assay_real_of(0);
    assert_int_equal(assay_real_parse(&value, cases[i].text, true, "value", &context), ASSAY_OK);
    assert_int_equal(rational_set(ours, value, "value", &context), ASSAY_OK);
    assert_int_equal(mpq_set_str(expected, cases[i].ratio, 10), 0);
    test_check(mpq_equal(ours, expected), "'%s'", cases[i].text);
  }
  assert_int_equal(rational_set(ours, assay_real_of(0x1p-1074), "value", &context), ASSAY_OK);
  mpq_mul_2exp(ours, ours, 1074);
  assert_int_equal(mpq_cmp_ui(ours, 1, 1), 0);
  assert_int_equal(rational_set(ours, (assay_real){1, "one"}, "weight", &context), ASSAY_INVALID);
  assert_string_equal(context.message, "weight: 'one' is not a number");
  assert_int_equal(rational_set(ours, assay_real_of(NAN), "weight", &context), ASSAY_INVALID);
  mpq_clears(ours, expected, (mpq_ptr)NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_of_any_doubles_add_up_exactly),
      cmocka_unit_test(extreme_products_fit),
      cmocka_unit_test(terms_add_up_exactly),
      cmocka_unit_test(exact_strings_become_their_ratios),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
