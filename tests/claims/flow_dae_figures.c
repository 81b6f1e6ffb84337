/* The figures that show the paper's own: overlaps, mse and cosine, line by line and point by point. */
#include "figure_data.h"
#include "testing.h"

#include <math.h>
#include <stdio.h>

static const double sigma = 0.5, lambda = 0.1;
enum { STEPS = 100, SAMPLES = 400, SIZES = 3, LINE = 19 };
static const double measured_at[SIZES] = {4, 16, 64};
static const double line_at[LINE] = {2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024};

/* ---- overlaps ---- */

static double overlap(const plain_summary *s, size_t which) {
  const double all[] = {s->mu, s->xi, s->eta, s->perp};
  return all[which];
}

/* At t = 1/4, ..., 1 the claim has the same numbers; its first budget term is the bar. */
static void overlap_points(const figure_data *data, size_t which) {
  enum { POINTS = 20, PER_QUARTER = 5 };
  const assay_series *points = data->plot.series[2 * which + 1];
  test_check(points->count == POINTS + 1 && points->error && !points->above, "points of overlap %zu", which);
  for (size_t i = 0; i <= POINTS; i++) {
    plain_summary s = plain_summary_at(4, sigma, lambda, STEPS, i * STEPS / POINTS);
    test_check(points->x[i] == (double)i / POINTS, "x = %g", points->x[i]);
    test_check(fabs(points->y[i] - overlap(&s, which)) <= points->error[i] && points->error[i] < 0.02,
               "overlap %zu at t = %g: %a +- %a, limit %a", which, points->x[i], points->y[i], points->error[i],
               overlap(&s, which));
    if (i == 0 || i % PER_QUARTER) continue;
    char name[32];
    (void)snprintf(name, sizeof name, "%c n=4 t=%zu/100", "MQEP"[which], i * STEPS / POINTS);
    const assay_item *item = figure_data_item(data, "flow-dae/summary-flow", name);
    test_check(points->y[i] == item->measured && points->error[i] == item->budget[0].bound, "%s", name);
  }
}

static void overlaps(void **state) {
  (void)state;
  static const char *const claims[] = {"flow-dae/summary-flow"};
  static const char *const labels[] = {"M along mu", "", "Q along xi", "", "E along eta", "", "P of the rest", ""};
  enum { OVERLAPS = 4, LAST = 50 };
  figure_data data;
  figure_data_open(&data, claims, 1);
  figure_data_draw(&data, "overlaps", "lplplplp", labels);
  for (size_t which = 0; which < OVERLAPS; which++) {
    const assay_series *line = data.plot.series[2 * which];
    test_check(line->count == LAST + 1, "%zu", line->count);
    for (size_t i = 0; i <= LAST; i++) {
      plain_summary s = plain_summary_at(4, sigma, lambda, STEPS, i * STEPS / LAST);
      test_check(line->x[i] == (double)i / LAST, "x = %g", line->x[i]);
      test_check(fabs(line->y[i] - overlap(&s, which)) <= 1e-12, "overlap %zu at t = %g: %a, expected %a", which,
                 line->x[i], line->y[i], overlap(&s, which));
    }
    overlap_points(&data, which);
  }
  figure_data_close(&data);
}

/* ---- against n ---- */

/* With fresh noise only n V_K is left of xi; nothing in continuous time. */
static plain_summary fresh_summary(double n, double penalty, size_t steps) {
  plain_summary s = plain_summary_at(n, sigma, penalty, steps, steps);
  double across = (s.eta * s.eta + (steps ? plain_fresh_noise(n, sigma, penalty, steps) : 0)) / n;
  s.mse = (1 - s.mu) * (1 - s.mu) + across;
  s.cosine = s.mu / sqrt(s.mu * s.mu + across);
  return s;
}

static void check_line(const assay_series *line, double (*expected)(double n)) {
  test_check(line->count == LINE, "%s: %zu", line->label, line->count);
  for (size_t i = 0; i < LINE; i++) {
    test_check(line->x[i] == line_at[i], "%s: x[%zu] = %g", line->label, i, line->x[i]);
    figure_data_same(line->label, i, line->y[i], expected(line_at[i]));
  }
}

static double flow_mse(double n) { return n * plain_summary_at(n, sigma, lambda, 0, 0).mse; }
static double flow_cosine(double n) { return plain_summary_at(n, sigma, lambda, 0, 0).cosine; }
static double fresh_mse(double n) { return n * fresh_summary(n, lambda, 0).mse; }
static double bayes_mse(double n) { return n * sigma * sigma / (n + sigma * sigma); }
static double bayes_cosine(double n) { return 1 / sqrt(1 + sigma * sigma / n); }

static void check_mse_points(const figure_data *data, const assay_series *points) {
  for (size_t i = 0; i < SIZES; i++) {
    double n = measured_at[i];
    plain_summary s = plain_summary_at(n, sigma, lambda, STEPS, STEPS);
    char name[64];
    (void)snprintf(name, sizeof name, "error of the mean n=%g N=%d", n, SAMPLES);
    const assay_item *item = figure_data_item(data, "flow-dae/generated-mean", name);
    double added = n * s.mse - flow_mse(n) + n * s.perp * s.perp / SAMPLES;
    figure_data_same("x", i, points->x[i], n);
    figure_data_same("measured", i, points->y[i], n * item->measured - added);
    figure_data_same("bar", i, points->error[i], n * item->allowance);
  }
}

