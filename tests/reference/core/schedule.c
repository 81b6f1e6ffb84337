/* Schedules: exact ends, Arb's values and derivatives in between, relative accuracy next to both ends. */
#include "testing.h"

#include "reference/core/schedule.h"

#include <arb.h>
#include <stdio.h>
#include <stdlib.h>
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

/* ---- the schedules of these tests ---- */

typedef struct {
  const char *text; /* as users write it */
  const char *beta_start, *rate_start,
      *rate_end; /* beta(0) where it is 0, beta'(0), beta'(1) where they are integers */
} listed_schedule;

static const listed_schedule listed[] = {
    {"linear", "0", "1", "1"},        {"trigonometric", "0", NULL, "0"}, {"polynomial:1", "0", "1", "1"},
    {"polynomial:2", "0", "0", "2"},  {"polynomial:7", "0", "0", "7"},   {"polynomial:1000", "0", "0", "1000"},
    {"linear-vp", "0", "1", "1"},     {"vp:0.1:20", NULL, NULL, NULL},   {"vp:0:1/3", NULL, NULL, "0"},
    {"vp:2/7:2/7", NULL, NULL, NULL}, {"vp:0:1e-30", NULL, NULL, "0"},   {"vp:2:700", NULL, NULL, "1"},
};
enum { LISTED = sizeof listed / sizeof *listed };

typedef struct {
  assay_schedule schedule;
  char text[64];
} parsed_schedule;

static void parse(parsed_schedule *out, size_t which) {
  assert_int_equal(assay_schedule_parse(&out->schedule, listed[which].text, out->text, &context), ASSAY_OK);
}

static void check_end(size_t which, long end) {
  parsed_schedule at;
  parse(&at, which);
  iv_scope *s = iv_scope_new(BITS);
  schedule_path path;
  path_at(&path, at.schedule, assay_real_of((double)end));
  schedule_values v = schedule_at(s, &path);
  const char *rate = end ? listed[which].rate_end : listed[which].rate_start;
  bool noise = end || listed[which].beta_start;
  test_check(!noise || (is_integer(v.alpha, 1 - end) && is_integer(v.alpha_square, 1 - end) && is_integer(v.beta, end)),
             "%s at %ld", listed[which].text, end);
  test_check(schedule_at_noise(&path) == (!end && listed[which].beta_start), "noise of %s at %ld", listed[which].text,
             end);
  test_check(!rate || is_integer(v.beta_rate, strtol(rate, NULL, 10)), "beta' of %s at %ld", listed[which].text, end);
  test_check(!rate || !end || !schedule_on_circle(path.kind) || is_integer(v.turn, strtol(rate, NULL, 10)),
             "turn of %s at %ld", listed[which].text, end);
  schedule_path_clear(&path);
  iv_scope_free(s);
}

static void ends_are_exact(void **state) {
  (void)state;
  for (size_t k = 0; k < LISTED; k++)
    for (long end = 0; end <= 1; end++) check_end(k, end);
}

/* ---- Arb ---- */

enum { ORACLE_BITS = 6000 };

static void arb_of(arb_t out, const char *text) {
  if (!strchr(text, '/')) {
    assert_int_equal(arb_set_str(out, text, ORACLE_BITS), 0);
    return;
  }
  fmpq_t ratio;
  fmpq_init(ratio);
  assert_int_equal(fmpq_set_str(ratio, text, 10), 0);
  arb_set_fmpq(out, ratio, ORACLE_BITS);
  fmpq_clear(ratio);
}

static void arb_of_real(arb_t out, assay_real value) {
  if (value.exact)
    arb_of(out, value.exact);
  else
    arb_set_d(out, value.nearest);
}

typedef struct {
  arb_t alpha, beta, alpha_rate, beta_rate;
} oracle;

/* alpha = (1 - beta^2)^(1/2) and its derivative. */
static void oracle_circle(oracle *o) {
  arb_mul(o->alpha, o->beta, o->beta, ORACLE_BITS);
  arb_sub_ui(o->alpha, o->alpha, 1, ORACLE_BITS);
  arb_neg(o->alpha, o->alpha);
  arb_sqrt(o->alpha, o->alpha, ORACLE_BITS);
  arb_mul(o->alpha_rate, o->beta, o->beta_rate, ORACLE_BITS);
  arb_div(o->alpha_rate, o->alpha_rate, o->alpha, ORACLE_BITS);
  arb_neg(o->alpha_rate, o->alpha_rate);
}

static void oracle_line(oracle *o) {
  arb_sub_ui(o->alpha, o->beta, 1, ORACLE_BITS);
  arb_neg(o->alpha, o->alpha);
  arb_neg(o->alpha_rate, o->beta_rate);
}

