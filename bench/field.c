/* Velocities and their bounds by the fast path, at t = 1/2 on the linear schedule.
 */
#include "bench/driver.h"
#include "bench/problem.h"
#include "bench/sizes.h"

#include <assay/fast.h>

#include <stdlib.h>

static const assay_covariance_kind kinds[] = {ASSAY_COVARIANCE_ISOTROPIC, ASSAY_COVARIANCE_DIAGONAL,
                                              ASSAY_COVARIANCE_FULL, ASSAY_COVARIANCE_ISOTROPIC};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, FIELD_VARIANTS);
  const field_size *size = &FIELD_SIZES[arguments.variant];
  assay_context context = bench_context();
  bench_problem problem = arguments.tiny
                              ? bench_problem_of(kinds[arguments.variant], 3, 5, 4)
                              : bench_problem_of(kinds[arguments.variant], size->count, size->dimension, size->points);
  size_t numbers = problem.points * problem.mixture.dimension;
  double *out = bench_doubles(numbers), *bound = bench_doubles(problem.points);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    bench_require(assay_fast_field(out, bound, ASSAY_VELOCITY, &problem.mixture, &problem.at, problem.x, problem.points,
                                   &context),
                  &context);
  bench_problem_show(&problem, &arguments);
  bench_show(&arguments, "velocity", out, numbers);
  bench_show(&arguments, "bound", bound, problem.points);
  free(out);
  free(bound);
  bench_problem_clear(&problem);
  return 0;
}
