/* The learned chain of gmm-diffusion: its claims hold and their controls do not; the divergence of its paths against
 * sums over fine grids, which know nothing of posteriors, entropies or moments. */
#include "testing.h"
#include "verdict.h"

#include "theory/gmm_diffusion/end_to_end.h"

#include <assay/fast.h>
#include <assay/variation.h>

#include <math.h>

static void girsanov_certificate(void **state) {
  (void)state;
  check_verdict("gmm-diffusion/girsanov-certificate", ASSAY_CONFIRMED);
  check_control("gmm-diffusion/girsanov-certificate");
}

static void end_to_end_1d(void **state) {
  (void)state;
  check_verdict("gmm-diffusion/end-to-end-1d", ASSAY_CONFIRMED);
  check_control("gmm-diffusion/end-to-end-1d");
}

static void end_to_end_nd(void **state) {
  (void)state;
  check_verdict("gmm-diffusion/end-to-end-nd", ASSAY_CONFIRMED);
  check_control("gmm-diffusion/end-to-end-nd");
}

/* ---- a chain of two levels on a line ---- */

static const double weights[] = {1, 3}, means[] = {-1.5, 2};
static const known_truth truth = {"two", 1, 2, weights, means};
static const double low = -20, step = 0.02;
enum { LEVELS = 2, PATHS = 40000, PLACES = 2000, WIDE = 5 };

static double place(size_t i) { return low + step * (double)i; }

static double normal(double x, double mean, double variance) {
  return exp(-(x - mean) * (x - mean) / (2 * variance)) / sqrt(8 * atan(1) * variance);
}

static double density(double y, double variance) {
  return normal(y, means[0], variance) / 4 + 3 * normal(y, means[1], variance) / 4;
}

/* U_hat = centre: a polynomial without coefficients. */
static void make_model(assay_gmm_model *out, const double tau[LEVELS], assay_context *context) {
  assert_int_equal(assay_gmm_model_init(out, 1, 1, LEVELS, LEVELS, context), ASSAY_OK);
  for (size_t k = 0; k < LEVELS; k++) {
    out->level[k] = (assay_gmm_level){.tau = tau[k], .first_cell = k, .cells = 1};
    out->cell[k] = (assay_gmm_cell){1, 1};
    out->centres[k] = 0.5 + (double)k;
  }
  out->samples = 1000, out->radius = 3, out->clip = 3.5, out->limit = 100;
  out->mean[0] = 0.25, out->covariance[0] = 2.5;
  out->settings = assay_gmm_settings_default();
}

typedef struct {
  double start, kernel, bound, score;
} parts;

/* The divergence of p(y' | y) = p(y') p(y | y')/p(y) from the Gaussian with its mean and variance v, the bound of it by
 * moments of their quotient, and half the squared difference of that mean from the learned one over v. */
static parts step_at(double y, double tau, double next, double centre) {
  double p = density(y, 1 + tau), mean = 0, u2 = 0, series = 0, v = (tau - next) * (1 + next) / (1 + tau);
  parts out = {0, 0, 0, 0};
  for (size_t i = 0; i < PLACES; i++)
    mean += step * place(i) * density(place(i), 1 + next) * normal(y, place(i), tau - next) / p;
  for (size_t i = 0; i < PLACES; i++) {
    double to = place(i), exact = density(to, 1 + next) * normal(y, to, tau - next) / p;
    double gaussian = normal(to, mean, v), u = exact / gaussian - 1;
    if (!(gaussian > 1e-30)) continue;
    out.kernel += step * exact * log(exact / gaussian);
    u2 += step * gaussian * u * u;
    series += step * gaussian * (u * u / 2 - u * u * u / 6 + u * u * u * u / 3);
  }
  out.bound = fmin(log1p(u2), series);
  double learned = y + (tau - next) * (centre - y) / (1 + tau);
  out.score = (mean - learned) * (mean - learned) / (2 * v);
  return out;
}

