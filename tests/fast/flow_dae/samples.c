/* Generation from any training against a plain flow in d dimensions that stores everything, in long double. */
#include "plain.h"
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  size_t n, d, count, steps;
  double sigma, lambda;
  assay_dae_learner learner;
  bool fresh, no_skip;
  assay_schedule_kind schedule;
  assay_dae_grid grid;
  assay_dae_rule rule;
  uint64_t seed;
  size_t cap;
} samples_case;

#define CASE                                                                                                           \
  "n %zu d %zu count %zu steps %zu sigma %a lambda %a %s solver %d start %d fresh %d no_skip %d %s grid %d rule %d "   \
  "seed %llu"
#define OF(at)                                                                                                         \
  (at)->n, (at)->d, (at)->count, (at)->steps, (at)->sigma, (at)->lambda,                                               \
      assay_activation_name((at)->learner.activation), (int)(at)->learner.solver, (int)(at)->learner.start,            \
      (at)->fresh, (at)->no_skip, assay_schedule_name((at)->schedule), (int)(at)->grid, (int)(at)->rule,               \
      (unsigned long long)(at)->seed

static long double phi(assay_activation activation, long double x) {
  if (activation == ASSAY_TANH) return tanhl(x);
  if (activation == ASSAY_ERF) return erfl(x);
  return (x > 0) - (x < 0);
}

static bool same_bytes(const void *a, const void *b, size_t count) { return memcmp(a, b, count) == 0; }

static double *read_all(const assay_stream *stream) {
  double *out = malloc(stream->rows * stream->columns * sizeof *out);
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(stream->read(stream, 0, stream->rows, 0, stream->columns, out, stream->columns, &context), ASSAY_OK);
  return out;
}

/* The plain flow: X_j of all samples, (steps + 1) x count x d, and the first signs; what the w's alone add to the
 * signed mean, (steps + 1) x d. */
typedef struct {
  plain_set set;
  double *vectors; /* (steps + 3) x d */
  long double *x, *added;
  int *first;
  size_t changes;
  long double least; /* |overlap|/d */
} plain_run;

static void step_plainly(long double *x, long double p, const long double *w, long double c, const plain_run *run,
                         const samples_case *at, size_t j) {
  long double time = (long double)j / at->steps, end = (long double)(j + 1) / at->steps;
  long double dt = 1.0L / (at->grid == ASSAY_GRID_PUBLISHED ? at->steps + 1 : at->steps);
  long double alpha = plain_alpha(at->schedule, time), beta = plain_beta(at->schedule, time);
  long double alpha_slope = plain_alpha_slope(at->schedule, time), beta_slope = plain_beta_slope(at->schedule, time);
  for (size_t k = 0; k < run->set.d; k++) {
    long double f = c * x[k] + p * w[k], e = (x[k] - beta * f) / alpha;
    x[k] = at->rule == ASSAY_STEP_DDIM ? plain_alpha(at->schedule, end) * e + plain_beta(at->schedule, end) * f
                                       : x[k] + dt * (beta_slope * f + alpha_slope * e);
  }
}

static plain_run run_plainly(const assay_dae_samples *samples, const assay_dae_data *data,
                             const assay_dae_settings *settings, const samples_case *at) {
  size_t d = at->d, size = at->count * d;
  plain_run run = {.set = plain_set_of(data, settings), .vectors = read_all(&samples->vectors), .least = INFINITY};
  run.x = calloc((at->steps + 1) * size, sizeof *run.x);
  run.added = calloc((at->steps + 1) * d, sizeof *run.added);
  run.first = calloc(at->count, sizeof *run.first);
  long double *w = calloc(2 * d, sizeof *w), *own = w + d;
  double *start = read_all(&samples->start);
  for (size_t i = 0; i < at->count; i++) {
    bool changed = false;
    memset(own, 0, d * sizeof *own);
    for (size_t k = 0; k < d; k++) run.x[i * d + k] = start[i * d + k];
    for (size_t j = 0; j < at->steps; j++) {
      long double *x = run.x + (j + 1) * size + i * d;
      memcpy(x, run.x + j * size + i * d, d * sizeof *x);
      for (size_t k = 0; k < d; k++) w[k] = run.vectors[j * d + k];
      long double overlap = plain_dot(w, x, d), p = phi(at->learner.activation, overlap / sqrtl(d));
      int sign = (overlap > 0) - (overlap < 0);
      run.least = fminl(run.least, fabsl(overlap) / d);
      if (j == 0) run.first[i] = sign;
      changed = changed || sign != run.first[i];
      step_plainly(x, p, w, samples->fits[j].c, &run, at, j);
      step_plainly(own, p, w, samples->fits[j].c, &run, at, j);
      for (size_t k = 0; k < d; k++) run.added[(j + 1) * d + k] += run.first[i] * own[k] / at->count;
    }
    run.changes += changed;
  }
  free(w), free(start);
  return run;
}

