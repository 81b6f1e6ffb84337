/* The estimated errors of learned scores against the truth, where samples are many and where they are few. */
#include "gmm_samples.h"

#include "fast/gmm_diffusion/learner.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>

/* E|s_hat - s|^2 over p_tau of a level, by 4000 draws and assay_fast_field on the path alpha = sqrt(tau), beta = 1. */
static double score_error(const assay_gmm_model *model, size_t level, const assay_mixture *mixture,
                          test_random *random) {
  const size_t points = 4000, n = model->dimension;
  double tau = model->level[level].tau, sum = 0, *y = gmm_test_samples(mixture, points, random);
  double *learned = malloc(2 * points * n * sizeof *learned), *exact = learned + points * n;
  for (size_t k = 0; k < points * n; k++) y[k] += sqrt(tau) * gmm_test_normal(random);
  assay_context context;
  assay_context_init(&context);
  assay_path_point point = assay_path_point_of(assay_real_of(sqrt(tau)), assay_real_of(1));
  assert_int_equal(assay_fast_field(exact, NULL, ASSAY_SCORE, mixture, &point, y, points, &context), ASSAY_OK);
  assert_int_equal(assay_fast_gmm_score(learned, model, level, y, points, &context), ASSAY_OK);
  for (size_t k = 0; k < points * n; k++) sum += (learned[k] - exact[k]) * (learned[k] - exact[k]);
  free(learned);
  free(y);
  return sum / (double)points;
}

/* What the scores cost the certificate, by the truth. */
static double score_cost(const assay_gmm_model *model, const assay_mixture *mixture, test_random *random) {
  double sum = 0;
  for (size_t k = 0; k < model->levels; k++) {
    double tau = model->level[k].tau, next = k + 1 < model->levels ? model->level[k + 1].tau : 0;
    sum += (tau - next) * (1 + tau) / (1 + next) / 2 * score_error(model, k, mixture, random);
  }
  return sum;
}

/* The part of the certificate that the scores make, by the truth, against its estimate. The estimate knows the variance
 * from two halves (half of its terms is a factor of 2 off now and then, their sum over levels much less) and the bias
 * by extrapolation: a factor of 3 either way is what it is meant to keep; but with one component, whose U is constant,
 * chance alone makes what it charges for degrees left out (bias_left_out, below): there it is held from below only. */
static void errors_estimated(void **state) {
  (void)state;
  static const size_t shapes[][3] = {{1, 3, 4}, {2, 3, 3}, {3, 1, 2}}; /* n, components, degree */
  test_random random = test_random_new(0xe44e);
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    enum { N = 8000 };
    assay_mixture mixture = gmm_test_mixture(shapes[s][0], shapes[s][1], 4, &random);
    double *x = gmm_test_samples(&mixture, N, &random);
    assay_stream samples = assay_stream_of(x, N, shapes[s][0]);
    assay_gmm_settings settings = assay_gmm_settings_default();
    settings.degree = shapes[s][2];
    settings.ratio = 2;
    assay_gmm_model model;
    assay_context context;
    assay_context_init(&context);
    assert_int_equal(assay_fast_gmm_learn(&model, &samples, &settings, &context), ASSAY_OK);
    double truth = score_cost(&model, &mixture, &random);
    double estimate = model.certificate.degree + model.certificate.data;
    test_check(truth < 3 * estimate && (shapes[s][1] == 1 || estimate < 3 * truth), "shape %zu: %a, estimated %a + %a",
               s, truth, model.certificate.degree, model.certificate.data);
    free(x);
    assay_gmm_model_clear(&model);
    assay_mixture_clear(&mixture);
  }
}

/* Few samples, high degrees: the sum over 40 data sets of what the scores cost, by the truth and by the estimate.
 * Single ones were 50 to 4000 times larger than estimated where polynomials ran away between samples; within the limit,
 * the worst of 300 like these was 1.8 times its estimate, and the sum .6 times: a factor of 2 for the sum, 4 for each.
 * The limit holds all hidden means and is no farther than the farthest sample. */
