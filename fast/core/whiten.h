/* fast/core/whiten.h: for each sample of a mixture along a path, a component drawn from its posterior, and the sample
 * in the coordinates in which that component is standard normal.
 *
 * For x ~ p_t the drawn labels are independent draws from the weights and, given them, the coordinates z = V_k^{-1/2}
 * (x - beta m_k) (up to a rotation that depends on k) are independent N(0, I): both exactly. What rounding does to that
 * is part of each row's record: of the samples themselves, each of which lies within `rounding` |x| + 2^-140 (2-norms)
 * of the draw that it stands for, and of the arithmetic here. */
#ifndef ASSAY_FAST_CORE_WHITEN_H
#define ASSAY_FAST_CORE_WHITEN_H

#include "fast/core/field_mixed.h"

/* Arrays of `capacity` rows. */
typedef struct {
  size_t capacity;
  uint32_t *label, *open_first, *open_last; /* the labels that rounding leaves open */
  double *z;                                /* x d; rows beyond the last one read are 0 */
  double *projection;                       /* x directions: <u, x> */
  double *norm;                             /* |x|, from above */
  double *size;                             /* |z| */
  double *error;                            /* |z - exact z| <= error, for this label; infinity: not known */
  double *least;                            /* lower bound of |exact z| for every label that rounding leaves open */
  double *doubt;                            /* how far the chances of any set of labels may be off, 0 to 1 */
  double *farthest;                         /* upper bound of |exact z| for every label left open */
} whiten_block;

typedef struct {
  field_mixed_plan plan;
  size_t tile, count; /* rows of a tile, components */
  double rounding;
  uint64_t seed;
  const assay_stream *samples;
  const double *directions; /* direction_count x d */
  size_t direction_count;
} whitening;

/* A multiple of the tile: blocks of so many rows hold about 2^22 doubles. */
size_t whiten_rows(const whitening *self);

/* Checks the mixture and the point; samples and directions must outlive it. Labels are drawn with Philox at key `seed`
 * and counter words (row, low; row, high; 0; WHITEN_STREAM): a pure function of seed, row and the sample. */
enum { WHITEN_STREAM = 0x6c616265 };
assay_status whiten_init(whitening *out, const assay_mixture *mixture, const assay_path_point *point,
                         const assay_stream *samples, const double *directions, size_t direction_count, double rounding,
                         uint64_t seed, assay_context *context);
void whiten_clear(whitening *self);

assay_status whiten_block_init(whiten_block *out, const whitening *self, assay_context *context);
void whiten_block_clear(whiten_block *block);

/* Rows first to first + rows of the samples; rows <= capacity, first a multiple of it. ASSAY_INVALID: an entry that is
 * not finite (row and column named). Independent of threads. */
assay_status whiten_read(whiten_block *out, const whitening *self, size_t first, size_t rows, assay_context *context);

#endif
