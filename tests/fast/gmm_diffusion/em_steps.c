/* The steps of spherical EM against plain loops in long double, the ascent of its likelihood, and its starts. */
#include "fast/gmm_diffusion/em.h"

#include "fast/gmm_diffusion/em_rows.h"
#include "plain_em.h"
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const long double unit = 0x1p-53L;

static em_state random_state(size_t k, size_t n, double apart, test_random *random) {
  assay_context context = quiet();
  em_state state;
  assert_int_equal(em_state_init(&state, k, n, &context), ASSAY_OK);
  for (size_t j = 0; j < k; j++) {
    state.weight[j] = test_log_uniform(random, 0.01, 1.0);
    state.variance[j] = test_log_uniform(random, 0.1, 10.0);
  }
  for (size_t i = 0; i < k * n; i++) state.mean[i] = apart * test_normal(random);
  return state;
}

static void exponentials_are_accurate(void **state) {
  (void)state;
  const em_rows *kernels[3] = {em_rows_of(ASSAY_ISA_SSE2), em_rows_of(ASSAY_ISA_AVX2), em_rows_of(ASSAY_ISA_AVX512)};
  test_random random = test_random_new(81);
  const double fixed[8] = {0.0,       -0.0,   -708.0,   nextafter(-708.0, -HUGE_VAL),
                           -HUGE_VAL, -1e300, -0x1p-60, -0x1.62e42fefa39efp-2};
  for (size_t i = 0; i < test_cases(2000); i++) {
    double t[8], value[3][8], sum[3][8], top[8];
    for (size_t r = 0; r < 8; r++) {
      t[r] = i == 0 ? fixed[r] : i % 2 ? -test_uniform(&random, 0.0, 710.0) : -test_log_uniform(&random, 1e-17, 2.0);
      top[r] = 0.0;
    }
    for (size_t isa = 0; isa < 3; isa++) {
      memcpy(value[isa], t, sizeof t);
      for (size_t r = 0; r < 8; r++) sum[isa][r] = 2.0;
      kernels[isa]->exponentiate(value[isa], sum[isa], top, 8);
      assert_memory_equal(value[isa], value[0], sizeof t);
      assert_memory_equal(sum[isa], sum[0], sizeof t);
    }
    for (size_t r = 0; r < 8; r++) {
      long double want = t[r] >= -708.0 ? expl((long double)t[r]) : 0.0L;
      test_check(fabsl(value[0][r] - want) <= 3.0L * unit * want, "exp(%a) = %a, want %La", t[r], value[0][r], want);
      test_check(sum[0][r] == 2.0 + value[0][r], "sum %a", sum[0][r]);
    }
  }
}

/* What an E-step should give, and how far rounding may take it: a row's log-weights are off by `error` each (em.h), its
 * posteriors by that and the leader's, and a few roundings; sums by their depth. */
typedef struct {
  long double *counts, *squares, *moments, *count_error, *square_error, *moment_error;
  long double log_likelihood;
} plain_sums;

static plain_sums plain_new(size_t k, size_t n) {
  plain_sums sums = {.counts = calloc(4 * k + 2 * k * n, sizeof(long double))};
  assert_non_null(sums.counts);
  sums.squares = sums.counts + k;
  sums.count_error = sums.squares + k;
  sums.square_error = sums.count_error + k;
  sums.moments = sums.square_error + k;
  sums.moment_error = sums.moments + k * n;
  return sums;
}

