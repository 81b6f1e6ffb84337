/* Errors of numbers whose truth is known, planted errors, condition numbers and refusals of assay_reference_check. */
#include "check_case.h"
#include "field_examples.h"
#include "testing.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const assay_check_options plain_options = {.tolerance_ulp = 1, .tolerance_relative = 1e-6, .worst = 5};

/* At t = 0 the score is -x exactly. */
typedef struct {
  assay_format format;
  double truth, got, ulp, relative; /* ulp NaN: nonfinite */
} special;

static const special specials[] = {
    {ASSAY_BINARY16, 1e6, INFINITY, 0, 0},
    {ASSAY_BINARY16, 1e6, -INFINITY, NAN, 0},
    {ASSAY_BINARY16, -1e6, -INFINITY, 0, 0},
    {ASSAY_BINARY16, 1e6, 65504, (1e6 - 65504) / 32, (1e6 - 65504) / 1e6},
    {ASSAY_BINARY16, 65519, INFINITY, NAN, 0},
    {ASSAY_BINARY16, 65520, INFINITY, 0, 0},
    {ASSAY_BINARY16, 65520, 65504, 0.5, 16.0 / 65520},
    {ASSAY_BINARY16, 65519, 65504, 15.0 / 32, 15.0 / 65519},
    {ASSAY_BINARY16, 0x1p-25, 0, 0.5, 1},
    {ASSAY_BINARY16, 0x1p-25, 0x1p-24, 0.5, 1},
    {ASSAY_BINARY16, 0x1.8p-15, 0x1p-14, 0x1p-16 / 0x1p-24, 0x1p-16 / 0x1.8p-15},
    {ASSAY_BINARY16, 0, 0, 0, 0},
    {ASSAY_BINARY16, 0, -0.0, 0, 0},
    {ASSAY_BINARY16, 0, 0x1p-24, 1, INFINITY},
    {ASSAY_BINARY16, 1, 1 - 0x1p-11, 0.5, 0x1p-11},
    {ASSAY_BINARY16, 1, 1 + 0x1p-10, 1, 0x1p-10},
    {ASSAY_BINARY16, 1 - 0x1p-12, 1, 0.25, 0x1p-12 / (1 - 0x1p-12)},
    {ASSAY_BINARY16, 1 - 0x1.8p-12, 1 - 0x1p-11, 0x1p-13 / 0x1p-11, 0x1p-13 / (1 - 0x1.8p-12)},
    {ASSAY_BINARY16, 1, NAN, NAN, 0},
    {ASSAY_BINARY32, 0x1p128 - 0x1p103, INFINITY, 0, 0},
    {ASSAY_BINARY32, 0x1p128 - 0x1p103 - 0x1p81, INFINITY, NAN, 0},
    {ASSAY_BINARY32, 0x1p128 - 0x1p103 - 0x1p81, FLT_MAX, 0.5 - 0x1p-23,
     (0x1p103 - 0x1p81) / (0x1p128 - 0x1p103 - 0x1p81)},
    {ASSAY_BINARY32, 0x1p-149, 0x1p-148, 1, 1},
    {ASSAY_BINARY32, 0x1p-160, 0, 0x1p-11, 1},
    {ASSAY_BINARY32, 0x1p-174, 0, 0, 0},                                  /* Q is 0: below half of 2^-173 */
    {ASSAY_BINARY32, 1 + 0x1p-52, 1, 0, 0},                               /* Q is 1 */
    {ASSAY_BINARY32, 1 + 0x1.8p-47, 1, 0x1p-23, 0x1p-46 / (1 + 0x1p-46)}, /* 3/4 of 2^-47 2: to 48 bits 1 + 2^-46 */
    {ASSAY_BINARY64, DBL_MAX, INFINITY, NAN, 0},
    {ASSAY_BINARY64, 1, 1 + 0x1p-52, 1, 0x1p-52},
    {ASSAY_BINARY64, 1, 1 - 0x1p-53, 0.5, 0x1p-53},
    {ASSAY_BINARY64, 0x1p-1074, 0, 1, 1},
    {ASSAY_BINARY64, 0x1p-1022, 0x1.8p-1022, 0x1p51, 0.5},
    {ASSAY_BINARY64, 0x1p-1074, DBL_MAX, DBL_MAX, DBL_MAX},
    {ASSAY_BINARY64, -1, 1, 0x1p53, 2},
    {ASSAY_BINARY64, -DBL_MAX, DBL_MAX, 0x1p54 - 2, 2},
};

