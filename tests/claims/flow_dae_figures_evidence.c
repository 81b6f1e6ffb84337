/* The figures of what the evidence is worth: what it resolves, where the budget goes, which starts reach the labels. */
#include "figure_data.h"
#include "testing.h"

#include <math.h>
#include <stdio.h>

static const double sigma = 0.5, lambda = 0.1;
enum { STEPS = 100, SAMPLES = 400, SIZES = 3 };

static const assay_item *mean_item(const figure_data *data, double n) {
  char name[64];
  (void)snprintf(name, sizeof name, "error of the mean n=%g N=%d", n, SAMPLES);
  return figure_data_item(data, "flow-dae/generated-mean", name);
}

/* Error of the mean of N samples, steps = 0: in continuous time. */
static double mean_error(double n, size_t steps, double N) {
  plain_summary s = plain_summary_at(n, sigma, lambda, steps, steps);
  return s.mse + s.perp * s.perp / N;
}

/* ---- resolution ---- */

static void resolution_of_the_mean(const figure_data *data) {
  static const double sizes[SIZES] = {4, 16, 64};
  const assay_series *budget = data->plot.series[0], *points = data->plot.series[1], *bayes = data->plot.series[2];
  test_check(budget->count == SIZES && points->count == SIZES && bayes->count > 2, "sizes");
  for (size_t i = 0; i < SIZES; i++) {
    const assay_item *item = mean_item(data, sizes[i]);
    double predicted = mean_error(sizes[i], STEPS, SAMPLES);
    figure_data_same("budget's x", i, budget->x[i], sizes[i]);
    figure_data_same("resolution's x", i, points->x[i], sizes[i]);
    figure_data_same("budget", i, budget->y[i], item->allowance / predicted);
    figure_data_same("resolution", i, points->y[i], item->resolution / predicted);
  }
  for (size_t i = 0; i < bayes->count; i++) {
    double n = bayes->x[i], predicted = mean_error(n, STEPS, SAMPLES);
    figure_data_same("Bayes", i, bayes->y[i], 1 - sigma * sigma / (n + sigma * sigma) / predicted);
  }
}

/* c = beta B/D at t = 1/2 with A = lambda + m, B = lambda (1 + sigma^2) + m sigma^2; m = n - 1, or n in the control. */
static double skip_strength(double m, double penalty) {
  double A = penalty + m, B = penalty * (1 + sigma * sigma) + m * sigma * sigma;
  return 2 * B / (A + B);
}

static void resolution_of_parameters(const figure_data *data) {
  static const double sizes[SIZES] = {2, 4, 8};
  static const char *const names[] = {"c", "w_mu"};
  const assay_series *control = data->plot.series[0];
  test_check(control->count == SIZES, "%zu", control->count);
  for (size_t i = 0; i < SIZES; i++) {
    double n = sizes[i], c = skip_strength(n - 1, 1);
    const double predicted[] = {c, n / (1 + n) * (1 - c / 2)};
    figure_data_same("n", i, control->x[i], n);
    figure_data_same("control", i, control->y[i], fabs(skip_strength(n, 1) - c) / c);
    for (size_t p = 0; p < 2; p++) {
      char name[32];
      (void)snprintf(name, sizeof name, "%s n=%g t=0.5", names[p], n);
      const assay_item *item = figure_data_item(data, "flow-dae/learned-parameters", name);
      const assay_series *points = data->plot.series[1 + p];
      test_check(points->count == SIZES && points->x[i] == n, "%s", name);
      figure_data_same(name, i, points->y[i], item->resolution / predicted[p]);
    }
  }
}

static void resolution(void **state) {
  (void)state;
  static const char *const claims[] = {"flow-dae/generated-mean", "flow-dae/learned-parameters"};
  static const char *const mean_labels[] = {"error budget", "resolution", "distance of Bayes, the control"};
  static const char *const parameter_labels[] = {"distance of the control's c", "resolution of c", "of w along mu"};
  figure_data data;
  figure_data_open(&data, claims, 2);
  figure_data_draw(&data, "resolution-mean", "lpl", mean_labels);
  resolution_of_the_mean(&data);
  figure_data_draw(&data, "resolution-parameters", "lpp", parameter_labels);
  resolution_of_parameters(&data);
  figure_data_close(&data);
}

/* ---- where the budget goes ---- */

typedef struct {
  const char *id;
  size_t count;
  double sizes[8];
  size_t runs[SIZES]; /* which sizes are measured */
  double d, N;        /* 0 where the size is another */
  size_t steps;
} budget_case;

static const budget_case budget_cases[] = {
    {"budget-dimension", 8, {100, 200, 500, 1600, 5000, 16000, 50000, 1000000}, {2, 4, 6}, 0, SAMPLES, STEPS},
    {"budget-steps", 5, {2, 10, 32, 100, 1000}, {1, 3, 4}, 50000, SAMPLES, 0},
    {"budget-samples", 8, {1, 2, 4, 10, 40, 100, 400, 4000}, {2, 4, 6}, 50000, 0, STEPS},
};