static void plain_row(plain_sums *sums, const em_state *s, const double *x, long double total, long double depth) {
  enum { MOST = 16 };
  const long double two_pi = 6.283185307179586476925286766559L;
  size_t k = s->components, n = s->dimension;
  long double weight[MOST] = {0}, square[MOST] = {0}, error[MOST], top = -HUGE_VALL, mean_error = 0.0L;
  for (size_t j = 0; j < k; j++) {
    for (size_t c = 0; c < n; c++) {
      long double y = (long double)x[c] - s->mean[j * n + c];
      square[j] += y * y;
    }
    long double scale = logl(two_pi * s->variance[j]), share = logl(s->weight[j] / total), half = 0.5L * (long double)n;
    weight[j] = share - half * scale - square[j] / (2.0L * s->variance[j]);
    error[j] = unit * (7.0L * (fabsl(share) + half * (fabsl(scale) + 1.0L)) +
                       ((long double)n + 5.0L) * square[j] / (2.0L * s->variance[j]) + (long double)k);
    if (weight[j] > top) top = weight[j];
  }
  long double sum = expl(weight[0] - top);
  for (size_t j = 1; j < k; j++) sum += expl(weight[j] - top);
  for (size_t j = 0; j < k; j++) mean_error += expl(weight[j] - top) / sum * (error[j] + unit * (top - weight[j]));
  sums->log_likelihood += top + logl(sum);
  for (size_t j = 0; j < k; j++) {
    long double p = expl(weight[j] - top) / sum;
    long double p_error =
        p * (error[j] + unit * (top - weight[j]) + mean_error + unit * ((long double)k + 10.0L + depth));
    p_error += 1e-307L; /* what exp leaves out */
    sums->counts[j] += p;
    sums->count_error[j] += p_error;
    sums->squares[j] += p * square[j];
    sums->square_error[j] += square[j] * (p_error + p * unit * ((long double)n + 4.0L));
    for (size_t c = 0; c < n; c++) {
      long double y = (long double)x[c] - s->mean[j * n + c];
      sums->moments[j * n + c] += p * y;
      sums->moment_error[j * n + c] += fabsl(y) * (p_error + 3.0L * p * unit);
    }
  }
}

static plain_sums plain_expect(const em_state *s, const double *x, size_t rows) {
  plain_sums sums = plain_new(s->components, s->dimension);
  long double total = 0.0L, depth = 67.0L + 2.0L + (long double)rows / 512.0L; /* lanes of a tile, then all tiles */
  for (size_t j = 0; j < s->components; j++) total += s->weight[j];
  for (size_t r = 0; r < rows; r++) plain_row(&sums, s, x + r * s->dimension, total, depth);
  return sums;
}

static void expectations_are_the_plain_loops(void **state) {
  (void)state;
  test_random random = test_random_new(82);
  const size_t rows_of[] = {1, 7, 8, 511, 512, 513, 3000, 9999};
  for (size_t i = 0; i < test_cases(24); i++) {
    assay_context context = quiet();
    size_t rows = rows_of[i % 8], n = test_integer(&random, 1, 9), k = test_integer(&random, 1, 7);
    double apart = i % 3 == 0 ? 0.5 : i % 3 == 1 ? 5.0 : 40.0;
    double *x = clustered(rows, n, 4, apart, &random);
    em_state s = random_state(k, n, apart, &random);
    assay_stream data = assay_stream_of(x, rows, n);
    plain_sums want = plain_expect(&s, x, rows);
    assert_int_equal(em_expect(&s, &data, &context), ASSAY_OK);
    test_check(fabsl(s.log_likelihood - want.log_likelihood) <= s.rounding, "rows %zu, n %zu, k %zu: %a, want %La",
               rows, n, k, s.log_likelihood, want.log_likelihood);
    /* the bound is no more than what em.h's formula gives for terms of this size */
    test_check(s.rounding <= 1e-10 * (1.0 + fabs(s.log_likelihood) * (double)k), "rounding %g", s.rounding);
    for (size_t j = 0; j < k; j++) {
      test_check(fabsl(s.counts[j] - want.counts[j]) <= want.count_error[j], "count %zu: %a, want %La", j, s.counts[j],
                 want.counts[j]);
      test_check(fabsl(s.squares[j] - want.squares[j]) <= want.square_error[j], "square %zu: %a, want %La", j,
                 s.squares[j], want.squares[j]);
    }
    for (size_t j = 0; j < k * n; j++)
      test_check(fabsl(s.moments[j] - want.moments[j]) <= want.moment_error[j], "moment %zu: %a, want %La", j,
                 s.moments[j], want.moments[j]);
    free(want.counts);
    free(x);
    em_state_clear(&s);
  }
}

