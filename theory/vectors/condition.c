#include "theory/vectors/condition.h"

#include <assay/reference.h>

#include <math.h>

/* 1 + 2^-26: times a number of 24 bits it is nearly exact in double. */
static const double step = 0x1p-26, changed = 1 + 0x1p-26;

typedef struct {
  assay_quantity quantity;
  const assay_path_point *point;
  const double *x, *values;
  double largest; /* |value| */
} place;

/* How far the values of `mixture` are from those of the target. */
static assay_status judge(double *out, const place *at, const assay_mixture *mixture, assay_context *context) {
  double got[VECTORS_MOST_DIMENSION];
  assay_status status = assay_reference_field_double(got, at->quantity, mixture, at->point, at->x, 1, context);
  if (status) return status;
  for (size_t j = 0; j < assay_quantity_width(at->quantity, mixture->dimension); j++)
    *out = fmax(*out, fabs(got[j] - at->values[j]) / at->largest / step);
  return ASSAY_OK;
}

/* `count` numbers changed together, and put back. */
static assay_status judge_change(double *out, const place *at, const assay_mixture *mixture, double *numbers,
                                 size_t count, assay_context *context) {
  double kept[VECTORS_MOST_DIMENSION];
  for (size_t i = 0; i < count; i++) {
    kept[i] = numbers[i];
    numbers[i] *= changed;
  }
  assay_status status = judge(out, at, mixture, context);
  for (size_t i = 0; i < count; i++) numbers[i] = kept[i];
  return status;
}

static assay_status judge_covariance(double *out, const place *at, const assay_mixture *mixture,
                                     assay_covariance *covariance, assay_context *context) {
  size_t d = mixture->dimension;
  if (covariance->kind == ASSAY_COVARIANCE_ISOTROPIC)
    return judge_change(out, at, mixture, &covariance->variance.nearest, 1, context);
  if (covariance->kind == ASSAY_COVARIANCE_DIAGONAL)
    return judge_change(out, at, mixture, covariance->entries, d, context);
  assay_status status = ASSAY_OK;
  for (size_t j = 0; !status && j < d; j++)
    status = judge_change(out, at, mixture, &covariance->entries[j * d + j], 1, context);
  return status;
}

assay_status vectors_condition(double *out, assay_quantity quantity, const vectors_target *target,
                               const assay_path_point *point, const double *x, const double *values,
                               assay_context *context) {
  place at = {.quantity = quantity, .point = point, .x = x, .values = values};
  for (size_t j = 0; j < assay_quantity_width(quantity, target->dimension); j++)
    at.largest = fmax(at.largest, fabs(values[j]));
  double most = 0;
  assay_mixture mixture;
  assay_status status = vectors_target_mixture(&mixture, target, context);
  if (status) return status;
  for (size_t k = 0; !status && at.largest > 0 && k < mixture.count; k++) {
    assay_component *component = &mixture.components[k];
    status = judge_change(&most, &at, &mixture, component->mean, mixture.dimension, context);
    if (!status) status = judge_covariance(&most, &at, &mixture, &component->covariance, context);
  }
  assay_mixture_clear(&mixture);
  if (!status) *out = most;
  return status;
}
