/* Verdicts on samples: right ones pass at the declared rate, wrong ones are found, whatever the machine does. */
#include "samples_draws.h"
#include "samples_problem.h"

#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The largest count of successes that has a chance above 1e-9 of being exceeded: terms of the binomial law added up. */
static size_t allowed(size_t trials, double p) {
  double below = 0.0, term = pow(1 - p, (double)trials);
  for (size_t k = 0; k < trials; k++) {
    below += term;
    if (1 - below < 1e-9) return k;
    term *= p / (1 - p) * (double)(trials - k) / (double)(k + 1);
  }
  return trials;
}

/* ---- right samples ----------------------------------------------------------------------------------------------- */

/* A test fails where its statistic leaves what is said to be accepted, allowance included; limits are good to 1e-4. */
static void check_accepted(const assay_samples_report *report) {
  for (size_t i = 0; i < report->comparisons; i++) {
    const assay_samples_test *test = &report->tests[i];
    double low = test->low - test->allowance, high = test->high + test->allowance, near = 1e-4;
    if (test->statistic < low * (1 - near) || test->statistic > high * (1 + near))
      test_check(test->fails, "%s: %a outside [%a, %a], p %a", test->name, test->statistic, low, high, test->p);
    if (test->statistic > low * (1 + near) && test->statistic < high * (1 - near))
      test_check(!test->fails, "%s: %a in [%a, %a], p %a", test->name, test->statistic, low, high, test->p);
  }
}

/* At delta = 0.05 over many problems and seeds; half of them rounded to float32. */
static void right_samples_pass_at_the_declared_rate(void **state) {
  (void)state;
  test_random random = test_random_new(21);
  size_t sets = test_cases(300), refuted = 0;
  for (size_t i = 0; i < sets; i++) {
    problem p;
    size_t d = test_integer(&random, 1, 6), rows = test_integer(&random, 20, 400);
    problem_make(&p, d, test_integer(&random, 1, 4), (int)test_integer(&random, 0, 2), test_uniform(&random, 0, 6),
                 rows, test_bits(&random));
    assay_samples_options options = problem_options(0.05);
    double *x = samples_draw(&p.draws);
    if (i % 2) {
      samples_round(x, rows * d);
      options.rounding = 0x1p-24;
    }
    assay_samples_report report = problem_judge(&p, x, rows, &options);
    refuted += report.failed > 0;
    check_accepted(&report);
    assert_false(report.undecided);
    assay_samples_report_clear(&report);
    free(x);
    problem_clear(&p);
  }
  if (sets > 1000) print_message("%zu of %zu right sets refuted at delta 0.05\n", refuted, sets);
  test_check(refuted <= allowed(sets, 0.05), "%zu of %zu refuted, at most %zu allowed", refuted, sets,
             allowed(sets, 0.05));
}

/* Each p is an upper bound of a probability: it is <= q with chance q at most. At q = 0.1 every test is looked at; and
 * those that are exact, not bounds, reach it: labels, radii and means are so as often as they should. */
static void p_values_are_honest_and_sharp(void **state) {
  (void)state;
  enum { ROWS = 300, SETS = 200, TESTS = 64 };
  size_t low[TESTS] = {0}, count = 0;
  assay_samples_kind kinds[TESTS];
  for (size_t i = 0; i < SETS; i++) {
    problem p;
    problem_make(&p, 3, 2, 1, 2, ROWS, 5);
    p.draws.seed = 1000 + i;
    assay_samples_options options = problem_options(0.05);
    options.seed = i;
    double *x = samples_draw(&p.draws);
    assay_samples_report report = problem_judge(&p, x, ROWS, &options);
    count = report.comparisons;
    assert_true(count <= TESTS);
    for (size_t t = 0; t < count; t++) {
      low[t] += report.tests[t].p <= 0.2;
      kinds[t] = report.tests[t].kind;
    }
    assay_samples_report_clear(&report);
    free(x);
    problem_clear(&p);
  }
  for (size_t t = 0; t < count; t++) {
    test_check(low[t] <= allowed(SETS, 0.2), "test %zu (%s): %zu of %d below 0.2", t, assay_samples_kind_name(kinds[t]),
               low[t], SETS);
    if (kinds[t] == ASSAY_SAMPLES_LABELS || kinds[t] == ASSAY_SAMPLES_RADII || kinds[t] == ASSAY_SAMPLES_MEAN)
      test_check(SETS - low[t] <= allowed(SETS, 0.85), "test %zu (%s): %zu of %d below 0.2", t,
                 assay_samples_kind_name(kinds[t]), low[t], SETS);
  }
}

