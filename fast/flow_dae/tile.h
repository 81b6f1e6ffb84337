/* fast/flow_dae/tile.h: the inner loops over one tile. Each runs in DAE_LANES explicit lanes or independent columns, so
 * that every compiler and instruction set adds in the same order. Lengths (`stride`) are multiples of DAE_LANES. */
#ifndef ASSAY_FAST_FLOW_DAE_TILE_H
#define ASSAY_FAST_FLOW_DAE_TILE_H

#include <assay/model.h>

/* out += <x,x>, <x,a>, <x,b>, <x,c>. */
void tile_dots(double out[4], const double *x, const double *a, const double *b, const double *c, size_t stride);

/* sum_j = sum_i signs_i x_ij and magnitude_j = sum_i |x_ij| over the rows of a tile; `scratch` has stride doubles.
 * Signed rows are added in groups, then the groups, in tile_sum_roundings(rows) roundings at most. */
void tile_sums(double *sum, double *magnitude, double *scratch, const double *tile, const signed char *signs,
               size_t rows, size_t stride);
double tile_sum_roundings(size_t rows);

/* y += factor x. */
void tile_add(double *y, double factor, const double *x, size_t stride);

/* Reads a rectangle and sets the columns beyond it up to `stride` to 0. */
assay_status tile_read(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns, double *out,
                       size_t stride, assay_context *context);

/* `columns` rounded up to whole lanes. */
size_t tile_stride(size_t columns);

#endif
