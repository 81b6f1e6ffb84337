/* reference/core/check_errors.h: the errors of one number of a format, as include/assay/check.h defines them. */
#ifndef ASSAY_REFERENCE_CORE_CHECK_ERRORS_H
#define ASSAY_REFERENCE_CORE_CHECK_ERRORS_H

#include "reference/core/rounding.h"

#include <assay/check.h>

/* rule: of the format's numbers; most: the exponent of its largest. reference: the rule of Q. */
typedef struct {
  rounding_rule rule, reference;
  long most;
} check_format;

check_format check_format_of(assay_format format);

/* Is this finite double a number of the format? */
bool check_representable(double value, const check_format *format);

/* ulp is NaN for what counts as nonfinite. */
typedef struct {
  double ulp, relative;
} check_errors;

/* largest: the largest |Q| of the row, to 53 bits (its rounded_distance to 0). */
check_errors check_errors_of(double got, const rounded *reference, const rounded *largest, const check_format *format);

#endif
