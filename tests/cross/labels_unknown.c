/* Unknown labels: fast's posterior from Gram products against the reference's from vectors, on the same data. */
#include "testing.h"

#include "fast/flow_dae/labels_posterior.h"
#include "reference/flow_dae/labels_unknown.h"

#include <assay/fast.h>
#include <assay/reference.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GOAL = 120, MOST = 9, WIDEST = 40 };

static assay_context context;

/* Distance from the enclosure, which is far narrower than what rounding leaves open, or below 2^-240 or so. */
static double distance(double value, mpfi_srcptr exact) {
  mpfi_t difference;
  mpfi_init2(difference, 400);
  mpfi_sub_d(difference, exact, value);
  double least = mpfi_has_zero(difference) ? 0
                                           : fmin(fabs(mpfr_get_d(&difference->left, MPFR_RNDZ)),
                                                  fabs(mpfr_get_d(&difference->right, MPFR_RNDZ)));
  mpfi_clear(difference);
  return least;
}

/* Products in double, at most d roundings each: |error| <= gamma_(d+1) M/(1 - gamma_(d+1)), M the largest computed one.
 */
static double products(double *gram, const double *x, size_t n, size_t d) {
  double largest = 0, gamma = ball_gamma((double)d + 2);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t c = 0; c < d; c++) sum += x[i * d + c] * x[j * d + c];
      gram[i * n + j] = sum;
      largest = fmax(largest, fabs(sum));
    }
  return 2 * gamma * largest;
}

/* Moves every product by as much as it may be off by. */
static void disturb(double *gram, size_t n, double error, test_random *random) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) gram[j * n + i] = gram[i * n + j] += test_integer(random, 0, 1) ? error : -error;
}

/* From hopeless labels to certain ones: the radius holds the exact value, and says something where that is not tiny. */
static void one_data_set(void **state) {
  (void)state;
  test_random random = test_random_new(0xb2);
  mpfi_t exact;
  mpfi_init(exact);
  for (size_t k = 0; k < test_cases(300); k++) {
    size_t n = test_integer(&random, 1, MOST), d = test_integer(&random, 1, k % 3 ? 6 : WIDEST);
    double x[MOST * WIDEST], mu[WIDEST], gram[MOST * MOST], sigma = exp(test_uniform(&random, -1.6, 1.2));
    for (size_t j = 0; j < d; j++) mu[j] = test_normal(&random);
    for (size_t i = 0; i < n; i++) {
      double sign = test_integer(&random, 0, 1) ? 1 : -1;
      for (size_t j = 0; j < d; j++) x[i * d + j] = sign * mu[j] + sigma * test_normal(&random);
    }
    double error = products(gram, x, n, d);
    ball got = labels_excess(gram, error, n, d, sigma);
    assert_int_equal(labels_unknown_excess(exact, x, n, d, assay_real_of(sigma), GOAL, &context), ASSAY_OK);
    test_check(distance(got.value, exact) <= got.error, "n %zu d %zu sigma %a case %zu: %a is %g off, radius %g", n, d,
               sigma, k, got.value, distance(got.value, exact), got.error);
    test_check(got.error <= 1e-8 * fabs(got.value) + 1e-13, "n %zu d %zu sigma %a: %g +- %g", n, d, sigma, got.value,
               got.error);
    const double coarse = 1e-7;
    error += products(gram, x, n, d) + coarse;
    disturb(gram, n, coarse, &random);
    got = labels_excess(gram, error, n, d, sigma);
    test_check(distance(got.value, exact) <= got.error, "disturbed, n %zu d %zu sigma %a case %zu: %a, radius %g", n, d,
               sigma, k, got.value, got.error);
  }
  mpfi_clear(exact);
}

/* x_i = mu + sigma z_i of one data set, from the streams the header names. */
static void data_set(double *x, size_t n, size_t d, double sigma, uint64_t seed, size_t draw) {
  const assay_normals mean = {seed, 8}, noise = {seed, 9};
  double *mu = malloc(d * sizeof *mu);
  assay_stream means = assay_fast_normals(&mean, draw + 1, d), noises = assay_fast_normals(&noise, (draw + 1) * n, d);
  assert_int_equal(means.read(&means, draw, 1, 0, d, mu, d, &context), ASSAY_OK);
  assert_int_equal(noises.read(&noises, draw * n, n, 0, d, x, d, &context), ASSAY_OK);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < d; j++) x[i * d + j] = mu[j] + sigma * x[i * d + j];
  free(mu);
}

