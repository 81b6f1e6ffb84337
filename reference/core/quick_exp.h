/* reference/core/quick_exp.h: exp and log in double-double. Proofs: docs/quick-field-bound.md, Q6. */
#ifndef ASSAY_REFERENCE_CORE_QUICK_EXP_H
#define ASSAY_REFERENCE_CORE_QUICK_EXP_H

#include "reference/core/dd.h"

/* exp(x) within QUICK_EXP_ERROR + |x| QUICK_EXP_SLOPE of its size, -600 <= x <= 600. */
#define QUICK_EXP_ERROR 0x1p-101
#define QUICK_EXP_SLOPE 0x1p-104
dd quick_exp(dd x);

/* y = log(x 2^exponent) within QUICK_LOG_ERROR + |y| QUICK_LOG_SLOPE; 2^-900 <= x <= 2^900, exponent a whole number
 * below 2^50. */
#define QUICK_LOG_ERROR 0x1p-99
#define QUICK_LOG_SLOPE 0x1p-103
dd quick_log(dd x, double exponent);

#endif