static void few_samples(void **state) {
  (void)state;
  enum { SETS = 40, N = 400 };
  test_random random = test_random_new(0xfe35);
  double truths = 0, estimates = 0;
  for (size_t s = 0; s < SETS; s++) {
    assay_mixture mixture = gmm_test_mixture(1, 3, 4, &random);
    double *x = gmm_test_samples(&mixture, N, &random), farthest = 0;
    assay_stream samples = assay_stream_of(x, N, 1);
    assay_gmm_settings settings = assay_gmm_settings_default();
    settings.degree = 8;
    settings.ratio = 2;
    settings.seed = s;
    assay_gmm_model model;
    assay_context context;
    assay_context_init(&context);
    assert_int_equal(assay_fast_gmm_learn(&model, &samples, &settings, &context), ASSAY_OK);
    for (size_t i = 0; i < N; i++) farthest = fmax(farthest, fabs(x[i] - model.mean[0]));
    test_check(model.limit == farthest, "limit %a, farthest sample %a", model.limit, farthest);
    double truth = score_cost(&model, &mixture, &random), estimate = model.certificate.degree + model.certificate.data;
    test_check(truth < 4 * estimate, "set %zu: %a, estimated %a", s, truth, estimate);
    truths += truth;
    estimates += estimate;
    free(x);
    assay_gmm_model_clear(&model);
    assay_mixture_clear(&mixture);
  }
  test_check(truths < 2 * estimates && estimates < 4 * truths, "%a, estimated %a", truths, estimates);
}

/* One atom and degree 3: U is constant, so cells of lower degrees are right, and what the certificate charges them for
 * degrees that they leave out is chance alone. Never 0 there, or the choice would be taken for knowledge: at degree d a
 * product of two coefficients, one standard deviation of it. With the full fit's variance V/2 in each of the d + 1
 * coefficients of `data` that is 2/(d + 1) of it, and about as much again for gains that chance suggests: 4 on average
 * at d = 0, where a factor of 2 is left for the chance of the 20 sets. */
static void bias_left_out(void **state) {
  (void)state;
  enum { SETS = 20, N = 1000 };
  test_random random = test_random_new(0xb1a5);
  double degree = 0, data = 0;
  for (size_t s = 0; s < SETS; s++) {
    assay_mixture mixture = gmm_test_mixture(1, 1, 0, &random);
    double *x = gmm_test_samples(&mixture, N, &random);
    assay_stream samples = assay_stream_of(x, N, 1);
    assay_gmm_settings settings = assay_gmm_settings_default();
    settings.degree = 3;
    settings.ratio = 2;
    settings.seed = s;
    settings.cover = INFINITY;
    assay_gmm_model model;
    assay_context context;
    assay_context_init(&context);
    assert_int_equal(assay_fast_gmm_learn(&model, &samples, &settings, &context), ASSAY_OK);
    for (size_t k = 0; k < model.levels; k++) {
      if (model.cell[k].degree > 0) continue;
      degree += model.level[k].degree_error * pow(1 + model.level[k].tau, 2);
      data += model.level[k].data_error * pow(1 + model.level[k].tau, 2);
    }
    free(x);
    assay_gmm_model_clear(&model);
    assay_mixture_clear(&mixture);
  }
  test_check(data > 0 && degree > data && degree < 8 * data, "%a beside %a", degree, data);
}

/* ---- one cell's errors from equations that are given ---- */

enum { MOST = 4, ROWS = 1000 };

/* Halves of 500 draws each whose features are orthonormal and whose fits are `a` and `b`: products of a and b are
 * squared biases, halves of squared differences variances of one half. The degree, and both errors of U at sigma = 2.
 */