/* ---- wrong samples ----------------------------------------------------------------------------------------------- */

typedef struct {
  const char *what, *by;
  size_t rows;
  double scale, weight, shift;
} disturbance;

/* delta = 1e-6 makes 37 comparisons at z = 5.56. Each N gives the test named a mean of z + 2.3 or more, so that it
 * finds at least 98 %: variance N = 40000, d = 8: 0.02 sqrt(N d/2) = 8; weight 0.5 -> 0.525 of well separated
 * components, N = 25000: 0.05 sqrt(N) = 7.9; mean 0.02 in each of d = 8 coordinates, N = 30000: noncentral chi-square
 * with 8 degrees, N d 0.02^2 = 96, against 52. */
static const disturbance disturbances[] = {
    {"every variance 2 % too large", "radii", 40000, 1.00995049383620779, 1, 0},
    {"every variance 2 % too small", "radii", 40000, 0.98994949366116653, 1, 0},
    {"one weight 5 % too large", "labels[0]", 25000, 1, 21.0 / 19.0, 0},
    {"mean off by 0.02 in each coordinate", "mean", 30000, 1, 1, 0.02},
};

/* From 1/2 N(m, I) + 1/2 N(-m, I), m = (2, ..., 2), at t = 1; scaled about the mean of the component, whose sign the
 * sum of the coordinates tells but for one sample in 10^8. */
static double *disturbed(problem *p, const disturbance *how, uint64_t seed) {
  enum { D = 8 };
  problem_make(p, D, 2, 0, 0, how->rows, seed);
  for (size_t k = 0; k < 2; k++) {
    p->mixture.components[k].weight = assay_real_of(1);
    p->mixture.components[k].covariance.variance = assay_real_of(1);
    for (size_t j = 0; j < D; j++) p->mixture.components[k].mean[j] = k ? -2 : 2;
  }
  p->draws.alpha = 0;
  p->draws.beta = 1;
  p->mixture.components[0].weight = assay_real_of(how->weight);
  double *x = samples_draw(&p->draws);
  p->mixture.components[0].weight = assay_real_of(1);
  for (size_t i = 0; i < how->rows; i++) {
    double sum = 0;
    for (size_t j = 0; j < D; j++) sum += x[i * D + j];
    for (size_t j = 0; j < D; j++) {
      double mean = sum > 0 ? 2 : -2;
      x[i * D + j] = mean + how->scale * (x[i * D + j] - mean) + how->shift;
    }
  }
  return x;
}

static void disturbances_are_found(void **state) {
  (void)state;
  size_t runs = test_cases(5);
  for (size_t i = 0; i < sizeof disturbances / sizeof *disturbances; i++) {
    const disturbance *how = &disturbances[i];
    size_t found = 0, missed = 0;
    for (size_t run = 0; run < runs; run++) {
      problem p;
      double *x = disturbed(&p, how, 100 * i + run);
      assay_samples_options options = problem_options(1e-6);
      assay_samples_report report = problem_judge(&p, x, how->rows, &options);
      assert_int_equal(report.comparisons, 37);
      found += problem_test(&report, how->by)->fails;
      check_accepted(&report);
      missed += report.failed == 0;
      assay_samples_report_clear(&report);
      free(x);
      problem_clear(&p);
    }
    if (runs > 50)
      print_message("%s: refuted %zu, by %s %zu, of %zu\n", how->what, runs - missed, how->by, found, runs);
    test_check(runs - found <= allowed(runs, 0.02), "%s: %zu of %zu found", how->what, found, runs);
  }
}