static void free_run(plain_run *run) {
  plain_set_free(&run->set);
  free(run->vectors), free(run->x), free(run->added), free(run->first);
}

/* Doubles lose a few 1e-16 a step, by coefficients of size up to prod grow < 1e2 at the sizes tested. */
static const long double NEAR = 1e-11L;

static void check_generated(const assay_dae_samples *samples, const plain_run *run, const samples_case *at) {
  double *x = read_all(&samples->generated);
  const long double *expected = run->x + at->steps * at->count * at->d;
  for (size_t k = 0; k < at->count * at->d; k++)
    test_check(fabsl(x[k] - expected[k]) <= NEAR * (1 + fabsl(expected[k])), CASE ": entry %zu: %.17g, not %.17Lg",
               OF(at), k, x[k], expected[k]);
  size_t column = at->d / 3, columns = at->d - column - at->d / 4, row = at->count / 2;
  double *part = malloc(columns * sizeof *part);
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(samples->generated.read(&samples->generated, row, 1, column, columns, part, columns, &context), 0);
  for (size_t k = 0; k < columns; k++)
    test_check(fabs(part[k] - x[row * at->d + column + k]) < 1e-12, CASE ": row %zu column %zu", OF(at), row, k);
  free(part);
  free(x);
}

/* Projects v onto mu, xi and eta (fresh noise: mu and eta); v becomes the rest. */
static void project(long double coefficients[3], long double *v, const plain_run *run, const samples_case *at) {
  size_t d = at->d;
  long double *memory = calloc(3 * d, sizeof *memory), *mu = memory, *xi = mu + d, *eta = xi + d;
  for (size_t k = 0; k < d; k++) mu[k] = run->set.mean;
  plain_directions(xi, eta, &run->set);
  const long double *three[] = {mu, xi, eta}, *two[] = {mu, eta};
  plain_project(coefficients, v, at->fresh ? two : three, at->fresh ? 2 : 3, d);
  if (at->fresh) {
    coefficients[2] = coefficients[1];
    coefficients[1] = 0;
  }
  free(memory);
}

