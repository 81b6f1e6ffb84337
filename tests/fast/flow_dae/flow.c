/* The trained flow against a plain one that stores every X and refits at every step, and against the exact theorem. */
#include "plain.h"
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  size_t n, d, count, steps;
  double sigma, lambda, norm2;
  assay_schedule_kind schedule;
  uint64_t seed;
  bool no_skip;
  assay_dae_grid grid;
  assay_dae_rule rule;
} flow_case;

#define CASE "n %zu d %zu count %zu steps %zu sigma %a lambda %a norm2 %a %s seed %llu no_skip %d grid %d rule %d"
#define OF(at)                                                                                                         \
  (at)->n, (at)->d, (at)->count, (at)->steps, (at)->sigma, (at)->lambda, (at)->norm2,                                  \
      assay_schedule_name((at)->schedule), (unsigned long long)(at)->seed, (at)->no_skip, (int)(at)->grid,             \
      (int)(at)->rule

/* The plain flow: samples at every step, (steps + 1) x count x d, and the signs used. */
typedef struct {
  plain_set set;
  long double *x;
  int *first;
  size_t sign_changes;
} plain_run;

static plain_run run_plainly(const assay_dae_data *data, const assay_dae_settings *settings,
                             const assay_dae_flow *flow) {
  size_t d = flow->dimension, count = flow->count, steps = flow->steps;
  plain_run run = {.set = plain_set_of(data, settings)};
  run.x = calloc((steps + 1) * count * d, sizeof *run.x);
  run.first = calloc(count, sizeof *run.first);
  double *start = malloc(count * d * sizeof *start);
  long double *w = calloc(steps * d, sizeof *w), *c = calloc(steps, sizeof *c);
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(flow->start.read(&flow->start, 0, count, 0, d, start, d, &context), ASSAY_OK);
  for (size_t j = 0; j < steps; j++) plain_fit(&c[j], w + j * d, &run.set, (long double)j / (long double)steps);
  for (size_t i = 0; i < count; i++) {
    bool changed = false;
    for (size_t k = 0; k < d; k++) run.x[i * d + k] = start[i * d + k];
    for (size_t j = 0; j < steps; j++) {
      int sign = 0;
      long double *next = run.x + ((j + 1) * count + i) * d;
      memcpy(next, run.x + (j * count + i) * d, d * sizeof *next);
      plain_flow_step(next, &sign, &run.set, j, steps, c[j], w + j * d);
      if (j == 0) run.first[i] = sign;
      changed = changed || sign != run.first[i];
    }
    run.sign_changes += changed;
  }
  free(start);
  free(w);
  free(c);
  return run;
}

static void free_run(plain_run *run) {
  plain_set_free(&run->set);
  free(run->x);
  free(run->first);
}

/* Every generated entry: the coefficients' and vectors' errors, and the roundings of P x + (a xb_0 + b xb_1). */
static void check_generated(const assay_dae_flow *flow, const plain_run *run, const flow_case *at) {
  size_t d = flow->dimension, count = flow->count;
  double *x = malloc(2 * count * d * sizeof *x), *start = x + count * d;
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(flow->generated.read(&flow->generated, 0, count, 0, d, x, d, &context), ASSAY_OK);
  assert_int_equal(flow->start.read(&flow->start, 0, count, 0, d, start, d, &context), ASSAY_OK);
  assay_bounded perp = flow->perp[flow->steps];
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < d; k++) {
      assay_bounded a = flow->a[i], b = flow->b[i];
      double x0 = fabs(start[i * d + k]), xb0 = fabs(flow->xb0[k]), xb1 = fabs(flow->xb1[k]);
      double size = fabs(perp.value) * x0 + fabs(a.value) * xb0 + fabs(b.value) * xb1;
      double error = perp.error * x0 + a.error * xb0 + b.error * xb1 + fabs(a.value) * flow->xb0_error +
                     fabs(b.value) * flow->xb1_error + 4 * 0x1p-53 * size;
      long double expected = run->x[(flow->steps * count + i) * d + k];
      test_check(fabsl(x[i * d + k] - expected) <= PLAIN_SLACK * error,
                 CASE ": sample %zu column %zu: %.17g error %g expected %.20Lg", OF(at), i, k, x[i * d + k], error,
                 expected);
    }
  free(x);
}