static parts plain_parts(const assay_gmm_model *model) {
  parts out = {0, 0, 0, 0};
  double chi2 = 0;
  for (size_t i = 0; i < PLACES; i++) {
    double y = place(i), p = density(y, 1 + model->level[0].tau);
    chi2 += step * p * p / normal(y, model->mean[0], model->covariance[0] + model->level[0].tau);
  }
  out.start = log(chi2);
  for (size_t k = 0; k < LEVELS; k++) {
    double tau = model->level[k].tau, next = k + 1 < LEVELS ? model->level[k + 1].tau : 0;
    for (size_t i = 0; i < PLACES; i += WIDE) {
      double y = place(i), mass = WIDE * step * density(y, 1 + tau);
      if (mass < 1e-9) continue;
      parts at = step_at(y, tau, next, model->centres[k]);
      out.kernel += mass * at.kernel, out.bound += mass * at.bound, out.score += mass * at.score;
    }
  }
  return out;
}

/* Means of paths are within 5 of their standard errors of the sums: wrong less than once in a million. */
static double mean_of(const double *values, double *error) {
  double sum = 0, squares = 0;
  for (size_t p = 0; p < PATHS; p++) sum += values[p], squares += values[p] * values[p];
  *error = 5 * sqrt((squares / PATHS - sum * sum / PATHS / PATHS) / PATHS) + 1e-6;
  return sum / PATHS;
}

static void check_parts(const double tau[LEVELS], bool exact) {
  assay_context context;
  assay_context_init(&context);
  assay_gmm_model model;
  make_model(&model, tau, &context);
  path_divergence paths;
  assert_int_equal(path_divergence_init(&paths, &model, &truth, PATHS, 100, 5, &context), ASSAY_OK);
  parts plain = plain_parts(&model);
  double error = 0, score = mean_of(paths.score, &error);
  test_check(fabs(score - plain.score) <= error, "score %.17g, %.17g on a grid, error %g", score, plain.score, error);
  double kernel = mean_of(paths.kernel, &error);
  double expected = exact ? plain.kernel : plain.bound;
  test_check(fabs(kernel - expected) <= error && plain.bound > plain.kernel, "kernel %.17g, %.17g on a grid, error %g",
             kernel, expected, error);
  test_check(fabs(paths.start - plain.start) <= 1e-6 * plain.start, "start %.17g, %.17g on a grid", paths.start,
             plain.start);
  for (size_t p = 0; p < PATHS; p++) test_check(!paths.escaped[p], "path %zu", p);
  path_divergence_clear(&paths);
  assay_gmm_model_clear(&model);
}

/* f times the squared diameter is 6.4 and 4.1: both by the exact formula. */
static void large_steps(void **state) {
  (void)state;
  check_parts((const double[]){6, 0.5}, true);
}

/* 1.2 and 1.8: by the bound of moments. */
static void small_steps(void **state) {
  (void)state;
  check_parts((const double[]){0.32, 0.17}, false);
}

/* Path after path, on the points that its streams say; f times the squared diameter is 0.2, and 1.2 and 1.8: both
 * bounds by moments are the smaller one somewhere. */
static void check_paths(const double tau[LEVELS]) {
  enum { FEW = 40 };
  const uint64_t seed = 5;
  assay_context context;
  assay_context_init(&context);
  assay_gmm_model model;
  make_model(&model, tau, &context);
  path_divergence paths;
  assay_mixture mixture;
  double y[FEW], noise[FEW];
  parts sum[FEW] = {{0, 0, 0, 0}};
  assert_int_equal(path_divergence_init(&paths, &model, &truth, FEW, 100, seed, &context), ASSAY_OK);
  assert_int_equal(known_truth_mixture(&mixture, &truth, &context), ASSAY_OK);
  assay_mixture_draws draws = {&mixture, seed, 2};
  assay_stream ends = assay_fast_mixture_draws(&draws, FEW);
  assert_int_equal(ends.read(&ends, 0, FEW, 0, 1, y, 1, &context), ASSAY_OK);
  for (uint32_t k = LEVELS; k-- > 0;) {
    double next = k + 1 < LEVELS ? tau[k + 1] : 0;
    assay_normals normals = {seed, 0x4000 + k};
    assay_stream steps = assay_fast_normals(&normals, FEW, 1);
    assert_int_equal(steps.read(&steps, 0, FEW, 0, 1, noise, 1, &context), ASSAY_OK);
    for (size_t p = 0; p < FEW; p++) {
      y[p] += sqrt(tau[k] - next) * noise[p];
      parts at = step_at(y[p], tau[k], next, model.centres[k]);
      sum[p].bound += at.bound, sum[p].score += at.score;
    }
  }
  for (size_t p = 0; p < FEW; p++)
    test_check(fabs(paths.kernel[p] - sum[p].bound) <= 1e-8 && fabs(paths.score[p] - sum[p].score) <= 1e-8,
               "path %zu: kernel %.17g, %.17g on a grid; score %.17g, %.17g", p, paths.kernel[p], sum[p].bound,
               paths.score[p], sum[p].score);
  assay_mixture_clear(&mixture);
  path_divergence_clear(&paths);
  assay_gmm_model_clear(&model);
}

