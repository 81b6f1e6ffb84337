/* What training and flow promise beside their numbers: the same bits for every number of threads and instruction set,
 * named refusals with outputs untouched, cancellation, the memory cap, failing streams. */
#include "testing.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool same_bytes(const void *a, const void *b, size_t count) { return memcmp(a, b, count) == 0; }

enum { N = 70, D = 3003, COUNT = 150, STEPS = 12, TIMES = 5 };

static const double times[TIMES] = {0, 0.001, 0.4, 0.99, 1};

static assay_dae_settings settings_here(void) {
  assay_dae_settings settings = assay_dae_settings_of(N, assay_real_of(0.5), assay_real_of(0.1));
  settings.steps = STEPS;
  return settings;
}

static void start(assay_dae_data *data, assay_context *context) {
  assay_context_init(context);
  assay_dae_settings settings = settings_here();
  assert_int_equal(assay_fast_dae_data_init(data, &settings, D, 0.5, 3, context), ASSAY_OK);
}

static void check_same_flow(const assay_dae_flow *a, const assay_dae_flow *b, const char *what, int number) {
  bool same = same_bytes(a->c, b->c, STEPS * sizeof *a->c) &&
              same_bytes(a->perp, b->perp, (STEPS + 1) * sizeof *a->perp) &&
              same_bytes(a->a, b->a, COUNT * sizeof *a->a) && same_bytes(a->b, b->b, COUNT * sizeof *a->b) &&
              same_bytes(a->signs, b->signs, COUNT) &&
              same_bytes(a->mean_flow, b->mean_flow, 4 * sizeof *a->mean_flow * (STEPS + 1)) &&
              same_bytes(a->xb0, b->xb0, D * sizeof(double)) && same_bytes(a->xb1, b->xb1, D * sizeof(double)) &&
              same_bytes(&a->mse, &b->mse, sizeof a->mse) && a->cosine == b->cosine &&
              a->cluster_variance == b->cluster_variance && a->xb0_error == b->xb0_error;
  test_check(same, "flows differ with %s %d", what, number);
}

static void same_bits(void **state) {
  (void)state;
  assay_dae_data data;
  assay_context context;
  start(&data, &context);
  assay_dae_settings settings = settings_here();
  assay_dae_fit first[TIMES], fits[TIMES];
  assay_dae_flow flow, other;
  assay_bounded error, other_error;
  context.threads = 1;
  assert_int_equal(assay_fast_dae_train(first, times, TIMES, &data, &settings, &context), ASSAY_OK);
  assert_int_equal(assay_fast_dae_flow_init(&flow, &data, &settings, COUNT, 5, &context), ASSAY_OK);
  assert_int_equal(assay_fast_dae_flow_mean_error(&error, &flow, &data, &context), ASSAY_OK);
  const int threads[] = {2, 3, 7, 1, 1};
  const assay_isa isas[] = {ASSAY_ISA_BEST, ASSAY_ISA_BEST, ASSAY_ISA_BEST, ASSAY_ISA_SSE2, ASSAY_ISA_AVX2};
  for (size_t k = 0; k < sizeof threads / sizeof *threads; k++) {
    context.threads = threads[k];
    context.isa = isas[k];
    assert_int_equal(assay_fast_dae_train(fits, times, TIMES, &data, &settings, &context), ASSAY_OK);
    test_check(same_bytes(first, fits, sizeof fits), "fits differ with %d threads, isa %d", threads[k], (int)isas[k]);
    assert_int_equal(assay_fast_dae_flow_init(&other, &data, &settings, COUNT, 5, &context), ASSAY_OK);
    check_same_flow(&flow, &other, "threads", threads[k]);
    assert_int_equal(assay_fast_dae_flow_mean_error(&other_error, &flow, &data, &context), ASSAY_OK);
    test_check(same_bytes(&error, &other_error, sizeof error), "mean errors differ with %d threads", threads[k]);
    assay_fast_dae_flow_clear(&other);
  }
  assay_fast_dae_flow_clear(&flow);
  assay_fast_dae_data_clear(&data);
}

