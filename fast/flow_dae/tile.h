/* fast/flow_dae/tile.h: the inner loops over one tile, one kernel per instruction set. Sums run in TILE_LANES explicit
 * lanes or in independent columns, products are never contracted, so all kernels give the same bits. Lengths (`stride`)
 * are multiples of TILE_LANES, unless said otherwise. */
#ifndef ASSAY_FAST_FLOW_DAE_TILE_H
#define ASSAY_FAST_FLOW_DAE_TILE_H

#include <assay/model.h>

/* Sums along a row run in this many interleaved lanes: tiles are padded with zeros to a multiple of it. */
enum { TILE_LANES = 8 };

/* Rows in a group of add_rows. A pass that reads that many at a time has them in the first cache when it adds them. */
enum { TILE_GROUP = 16 };

/* One update of Adam: what all coordinates share (adam.h). rate, root: rate/(1 - beta1^k), sqrt(1 - beta2^k). */
typedef struct {
  double beta1, beta2, rate, root, epsilon;
} tile_descent;

typedef struct {
  /* out += <x,x>, <x,a>, <x,b>, <x,c> */
  void (*dots)(double out[4], const double *x, const double *a, const double *b, const double *c, size_t stride);
  /* out += <x,x>, <x,y>, <x,a>, <x,b>, <y,y>, <y,a>, <y,b> */
  void (*pair_dots)(double out[7], const double *x, const double *y, const double *a, const double *b, size_t stride);
  /* sum_j += sum_i signs_i x_ij and magnitude_j += sum_i |x_ij| over the rows of a tile: rows are added up in groups of
   * TILE_GROUP, then the groups, in tile_sum_roundings(rows) roundings at most. */
  void (*add_rows)(double *sum, double *magnitude, const double *tile, const signed char *signs, size_t rows,
                   size_t stride);
  /* x <- shift + factor x; any stride */
  void (*place)(double *x, double shift, double factor, size_t stride);
  /* y += factor x */
  void (*add)(double *y, double factor, const double *x, size_t stride);
  /* m <- beta1 m + (1 - beta1) slope, v <- beta2 v + (1 - beta2) slope^2, x -= rate m/(sqrt(v)/root + epsilon) */
  void (*descend)(double *x, double *m, double *v, const double *slope, const tile_descent *descent, size_t stride);
} tile_kernel;

extern const tile_kernel tile_kernel_sse2, tile_kernel_avx2, tile_kernel_avx512;

/* The kernel that runs when the context says `isa`. */
const tile_kernel *tile_kernel_of(assay_isa isa);

/* Whatever add_rows is called with: `rows` in all, in whole groups but the last time. */
double tile_sum_roundings(size_t rows);

/* The number of roundings of a term of `dots`: its product, the additions of its lane and those of the lanes. */
size_t tile_dot_roundings(size_t stride);

/* Reads a rectangle and sets the columns beyond it up to `stride` to 0. */
assay_status tile_read(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns, double *out,
                       size_t stride, assay_context *context);

/* `columns` rounded up to whole lanes. */
size_t tile_stride(size_t columns);

#endif
