/* reference/core/field_general.h: the values of one quantity over the groups of a general problem, coordinate by
 * coordinate. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_GENERAL_H
#define ASSAY_REFERENCE_CORE_FIELD_GENERAL_H

#include "reference/core/field_coordinate.h"
#include "reference/core/field_sum.h"

/* solved[g]: the values of a group with a full covariance, all coordinates at once; NULL for the others. */
typedef struct {
  const field_weights *weights;
  mpfi_ptr *solved;
  field_coordinate coordinate;
  field_group_summer summer;
  mpfi_t sum;
  mpfr_t x;
} field_values;

void field_values_init(field_values *out, field_weights *weights, size_t level, const field_form *form);
void field_values_clear(field_values *values);

/* The mean of the quantity over the members of group g, at coordinate j: `space`, or where it is stored already. */
mpfi_srcptr field_value_at(mpfi_ptr space, field_values *values, size_t g, size_t j);

/* Does group g, of the dominant one's shape, have exactly its value at coordinate j? */
bool field_value_is_dominant(const field_values *values, size_t g, size_t j);

#endif
