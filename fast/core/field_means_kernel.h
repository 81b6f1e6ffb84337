/* fast/core/field_means_kernel.h: the two products of a field with the means of its components, FIELD_GROUP points at a
 * time. Few components make long thin products: sums stay in registers and nothing is copied, so that they take less
 * time than a matrix library's. Each sum runs by itself, in eight lanes or term by term, so its bits depend neither on
 * the points beside it nor on how many sums the registers hold: BLOCK_ROWS x BLOCK_MEANS, BLOCK_OUTPUTS. */
#ifndef ASSAY_FAST_CORE_FIELD_MEANS_KERNEL_H
#define ASSAY_FAST_CORE_FIELD_MEANS_KERNEL_H

#include "fast/core/field_rows_kernel.h"

/* sum[k][i] += a register's part of <row i of y, mean k>. */
static inline __attribute__((always_inline)) void dot_step(part sum[BLOCK_MEANS][BLOCK_ROWS], const double *y,
                                                           const double *means, size_t d, size_t block, size_t width) {
  part a[BLOCK_ROWS], m;
#pragma GCC unroll 8
  for (size_t i = 0; i < BLOCK_ROWS; i++) load_part(&a[i], y + i * d, width);
#pragma GCC unroll 8
  for (size_t k = 0; k < block; k++) {
    load_part(&m, means + k * d, width);
#pragma GCC unroll 8
    for (size_t i = 0; i < BLOCK_ROWS; i++) sum[k][i] += a[i] * m;
  }
}

/* products[i] += sum_of(&sum[i]) */
static inline __attribute__((always_inline)) void add_sums(double *products, const lanes sum[BLOCK_ROWS]) {
  if ((int)BLOCK_ROWS == (int)LANES) {
    lanes sums, before;
    fold(&sums, sum, false);
    load(&before, products, LANES);
    sums += before;
    store(products, &sums, LANES);
    return;
  }
#pragma GCC unroll 8
  for (size_t i = 0; i < BLOCK_ROWS; i++) products[i] += sum_of(&sum[i]);
}

/* The lanes from `lane` on of sum[k][i] = <row i of y, mean k> over `width` columns. */
static inline __attribute__((always_inline)) void dot_part(lanes sum[BLOCK_MEANS][BLOCK_ROWS], size_t lane,
                                                           const double *y, const double *means, size_t d, size_t block,
                                                           size_t width) {
  part own[BLOCK_MEANS][BLOCK_ROWS];
#pragma GCC unroll 8
  for (size_t k = 0; k < block; k++)
#pragma GCC unroll 8
    for (size_t i = 0; i < BLOCK_ROWS; i++) own[k][i] = (part){0};
  size_t j = lane;
  for (; j - lane + LANES <= width; j += LANES) dot_step(own, y + j, means + j, d, block, REGISTER_LANES);
  if (j < width) dot_step(own, y + j, means + j, d, block, part_width(width - j));
#pragma GCC unroll 8
  for (size_t k = 0; k < block; k++)
#pragma GCC unroll 8
    for (size_t i = 0; i < BLOCK_ROWS; i++) put_part(&sum[k][i], lane, &own[k][i]);
}

/* products[k][i] += <row i of y, mean k> over `width` columns for a block of rows and means. */
static inline __attribute__((always_inline)) void dot_block(double *products, const double *y, const double *means,
                                                            size_t d, size_t block, size_t width) {
  lanes sum[BLOCK_MEANS][BLOCK_ROWS];
#pragma GCC unroll 4
  for (size_t lane = 0; lane < LANES; lane += REGISTER_LANES) dot_part(sum, lane, y, means, d, block, width);
#pragma GCC unroll 8
  for (size_t k = 0; k < block; k++) add_sums(products + k * FIELD_GROUP, sum[k]);
}

/* Columns in pieces of which FIELD_GROUP rows of y stay in the nearest cache. */
enum { PIECE = 256 };

static void rows_products(double *products, const double *y, const double *means, size_t count, size_t d) {
  memset(products, 0, FIELD_GROUP * count * sizeof *products);
  for (size_t j = 0; j < d; j += PIECE) {
    size_t width = d - j < PIECE ? d - j : PIECE;
    for (size_t i = 0; i < FIELD_GROUP; i += BLOCK_ROWS) {
      const double *rows = y + i * d + j, *m = means + j;
      double *block = products + i;
      size_t k = 0;
      for (; k + BLOCK_MEANS <= count; k += BLOCK_MEANS)
        dot_block(block + k * FIELD_GROUP, rows, m + k * d, d, BLOCK_MEANS, width);
      for (; k < count; k++) dot_block(block + k * FIELD_GROUP, rows, m + k * d, d, 1, width);
    }
  }
}

/* out = weights' means for a block of rows and of registers, the last of `width` columns. */
static inline __attribute__((always_inline)) void sum_block(double *out, const double *weights, const double *means,
                                                            size_t count, size_t d, size_t parts, size_t width) {
  part sum[BLOCK_OUTPUTS][BLOCK_VECTORS], m;
#pragma GCC unroll 8
  for (size_t i = 0; i < BLOCK_OUTPUTS; i++)
#pragma GCC unroll 8
    for (size_t v = 0; v < parts; v++) sum[i][v] = (part){0};
  for (size_t k = 0; k < count; k++) {
#pragma GCC unroll 8
    for (size_t v = 0; v < parts; v++) {
      load_part(&m, means + k * d + v * REGISTER_LANES, width);
#pragma GCC unroll 8
      for (size_t i = 0; i < BLOCK_OUTPUTS; i++) sum[i][v] += weights[k * FIELD_GROUP + i] * m;
    }
  }
#pragma GCC unroll 8
  for (size_t i = 0; i < BLOCK_OUTPUTS; i++)
#pragma GCC unroll 8
    for (size_t v = 0; v < parts; v++) store_part(out + i * d + v * REGISTER_LANES, &sum[i][v], width);
}

static void rows_sums(double *out, const double *weights, const double *means, size_t count, size_t d) {
  enum { ONE = REGISTER_LANES, COLUMNS = BLOCK_VECTORS * ONE };
  for (size_t i = 0; i < FIELD_GROUP; i += BLOCK_OUTPUTS) {
    double *row = out + i * d;
    size_t j = 0;
    for (; j + COLUMNS <= d; j += COLUMNS) sum_block(row + j, weights + i, means + j, count, d, BLOCK_VECTORS, ONE);
    for (; j + ONE <= d; j += ONE) sum_block(row + j, weights + i, means + j, count, d, 1, ONE);
    if (j < d) sum_block(row + j, weights + i, means + j, count, d, 1, d - j);
  }
}

#endif
