/* Rounding enclosures to decimals and doubles: known cases on both sides of every boundary, and the C library's own
 * correctly rounded printf and strtod on random ones. */
#include "testing.h"

#include "reference/core/decimal.h"

#include <assay/reference.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 3000 };

/* [low, high] from decimal strings, read outward. */
static void set_ends(mpfi_ptr out, const char *low, const char *high) {
  mpfr_set_str(&out->left, low, 10, MPFR_RNDD);
  mpfr_set_str(&out->right, high, 10, MPFR_RNDU);
}

static void decimals_round_to_nearest(void **state) {
  (void)state;
  static const struct {
    const char *low, *high;
    size_t digits;
    const char *expected; /* NULL: undecided */
  } cases[] = {
      {"0", "0", 5, "0"},
      {"1", "1", 1, "1"},
      {"1", "1", 4, "1.000"},
      {"-0.5", "-0.5", 2, "-0.50"},
      {"0.25", "0.25", 1, "0.2"},               /* tie: even */
      {"0.75", "0.75", 1, "0.8"},               /* tie: even */
      {"0.250000001", "0.250000002", 1, "0.3"}, /* just above a tie */
      {"0.249999998", "0.249999999", 1, "0.2"}, /* just below */
      {"0.2499999", "0.2500001", 1, NULL},      /* across it */
      {"9.96", "9.97", 2, "10"},                /* carries into a new digit */
      {"9.94", "9.96", 2, NULL},
      {"99999.6", "99999.7", 5, "100000"},
      {"0.99996", "1.00004", 4, "1.000"}, /* across a power of ten, yet decided */
      {"0.99994", "1.00004", 4, NULL},
      {"-9.96", "-9.951", 2, "-10"},
      {"-1e-30", "1e-30", 3, NULL},
      {"0", "1e-30", 3, NULL},
      {"123456", "123456", 3, "123000"},
      {"123500", "123500", 3, "124000"}, /* tie: even */
      {"122500", "122500", 3, "122000"},
      {"123456789012345678901", "123456789012345678901", 21, "123456789012345678901"},
      {"1234567890123456789012", "1234567890123456789012", 4, "1.235e21"},
      {"0.00001234", "0.00001234", 4, "0.00001234"},
      {"0.000001234", "0.000001234", 4, "1.234e-6"},
      {"-3e-400", "-3e-400", 1, "-3e-400"},
      {"1e500", "1e500", 3, "1.00e500"},
  };
  assay_context context;
  assay_context_init(&context);
  mpfi_t value;
  mpfi_init2(value, BITS);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *text = NULL;
    set_ends(value, cases[i].low, cases[i].high);
    assay_status status = assay_enclosure_decimal(&text, value, cases[i].digits, &context);
    if (cases[i].expected)
      test_check(!status && !strcmp(text, cases[i].expected), "[%s, %s] to %zu digits: %s", cases[i].low, cases[i].high,
                 cases[i].digits, text ? text : context.message);
    else
      test_check(status == ASSAY_PRECISION && !text, "[%s, %s] to %zu digits: %s", cases[i].low, cases[i].high,
                 cases[i].digits, text ? text : "refused");
    free(text);
  }
  mpfi_clear(value);
}

static void outward_decimals_enclose(void **state) {
  (void)state;
  static const struct {
    const char *low, *high;
    size_t digits;
    const char *lower, *upper;
  } cases[] = {{"0", "0", 3, "0", "0"}, /* all of them binary fractions, so that they are read exactly */
               {"0.25", "0.25", 1, "0.2", "0.3"},
               {"-0.25", "-0.25", 1, "-0.3", "-0.2"},
               {"1", "2", 3, "1.00", "2.00"},
               {"-9.96875", "9.96875", 2, "-10", "10"},
               {"0.96875", "0.96875", 1, "0.9", "1"},
               {"1.0009765625", "1.0009765625", 3, "1.00", "1.01"},
               {"-0.0000019073486328125", "0", 2, "-2.0e-6", "0"},
               {"-0.5", "-0.0000019073486328125", 2, "-0.50", "-1.9e-6"}};
  assay_context context;
  assay_context_init(&context);
  mpfi_t value;
  mpfi_init2(value, BITS);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *lower = NULL, *upper = NULL;
    set_ends(value, cases[i].low, cases[i].high);
    assert_int_equal(assay_enclosure_outward(&lower, &upper, value, cases[i].digits, &context), ASSAY_OK);
    test_check(!strcmp(lower, cases[i].lower) && !strcmp(upper, cases[i].upper), "[%s, %s] to %zu digits: %s %s",
               cases[i].low, cases[i].high, cases[i].digits, lower, upper);
    free(lower);
    free(upper);
  }
  mpfi_clear(value);
}

/* The C library prints correctly rounded decimals, ties to even. */
static void decimals_of_doubles_are_those_of_printf(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  test_random random = test_random_new(401);
  mpfi_t value;
  mpfi_init2(value, 53);
  for (size_t i = 0; i < test_cases(3000); i++) {
    double x = ldexp(test_uniform(&random, -1, 1), (int)test_integer(&random, 0, 40) - 20);
    if (i % 3 == 0) x = (double)((int)test_integer(&random, 0, 4000) - 2000) / 64; /* many ties */
    if (x == 0) continue;
    size_t digits = test_integer(&random, 1, 20);
    char *text = NULL, expected[64];
    mpfi_set_d(value, x);
    assert_int_equal(assay_enclosure_decimal(&text, value, digits, &context), ASSAY_OK);
    (void)snprintf(expected, sizeof expected, "%.*e", (int)digits - 1, x);
    /* the same number in another form: compare at more digits than either has */
    mpfr_t ours, theirs;
    mpfr_inits2(400, ours, theirs, (mpfr_ptr)NULL);
    mpfr_set_str(ours, text, 10, MPFR_RNDD);
    mpfr_set_str(theirs, expected, 10, MPFR_RNDD);
    test_check(mpfr_equal_p(ours, theirs), "%a to %zu digits: %s, printf %s", x, digits, text, expected);
    mpfr_clears(ours, theirs, (mpfr_ptr)NULL);
    free(text);
  }
  mpfi_clear(value);
}

