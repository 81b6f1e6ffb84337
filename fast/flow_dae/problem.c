/* The fit at one time in coordinates: loss, gradient, and the fit for a pattern. */
#include "fast/flow_dae/problem.h"

#include "fast/core/schedule.h"

#include <math.h>
#include <string.h>

double dae_inner(const double *a, const double *b, size_t length) {
  double sum = 0;
  for (size_t k = 0; k < length; k++) sum += a[k] * b[k];
  return sum;
}

void dae_add(double *y, double factor, const double *x, size_t length) {
  for (size_t k = 0; k < length; k++) y[k] += factor * x[k];
}

void dae_problem_at(dae_problem *problem, assay_schedule schedule, double time) {
  size_t length = problem->samples * problem->rank;
  schedule_coefficients path = schedule_coefficients_at_ratio(schedule, time, 1);
  problem->alpha = path.alpha.value;
  problem->beta = path.beta.value;
  for (size_t k = 0; k < length; k++) problem->xt[k] = problem->alpha * problem->x0[k] + problem->beta * problem->x1[k];
  problem->tt = dae_inner(problem->xt, problem->xt, length);
  problem->t1 = dae_inner(problem->xt, problem->x1, length);
}

double dae_activation(assay_activation activation, double x, double *first, double *second) {
  static const double TWO_OVER_ROOT_PI = 0x1.20dd750429b6dp+0;
  double value = (x > 0) - (x < 0), slope = 0, bend = 0;
  if (activation == ASSAY_TANH) {
    value = tanh(x);
    slope = 1 / (cosh(x) * cosh(x)); /* 0 where cosh overflows */
    bend = -2 * value * slope;
  } else if (activation == ASSAY_ERF) {
    value = erf(x);
    slope = TWO_OVER_ROOT_PI * exp(-x * x);
    bend = -2 * x * slope;
  }
  if (first) *first = slope;
  if (second) *second = bend;
  return value;
}

bool dae_pattern_of(signed char *pattern, const dae_problem *problem, const double *w) {
  bool changed = false;
  for (size_t i = 0; i < problem->samples; i++) {
    double overlap = dae_inner(w, problem->xt + i * problem->rank, problem->rank);
    signed char sign = overlap > 0 ? 1 : overlap < 0 ? -1 : pattern[i];
    changed = changed || sign != pattern[i];
    pattern[i] = sign;
  }
  return changed;
}

void dae_pattern_fit(double *c, double *w, const dae_problem *problem, const signed char *pattern, double *work) {
  size_t n = problem->samples, m = problem->rank;
  double *s0 = work, *s1 = work + m, weight = problem->lambda + (double)n, q00 = 0, q01 = 0, q11 = 0;
  memset(work, 0, 2 * m * sizeof *work);
  for (size_t i = 0; i < n; i++) {
    const double *x0 = problem->x0 + i * m, *x1 = problem->x1 + i * m;
    dae_add(s0, pattern[i], x0, m);
    dae_add(s1, pattern[i], x1, m);
    q00 += dae_inner(x0, x0, m);
    q01 += dae_inner(x0, x1, m);
    q11 += dae_inner(x1, x1, m);
  }
  double data = 1, noise = 0;
  *c = 0;
  if (problem->skip) {
    double a00 = q00 - dae_inner(s0, s0, m) / weight, a01 = q01 - dae_inner(s0, s1, m) / weight;
    double a11 = q11 - dae_inner(s1, s1, m) / weight;
    double at0 = problem->alpha * a00 + problem->beta * a01, at1 = problem->alpha * a01 + problem->beta * a11;
    double att = problem->alpha * at0 + problem->beta * at1;
    *c = at1 / att;
    data = problem->alpha * at0 / att;
    noise = problem->alpha * at1 / att;
  }
  for (size_t k = 0; k < m; k++) w[k] = (data * s1[k] - noise * s0[k]) / weight;
}

double dae_best_skip(const dae_problem *problem, const double *w) {
  if (!problem->skip) return 0;
  double sum = problem->t1;
  for (size_t i = 0; i < problem->samples; i++) {
    double overlap = dae_inner(w, problem->xt + i * problem->rank, problem->rank);
    sum -= overlap * dae_activation(problem->activation, problem->scale * overlap, NULL, NULL);
  }
  return sum / problem->tt;
}

double dae_loss(double *slope_c, double *slope_w, const dae_problem *problem, double c, const double *w, double *work) {
  size_t m = problem->rank;
  double loss = problem->lambda * dae_inner(w, w, m), along = 0;
  for (size_t k = 0; k < m; k++) slope_w[k] = 2 * problem->lambda * w[k];
  for (size_t i = 0; i < problem->samples; i++) {
    const double *xt = problem->xt + i * m, *x1 = problem->x1 + i * m;
    double slope, p = dae_activation(problem->activation, problem->scale * dae_inner(w, xt, m), &slope, NULL);
    for (size_t k = 0; k < m; k++) work[k] = x1[k] - c * xt[k] - w[k] * p;
    loss += dae_inner(work, work, m);
    along += dae_inner(xt, work, m);
    dae_add(slope_w, -2 * p, work, m);
    dae_add(slope_w, -2 * problem->scale * slope * dae_inner(w, work, m), xt, m);
  }
  *slope_c = problem->skip ? -2 * along : 0;
  return loss;
}

double dae_gradient_norm(const dae_problem *problem, double slope_c, const double *slope_w) {
  return hypot(slope_c, sqrt(dae_inner(slope_w, slope_w, problem->rank)) / problem->scale);
}
