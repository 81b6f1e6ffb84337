/* The mean of samples generated from label solutions, against a plain flow that stores everything and draws each
 * step's noise itself, in long double: the proved bounds hold, and are no wider than they say. */
#include "plain.h"
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  size_t n, d, count, steps;
  double sigma, lambda;
  bool fresh, skip;
  assay_schedule_kind schedule;
  assay_dae_grid grid;
  assay_dae_rule rule;
  uint64_t seed;
  size_t cap;
} error_case;

#define CASE "n %zu d %zu count %zu steps %zu sigma %a lambda %a fresh %d skip %d %s grid %d rule %d seed %llu"
#define OF(at)                                                                                                         \
  (at)->n, (at)->d, (at)->count, (at)->steps, (at)->sigma, (at)->lambda, (at)->fresh, (at)->skip,                      \
      assay_schedule_name((at)->schedule), (int)(at)->grid, (int)(at)->rule, (unsigned long long)(at)->seed

static assay_dae_settings settings_of(const error_case *at) {
  assay_dae_settings settings = assay_dae_settings_of(at->n, assay_real_of(at->sigma), assay_real_of(at->lambda));
  settings.steps = at->steps;
  settings.skip = at->skip;
  settings.noise = at->fresh ? ASSAY_NOISE_FRESH : ASSAY_NOISE_FIXED;
  settings.schedule = plain_schedule(at->schedule);
  settings.grid = at->grid;
  settings.rule = at->rule;
  return settings;
}

static long double *read_all(const assay_stream *stream) {
  size_t size = stream->rows * stream->columns;
  double *values = malloc(size * sizeof *values);
  long double *out = malloc(size * sizeof *out);
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(stream->read(stream, 0, stream->rows, 0, stream->columns, values, stream->columns, &context), 0);
  for (size_t k = 0; k < size; k++) out[k] = values[k];
  free(values);
  return out;
}

/* The noise of step j in the place of set->x0. */
static void draw_noise(plain_set *set, const error_case *at, size_t j) {
  const assay_normals normals = {at->seed, ((uint32_t)1 << 31) + (uint32_t)j};
  assay_stream stream = assay_fast_normals(&normals, at->n, at->d);
  free(set->x0);
  set->x0 = read_all(&stream);
}

typedef struct {
  long double error, noise;
} errors;

/* `start`: P_j X_0, what a flow without w's makes of X_0. */
static errors errors_plainly(const assay_dae_samples *samples, const assay_dae_data *data,
                             const assay_dae_settings *settings, const error_case *at) {
  size_t d = at->d;
  plain_set set = plain_set_of(data, settings);
  long double *x = read_all(&samples->start), *start = read_all(&samples->start), c;
  long double *w = calloc(2 * d, sizeof *w), *none = w + d;
  int sign = 0, ignored = 0;
  for (size_t j = 0; j < at->steps; j++) {
    if (at->fresh) draw_noise(&set, at, j);
    plain_fit(&c, w, &set, (double)j / (double)at->steps);
    for (size_t i = 0; i < at->count; i++) {
      double along = samples->along[i * at->steps + j];
      plain_flow_step(x + i * d, &sign, &set, j, at->steps, c, w);
      plain_flow_step(start + i * d, &ignored, &set, j, at->steps, c, none);
      test_check(along == 0 || sign == (along > 0) - (along < 0), CASE ": sign of sample %zu, step %zu", OF(at), i, j);
    }
  }
  errors out = {0, 0};
  for (size_t k = 0; k < d; k++) {
    long double mean = 0, added = 0, center = 0;
    for (size_t i = 0; i < at->count; i++) {
      mean += samples->signs[i] * x[i * d + k] / at->count;
      added += samples->signs[i] * (x[i * d + k] - start[i * d + k]) / at->count;
    }
    for (size_t i = 0; i < at->n; i++) center += set.labels[i] * set.x1[i * d + k] / (set.lambda + at->n);
    out.error += powl(mean - set.mean, 2) / d;
    out.noise += powl(added - center, 2) / d;
  }
  free(x), free(start), free(w);
  plain_set_free(&set);
  return out;
}

/* (2 n + N + K + roundings of the sum) 2^-53 of entries below 40, in a square below 400: what the bound is said to be
 * at the sizes tested. Errors of c reach the end multiplied by up to a hundred. */
static const double WIDE = 1e-9;

static void check_errors(const error_case *at) {
  assay_context context;
  assay_context_init(&context);
  context.memory_cap = at->cap;
  assay_dae_settings settings = settings_of(at);
  assay_dae_learner learner = assay_dae_learner_labels();
  assay_dae_data data;
  assay_dae_samples samples;
  assay_bounded error, noise;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, at->d, 0.5, at->seed, &context), ASSAY_OK);
  test_check(assay_fast_dae_samples_init(&samples, &data, &settings, &learner, at->count, at->seed + 1, &context) == 0,
             CASE ": %s", OF(at), context.message);
  assay_status status = assay_fast_dae_samples_mean_error(&error, &noise, &samples, &context);
  test_check(status == ASSAY_OK, CASE ": %s", OF(at), context.message);
  errors exact = errors_plainly(&samples, &data, &settings, at);
  test_check(fabsl(error.value - exact.error) <= PLAIN_SLACK * error.error, CASE ": error %a, bound %a, off by %La",
             OF(at), error.value, error.error, error.value - exact.error);
  test_check(fabsl(noise.value - exact.noise) <= PLAIN_SLACK * noise.error, CASE ": noise %a, bound %a, off by %La",
             OF(at), noise.value, noise.error, noise.value - exact.noise);
  test_check(error.error <= WIDE * (1 + error.value) && noise.error <= WIDE * (1 + noise.value),
             CASE ": bounds %a and %a", OF(at), error.error, noise.error);
  assay_fast_dae_samples_clear(&samples);
  assay_fast_dae_data_clear(&data);
}

