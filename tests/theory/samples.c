/* Verdicts on samples: right ones pass at the declared rate, wrong ones are found, whatever the machine does. */
#include "samples_draws.h"

#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16 };

typedef struct {
  assay_mixture mixture;
  double *factors[MOST];
  samples_draws draws;
} problem;

static assay_context context;

static void make(problem *out, size_t d, size_t count, int kind, double apart, size_t rows, uint64_t seed) {
  samples_mixture(&out->mixture, out->factors, d, count, kind, apart, seed);
  out->draws = (samples_draws){&out->mixture, (const double *const *)out->factors, 0.5, 0.5, rows, seed};
}

static void clear(problem *self) {
  for (size_t k = 0; k < self->mixture.count; k++) free(self->factors[k]);
  assay_mixture_clear(&self->mixture);
}

static assay_samples_options options_of(double delta) {
  assay_samples_options options = assay_samples_options_default();
  options.delta = delta;
  options.sliced = 0;
  return options;
}

/* At the point of the draws. */
static assay_samples_report judge(const problem *p, const double *x, size_t rows,
                                  const assay_samples_options *options) {
  assay_path_point point = assay_path_point_of(assay_real_of(p->draws.alpha), assay_real_of(p->draws.beta));
  assay_stream samples = assay_stream_of(x, rows, p->mixture.dimension);
  assay_samples_report report;
  test_check(assay_check_samples(&report, &samples, &p->mixture, &point, options, &context) == ASSAY_OK, "%s",
             context.message);
  return report;
}

static const assay_samples_test *find(const assay_samples_report *report, const char *name) {
  for (size_t i = 0; i < report->comparisons; i++)
    if (strcmp(report->tests[i].name, name) == 0) return &report->tests[i];
  fail_msg("no test %s", name);
  return NULL;
}

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

/* At delta = 0.05 over many problems and seeds; half of them rounded to float32. */
static void right_samples_pass_at_the_declared_rate(void **state) {
  (void)state;
  test_random random = test_random_new(21);
  size_t sets = test_cases(300), refuted = 0;
  for (size_t i = 0; i < sets; i++) {
    problem p;
    size_t d = test_integer(&random, 1, 6), rows = test_integer(&random, 20, 400);
    make(&p, d, test_integer(&random, 1, 4), (int)test_integer(&random, 0, 2), test_uniform(&random, 0, 6), rows,
         test_bits(&random));
    assay_samples_options options = options_of(0.05);
    double *x = samples_draw(&p.draws);
    if (i % 2) {
      samples_round(x, rows * d);
      options.rounding = 0x1p-24;
    }
    assay_samples_report report = judge(&p, x, rows, &options);
    refuted += report.failed > 0;
    assert_false(report.undecided);
    assay_samples_report_clear(&report);
    free(x);
    clear(&p);
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
    make(&p, 3, 2, 1, 2, ROWS, 5);
    p.draws.seed = 1000 + i;
    assay_samples_options options = options_of(0.05);
    options.seed = i;
    double *x = samples_draw(&p.draws);
    assay_samples_report report = judge(&p, x, ROWS, &options);
    count = report.comparisons;
    assert_true(count <= TESTS);
    for (size_t t = 0; t < count; t++) {
      low[t] += report.tests[t].p <= 0.2;
      kinds[t] = report.tests[t].kind;
    }
    assay_samples_report_clear(&report);
    free(x);
    clear(&p);
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
  make(p, D, 2, 0, 0, how->rows, seed);
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
      assay_samples_options options = options_of(1e-6);
      assay_samples_report report = judge(&p, x, how->rows, &options);
      assert_int_equal(report.comparisons, 37);
      found += find(&report, how->by)->fails;
      missed += report.failed == 0;
      assay_samples_report_clear(&report);
      free(x);
      clear(&p);
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
  make(&p, D, 1, 0, 0, ROWS, 9);
  p.draws.alpha = 0;
  p.draws.beta = 1;
  p.mixture.components[0].covariance.variance = assay_real_of(1);
  memset(p.mixture.components[0].mean, 0, D * sizeof(double));
  const assay_samples_options options = options_of(1e-6);
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
    assay_samples_report report = judge(&p, x, ROWS, &options);
    test_check(find(&report, names[t])->fails, "%s", names[t]);
    test_check(report.failed > 0 && report.tests[report.worst].fails && !report.undecided, "%s", names[t]);
    assay_samples_report_clear(&report);
    free(x);
  }
  clear(&p);
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
    const assay_samples_options options = options_of(1e-6);
    assay_samples_report report = judge(&p, x, how.rows, &options);
    double band = sqrt(log(2 / report.share) / (2 * (double)how.rows));
    test_check(report.total_variation <= 0.1 && report.total_variation >= 0.1 - 2 * band, "%a", report.total_variation);
    assert_true(report.total_variation_by < report.comparisons);
    assay_samples_report_clear(&report);
    free(x);
    clear(&p);
  }
}