/* Each kind of test finds what only it is made for. */
static void every_kind_of_test_can_fail(void **state) {
  (void)state;
  enum { D = 4, ROWS = 4000 };
  problem p;
  problem_make(&p, D, 1, 0, 0, ROWS, 9);
  p.draws.alpha = 0;
  p.draws.beta = 1;
  p.mixture.components[0].covariance.variance = assay_real_of(1);
  memset(p.mixture.components[0].mean, 0, D * sizeof(double));
  const assay_samples_options options = problem_options(1e-6);
  static const char *const names[] = {"radii-law",
                                      "largest-radius",
                                      "mean-coordinate",
                                      "variance-coordinate",
                                      "widest-direction",
                                      "narrowest-direction",
                                      "mean",
                                      "radii"};
  for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
    double *x = samples_draw(&p.draws);
    for (size_t i = 0; i < ROWS; i++) {
      double *row = x + i * D, square = 0;
      for (size_t j = 0; j < D; j++) square += row[j] * row[j];
      if (t == 0) /* on a sphere of the right mean square */
        for (size_t j = 0; j < D; j++) row[j] *= 2 / sqrt(square);
      if (t == 1 && i == 77) row[2] = 9;
      if (t == 2 || t == 6) row[1] += 0.15;
      if (t == 3) row[3] *= 1.15;
      if (t == 4 || t == 5) /* variances 1.5 and 1/2 along a diagonal */
        row[0] += 0.5 * (row[1] + (t == 4 ? row[2] : -row[2])) - (t == 5) * row[0] * 0.3;
      if (t == 7)
        for (size_t j = 0; j < D; j++) row[j] *= 0.95;
    }
    assay_samples_report report = problem_judge(&p, x, ROWS, &options);
    test_check(problem_test(&report, names[t])->fails, "%s", names[t]);
    test_check(report.failed > 0 && report.tests[report.worst].fails && !report.undecided, "%s", names[t]);
    assay_samples_report_clear(&report);
    free(x);
  }
  problem_clear(&p);
}

/* ---- distances --------------------------------------------------------------------------------------------------- */

/* Of the pair of far components, weights 1/2, drawn with 0.6 and 0.4: the distance is 0.1 (but for overlaps of 1e-8). A
 * lower bound at confidence 1 - 1e-6 exceeds it never, and is within three times the band of it. */
static void total_variation_is_bounded_from_below(void **state) {
  (void)state;
  const disturbance how = {"weights", "labels[0]", 20000, 1, 1.5, 0};
  for (size_t run = 0; run < 3; run++) {
    problem p;
    double *x = disturbed(&p, &how, 900 + run);
    const assay_samples_options options = problem_options(1e-6);
    assay_samples_report report = problem_judge(&p, x, how.rows, &options);
    double band = sqrt(log(2 / report.share) / (2 * (double)how.rows));
    test_check(report.total_variation <= 0.1 && report.total_variation >= 0.1 - 2 * band, "%a", report.total_variation);
    assert_true(report.total_variation_by < report.comparisons);
    assay_samples_report_clear(&report);
    free(x);
    problem_clear(&p);
  }
}

/* One Gaussian moved by s: W2 along u is |<u, s>|, so the sliced distance is |s|/sqrt(d). 2^13 samples add about
 * 1/sqrt(N) in quadrature; over 16 directions the error is what it says, times 5. */
