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

/* With fresh noise only n V_K is left of xi. */
static plain_summary fresh_summary(double n) {
  plain_summary s = plain_summary_at(n, sigma, lambda, STEPS, STEPS);
  double across = (s.eta * s.eta + plain_fresh_noise(n, sigma, lambda, STEPS)) / n;
  s.mse = (1 - s.mu) * (1 - s.mu) + across;
  s.cosine = s.mu / sqrt(s.mu * s.mu + across);
  return s;
}

static void check_lines(const figure_data *data, bool mse) {
  for (size_t i = 0; i < LINE; i++) {
    double n = line_at[i];
    plain_summary flow = plain_summary_at(n, sigma, lambda, STEPS, STEPS), fresh = fresh_summary(n);
    double bayes = sigma * sigma / (n + sigma * sigma);
    const double expected[] = {mse ? n * flow.mse : flow.cosine, mse ? n * fresh.mse : fresh.cosine,
                               mse ? n * bayes : 1 / sqrt(1 + sigma * sigma / n)};
    for (size_t k = 0; k < 3; k++) {
      const assay_series *line = data->plot.series[k];
      test_check(line->count == LINE && line->x[i] == n, "%s: x[%zu] = %g", line->label, i, line->x[i]);
      figure_data_same(line->label, i, line->y[i], expected[k]);
    }
  }
}

static void check_mse_points(const figure_data *data, const assay_series *points) {
  for (size_t i = 0; i < SIZES; i++) {
    double n = measured_at[i], P = plain_summary_at(n, sigma, lambda, STEPS, STEPS).perp;
    char name[64];
    (void)snprintf(name, sizeof name, "error of the mean n=%g N=%d", n, SAMPLES);
    const assay_item *item = figure_data_item(data, "flow-dae/generated-mean", name);
    figure_data_same("x", i, points->x[i], n);
    figure_data_same("measured", i, points->y[i], n * (item->measured - P * P / SAMPLES));
    figure_data_same("bar", i, points->error[i], n * item->allowance);
  }
}

/* To first order in 1/sqrt(d), 1/cosine^2 - 1 = |sigma eta - P xi|^2/(1 + sigma <eta, mu> - P <xi, mu>)^2 per
 * dimension moves by the sum of what seven normal numbers move it by (<zeta, u> being the smallest, as is what moves
 * P); each stays within 7 standard deviations at the claims' delta (6.9 to 7.1 for 1e-6 over some hundred comparisons
 * and 8 to 12 events). Second orders and the two small ones add less than half at n >= 4, d = 50 000. */
static double bar_of_cosine(double n, double P, double cosine) {
  const double reach = 7, d = 50000;
  double squares = sqrt(2) * (sigma * sigma + P * P) / (n * sqrt(d)), mixed = 2 * sigma * P / (n * sqrt(d));
  double along = 2 * (sigma * sigma + P * P) / n * (sigma + P) / sqrt(n * d);
  return reach * (squares + mixed + along) * cosine * cosine * cosine / 2;
}

static void check_cosine_points(const assay_series *points) {
  for (size_t i = 0; i < SIZES; i++) {
    double n = measured_at[i];
    plain_summary s = plain_summary_at(n, sigma, lambda, STEPS, STEPS);
    double bar = bar_of_cosine(n, s.perp, s.cosine);
    figure_data_same("x", i, points->x[i], n);
    test_check(fabs(points->y[i] - s.cosine) <= points->error[i] && points->y[i] != s.cosine, "cosine %a, limit %a",
               points->y[i], s.cosine);
    test_check(points->error[i] > 0.9 * bar && points->error[i] < 1.5 * bar, "n = %g: bar %a, about %a", n,
               points->error[i], bar);
  }
}

static void mean(void **state) {
  (void)state;
  static const char *const claims[] = {"flow-dae/generated-mean"};
  static const char *const labels[] = {"flow", "flow, fresh noise", "Bayes", "flow, measured"};
  figure_data data;
  figure_data_open(&data, claims, 1);
  figure_data_draw(&data, "mse", "lllp", labels);
  check_lines(&data, true);
  test_check(data.plot.series[3]->count == SIZES, "%zu points", data.plot.series[3]->count);
  check_mse_points(&data, data.plot.series[3]);
  figure_data_draw(&data, "cosine", "lllp", labels);
  check_lines(&data, false);
  test_check(data.plot.series[3]->count == SIZES, "%zu points", data.plot.series[3]->count);
  check_cosine_points(data.plot.series[3]);
  figure_data_close(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(overlaps),
      cmocka_unit_test(mean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