/* The dimension term to first order in 1/sqrt(d): |xi|^2, |eta|^2 and <xi, eta> leave their limits by 7 of their
 * standard deviations (as in flow_dae_figures.c). lambda's own part and, from d = 5000 on, second orders add less than
 * a third. */
static double dimension_term(double P, double n, double d) {
  const double reach = 7;
  return reach * (sqrt(2) * (sigma * sigma + P * P) + 2 * sigma * P) / (n * sqrt(d));
}

/* The sizes of one point, and what is predicted there. */
typedef struct {
  double n, d, N, predicted;
  size_t steps;
  bool claimed; /* these are the claim's own sizes */
} budget_point;

static budget_point point_of(const budget_case *at, size_t i) {
  budget_point p = {.n = 16, .d = at->d, .N = at->N, .steps = at->steps};
  if (p.d == 0) p.d = at->sizes[i];
  if (p.N == 0) p.N = at->sizes[i];
  if (p.steps == 0) p.steps = (size_t)at->sizes[i];
  p.predicted = mean_error(p.n, p.steps, p.N);
  p.claimed = p.d == 50000 && p.N == SAMPLES && p.steps == STEPS;
  return p;
}

static void check_terms(const figure_data *data, const budget_case *at, size_t i) {
  budget_point p = point_of(at, i);
  double P = plain_summary_at(p.n, sigma, lambda, p.steps, p.steps).perp;
  double dimension = data->plot.series[0]->y[i], sampling = data->plot.series[1]->y[i];
  for (size_t k = 0; k < 3; k++)
    test_check(data->plot.series[k]->count == at->count && data->plot.series[k]->x[i] == at->sizes[i], "%s: x", at->id);
  double discretisation = fabs(1 - mean_error(p.n, 0, p.N) / p.predicted);
  figure_data_same("discretisation", i, data->plot.series[2]->y[i], discretisation);
  double about = dimension_term(P, p.n, p.d) / p.predicted;
  test_check(p.d < 5000 || (dimension > 0.9 * about && dimension < 1.35 * about), "%s: dimension %a, about %a at %g",
             at->id, dimension, about, at->sizes[i]);
  if (!p.claimed) return;
  const assay_item *item = mean_item(data, p.n);
  figure_data_same("the claim's dimension", i, dimension, item->budget[0].bound / p.predicted);
  figure_data_same("the claim's sampling", i, sampling, item->budget[1].bound / p.predicted);
  test_check(item->budget[2].bound < 1e-9 * p.predicted, "rounding %a", item->budget[2].bound);
}

static void check_runs(const figure_data *data, const budget_case *at) {
  const assay_series *points = data->plot.series[3];
  test_check(points->count == SIZES, "%zu", points->count);
  for (size_t k = 0; k < SIZES; k++) {
    size_t i = at->runs[k];
    budget_point p = point_of(at, i);
    double total = data->plot.series[0]->y[i] + data->plot.series[1]->y[i];
    test_check(points->x[k] == at->sizes[i] && points->y[k] > 0 && points->y[k] <= total, "%s: off by %a at %g", at->id,
               points->y[k], points->x[k]);
    if (p.claimed)
      figure_data_same("off by", k, points->y[k], fabs(mean_item(data, p.n)->measured - p.predicted) / p.predicted);
  }
}

/* What the captions say. */
static void check_caption(const figure_data *data, const budget_case *at) {
  const double *dimension = data->plot.series[0]->y, *sampling = data->plot.series[1]->y;
  const double *discretisation = data->plot.series[2]->y;
  if (!at->steps) /* steps count below about 15 */
    test_check(discretisation[1] > dimension[1] + sampling[1] && discretisation[2] < dimension[2], "%s", at->id);
  if (at->N == 0) /* the training set is the larger part from N of about 20 on */
    test_check(dimension[3] < sampling[3] && dimension[4] > sampling[4], "%s", at->id);
}

static void budget(void **state) {
  (void)state;
  static const char *const claims[] = {"flow-dae/generated-mean"};
  static const char *const labels[] = {"dimension", "sampling", "discretisation", "measured: off by"};
  figure_data data;
  figure_data_open(&data, claims, 1);
  for (size_t k = 0; k < sizeof budget_cases / sizeof *budget_cases; k++) {
    figure_data_draw(&data, budget_cases[k].id, "lllp", labels);
    for (size_t i = 0; i < budget_cases[k].count; i++) check_terms(&data, &budget_cases[k], i);
    check_runs(&data, &budget_cases[k]);
    check_caption(&data, &budget_cases[k]);
  }
  figure_data_close(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(resolution),
      cmocka_unit_test(budget),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
