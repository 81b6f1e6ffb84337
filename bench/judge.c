/* `check`: every rounding of the velocities of field.c found, and the errors of those in double. */
#include "bench/driver.h"
#include "bench/problem.h"
#include "bench/sizes.h"

#include <assay/check.h>
#include <assay/fast.h>

#include <stdlib.h>

/* Entries, those not finite, and the largest and the median error in ULPs. */
static void show_report(const bench_arguments *arguments, const assay_check_report *report) {
  double numbers[] = {(double)report->entries, (double)report->nonfinite, report->ulp.maximum, report->ulp.p50};
  bench_show(arguments, "report", numbers, sizeof numbers / sizeof *numbers);
}

static const bench_setting own[] = {{"threads", 1, 1}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, JUDGE_SIZES, own);
  assay_context context = bench_context(&arguments);
  bench_problem problem = bench_problem_of(ASSAY_COVARIANCE_ISOTROPIC, &arguments);
  size_t d = problem.mixture.dimension, numbers = problem.points * d;
  double *values = bench_doubles(problem.points, d);
  bench_require(assay_fast_field(values, NULL, ASSAY_VELOCITY, &problem.mixture, &problem.at, problem.x, problem.points,
                                 &context),
                &context);
  assay_stream points = assay_stream_of(problem.x, problem.points, d),
               judged = assay_stream_of(values, problem.points, d);
  assay_check_options options = assay_check_options_default();
  assay_check_report report = {0};
  for (size_t pass = 0; pass < arguments.passes; pass++) {
    assay_check_report_clear(&report);
    bench_require(assay_reference_check(&report, ASSAY_VELOCITY, &problem.mixture, &problem.at, NULL, &points, &judged,
                                        ASSAY_BINARY64, &options, &context),
                  &context);
  }
  bench_problem_show(&problem, &arguments);
  bench_show(&arguments, "velocity", values, numbers);
  show_report(&arguments, &report);
  assay_check_report_clear(&report);
  free(values);
  bench_problem_clear(&problem);
  return 0;
}