/* beta = exp(-E/2), E = u^2 (B - b)/2 + u b: the integral of the rate b + (B - b) v over v in (0, u). */
static void oracle_vp(oracle *o, const assay_schedule *schedule, const arb_t t) {
  arb_t low, growth, u, sum;
  arb_init(low), arb_init(growth), arb_init(u), arb_init(sum);
  arb_of_real(low, schedule->beta_min);
  arb_of_real(growth, schedule->beta_max);
  arb_sub(growth, growth, low, ORACLE_BITS);
  arb_sub_ui(u, t, 1, ORACLE_BITS);
  arb_neg(u, u);
  arb_mul(sum, u, u, ORACLE_BITS);
  arb_mul(sum, sum, growth, ORACLE_BITS);
  arb_mul_2exp_si(sum, sum, -1);
  arb_addmul(sum, u, low, ORACLE_BITS);
  arb_mul_2exp_si(sum, sum, -1);
  arb_neg(sum, sum);
  arb_exp(o->beta, sum, ORACLE_BITS);
  arb_mul(sum, growth, u, ORACLE_BITS);
  arb_add(sum, sum, low, ORACLE_BITS);
  arb_mul_2exp_si(sum, sum, -1);
  arb_mul(o->beta_rate, sum, o->beta, ORACLE_BITS);
  arb_clear(low), arb_clear(growth), arb_clear(u), arb_clear(sum);
  oracle_circle(o);
}

static void oracle_cosine(oracle *o, const arb_t t) {
  arb_t speed, angle;
  arb_init(speed), arb_init(angle);
  arb_const_pi(speed, ORACLE_BITS);
  arb_mul_2exp_si(speed, speed, -1);
  arb_mul(angle, t, speed, ORACLE_BITS);
  arb_sin_cos(o->beta, o->alpha, angle, ORACLE_BITS);
  arb_mul(o->beta_rate, speed, o->alpha, ORACLE_BITS);
  arb_mul(o->alpha_rate, speed, o->beta, ORACLE_BITS);
  arb_neg(o->alpha_rate, o->alpha_rate);
  arb_clear(speed), arb_clear(angle);
}

static void oracle_at(oracle *o, const assay_schedule *schedule, const arb_t t) {
  if (schedule->kind == ASSAY_TRIGONOMETRIC) {
    oracle_cosine(o, t);
  } else if (schedule->kind == ASSAY_VP) {
    oracle_vp(o, schedule, t);
  } else if (schedule->kind == ASSAY_POLYNOMIAL) {
    arb_pow_ui(o->beta, t, schedule->degree, ORACLE_BITS);
    arb_pow_ui(o->beta_rate, t, schedule->degree - 1, ORACLE_BITS);
    arb_mul_ui(o->beta_rate, o->beta_rate, schedule->degree, ORACLE_BITS);
    oracle_line(o);
  } else {
    arb_set(o->beta, t);
    arb_one(o->beta_rate);
    if (schedule->kind == ASSAY_LINEAR) oracle_line(o);
    if (schedule->kind == ASSAY_LINEAR_VP) oracle_circle(o);
  }
}

/* `time` in (0, 1), read by either side. */
static void check_time(size_t which, const char *text) {
  parsed_schedule at;
  parse(&at, which);
  assay_real time;
  assert_int_equal(assay_real_parse(&time, text, true, "time", &context), ASSAY_OK);
  iv_scope *s = iv_scope_new(BITS);
  schedule_path path;
  path_at(&path, at.schedule, time);
  schedule_values v = schedule_at(s, &path);
  oracle o;
  arb_t t, product;
  arb_init(o.alpha), arb_init(o.beta), arb_init(o.alpha_rate), arb_init(o.beta_rate), arb_init(t), arb_init(product);
  arb_of(t, text);
  oracle_at(&o, &at.schedule, t);
  const char *name = listed[which].text;
  test_check(agrees(v.alpha, o.alpha) && agrees(v.beta, o.beta), "%s at %s", name, text);
  test_check(agrees(v.beta_rate, o.beta_rate), "beta' of %s at %s", name, text);
  test_check(agrees(schedule_alpha_rate(s, &v), o.alpha_rate), "alpha' of %s at %s", name, text);
  arb_mul(product, o.alpha, o.alpha, ORACLE_BITS);
  test_check(agrees(v.alpha_square, product), "alpha^2 of %s at %s", name, text);
  arb_mul(product, o.alpha, o.alpha_rate, ORACLE_BITS);
  test_check(agrees(v.alpha_decay, product), "alpha alpha' of %s at %s", name, text);
  arb_mul(product, o.alpha, o.beta_rate, ORACLE_BITS);
  arb_submul(product, o.alpha_rate, o.beta, ORACLE_BITS);
  test_check(agrees(schedule_wronskian(s, &v), product), "Wronskian of %s at %s", name, text);
  arb_mul(product, product, o.alpha, ORACLE_BITS);
  test_check(agrees(v.turn, product), "turn of %s at %s", name, text);
  arb_clear(o.alpha), arb_clear(o.beta), arb_clear(o.alpha_rate), arb_clear(o.beta_rate), arb_clear(t);
  arb_clear(product);
  schedule_path_clear(&path);
  iv_scope_free(s);
}