/* One Gaussian moved by s: W2 along u is |<u, s>|, so the sliced distance is |s|/sqrt(d). 2^13 samples add about
 * 1/sqrt(N) in quadrature; over 16 directions the error is what it says, times 5. */
static void sliced_w2_measures_a_shift(void **state) {
  (void)state;
  enum { D = 6, ROWS = 8192 };
  problem p;
  make(&p, D, 1, 0, 2, ROWS, 31);
  double *x = samples_draw(&p.draws), shift = 0;
  for (size_t i = 0; i < (size_t)ROWS * D; i++) x[i] += 0.1 * (double)(i % D);
  for (size_t j = 0; j < D; j++) shift += 0.01 * (double)(j * j) / D;
  assay_samples_options options = options_of(1e-6);
  options.sliced = 100000;
  assay_samples_report report = judge(&p, x, ROWS, &options);
  test_check(fabs(report.sliced_w2 - sqrt(shift)) <= 5 * report.sliced_w2_error + 0.02, "%a +- %a, expected %a",
             report.sliced_w2, report.sliced_w2_error, sqrt(shift));
  test_check(report.sliced_w2_exact > 0 && report.sliced_w2_exact < 0.03, "%a", report.sliced_w2_exact);
  assert_int_equal(report.sliced_samples, ROWS);
  assay_samples_report_clear(&report);
  free(x);
  clear(&p);
}

/* d = 1, one sample at 1/2 against N(0, 1): W2^2 = E(1/2 - x)^2 = 1/4 + 1; two at the means of the halves of the normal
 * law, -+sqrt(2/pi): 1 - 2/pi. */
static void w2_on_a_line_is_exact(void **state) {
  (void)state;
  problem p;
  make(&p, 1, 1, 0, 0, 1, 31);
  p.draws.alpha = 0;
  p.draws.beta = 1;
  p.mixture.components[0].mean[0] = 0;
  p.mixture.components[0].covariance.variance = assay_real_of(1);
  assay_samples_options options = options_of(1e-6);
  options.sliced = 10;
  const double half = sqrt(2 / acos(-1)), one[] = {0.5}, two[] = {half, -half};
  assay_samples_report report = judge(&p, one, 1, &options);
  test_check(fabs(report.sliced_w2 - sqrt(1.25)) < 1e-12 && isnan(report.sliced_w2_error), "%a", report.sliced_w2);
  assay_samples_report_clear(&report);
  report = judge(&p, two, 2, &options);
  test_check(fabs(report.sliced_w2 - sqrt(1 - half * half)) < 1e-9, "%a", report.sliced_w2);
  assay_samples_report_clear(&report);
  clear(&p);
}

/* ---- contract ---------------------------------------------------------------------------------------------------- */

static void threads_change_nothing(void **state) {
  (void)state;
  enum { D = 40, ROWS = 30000 };
  problem p;
  make(&p, D, 3, 0, 3, ROWS, 51);
  double *x = samples_draw(&p.draws);
  assay_samples_options options = options_of(1e-6);
  options.sliced = 500;
  assay_samples_report reports[2];
  for (int i = 0; i < 2; i++) {
    context.threads = 1 + 2 * i;
    reports[i] = judge(&p, x, ROWS, &options);
  }
  context.threads = 1;
  assert_int_equal(reports[0].comparisons, reports[1].comparisons);
  for (size_t i = 0; i < reports[0].comparisons; i++) {
    const assay_samples_test *a = &reports[0].tests[i], *b = &reports[1].tests[i];
    assert_string_equal(a->name, b->name);
    assert_true(a->statistic == b->statistic && a->p == b->p && a->allowance == b->allowance);
  }
  assert_true(reports[0].sliced_w2 == reports[1].sliced_w2 && reports[0].failed == 0);
  for (int i = 0; i < 2; i++) assay_samples_report_clear(&reports[i]);
  free(x);
  clear(&p);
}

