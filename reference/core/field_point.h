/* reference/core/field_point.h: a field at one point and one working precision. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_POINT_H
#define ASSAY_REFERENCE_CORE_FIELD_POINT_H

#include "reference/core/field_weights.h"

/* What is known beyond the enclosure: the value is not its lower (upper) end. It settles the rounding of values like
 * 1/2 + 2^-10000, which no enclosure of moderate precision could. */
enum { FIELD_ABOVE_LOWER = 1, FIELD_BELOW_UPPER = 2 };

/* out: d enclosures, their precision set to weights->bits[level]; strict: d of the flags above. After
 * field_weights_compute at that level. */
void field_point_wide(mpfi_ptr out, unsigned char *strict, field_weights *weights, size_t level);

/* div b, one enclosure. */
void field_point_divergence(mpfi_ptr out, field_weights *weights, size_t level);

/* acc += c y for a point y; c y is rounded once, together with the sum. */
void field_accumulate(mpfi_ptr acc, mpfi_srcptr c, mpfr_srcptr y);

#endif
