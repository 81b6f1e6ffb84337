/* reference/core/field_point.h: a field at one point and one working precision. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_POINT_H
#define ASSAY_REFERENCE_CORE_FIELD_POINT_H

#include "reference/core/field_weights.h"

/* After field_weights_compute at that level. wide: d enclosures, their precision set to weights->bits[level], and in
 * `strict` d of the flags of field_sum.h; components already `settled` are left out. divergence: div b, one enclosure.
 * One pair is for isotropic problems, the other for the rest. */
void field_isotropic_wide(mpfi_ptr out, unsigned char *strict, const unsigned char *settled, field_weights *weights,
                          size_t level);
/* The same enclosures, a little wider and several times faster, without flags. */
void field_isotropic_enclosed(mpfi_ptr out, const unsigned char *settled, field_weights *weights, size_t level);
void field_isotropic_divergence(mpfi_ptr out, field_weights *weights, size_t level);
void field_general_wide(mpfi_ptr out, unsigned char *strict, const unsigned char *settled, field_weights *weights,
                        size_t level);
void field_general_divergence(mpfi_ptr out, field_weights *weights, size_t level);

#endif