static void errors_of(size_t *degree, double *degree_error, double *data_error, const double *a, const double *b) {
  enum { P = MOST + 1, SIZE = P * (P + 1) + 2 };
  assay_context context;
  assay_context_init(&context);
  gmm_problem problem = {.settings = assay_gmm_settings_default()};
  double nothing[ROWS] = {0}, sums[2 * SIZE] = {0};
  assay_stream samples = assay_stream_of(nothing, ROWS, 1);
  problem.samples = &samples;
  problem.settings.draws = 1;
  problem.settings.ridge = 0;
  assert_int_equal(gmm_features_init(&problem.features, 1, MOST, &context), ASSAY_OK);
  assert_int_equal(gmm_equations_size(&problem.features), SIZE);
  for (size_t half = 0; half < 2; half++) {
    const double *c = half ? b : a;
    double *gram = sums + half * SIZE, *right = gram + (size_t)P * P;
    for (size_t f = 0; f < P; f++) {
      gram[f * P + f] = ROWS / 2.0;
      right[f] = ROWS / 2.0 * c[f];
    }
    right[P] = 100 * ROWS; /* squares of targets: beside what is judged */
    right[P + 1] = ROWS / 2.0;
  }
  gmm_piece piece;
  assert_int_equal(gmm_piece_init(&piece, &problem, 1, 3, &context), ASSAY_OK);
  assert_int_equal(gmm_fit(&piece, sums, &problem, &context), ASSAY_OK);
  *degree = piece.cell[0].degree;
  *degree_error = piece.level.degree_error * 16; /* sigma^2 = 4 */
  *data_error = piece.level.data_error * 16;
  gmm_piece_clear(&piece);
  gmm_features_clear(&problem.features);
}

/* By hand, with biases sum_{f > d} a b and variances sum_{f <= d} (a - b)^2/2 of a half, half of that of both. */
static void given_equations(void **state) {
  (void)state;
  static const struct {
    double a[MOST + 1], b[MOST + 1];
    size_t degree;
    double degree_error, data_error;
  } cases[] = {
      /* degree 1 would gain 0.1 and cost 0.81/4 more: 0.1 is left, and the deviation 0.81/2 */
      {{3, 1}, {2, 0.1}, 0, 0.1 + 0.405, 0.25},
      /* degree 4 gains 0.2 after degree 3 lost 0.1; they cost 0.49/4 and 0.01/4 */
      {{1, 2, 0, 0.5, 0.5}, {1, 2, 0, -0.2, 0.4}, 1, 0.1, 0},
      /* all degrees: pairs gain 4 + 1, then 1 + 0.25; a quarter of that again and again: 1.25/3 */
      {{1, 2, 1, 1, 0.5}, {1, 2, 1, 1, 0.5}, 4, 1.25 / 3, 0},
      /* the last pair gains as much as the one before: ratio 0.9 */
      {{1, 2, 1, 2, 1}, {1, 2, 1, 2, 1}, 4, 45, 0},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    size_t degree;
    double degree_error, data_error;
    errors_of(&degree, &degree_error, &data_error, cases[k].a, cases[k].b);
    test_check(degree == cases[k].degree, "case %zu: degree %zu", k, degree);
    test_check(fabs(degree_error - cases[k].degree_error) < 1e-9, "case %zu: degree error %a", k, degree_error);
    test_check(fabs(data_error - cases[k].data_error) < 1e-9, "case %zu: data error %a", k, data_error);
  }
}

/* A constant's variance is the squared difference of the halves' means, at levels of much noise that of the samples
 * themselves: another at each level, as halves are. 16 levels: squares of normals all within a factor of 4 have a
 * chance below 1e-4; the same halves give the same within a few per cent. */
static void halves_differ(void **state) {
  (void)state;
  enum { N = 9 }; /* afford degree 0 only with one draw */
  test_random random = test_random_new(0x4a1f);
  double x[N], least = INFINITY, most = 0;
  for (size_t i = 0; i < N; i++) x[i] = 30 * gmm_test_normal(&random);
  assay_stream samples = assay_stream_of(x, N, 1);
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.degree = 1;
  settings.draws = 1;
  settings.radius = 1000;
  settings.cover = INFINITY;
  assay_gmm_model model;
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_fast_gmm_learn(&model, &samples, &settings, &context), ASSAY_OK);
  for (size_t k = 0; k < 16; k++) {
    double error = model.level[k].data_error * pow(1 + model.level[k].tau, 2);
    least = fmin(least, error);
    most = fmax(most, error);
  }
  test_check(most > 4 * least, "%a to %a", least, most);
  assay_gmm_model_clear(&model);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(errors_estimated), cmocka_unit_test(few_samples),
                                     cmocka_unit_test(bias_left_out), cmocka_unit_test(given_equations),
                                     cmocka_unit_test(halves_differ)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
