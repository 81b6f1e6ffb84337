/* reference/core/ziv.h: Ziv's strategy, raising the working precision until a goal is reached:
 *   for (long bits = ziv_first(goal, context); bits; bits = ziv_next(bits, context)) { ... return when reached ... }
 *   return ziv_failed(what, goal, context);
 * The last attempt is made at context->max_bits. */
#ifndef ASSAY_REFERENCE_CORE_ZIV_H
#define ASSAY_REFERENCE_CORE_ZIV_H

#include <assay/model.h>

long ziv_first(long goal_bits, const assay_context *context); /* 0: goal_bits or max_bits out of range */
long ziv_next(long bits, const assay_context *context);       /* 0: max_bits has been tried */
assay_status ziv_failed(const char *what, long goal_bits, assay_context *context);

#endif
