/* Rounding to a rule against MPFR's own rounding and its subnormals. */
#include "rounding_oracle.h"
#include "testing.h"

#include "reference/core/rounding.h"

#include <float.h>
#include <math.h>

static const rounding_rule rules[] = {{53, -1074}, {77, -1098}, {48, -173}, {35, -48}, {11, -24}, {80, -100000}};
enum { RULES = sizeof rules / sizeof *rules };

static void value_of(mpfr_ptr out, rounded value) {
  mpfr_set_prec(out, 200);
  mpfr_set_ui(out, (unsigned long)(value.magnitude >> 64), MPFR_RNDN);
  mpfr_mul_2ui(out, out, 64, MPFR_RNDN);
  mpfr_add_ui(out, out, (unsigned long)value.magnitude, MPFR_RNDN);
  mpfr_mul_2si(out, out, value.exponent, MPFR_RNDN);
  if (value.negative) mpfr_neg(out, out, MPFR_RNDN);
}

/* Few bits, so that ties occur, or many; exponents near the rule's least bit, or anywhere. */
static void draw(mpfr_ptr out, test_random *random, rounding_rule rule) {
  static const long precisions[] = {2, 12, 36, 54, 78, 81, 300};
  mpfr_set_prec(out, precisions[test_integer(random, 0, 6)]);
  mpfr_set_d(out, test_uniform(random, -1, 1), MPFR_RNDN);
  mpfr_t more;
  mpfr_init2(more, 300);
  mpfr_set_d(more, test_uniform(random, -1, 1), MPFR_RNDN);
  mpfr_mul_2si(more, more, -(long)test_integer(random, 20, 200), MPFR_RNDN);
  mpfr_add(out, out, more, MPFR_RNDN);
  long exponent = test_integer(random, 0, 1) ? rule.least + (long)test_integer(random, 0, 100) - 5
                                             : (long)test_integer(random, 0, 4000) - 2000;
  mpfr_mul_2si(out, out, exponent, MPFR_RNDN);
  mpfr_clear(more);
}

static void numbers_round_as_mpfr_rounds(void **state) {
  (void)state;
  test_random random = test_random_new(7201);
  mpfr_t value, expected, got;
  mpfr_inits2(300, value, expected, got, (mpfr_ptr)NULL);
  for (size_t i = 0; i < test_cases(30000); i++) {
    rounding_rule rule = rules[i % RULES];
    draw(value, &random, rule);
    rounded r = rounding_of_end(value, 0, rule);
    oracle_round(expected, value, rule.precision, rule.least);
    value_of(got, r);
    double shown = mpfr_get_d(value, MPFR_RNDN);
    test_check(mpfr_equal_p(expected, got), "case %zu, near %a, to %d bits above 2^%ld", i, shown, rule.precision,
               rule.least);
    test_check(r.magnitude >> rule.precision == 0 && r.exponent >= rule.least &&
                   (r.exponent == rule.least || r.magnitude >> (rule.precision - 1) == 1),
               "case %zu: not in its form", i);
  }
  mpfr_clears(value, expected, got, (mpfr_ptr)NULL);
}

/* Just above or below a tie the side counts, elsewhere it does not. */
static void sides_settle_ties(void **state) {
  (void)state;
  mpfr_t tie;
  mpfr_init2(tie, 100);
  for (size_t i = 0; i < RULES; i++) {
    mpfr_set_ui_2exp(tie, 5, -1, MPFR_RNDN); /* 2.5 of the last bit */
    mpfr_mul_2si(tie, tie, rules[i].least, MPFR_RNDN);
    for (int sign = 1; sign >= -1; sign -= 2) {
      assert_true(rounding_of_end(tie, 0, rules[i]).magnitude == 2);
      assert_true(rounding_of_end(tie, sign, rules[i]).magnitude == 3);
      assert_true(rounding_of_end(tie, -sign, rules[i]).magnitude == 2);
      mpfr_neg(tie, tie, MPFR_RNDN);
    }
    mpfr_set_ui_2exp(tie, 9, rules[i].least - 2, MPFR_RNDN); /* 2.25 of it */
    assert_true(rounding_of_end(tie, 1, rules[i]).magnitude == 2 && rounding_of_end(tie, -1, rules[i]).magnitude == 2);
  }
  mpfr_clear(tie);
}

