/* bench/problem.h: a mixture and points for drivers of fields. */
#ifndef ASSAY_BENCH_PROBLEM_H
#define ASSAY_BENCH_PROBLEM_H

#include "bench/driver.h"

typedef struct {
  assay_mixture mixture;
  assay_path_point at; /* t = 1/2, linear */
  double *x;           /* points x dimension */
  size_t points;
} bench_problem;

/* k components, d dimensions, N points as the arguments say. Weights 1, 2, ..., k; means in the cube [-1, 1); points in
 * [-2, 2); variances in [1/2, 3/2), full covariances I + u u'/d with u in [-1, 1). Component k of any kind differs from
 * the others. */
bench_problem bench_problem_of(assay_covariance_kind kind, const bench_arguments *arguments);
void bench_problem_clear(bench_problem *problem);

/* The inputs: dimension, then weights, means, covariances (d x d each, whatever the kind) and points. */
void bench_problem_show(const bench_problem *problem, const bench_arguments *arguments);

#endif