static void special_values_have_their_errors(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
    const special *s = &specials[i];
    double x = -s->truth, got = s->got;
    check_case c = {.quantity = ASSAY_SCORE, .format = s->format, .rows = 1, .width = 1, .x = &x, .got = &got};
    assert_int_equal(assay_mixture_init(&c.mixture, 1, 1, &example_context), ASSAY_OK);
    c.point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0));
    for (int certify = 0; certify < 2; certify++) {
      assay_check_options options = assay_check_options_default();
      options.certify = certify;
      assay_check_report report;
      test_check(!check_case_run(&report, &c, &options), "%zu: %s", i, example_context.message);
      test_check(report.nonfinite == (isnan(s->ulp) ? 1 : 0) && report.beyond == report.nonfinite, "%zu: %zu nonfinite",
                 i, report.nonfinite);
      test_check(isnan(s->ulp) || (report.ulp.maximum == s->ulp && report.relative.maximum == s->relative),
                 "%zu: truth %a, got %a: %a ULP, relatively %a", i, s->truth, s->got, report.ulp.maximum,
                 report.relative.maximum);
      assay_check_report_clear(&report);
    }
    assay_mixture_clear(&c.mixture);
  }
}

/* One entry in 40 x 3 off by 100 ULP, another NaN. */
static void planted_errors_are_found(void **state) {
  (void)state;
  enum { ROWS = 40, D = 3, ENTRIES = ROWS * D };
  test_random random = test_random_new(7403);
  check_case c = {.quantity = ASSAY_DENOISER, .format = ASSAY_BINARY64, .rows = ROWS, .width = D};
  example_draw(&c.mixture, &random, D, 2);
  c.point = example_at_time(0, 0.375);
  double x[ENTRIES], got[ENTRIES];
  c.x = x;
  c.got = got;
  example_fill_normal(x, ENTRIES, &random);
  assert_int_equal(assay_reference_field_double(got, c.quantity, &c.mixture, &c.point, x, ROWS, &example_context),
                   ASSAY_OK);
  assay_check_report report;
  assay_check_options options = {.tolerance_ulp = 0.5, .tolerance_relative = INFINITY, .worst = 2};
  assert_int_equal(check_case_run(&report, &c, &options), ASSAY_OK);
  assert_true(report.beyond == 0 && report.ulp.maximum <= 0.5 && report.histogram[0] == ENTRIES);
  assay_check_report_clear(&report);
  got[31 * D + 2] *= 1 + 100 * 0x1p-52;
  got[17 * D + 1] = NAN;
  assert_int_equal(check_case_run(&report, &c, &options), ASSAY_OK);
  assert_int_equal(report.beyond, 2);
  assert_int_equal(report.nonfinite, 1);
  assert_true(report.first_nonfinite.row == 17 && report.first_nonfinite.column == 1);
  assert_true(report.ulp.place.row == 31 && report.ulp.place.column == 2);
  assert_true(report.relative.place.row == 31 && report.relative.place.column == 2);
  assert_true(report.worst[0].place.row == 31 && report.worst[0].ulp > 99 && report.worst[1].ulp <= 0.5);
  assert_true(fabs(mpfi_get_d(report.worst[0].expected) / report.worst[0].got - 1) < 101 * 0x1p-52);
  assay_check_report_clear(&report);
  assay_mixture_clear(&c.mixture);
}

