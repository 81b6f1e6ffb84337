/* N velocities rounded correctly to double, k = 8 components, d = 64: by the reference as it is, or with every value
 * from intervals (MPFI) alone. The numbers are the same. */
#include "bench/problem.h"
#include "reference/core/field_rounded.h"

#include <assay/reference.h>

#include <stdlib.h>
#include <string.h>

#define SIZES                                                                                                          \
  {                                                                                                                    \
    {"k", 8, 3}, {"d", 64, 5}, { "N", 1000, 20 }                                                                       \
  }
static const bench_table sizes[] = {{"isotropic", SIZES},
                                    {"diagonal", SIZES},
                                    {"isotropic-intervals", SIZES},
                                    {"diagonal-intervals", SIZES},
                                    {NULL, {{0}}}};

static void by_intervals(double *out, const bench_problem *problem, assay_context *context) {
  size_t numbers = problem->points * problem->mixture.dimension, escalated = 0;
  void *memory = NULL;
  bench_require(assay_allocate(&memory, numbers, sizeof(rounded), "roundings", context), context);
  rounded *all = memory;
  bench_require(field_rounded(all, &escalated, ROUNDING_DOUBLE, ASSAY_VELOCITY, &problem->mixture, &problem->at,
                              problem->x, problem->points, 0, true, context),
                context);
  for (size_t i = 0; i < numbers; i++) out[i] = rounded_double(all[i]);
  free(memory);
}

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, sizes, NULL);
  assay_context context = bench_context(&arguments);
  bench_problem problem =
      bench_problem_of(arguments.variant % 2 ? ASSAY_COVARIANCE_DIAGONAL : ASSAY_COVARIANCE_ISOTROPIC, &arguments);
  size_t numbers = problem.points * problem.mixture.dimension;
  double *out = bench_doubles(numbers, 1);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    if (arguments.variant > 1)
      by_intervals(out, &problem, &context);
    else
      bench_require(assay_reference_field_double(out, ASSAY_VELOCITY, &problem.mixture, &problem.at, problem.x,
                                                 problem.points, &context),
                    &context);
  uint64_t *words = malloc(numbers * sizeof *words);
  if (!words) return 1;
  memcpy(words, out, numbers * sizeof *words);
  bench_show_words(&arguments, "report", words, numbers);
  bench_show(&arguments, "velocity", out, numbers);
  free(words);
  free(out);
  bench_problem_clear(&problem);
  return 0;
}
