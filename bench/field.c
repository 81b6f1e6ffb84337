/* A quantity and its bounds by the fast path, at t = 1/2 on the linear schedule. */
#include "bench/driver.h"
#include "bench/problem.h"
#include "bench/sizes.h"

#include <assay/fast.h>

#include <stdlib.h>

/* The variants are the covariance kinds, in their order. */
static const bench_setting own[] = {{"isa", 0, 0}, {"threads", 1, 1}, {"quantity", 0, 0}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, FIELD_SIZES, own);
  assay_context context = bench_context(&arguments);
  assay_quantity quantity = (assay_quantity)bench_value(&arguments, "quantity");
  bench_problem problem = bench_problem_of((assay_covariance_kind)arguments.variant, &arguments);
  size_t width = assay_quantity_width(quantity, problem.mixture.dimension);
  double *out = bench_doubles(problem.points, width), *bound = bench_doubles(problem.points, 1);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    bench_require(
        assay_fast_field(out, bound, quantity, &problem.mixture, &problem.at, problem.x, problem.points, &context),
        &context);
  bench_problem_show(&problem, &arguments);
  bench_show(&arguments, assay_quantity_name(quantity), out, problem.points * width);
  bench_show(&arguments, "bound", bound, problem.points);
  free(out);
  free(bound);
  bench_problem_clear(&problem);
  return 0;
}
