/* theory/vectors/condition.h: what one rounding on the way costs, whatever the formula. */
#ifndef ASSAY_THEORY_VECTORS_CONDITION_H
#define ASSAY_THEORY_VECTORS_CONDITION_H

#include "theory/vectors/target.h"

/* *out: the factor by which a relative change of one component's mean, or of one component's covariance (full: of each
 * of its variances in turn), grows in the quantity's largest component; the largest of these factors. Code rounds beta
 * m_k and alpha^2 + beta^2 S_k, so in precision u it cannot promise less than about u *out. `values`: the quantity at
 * x, rounded to double; 0 when they all are. Changes are by 2^-26, and the same on every machine. */
assay_status vectors_condition(double *out, assay_quantity quantity, const vectors_target *target,
                               const assay_path_point *point, const double *x, const double *values,
                               assay_context *context);

#endif