static void values_are_those_of_arb(void **state) {
  (void)state;
  static const char *const times[] = {"1/3",
                                      "2/3",
                                      "0.1",
                                      "0.5",
                                      "1e-100",
                                      "1/1048576",
                                      "1048575/1048576",
                                      "0.99999999999999999999999999999999",
                                      "1/1000003",
                                      "1000002/1000003",
                                      "0.9999999999999999"};
  test_random random = test_random_new(0x5c4ed);
  for (size_t k = 0; k < LISTED; k++) {
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
      if (strcmp(listed[k].text, "polynomial:1000") != 0 || strcmp(times[i], "1e-100") != 0) check_time(k, times[i]);
    for (size_t i = 0; i < test_cases(20); i++) {
      char text[64];
      size_t q = test_integer(&random, 2, 1000000000);
      (void)snprintf(text, sizeof text, "%zu/%zu", test_integer(&random, 1, q - 1), q);
      check_time(k, text);
    }
  }
}

/* Paths that are rational at p/q, and rational coefficients, are whole numbers in their unit. */
static void scaled_values_are_whole(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(BITS);
  schedule_path path;
  path_at(&path, assay_schedule_of(ASSAY_LINEAR), (assay_real){0.3, "3/10"});
  schedule_values v = schedule_scaled_at(s, &path);
  assert_true(is_integer(v.unit, 10) && is_integer(v.alpha, 7) && is_integer(v.beta, 3) && is_integer(v.beta_rate, 10));
  assert_true(is_integer(v.alpha_square, 49) && is_integer(v.alpha_decay, -70) && is_integer(v.turn, 70));
  schedule_path_clear(&path);
  path_at(&path, assay_schedule_polynomial(3), (assay_real){0.3, "3/10"});
  v = schedule_scaled_at(s, &path);
  assert_true(is_integer(v.unit, 1000) && is_integer(v.alpha, 973) && is_integer(v.beta, 27));
  assert_true(is_integer(v.beta_rate, 270) && is_integer(v.alpha_decay, -262710) && is_integer(v.turn, 262710));
  schedule_path_clear(&path);
  path_at(&path, assay_schedule_of(ASSAY_LINEAR_VP), (assay_real){0.3, "3/10"});
  v = schedule_scaled_at(s, &path);
  assert_true(is_integer(v.unit, 10) && is_integer(v.alpha_square, 91) && is_integer(v.beta, 3));
  assert_true(is_integer(v.beta_rate, 10) && is_integer(v.alpha_decay, -30) && is_integer(v.turn, 100));
  schedule_path_clear(&path);
  assay_path_point point = assay_path_point_of((assay_real){0.5, "1/2"}, (assay_real){2. / 3, "2/3"});
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_OK);
  v = schedule_scaled_at(s, &path);
  assert_true(is_integer(v.unit, 6) && is_integer(v.alpha, 3) && is_integer(v.beta, 4));
  assert_null(v.beta_rate);
  assert_false(schedule_at_noise(&path));
  schedule_path_clear(&path);
  iv_scope_free(s);
}

static void refusals_name_the_value(void **state) {
  (void)state;
  schedule_path path;
  assay_path_point point =
      assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), (assay_real){1, "1.00000000000000000000001"});
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_INVALID);
  assert_string_equal(context.message, "time: 1.00000000000000000000001 lies outside [0, 1]");
  point = assay_path_point_at(assay_schedule_of(ASSAY_TRIGONOMETRIC), assay_real_of(-0.5));
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_INVALID);
  assert_string_equal(context.message, "time: -0.5 lies outside [0, 1]");
  point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), (assay_real){0.5, "half"});
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_INVALID);
  point = assay_path_point_of(assay_real_of(0), assay_real_of(0));
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_INVALID);
  point.schedule.kind = (assay_schedule_kind)17;
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_INVALID);
  assert_string_equal(context.message, "schedule: unknown code 17");
  assay_real third = {1. / 3, "1/3"}, above = {1. / 3, "0.33333333333333333334"};
  point = assay_path_point_at(assay_schedule_vp(third, third), assay_real_of(0));
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_OK);
  schedule_path_clear(&path);
  point = assay_path_point_at(assay_schedule_vp(above, third), assay_real_of(0));
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_INVALID);
  assert_non_null(strstr(context.message, "beta_min, beta_max: 0.33333333333333331, 0.33333333333333331"));
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