static void check_mean(const assay_dae_samples *samples, const plain_run *run, const samples_case *at, size_t j) {
  size_t d = at->d, rank = at->fresh ? 2 : 3;
  long double *mean = calloc(3 * d, sizeof *mean), *rest = mean + d, *one = mean + 2 * d, m[3], ignored[3];
  long double outside = 0, variance = 0, error = 0, along = 0, square = 0;
  memcpy(rest, run->added + j * d, d * sizeof *rest);
  project(ignored, rest, run, at);
  for (size_t i = 0; i < at->count; i++) {
    const long double *x = run->x + (j * at->count + i) * d;
    for (size_t k = 0; k < d; k++) {
      mean[k] += run->first[i] * x[k] / at->count;
      one[k] = run->x[i * d + k];
    }
    project(ignored, one, run, at);
    outside += plain_dot(one, one, d);
  }
  memcpy(one, mean, d * sizeof *one);
  project(m, one, run, at); /* one: all of the mean outside the span */
  for (size_t k = 0; k < d; k++) mean[k] += rest[k] - one[k];
  long double size = sqrtl(plain_dot(rest, rest, d) / d), perp = fabsl(samples->perp[j]);
  perp *= sqrtl(outside / (at->count * (d - rank)));
  const assay_dae_mean *got = &samples->mean_flow[j];
  /* rest comes as a root of a difference of squares: half the figures */
  long double rest_got = at->fresh ? got->xi / sqrtl(at->n) : got->rest;
  test_check(fabsl(got->mu - m[0]) <= NEAR && (at->fresh || fabsl(got->xi - m[1]) <= NEAR) &&
                 fabsl(got->eta - m[2]) <= NEAR && fabsl(got->perp - perp) <= NEAR &&
                 fabsl(rest_got * rest_got - size * size) <= NEAR,
             CASE ": step %zu: %.17g %.17g %.17g P %.17g rest %.17g, not %.17Lg %.17Lg %.17Lg %.17Lg %.17Lg", OF(at), j,
             got->mu, got->xi, got->eta, got->perp, got->rest, m[0], m[1], m[2], perp, size);
  if (j == at->steps) {
    for (size_t k = 0; k < d; k++) {
      error += powl(mean[k] - run->set.mean, 2);
      along += mean[k] * run->set.mean;
      square += mean[k] * mean[k];
      for (size_t i = 0; i < at->count; i++)
        variance += powl(run->first[i] * run->x[(j * at->count + i) * d + k] - mean[k], 2);
    }
    long double cosine = along / sqrtl(square * run->set.mean * run->set.mean * d);
    variance /= at->count * d;
    test_check(fabsl(samples->mse - error / d) <= NEAR && fabsl(samples->cosine - cosine) <= NEAR &&
                   fabsl(samples->cluster_variance - variance) <= NEAR * (1 + variance),
               CASE ": mse %.17g cosine %.17g variance %.17g, not %.17Lg %.17Lg %.17Lg", OF(at), samples->mse,
               samples->cosine, samples->cluster_variance, error / d, cosine, variance);
  }
  free(mean);
}

/* The label solution's w at every step from its own noise: stream 2^31 + step. */
static void check_fresh_weights(const assay_dae_samples *samples, plain_run *run, const samples_case *at) {
  size_t n = at->n, d = at->d;
  long double *kept = run->set.x0, *drawn = calloc((n + 1) * d, sizeof *drawn), *w = drawn + n * d, c;
  for (size_t j = 0; j < at->steps; j++) {
    const assay_normals normals = {at->seed, ((uint32_t)1 << 31) + (uint32_t)j};
    assay_stream stream = assay_fast_normals(&normals, n, d);
    double *x0 = read_all(&stream);
    for (size_t k = 0; k < n * d; k++) drawn[k] = x0[k];
    free(x0);
    run->set.x0 = drawn;
    plain_fit(&c, w, &run->set, (long double)j / at->steps);
    run->set.x0 = kept;
    test_check(fabsl(c - samples->fits[j].c) <= NEAR, CASE ": c at step %zu: %.17g, not %.17Lg", OF(at), j,
               samples->fits[j].c, c);
    for (size_t k = 0; k < d; k++)
      test_check(fabsl(w[k] - run->vectors[j * d + k]) <= NEAR, CASE ": w at step %zu column %zu: %.17g, not %.17Lg",
                 OF(at), j, k, run->vectors[j * d + k], w[k]);
  }
  free(drawn);
}

static assay_dae_settings settings_of(const samples_case *at) {
  assay_dae_settings settings = assay_dae_settings_of(at->n, assay_real_of(at->sigma), assay_real_of(at->lambda));
  settings.steps = at->steps;
  settings.skip = !at->no_skip;
  settings.noise = at->fresh ? ASSAY_NOISE_FRESH : ASSAY_NOISE_FIXED;
  settings.schedule = plain_schedule(at->schedule);
  settings.grid = at->grid;
  settings.rule = at->rule;
  return settings;
}