static void sliced_w2_measures_a_shift(void **state) {
  (void)state;
  enum { D = 6, ROWS = 8192 };
  problem p;
  problem_make(&p, D, 1, 0, 2, ROWS, 31);
  double *x = samples_draw(&p.draws), shift = 0;
  for (size_t i = 0; i < (size_t)ROWS * D; i++) x[i] += 0.1 * (double)(i % D);
  for (size_t j = 0; j < D; j++) shift += 0.01 * (double)(j * j) / D;
  assay_samples_options options = problem_options(1e-6);
  options.sliced = 100000;
  assay_samples_report report = problem_judge(&p, x, ROWS, &options);
  test_check(fabs(report.sliced_w2 - sqrt(shift)) <= 5 * report.sliced_w2_error + 0.02, "%a +- %a, expected %a",
             report.sliced_w2, report.sliced_w2_error, sqrt(shift));
  test_check(report.sliced_w2_exact > 0 && report.sliced_w2_exact < 0.03, "%a", report.sliced_w2_exact);
  assert_int_equal(report.sliced_samples, ROWS);
  assay_samples_report_clear(&report);
  free(x);
  problem_clear(&p);
}

/* The distance and its error have the samples' unit: scaled by powers of two, both are so. */
static void sliced_w2_scales(void **state) {
  (void)state;
  enum { D = 3, ROWS = 200 };
  double distance = 0, error = 0;
  static const int powers[] = {0, 400, -400};
  for (size_t i = 0; i < 3; i++) {
    problem p;
    problem_make(&p, D, 1, 0, 0, ROWS, 32);
    p.draws.alpha = 0;
    p.draws.beta = 1;
    p.mixture.components[0].covariance.variance = assay_real_of(ldexp(1, 2 * powers[i]));
    memset(p.mixture.components[0].mean, 0, D * sizeof(double));
    double *x = samples_draw(&p.draws);
    assay_samples_options options = problem_options(1e-6);
    options.sliced = ROWS;
    assay_samples_report report = problem_judge(&p, x, ROWS, &options);
    if (i == 0) distance = report.sliced_w2, error = report.sliced_w2_error;
    assert_true(distance > 0 && error > 0 && error < distance);
    test_check(fabs(ldexp(report.sliced_w2, -powers[i]) / distance - 1) < 1e-9 &&
                   fabs(ldexp(report.sliced_w2_error, -powers[i]) / error - 1) < 1e-6,
               "2^%d: %a +- %a", powers[i], report.sliced_w2, report.sliced_w2_error);
    assay_samples_report_clear(&report);
    free(x);
    problem_clear(&p);
  }
}

/* d = 1, one sample at 1/2 against N(0, 1): W2^2 = E(1/2 - x)^2 = 1/4 + 1; two at the means of the halves of the normal
 * law, -+sqrt(2/pi): 1 - 2/pi. */
static void w2_on_a_line_is_exact(void **state) {
  (void)state;
  problem p;
  problem_make(&p, 1, 1, 0, 0, 1, 31);
  p.draws.alpha = 0;
  p.draws.beta = 1;
  p.mixture.components[0].mean[0] = 0;
  p.mixture.components[0].covariance.variance = assay_real_of(1);
  assay_samples_options options = problem_options(1e-6);
  options.sliced = 10;
  const double half = sqrt(2 / acos(-1)), one[] = {0.5}, two[] = {half, -half};
  assay_samples_report report = problem_judge(&p, one, 1, &options);
  test_check(fabs(report.sliced_w2 - sqrt(1.25)) < 1e-12 && isnan(report.sliced_w2_error), "%a", report.sliced_w2);
  assay_samples_report_clear(&report);
  report = problem_judge(&p, two, 2, &options);
  test_check(fabs(report.sliced_w2 - sqrt(1 - half * half)) < 1e-9, "%a", report.sliced_w2);
  assay_samples_report_clear(&report);
  problem_clear(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(right_samples_pass_at_the_declared_rate),
      cmocka_unit_test(p_values_are_honest_and_sharp),
      cmocka_unit_test(disturbances_are_found),
      cmocka_unit_test(every_kind_of_test_can_fail),
      cmocka_unit_test(total_variation_is_bounded_from_below),
      cmocka_unit_test(sliced_w2_measures_a_shift),
      cmocka_unit_test(sliced_w2_scales),
      cmocka_unit_test(w2_on_a_line_is_exact),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
