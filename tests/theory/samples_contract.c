/* assay_check_samples in the hands of users: threads, wild and rounded samples, bad arguments, few samples. */
#include "samples_problem.h"

#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void threads_change_nothing(void **state) {
  (void)state;
  enum { D = 40, ROWS = 30000 };
  problem p;
  problem_make(&p, D, 3, 0, 3, ROWS, 51);
  double *x = samples_draw(&p.draws);
  assay_samples_options options = problem_options(1e-6);
  options.sliced = 500;
  assay_samples_report reports[2];
  for (int i = 0; i < 2; i++) {
    problem_context()->threads = 1 + 2 * i;
    reports[i] = problem_judge(&p, x, ROWS, &options);
  }
  problem_context()->threads = 1;
  assert_int_equal(reports[0].comparisons, reports[1].comparisons);
  for (size_t i = 0; i < reports[0].comparisons; i++) {
    const assay_samples_test *a = &reports[0].tests[i], *b = &reports[1].tests[i];
    assert_string_equal(a->name, b->name);
    assert_true(a->statistic == b->statistic && a->p == b->p && a->allowance == b->allowance);
  }
  assert_true(reports[0].sliced_w2 == reports[1].sliced_w2 && reports[0].failed == 0);
  for (int i = 0; i < 2; i++) assay_samples_report_clear(&reports[i]);
  free(x);
  problem_clear(&p);
}

/* An outlier whose square overflows is refuted by its radius, and hides nothing else. */
static void wild_samples_are_refuted(void **state) {
  (void)state;
  static const double wild[] = {1e6, 1e200, -1e308};
  for (size_t i = 0; i < 3; i++) {
    problem p;
    problem_make(&p, 3, 2, 0, 3, 500, 61);
    double *x = samples_draw(&p.draws);
    x[300] = wild[i];
    const assay_samples_options options = problem_options(1e-6);
    assay_samples_report report = problem_judge(&p, x, 500, &options);
    assert_true(problem_test(&report, "largest-radius")->fails);
    assert_false(problem_test(&report, "projection random[0]")->fails);
    assay_samples_report_clear(&report);
    free(x);
    problem_clear(&p);
  }
}

/* Near a point mass, float32 cannot show more than its own grid: right samples, so rounded, are not refuted, though
 * the grid adds 5 % to the variance at 3e-7; where it is not far finer than the spread nothing is decided. */
static void rounding_near_a_point_mass_is_no_refutation(void **state) {
  (void)state;
  enum { ROWS = 20000 };
  static const double spread[] = {1e-3, 1e-5, 3e-7, 1e-9};
  for (size_t i = 0; i < 4; i++) {
    problem p;
    problem_make(&p, 2, 2, 0, 3, ROWS, 71);
    p.draws.alpha = 0;
    p.draws.beta = 1;
    for (size_t k = 0; k < 2; k++) p.mixture.components[k].covariance.variance = assay_real_of(spread[i] * spread[i]);
    double *x = samples_draw(&p.draws);
    samples_round(x, (size_t)2 * ROWS);
    assay_samples_options options = problem_options(1e-6);
    options.rounding = 0x1p-24;
    assay_samples_report report = problem_judge(&p, x, ROWS, &options);
    assert_int_equal(report.failed, 0);
    assert_true(report.undecided == (spread[i] < 1e-6));
    assay_samples_report_clear(&report);
    free(x);
    problem_clear(&p);
  }
}

/* Means so far apart that the other axes are lost in the covariance's rounding: their places are taken by directions
 * that can be tested, so that nothing is left undecided. */
static void far_means_leave_axes(void **state) {
  (void)state;
  enum { ROWS = 500 };
  for (size_t d = 2; d <= 5; d++) {
    problem p;
    problem_make(&p, d, 2, 0, 0, ROWS, 91);
    for (size_t j = 0; j < d; j++) {
      p.mixture.components[0].mean[j] = 1e10 / (double)(j + 1);
      p.mixture.components[1].mean[j] = -1e10 / (double)(j + 1);
    }
    double *x = samples_draw(&p.draws);
    const assay_samples_options options = problem_options(1e-6);
    assay_samples_report report = problem_judge(&p, x, ROWS, &options);
    test_check(report.failed == 0 && !report.undecided, "d %zu", d);
    assert_true(isfinite(problem_test(&report, "projection axis[1]")->allowance));
    assay_samples_report_clear(&report);
    free(x);
    problem_clear(&p);
  }
}

