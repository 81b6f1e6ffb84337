/* Decimals, formats and hexadecimal digits of the test vectors. */
#include "theory/vectors/value.h"

#include "testing.h"

#include <mpfr.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static assay_context context;

/* ---- hexadecimal ---- */

static void check_hex(double value, const char *expected) {
  assay_text text = {0};
  vectors_add_hex(&text, value);
  test_check(strcmp(assay_text_string(&text), expected) == 0, "%a is written %s, expected %s", value,
             assay_text_string(&text), expected);
  assay_text_clear(&text);
}

static void hexadecimal_digits(void **state) {
  (void)state;
  check_hex(0, "0x0p+0");
  check_hex(-0.0, "-0x0p+0");
  check_hex(1, "0x1p+0");
  check_hex(-0.15625, "-0x1.4p-3");
  check_hex(0x1.0000000000001p+1023, "0x1.0000000000001p+1023");
  check_hex(0x1.fffffffffffffp-1022, "0x1.fffffffffffffp-1022");
  check_hex(0x1p-1074, "0x0.0000000000001p-1022");
  check_hex(0x1.8p-1024, "0x0.6p-1022");
  check_hex(INFINITY, "inf");
  check_hex(-INFINITY, "-inf");
  test_random random = test_random_new(41);
  for (size_t i = test_cases(2000); i > 0; i--) {
    uint64_t bits = test_bits(&random);
    double value, back;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) continue;
    assay_text text = {0};
    vectors_add_hex(&text, value);
    back = strtod(assay_text_string(&text), NULL);
    test_check(back == value && signbit(back) == signbit(value), "%a is written %s", value, assay_text_string(&text));
    assay_text_clear(&text);
  }
}

/* ---- values ---- */

/* [left, right], from decimal, hexadecimal or with a power of two, at 700 bits; each end to nearest, exactly when it
 * fits. */
static assay_status set(vectors_value *out, const char *left, const char *right, bool last) {
  enum { BITS = 700 };
  mpfi_t enclosure;
  mpfi_init2(enclosure, BITS);
  assert_true(mpfr_set_str(&enclosure->left, left, 0, MPFR_RNDD) == 0);
  assert_true(mpfr_set_str(&enclosure->right, right, 0, MPFR_RNDU) == 0);
  assay_status status = vectors_value_set(out, enclosure, last, &context);
  mpfi_clear(enclosure);
  return status;
}

static void check(const char *left, const char *right, bool last, const char *lower, const char *upper, double binary64,
                  double binary32) {
  vectors_value value = {0};
  assay_status status = set(&value, left, right, last);
  test_check(status == ASSAY_OK, "[%s, %s]: %s", left, right, context.message);
  test_check(strcmp(value.lower, lower) == 0 && strcmp(value.upper, upper) == 0,
             "[%s, %s]: [%s, %s], expected [%s, %s]", left, right, value.lower, value.upper, lower, upper);
  test_check(value.binary64 == binary64 && value.binary32 == binary32, "[%s, %s]: %a and %a, expected %a and %a", left,
             right, value.binary64, value.binary32, binary64, binary32);
  vectors_value_clear(&value);
}

static void check_open(const char *left, const char *right, bool last) {
  vectors_value value = {0};
  assay_status status = set(&value, left, right, last);
  test_check(status == ASSAY_PRECISION && !value.lower && !value.upper, "[%s, %s]: status %s", left, right,
             assay_status_name(status));
}

#define ONE_39 "1.000000000000000000000000000000000000000"
#define BELOW_1 "0.9999999999999999999999999999999999999999"
#define ABOVE_1 "1.000000000000000000000000000000000000001"

static void decimals_lie_around(void **state) {
  (void)state;
  check("1", "1", false, ONE_39, ONE_39, 1, 1);
  check("0", "0", false, "0", "0", 0, 0);
  check("0x1.999999999999ap-4", "0x1.999999999999ap-4", false, "0.1000000000000000055511151231257827021181",
        "0.1000000000000000055511151231257827021182", 0.1, (double)0.1F);
  check("-0.30000000000000000000000000000000000000011", "-0.30000000000000000000000000000000000000011", false,
        "-0.3000000000000000000000000000000000000002", "-0.3000000000000000000000000000000000000001", -0.3,
        (double)-0.3F);
  /* A decimal strictly inside is told at last only, and then its neighbours are written, however it is approached. */
  check_open("0x0.ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffp0", "1", false);
  check("0x0.ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffp0", "1",
        true, BELOW_1, ABOVE_1, 1, 1);
  check("1",
        "0x1.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001p0",
        true, BELOW_1, ABOVE_1, 1, 1);
  /* 0 and a neighbour cannot be told apart by widening. */
  check_open("-0x1p-2000", "0x1p-2000", true);
  check_open("0", "0x1p-2000", true);
}

