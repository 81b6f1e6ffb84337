/* The inner loops over one tile. */
#include "fast/flow_dae/tile.h"

#include "fast/flow_dae/slabs.h"

#include <math.h>
#include <string.h>

/* GCC and clang turn arithmetic on these into whatever the machine has; each lane is rounded as a double of its own. */
typedef double lanes __attribute__((vector_size(DAE_LANES * sizeof(double))));

static double lanes_sum(const lanes *v) { return ((*v)[0] + (*v)[1]) + ((*v)[2] + (*v)[3]); }

void tile_dots(double out[4], const double *x, const double *a, const double *b, const double *c, size_t stride) {
  lanes xx = {0}, xa = {0}, xb = {0}, xc = {0};
  for (size_t j = 0; j < stride; j += DAE_LANES) {
    lanes vx, va, vb, vc;
    memcpy(&vx, x + j, sizeof vx);
    memcpy(&va, a + j, sizeof va);
    memcpy(&vb, b + j, sizeof vb);
    memcpy(&vc, c + j, sizeof vc);
    xx += vx * vx;
    xa += vx * va;
    xb += vx * vb;
    xc += vx * vc;
  }
  out[0] += lanes_sum(&xx);
  out[1] += lanes_sum(&xa);
  out[2] += lanes_sum(&xb);
  out[3] += lanes_sum(&xc);
}

/* Rows in a group of tile_sums: about the square root of the numbers of rows of interest. */
enum { GROUP = 32 };

double tile_sum_roundings(size_t rows) { return (double)((rows < GROUP ? rows : GROUP) + rows / GROUP + 1); }

static void add_row(double *restrict sum, double *restrict magnitude, const double *restrict row, double sign,
                    size_t stride) {
  for (size_t j = 0; j < stride; j += DAE_LANES) {
    for (size_t l = j; l < j + DAE_LANES; l++) sum[l] += sign * row[l];
    for (size_t l = j; l < j + DAE_LANES; l++) magnitude[l] += fabs(row[l]);
  }
}

void tile_sums(double *sum, double *magnitude, double *scratch, const double *tile, const signed char *signs,
               size_t rows, size_t stride) {
  memset(sum, 0, stride * sizeof *sum);
  memset(magnitude, 0, stride * sizeof *magnitude);
  for (size_t begin = 0; begin < rows; begin += GROUP) {
    size_t end = begin + GROUP < rows ? begin + GROUP : rows;
    memset(scratch, 0, stride * sizeof *scratch);
    for (size_t i = begin; i < end; i++) add_row(scratch, magnitude, tile + i * stride, signs[i], stride);
    tile_add(sum, 1, scratch, stride);
  }
}

void tile_add(double *restrict y, double factor, const double *restrict x, size_t stride) {
  for (size_t j = 0; j < stride; j++) y[j] += factor * x[j];
}

assay_status tile_read(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns, double *out,
                       size_t stride, assay_context *context) {
  if (columns < stride)
    for (size_t i = 0; i < rows; i++) memset(out + i * stride + columns, 0, (stride - columns) * sizeof *out);
  return stream->read(stream, row, rows, column, columns, out, stride, context);
}

size_t tile_stride(size_t columns) { return (columns + DAE_LANES - 1) / DAE_LANES * DAE_LANES; }
