/* A mixture, how samples of it are drawn, and what assay_check_samples says of some. */
#ifndef ASSAY_TESTS_THEORY_SAMPLES_PROBLEM_H
#define ASSAY_TESTS_THEORY_SAMPLES_PROBLEM_H

#include "samples_draws.h"

enum { PROBLEM_COMPONENTS = 16 };

typedef struct {
  assay_mixture mixture;
  double *factors[PROBLEM_COMPONENTS];
  samples_draws draws;
} problem;

/* Of one thread: sets are small here, and threads would wait for each other. */
assay_context *problem_context(void);

/* At alpha = beta = 1/2; the other arguments as samples_mixture and samples_draws take them. */
void problem_make(problem *out, size_t d, size_t count, int kind, double apart, size_t rows, uint64_t seed);
void problem_clear(problem *self);

/* Without sliced W2. */
assay_samples_options problem_options(double delta);

/* At the point of the draws. */
assay_samples_report problem_judge(const problem *p, const double *x, size_t rows,
                                   const assay_samples_options *options);

/* The test of that name; the cmocka test fails when there is none. */
const assay_samples_test *problem_test(const assay_samples_report *report, const char *name);

#endif