static void formats_are_correctly_rounded(void **state) {
  (void)state;
#define TIE "0x1.000001p0"
  check(TIE, TIE, false, "1.000000059604644775390625000000000000000", "1.000000059604644775390625000000000000000",
        0x1.000001p0, 1); /* to even */
  check("0x1.0000010000000000000000001p0", "0x1.0000010000000000000000001p0", false,
        "1.000000059604644775390625000000788860905", "1.000000059604644775390625000000788860906", 0x1.000001p0,
        0x1.000002p0); /* not by way of binary64 */
  check_open("0x1.000000fffffffffffffffffffffffffffffffffffffffffffffffffp0",
             "0x1.00000100000000000000000000000000000001p0", true);
  check("0x1.ffffffp127", "0x1.ffffffp127", false, "3.402823567797336616375393954581425684480e38",
        "3.402823567797336616375393954581425684480e38", 0x1.ffffffp127, INFINITY);
  check("0x1.fffffefp127", "0x1.fffffefp127", false, "3.402823561459083615234246947097909657600e38",
        "3.402823561459083615234246947097909657600e38", 0x1.fffffefp127, 0x1.fffffep127);
  check("-0x1p1024", "-0x1p1024", false, "-1.797693134862315907729305190789024733618e308",
        "-1.797693134862315907729305190789024733617e308", -INFINITY, -INFINITY);
  check("0x1p-149", "0x1p-149", false, "1.401298464324817070923729583289916131280e-45",
        "1.401298464324817070923729583289916131281e-45", 0x1p-149, 0x1p-149);
  check("0x1p-150", "0x1p-150", false, "7.006492321624085354618647916449580656401e-46",
        "7.006492321624085354618647916449580656402e-46", 0x1p-150, 0);
  check("0x1.1p-1075", "0x1.1p-1075", false, "2.624723743531622265938021712112426040689e-324",
        "2.624723743531622265938021712112426040690e-324", 0x1p-1074, 0);
}

/* ---- asking for more bits ---- */

static long asked[32];
static size_t times;

/* 1/3 from goal 500 on, too wide before. */
static assay_status third(mpfi_ptr out, const void *self, long goal_bits, assay_context *unused) {
  (void)self, (void)unused;
  asked[times++] = goal_bits;
  mpfi_set_prec(&out[0], goal_bits < 500 ? 20 : 700), mpfi_set_prec(&out[1], 10);
  mpfi_set_si(&out[0], 1), mpfi_div_si(&out[0], &out[0], 3);
  mpfi_set_si(&out[1], -2);
  return ASSAY_OK;
}

static assay_status never(mpfi_ptr out, const void *self, long goal_bits, assay_context *unused) {
  (void)self, (void)unused, (void)goal_bits;
  mpfi_set_si(&out[0], 7);
  mpfi_interv_si(&out[1], 1, 2);
  return ASSAY_OK;
}

static void more_bits_are_asked_for(void **state) {
  (void)state;
  vectors_value values[2] = {0};
  assert_int_equal(vectors_values(values, 2, "case", third, NULL, &context), ASSAY_OK);
  test_check(times > 1 && asked[times - 1] >= 500 && asked[times - 2] < 500, "%zu attempts, the last at %ld bits",
             times, asked[times - 1]);
  test_check(values[0].binary64 == 1 / 3.0 && values[1].binary64 == -2 && !values[1].zero, "%a, %a", values[0].binary64,
             values[1].binary64);
  vectors_value_clear(&values[0]), vectors_value_clear(&values[1]);
  assert_int_equal(vectors_values(values, 2, "some case", never, NULL, &context), ASSAY_PRECISION);
  test_check(strstr(context.message, "some case, component 1: ") == context.message, "%s", context.message);
  test_check(!values[0].lower && !values[1].lower, "outputs are touched");
}

int main(void) {
  assay_context_init(&context);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hexadecimal_digits),
      cmocka_unit_test(decimals_lie_around),
      cmocka_unit_test(formats_are_correctly_rounded),
      cmocka_unit_test(more_bits_are_asked_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
