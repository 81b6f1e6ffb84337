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

/* In a group of 4 q + r rows (q <= 4, r <= 3) a term goes through two additions within its four, q - 1 of other fours
 * and r of single rows; one of a single row through r at most: at most 7. Then come the groups after the first. */
double tile_sum_roundings(size_t rows) {
  size_t groups = rows / TILE_GROUP;
  return (double)((rows < 7 ? rows : 7) + groups);
}

assay_status tile_read(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns, double *out,
                       size_t stride, assay_context *context) {
  if (columns < stride)
    for (size_t i = 0; i < rows; i++) memset(out + i * stride + columns, 0, (stride - columns) * sizeof *out);
  return stream->read(stream, row, rows, column, columns, out, stride, context);
}

size_t tile_stride(size_t columns) { return (columns + TILE_LANES - 1) / TILE_LANES * TILE_LANES; }