static void check_samples(const samples_case *at) {
  assay_context context;
  assay_context_init(&context);
  context.memory_cap = at->cap;
  assay_dae_settings settings = settings_of(at);
  assay_dae_data data;
  assay_dae_samples samples;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, at->d, 0.5, at->seed, &context), ASSAY_OK);
  test_check(assay_fast_dae_samples_init(&samples, &data, &settings, &at->learner, at->count, at->seed + 1, &context) ==
                 ASSAY_OK,
             CASE ": %s", OF(at), context.message);
  plain_run run = run_plainly(&samples, &data, &settings, at);
  if (run.least > 1e-11L) { /* no sign hangs on rounding */
    for (size_t i = 0; i < at->count; i++)
      test_check(samples.signs[i] == run.first[i], CASE ": sign of %zu", OF(at), i);
    test_check(samples.sign_changes == run.changes, CASE ": %zu changes, not %zu", OF(at), samples.sign_changes,
               run.changes);
    check_generated(&samples, &run, at);
    for (size_t j = 0; j <= at->steps; j++) check_mean(&samples, &run, at, j);
  }
  if (at->fresh && at->learner.solver == ASSAY_SOLVER_LABELS) check_fresh_weights(&samples, &run, at);
  free_run(&run);
  assay_fast_dae_samples_clear(&samples);
  assay_fast_dae_data_clear(&data);
}

static assay_dae_learner learner_of(size_t k, uint64_t seed) {
  assay_activation activation = (assay_activation)(k % 3);
  assay_dae_learner learner = k % 4 == 0   ? assay_dae_learner_labels()
                              : k % 4 == 3 ? assay_dae_learner_adam(activation, seed)
                                           : assay_dae_learner_stationary(activation);
  if (k % 8 != 0) learner.activation = activation;
  if (learner.solver == ASSAY_SOLVER_ADAM) learner.iterations = 30;
  learner.start = (assay_dae_start)(k / 5 % 3);
  learner.seed = seed;
  return learner;
}

static void small_cases(void **state) {
  (void)state;
  test_random random = test_random_new(0x5a3);
  for (size_t k = 0; k < test_cases(72); k++) {
    samples_case at = {.n = test_integer(&random, 2, 9),
                       .d = test_integer(&random, 24, 120),
                       .count = test_integer(&random, 1, 12),
                       .steps = test_integer(&random, 1, 9),
                       .sigma = test_uniform(&random, 0.2, 1.5),
                       .lambda = test_uniform(&random, 0.01, 2),
                       .seed = test_bits(&random),
                       .fresh = k % 5 == 0,
                       .no_skip = k % 11 == 1,
                       .schedule = plain_kind(k / 3),
                       .grid = k % 7 == 3 ? ASSAY_GRID_PUBLISHED : ASSAY_GRID_UNIFORM,
                       .rule = k % 7 == 5 ? ASSAY_STEP_DDIM : ASSAY_STEP_EULER};
    at.learner = learner_of(k, at.seed + 2);
    if (at.fresh && at.learner.start == ASSAY_START_PREVIOUS) at.learner.start = ASSAY_START_RANDOM;
    check_samples(&at);
  }
}

/* Several groups, blocks and slabs; vectors too large for the cap, made as they are read. */
static void large_cases(void **state) {
  (void)state;
  const samples_case cases[] = {
      {5, 1501, 600, 3, 0.5, 0.1, assay_dae_learner_labels(), true, false, ASSAY_LINEAR, 0, 0, 11, 0},
      {3, 9001, 3, 20, 0.5, 0.1, assay_dae_learner_labels(), true, false, ASSAY_LINEAR, 0, 0, 12, 2900000},
      {3, 9001, 3, 20, 0.5, 0.1, assay_dae_learner_labels(), false, true, ASSAY_TRIGONOMETRIC, 0, 0, 13, 2900000}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) check_samples(&cases[k]);
}

