/* reference/core/field_intervals.h: vectors and packed matrices of intervals. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_INTERVALS_H
#define ASSAY_REFERENCE_CORE_FIELD_INTERVALS_H

#include <stddef.h>

#include <mpfi.h>

/* `count` intervals; aborts when memory runs out, as GMP does. */
mpfi_ptr field_intervals_new(size_t count, long bits);
void field_intervals_free(mpfi_ptr intervals, size_t count);

/* Bytes of a packed symmetric matrix of intervals, generously; SIZE_MAX on overflow. */
size_t field_matrix_bytes(size_t dimension, long bits);

#endif