static void small_cases(void **state) {
  (void)state;
  test_random random = test_random_new(0x5e);
  for (size_t k = 0; k < test_cases(60); k++) {
    error_case at = {.n = test_integer(&random, 2, 9),
                     .d = test_integer(&random, 24, 120),
                     .count = test_integer(&random, 1, 12),
                     .steps = test_integer(&random, 1, 9),
                     .sigma = test_uniform(&random, 0.2, 1.5),
                     .lambda = test_uniform(&random, 0.01, 2),
                     .fresh = k % 3 != 0,
                     .skip = k % 7 != 1,
                     .schedule = plain_kind(k / 3),
                     .grid = k % 7 == 3 ? ASSAY_GRID_PUBLISHED : ASSAY_GRID_UNIFORM,
                     .rule = k % 7 == 5 ? ASSAY_STEP_DDIM : ASSAY_STEP_EULER,
                     .seed = test_bits(&random)};
    check_errors(&at);
  }
}

/* Several groups of samples and steps, blocks and slabs; vectors too large for the cap, made as they are read. */
static void large_cases(void **state) {
  (void)state;
  const error_case cases[] = {{5, 1501, 150, 3, 0.5, 0.1, true, true, ASSAY_LINEAR, 0, 0, 11, 0},
                              {3, 701, 3, 150, 0.5, 0.1, true, true, ASSAY_LINEAR, 0, 0, 12, 0},
                              {3, 9001, 3, 20, 0.5, 0.1, true, true, ASSAY_LINEAR, 0, 0, 13, 2900000}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) check_errors(&cases[k]);
}

/* With fixed noise it is the number that assay_dae_flow has with a bound of its own. */
static void fixed_noise(void **state) {
  (void)state;
  error_case at = {16, 3001, 40, 25, 0.5, 0.1, false, true, ASSAY_LINEAR, 0, 0, 5, 0};
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = settings_of(&at);
  assay_dae_learner learner = assay_dae_learner_labels();
  assay_dae_data data;
  assay_dae_samples samples;
  assay_dae_flow flow;
  assay_bounded error, noise, other, repeated;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, at.d, 0.5, at.seed, &context), ASSAY_OK);
  assert_int_equal(assay_fast_dae_samples_init(&samples, &data, &settings, &learner, at.count, 6, &context), ASSAY_OK);
  assert_int_equal(assay_fast_dae_flow_init(&flow, &data, &settings, at.count, 6, &context), ASSAY_OK);
  context.threads = 1;
  assert_int_equal(assay_fast_dae_samples_mean_error(&error, &noise, &samples, &context), ASSAY_OK);
  context.threads = 3;
  assert_int_equal(assay_fast_dae_samples_mean_error(&repeated, &noise, &samples, &context), ASSAY_OK);
  assert_int_equal(assay_fast_dae_flow_mean_error(&other, &flow, &data, &context), ASSAY_OK);
  test_check(fabs(error.value - other.value) <= error.error + other.error, "error %a, bound %a, not %a", error.value,
             error.error, other.value);
  test_check(error.value == repeated.value && error.error == repeated.error, "threads change the error: %a, %a",
             error.value, repeated.value);
  assay_fast_dae_flow_clear(&flow);
  assay_fast_dae_samples_clear(&samples);
  assay_fast_dae_data_clear(&data);
}

static void refuses_other_learners(void **state) {
  (void)state;
  error_case at = {4, 50, 3, 2, 0.5, 0.1, true, true, ASSAY_LINEAR, 0, 0, 5, 0};
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = settings_of(&at);
  assay_dae_learner learner = assay_dae_learner_stationary(ASSAY_TANH);
  assay_dae_data data;
  assay_dae_samples samples;
  const assay_bounded untouched = {-1, -2};
  assay_bounded error = untouched, noise = untouched;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, at.d, 0.5, at.seed, &context), ASSAY_OK);
  assert_int_equal(assay_fast_dae_samples_init(&samples, &data, &settings, &learner, at.count, 6, &context), ASSAY_OK);
  assay_status status = assay_fast_dae_samples_mean_error(&error, &noise, &samples, &context);
  test_check(status == ASSAY_UNSUPPORTED && strstr(context.message, "learner"), "%s: '%s'", assay_status_name(status),
             context.message);
  test_check(error.value == -1 && error.error == -2 && noise.value == -1 && noise.error == -2, "output touched");
  assay_fast_dae_samples_clear(&samples);
  assay_fast_dae_data_clear(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(small_cases), cmocka_unit_test(large_cases),
                                     cmocka_unit_test(fixed_noise), cmocka_unit_test(refuses_other_learners)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