/* Right samples whose squares overflow, beside means as large: m/3 rounded once, while the computed mean is rounded
 * twice. Nothing is known of them, so nothing refutes them. */
static void huge_right_samples_are_no_refutation(void **state) {
  (void)state;
  enum { ROWS = 64 };
  problem p;
  problem_make(&p, 1, 1, 0, 0, ROWS, 92);
  const assay_samples_options options = problem_options(1e-6);
  assay_path_point point = assay_path_point_of(assay_real_of(0), (assay_real){1.0 / 3, "1/3"});
  p.mixture.components[0].covariance.variance = assay_real_of(1);
  for (int i = 0; i < 16; i++) {
    double mean = p.mixture.components[0].mean[0] = 1e160 * (1 + i / 16.0), x[ROWS];
    for (size_t r = 0; r < ROWS; r++) x[r] = mean / 3;
    assay_stream samples = assay_stream_of(x, ROWS, 1);
    assay_samples_report report;
    assert_int_equal(assay_check_samples(&report, &samples, &p.mixture, &point, &options, problem_context()), ASSAY_OK);
    test_check(report.failed == 0 && report.undecided, "mean %a: %s, p %a", mean, report.tests[report.worst].name,
               report.tests[report.worst].p);
    assay_samples_report_clear(&report);
  }
  problem_clear(&p);
}

static void refuse(const assay_samples_options *options, const assay_stream *samples, const char *says) {
  problem p;
  problem_make(&p, 2, 2, 0, 3, 1, 1);
  assay_path_point point = assay_path_point_of(assay_real_of(0.5), assay_real_of(0.5));
  assay_samples_report report = {.samples = 7};
  assert_int_equal(assay_check_samples(&report, samples, &p.mixture, &point, options, problem_context()),
                   ASSAY_INVALID);
  test_check(strstr(problem_context()->message, says) != NULL, "'%s' lacks '%s'", problem_context()->message, says);
  assert_true(report.samples == 7 && report.tests == NULL);
  problem_clear(&p);
}

static void bad_arguments_are_named(void **state) {
  (void)state;
  const double x[] = {1, 2, 3, 4, 5, INFINITY};
  assay_samples_options options = problem_options(1e-6), bad = options;
  assay_stream good = assay_stream_of(x, 2, 2), none = assay_stream_of(x, 0, 2), wide = assay_stream_of(x, 1, 3);
  assay_stream infinite = assay_stream_of(x, 3, 2);
  refuse(&options, &none, "0 rows");
  refuse(&options, &wide, "3 columns");
  refuse(&options, &infinite, "row 2, column 1");
  bad.delta = 1;
  refuse(&bad, &good, "delta: 1");
  bad.delta = NAN;
  refuse(&bad, &good, "delta");
  bad = options;
  bad.rounding = -1;
  refuse(&bad, &good, "rounding: -1");
}

/* One sample, and as many components as samples: no division by nothing. */
static void few_samples_are_fine(void **state) {
  (void)state;
  for (size_t rows = 1; rows < 4; rows++) {
    problem p;
    problem_make(&p, 3, 5, 0, 3, rows, 81);
    double *x = samples_draw(&p.draws);
    assay_samples_options options = problem_options(0.01);
    options.sliced = 10;
    assay_samples_report report = problem_judge(&p, x, rows, &options);
    assert_true(report.failed == 0 && !report.undecided && isfinite(report.sliced_w2));
    for (size_t i = 0; i < report.comparisons; i++) assert_true(report.tests[i].p > 0 && report.tests[i].p <= 1);
    assay_samples_report_clear(&report);
    free(x);
    problem_clear(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(wild_samples_are_refuted),
      cmocka_unit_test(rounding_near_a_point_mass_is_no_refutation),
      cmocka_unit_test(far_means_leave_axes),
      cmocka_unit_test(huge_right_samples_are_no_refutation),
      cmocka_unit_test(bad_arguments_are_named),
      cmocka_unit_test(few_samples_are_fine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