/* A ball is decided only if its ends agree, and is decided when they agree by a margin. */
static void balls_are_decided_as_their_ends(void **state) {
  (void)state;
  test_random random = test_random_new(7202);
  mpfr_t low_end, high_end;
  mpfr_inits2(2400, low_end, high_end, (mpfr_ptr)NULL);
  size_t decided = 0, refused = 0;
  for (size_t i = 0; i < test_cases(30000); i++) {
    rounding_rule rule = rules[i % (RULES - 1)];
    int scale = i % 2 ? (int)test_integer(&random, 0, 200) - 100 : (int)rule.least + (int)test_integer(&random, 0, 90);
    double high = ldexp(test_uniform(&random, -1, 1), scale), low = high * test_uniform(&random, -0x1p-54, 0x1p-54);
    if (i % 3 == 0) high = ldexp(rint(ldexp(high, 30 - scale)), scale - 30);
    if (i % 13 == 0) high = copysign(ldexp(1, scale - 1), high); /* numbers below it have one bit more */
    if (i % 30 == 0) low = 0;
    double bound = i % 7 ? fabs(ldexp(high, -(int)test_integer(&random, 8, 120))) : 0;
    rounded got, a, b;
    bool told = rounding_of_ball(&got, high, low, bound, rule);
    mpfr_set_d(low_end, high, MPFR_RNDN);
    mpfr_add_d(low_end, low_end, low, MPFR_RNDN);
    mpfr_set(high_end, low_end, MPFR_RNDN);
    mpfr_sub_d(low_end, low_end, bound, MPFR_RNDN);
    mpfr_add_d(high_end, high_end, bound, MPFR_RNDN);
    a = rounding_of_end(low_end, 0, rule);
    b = rounding_of_end(high_end, 0, rule);
    bool agree = a.magnitude == b.magnitude && a.exponent == b.exponent && a.negative == b.negative;
    test_check(!told || agree, "%a + %a within %a: decided, but the ends disagree", high, low, bound);
    if (told) {
      test_check(got.magnitude == a.magnitude && got.exponent == a.exponent && got.negative == a.negative,
                 "%a + %a within %a", high, low, bound);
      decided++;
    } else if (agree) {
      refused++;
    }
  }
  test_check(refused * 50 < decided, "%zu decided, %zu refused without need", decided, refused);
  mpfr_clears(low_end, high_end, (mpfr_ptr)NULL);
  rounded out;
  assert_false(rounding_of_ball(&out, 1, 0, INFINITY, ROUNDING_DOUBLE));
  assert_false(rounding_of_ball(&out, 1, 0, NAN, ROUNDING_DOUBLE));
  assert_false(rounding_of_ball(&out, NAN, 0, 0, ROUNDING_DOUBLE));
  assert_false(rounding_of_ball(&out, INFINITY, 0, 0, ROUNDING_DOUBLE));
  const rounding_rule wide = {.precision = 77, .least = -1098};
  assert_false(rounding_of_ball(&out, 1, 0x1p-77 + 0x1p-125, 0, wide)); /* above a tie by less than is looked at */
  for (int sign = 1; sign >= -1; sign -= 2) { /* reaching over a tie by a little, and not quite */
    assert_false(rounding_of_ball(&out, sign * 1.5, sign * (0x1p-77 - 0x1p-110), 0x1p-109, wide));
    assert_false(rounding_of_ball(&out, sign * 1.5, sign * (0x1p-77 + 0x1p-110), 0x1p-109, wide));
    assert_false(rounding_of_ball(&out, sign * 1.5, sign * (0x1p-110 - 0x1p-77), 0x1.ep-107, wide));
    assert_true(rounding_of_ball(&out, sign * 1.5, sign * (0x1p-77 + 0x1p-103), 0x1p-107, wide));
    assert_true(out.magnitude == ((rounding_digits)3 << 75) + 1);
    assert_true(rounding_of_ball(&out, sign * 1.5, sign * (0x1p-77 - 0x1p-103), 0x1p-107, wide));
    assert_true(out.magnitude == (rounding_digits)3 << 75);
  }
  assert_false(rounding_of_ball(&out, 0x1p1000, 0x1p923, 0x1p-1074, wide));
  assert_true(rounding_of_ball(&out, 0x1p1000, 0, 0x1p-1074, ROUNDING_DOUBLE));
  assert_true(rounded_double(out) == 0x1p1000);
}

