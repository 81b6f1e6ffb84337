/* `check-samples`: all its tests on N exact draws from a mixture of isotropic components in d dimensions, on the path
 * at t = 1/2. */
#include "bench/problem.h"
#include "bench/sizes.h"

#include <assay/fast.h>
#include <assay/samples.h>

#include <math.h>
#include <stdlib.h>

static const bench_setting own[] = {{"threads", 1, 1}, {0}};

/* Component k of weight k + 1 by u in [-1, 1). */
static size_t component_of(double u, size_t count) {
  double left = (u + 1) / 2 * (double)(count * (count + 1)) / 2;
  size_t k = 0;
  while (k + 1 < count && left >= (double)(k + 1)) left -= (double)++k;
  return k;
}

/* x_t = beta m_k + sqrt(alpha^2 + beta^2 S_k) z, alpha = beta = 1/2, in the place of the problem's points. */
static void draw(bench_problem *problem, assay_context *context) {
  size_t d = problem->mixture.dimension, count = problem->points;
  assay_normals normals = {.seed = 3, .stream = 0};
  assay_stream stream = assay_fast_normals(&normals, count, d);
  double *choice = bench_doubles(count, 1);
  bench_fill(choice, count, 5);
  bench_require(stream.read(&stream, 0, count, 0, d, problem->x, d, context), context);
  for (size_t i = 0; i < count; i++) {
    const assay_component *from = &problem->mixture.components[component_of(choice[i], problem->mixture.count)];
    double scale = sqrt(0.25 + 0.25 * from->covariance.variance.nearest), *x = problem->x + i * d;
    for (size_t j = 0; j < d; j++) x[j] = 0.5 * from->mean[j] + scale * x[j];
  }
  free(choice);
}

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, SAMPLES_SIZES, own);
  assay_context context = bench_context(&arguments);
  bench_problem problem = bench_problem_of(ASSAY_COVARIANCE_ISOTROPIC, &arguments);
  draw(&problem, &context);
  assay_stream stream = assay_stream_of(problem.x, problem.points, problem.mixture.dimension);
  assay_samples_options options = assay_samples_options_default();
  assay_samples_report report = {0};
  for (size_t pass = 0; pass < arguments.passes; pass++) {
    assay_samples_report_clear(&report);
    bench_require(assay_check_samples(&report, &stream, &problem.mixture, &problem.at, &options, &context), &context);
  }
  double numbers[] = {(double)report.samples, (double)report.comparisons, (double)report.failed};
  bench_problem_show(&problem, &arguments);
  bench_show(&arguments, "report", numbers, 3);
  for (size_t i = 0; i < report.comparisons; i++)
    if (report.tests[i].kind == ASSAY_SAMPLES_RADII) bench_show(&arguments, "radii", &report.tests[i].statistic, 1);
  assay_samples_report_clear(&report);
  bench_problem_clear(&problem);
  return 0;
}
