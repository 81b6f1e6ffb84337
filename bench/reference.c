/* Velocities by the reference to `bits` bits: components of different variances. */
#include "bench/driver.h"
#include "bench/problem.h"
#include "bench/sizes.h"

#include <assay/reference.h>

#include <stdlib.h>

static const bench_setting own[] = {{"threads", 1, 1}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, REFERENCE_SIZES, own);
  assay_context context = bench_context(&arguments);
  bench_problem problem = bench_problem_of(ASSAY_COVARIANCE_ISOTROPIC, &arguments);
  long bits = (long)bench_value(&arguments, "bits");
  size_t numbers = problem.points * problem.mixture.dimension;
  mpfi_ptr out = NULL;
  bench_require(assay_enclosures_init(&out, numbers, &context), &context);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    bench_require(assay_reference_field(out, ASSAY_VELOCITY, &problem.mixture, &problem.at, problem.x, problem.points,
                                        bits, &context),
                  &context);
  double *low = bench_doubles(numbers, 1), *high = bench_doubles(numbers, 1), *width = bench_doubles(numbers, 1);
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