static void doubles_round_to_nearest(void **state) {
  (void)state;
  static const struct {
    const char *low, *high;
    bool decided;
    double expected;
  } cases[] = {
      {"0", "0", true, 0},
      {"1", "1", true, 1},
      {"-1e-400", "1e-400", true, 0},
      {"-0.1", "0.1", false, 0},
      {"0.1", "0.1", true, 0.1},
      {"-1e5000", "-1e5000", true, -INFINITY},
      {"1e308", "1e309", false, 0},
      {"4e-324", "6e-324", true, 0x1p-1074},
      {"2e-324", "2e-324", true, 0},
  };
  assay_context context;
  assay_context_init(&context);
  mpfi_t value;
  mpfi_init2(value, BITS);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double result = 77;
    set_ends(value, cases[i].low, cases[i].high);
    assay_status status = assay_enclosure_double(&result, value, &context);
    test_check(cases[i].decided ? !status && result == cases[i].expected : status == ASSAY_PRECISION && result == 77,
               "[%s, %s]: %a, %s", cases[i].low, cases[i].high, result, context.message);
  }
  mpfi_clear(value);
}

/* Between neighbouring doubles: the middle goes to the even one, anything nearer goes there, and a side known to be
 * excluded settles the middle. Includes subnormals and the overflow threshold 2^1024 - 2^970. */
static void check_neighbours(double low) {
  double high = nextafter(low, INFINITY), even = 0, result = 0;
  uint64_t bits = 0;
  memcpy(&bits, &low, sizeof bits);
  even = bits % 2 ? high : low;
  mpfi_t value;
  mpfi_init2(value, BITS);
  mpfr_set_d(&value->left, low, MPFR_RNDD);
  mpfr_set_d(&value->right, isinf(high) ? 0 : high, MPFR_RNDD);
  if (isinf(high)) mpfr_set_ui_2exp(&value->right, 1, 1024, MPFR_RNDD);
  mpfr_add(&value->left, &value->left, &value->right, MPFR_RNDD);
  mpfr_div_2ui(&value->left, &value->left, 1, MPFR_RNDD);
  mpfr_set(&value->right, &value->left, MPFR_RNDU);
  test_check(enclosure_nearest(&result, value, false, false) && result == even, "middle above %a: %a", low, result);
  mpfr_nextabove(&value->right);
  bool decided = enclosure_nearest(&result, value, false, false);
  test_check(decided == (even == high) && (!decided || result == high), "from the middle up, above %a", low);
  test_check(enclosure_nearest(&result, value, true, false) && result == high, "just above the middle above %a", low);
  mpfr_set(&value->right, &value->left, MPFR_RNDU);
  mpfr_nextbelow(&value->left);
  decided = enclosure_nearest(&result, value, false, false);
  test_check(decided == (even == low) && (!decided || result == low), "up to the middle, above %a", low);
  test_check(enclosure_nearest(&result, value, false, true) && result == low, "just below the middle above %a", low);
  mpfi_clear(value);
}

static void ties_of_doubles_are_settled(void **state) {
  (void)state;
  static const double special[] = {1,       0x1.fffffffffffffp0,    0x1p-1074, 0x1p-1022, 0x0.fffffffffffffp-1022,
                                   DBL_MAX, 0x1.ffffffffffffep1023, 0};
  for (size_t i = 0; i < sizeof special / sizeof *special; i++) check_neighbours(special[i]);
  test_random random = test_random_new(402);
  for (size_t i = 0; i < test_cases(300); i++)
    check_neighbours(ldexp(test_uniform(&random, -1, 1), (int)test_integer(&random, 0, 2000) - 1040));
}

static void requests_are_checked(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  mpfi_t value;
  mpfi_init2(value, 64);
  char *text = NULL, *other = NULL;
  double result = 0;
  mpfi_set_ui(value, 1);
  assert_int_equal(assay_enclosure_decimal(&text, value, 0, &context), ASSAY_INVALID);
  assert_string_equal(context.message, "digits: 0; at least 1 is expected");
  context.memory_cap = 1000;
  assert_int_equal(assay_enclosure_decimal(&text, value, 1000, &context), ASSAY_MEMORY);
  mpfi_ptr many = NULL;
  assert_int_equal(assay_enclosures_init(&many, 100, &context), ASSAY_MEMORY);
  context.memory_cap = 0;
  assert_int_equal(assay_enclosures_init(&many, SIZE_MAX / 2, &context), ASSAY_MEMORY);
  mpfr_set_inf(&value->right, 1);
  assert_int_equal(assay_enclosure_outward(&text, &other, value, 3, &context), ASSAY_PRECISION);
  assert_int_equal(assay_enclosure_double(&result, value, &context), ASSAY_PRECISION);
  mpfr_set_nan(&value->left);
  assert_int_equal(assay_enclosure_decimal(&text, value, 3, &context), ASSAY_PRECISION);
  assert_null(text);
  assert_null(other);
  assay_enclosures_clear(NULL, 7);
  mpfi_clear(value);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decimals_round_to_nearest),   cmocka_unit_test(outward_decimals_enclose),
      cmocka_unit_test(doubles_round_to_nearest),    cmocka_unit_test(decimals_of_doubles_are_those_of_printf),
      cmocka_unit_test(ties_of_doubles_are_settled), cmocka_unit_test(requests_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
