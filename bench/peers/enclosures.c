/* The enclosures of bench/reference.c with all of their digits, for the check of libraries beside it. */
#include "bench/problem.h"
#include "bench/sizes.h"

#include <assay/reference.h>

#include <stdio.h>

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, REFERENCE_SIZES, NULL);
  assay_context context = bench_context(&arguments);
  bench_problem problem = bench_problem_of(ASSAY_COVARIANCE_ISOTROPIC, &arguments);
  size_t numbers = problem.points * problem.mixture.dimension;
  mpfi_ptr out = NULL;
  bench_require(assay_enclosures_init(&out, numbers, &context), &context);
  bench_require(assay_reference_field(out, ASSAY_VELOCITY, &problem.mixture, &problem.at, problem.x, problem.points,
                                      (long)bench_value(&arguments, "bits"), &context),
                &context);
  bench_problem_show(&problem, &arguments);
  for (size_t i = 0; i < numbers; i++) mpfr_printf("enclosure %Ra %Ra\n", &out[i].left, &out[i].right);
  assay_enclosures_clear(out, numbers);
  bench_problem_clear(&problem);
  mpfr_free_cache();
  return 0;
}
