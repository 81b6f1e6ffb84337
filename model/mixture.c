/* Gaussian mixtures as plain data. */
#include <assay/model.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

assay_status assay_mixture_init(assay_mixture *out, size_t dimension, size_t count, assay_context *context) {
  if (dimension < 1) return assay_fail(context, ASSAY_INVALID, "dimension: 0; at least 1 is expected");
  if (count < 1) return assay_fail(context, ASSAY_INVALID, "components: none; at least 1 is expected");
  assay_mixture mixture = {.dimension = dimension, .count = 0};
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, count, sizeof *mixture.components, "components", context);
  if (status) return status;
  mixture.components = memory;
  for (; mixture.count < count; mixture.count++) {
    status = assay_allocate(&memory, dimension, sizeof(double), "mean", context);
    if (status) {
      assay_mixture_clear(&mixture);
      return status;
    }
    mixture.components[mixture.count] =
        (assay_component){.weight = assay_real_of(1),
                          .mean = memory,
                          .covariance = {.kind = ASSAY_COVARIANCE_ISOTROPIC, .variance = assay_real_of(1)}};
  }
  *out = mixture;
  return ASSAY_OK;
}

void assay_mixture_clear(assay_mixture *mixture) {
  for (size_t k = 0; k < mixture->count; k++) {
    assay_component *component = &mixture->components[k];
    assay_real_clear(&component->weight);
    assay_real_clear(&component->covariance.variance);
    free(component->mean);
    free(component->covariance.entries);
  }
  free(mixture->components);
  memset(mixture, 0, sizeof *mixture);
}

assay_status assay_mixture_binary(assay_mixture *out, size_t dimension, const double *mean, assay_real variance,
                                  assay_context *context) {
  assay_mixture mixture = {0};
  assay_status status = assay_mixture_init(&mixture, dimension, 2, context);
  for (size_t k = 0; !status && k < 2; k++) {
    for (size_t j = 0; j < dimension; j++) mixture.components[k].mean[j] = k ? -mean[j] : mean[j];
    status = assay_real_copy(&mixture.components[k].covariance.variance, variance, context);
    if (status) assay_mixture_clear(&mixture);
  }
  if (status) return status;
  *out = mixture;
  return ASSAY_OK;
}

static bool positive(double value) { return value > 0 && isfinite(value); }

static assay_status check_covariance(const assay_covariance *covariance, size_t k, size_t d, assay_context *context) {
  const double *entries = covariance->entries;
  switch (covariance->kind) {
  case ASSAY_COVARIANCE_ISOTROPIC:
    if (!positive(covariance->variance.nearest))
      return assay_fail(context, ASSAY_INVALID, "components[%zu].covariance: %.17g must be positive and finite", k,
                        covariance->variance.nearest);
    return ASSAY_OK;
  case ASSAY_COVARIANCE_DIAGONAL:
    for (size_t i = 0; i < d; i++)
      if (!positive(entries[i]))
        return assay_fail(context, ASSAY_INVALID, "components[%zu].covariance[%zu]: %.17g must be positive and finite",
                          k, i, entries[i]);
    return ASSAY_OK;
  case ASSAY_COVARIANCE_FULL:
    for (size_t i = 0; i < d; i++)
      for (size_t j = 0; j < d; j++) {
        if (!isfinite(entries[i * d + j]) || (i == j && !positive(entries[i * d + i])))
          return assay_fail(context, ASSAY_INVALID, "components[%zu].covariance[%zu][%zu]: %.17g must be finite%s", k,
                            i, j, entries[i * d + j], i == j ? " and positive" : "");
        if (entries[i * d + j] != entries[j * d + i])
          return assay_fail(context, ASSAY_INVALID,
                            "components[%zu].covariance[%zu][%zu]: %.17g differs from its mirror image %.17g", k, i, j,
                            entries[i * d + j], entries[j * d + i]);
      }
    return ASSAY_OK;
  }
  return assay_fail(context, ASSAY_INVALID, "components[%zu].covariance: unknown kind", k);
}

assay_status assay_mixture_check(const assay_mixture *mixture, assay_context *context) {
  if (mixture->dimension < 1) return assay_fail(context, ASSAY_INVALID, "dimension: 0; at least 1 is expected");
  if (mixture->count < 1) return assay_fail(context, ASSAY_INVALID, "components: none; at least 1 is expected");
  for (size_t k = 0; k < mixture->count; k++) {
    const assay_component *component = &mixture->components[k];
    if (!positive(component->weight.nearest))
      return assay_fail(context, ASSAY_INVALID, "components[%zu].weight: %.17g must be positive and finite", k,
                        component->weight.nearest);
    for (size_t j = 0; j < mixture->dimension; j++)
      if (!isfinite(component->mean[j]))
        return assay_fail(context, ASSAY_INVALID, "components[%zu].mean[%zu]: %g must be finite", k, j,
                          component->mean[j]);
    assay_status status = check_covariance(&component->covariance, k, mixture->dimension, context);
    if (status) return status;
  }
  return ASSAY_OK;
}