/* Whether a double is the nearest to all of a ball, against its ends to many bits. */
static void high_parts_are_taken_where_they_are_nearest(void **state) {
  (void)state;
  test_random random = test_random_new(7204);
  mpfr_t end;
  mpfr_init2(end, 2400);
  size_t taken = 0, left = 0;
  for (size_t i = 0; i < test_cases(20000); i++) {
    int scale = i % 5 ? (int)test_integer(&random, 0, 20) - 10 : -1050;
    double high = ldexp(test_uniform(&random, -1, 1), scale), half = (nextafter(fabs(high), INFINITY) - fabs(high)) / 2;
    double low = half * (i % 3 ? test_uniform(&random, -1, 1) : 1 - ldexp(1, -(int)test_integer(&random, 1, 53)));
    double part = i % 4 ? test_uniform(&random, 0, 0.1) : ldexp(1, -(int)test_integer(&random, 20, 56));
    double bound = half * part, out = 7;
    bool nearest = true;
    for (int side = -1; side <= 1; side += 2) {
      mpfr_set_d(end, side * bound, MPFR_RNDN);
      mpfr_add_d(end, end, low, MPFR_RNDN);
      mpfr_add_d(end, end, high, MPFR_RNDN);
      nearest = nearest && mpfr_get_d(end, MPFR_RNDN) == high;
    }
    bool told = rounding_to_high(&out, &high, &low, &bound, 1);
    test_check(!told || (nearest && out == high), "%a + %a within %a", high, low, bound);
    taken += told;
    left += nearest && !told;
  }
  test_check(left * 20 < taken, "%zu taken, %zu left without need", taken, left);
  mpfr_clear(end);
  double out[2] = {7, 7};
  const double zeros[] = {-0.0, 0}, infinite[] = {1, INFINITY}, none[] = {0, 0}, wide[] = {0, INFINITY},
               no[] = {0, NAN};
  assert_true(rounding_to_high(out, zeros, none, none, 2) && out[0] == 0 && !signbit(out[0]));
  assert_false(rounding_to_high(out, infinite, none, none, 2) || rounding_to_high(out, zeros, none, wide, 2));
  assert_false(rounding_to_high(out, zeros, none, no, 2));
  const double even = 1.5, below_tie = 0x1p-53 - 0x1p-106, over = 0x1.8p-106; /* their sum rounds to the tie */
  assert_false(rounding_to_high(out, &even, &below_tie, &over, 1));
}