/* The estimate is B1 plus the average of the exact excesses of its data sets, within its rounding bound. */
static void averages(void **state) {
  (void)state;
  const struct {
    size_t n, d, draws;
    double sigma;
  } cases[] = {{1, 3, 4, 0.5}, {2, 1, 40, 1}, {4, 3, 40, 0.75}, {6, 4, 20, 1}, {3, 1100, 20, 6}};
  mpfi_t sum, exact;
  mpfi_init2(sum, 300), mpfi_init(exact);
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    size_t n = cases[c].n, d = cases[c].d, draws = cases[c].draws;
    double excess[40], *x = malloc(n * d * sizeof *x), mean = 0, squares = 0;
    assay_bayes_estimate got;
    assert_int_equal(assay_fast_bayes_estimation_unknown(&got, excess, n, d, cases[c].sigma, draws, 11 + c, &context),
                     ASSAY_OK);
    mpfi_set_ui(sum, 0);
    for (size_t k = 0; k < draws; k++) {
      data_set(x, n, d, cases[c].sigma, 11 + c, k);
      assert_int_equal(labels_unknown_excess(exact, x, n, d, assay_real_of(cases[c].sigma), GOAL, &context), ASSAY_OK);
      test_check(distance(excess[k], exact) <= got.mean.error * (double)draws, "n %zu d %zu set %zu: %a is %g off", n,
                 d, k, excess[k], distance(excess[k], exact));
      mpfi_add(sum, sum, exact);
      mean += mpfi_get_d(exact) / (double)draws;
    }
    for (size_t k = 0; k < draws; k++) squares += pow(excess[k] - mean, 2);
    double deviation = sqrt(squares / (double)(draws - 1) / (double)draws);
    test_check(fabs(got.standard_error - deviation) <= 1e-9 * deviation + 1e-60,
               "n %zu d %zu: standard error %g, not %g", n, d, got.standard_error, deviation);
    assert_int_equal(
        assay_reference_bayes_estimation(exact, n, assay_real_of(cases[c].sigma), assay_real_of(1), GOAL, &context),
        ASSAY_OK);
    mpfi_div_ui(sum, sum, draws);
    mpfi_add(sum, sum, exact);
    test_check(distance(got.mean.value, sum) <= got.mean.error, "n %zu d %zu: %a +- %g is %g off", n, d, got.mean.value,
               got.mean.error, distance(got.mean.value, sum));
    test_check(got.mean.error <= 1e-9, "n %zu d %zu: error %g", n, d, got.mean.error);
    free(x);
  }
  mpfi_clear(sum), mpfi_clear(exact);
}

/* The same bits on any number of threads and any instruction set; other seeds, other data. */
static void same_bits(void **state) {
  (void)state;
  assay_bayes_estimate first, other;
  assert_int_equal(assay_fast_bayes_estimation_unknown(&first, NULL, 7, 5, 0.8, 500, 1, &context), ASSAY_OK);
  const struct {
    int threads;
    assay_isa isa;
  } ways[] = {{1, ASSAY_ISA_BEST}, {2, ASSAY_ISA_SSE2}, {7, ASSAY_ISA_AVX2}};
  for (size_t k = 0; k < 3; k++) {
    assay_context own = context;
    own.threads = ways[k].threads;
    own.isa = ways[k].isa;
    assert_int_equal(assay_fast_bayes_estimation_unknown(&other, NULL, 7, 5, 0.8, 500, 1, &own), ASSAY_OK);
    test_check(first.mean.value == other.mean.value && first.mean.error == other.mean.error &&
                   first.standard_error == other.standard_error,
               "way %zu: %a, not %a", k, other.mean.value, first.mean.value);
  }
  assert_int_equal(assay_fast_bayes_estimation_unknown(&other, NULL, 7, 5, 0.8, 500, 2, &context), ASSAY_OK);
  test_check(first.mean.value != other.mean.value, "seeds 1 and 2: %a", first.mean.value);
}

/* 2^19 patterns: x = (a, a, ..., a) in one dimension has cut |F| (20 - |F|) a^2, a sum over |F|. */
static void most_samples(void **state) {
  (void)state;
  enum { N = 20 };
  const double a = 0.5, sigma = 1;
  double gram[N * N], choose = 1, all = 0, square = 0, flipped = 0, log_scale = -2 * a * a / (N + 1.0);
  for (size_t i = 0; i < (size_t)N * N; i++) gram[i] = a * a;
  for (int m = 0; m < N; choose = choose * (N - 1 - m) / (m + 1), m++) {
    double weight = choose * exp(log_scale * m * (N - m));
    all += weight;
    square += weight * m * m;
    flipped += weight * m;
  }
  double expected = 4 * a * a * (square / all - flipped * flipped / (all * all)) / ((N + 1) * (N + 1));
  ball got = labels_excess(gram, 0, N, 1, sigma);
  test_check(fabs(got.value - expected) <= got.error + 1e-13 && got.error < 1e-8, "%a +- %g, not %a", got.value,
             got.error, expected);
}

static void refusals(void **state) {
  (void)state;
  const struct {
    const char *field;
    size_t n, d, draws;
    double sigma;
    assay_status expected;
  } cases[] = {{"samples", 0, 1, 2, 1, ASSAY_INVALID},      {"samples", 21, 1, 2, 1, ASSAY_UNSUPPORTED},
               {"dimension", 1, 0, 2, 1, ASSAY_INVALID},    {"sigma", 1, 1, 2, 0, ASSAY_INVALID},
               {"sigma", 1, 1, 2, INFINITY, ASSAY_INVALID}, {"draws", 1, 1, 1, 1, ASSAY_INVALID},
               {"sigma", 3, 1, 2, 1e-170, ASSAY_PRECISION}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    assay_bayes_estimate out = {{7, 7}, 7};
    double excess[2] = {7, 7};
    assay_status status = assay_fast_bayes_estimation_unknown(&out, excess, cases[k].n, cases[k].d, cases[k].sigma,
                                                              cases[k].draws, 1, &context);
    test_check(status == cases[k].expected && strstr(context.message, cases[k].field), "case %zu: %s: %s", k,
               assay_status_name(status), context.message);
    test_check(out.mean.value == 7 && out.standard_error == 7 && excess[0] == 7, "case %zu: output touched", k);
  }
}

int main(void) {
  assay_context_init(&context);
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_data_set), cmocka_unit_test(averages),
                                     cmocka_unit_test(same_bits), cmocka_unit_test(most_samples),
                                     cmocka_unit_test(refusals)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  mpfr_free_cache();
  return failed;
}
