/* Adam against a plain loop over all coordinates: residuals formed one by one, nothing factored out; in long double,
 * and the same loop with every number rounded to double, which says how far rounding may carry. */
#include "fast/flow_dae/adam.h"
#include "plain.h"
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  size_t n, d;
  double lambda, time;
  assay_activation activation;
  assay_dae_start start;
  bool no_skip;
  uint64_t seed;
  size_t epochs;
} adam_case;

#define CASE "n %zu d %zu lambda %a time %a %s start %d no_skip %d seed %llu epochs %zu"
#define OF(at)                                                                                                         \
  (at)->n, (at)->d, (at)->lambda, (at)->time, assay_activation_name((at)->activation), (int)(at)->start,               \
      (at)->no_skip, (unsigned long long)(at)->seed, (at)->epochs

typedef struct {
  bool rounds; /* every result to double */
  const plain_set *set;
  const long double *x; /* noisy data */
  const assay_dae_learner *learner;
  long double c, *w;
} plain_adam;

static long double as(const plain_adam *a, long double x) { return a->rounds ? (long double)(double)x : x; }

static long double activate(const plain_adam *a, long double z, long double *slope) {
  *slope = 0;
  if (a->learner->activation == ASSAY_TANH) {
    *slope = as(a, 1 / (coshl(z) * coshl(z)));
    return as(a, tanhl(z));
  }
  if (a->learner->activation == ASSAY_ERF) {
    *slope = as(a, 2 / sqrtl(acosl(-1)) * expl(-z * z));
    return as(a, erfl(z));
  }
  return (z > 0) - (z < 0);
}

/* Adds sample i's part of the gradient of half the loss; the last entry is that of c. */
static void add_sample(long double *g, const plain_adam *a, size_t i, long double *rest) {
  size_t d = a->set->d;
  const long double *x = a->x + i * d, *x1 = a->set->x1 + i * d;
  long double z = 0, slope, along = 0;
  for (size_t j = 0; j < d; j++) z = as(a, z + as(a, a->w[j] * x[j]));
  long double p = activate(a, as(a, z / sqrtl(d)), &slope);
  for (size_t j = 0; j < d; j++) {
    rest[j] = as(a, as(a, x1[j] - as(a, a->c * x[j])) - as(a, a->w[j] * p));
    along = as(a, along + as(a, a->w[j] * rest[j]));
  }
  for (size_t j = 0; j < d; j++) {
    g[j] = as(a, g[j] - as(a, p * rest[j]));
    g[j] = as(a, g[j] - as(a, as(a, slope / sqrtl(d) * along) * x[j]));
    g[d] = as(a, g[d] - as(a, x[j] * rest[j]));
  }
}

static void plain_epochs(plain_adam *a) {
  size_t d = a->set->d;
  const assay_dae_learner *l = a->learner;
  long double *m = calloc(4 * (d + 1), sizeof *m), *v = m + d + 1, *g = v + d + 1, *rest = g + d + 1;
  for (size_t k = 1; k <= l->iterations; k++) {
    for (size_t j = 0; j < d; j++) g[j] = as(a, a->set->lambda * a->w[j]);
    g[d] = 0;
    for (size_t i = 0; i < a->set->n; i++) add_sample(g, a, i, rest);
    for (size_t j = 0; j < d + a->set->skip; j++) {
      m[j] = as(a, l->beta1 * m[j] + (1 - l->beta1) * g[j]);
      v[j] = as(a, l->beta2 * v[j] + (1 - l->beta2) * g[j] * g[j]);
      long double mean = as(a, m[j] / (1 - powl(l->beta1, k))), spread = as(a, v[j] / (1 - powl(l->beta2, k)));
      long double *variable = j < d ? &a->w[j] : &a->c;
      *variable = as(a, *variable - as(a, l->rate * mean / as(a, sqrtl(spread) + l->epsilon)));
    }
  }
  free(m);
}

/* The largest difference of any parameter. */
static long double distance(const plain_adam *a, long double c, const long double *w) {
  long double most = fabsl(a->c - c);
  for (size_t j = 0; j < a->set->d; j++) most = fmaxl(most, fabsl(a->w[j] - w[j]));
  return most;
}

/* w's start as documented: stream 4 of the learner's seed, c = 1; or the label solution. */
static void set_start(plain_adam *a, const adam_case *at) {
  size_t d = at->d;
  if (at->start == ASSAY_START_LABELS) {
    plain_fit(&a->c, a->w, a->set, at->time);
    return;
  }
  double *row = malloc(d * sizeof *row);
  const assay_normals normals = {a->learner->seed, 4};
  assay_stream starts = assay_fast_normals(&normals, 1, d);
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(starts.read(&starts, 0, 1, 0, d, row, d, &context), ASSAY_OK);
  for (size_t j = 0; j < d; j++) a->w[j] = row[j];
  a->c = a->set->skip ? 1 : 0;
  free(row);
}