/* -(x - beta m)/v changes relatively by |x|/|x - beta m| times as much as x; in d dimensions column by column. */
static void conditions_are_those_of_one_gaussian(void **state) {
  (void)state;
  test_random random = test_random_new(7404);
  for (size_t i = 0; i < test_cases(20); i++) {
    double mean = test_normal(&random), x = test_normal(&random), got = 1, time = test_uniform(&random, 0.1, 0.9);
    check_case c = {.quantity = ASSAY_SCORE, .format = ASSAY_BINARY64, .rows = 1, .width = 1, .x = &x, .got = &got};
    assert_int_equal(assay_mixture_init(&c.mixture, 1, 1, &example_context), ASSAY_OK);
    c.mixture.components[0].mean[0] = mean;
    c.point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(time));
    assay_check_report report;
    assert_int_equal(check_case_run(&report, &c, &plain_options), ASSAY_OK);
    double expected = fabs(x / (x - time * mean)); /* linear in x: differences are exact but for their rounding */
    test_check(fabs(report.worst[0].condition / expected - 1) < 1e-12 * (1 + expected),
               "x %a, mean %a, time %a: %.17g, not %.17g", x, mean, time, report.worst[0].condition, expected);
    assay_check_report_clear(&report);
    assay_mixture_clear(&c.mixture);
  }
}

/* d = 2, off the axes: log N(x; 0, I) at t = 0 has the gradient -x: sum x_j^2/|log p|. */
static void conditions_add_up_over_coordinates(void **state) {
  (void)state;
  const double x[] = {1.5, -2, 0};
  double got = 1;
  check_case c = {.quantity = ASSAY_LOG_DENSITY, .format = ASSAY_BINARY64, .rows = 1, .width = 1, .got = &got};
  double copy[3];
  memcpy(copy, x, sizeof copy);
  c.x = copy;
  assert_int_equal(assay_mixture_init(&c.mixture, 3, 1, &example_context), ASSAY_OK);
  c.point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0));
  assay_check_report report;
  assert_int_equal(check_case_run(&report, &c, &plain_options), ASSAY_OK);
  double log_density = -(x[0] * x[0] + x[1] * x[1]) / 2 - 1.5 * 1.8378770664093454836;
  double expected = (x[0] * x[0] + x[1] * x[1]) / -log_density;
  test_check(fabs(report.worst[0].condition / expected - 1) < 1e-11, "%.17g, not %.17g", report.worst[0].condition,
             expected);
  assay_check_report_clear(&report);
  assay_mixture_clear(&c.mixture);
}

/* ---- refusals ---- */

static void expect_refusal(assay_status status, assay_status wanted, const char *part) {
  test_check(status == wanted && strstr(example_context.message, part), "%s: '%s', expected '%s'",
             assay_status_name(status), example_context.message, part);
}

static int cancel(void *self, const char *what, double fraction) {
  (void)self;
  (void)what;
  (void)fraction;
  return 1;
}

static void bad_input_is_named(void **state) {
  (void)state;
  double x[] = {1, 2, 3, 4}, got[] = {0, 0, 0, 0.1}, times[] = {0.5, 1.5};
  check_case c = {.quantity = ASSAY_SCORE, .format = ASSAY_BINARY32, .rows = 2, .width = 2, .x = x, .got = got};
  assert_int_equal(assay_mixture_init(&c.mixture, 2, 1, &example_context), ASSAY_OK);
  c.point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  assay_check_report report;
  memset(&report, 0x5a, sizeof report);
  assay_check_report untouched = report;
  assay_check_options options = assay_check_options_default();
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_INVALID, "values: row 1, column 1 is 0.1");
  got[3] = 0;
  x[2] = INFINITY;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_INVALID, "points: row 1, column 0 is inf");
  x[2] = 3;
  c.times = times;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_INVALID, "times: row 1 is 1.5");
  times[1] = NAN;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_INVALID, "times: row 1 is nan");
  times[1] = 0.5;
  c.point = assay_path_point_of(assay_real_of(0.5), assay_real_of(0.5));
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_INVALID, "times: the path is given by alpha and beta;");
  c.point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  c.times = NULL;
  c.width = 1;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_INVALID, "values: 2 x 1; 2 x 2");
  c.width = 2;
  options.tolerance_ulp = NAN;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_INVALID, "tolerance_ulp");
  options.tolerance_ulp = 1;
  options.tolerance_relative = -1;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_INVALID, "tolerance_relative");
  options.tolerance_relative = 1;
  c.mixture.components[0].weight = assay_real_of(-1);
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_INVALID, "weight");
  c.mixture.components[0].weight = assay_real_of(1);
  example_context.memory_cap = 50;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_MEMORY, "check");
  example_context.memory_cap = 0;
  example_context.progress = cancel;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_CANCELLED, "check");
  example_context.progress = NULL;
  assert_memory_equal(&report, &untouched, sizeof report);
  assay_mixture_clear(&c.mixture);
}

