#include "mixtures.h"

#include "testing.h"

#include <stdlib.h>
#include <string.h>

assay_context quiet(void) {
  assay_context context;
  assay_context_init(&context);
  return context;
}

assay_mixture mixture_of(size_t n, size_t count, const double *weight, const double *mean, const double *variance) {
  assay_context context = quiet();
  assay_mixture mixture;
  assert_int_equal(assay_mixture_init(&mixture, n, count, &context), ASSAY_OK);
  for (size_t k = 0; k < count; k++) {
    mixture.components[k].weight = assay_real_of(weight[k]);
    mixture.components[k].covariance.variance = assay_real_of(variance[k]);
    memcpy(mixture.components[k].mean, mean + k * n, n * sizeof *mean);
  }
  return mixture;
}

void make_diagonal(assay_component *component, size_t n, const double *variance) {
  component->covariance.kind = ASSAY_COVARIANCE_DIAGONAL;
  component->covariance.entries = calloc(n, sizeof *variance);
  assert_non_null(component->covariance.entries);
  memcpy(component->covariance.entries, variance, n * sizeof *variance);
}