static void paths_one_by_one(void **state) {
  (void)state;
  check_paths((const double[]){0.04, 0.02});
  check_paths((const double[]){0.32, 0.17});
}

/* With c below their sum, paths end there: what is kept never exceeds it. */
static void paths_are_cut(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  assay_gmm_model model;
  make_model(&model, (const double[]){0.32, 0.17}, &context);
  path_divergence whole, cut;
  const double most = 0.2;
  assert_int_equal(path_divergence_init(&whole, &model, &truth, PATHS, 100, 5, &context), ASSAY_OK);
  assert_int_equal(path_divergence_init(&cut, &model, &truth, PATHS, most, 5, &context), ASSAY_OK);
  size_t escaped = 0;
  for (size_t p = 0; p < PATHS; p++) {
    double all = whole.score[p] + whole.kernel[p], kept = cut.score[p] + cut.kernel[p];
    escaped += cut.escaped[p];
    test_check(cut.escaped[p] == (all > most) && (cut.escaped[p] ? kept <= most : kept == all),
               "path %zu: %a kept of %a", p, kept, all);
  }
  path_bounds bounds = path_bounds_of(&cut, 1e-6);
  test_check(escaped > PATHS / 100 && bounds.all > (double)escaped / PATHS, "%zu escaped, bound %g", escaped,
             bounds.all);
  path_divergence_clear(&whole), path_divergence_clear(&cut);
  assay_gmm_model_clear(&model);
}

/* Masses added up on a grid, each cell closed when the truth's reaches a 64th: the grid's step times a density, below
 * 0.2, and that many cells. */
static void control_is_the_gaussian(void **state) {
  (void)state;
  const double fine = 1e-5;
  const size_t places = 4000000;
  double at[] = {-4, 0.5, 5}, w[] = {0.3, 0.4, 0.3}, mean = 0, variance = 1, sum = 0, p = 0, excess = 0;
  for (size_t i = 0; i < 3; i++) mean += w[i] * at[i];
  for (size_t i = 0; i < 3; i++) variance += w[i] * (at[i] - mean) * (at[i] - mean);
  size_t cell = 1;
  for (size_t k = 0; k < places; k++) {
    double y = low + fine * (double)k, here = 0;
    for (size_t i = 0; i < 3; i++) here += fine * w[i] * normal(y, at[i], 1);
    p += here, excess += fine * normal(y, mean, variance) - here;
    if (cell < END_TO_END_BINS && p >= (double)cell / END_TO_END_BINS) sum += fabs(excess) / 2, excess = 0, cell++;
  }
  sum += fabs(excess) / 2;
  iv_scope *s = iv_scope_new(128);
  double found = iv_mid_d(moment_matched_distance(s, &known_truth_line, (const double[]){1}));
  test_check(fabs(found - sum) <= END_TO_END_BINS * fine, "%.17g, %.17g on a grid", found, sum);
  iv_scope_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(large_steps),
                                     cmocka_unit_test(small_steps),
                                     cmocka_unit_test(paths_one_by_one),
                                     cmocka_unit_test(paths_are_cut),
                                     cmocka_unit_test(control_is_the_gaussian),
                                     cmocka_unit_test(girsanov_certificate),
                                     cmocka_unit_test(end_to_end_1d),
                                     cmocka_unit_test(end_to_end_nd)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
