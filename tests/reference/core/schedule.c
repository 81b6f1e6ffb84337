/* Schedules: exact ends, Arb's cosine and sine of pi t/2 in between, relative accuracy next to both ends, identities.
 */
#include "testing.h"

#include "reference/core/schedule.h"

#include <arb.h>
#include <string.h>

static const long BITS = 200;

static assay_context context;

static void path_at(schedule_path *out, assay_schedule schedule, assay_real time) {
  assay_path_point point = assay_path_point_at(schedule, time);
  assert_int_equal(schedule_path_init(out, &point, &context), ASSAY_OK);
}

static bool is_integer(iv a, long value) { return !mpfr_cmp_si(&a->left, value) && !mpfr_cmp_si(&a->right, value); }

/* Contains the ball's middle up to its radius, and is relatively narrow to all but 10 bits. */
static bool agrees(iv ours, const arb_t theirs) {
  arb_t ball;
  arb_init(ball);
  arb_set_interval_mpfr(ball, &ours->left, &ours->right, 4 * BITS);
  bool good = arb_overlaps(ball, theirs) && arb_rel_accuracy_bits(ball) > BITS - 10 &&
              arb_rel_accuracy_bits(theirs) > BITS - 10;
  arb_clear(ball);
  return good;
}

static void ends_are_exact(void **state) {
  (void)state;
  for (int schedule = ASSAY_LINEAR; schedule <= ASSAY_TRIGONOMETRIC; schedule++)
    for (long end = 0; end <= 1; end++) {
      iv_scope *s = iv_scope_new(BITS);
      schedule_path path;
      path_at(&path, (assay_schedule)schedule, assay_real_of((double)end));
      schedule_values v = schedule_at(s, &path);
      assert_true(is_integer(v.alpha, 1 - end));
      assert_true(is_integer(v.beta, end));
      assert_int_equal(schedule_at_noise(&path), end == 0);
      if (schedule == ASSAY_TRIGONOMETRIC) assert_true(is_integer(end ? v.beta_rate : v.alpha_rate, 0));
      schedule_path_clear(&path);
      iv_scope_free(s);
    }
}

/* The time as Arb reads the same string. */
static void check_time(assay_schedule schedule, const char *text) {
  assay_real time;
  assert_int_equal(assay_real_parse(&time, text, true, "time", &context), ASSAY_OK);
  iv_scope *s = iv_scope_new(BITS);
  schedule_path path;
  path_at(&path, schedule, time);
  schedule_values v = schedule_at(s, &path);
  slong bits = 4000;
  fmpq_t ratio;
  arb_t t, alpha, beta, speed;
  fmpq_init(ratio);
  arb_init(t);
  arb_init(alpha);
  arb_init(beta);
  arb_init(speed);
  if (strchr(text, '/')) {
    assert_int_equal(fmpq_set_str(ratio, text, 10), 0);
    arb_set_fmpq(t, ratio, bits);
  } else {
    assert_int_equal(arb_set_str(t, text, bits), 0);
  }
  arb_one(speed);
  arb_sub(alpha, speed, t, bits);
  arb_set(beta, t);
  if (schedule == ASSAY_TRIGONOMETRIC) {
    arb_const_pi(speed, bits);
    arb_mul_2exp_si(speed, speed, -1);
    arb_mul(t, t, speed, bits);
    arb_sin_cos(beta, alpha, t, bits);
  }
  test_check(agrees(v.alpha, alpha) && agrees(v.beta, beta), "%s at %s", assay_schedule_name(schedule), text);
  test_check(agrees(v.wronskian, speed), "Wronskian of %s at %s", assay_schedule_name(schedule), text);
  arb_t rate;
  arb_init(rate);
  arb_mul(rate, schedule == ASSAY_TRIGONOMETRIC ? alpha : speed, speed, bits);
  test_check(agrees(v.beta_rate, rate), "beta' of %s at %s", assay_schedule_name(schedule), text);
  arb_mul(rate, schedule == ASSAY_TRIGONOMETRIC ? beta : speed, speed, bits);
  arb_neg(rate, rate);
  test_check(agrees(v.alpha_rate, rate), "alpha' of %s at %s", assay_schedule_name(schedule), text);
  arb_clear(rate);
  fmpq_clear(ratio);
  arb_clear(t);
  arb_clear(alpha);
  arb_clear(beta);
  arb_clear(speed);
  schedule_path_clear(&path);
  iv_scope_free(s);
}

static void values_are_those_of_arb(void **state) {
  (void)state;
  static const char *const times[] = {"1/3",
                                      "2/3",
                                      "0.1",
                                      "0.5",
                                      "1e-300",
                                      "0.99999999999999999999999999999999",
                                      "1/1000003",
                                      "1000002/1000003",
                                      "0.9999999999999999"};
  for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
    check_time(ASSAY_LINEAR, times[i]);
    check_time(ASSAY_TRIGONOMETRIC, times[i]);
  }
}

/* A linear path at p/q, and rational coefficients, are whole numbers in their unit. */
static void scaled_values_are_whole(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(BITS);
  schedule_path path;
  path_at(&path, ASSAY_LINEAR, (assay_real){0.3, "3/10"});
  schedule_values v = schedule_scaled_at(s, &path);
  assert_true(is_integer(v.unit, 10) && is_integer(v.alpha, 7) && is_integer(v.beta, 3));
  assert_true(is_integer(v.alpha_rate, -1) && is_integer(v.beta_rate, 1) && is_integer(v.wronskian, 1));
  schedule_path_clear(&path);
  assay_path_point point = assay_path_point_of((assay_real){0.5, "1/2"}, (assay_real){2. / 3, "2/3"});
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_OK);
  v = schedule_scaled_at(s, &path);
  assert_true(is_integer(v.unit, 6) && is_integer(v.alpha, 3) && is_integer(v.beta, 4));
  assert_null(v.alpha_rate);
  assert_false(schedule_at_noise(&path));
  schedule_path_clear(&path);
  iv_scope_free(s);
}

static void refusals_name_the_value(void **state) {
  (void)state;
  schedule_path path;
  assay_path_point point = assay_path_point_at(ASSAY_LINEAR, (assay_real){1, "1.00000000000000000000001"});
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_INVALID);
  assert_string_equal(context.message, "time: 1.00000000000000000000001 lies outside [0, 1]");
  point = assay_path_point_at(ASSAY_TRIGONOMETRIC, assay_real_of(-0.5));
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_INVALID);
  assert_string_equal(context.message, "time: -0.5 lies outside [0, 1]");
  point = assay_path_point_at(ASSAY_LINEAR, (assay_real){0.5, "half"});
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_INVALID);
  point = assay_path_point_of(assay_real_of(0), assay_real_of(0));
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_INVALID);
  point.schedule = (assay_schedule)17;
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_INVALID);
  assert_string_equal(context.message, "schedule: unknown code 17");
}

int main(void) {
  assay_context_init(&context);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ends_are_exact),
      cmocka_unit_test(values_are_those_of_arb),
      cmocka_unit_test(scaled_values_are_whole),
      cmocka_unit_test(refusals_name_the_value),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