/* Fits are the same alone and in company. */
static void times_are_independent(void **state) {
  (void)state;
  assay_dae_data data;
  assay_context context;
  start(&data, &context);
  assay_dae_settings settings = settings_here();
  enum { MANY = 40 };
  assay_dae_fit all[MANY], one;
  double early[MANY];
  for (size_t t = 0; t < MANY; t++) early[t] = t < TIMES ? times[t] : (double)t * 1e-4;
  assert_int_equal(assay_fast_dae_train(all, early, MANY, &data, &settings, &context), ASSAY_OK);
  for (size_t t = 0; t < MANY; t++) {
    assert_int_equal(assay_fast_dae_train(&one, &early[t], 1, &data, &settings, &context), ASSAY_OK);
    test_check(same_bytes(&one, &all[t], sizeof one), "time %g", times[t]);
  }
  assay_fast_dae_data_clear(&data);
}

static void check_refused(assay_status got, assay_status expected, const assay_context *context, const char *field) {
  test_check(got == expected, "%s: %s, '%s'", field, assay_status_name(got), context->message);
  test_check(strstr(context->message, field) != NULL, "%s: '%s'", field, context->message);
}

static void train_refuses(assay_dae_settings settings, const double *time, size_t count, const assay_dae_data *data,
                          assay_status expected, const char *field) {
  assay_context context;
  assay_context_init(&context);
  assay_dae_fit fits[TIMES], before[TIMES];
  memset(fits, 0x5a, sizeof fits);
  memcpy(before, fits, sizeof fits);
  check_refused(assay_fast_dae_train(fits, time, count, data, &settings, &context), expected, &context, field);
  test_check(same_bytes(fits, before, sizeof fits), "%s: output touched", field);
}

static void flow_refuses(assay_dae_settings settings, size_t count, const assay_dae_data *data, assay_context *context,
                         assay_status expected, const char *field) {
  assay_dae_flow flow, before;
  memset(&flow, 0x5a, sizeof flow);
  memcpy(&before, &flow, sizeof flow);
  check_refused(assay_fast_dae_flow_init(&flow, data, &settings, count, 1, context), expected, context, field);
  test_check(same_bytes(&flow, &before, sizeof flow), "%s: output touched", field);
}

static void refusals(void **state) {
  (void)state;
  assay_dae_data data;
  assay_context context;
  start(&data, &context);
  const assay_dae_settings good = settings_here();
  const double bad_times[][2] = {{0.5, -0.1}, {0.5, 1.1}, {0.5, NAN}};
  for (size_t k = 0; k < 3; k++) train_refuses(good, bad_times[k], 2, &data, ASSAY_INVALID, "time[1]");
  train_refuses(good, times, 0, &data, ASSAY_INVALID, "times");
  assay_dae_settings bad = good;
  bad.noise = ASSAY_NOISE_FRESH;
  flow_refuses(bad, COUNT, &data, &context, ASSAY_UNSUPPORTED, "noise");
  bad = good;
  bad.grid = ASSAY_GRID_PUBLISHED;
  bad.rule = ASSAY_STEP_DDIM;
  train_refuses(bad, times, 1, &data, ASSAY_INVALID, "rule");
  bad = good;
  bad.samples = N + 1;
  train_refuses(bad, times, 1, &data, ASSAY_INVALID, "samples");
  bad = good;
  bad.sigma = assay_real_of(0.25);
  train_refuses(bad, times, 1, &data, ASSAY_INVALID, "sigma");
  bad = good;
  bad.norm2 = assay_real_of(4);
  train_refuses(bad, times, 1, &data, ASSAY_INVALID, "norm2");
  bad = good;
  bad.lambda = assay_real_of(-1);
  train_refuses(bad, times, 1, &data, ASSAY_INVALID, "lambda");
  bad = good;
  bad.steps = 0;
  flow_refuses(bad, COUNT, &data, &context, ASSAY_INVALID, "steps");
  flow_refuses(good, 0, &data, &context, ASSAY_INVALID, "count");
  context.memory_cap = 100000;
  flow_refuses(good, COUNT, &data, &context, ASSAY_MEMORY, "cap");
  assay_fast_dae_data_clear(&data);
}

/* Asks to stop at the given call. */
static int stop_at(void *self, const char *what, double fraction) {
  int *left = self;
  test_check(what != NULL && fraction >= 0 && fraction <= 1, "fraction %g", fraction);
  return (*left)-- == 0;
}

static void cancellation(void **state) {
  (void)state;
  assay_dae_data data;
  assay_context context;
  start(&data, &context);
  for (int threads = 1; threads <= 2; threads++)
    for (int calls = 0; calls < 2; calls++) {
      int left = calls;
      context.threads = threads;
      context.progress = stop_at;
      context.progress_self = &left;
      flow_refuses(settings_here(), COUNT, &data, &context, ASSAY_CANCELLED, "cancelled");
    }
  assay_fast_dae_data_clear(&data);
}

