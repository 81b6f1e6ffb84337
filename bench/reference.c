/* Velocities by the reference to `bits` bits: components of different variances. */
#include "bench/enclosure.h"
#include "bench/problem.h"
#include "bench/sizes.h"

#include <assay/reference.h>

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
  bench_problem_show(&problem, &arguments);
  bench_show_enclosures(&arguments, out, numbers);
  assay_enclosures_clear(out, numbers);
  bench_problem_clear(&problem);
  return 0;
}
