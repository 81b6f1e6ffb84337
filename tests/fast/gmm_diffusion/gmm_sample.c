/* The samplers on models whose field is known: constant and linear posterior means, where flow and chain have closed
 * forms; on learned ones, moments. Rows are their own, whatever stands beside them. */
#include "gmm_samples.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One cell a level, U(y) = centre + slope z, clipped far away; covariance 0 but for what the caller sets. */
static assay_gmm_model linear_model(size_t n, size_t levels, double tau0, double tau_min, double slope) {
  assay_context context;
  assay_context_init(&context);
  assay_gmm_model model;
  assert_int_equal(assay_gmm_model_init(&model, n, 1, levels, levels, &context), ASSAY_OK);
  model.samples = 1;
  model.radius = 1;
  model.clip = 1e9;
  model.limit = 1e9;
  model.settings = assay_gmm_settings_default();
  for (size_t k = 0; k < levels; k++) {
    model.level[k].tau = tau0 * pow(tau_min / tau0, (double)k / (double)(levels - 1));
    model.level[k].first_cell = k;
    model.level[k].cells = 1;
    model.cell[k] = (assay_gmm_cell){1, 1};
    for (size_t j = 0; j < n; j++) {
      model.centres[k * n + j] = 1 + (double)j;
      model.coefficients[(k * (n + 1) + 1 + j) * n + j] = slope;
    }
  }
  for (size_t j = 0; j < n; j++) model.mean[j] = 1 + (double)j;
  return model;
}

static void read_normals(double *out, uint64_t seed, uint32_t stream, size_t rows, size_t n) {
  assay_context context;
  assay_context_init(&context);
  assay_normals normals = {seed, stream};
  assay_stream noise = assay_fast_normals(&normals, rows, n);
  assert_int_equal(noise.read(&noise, 0, rows, 0, n, out, n, &context), ASSAY_OK);
}

enum { ROWS = 300, N = 3, ENTRIES = ROWS * N };

static void draw(double *out, const assay_gmm_model *model, assay_gmm_sampler sampler, size_t first, size_t count) {
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_fast_gmm_sample(out, model, sampler, first, count, 7, &context), ASSAY_OK);
}

/* The start of row i: mean + L noise, here with covariance [[1, .5, 0], [.5, 2, 0], [0, 0, 0]]. */
static void set_covariance(assay_gmm_model *model) {
  model->covariance[0] = 1;
  model->covariance[1] = model->covariance[3] = 0.5;
  model->covariance[4] = 2;
}

static void plain_start(double *y, const assay_gmm_model *model) {
  double tau = model->level[0].tau, a = sqrt(1 + tau), b = 0.5 / a, c = sqrt(2 + tau - b * b);
  read_normals(y, 7, 0x8000, ROWS, N);
  for (size_t i = 0; i < ROWS; i++) {
    double *row = y + i * N, first = row[0];
    row[0] = model->mean[0] + a * first;
    row[1] = model->mean[1] + b * first + c * row[1];
    row[2] = model->mean[2] + sqrt(tau) * row[2];
  }
}

/* U = c: the flow is y = c + (y_0 - c)/sqrt(1 + tau_0) exactly. A few roundings a step; 1e-13 of 20 is many. */
static void constant_flow(void **state) {
  (void)state;
  assay_gmm_model model = linear_model(N, 9, 50, 0.02, 0);
  set_covariance(&model);
  double expected[ENTRIES], got[ENTRIES];
  plain_start(expected, &model);
  draw(got, &model, ASSAY_GMM_ODE, 0, ROWS);
  for (size_t k = 0; k < sizeof got / sizeof *got; k++) {
    double centre = 1 + (double)(k % N), exact = centre + (expected[k] - centre) / sqrt(1 + model.level[0].tau);
    test_check(fabs(got[k] - exact) < 1e-12, "entry %zu: %a, expected %a", k, got[k], exact);
  }
  assay_gmm_model_clear(&model);
}