/* h_i X_j^i, added to `sum` or kept alone. */
static void add_signed(long double *sum, const plain_run *run, size_t count, size_t d, size_t j, size_t i) {
  for (size_t k = 0; k < d; k++) sum[k] += run->first[i] * run->x[(j * count + i) * d + k];
}

/* mean_flow at step j, by least squares on the vectors themselves: within its own bound, and that bound narrow. The
 * Gram forms lose the angle between the vectors, at most a factor 1e3 at the sizes tested (d >= 24), of bounds of
 * 1e-12. */
static void check_mean_flow(const assay_dae_flow *flow, const plain_run *run, const flow_case *at, size_t j) {
  size_t d = flow->dimension, count = flow->count;
  long double *v = calloc(5 * d, sizeof *v), *mu = v + d, *xi = v + 2 * d, *eta = v + 3 * d, *one = v + 4 * d;
  for (size_t k = 0; k < d; k++) mu[k] = run->set.mean;
  plain_directions(xi, eta, &run->set);
  const long double *vectors[] = {mu, xi, eta};
  long double coefficients[3], ignored[3], outside = 0;
  for (size_t i = 0; i < count; i++) {
    add_signed(v, run, count, d, j, i);
    memset(one, 0, d * sizeof *one);
    add_signed(one, run, count, d, j, i);
    plain_project(ignored, one, vectors, 3, d);
    outside += plain_dot(one, one, d);
  }
  for (size_t k = 0; k < d; k++) v[k] /= count;
  plain_project(coefficients, v, vectors, 3, d);
  long double expected[] = {coefficients[0], coefficients[1], coefficients[2],
                            sqrtl(outside / (long double)(count * (d - 3)))};
  for (size_t k = 0; k < 4; k++) {
    assay_bounded got = flow->mean_flow[4 * j + k];
    test_check(fabsl(got.value - expected[k]) <= got.error + 1e-15L && got.error <= 1e-9,
               CASE ": step %zu number %zu: %.17g +- %.2g, not %.17Lg", OF(at), j, k, got.value, got.error,
               expected[k]);
  }
  free(v);
}

/* mse, cosine, cluster variance and the whole mean's error at the end of the flow. */
static void check_end(const assay_dae_flow *flow, const assay_dae_data *data, const plain_run *run,
                      const flow_case *at) {
  size_t d = flow->dimension, count = flow->count, vectors_count = d < 3 ? d : 3;
  long double *mean = calloc(6 * d, sizeof *mean), *rest = mean + d, *mu = mean + 2 * d, *xi = mean + 3 * d;
  long double *eta = mean + 4 * d, *one = mean + 5 * d, ignored[3], variance = 0;
  for (size_t i = 0; i < count; i++) add_signed(mean, run, count, d, flow->steps, i);
  for (size_t k = 0; k < d; k++) {
    mean[k] /= count;
    rest[k] = mean[k];
    mu[k] = run->set.mean;
  }
  plain_directions(xi, eta, &run->set);
  const long double *vectors[] = {mu, xi, eta};
  plain_project(ignored, rest, vectors, vectors_count, d);
  long double whole = 0, span = 0, along = 0, square = 0;
  for (size_t k = 0; k < d; k++) {
    long double part = mean[k] - rest[k];
    whole += powl(mean[k] - mu[k], 2);
    span += powl(part - mu[k], 2);
    along += part * mu[k];
    square += part * part;
  }
  for (size_t i = 0; i < count; i++) {
    memset(one, 0, d * sizeof *one);
    add_signed(one, run, count, d, flow->steps, i);
    for (size_t k = 0; k < d; k++) variance += powl(one[k] - (mean[k] - rest[k]), 2);
  }
  variance /= (long double)(count * d);
  /* Gram-Schmidt on d < 3 nearly dependent vectors is the oracle's limit: its last basis vector may be off by 1e-15 */
  test_check(fabsl(flow->mse.value - span / d) <= PLAIN_SLACK * flow->mse.error + 1e-15L,
             CASE ": mse %.17g +- %g, not %.17Lg", OF(at), flow->mse.value, flow->mse.error, span / d);
  test_check(isfinite(flow->mse.error), CASE ": mse %g", OF(at), flow->mse.value);
  long double cosine = along / sqrtl(square * plain_dot(mu, mu, d));
  test_check(fabsl(flow->cosine - cosine) <= 1e-11L, CASE ": cosine %.17g, not %.17Lg", OF(at), flow->cosine, cosine);
  test_check(fabsl(flow->cluster_variance - variance) <= 1e-11L * (1 + variance), CASE ": variance %.17g, not %.17Lg",
             OF(at), flow->cluster_variance, variance);
  assay_bounded error;
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_fast_dae_flow_mean_error(&error, flow, data, &context), ASSAY_OK);
  test_check(fabsl(error.value - whole / d) <= PLAIN_SLACK * error.error, CASE ": mean error %.17g +- %g, not %.17Lg",
             OF(at), error.value, error.error, whole / d);
  free(mean);
}

