#include "figure_data.h"

#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void figure_data_open(figure_data *data, const char *const *patterns, size_t count) {
  *data = (figure_data){.run = NULL};
  assay_context_init(&data->context);
  assay_run_options options = assay_run_options_default();
  options.patterns = patterns;
  options.pattern_count = count;
  const char *seed = getenv("ASSAY_TEST_SEED");
  if (seed) options.seed = strtoull(seed, NULL, 10);
  test_check(assay_run_init(&data->run, &options, &data->context) == ASSAY_OK, "%s", data->context.message);
  test_check(assay_run_verify(data->run, NULL, NULL, &data->context) == ASSAY_OK, "%s", data->context.message);
}

void figure_data_close(figure_data *data) {
  assay_plot_clear(&data->plot);
  assay_run_clear(data->run);
}

static const assay_figure *find(const char *id) {
  for (const assay_paper *const *paper = assay_papers; *paper; paper++)
    for (const assay_figure *figure = (*paper)->figures; figure->id; figure++)
      if (strcmp(figure->id, id) == 0) return figure;
  test_check(false, "no figure '%s'", id);
  return NULL;
}

void figure_data_draw(figure_data *data, const char *id, const char *lines, const char *const *labels) {
  assay_plot_clear(&data->plot);
  test_check(assay_run_figure(&data->plot, data->run, find(id), &data->context) == ASSAY_OK, "%s",
             data->context.message);
  test_check(data->plot.count == strlen(lines), "%s: %zu series", id, data->plot.count);
  for (size_t i = 0; i < data->plot.count; i++) {
    const assay_series *series = data->plot.series[i];
    test_check(series->line == (lines[i] == 'l'), "%s: series %zu", id, i);
    test_check(strcmp(series->label, labels[i]) == 0, "%s: series %zu is '%s'", id, i, series->label);
  }
}

const assay_item *figure_data_item(const figure_data *data, const char *claim, const char *name) {
  for (size_t i = 0; i < assay_run_count(data->run); i++) {
    const assay_result *result = assay_run_result(data->run, i);
    for (size_t j = 0; strcmp(result->claim->id, claim) == 0 && j < result->count; j++)
      if (strcmp(result->items[j].name, name) == 0) return &result->items[j];
  }
  test_check(false, "%s: no item '%s'", claim, name);
  return NULL;
}

void figure_data_same(const char *what, size_t index, double value, double expected) {
  test_check(fabs(value - expected) <= 1e-9 * fabs(expected), "%s[%zu] = %a, expected %a", what, index, value,
             expected);
}

static double product(double A, double B, const double u[2], const double v[2]) {
  return A * u[0] * v[0] + B * u[1] * v[1];
}

plain_summary plain_summary_at(double n, double sigma, double lambda, size_t steps, size_t j) {
  double A = lambda + n - 1, B = lambda * (1 + sigma * sigma) + (n - 1) * sigma * sigma, k = n / (lambda + n);
  double cosines = 1, time = steps ? (double)j / (double)steps : 1;
  for (size_t i = 0; i < j && steps; i++) {
    double t = (double)i / (double)steps, next = (double)(i + 1) / (double)steps;
    const double u[2] = {1 - t, t}, v[2] = {1 - next, next};
    cosines *= product(A, B, u, v) / sqrt(product(A, B, u, u) * product(A, B, v, v));
  }
  const double end[2] = {1 - time, time};
  plain_summary s = {.perp = cosines * sqrt(product(A, B, end, end) / A)};
  s.mu = k * time, s.eta = sigma * s.mu, s.xi = k * (1 - time - s.perp);
  double across = (s.eta * s.eta + s.xi * s.xi) / n;
  s.mse = (1 - s.mu) * (1 - s.mu) + across;
  s.cosine = s.mu / sqrt(s.mu * s.mu + across);
  return s;
}

double plain_fresh_noise(double n, double sigma, double lambda, size_t steps) {
  double A = lambda + n - 1, B = lambda * (1 + sigma * sigma) + (n - 1) * sigma * sigma, dt = 1 / (double)steps;
  double variance = 0;
  for (size_t j = 0; j < steps; j++) {
    double t = (double)j * dt, alpha = 1 - t, D = alpha * alpha * A + t * t * B, c = t * B / D;
    double growth = 1 + dt * (c * (1 + t / alpha) - 1 / alpha), push = dt / alpha * n * alpha * c / (lambda + n);
    variance = growth * growth * variance + push * push;
  }
  return variance;
}