/* Fails from column 1000 on, where the message names the tile. */
static assay_status broken_read(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                                double *out, size_t stride, assay_context *context) {
  (void)stream;
  (void)row;
  if (column + columns > 1000) return assay_fail(context, ASSAY_IO, "broken at column %zu", column);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) out[i * stride + j] = (double)(i + j);
  return ASSAY_OK;
}

static void failing_streams(void **state) {
  (void)state;
  assay_dae_data data;
  assay_context context;
  start(&data, &context);
  data.noise.read = broken_read;
  char first[sizeof context.message] = "";
  for (int threads = 1; threads <= 4; threads++) {
    context.threads = threads;
    flow_refuses(settings_here(), COUNT, &data, &context, ASSAY_IO, "broken at column");
    if (threads == 1) memcpy(first, context.message, sizeof first);
    test_check(strcmp(first, context.message) == 0, "'%s' with %d threads, '%s' with one", context.message, threads,
               first);
  }
  assay_fast_dae_data_clear(&data);
}

/* Data without any spread: a_tt = 0, nothing to fit; and data that is not finite. */
static void degenerate_data(void **state) {
  (void)state;
  assay_dae_data data;
  assay_context context;
  start(&data, &context);
  assay_dae_settings settings = settings_here();
  settings.lambda = assay_real_of(0);
  double *array = calloc((size_t)N * D, sizeof *array);
  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < D; j++) array[i * D + j] = data.labels[i];
  assay_stream stream = assay_stream_of(array, N, D);
  data.noise = data.data = stream;
  train_refuses(settings, times + 2, 1, &data, ASSAY_PRECISION, "time[0]");
  flow_refuses(settings, COUNT, &data, &context, ASSAY_PRECISION, "step 0");
  array[N * D / 2] = NAN;
  train_refuses(settings, times + 2, 1, &data, ASSAY_INVALID, "finite");
  array[N * D / 2] = INFINITY;
  train_refuses(settings, times + 2, 1, &data, ASSAY_INVALID, "finite");
  free(array);
  assay_fast_dae_data_clear(&data);
}

/* An overlap of exactly 0 counts as wrong and has sign 0: two samples, x_0 = (1, 0) and (-1, 0), x_1 = (0, 1) and
 * (0, 1), both labels +1, lambda = 0. Then S_0 = 0, S_1 = (0, 2); at t = 1/2, x_t = (+-1, 1)/2, S_t = (0, 1),
 * c = (1 - 1)/(1 - 1/2) = 0, w = (0, 1), and <w, x_t> = 1/2 > 0: right. At t = 0, w = (0, 1) and <w, x_0> = 0: both
 * wrong; loss = 2 |(0, 1)|^2 = 2 without the signs, and d/dw = 0, d/dc = -2 sum <x_0, x_1> = 0. */
static void zero_overlaps(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = assay_dae_settings_of(2, assay_real_of(0.5), assay_real_of(0));
  assay_dae_data data;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, 2, 1, 3, &context), ASSAY_OK);
  const double noise[] = {1, 0, -1, 0}, points[] = {0, 1, 0, 1}, both[] = {0, 0.5};
  data.noise = assay_stream_of(noise, 2, 2);
  data.data = assay_stream_of(points, 2, 2);
  assay_dae_fit fits[2];
  assert_int_equal(assay_fast_dae_train(fits, both, 2, &data, &settings, &context), ASSAY_OK);
  test_check(fits[0].wrong_labels == 2 && fits[1].wrong_labels == 0, "wrong %zu %zu", fits[0].wrong_labels,
             fits[1].wrong_labels);
  test_check(fits[0].c.value == 0 && fits[1].c.value == 0, "c %g %g", fits[0].c.value, fits[1].c.value);
  test_check(fits[0].loss == 1 && fits[1].loss == 0, "loss %g %g", fits[0].loss, fits[1].loss);
  test_check(fits[0].gradient_norm == 0 && fits[1].gradient_norm == 0, "gradient %g %g", fits[0].gradient_norm,
             fits[1].gradient_norm);
  assay_fast_dae_data_clear(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits),       cmocka_unit_test(times_are_independent),
                                     cmocka_unit_test(refusals),        cmocka_unit_test(cancellation),
                                     cmocka_unit_test(failing_streams), cmocka_unit_test(degenerate_data),
                                     cmocka_unit_test(zero_overlaps)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
