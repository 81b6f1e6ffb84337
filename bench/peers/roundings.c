/* What `check` does with velocities in double, N points, k = 8 components, d = 64: every exact velocity rounded
 * correctly and the errors found; as it is, or with every value from intervals (MPFI) alone. The report is the same. */
#include "bench/problem.h"

#include <assay/check.h>
#include <assay/fast.h>

#include <stdlib.h>

#define SIZES                                                                                                          \
  {                                                                                                                    \
    {"k", 8, 3}, {"d", 64, 5}, { "N", 1000, 20 }                                                                       \
  }
static const bench_table sizes[] = {{"isotropic", SIZES},
                                    {"diagonal", SIZES},
                                    {"isotropic-intervals", SIZES},
                                    {"diagonal-intervals", SIZES},
                                    {NULL, {{0}}}};

static void show_report(const bench_arguments *arguments, const assay_check_report *report) {
  double numbers[] = {(double)report->entries, (double)report->nonfinite, report->ulp.maximum,     report->ulp.p50,
                      report->ulp.p99,         report->ulp.p999,          report->relative.maximum};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) bench_show(arguments, "report", numbers + i, 1);
  for (size_t bin = 0; bin < ASSAY_CHECK_BINS; bin++) {
    double count = (double)report->histogram[bin];
    if (count > 0) bench_show(arguments, "bin", &count, 1);
  }
}

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, sizes, NULL);
  assay_context context = bench_context(&arguments);
  bench_problem problem =
      bench_problem_of(arguments.variant % 2 ? ASSAY_COVARIANCE_DIAGONAL : ASSAY_COVARIANCE_ISOTROPIC, &arguments);
  size_t d = problem.mixture.dimension;
  double *values = bench_doubles(problem.points, d);
  bench_require(assay_fast_field(values, NULL, ASSAY_VELOCITY, &problem.mixture, &problem.at, problem.x, problem.points,
                                 &context),
                &context);
  assay_stream points = assay_stream_of(problem.x, problem.points, d),
               judged = assay_stream_of(values, problem.points, d);
  assay_check_options options = assay_check_options_default();
  options.worst = 0; /* the same on both sides */
  options.certify = arguments.variant > 1;
  assay_check_report report = {0};
  for (size_t pass = 0; pass < arguments.passes; pass++) {
    assay_check_report_clear(&report);
    bench_require(assay_reference_check(&report, ASSAY_VELOCITY, &problem.mixture, &problem.at, NULL, &points, &judged,
                                        ASSAY_BINARY64, &options, &context),
                  &context);
  }
  show_report(&arguments, &report);
  assay_check_report_clear(&report);
  free(values);
  bench_problem_clear(&problem);
  return 0;
}
