/* fast/core/field_scalar.h: the quantities with one number per point: log-density and divergence (S9). */
#ifndef ASSAY_FAST_CORE_FIELD_SCALAR_H
#define ASSAY_FAST_CORE_FIELD_SCALAR_H

#include "fast/core/field_point.h"

/* What they need from the posterior before the second product. */
void field_scalar_log_density(field_point *out, const field_plan *plan, const field_posterior *posterior,
                              const double *x);
void field_scalar_spread(field_point *out, const double *weights, const field_plan *plan,
                         const field_posterior *posterior, const double *x);

/* The number itself; returns its bound. */
double field_scalar_finish(double *out, const field_point *point, const field_plan *plan, const double *x,
                           const double *product);

/* Shared with wide outputs: sum_k p_k A_k and its error (S6); a bound made safe: inflated, and infinite when an entry
 * is not finite (guard is NaN) or a first-order assumption fails. */
double field_slope(double *error, const field_point *point, const field_plan *plan);
double field_bound(double bound, const field_plan *plan, double guard);

#endif
