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
  double c_off, w_off, least, rest, size; /* the truth, in double; |w| */
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

/* |w - w_mu mu - w_xi xi - w_eta eta| per dimension. */
static double rest_of(const saturated_case *at, const assay_dae_data *data, const assay_dae_learned *fit,
                      const double *w, assay_context *context) {
  size_t d = at->d;
  double *row = calloc(2 * d + 1, sizeof *row), *left = row + d, square = 0, n = (double)at->n;
  for (size_t j = 0; j < d; j++) left[j] = w[j] - (fit->w_mu - fit->w_eta / data->sigma) * data->mean;
  for (size_t i = 0; i < at->n; i++) {
    assert_int_equal(data->noise.read(&data->noise, i, 1, 0, d, row, d, context), ASSAY_OK);
    for (size_t j = 0; j < d; j++) left[j] -= fit->w_xi * data->labels[i] * row[j] / n;
    assert_int_equal(data->data.read(&data->data, i, 1, 0, d, row, d, context), ASSAY_OK);
    for (size_t j = 0; j < d; j++) left[j] -= fit->w_eta / data->sigma * data->labels[i] * row[j] / n;
  }
  for (size_t j = 0; j < d; j++) square += left[j] * left[j];
  free(row);
  return sqrt(square / (double)d);
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
  for (size_t j = 0; j < at->d; j++) out.size += w[j] * w[j] / (double)at->d;
  out.size = sqrt(out.size);
  for (size_t j = 0; j < at->d; j++) out.w_off += (w[j] - w_labels[j]) * (w[j] - w_labels[j]);
  out.w_off = sqrt(out.w_off / (double)at->d);
  out.least = least_argument(at, &data, w, &context);
  out.rest = rest_of(at, &data, &out.fit, w, &context);
  free(w);
  assay_fast_dae_data_clear(&data);
  return out;
}

static void check(const saturated_case *at, const outcome *got) {
  const saturated_bounds *b = &got->bounds;
  test_check(b->least <= got->least && b->least >= got->least * (1 - 1e-9) - 1e-9, CASE ": least %a, not %a", OF(at),
             b->least, got->least);
  test_check(isfinite(b->c) == (got->least > 0), CASE ": finite", OF(at));
  /* sums of n entries of size 1, but for a few of the dozens of roundings that the bound allows each */
  test_check(b->rest >= got->rest - 1e-14 && b->rest <= got->rest + 1e-13, CASE ": rest %a, bound %a", OF(at),
             got->rest, b->rest);
  /* no less than what a dozen roundings of w alone may do */
  const double least_rest = 12 * 0x1p-53 * got->size,
               least_gradient = 2 * at->lambda * least_rest / sqrt((double)at->d);
  test_check(b->rest >= least_rest && b->gradient >= least_gradient, CASE ": rounding: rest %a, gradient %a", OF(at),
             b->rest, b->gradient);
  /* n d 2^-52 of sums of size 1 and more, and 1e-12 in the argument of phi, whose slope is 1 or less, over sqrt(d) */
  if (got->least > 3)
    test_check(b->gradient >= got->fit.gradient_norm * (1 - 1e-9) - 1e-13 &&
                   b->gradient <= got->fit.gradient_norm * (1 + 1e-9) + 1e-9,
               CASE ": gradient %a, bound %a", OF(at), got->fit.gradient_norm, b->gradient);
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
 * where they are at right angles, and 100 is for its triangle inequalities; 1e-9 for rounding: n d 2^-52 < 5e-12 of
 * sums of a few units for each sample, over a spread of that size. */
static void stationary_points(void **state) {
  (void)state;
  test_random random = test_random_new(0x5a7);
  for (size_t k = 0; k < test_cases(80); k++) {
    saturated_case at = draw(&random, k);
    outcome got = run(&at);
    check(&at, &got);
    double loose = 100 * sqrt((double)at.d), off = got.c_off + got.w_off;
    if (got.least > 3)
      test_check(got.bounds.c + got.bounds.w < loose * off + 1e-9, CASE ": off %a, bounds %a, %a", OF(&at), off,
                 got.bounds.c, got.bounds.w);
  }
}

/* The label solution with phi is not stationary: of a gradient to speak of the fit's own norm is known as well. */
static void other_points(void **state) {
  (void)state;
  test_random random = test_random_new(0x5a9);
  size_t spoken = 0;
  for (size_t k = 0; k < test_cases(40); k++) {
    saturated_case at = draw(&random, k);
    at.learner = assay_dae_learner_labels();
    at.learner.activation = k % 2 ? ASSAY_TANH : ASSAY_ERF;
    outcome got = run(&at);
    check(&at, &got);
    spoken += got.least > 3 && got.fit.gradient_norm > 1e-6;
  }
  test_check(spoken >= test_cases(40) / 8, "%zu gradients above 1e-6", spoken);
}

/* Of the loss with labels for phi at (c, w): the norms of half its gradient in w and in c, |S_t| and sum|x_t^i|^2, per
 * dimension. */
typedef struct {
  double slope_w, slope_c, sum, total;
} plain_numbers;

static plain_numbers plain_numbers_of(const saturated_case *at, const assay_dae_data *data, double c, const double *w,
                                      assay_context *context) {
  size_t d = at->d;
  double *x0 = calloc(4 * d + 1, sizeof *x0), *x1 = x0 + d, *slope = x0 + 2 * d, *sum = x0 + 3 * d, slope_c = 0;
  plain_numbers out = {0, 0, 0, 0};
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
    out.slope_w += slope[j] * slope[j] / (double)d;
    out.sum += sum[j] * sum[j] / (double)d;
  }
  free(x0);
  out.slope_w = sqrt(out.slope_w) / 2;
  out.slope_c = fabs(slope_c) / (double)d / 2;
  out.sum = sqrt(out.sum);
  return out;
}