/* Our w is as near the exact recursion as the rounded loop is, give or take a factor for the different order of sums
 * (n d roundings against a few in a row: less), and a label start's own rounding of 1e-14; w may have been turned
 * around. */
static void check_adam(const adam_case *at) {
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = assay_dae_settings_of(at->n, assay_real_of(0.5), assay_real_of(at->lambda));
  settings.skip = !at->no_skip;
  assay_dae_learner learner = assay_dae_learner_adam(at->activation, at->seed + 1);
  learner.start = at->start;
  learner.iterations = at->epochs;
  assay_dae_data data;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, at->d, 0.5, at->seed, &context), ASSAY_OK);
  assay_dae_learned fit;
  double *weights = malloc(at->d * sizeof *weights);
  test_check(assay_fast_dae_learn(&fit, weights, &at->time, 1, &data, &settings, &learner, &context) == ASSAY_OK,
             CASE ": %s", OF(at), context.message);
  plain_set set = plain_set_of(&data, &settings);
  long double *x = plain_noisy(&set, at->time), *w = calloc(3 * at->d, sizeof *w), *got = w + 2 * at->d;
  plain_adam exact = {.set = &set, .x = x, .learner = &learner, .w = w}, rounded = exact;
  rounded.rounds = true;
  rounded.w = w + at->d;
  set_start(&exact, at);
  set_start(&rounded, at);
  plain_epochs(&exact);
  plain_epochs(&rounded);
  long double along = 0;
  for (size_t j = 0; j < at->d; j++) along += weights[j] * exact.w[j];
  for (size_t j = 0; j < at->d; j++) got[j] = along < 0 ? -weights[j] : weights[j];
  long double reach = distance(&exact, rounded.c, rounded.w), off = distance(&exact, fit.c, got);
  test_check(off <= 8 * reach + 1e-13L, CASE ": off by %Lg where rounding alone is by %Lg", OF(at), off, reach);
  test_check(reach < 1e-6L, CASE ": rounding alone is off by %Lg", OF(at), reach);
  free(w), free(x), free(weights);
  plain_set_free(&set);
  assay_fast_dae_data_clear(&data);
}

static void plain_loops(void **state) {
  (void)state;
  test_random random = test_random_new(0xada);
  for (size_t k = 0; k < test_cases(60); k++) {
    adam_case at = {.n = test_integer(&random, 1, 12),
                    .d = test_integer(&random, 1, 200),
                    .lambda = k % 4 ? 0.1 : test_uniform(&random, 0, 2),
                    .time = test_uniform(&random, 0, 1),
                    .activation = (assay_activation)(k % 3),
                    .start = k % 5 ? ASSAY_START_RANDOM : ASSAY_START_LABELS,
                    .no_skip = k % 7 == 6,
                    .seed = test_bits(&random),
                    .epochs = k < 20 ? 1 + k % 3 : test_integer(&random, 4, 60)};
    if (at.n == 1 && at.lambda == 0) at.lambda = 0.5;
    if (at.start == ASSAY_START_LABELS) { /* far from stationary: phi not saturated */
      at.n = test_integer(&random, 2, 6);
      at.d = test_integer(&random, 1, 8);
      at.time = 0.5;
      at.activation = k % 2 ? ASSAY_TANH : ASSAY_ERF;
    }
    check_adam(&at);
  }
}

/* Several blocks and slabs, ragged. */
static void block_boundaries(void **state) {
  (void)state;
  const adam_case cases[] = {{3, 5003, 0.1, 0.5, ASSAY_TANH, ASSAY_START_RANDOM, false, 3, 20},
                             {40, 2050, 0.1, 0.5, ASSAY_SIGN, ASSAY_START_RANDOM, false, 4, 8},
                             {7, 16500, 0.1, 0.5, ASSAY_SIGN, ASSAY_START_RANDOM, false, 5, 20}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) check_adam(&cases[k]);
}

/* With slopes, and long enough for threads to share an epoch: the same bits for any number of them. */
static void threads(void **state) {
  (void)state;
  enum { N = 40, D = 4003 };
  static double w[2][D];
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = assay_dae_settings_of(N, assay_real_of(0.5), assay_real_of(0.1));
  assay_dae_learner learner = assay_dae_learner_adam(ASSAY_TANH, 1);
  learner.iterations = 4;
  assay_dae_data data;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, D, 0.5, 9, &context), ASSAY_OK);
  for (int count = 1; count <= 3; count++) {
    double *end = w[count > 1], c = 1;
    for (size_t j = 0; j < D; j++) end[j] = sin((double)j);
    context.threads = count;
    assert_int_equal(dae_adam(&c, end, 0.5, &data, &settings, &learner, 0, &context), ASSAY_OK);
    for (size_t j = 0; j < D; j++)
      test_check(w[0][j] == end[j], "%d threads: w_%zu is %a, and %a with one", count, j, end[j], w[0][j]);
  }
  assay_fast_dae_data_clear(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(plain_loops), cmocka_unit_test(block_boundaries),
                                     cmocka_unit_test(threads)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
