/* The law of a linear form of a mixture: a mixture on a line. */
#include "fast/core/variation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double unit = 0x1p-53;

void variation_law_clear(variation_law *law) {
  free(law->weight);
  memset(law, 0, sizeof *law);
}

/* The mean <u, m>, off by at most (n + 1) unit sum |u m|. */
static double mean_of(double *error, const double *mean, const double *u, size_t n) {
  double sum = 0.0, size = 0.0;
  for (size_t c = 0; c < n; c++) {
    sum += u[c] * mean[c];
    size += fabs(u[c] * mean[c]);
  }
  *error = ((double)n + 1.0) * unit * size;
  return sum;
}

/* u'S u and, relative to it, a bound of its error: (2 n + 4) unit times the sum of absolute terms over it, for a full
 * S; diagonal and isotropic ones have positive terms only. A variance given as an exact string adds half a unit. */
static double variance_of(double *error, const assay_covariance *covariance, const double *u, size_t n) {
  double sum = 0.0, size = 0.0;
  for (size_t i = 0; i < n; i++) {
    double term = 0.0, term_size = 0.0;
    for (size_t j = 0; covariance->kind == ASSAY_COVARIANCE_FULL && j < n; j++) {
      term += covariance->entries[i * n + j] * u[j];
      term_size += fabs(covariance->entries[i * n + j] * u[j]);
    }
    if (covariance->kind == ASSAY_COVARIANCE_DIAGONAL) term = covariance->entries[i] * u[i];
    if (covariance->kind == ASSAY_COVARIANCE_ISOTROPIC) term = covariance->variance.nearest * u[i];
    if (covariance->kind != ASSAY_COVARIANCE_FULL) term_size = fabs(term);
    sum += u[i] * term;
    size += fabs(u[i]) * term_size;
  }
  *error = (2.0 * (double)n + 4.0) * unit * size / sum;
  return sum;
}

/* The coordinate's own mean and variance: exact but for a root, and a variance's exact string. */
static double coordinate_variance(const assay_covariance *covariance, size_t index, size_t n) {
  switch (covariance->kind) {
  case ASSAY_COVARIANCE_DIAGONAL:
    return covariance->entries[index];
  case ASSAY_COVARIANCE_FULL:
    return covariance->entries[index * n + index];
  default:
    return covariance->variance.nearest;
  }
}

static assay_status set_component(variation_law *law, size_t k, const assay_component *component, const double *u,
                                  size_t index, size_t n, assay_context *context) {
  double variance = 0.0;
  if (u) {
    law->mean[k] = mean_of(&law->mean_error[k], component->mean, u, n);
    variance = variance_of(&law->deviation_error[k], &component->covariance, u, n);
  } else {
    law->mean[k] = component->mean[index];
    variance = coordinate_variance(&component->covariance, index, n);
    law->deviation_error[k] = unit;
  }
  if (!(variance >= 0x1p-1000 && variance < 0x1p1000) || !isfinite(law->mean[k]))
    return assay_fail(context, ASSAY_INVALID, "components[%zu]: along direction %zu its mean is %g, its variance %g", k,
                      index, law->mean[k], variance);
  law->deviation[k] = sqrt(variance);
  law->deviation_error[k] += 2.0 * unit;
  return ASSAY_OK;
}

assay_status variation_law_init(variation_law *out, const assay_mixture *mixture, const double *direction, size_t index,
                                assay_context *context) {
  size_t count = mixture->count, n = mixture->dimension;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, 5 * count, sizeof(double), "law on a line", context);
  if (status) return status;
  variation_law law = {.count = count, .weight = memory};
  law.mean = law.weight + count;
  law.deviation = law.mean + count;
  law.mean_error = law.deviation + count;
  law.deviation_error = law.mean_error + count;
  double total = 0.0;
  for (size_t k = 0; k < count; k++) total += mixture->components[k].weight.nearest;
  for (size_t k = 0; !status && k < count; k++) {
    law.weight[k] = mixture->components[k].weight.nearest / total;
    status = set_component(&law, k, &mixture->components[k], direction, index, n, context);
  }
  if (status) variation_law_clear(&law);
  if (!status) *out = law;
  return status;
}
