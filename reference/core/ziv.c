#include "reference/core/ziv.h"

enum { LEAST_BITS = 2, GUARD_BITS = 64 };

long ziv_first(long goal_bits, const assay_context *context) {
  if (goal_bits < 1 || context->max_bits < LEAST_BITS) return 0;
  return goal_bits < context->max_bits - GUARD_BITS ? goal_bits + GUARD_BITS : context->max_bits;
}

long ziv_next(long bits, const assay_context *context) {
  if (bits >= context->max_bits) return 0;
  return bits <= context->max_bits / 2 ? 2 * bits : context->max_bits;
}

assay_status ziv_failed(const char *what, long goal_bits, assay_context *context) {
  if (goal_bits < 1) return assay_fail(context, ASSAY_INVALID, "goal_bits: %ld; at least 1 is expected", goal_bits);
  return assay_fail(context, ASSAY_PRECISION, "%s: %ld bits were not reached within max_bits = %ld", what, goal_bits,
                    context->max_bits);
}
