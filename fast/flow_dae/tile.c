/* Tiles: which kernel, reading, and sums over rows. */
#include "fast/flow_dae/tile.h"

#include <assay/fast.h>

#include <string.h>

const tile_kernel *tile_kernel_of(assay_isa isa) {
  switch (assay_fast_isa_resolve(isa)) {
  case ASSAY_ISA_AVX512:
    return &tile_kernel_avx512;
  case ASSAY_ISA_AVX2:
    return &tile_kernel_avx2;
  default:
    return &tile_kernel_sse2;
  }
}

size_t tile_dot_roundings(size_t stride) { return 1 + stride / TILE_LANES + 3; }

/* Rows in a group of tile_sums: about the square root of the numbers of rows of interest. */
enum { GROUP = 32 };

double tile_sum_roundings(size_t rows) {
  size_t groups = rows / GROUP + 1;
  return (double)((rows < GROUP ? rows : GROUP) + groups);
}

void tile_sums(double *sum, double *magnitude, double *scratch, const double *tile, const signed char *signs,
               size_t rows, size_t stride, const tile_kernel *kernel) {
  memset(sum, 0, stride * sizeof *sum);
  memset(magnitude, 0, stride * sizeof *magnitude);
  for (size_t begin = 0; begin < rows; begin += GROUP) {
    size_t end = begin + GROUP < rows ? begin + GROUP : rows;
    memset(scratch, 0, stride * sizeof *scratch);
    for (size_t i = begin; i < end; i++) kernel->add_row(scratch, magnitude, tile + i * stride, signs[i], stride);
    kernel->add(sum, 1, scratch, stride);
  }
}

assay_status tile_read(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns, double *out,
                       size_t stride, assay_context *context) {
  if (columns < stride)
    for (size_t i = 0; i < rows; i++) memset(out + i * stride + columns, 0, (stride - columns) * sizeof *out);
  return stream->read(stream, row, rows, column, columns, out, stride, context);
}

size_t tile_stride(size_t columns) { return (columns + TILE_LANES - 1) / TILE_LANES * TILE_LANES; }