/* The sizes of the claim fresh-noise. */
enum { FRESH = 4 };
static const struct {
  double n, d, penalty, N;
  size_t steps;
  const char *item;
} fresh_runs[FRESH] = {{4, 1000000, 0.1, 20, 5, "error of the mean n=4 K=5"},
                       {16, 50000, 0.25, 200, 10, "error of the mean, Bayes + V, n=16 K=10"},
                       {4, 50000, 0.1, 40, 100, "error of the mean n=4 K=100"},
                       {64, 20000, 0.1, 400, 10, "error of the mean n=64 K=10"}};

static void check_fresh_mse(const figure_data *data, const assay_series *points, double penalty) {
  size_t count = 0;
  for (size_t i = 0; i < FRESH; i++) {
    if (fresh_runs[i].penalty != penalty) continue;
    double n = fresh_runs[i].n, N = fresh_runs[i].N;
    plain_summary s = fresh_summary(n, penalty, fresh_runs[i].steps);
    const assay_item *item = figure_data_item(data, "flow-dae/fresh-noise", fresh_runs[i].item);
    double added = s.mse - fresh_summary(n, penalty, 0).mse + s.perp * s.perp / N;
    test_check(count < points->count && points->x[count] == n, "point %zu", count);
    figure_data_same("fresh, measured", i, points->y[count], n * (item->measured - added));
    figure_data_same("fresh, bar", i, points->error[count], n * item->allowance);
    count++;
  }
  test_check(points->count == count, "%zu points", points->count);
}

/* To first order in 1/sqrt(d), 1/cosine^2 - 1 = |sigma eta - q xi|^2/(1 + sigma <eta, mu> - q <xi, mu>)^2 per
 * dimension, q^2/n the noise's part in it, moves by the sum of what normal numbers move it by; each stays within 7
 * standard deviations at the claims' delta (6.9 to 7.1 for 1e-6 over some hundred comparisons and 8 to 12 events).
 * Second orders, what moves q, and the mean of the starts add less than half at these n, d and N. */
static double bar_of_cosine(double n, double d, double q, double cosine) {
  const double reach = 7;
  double squares = sqrt(2) * (sigma * sigma + q * q) / (n * sqrt(d)), mixed = 2 * sigma * q / (n * sqrt(d));
  double along = 2 * (sigma * sigma + q * q) / n * (sigma + q) / sqrt(n * d);
  return reach * (squares + mixed + along) * cosine * cosine * cosine / 2;
}

static void check_cosine_points(const assay_series *points) {
  for (size_t i = 0; i < SIZES; i++) {
    double n = measured_at[i];
    plain_summary s = plain_summary_at(n, sigma, lambda, STEPS, STEPS);
    double bar = bar_of_cosine(n, 50000, s.perp, s.cosine), limit = flow_cosine(n);
    figure_data_same("x", i, points->x[i], n);
    test_check(fabs(points->y[i] - limit) <= points->error[i] && points->y[i] != limit, "cosine %a, limit %a",
               points->y[i], limit);
    test_check(points->error[i] > 0.9 * bar && points->error[i] < 1.5 * bar, "n = %g: bar %a, about %a", n,
               points->error[i], bar);
  }
}

static void check_fresh_cosine(const assay_series *points) {
  test_check(points->count == FRESH && !points->error, "%zu points", points->count);
  for (size_t i = 0; i < FRESH; i++) {
    double n = fresh_runs[i].n, penalty = fresh_runs[i].penalty, limit = fresh_summary(n, penalty, 0).cosine;
    double q = sqrt(plain_fresh_noise(n, sigma, penalty, fresh_runs[i].steps));
    test_check(points->x[i] == n && points->y[i] != limit, "cosine %a at %g", points->y[i], points->x[i]);
    test_check(fabs(points->y[i] - limit) < 1.5 * bar_of_cosine(n, fresh_runs[i].d, q, limit),
               "cosine %a at %g, limit %a", points->y[i], n, limit);
  }
}

static void mean(void **state) {
  (void)state;
  static const char *const claims[] = {"flow-dae/generated-mean", "flow-dae/fresh-noise"};
  static const char *const mse_labels[] = {"flow",           "fresh noise",           "Bayes",
                                           "flow, measured", "fresh noise, measured", "the same, lambda = 0.25"};
  static const char *const cosine_labels[] = {"flow", "Bayes and fresh noise", "flow, measured",
                                              "fresh noise, measured"};
  figure_data data;
  figure_data_open(&data, claims, 2);
  figure_data_draw(&data, "mse", "lllppp", mse_labels);
  assay_series *const *series = data.plot.series;
  check_line(series[0], flow_mse), check_line(series[1], fresh_mse), check_line(series[2], bayes_mse);
  test_check(series[3]->count == SIZES, "%zu points", series[3]->count);
  check_mse_points(&data, series[3]);
  check_fresh_mse(&data, series[4], lambda), check_fresh_mse(&data, series[5], 0.25);
  figure_data_draw(&data, "cosine", "llpp", cosine_labels);
  series = data.plot.series;
  check_line(series[0], flow_cosine), check_line(series[1], bayes_cosine);
  test_check(series[2]->count == SIZES, "%zu points", series[2]->count);
  check_cosine_points(series[2]);
  check_fresh_cosine(series[3]);
  figure_data_close(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(overlaps),
      cmocka_unit_test(mean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