/* The row is the one of the whole stream, in both ways of giving times. */
static void open_roundings_are_named(void **state) {
  (void)state;
  double x[] = {0, 0, 1, 1}, got[] = {0, 0, 0, 0}, times[] = {0.25, 0.5, 0.25, 0.75};
  check_case c = {.quantity = ASSAY_NOISE, .format = ASSAY_BINARY64, .rows = 4, .width = 1, .x = x, .got = got};
  assert_int_equal(assay_mixture_init(&c.mixture, 1, 1, &example_context), ASSAY_OK);
  c.point = assay_path_point_at(assay_schedule_of(ASSAY_TRIGONOMETRIC), assay_real_of(0.25));
  assay_check_options options = assay_check_options_default();
  options.certify = true;
  assay_check_report report;
  example_context.max_bits = 70;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_PRECISION, "point 2, component 0");
  c.times = times;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_PRECISION, "point 2, component 0");
  example_context.max_bits = 4096;
  assay_mixture_clear(&c.mixture);
}

/* 16 MB hold 255 of these points: whatever is said of the last rows was found in a second piece. */
static void rows_of_later_pieces_keep_their_numbers(void **state) {
  (void)state;
  enum { ROWS = 300, D = 8192 };
  double *x = calloc((size_t)ROWS * D, sizeof *x), got[ROWS] = {0};
  assert_non_null(x);
  check_case c = {
      .quantity = ASSAY_LOG_DENSITY, .format = ASSAY_BINARY32, .rows = ROWS, .width = 1, .x = x, .got = got};
  assert_int_equal(assay_mixture_init(&c.mixture, D, 1, &example_context), ASSAY_OK);
  c.point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  assay_check_options options = assay_check_options_default();
  options.worst = 0;
  assay_check_report report;
  got[295] = NAN;
  got[290] = 0x1p100;
  x[(size_t)290 * D + 77] = 3;
  assert_int_equal(check_case_run(&report, &c, &options), ASSAY_OK);
  assert_true(report.first_nonfinite.row == 295 && report.ulp.place.row == 290 && report.relative.place.row == 290);
  assay_check_report_clear(&report);
  x[(size_t)290 * D + 77] = 0x1.4cccccccccccdp101; /* beyond double-double */
  example_context.max_bits = 40;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_PRECISION, "point 290, component 0");
  example_context.max_bits = 4096;
  got[290] = 0.1;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_INVALID, "values: row 290, column 0 is 0.1");
  x[(size_t)290 * D + 77] = NAN;
  expect_refusal(check_case_run(&report, &c, &options), ASSAY_INVALID, "points: row 290, column 77 is nan");
  free(x);
  assay_mixture_clear(&c.mixture);
}

static void empty_streams_have_empty_reports(void **state) {
  (void)state;
  check_case c = {.quantity = ASSAY_SCORE, .format = ASSAY_BINARY64, .rows = 0, .width = 2};
  assert_int_equal(assay_mixture_init(&c.mixture, 2, 1, &example_context), ASSAY_OK);
  c.point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  assay_check_report report;
  assert_int_equal(check_case_run(&report, &c, &plain_options), ASSAY_OK);
  assert_true(report.entries == 0 && report.beyond == 0 && report.worst_count == 0 && report.ulp.maximum == 0);
  assay_check_report_clear(&report);
  assay_mixture_clear(&c.mixture);
}

static int set_up(void **state) {
  (void)state;
  assay_context_init(&example_context);
  example_context.threads = 1; /* for many small regions on a busy machine */
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(special_values_have_their_errors),
      cmocka_unit_test(planted_errors_are_found),
      cmocka_unit_test(conditions_are_those_of_one_gaussian),
      cmocka_unit_test(conditions_add_up_over_coordinates),
      cmocka_unit_test(bad_input_is_named),
      cmocka_unit_test(open_roundings_are_named),
      cmocka_unit_test(rows_of_later_pieces_keep_their_numbers),
      cmocka_unit_test(empty_streams_have_empty_reports),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
