/* Sign activation: fit for the pattern, pattern of the fit, until the pattern reproduces itself. It need not: two
 * patterns that lead to each other are where it stops, too. */
#include "fast/flow_dae/problem.h"

#include <stdlib.h>
#include <string.h>

assay_status dae_alternate(double *c, double *w, signed char *pattern, bool *stationary, size_t *iterations,
                           const dae_problem *problem, size_t most, assay_context *context) {
  size_t n = problem->samples;
  void *work = NULL, *memory = NULL;
  assay_status status = assay_allocate(&work, 2 * problem->rank, sizeof(double), "fit", context);
  if (!status) status = assay_allocate(&memory, 2 * n, sizeof(signed char), "fit", context);
  if (status) {
    free(work);
    return status;
  }
  signed char *fitted = memory, *before = fitted + n; /* the pattern of the last fit, and the one before */
  bool swaps = false;
  *stationary = false;
  for (*iterations = 0; !*stationary && !swaps && *iterations < most; ++*iterations) {
    memcpy(before, fitted, n);
    memcpy(fitted, pattern, n);
    dae_pattern_fit(c, w, problem, pattern, work);
    *stationary = !dae_pattern_of(pattern, problem, w);
    swaps = !*stationary && memcmp(pattern, before, n) == 0;
  }
  free(work), free(memory);
  return ASSAY_OK;
}
