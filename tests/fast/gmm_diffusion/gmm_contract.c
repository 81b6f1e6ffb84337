/* What the learner and its model refuse, what the messages name, and that outputs stay as they were. */
#include "gmm_samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 200, COLUMNS = 2 };

static assay_gmm_settings quick_settings(void) {
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.degree = 2;
  settings.ratio = 4;
  return settings;
}

static void fill(double *x) {
  test_random random = test_random_new(0xc047);
  for (size_t k = 0; k < (size_t)ROWS * COLUMNS; k++) x[k] = gmm_test_normal(&random);
}

/* Learning from x fails with this status and message, and leaves the model as it was. */
static void refused(const double *x, size_t rows, size_t columns, const assay_gmm_settings *settings,
                    assay_context *context, assay_status status, const char *message) {
  assay_stream samples = assay_stream_of(x, rows, columns);
  assay_gmm_model model, before;
  memset(&model, 0x5a, sizeof model);
  memcpy(&before, &model, sizeof model);
  assert_int_equal(assay_fast_gmm_learn(&model, &samples, settings, context), status);
  test_check(strstr(context->message, message) != NULL, "message '%s' without '%s'", context->message, message);
  assert_memory_equal(&model, &before, sizeof model);
}

static void bad_samples(void **state) {
  (void)state;
  static double x[ROWS * COLUMNS];
  static const double bad[] = {NAN, INFINITY, -INFINITY};
  assay_gmm_settings settings = quick_settings();
  assay_context context;
  assay_context_init(&context);
  for (size_t k = 0; k < 3; k++) {
    fill(x);
    x[137 * COLUMNS + 1] = bad[k];
    refused(x, ROWS, COLUMNS, &settings, &context, ASSAY_INVALID, "samples[137][1]: ");
    fill(x);
    x[0] = bad[k];
    refused(x, ROWS, COLUMNS, &settings, &context, ASSAY_INVALID, "samples[0][0]: ");
  }
  fill(x);
  refused(x, 5, COLUMNS, &settings, &context, ASSAY_INVALID,
          "samples: 5 rows are fewer than the 6 features of degree 2");
  refused(x, 0, COLUMNS, &settings, &context, ASSAY_INVALID, "samples: 0 rows");
  refused(x, ROWS, 0, &settings, &context, ASSAY_INVALID, "samples: no columns");
  for (size_t i = 0; i < ROWS; i++) x[i * COLUMNS] = 3, x[i * COLUMNS + 1] = -1;
  refused(x, ROWS, COLUMNS, &settings, &context, ASSAY_INVALID, "variance 0 in column 0");
  fill(x);
  for (size_t i = 0; i < ROWS; i++) x[i * COLUMNS + 1] = x[i * COLUMNS] + 1e-3 * x[i * COLUMNS + 1];
  refused(x, ROWS, COLUMNS, &settings, &context, ASSAY_INVALID, "in some direction");
  fill(x);
  for (size_t k = 0; k < (size_t)ROWS * COLUMNS; k++) x[k] *= 1e8;
  refused(x, ROWS, COLUMNS, &settings, &context, ASSAY_INVALID, "samples: spread over a radius of ");
  fill(x);
  for (size_t i = 0; i < ROWS; i++) x[i * COLUMNS + 1] *= 1e200;
  refused(x, ROWS, COLUMNS, &settings, &context, ASSAY_INVALID, "samples: the squares of column ");
  settings.degree = 64;
  refused(x, 10, 40, &settings, &context, ASSAY_UNSUPPORTED, "degree: 64 in 40 dimensions");
}

static int stop(void *self, const char *what, double fraction) {
  (void)what;
  (void)fraction;
  return --*(int *)self < 0;
}

static void limits(void **state) {
  (void)state;
  static double x[ROWS * COLUMNS];
  fill(x);
  assay_gmm_settings settings = quick_settings();
  assay_context context;
  assay_context_init(&context);
  context.memory_cap = 10000;
  refused(x, ROWS, COLUMNS, &settings, &context, ASSAY_MEMORY, "");
  context.memory_cap = 0;
  int steps = 2;
  context.progress = stop;
  context.progress_self = &steps;
  refused(x, ROWS, COLUMNS, &settings, &context, ASSAY_CANCELLED, "");
}

static void bad_settings(void **state) {
  (void)state;
  static double x[ROWS * COLUMNS];
  fill(x);
  assay_context context;
  assay_context_init(&context);
  assay_gmm_settings s;
#define REFUSE(field, value, name)                                                                                     \
  s = quick_settings();                                                                                                \
  s.field = (value);                                                                                                   \
  refused(x, ROWS, COLUMNS, &s, &context, ASSAY_INVALID, "settings." name ": ")
  REFUSE(degree, 65, "degree");
  REFUSE(draws, 0, "draws");
  REFUSE(draws, 65, "draws");
  REFUSE(ratio, 1.001, "ratio");
  REFUSE(ratio, NAN, "ratio");
  REFUSE(tau_min, 0, "tau_min");
  REFUSE(tau_min, 1.5, "tau_min");
  REFUSE(radius, 0.5, "radius");
  REFUSE(radius, NAN, "radius");
  REFUSE(minimum_weight, 0, "minimum_weight");
  REFUSE(minimum_weight, 1.5, "minimum_weight");
  REFUSE(cover, 0, "cover");
  REFUSE(cover, NAN, "cover");
  REFUSE(ridge, -1, "ridge");
  REFUSE(ridge, 1.5, "ridge");
#undef REFUSE
}

static assay_gmm_model learned(void) {
  static double x[ROWS * COLUMNS];
  fill(x);
  assay_stream samples = assay_stream_of(x, ROWS, COLUMNS);
  assay_gmm_settings settings = quick_settings();
  assay_context context;
  assay_context_init(&context);
  assay_gmm_model model;
  assert_int_equal(assay_fast_gmm_learn(&model, &samples, &settings, &context), ASSAY_OK);
  return model;
}

