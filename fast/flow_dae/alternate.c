/* Sign activation: fit for the pattern, pattern of the fit, until the pattern reproduces itself. */
#include "fast/flow_dae/problem.h"

#include <stdlib.h>

assay_status dae_alternate(double *c, double *w, signed char *pattern, bool *stationary, size_t *iterations,
                           const dae_problem *problem, size_t most, assay_context *context) {
  void *work = NULL;
  assay_status status = assay_allocate(&work, 2 * problem->rank, sizeof(double), "fit", context);
  if (status) return status;
  *stationary = false;
  *iterations = 0;
  while (!*stationary && *iterations < most) {
    dae_pattern_fit(c, w, problem, pattern, work);
    *stationary = !dae_pattern_of(pattern, problem, w);
    ++*iterations;
  }
  free(work);
  return ASSAY_OK;
}
