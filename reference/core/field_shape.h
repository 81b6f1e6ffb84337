/* reference/core/field_shape.h: the covariances of a mixture: which are equal, and whether the full ones are positive
 * definite. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_SHAPE_H
#define ASSAY_REFERENCE_CORE_FIELD_SHAPE_H

#include "reference/core/field_problem.h"

/* Sets `shape` of every component, whose variances have been read. */
assay_status field_shapes_find(field_problem *problem, assay_context *context);

/* ASSAY_INVALID: a full covariance is proved not positive definite; ASSAY_PRECISION: max_bits do not tell. After
 * field_shapes_find. */
assay_status field_shapes_check(const field_problem *problem, assay_context *context);

#endif
