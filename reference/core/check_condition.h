/* reference/core/check_condition.h: how much an entry moves with its point. */
#ifndef ASSAY_REFERENCE_CORE_CHECK_CONDITION_H
#define ASSAY_REFERENCE_CORE_CHECK_CONDITION_H

#include <assay/model.h>

/* sum_j |dq/dx_j| |x_j|/|q| of component `column` at x (d): 0 when q does not change, infinity when only q is 0. */
assay_status check_condition(double *out, size_t column, assay_quantity quantity, const assay_mixture *mixture,
                             const assay_path_point *point, const double *x, assay_context *context);

#endif
