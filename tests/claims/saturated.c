/* Bounds of the distance from the label solution against that distance itself, in all d dimensions. */
#include "testing.h"

#include "theory/flow_dae/saturated.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  size_t n, d;
  double lambda, time;
  uint64_t seed;
  assay_dae_learner learner;
} saturated_case;

typedef struct {
  assay_dae_learned fit;
  saturated_bounds bounds;
  double c_off, w_off, least; /* the truth, in double */
} outcome;

#define CASE "n %zu d %zu lambda %a time %a seed %llu %s solver %d"
#define OF(at)                                                                                                         \
  (at)->n, (at)->d, (at)->lambda, (at)->time, (unsigned long long)(at)->seed,                                          \
      assay_activation_name((at)->learner.activation), (int)(at)->learner.solver

static double least_argument(const saturated_case *at, const assay_dae_data *data, const double *w,
                             assay_context *context) {
  double *x0 = calloc(2 * at->d + 1, sizeof *x0), *x1 = x0 + at->d, least = INFINITY;
  for (size_t i = 0; i < at->n; i++) {
    double sum = 0;
    assert_int_equal(data->noise.read(&data->noise, i, 1, 0, at->d, x0, at->d, context), ASSAY_OK);
    assert_int_equal(data->data.read(&data->data, i, 1, 0, at->d, x1, at->d, context), ASSAY_OK);
    for (size_t j = 0; j < at->d; j++) sum += w[j] * ((1 - at->time) * x0[j] + at->time * x1[j]);
    least = fmin(least, data->labels[i] * sum / sqrt((double)at->d));
  }
  free(x0);
  return least;
}

static outcome run(const saturated_case *at) {
  outcome out = {.c_off = 0};
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = assay_dae_settings_of(at->n, assay_real_of(0.5), assay_real_of(at->lambda));
  assay_dae_learner labels = assay_dae_learner_labels();
  assay_dae_learned exact;
  assay_dae_data data;
  double *w = malloc(2 * at->d * sizeof *w), *w_labels = w + at->d;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, at->d, 0.5, at->seed, &context), ASSAY_OK);
  test_check(assay_fast_dae_learn(&out.fit, w, &at->time, 1, &data, &settings, &at->learner, &context) == ASSAY_OK,
             CASE ": %s", OF(at), context.message);
  assert_int_equal(assay_fast_dae_learn(&exact, w_labels, &at->time, 1, &data, &settings, &labels, &context), ASSAY_OK);
  assert_int_equal(saturated_bounds_of(&out.bounds, &out.fit, w, &data, &settings, at->learner.activation, &context),
                   ASSAY_OK);
  out.c_off = fabs(out.fit.c - exact.c);
  for (size_t j = 0; j < at->d; j++) out.w_off += (w[j] - w_labels[j]) * (w[j] - w_labels[j]);
  out.w_off = sqrt(out.w_off / (double)at->d);
  out.least = least_argument(at, &data, w, &context);
  free(w);
  assay_fast_dae_data_clear(&data);
  return out;
}

static void check(const saturated_case *at, const outcome *got) {
  const saturated_bounds *b = &got->bounds;
  test_check(b->least <= got->least && b->least >= got->least * (1 - 1e-9) - 1e-9, CASE ": least %a, not %a", OF(at),
             b->least, got->least);
  test_check(isfinite(b->c) == (got->least > 0), CASE ": finite", OF(at));
  /* 1e-12: both fits' coordinates */
  test_check(got->c_off <= b->c + 1e-12 && got->w_off <= b->w + 1e-12, CASE ": c off %a, bound %a; w off %a, bound %a",
             OF(at), got->c_off, b->c, got->w_off, b->w);
}

static saturated_case draw(test_random *random, size_t k) {
  return (saturated_case){.n = test_integer(random, 2, 6),
                          .d = test_integer(random, 200, 3000), /* up to three blocks of columns */
                          .lambda = test_uniform(random, 0.05, 1.5),
                          .time = test_uniform(random, 0.2, 0.85),
                          .seed = test_bits(random),
                          .learner = assay_dae_learner_stationary(k % 2 ? ASSAY_TANH : ASSAY_ERF)};
}

/* Stationary: what is left is phi's distance from sign. The bound takes |w| |r_i| for <w, r_i>, sqrt(d) times more
 * where they are at right angles, and 100 is for its triangle inequalities. */
static void stationary_points(void **state) {
  (void)state;
  test_random random = test_random_new(0x5a7);
  for (size_t k = 0; k < test_cases(80); k++) {
    saturated_case at = draw(&random, k);
    outcome got = run(&at);
    check(&at, &got);
    double loose = 100 * sqrt((double)at.d), off = got.c_off + got.w_off;
    if (got.least > 3)
      test_check(got.bounds.c + got.bounds.w < loose * off + 1e-11, CASE ": off %a, bounds %a, %a", OF(&at), off,
                 got.bounds.c, got.bounds.w);
  }
}