/* From sums known exactly: the parameters that maximise, by their definition over rows with posteriors. */
static void maxima_are_weighted_means_and_variances(void **state) {
  (void)state;
  enum { ROWS = 60, N = 3, K = 3 };
  test_random random = test_random_new(83);
  for (size_t i = 0; i < test_cases(60); i++) {
    double *x = clustered(ROWS, N, 3, 3.0, &random);
    em_state s = random_state(K, N, 3.0, &random);
    long double p[ROWS][K], count[K] = {0}, mean[K][N] = {{0}}, spread[K] = {0}, all = 0.0L, size = 0.0L;
    for (size_t r = 0; r < ROWS; r++) {
      long double sum = 0.0L;
      for (size_t j = 0; j < K; j++) sum += p[r][j] = test_log_uniform(&random, 0.01, 1.0);
      for (size_t j = 0; j < K; j++) count[j] += p[r][j] /= sum;
    }
    for (size_t j = 0; j < K; j++) {
      long double squares = 0.0L, moments[N] = {0};
      for (size_t r = 0; r < ROWS; r++)
        for (size_t c = 0; c < N; c++) {
          long double y = (long double)x[r * N + c] - s.mean[j * N + c];
          mean[j][c] += p[r][j] * x[r * N + c] / count[j];
          squares += p[r][j] * y * y;
          moments[c] += p[r][j] * y;
        }
      for (size_t r = 0; r < ROWS; r++)
        for (size_t c = 0; c < N; c++) spread[j] += p[r][j] * (x[r * N + c] - mean[j][c]) * (x[r * N + c] - mean[j][c]);
      all += spread[j];
      s.counts[j] = (double)count[j];
      s.squares[j] = (double)squares;
      for (size_t c = 0; c < N; c++) s.moments[j * N + c] = (double)moments[c];
      size = fmaxl(size, squares);
    }
    const assay_gmm_em_variance kinds[] = {ASSAY_GMM_EM_FIXED, ASSAY_GMM_EM_COMMON, ASSAY_GMM_EM_OWN};
    assay_gmm_em_settings settings = assay_gmm_em_settings_default(K);
    settings.kind = kinds[i % 3];
    double before = s.variance[1], lowest = i % 2 ? 1e-6 : 1.0;
    em_maximise(&s, &settings, lowest);
    /* Each number is a difference or quotient of sums below `size`, whose roundings are a dozen at most. */
    for (size_t j = 0; j < K; j++) {
      long double own = spread[j] / (N * count[j]), common = all / (N * (long double)ROWS);
      long double want = settings.kind == ASSAY_GMM_EM_OWN ? fmaxl(own, lowest) : fmaxl(common, lowest);
      if (settings.kind == ASSAY_GMM_EM_FIXED) want = j == 1 ? before : s.variance[j];
      test_check(fabsl(s.variance[j] - want) <= 12.0L * unit * (size / count[j] + want), "variance %zu: %a, want %La",
                 j, s.variance[j], want);
      test_check(fabsl(s.weight[j] - count[j] / ROWS) <= 8.0L * unit, "weight %zu: %a", j, s.weight[j]);
      for (size_t c = 0; c < N; c++)
        test_check(fabsl(s.mean[j * N + c] - mean[j][c]) <= 12.0L * unit * (sqrtl(size / count[j]) + fabsl(mean[j][c])),
                   "mean %zu %zu: %a, want %La", j, c, s.mean[j * N + c], mean[j][c]);
    }
    free(x);
    em_state_clear(&s);
  }
}

static void the_likelihood_never_falls(void **state) {
  (void)state;
  test_random random = test_random_new(84);
  for (size_t i = 0; i < test_cases(30); i++) {
    assay_context context = quiet();
    size_t rows = test_integer(&random, 20, 1500), n = test_integer(&random, 1, 6), k = test_integer(&random, 2, 6);
    double *x = clustered(rows, n, 3, 2.0, &random);
    em_state s = random_state(k, n, 2.0, &random);
    assay_stream data = assay_stream_of(x, rows, n);
    assay_gmm_em_settings settings = assay_gmm_em_settings_default(k);
    settings.kind = (assay_gmm_em_variance)(i % 3);
    if (settings.kind == ASSAY_GMM_EM_COMMON)
      for (size_t j = 0; j < k; j++) s.variance[j] = s.variance[0];
    assert_int_equal(em_expect(&s, &data, &context), ASSAY_OK);
    for (size_t step = 0; step < 80; step++) {
      double before = s.log_likelihood, allowance = s.rounding;
      em_maximise(&s, &settings, 1e-3);
      if (step == 0) continue; /* variances may have started below the lowest */
      assert_int_equal(em_expect(&s, &data, &context), ASSAY_OK);
      if (step > 1)
        test_check(s.log_likelihood >= before - allowance - s.rounding, "rows %zu, n %zu, k %zu, step %zu: %a to %a",
                   rows, n, k, step, before, s.log_likelihood);
    }
    free(x);
    em_state_clear(&s);
  }
}

