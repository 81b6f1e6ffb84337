#include "bench/problem.h"

#include <stdlib.h>

/* u: d numbers in [-1, 1). */
static void fill_covariance(assay_covariance *out, assay_covariance_kind kind, size_t d, const double *u) {
  out->kind = kind;
  if (kind == ASSAY_COVARIANCE_ISOTROPIC) {
    out->variance = assay_real_of(1.0 + u[0] / 2);
    return;
  }
  bool full = kind == ASSAY_COVARIANCE_FULL;
  out->entries = bench_doubles(full ? d : 1, d);
  for (size_t i = 0; i < d && !full; i++) out->entries[i] = 1.0 + u[i] / 2;
  for (size_t i = 0; i < d && full; i++)
    for (size_t j = 0; j < d; j++) out->entries[i * d + j] = (i == j) + u[i] * u[j] / (double)d;
}

bench_problem bench_problem_of(assay_covariance_kind kind, const bench_arguments *arguments) {
  size_t count = bench_value(arguments, "k"), dimension = bench_value(arguments, "d");
  size_t points = bench_value(arguments, "N");
  bench_problem out = {.at = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5)),
                       .x = bench_doubles(points, dimension),
                       .points = points};
  assay_context context = bench_context(arguments);
  bench_require(assay_mixture_init(&out.mixture, dimension, count, &context), &context);
  double *u = bench_doubles(dimension, 1);
  for (size_t k = 0; k < count; k++) {
    assay_component *component = &out.mixture.components[k];
    component->weight = assay_real_of((double)(k + 1));
    bench_fill(component->mean, dimension, 2 * k + 1);
    bench_fill(u, dimension, 2 * k + 2);
    fill_covariance(&component->covariance, kind, dimension, u);
  }
  free(u);
  bench_fill(out.x, points * dimension, 0);
  for (size_t i = 0; i < points * dimension; i++) out.x[i] *= 2;
  return out;
}

void bench_problem_clear(bench_problem *problem) {
  assay_mixture_clear(&problem->mixture);
  free(problem->x);
}

static double entry_of(const assay_covariance *covariance, size_t d, size_t i, size_t j) {
  if (covariance->kind == ASSAY_COVARIANCE_FULL) return covariance->entries[i * d + j];
  if (i != j) return 0.0;
  return covariance->kind == ASSAY_COVARIANCE_DIAGONAL ? covariance->entries[i] : covariance->variance.nearest;
}

void bench_problem_show(const bench_problem *problem, const bench_arguments *arguments) {
  if (!arguments->tiny) return;
  size_t d = problem->mixture.dimension, count = problem->mixture.count;
  double *covariance = bench_doubles(d, d), dimension = (double)d;
  bench_show(arguments, "dimension", &dimension, 1);
  for (size_t k = 0; k < count; k++) {
    const assay_component *component = &problem->mixture.components[k];
    for (size_t i = 0; i < d * d; i++) covariance[i] = entry_of(&component->covariance, d, i / d, i % d);
    bench_show(arguments, "weight", &component->weight.nearest, 1);
    bench_show(arguments, "mean", component->mean, d);
    bench_show(arguments, "covariance", covariance, d * d);
  }
  bench_show(arguments, "points", problem->x, problem->points * d);
  free(covariance);
}
