/* Velocities by the reference to 256 bits: components of different variances. */
#include "bench/driver.h"
#include "bench/problem.h"
#include "bench/sizes.h"

#include <assay/reference.h>

#include <stdlib.h>

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, NULL);
  assay_context context = bench_context();
  bench_problem problem = arguments.tiny ? bench_problem_of(ASSAY_COVARIANCE_ISOTROPIC, 3, 5, 2)
                                         : bench_problem_of(ASSAY_COVARIANCE_ISOTROPIC, REFERENCE_COUNT,
                                                            REFERENCE_DIMENSION, REFERENCE_POINTS);
  size_t numbers = problem.points * problem.mixture.dimension;
  mpfi_ptr out = NULL;
  bench_require(assay_enclosures_init(&out, numbers, &context), &context);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    bench_require(assay_reference_field(out, ASSAY_VELOCITY, &problem.mixture, &problem.at, problem.x, problem.points,
                                        REFERENCE_BITS, &context),
                  &context);
  double *low = bench_doubles(numbers), *high = bench_doubles(numbers), *width = bench_doubles(numbers);
  mpfr_t diameter;
  mpfr_init2(diameter, 64);
  for (size_t i = 0; i < numbers; i++) {
    low[i] = mpfr_get_d(&out[i].left, MPFR_RNDD);
    high[i] = mpfr_get_d(&out[i].right, MPFR_RNDU);
    mpfi_diam_abs(diameter, &out[i]);
    width[i] = mpfr_get_d(diameter, MPFR_RNDU);
  }
  bench_problem_show(&problem, &arguments);
  bench_show(&arguments, "low", low, numbers);
  bench_show(&arguments, "high", high, numbers);
  bench_show(&arguments, "width", width, numbers);
  assay_enclosures_clear(out, numbers);
  mpfr_clear(diameter);
  free(low);
  free(high);
  free(width);
  bench_problem_clear(&problem);
  return 0;
}