/* With phi = sign the bounds are known: those of the header, with nothing but the gradient, which is above 1e-5 where n
 * d 2^-52, below 3e-11, bounds its rounding. */
static void check_linear_part(const saturated_case *at, const saturated_bounds *b, plain_numbers by) {
  double weight = at->lambda + (double)at->n;
  double c = (by.slope_c + by.sum * by.slope_w / weight) / (by.total - by.sum * by.sum / weight);
  double w = (by.slope_w + c * by.sum) / weight;
  test_check(fabs(b->c / c - 1) < 1e-4 && fabs(b->w / w - 1) < 1e-4, CASE ": bounds %a, %a instead of %a, %a", OF(at),
             b->c, b->w, c, w);
}

/* The label solution moved, in w by random signs or in c, where phi is saturated: the gradient's part alone. A
 * move of w is bounded next to exactly: 1 + |S_t|^2/((lambda + n) a_tt), below 5 here, and twice that for the share of
 * c in the gradient. One of c by (1 + x)/(1 - x), x = |S_t|^2/((lambda + n) sum|x_t|^2) below 0.9. */
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
    fit.gradient_norm = 0; /* what a fit says of itself does not count */
    saturated_bounds b;
    assert_int_equal(saturated_bounds_of(&b, &fit, w, &data, &settings, at.learner.activation, &context), ASSAY_OK);
    check_linear_part(&at, &b, by);
    test_check(b.least > 10, CASE ": least %a", OF(&at), b.least);
    if (move_c == 0)
      test_check(b.w >= step * (1 - 1e-9) && b.w < 10 * step, CASE ": w moved by %a, bound %a", OF(&at), step, b.w);
    else
      test_check(b.c >= move_c * (1 - 1e-9) && b.c < 20 * move_c, CASE ": c moved by %a, bound %a", OF(&at), move_c,
                 b.c);
    free(w);
    assay_fast_dae_data_clear(&data);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(stationary_points), cmocka_unit_test(other_points),
                                     cmocka_unit_test(moved)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