/* A component that no row has any part in vanishes; what is left is the mixture of the others. */
static void components_without_rows_vanish(void **state) {
  (void)state;
  enum { ROWS = 700, N = 2 };
  assay_context context = quiet();
  test_random random = test_random_new(85);
  double *x = clustered(ROWS, N, 2, 2.0, &random);
  assay_stream data = assay_stream_of(x, ROWS, N);
  em_state three = random_state(3, N, 2.0, &random), two;
  assert_int_equal(em_state_init(&two, 2, N, &context), ASSAY_OK);
  assay_gmm_em_settings settings = assay_gmm_em_settings_default(3);
  three.mean[2] = 1e4;
  assert_int_equal(em_expect(&three, &data, &context), ASSAY_OK);
  em_maximise(&three, &settings, 0.0);
  test_check(three.weight[1] == 0.0 && three.weight[0] > 0.0 && three.weight[2] > 0.0, "weight %a", three.weight[1]);
  for (size_t j = 0; j < 2; j++) {
    two.weight[j] = three.weight[2 * j];
    two.variance[j] = three.variance[2 * j];
    memcpy(two.mean + j * N, three.mean + 2 * j * N, N * sizeof(double));
  }
  assert_int_equal(em_expect(&three, &data, &context), ASSAY_OK);
  assert_int_equal(em_expect(&two, &data, &context), ASSAY_OK);
  test_check(three.log_likelihood == two.log_likelihood && three.counts[2] == two.counts[1] && three.counts[1] == 0.0,
             "%a, %a", three.log_likelihood, two.log_likelihood);
  free(x);
  em_state_clear(&three);
  em_state_clear(&two);
}

/* k-means++ takes rows in proportion to their squared distance: of two tight groups and one start in each. */
static void starts_spread_out(void **state) {
  (void)state;
  enum { ROWS = 1000, SEEDS = 400 };
  assay_context context = quiet();
  double x[ROWS];
  for (size_t i = 0; i < ROWS; i++) x[i] = i < 100 ? 10.0 : i < 110 ? 30.0 : 0.0;
  assay_stream data = assay_stream_of(x, ROWS, 1);
  em_candidates candidates;
  assert_int_equal(em_candidates_init(&candidates, &data, &context), ASSAY_OK);
  em_state s;
  assert_int_equal(em_state_init(&s, 3, 1, &context), ASSAY_OK);
  size_t first_zero = 0, second_far = 0;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    assay_gmm_em_settings settings = assay_gmm_em_settings_default(3);
    settings.seed = seed;
    em_start(&s, &candidates, &settings, 0, 0.0);
    test_check(s.mean[0] != s.mean[1] && s.mean[1] != s.mean[2] && s.mean[0] != s.mean[2], "seed %d", (int)seed);
    first_zero += s.mean[0] == 0.0;
    second_far += s.mean[0] == 0.0 && s.mean[1] == 30.0;
  }
  /* First: 890 of 1000 rows. Then 30 with chance 10 900/(10 900 + 100 100) = 9/19. Hoeffding, chance 1e-9 each. */
  double share = (double)first_zero / SEEDS, far = (double)second_far / (double)first_zero;
  test_check(fabs(share - 0.89) <= sqrt(log(2e9) / (2.0 * SEEDS)), "first at 0: %g", share);
  test_check(fabs(far - 9.0 / 19.0) <= sqrt(log(2e9) / (2.0 * (double)first_zero)), "second at 30: %g", far);
  em_state_clear(&s);
  em_candidates_clear(&candidates);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exponentials_are_accurate),
      cmocka_unit_test(expectations_are_the_plain_loops),
      cmocka_unit_test(maxima_are_weighted_means_and_variances),
      cmocka_unit_test(the_likelihood_never_falls),
      cmocka_unit_test(components_without_rows_vanish),
      cmocka_unit_test(starts_spread_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
