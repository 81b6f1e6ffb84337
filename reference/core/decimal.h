/* reference/core/decimal.h: rounding an enclosure to one double. */
#ifndef ASSAY_REFERENCE_CORE_DECIMAL_H
#define ASSAY_REFERENCE_CORE_DECIMAL_H

#include "reference/core/interval.h"

/* The double nearest to every number in the enclosure (ties to even); false when they differ. With `above_lower`
 * (`below_upper`) the number is known not to be that end, which settles ties. A zero is +0. */
bool enclosure_nearest(double *out, mpfi_srcptr enclosure, bool above_lower, bool below_upper);

#endif