/* An outlier whose square overflows is refuted by its radius, and hides nothing else. */
static void wild_samples_are_refuted(void **state) {
  (void)state;
  static const double wild[] = {1e6, 1e200, -1e308};
  for (size_t i = 0; i < 3; i++) {
    problem p;
    make(&p, 3, 2, 0, 3, 500, 61);
    double *x = samples_draw(&p.draws);
    x[300] = wild[i];
    const assay_samples_options options = options_of(1e-6);
    assay_samples_report report = judge(&p, x, 500, &options);
    assert_true(find(&report, "largest-radius")->fails);
    assert_false(find(&report, "projection random[0]")->fails);
    assay_samples_report_clear(&report);
    free(x);
    clear(&p);
  }
}

/* Near a point mass, float32 cannot show more than its own grid: right samples, so rounded, are not refuted; where the
 * grid is coarser than the spread nothing is decided. */
static void rounding_near_a_point_mass_is_no_refutation(void **state) {
  (void)state;
  static const double spread[] = {1e-3, 1e-5, 1e-9};
  for (size_t i = 0; i < 3; i++) {
    problem p;
    make(&p, 2, 2, 0, 3, 2000, 71);
    p.draws.alpha = 0;
    p.draws.beta = 1;
    for (size_t k = 0; k < 2; k++) p.mixture.components[k].covariance.variance = assay_real_of(spread[i] * spread[i]);
    double *x = samples_draw(&p.draws);
    samples_round(x, 4000);
    assay_samples_options options = options_of(1e-6);
    options.rounding = 0x1p-24;
    assay_samples_report report = judge(&p, x, 2000, &options);
    assert_int_equal(report.failed, 0);
    assert_true(report.undecided == (spread[i] < 1e-7));
    assay_samples_report_clear(&report);
    free(x);
    clear(&p);
  }
}

static void refuse(const assay_samples_options *options, const assay_stream *samples, const char *says) {
  problem p;
  make(&p, 2, 2, 0, 3, 1, 1);
  assay_path_point point = assay_path_point_of(assay_real_of(0.5), assay_real_of(0.5));
  assay_samples_report report = {.samples = 7};
  assert_int_equal(assay_check_samples(&report, samples, &p.mixture, &point, options, &context), ASSAY_INVALID);
  test_check(strstr(context.message, says) != NULL, "'%s' lacks '%s'", context.message, says);
  assert_true(report.samples == 7 && report.tests == NULL);
  clear(&p);
}

static void bad_arguments_are_named(void **state) {
  (void)state;
  const double x[] = {1, 2, 3, 4, 5, INFINITY};
  assay_samples_options options = options_of(1e-6), bad = options;
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
    make(&p, 3, 5, 0, 3, rows, 81);
    double *x = samples_draw(&p.draws);
    assay_samples_options options = options_of(0.01);
    options.sliced = 10;
    assay_samples_report report = judge(&p, x, rows, &options);
    assert_true(report.failed == 0 && !report.undecided && isfinite(report.sliced_w2));
    for (size_t i = 0; i < report.comparisons; i++) assert_true(report.tests[i].p > 0 && report.tests[i].p <= 1);
    assay_samples_report_clear(&report);
    free(x);
    clear(&p);
  }
}

int main(void) {
  assay_context_init(&context);
  context.threads = 1; /* small sets: no waiting for each other */
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(right_samples_pass_at_the_declared_rate),
      cmocka_unit_test(p_values_are_honest_and_sharp),
      cmocka_unit_test(disturbances_are_found),
      cmocka_unit_test(every_kind_of_test_can_fail),
      cmocka_unit_test(total_variation_is_bounded_from_below),
      cmocka_unit_test(sliced_w2_measures_a_shift),
      cmocka_unit_test(w2_on_a_line_is_exact),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(wild_samples_are_refuted),
      cmocka_unit_test(rounding_near_a_point_mass_is_no_refutation),
      cmocka_unit_test(bad_arguments_are_named),
      cmocka_unit_test(few_samples_are_fine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
