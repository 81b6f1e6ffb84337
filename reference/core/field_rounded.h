/* reference/core/field_rounded.h: fields of mixtures rounded correctly to any precision. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_ROUNDED_H
#define ASSAY_REFERENCE_CORE_FIELD_ROUNDED_H

#include "reference/core/rounding.h"

/* As assay_reference_field_double, for numbers of any rule; on failure `out` holds anything. escalated (NULL: not
 * asked): how many points needed intervals; with `certify` all are given to them. `first` is added to the number of a
 * point that a message names. */
assay_status field_rounded(rounded *out, size_t *escalated, rounding_rule rule, assay_quantity quantity,
                           const assay_mixture *mixture, const assay_path_point *point, const double *x, size_t points,
                           size_t first, bool certify, assay_context *context);

#endif