/* Section 3: with constant signs X_K = h xb_1 + P (X_0 - h xb_0), so a = -h P and b = h, for linear Euler and for DDIM
 * steps on any schedule. */
static void check_theorem(const assay_dae_flow *flow, const flow_case *at) {
  if (flow->sign_changes > 0) return;
  assay_bounded perp = flow->perp[flow->steps];
  for (size_t i = 0; i < flow->count; i++) {
    double h = flow->signs[i];
    test_check(fabs(flow->a[i].value + h * perp.value) <= flow->a[i].error + perp.error, CASE ": a[%zu] %.17g, P %.17g",
               OF(at), i, flow->a[i].value, perp.value);
    test_check(fabs(flow->b[i].value - h) <= flow->b[i].error, CASE ": b[%zu] %.17g", OF(at), i, flow->b[i].value);
  }
}

/* The same section: with the optimal c, P = prod <u_j, u_j+1>/|u_j|^2, u = (alpha, beta) in the metric a; without skip
 * P = alpha_K = 0. */
static void check_product(const assay_dae_flow *flow, const plain_set *set, const flow_case *at) {
  size_t n = set->n, d = set->d, count = n * d;
  long double metric[2][2], *sums = calloc(2 * d, sizeof *sums), product = 1;
  const long double *x[2] = {set->x0, set->x1};
  for (size_t u = 0; u < 2; u++)
    for (size_t i = 0; i < n; i++)
      for (size_t k = 0; k < d; k++) sums[u * d + k] += set->labels[i] * x[u][i * d + k];
  for (size_t u = 0; u < 2; u++)
    for (size_t v = 0; v < 2; v++)
      metric[u][v] = plain_dot(x[u], x[v], count) - plain_dot(sums + u * d, sums + v * d, d) / (set->lambda + n);
  for (size_t j = 0; j < at->steps; j++) {
    long double time = (long double)j / at->steps, next = (long double)(j + 1) / at->steps, dot = 0, square = 0;
    const long double from[2] = {plain_alpha(set->schedule, time), plain_beta(set->schedule, time)};
    const long double to[2] = {plain_alpha(set->schedule, next), plain_beta(set->schedule, next)};
    for (size_t u = 0; u < 2; u++)
      for (size_t v = 0; v < 2; v++) {
        dot += from[u] * metric[u][v] * to[v];
        square += from[u] * metric[u][v] * from[v];
      }
    product *= at->no_skip ? to[0] / from[0] : dot / square;
  }
  assay_bounded got = flow->perp[at->steps];
  test_check(fabsl(got.value - product) <= PLAIN_SLACK * got.error && got.error < 1e-11,
             CASE ": P %.17g +- %g not %.17Lg", OF(at), got.value, got.error, product);
  free(sums);
}

static void check_flow(const flow_case *at) {
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = assay_dae_settings_of(at->n, assay_real_of(at->sigma), assay_real_of(at->lambda));
  settings.norm2 = assay_real_of(at->norm2);
  settings.schedule = plain_schedule(at->schedule);
  settings.steps = at->steps;
  settings.skip = !at->no_skip;
  settings.grid = at->grid;
  settings.rule = at->rule;
  bool is_exact = at->grid == ASSAY_GRID_UNIFORM && (at->schedule == ASSAY_LINEAR || at->rule == ASSAY_STEP_DDIM);
  assay_dae_data data;
  assay_dae_flow flow;
  test_check(assay_fast_dae_data_init(&data, &settings, at->d, 0.5, at->seed, &context) == ASSAY_OK, "%s",
             context.message);
  test_check(assay_fast_dae_flow_init(&flow, &data, &settings, at->count, at->seed + 1, &context) == ASSAY_OK,
             CASE ": %s", OF(at), context.message);
  if (flow.doubtful_signs == 0) {
    plain_run run = run_plainly(&data, &settings, &flow);
    test_check(flow.sign_changes == run.sign_changes, CASE ": %zu sign changes, not %zu", OF(at), flow.sign_changes,
               run.sign_changes);
    size_t steady = 0;
    for (size_t i = 0; i < at->count; i++) steady += flow.steady[i];
    test_check(steady == at->count - run.sign_changes, CASE ": %zu steady", OF(at), steady);
    for (size_t i = 0; i < at->count; i++) test_check(flow.signs[i] == run.first[i], CASE ": sign of %zu", OF(at), i);
    check_generated(&flow, &run, at);
    for (size_t j = 0; at->d >= 24 && j <= at->steps; j++) check_mean_flow(&flow, &run, at, j);
    check_end(&flow, &data, &run, at);
    if (is_exact) check_product(&flow, &run.set, at);
    free_run(&run);
  }
  if (is_exact) check_theorem(&flow, at);
  if (at->d == 3) test_check(isnan(flow.mean_flow[3].value), CASE ": P in three dimensions", OF(at));
  assay_fast_dae_flow_clear(&flow);
  assay_fast_dae_data_clear(&data);
}