/* U = c + slope (y - c)/sqrt(1 + tau): the chain y <- y + dtau s + sqrt(dtau (1 + tau')/(1 + tau)) xi, to 0. */
static void linear_chain(void **state) {
  (void)state;
  assay_gmm_model model = linear_model(N, 9, 50, 0.02, 0.3);
  set_covariance(&model);
  double expected[ENTRIES], got[ENTRIES], noise[ENTRIES];
  plain_start(expected, &model);
  for (size_t k = 0; k < model.levels; k++) {
    double tau = model.level[k].tau, next = k + 1 < model.levels ? model.level[k + 1].tau : 0;
    read_normals(noise, 7, (uint32_t)(0x8001 + k), ROWS, N);
    for (size_t i = 0; i < ENTRIES; i++) {
      double from = expected[i] - (1 + (double)(i % N)), score = (0.3 * from / sqrt(1 + tau) - from) / (1 + tau);
      expected[i] += (tau - next) * score + sqrt((tau - next) * (1 + next) / (1 + tau)) * noise[i];
    }
  }
  draw(got, &model, ASSAY_GMM_SDE, 0, ROWS);
  for (size_t k = 0; k < ENTRIES; k++)
    test_check(fabs(got[k] - expected[k]) < 1e-12, "entry %zu: %a, expected %a", k, got[k], expected[k]);
  assay_gmm_model_clear(&model);
}

/* The same field's flow: d log(y - c)/dtau = 1/(2 (1 + tau)) - slope/(2 (1 + tau)^(3/2)), so from tau to 0 it shrinks
 * by (1 + tau)^(-1/2) exp(slope (1 - (1 + tau)^(-1/2))). Heun's error falls as the square of the step: slopes between
 * 32, 64 and 128 steps extrapolated as for the exact flow; the last step, from 1e-9, adds 1e-9 of one stage. */
static void flow_order(void **state) {
  (void)state;
  double error[3], start[ENTRIES], got[ENTRIES];
  for (size_t r = 0; r < 3; r++) {
    assay_gmm_model model = linear_model(N, ((size_t)32 << r) + 1, 20, 1e-9, 0.5);
    double root = 1 / sqrt(1 + model.level[0].tau), shrink = root * exp(0.5 * (1 - root));
    set_covariance(&model);
    plain_start(start, &model);
    draw(got, &model, ASSAY_GMM_ODE, 0, ROWS);
    error[r] = 0;
    for (size_t k = 0; k < ENTRIES; k++) {
      double centre = 1 + (double)(k % N);
      error[r] = fmax(error[r], fabs(got[k] - centre - shrink * (start[k] - centre)));
    }
    assay_gmm_model_clear(&model);
  }
  double order = 2 * log2(error[1] / error[2]) - log2(error[0] / error[1]);
  test_check(fabs(order - 2) < 0.2 && error[2] > 1e-6, "errors %g %g %g, order %g", error[0], error[1], error[2],
             order);
}

/* Any cut of the rows gives the same bits. */
static void rows_alone(void **state) {
  (void)state;
  assay_gmm_model model = linear_model(N, 5, 50, 0.02, 0.3);
  double whole[ENTRIES], part[ENTRIES];
  for (int sampler = ASSAY_GMM_ODE; sampler <= ASSAY_GMM_SDE; sampler++) {
    draw(whole, &model, (assay_gmm_sampler)sampler, 0, ROWS);
    for (size_t first = 0; first < ROWS; first += 77) {
      size_t count = ROWS - first < 77 ? ROWS - first : 77;
      draw(part, &model, (assay_gmm_sampler)sampler, first, count);
      assert_memory_equal(part, whole + first * N, sizeof *part * count * N);
    }
  }
  assay_gmm_model_clear(&model);
}

/* Beyond the clip U keeps the value at the clip along the ray, and the score has slope -1/(1 + tau) there. Exactly: z
 * is cut to the same point within roundings. */
static void tails(void **state) {
  (void)state;
  assay_gmm_model model = linear_model(N, 2, 3, 1, 0.3);
  model.clip = 2;
  assay_context context;
  assay_context_init(&context);
  const double direction[N] = {0.6, 0, -0.8};
  double y[4 * N], mean[4 * N], score[4 * N];
  static const double far[4] = {1.9, 2, 3, 50};
  for (size_t i = 0; i < 4; i++)
    for (size_t j = 0; j < N; j++) y[i * N + j] = 1 + (double)j + 2 * far[i] * direction[j]; /* sigma = 2 */
  assert_int_equal(assay_fast_gmm_posterior_mean(mean, &model, 0, y, 4, &context), ASSAY_OK);
  assert_int_equal(assay_fast_gmm_score(score, &model, 0, y, 4, &context), ASSAY_OK);
  for (size_t k = 0; k < (size_t)4 * N; k++) {
    double expected = 1 + (double)(k % N) + 0.3 * fmin(far[k / N], 2) * direction[k % N];
    test_check(fabs(mean[k] - expected) < 1e-13, "U[%zu] = %a, expected %a", k, mean[k], expected);
    test_check(fabs(score[k] - (expected - y[k]) / 4) < 1e-13, "s[%zu] = %a", k, score[k]);
  }
  assert_int_equal(assay_fast_gmm_score(y, &model, 0, y, 4, &context), ASSAY_OK);
  assert_memory_equal(y, score, sizeof y);
  assay_gmm_model_clear(&model);
}

