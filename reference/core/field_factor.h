/* reference/core/field_factor.h: the factors of W_k = a^2 I + b^2 S_k of a general problem's full covariances, made
 * once per covariance and precision, when first needed, and shared by all points and threads. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_FACTOR_H
#define ASSAY_REFERENCE_CORE_FIELD_FACTOR_H

#include "reference/core/field_problem.h"

/* NULL members: the precision does not suffice to factor. */
typedef struct {
  mpfi_ptr packed;          /* of ldl_factor */
  mpfi_ptr log_determinant; /* log det V_k */
  mpfi_ptr rate;            /* for the divergence: tr((xi_variance S_k + xi_unit I) W_k^{-1}) */
} field_factor;

typedef struct field_factors field_factors;

field_factors *field_factors_new(const field_problem *problem);
void field_factors_free(field_factors *factors);

/* Component k's, at the level that `table` belongs to. From any thread. */
const field_factor *field_factors_get(field_factors *factors, size_t level, const field_table *table, size_t k);

/* Bytes of all factors with levels up to `bits`, generously; SIZE_MAX on overflow. */
size_t field_factors_bytes(const field_problem *problem, long bits);

/* out = n q x - b M for the mean sum M of n components: the distance that W_k's quadratic form measures. */
void field_factor_distance(mpfi_ptr out, const field_table *table, const double *x, size_t size, mpfi_srcptr sum,
                           size_t d);

/* out = W_k^{-1} (n (xi_variance S_k + xi_unit I) x + mu_unit M)/n; NaN where there is no factor. */
void field_factor_value(mpfi_ptr out, const field_factor *factor, const field_form *form, const double *entries,
                        const double *x, size_t size, mpfi_srcptr sum, size_t d);

#endif
