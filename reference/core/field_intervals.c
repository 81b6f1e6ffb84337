#include "reference/core/field_intervals.h"

#include <stdint.h>
#include <stdlib.h>

mpfi_ptr field_intervals_new(size_t count, long bits) {
  mpfi_ptr out = malloc(count * sizeof *out);
  if (!out) abort(); /* as GMP does: the caller has checked the sizes against the cap */
  for (size_t i = 0; i < count; i++) mpfi_init2(&out[i], bits);
  return out;
}

void field_intervals_free(mpfi_ptr intervals, size_t count) {
  for (size_t i = 0; intervals && i < count; i++) mpfi_clear(&intervals[i]);
  free(intervals);
}

size_t field_matrix_bytes(size_t dimension, long bits) {
  enum { BEHIND_POINTERS = 96 };
  size_t each = sizeof(__mpfi_struct) + BEHIND_POINTERS + (size_t)bits / 4, entries = 0, bytes = 0;
  if (__builtin_mul_overflow(dimension, dimension + 1, &entries) || __builtin_mul_overflow(entries / 2, each, &bytes))
    return SIZE_MAX;
  return bytes;
}