/* Projected onto |U - mean| <= limit: the mean is the centre here, U - centre = 4 z, so what is farther than the limit
 * ends at the limit in the same direction. */
static void limits(void **state) {
  (void)state;
  assay_gmm_model model = linear_model(N, 2, 3, 1, 4);
  model.limit = 5;
  model.mean[0] = 2; /* beside the centre */
  assay_context context;
  assay_context_init(&context);
  const double direction[N] = {0.6, 0, -0.8};
  double y[4 * N], mean[4 * N];
  static const double far[4] = {0, 1, 1.5, 50};
  for (size_t i = 0; i < 4; i++)
    for (size_t j = 0; j < N; j++) y[i * N + j] = 1 + (double)j + 2 * far[i] * direction[j]; /* sigma = 2 */
  assert_int_equal(assay_fast_gmm_posterior_mean(mean, &model, 0, y, 4, &context), ASSAY_OK);
  for (size_t i = 0; i < 4; i++) {
    double away[N], norm = 0;
    for (size_t j = 0; j < N; j++) {
      away[j] = 1 + (double)j + 4 * far[i] * direction[j] - model.mean[j];
      norm = hypot(norm, away[j]);
    }
    assert_true((norm > 5) == (i > 1)); /* both kinds */
    for (size_t j = 0; j < N; j++) {
      double expected = model.mean[j] + away[j] * fmin(1, 5 / norm);
      test_check(fabs(mean[i * N + j] - expected) < 1e-13, "U[%zu][%zu] = %a, expected %a", i, j, mean[i * N + j],
                 expected);
    }
  }
  assay_gmm_model_clear(&model);
}

/* A learned model's samples have mean and covariance of those it was learned from, within five standard errors of 8000
 * draws and a tenth of the scale for the error of the field (a total variation of a few per cent, a few deviations
 * out).
 */
static void moments(void **state) {
  (void)state;
  enum { OLD = 4000, NEW = 8000 };
  test_random random = test_random_new(0x3033);
  assay_mixture mixture = gmm_test_mixture(2, 2, 4, &random);
  double *x = gmm_test_samples(&mixture, OLD, &random), *y = malloc(sizeof *y * NEW * 2);
  assay_stream samples = assay_stream_of(x, OLD, 2);
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.degree = 3;
  settings.ratio = 1.5;
  assay_gmm_model model;
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_fast_gmm_learn(&model, &samples, &settings, &context), ASSAY_OK);
  for (int sampler = ASSAY_GMM_ODE; sampler <= ASSAY_GMM_SDE; sampler++) {
    double sum[2] = {0}, product[3] = {0};
    draw(y, &model, (assay_gmm_sampler)sampler, 0, NEW);
    for (size_t i = 0; i < NEW; i++) {
      double a = y[2 * i] - model.mean[0], b = y[2 * i + 1] - model.mean[1];
      sum[0] += a / NEW;
      sum[1] += b / NEW;
      product[0] += a * a / NEW;
      product[1] += a * b / NEW;
      product[2] += b * b / NEW;
    }
    double sd[2] = {sqrt(model.covariance[0]), sqrt(model.covariance[3])};
    for (size_t j = 0; j < 2; j++)
      test_check(fabs(sum[j]) < (0.1 + 5 / sqrt(NEW)) * sd[j], "sampler %d mean %zu off by %g, sd %g", sampler, j,
                 sum[j], sd[j]);
    for (size_t j = 0; j < 3; j++) {
      double scale = sd[j / 2] * sd[(j + 1) / 2], off = product[j] - model.covariance[j + (j > 1)];
      test_check(fabs(off) < (0.1 + 5 * sqrt(2.0 / NEW)) * scale, "sampler %d moment %zu off by %g of %g", sampler, j,
                 off, scale);
    }
  }
  assay_gmm_model_clear(&model);
  free(y);
  free(x);
  assay_mixture_clear(&mixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(constant_flow), cmocka_unit_test(linear_chain),
                                     cmocka_unit_test(flow_order),    cmocka_unit_test(rows_alone),
                                     cmocka_unit_test(tails),         cmocka_unit_test(limits),
                                     cmocka_unit_test(moments)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