static void distances_and_ratios_are_exact(void **state) {
  (void)state;
  test_random random = test_random_new(7203);
  mpfr_t a, b, expected, got;
  mpfr_inits2(9000, a, b, (mpfr_ptr)NULL);
  mpfr_inits2(53, expected, got, (mpfr_ptr)NULL);
  for (size_t i = 0; i < test_cases(20000); i++) {
    rounding_rule rule = rules[i % RULES], other = rules[test_integer(&random, 0, RULES - 1)];
    mpfr_t value;
    mpfr_init2(value, 300);
    draw(value, &random, rule);
    rounded left = rounding_of_end(value, 0, rule);
    if (i % 2 == 0) draw(value, &random, other);
    rounded right = rounding_of_end(value, 0, other); /* i odd: the same number to other bits: much cancels */
    value_of(a, left);
    value_of(b, right);
    mpfr_prec_round(a, 9000, MPFR_RNDN);
    mpfr_sub(a, a, b, MPFR_RNDN);
    mpfr_abs(expected, a, MPFR_RNDN);
    rounded distance = rounded_distance(left, right);
    value_of(got, distance);
    test_check(mpfr_equal_p(expected, got), "case %zu", i);
    if (right.magnitude && distance.magnitude) {
      double ratio = rounded_ratio(distance, rounded_distance(right, rounded_of_double(0)));
      mpfr_set_prec(got, 53);
      mpfr_abs(b, b, MPFR_RNDN);
      mpfr_prec_round(b, 53, MPFR_RNDN);
      mpfr_div(got, expected, b, MPFR_RNDN);
      double exact = mpfr_get_d(got, MPFR_RNDN);
      test_check(exact < 0x1p-1022 || isinf(exact) || ratio == exact, "case %zu: ratio %a, not %a", i, ratio, exact);
      test_check(!isinf(exact) || ratio == DBL_MAX, "case %zu: ratio %a", i, ratio);
    }
    mpfr_clear(value);
  }
  mpfr_clears(a, b, expected, got, (mpfr_ptr)NULL);
}

/* The larger number lies between two of 53 bits, and how far below its digits the other one is makes no difference:
 * it decides. */
static void far_smaller_numbers_settle_ties(void **state) {
  (void)state;
  const rounding_rule wide = {.precision = 80, .least = -100000};
  mpfr_t a, b, expected, got;
  mpfr_inits2(900, a, b, (mpfr_ptr)NULL);
  mpfr_inits2(53, expected, got, (mpfr_ptr)NULL);
  for (unsigned k = 0; k < 16; k++)
    for (long exponent = -40; exponent >= -400; exponent--) {
      rounded large = rounding_of(k & 1, ((rounding_digits)1 << 53) + 1 + (k & 2), 0, wide);
      rounded small = rounding_of(k & 4, k & 8 ? 1 : ((rounding_digits)1 << 60) + 1, exponent - (k & 8 ? 0 : 60), wide);
      value_of(a, large);
      value_of(b, small);
      mpfr_prec_round(a, 900, MPFR_RNDN);
      mpfr_sub(a, a, b, MPFR_RNDN);
      mpfr_abs(expected, a, MPFR_RNDN);
      value_of(got, rounded_distance(large, small));
      test_check(mpfr_equal_p(expected, got), "numbers %u, exponent %ld", k, exponent);
      value_of(got, rounded_distance(small, large));
      test_check(mpfr_equal_p(expected, got), "numbers %u, exponent %ld, in the other order", k, exponent);
    }
  mpfr_clears(a, b, expected, got, (mpfr_ptr)NULL);
}

static void doubles_come_back(void **state) {
  (void)state;
  const double values[] = {0, 1, -1, 0.1, DBL_MAX, -DBL_MAX, DBL_MIN, 0x1p-1074, -0x1.8p-1073, 0x1.fffffffffffffp-1023};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    rounded r = rounded_of_double(values[i]);
    double back = rounded_double(rounding_of(r.negative, r.magnitude, r.exponent, ROUNDING_DOUBLE));
    test_check(back == values[i] && !signbit(back) == !signbit(values[i]), "%a: %a", values[i], back);
  }
  assert_true(isinf(rounded_double(rounding_of(false, 1, 1024, ROUNDING_DOUBLE))));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_round_as_mpfr_rounds),
      cmocka_unit_test(sides_settle_ties),
      cmocka_unit_test(balls_are_decided_as_their_ends),
      cmocka_unit_test(high_parts_are_taken_where_they_are_nearest),
      cmocka_unit_test(distances_and_ratios_are_exact),
      cmocka_unit_test(far_smaller_numbers_settle_ties),
      cmocka_unit_test(doubles_come_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