/* Everything that takes a model refuses it, naming what is wrong. */
static void model_refused(const assay_gmm_model *model, const char *message) {
  assay_context context;
  assay_context_init(&context);
  double y[COLUMNS] = {0.5, 0.25};
  const double before[COLUMNS] = {0.5, 0.25};
  assert_int_equal(assay_gmm_model_check(model, &context), ASSAY_INVALID);
  test_check(strstr(context.message, message) == context.message, "message '%s', expected '%s'", context.message,
             message);
  assert_int_equal(assay_fast_gmm_posterior_mean(y, model, 0, y, 1, &context), ASSAY_INVALID);
  assert_int_equal(assay_fast_gmm_score(y, model, 0, y, 1, &context), ASSAY_INVALID);
  assert_int_equal(assay_fast_gmm_sample(y, model, ASSAY_GMM_SDE, 0, 1, 1, &context), ASSAY_INVALID);
  assert_memory_equal(y, before, sizeof y);
}

static void bad_models(void **state) {
  (void)state;
  assay_gmm_model model = learned();
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_gmm_model_check(&model, &context), ASSAY_OK);
  size_t last = model.levels - 1;
#define REFUSE(field, value, message)                                                                                  \
  do {                                                                                                                 \
    assay_gmm_model copy = model;                                                                                      \
    __typeof__(copy.field) kept = copy.field;                                                                          \
    copy.field = (value);                                                                                              \
    model_refused(&copy, message);                                                                                     \
    copy.field = kept;                                                                                                 \
  } while (0)
  REFUSE(dimension, 0, "model.dimension: 0");
  REFUSE(degree, 0, "model.degree: 0");
  REFUSE(degree, 3, "model.features: 6");
  REFUSE(features, 7, "model.features: 7");
  REFUSE(levels, 0, "model.levels: 0");
  REFUSE(cells, model.cells + 1, "model.cells: ");
  REFUSE(cells, model.levels - 1, "model.cells: ");
  REFUSE(samples, 0, "model.samples: 0");
  REFUSE(radius, -1, "model.radius: -1");
  REFUSE(clip, 0, "model.clip: 0");
  REFUSE(limit, NAN, "model.limit: ");
  REFUSE(level[0].tau, INFINITY, "model.level[0].tau: inf");
  REFUSE(level[1].tau, model.level[0].tau, "model.level[1].tau: ");
  REFUSE(level[last].tau, 0, "model.level[");
  REFUSE(level[1].first_cell, 0, "model.level[1].first_cell: 0");
  REFUSE(level[last].cells, 100, "model.level[");
  REFUSE(level[last].cells, 0, "model.level[");
  REFUSE(level[0].degree_error, NAN, "model.level[0].degree_error: ");
  REFUSE(level[0].data_error, -1, "model.level[0].data_error: ");
  REFUSE(level[0].kernel, INFINITY, "model.level[0].kernel: ");
  REFUSE(cell[1].degree, 3, "model.cell[1].degree: 3");
  REFUSE(cell[1].weight, 1.5, "model.cell[1].weight: 1.5");
  REFUSE(centres[3], NAN, "model.centres[1][1]: ");
  REFUSE(coefficients[13], INFINITY, "model.coefficients[1][1]: ");
  REFUSE(mean[1], NAN, "model.mean[0][1]: ");
  REFUSE(covariance[1], 0.123, "model.covariance[1][0]: ");
  REFUSE(certificate.initial, -1, "model.certificate.initial: -1");
  REFUSE(certificate.total_variation, 1.5, "model.certificate.total_variation: 1.5");
  REFUSE(settings.draws, 0, "settings.draws: 0");
#undef REFUSE
  assay_gmm_model_clear(&model);
}

static void bad_calls(void **state) {
  (void)state;
  assay_gmm_model model = learned();
  assay_context context;
  assay_context_init(&context);
  double y[3 * COLUMNS] = {0}, out = 7;
  assert_int_equal(assay_fast_gmm_score(&out, &model, model.levels, y, 1, &context), ASSAY_INVALID);
  test_check(strstr(context.message, "level: ") == context.message, "%s", context.message);
  y[2 * COLUMNS + 1] = NAN;
  assert_int_equal(assay_fast_gmm_score(&out, &model, 0, y, 3, &context), ASSAY_INVALID);
  test_check(strstr(context.message, "2") && strstr(context.message, "1"), "%s", context.message);
  assert_int_equal(assay_fast_gmm_sample(&out, &model, (assay_gmm_sampler)2, 0, 1, 1, &context), ASSAY_INVALID);
  assert_int_equal(assay_fast_gmm_sample(&out, &model, ASSAY_GMM_ODE, SIZE_MAX, 2, 1, &context), ASSAY_INVALID);
  assert_int_equal(assay_fast_gmm_sample(&out, &model, ASSAY_GMM_ODE, 0, 0, 1, &context), ASSAY_OK);
  for (size_t j = 0; j < COLUMNS; j++) model.covariance[j * COLUMNS + j] = -1e6;
  assert_int_equal(assay_fast_gmm_sample(&out, &model, ASSAY_GMM_ODE, 0, 1, 1, &context), ASSAY_INVALID);
  test_check(strstr(context.message, "model.covariance: ") == context.message, "%s", context.message);
  test_check(out == 7, "out: %a", out);
  assay_gmm_model_clear(&model);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(bad_samples), cmocka_unit_test(limits),
                                     cmocka_unit_test(bad_settings), cmocka_unit_test(bad_models),
                                     cmocka_unit_test(bad_calls)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