/* Where both exist, the numbers are those of the flow with proved errors. */
static void label_flow(void **state) {
  (void)state;
  samples_case at = {16, 3001, 40, 25, 0.5, 0.1, assay_dae_learner_labels(), false, false, ASSAY_LINEAR, 0, 0, 5, 0};
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = settings_of(&at);
  assay_dae_data data;
  assay_dae_samples samples;
  assay_dae_flow flow;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, at.d, 0.5, at.seed, &context), ASSAY_OK);
  assert_int_equal(assay_fast_dae_samples_init(&samples, &data, &settings, &at.learner, at.count, 6, &context), 0);
  assert_int_equal(assay_fast_dae_flow_init(&flow, &data, &settings, at.count, 6, &context), ASSAY_OK);
  double *x = read_all(&samples.generated), *y = read_all(&flow.generated);
  for (size_t k = 0; k < at.count * at.d; k++)
    test_check(fabs(x[k] - y[k]) < 1e-12, "entry %zu: %a, %a", k, x[k], y[k]);
  test_check(fabs(samples.mse - flow.mse.value) < 1e-13 && fabs(samples.cosine - flow.cosine) < 1e-13 &&
                 fabs(samples.cluster_variance - flow.cluster_variance) < 1e-13,
             "%.17g %.17g %.17g, not %.17g %.17g %.17g", samples.mse, samples.cosine, samples.cluster_variance,
             flow.mse.value, flow.cosine, flow.cluster_variance);
  for (size_t j = 0; j <= at.steps; j++) {
    const assay_dae_mean *m = &samples.mean_flow[j];
    const assay_bounded *f = flow.mean_flow + 4 * j;
    test_check(fabs(m->mu - f[0].value) < 1e-12 && fabs(m->xi - f[1].value) < 1e-12 &&
                   fabs(m->eta - f[2].value) < 1e-12 && fabs(m->perp - f[3].value) < 1e-12,
               "step %zu", j);
  }
  free(x), free(y);
  assay_fast_dae_flow_clear(&flow);
  assay_fast_dae_samples_clear(&samples);
  assay_fast_dae_data_clear(&data);
}

static void refuses(assay_dae_settings settings, const assay_dae_learner *learner, size_t count,
                    const assay_dae_data *data, assay_context *context, assay_status expected, const char *field) {
  assay_dae_samples samples, before;
  memset(&samples, 0x5a, sizeof samples);
  memcpy(&before, &samples, sizeof samples);
  assay_status got = assay_fast_dae_samples_init(&samples, data, &settings, learner, count, 1, context);
  test_check(got == expected && strstr(context->message, field), "%s: %s, '%s'", field, assay_status_name(got),
             context->message);
  test_check(same_bytes(&samples, &before, sizeof samples), "%s: output touched", field);
}

static void contract(void **state) {
  (void)state;
  samples_case at = {9,    2500,  30,           7, 0.5, 0.1, assay_dae_learner_stationary(ASSAY_TANH),
                     true, false, ASSAY_LINEAR, 0, 0,   5,   0};
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = settings_of(&at);
  assay_dae_data data;
  assay_dae_samples samples, other;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, at.d, 0.5, at.seed, &context), ASSAY_OK);
  context.threads = 1;
  assert_int_equal(assay_fast_dae_samples_init(&samples, &data, &settings, &at.learner, at.count, 6, &context), 0);
  context.threads = 3;
  assert_int_equal(assay_fast_dae_samples_init(&other, &data, &settings, &at.learner, at.count, 6, &context), 0);
  test_check(same_bytes(samples.along, other.along, at.count * at.steps * sizeof(double)) &&
                 same_bytes(samples.mean_flow, other.mean_flow, (at.steps + 1) * sizeof(assay_dae_mean)) &&
                 samples.cluster_variance == other.cluster_variance,
             "threads change the samples");
  assay_fast_dae_samples_clear(&samples);
  assay_fast_dae_samples_clear(&other);
  refuses(settings, &at.learner, 0, &data, &context, ASSAY_INVALID, "count");
  context.memory_cap = 30000;
  refuses(settings, &at.learner, 3, &data, &context, ASSAY_MEMORY, "cap");
  context.memory_cap = 0;
  at.learner.start = ASSAY_START_PREVIOUS;
  refuses(settings, &at.learner, 3, &data, &context, ASSAY_UNSUPPORTED, "start");
  settings.steps = 0;
  refuses(settings, &at.learner, 3, &data, &context, ASSAY_INVALID, "steps");
  at.learner.iterations = 0;
  refuses(settings, &at.learner, 3, &data, &context, ASSAY_INVALID, "iterations");
  assay_fast_dae_data_clear(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(small_cases), cmocka_unit_test(large_cases),
                                     cmocka_unit_test(label_flow), cmocka_unit_test(contract)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