static void small_cases(void **state) {
  (void)state;
  test_random random = test_random_new(0xf10);
  for (size_t k = 0; k < test_cases(80); k++) {
    static const double norms[] = {1, 0.25, 4};
    flow_case at = {.n = test_integer(&random, 2, 9),
                    .d = k % 3 == 0 ? test_integer(&random, 1, 5) : test_integer(&random, 24, 120),
                    .count = test_integer(&random, 1, 12),
                    .steps = test_integer(&random, 1, 9),
                    .sigma = test_uniform(&random, 0.2, 1.5),
                    .lambda = k % 5 ? test_uniform(&random, 0, 2) : 0,
                    .norm2 = norms[k % 3],
                    .schedule = plain_kind(k / 3),
                    .seed = test_bits(&random),
                    .no_skip = k % 7 == 6,
                    .grid = k % 8 == 3 ? ASSAY_GRID_PUBLISHED : ASSAY_GRID_UNIFORM,
                    .rule = k % 8 > 4 ? ASSAY_STEP_DDIM : ASSAY_STEP_EULER};
    check_flow(&at);
  }
}

/* Several groups of samples, blocks and slabs, all ragged; one sample of the training set. */
static void block_boundaries(void **state) {
  (void)state;
  const flow_case cases[] = {
      {65, 4801, 3, 4, 0.5, 0.1, 1, ASSAY_LINEAR, 11, false, ASSAY_GRID_UNIFORM, ASSAY_STEP_EULER},
      {5, 2563, 131, 2, 0.5, 0.1, 1, ASSAY_TRIGONOMETRIC, 12, false, ASSAY_GRID_UNIFORM, ASSAY_STEP_EULER},
      {1, 33, 70, 5, 0.7, 0.4, 1, ASSAY_LINEAR, 13, false, ASSAY_GRID_UNIFORM, ASSAY_STEP_EULER},
      {2, 3, 200, 3, 0.7, 0.4, 1, ASSAY_LINEAR, 14, false, ASSAY_GRID_UNIFORM, ASSAY_STEP_EULER}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) check_flow(&cases[k]);
}

/* The errors say something at ordinary sizes. */
static void errors_are_small(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = assay_dae_settings_of(256, assay_real_of(0.5), assay_real_of(0.1));
  settings.steps = 100;
  assay_dae_data data;
  assay_dae_flow flow;
  assay_bounded error;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, 5000, 0.5, 1, &context), ASSAY_OK);
  assert_int_equal(assay_fast_dae_flow_init(&flow, &data, &settings, 50, 2, &context), ASSAY_OK);
  assert_int_equal(assay_fast_dae_flow_mean_error(&error, &flow, &data, &context), ASSAY_OK);
  const assay_bounded numbers[] = {flow.c[50], flow.perp[100], flow.a[7], flow.b[7], flow.mse, error};
  for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
    test_check(numbers[k].error < 1e-10 * fabs(numbers[k].value), "number %zu: %g +- %g", k, numbers[k].value,
               numbers[k].error);
  test_check(flow.xb0_error < 1e-13 && flow.xb1_error < 1e-13, "xb errors %g %g", flow.xb0_error, flow.xb1_error);
  test_check(flow.doubtful_signs == 0, "%zu doubtful signs", flow.doubtful_signs);
  assay_fast_dae_flow_clear(&flow);
  assay_fast_dae_data_clear(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(small_cases), cmocka_unit_test(block_boundaries),
                                     cmocka_unit_test(errors_are_small)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