/* Of the loss with labels for phi at (c, w): the norm of the gradient over d, as a fit reports it; and |S_t| and
 * sum|x_t^i|^2, per dimension. */
typedef struct {
  double gradient, sum, total;
} plain_numbers;

static plain_numbers plain_numbers_of(const saturated_case *at, const assay_dae_data *data, double c, const double *w,
                                      assay_context *context) {
  size_t d = at->d;
  double *x0 = calloc(4 * d + 1, sizeof *x0), *x1 = x0 + d, *slope = x0 + 2 * d, *sum = x0 + 3 * d, slope_c = 0;
  plain_numbers out = {0, 0, 0};
  for (size_t j = 0; j < d; j++) slope[j] = 2 * at->lambda * w[j];
  for (size_t i = 0; i < at->n; i++) {
    assert_int_equal(data->noise.read(&data->noise, i, 1, 0, d, x0, d, context), ASSAY_OK);
    assert_int_equal(data->data.read(&data->data, i, 1, 0, d, x1, d, context), ASSAY_OK);
    for (size_t j = 0; j < d; j++) {
      double xt = (1 - at->time) * x0[j] + at->time * x1[j], rest = x1[j] - c * xt - w[j] * data->labels[i];
      slope[j] -= 2 * data->labels[i] * rest;
      slope_c -= 2 * xt * rest;
      sum[j] += data->labels[i] * xt;
      out.total += xt * xt / (double)d;
    }
  }
  for (size_t j = 0; j < d; j++) {
    out.gradient += slope[j] * slope[j];
    out.sum += sum[j] * sum[j] / (double)d;
  }
  free(x0);
  out.gradient = sqrt(out.gradient + slope_c * slope_c) / (double)d;
  out.sum = sqrt(out.sum);
  return out;
}

/* With phi = sign the bounds are known: those of the header, with nothing but the gradient. */
static void check_linear_part(const saturated_case *at, const saturated_bounds *b, plain_numbers by) {
  double weight = at->lambda + (double)at->n, along_w = sqrt((double)at->d) * by.gradient / 2;
  double c = (by.gradient / 2 + by.sum * along_w / weight) / (by.total - by.sum * by.sum / weight);
  double w = (along_w + c * by.sum) / weight;
  test_check(fabs(b->c / c - 1) < 1e-8 && fabs(b->w / w - 1) < 1e-8, CASE ": bounds %a, %a instead of %a, %a", OF(at),
             b->c, b->w, c, w);
}

/* The label solution moved, in w by random signs or in c, where phi is saturated: the gradient's part alone. A
 * move of w is bounded next to exactly: 1 + |S_t|^2/((lambda + n) a_tt), below 5 here, and twice that for the share of
 * c in the gradient. One of c is taken for one of w, sqrt(d) times as large. */
static void moved(void **state) {
  (void)state;
  test_random random = test_random_new(0x5a8);
  for (size_t k = 0; k < test_cases(30); k++) {
    saturated_case at = draw(&random, k);
    at.d += 60000 / at.n;
    at.time = test_uniform(&random, 0.3, 0.6);
    at.learner = assay_dae_learner_labels();
    at.learner.activation = k % 2 ? ASSAY_TANH : ASSAY_ERF;
    assay_context context;
    assay_context_init(&context);
    assay_dae_settings settings = assay_dae_settings_of(at.n, assay_real_of(0.5), assay_real_of(at.lambda));
    assay_dae_data data;
    assay_dae_learned fit;
    double *w = malloc(at.d * sizeof *w), step = 1e-4, move_c = k % 3 ? 0 : 1e-5;
    assert_int_equal(assay_fast_dae_data_init(&data, &settings, at.d, 0.5, at.seed, &context), ASSAY_OK);
    assert_int_equal(assay_fast_dae_learn(&fit, w, &at.time, 1, &data, &settings, &at.learner, &context), ASSAY_OK);
    for (size_t j = 0; j < at.d && move_c == 0; j++) w[j] += test_integer(&random, 0, 1) ? step : -step;
    fit.c += move_c;
    plain_numbers by = plain_numbers_of(&at, &data, fit.c, w, &context);
    fit.gradient_norm = by.gradient;
    saturated_bounds b;
    assert_int_equal(saturated_bounds_of(&b, &fit, w, &data, &settings, at.learner.activation, &context), ASSAY_OK);
    check_linear_part(&at, &b, by);
    test_check(b.least > 10, CASE ": least %a", OF(&at), b.least);
    if (move_c == 0)
      test_check(b.w >= step * (1 - 1e-9) && b.w < 10 * step, CASE ": w moved by %a, bound %a", OF(&at), step, b.w);
    else
      test_check(b.c >= move_c * (1 - 1e-9) && b.c < 20 * sqrt((double)at.d) * move_c, CASE ": c moved by %a, bound %a",
                 OF(&at), move_c, b.c);
    free(w);
    assay_fast_dae_data_clear(&data);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(stationary_points), cmocka_unit_test(moved)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
