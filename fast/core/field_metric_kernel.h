/* fast/core/field_metric_kernel.h: coordinates and outputs of one diagonal component at several points, so that what
 * belongs to the component is loaded once for BLOCK_POINTS of them. Points do not see each other. */
#ifndef ASSAY_FAST_CORE_FIELD_METRIC_KERNEL_H
#define ASSAY_FAST_CORE_FIELD_METRIC_KERNEL_H

#include "fast/core/field_rows_kernel.h"

static inline __attribute__((always_inline)) void metric_step(part *sum, part *top, const double *x,
                                                              const double *shift, const double *root, size_t d,
                                                              size_t points, size_t width) {
  part s, r, z;
  load_part(&s, shift, width);
  load_part(&r, root, width);
#pragma GCC unroll 8
  for (size_t i = 0; i < points; i++) {
    load_part(&z, x + i * d, width);
    z = (z - s) * r;
    z *= z;
    sum[i] += z;
    part_bits larger = z > top[i];
    top[i] = (part)(((part_bits)z & larger) | ((part_bits)top[i] & ~larger));
  }
}

/* The lanes from `lane` on. */
static inline __attribute__((always_inline)) void metric_part(lanes *sum, lanes *top, size_t lane, const double *x,
                                                              const double *shift, const double *root, size_t d,
                                                              size_t points) {
  part own[BLOCK_POINTS], own_top[BLOCK_POINTS];
#pragma GCC unroll 8
  for (size_t i = 0; i < points; i++) own[i] = own_top[i] = (part){0};
  size_t j = lane;
  for (; j - lane + LANES <= d; j += LANES)
    metric_step(own, own_top, x + j, shift + j, root + j, d, points, REGISTER_LANES);
  if (j < d) metric_step(own, own_top, x + j, shift + j, root + j, d, points, part_width(d - j));
#pragma GCC unroll 8
  for (size_t i = 0; i < points; i++) {
    put_part(&sum[i], lane, &own[i]);
    put_part(&top[i], lane, &own_top[i]);
  }
}

static inline __attribute__((always_inline)) void metric_block(double *squares, double *largest, const double *x,
                                                               const double *shift, const double *root, size_t d,
                                                               size_t points) {
  lanes sum[BLOCK_POINTS], top[BLOCK_POINTS];
#pragma GCC unroll 4
  for (size_t lane = 0; lane < LANES; lane += REGISTER_LANES) metric_part(sum, top, lane, x, shift, root, d, points);
  if (points == LANES) {
    lanes folded;
    fold(&folded, sum, false);
    store(squares, &folded, LANES);
    fold(&folded, top, true);
    store(largest, &folded, LANES);
    return;
  }
#pragma GCC unroll 8
  for (size_t i = 0; i < points; i++) {
    squares[i] = sum_of(&sum[i]);
    largest[i] = largest_of(&top[i]);
  }
}

static void rows_metric(double *squares, double *largest, const double *x, const double *shift, const double *root,
                        size_t points, size_t d) {
  size_t i = 0;
  for (; i + BLOCK_POINTS <= points; i += BLOCK_POINTS)
    metric_block(squares + i, largest + i, x + i * d, shift, root, d, BLOCK_POINTS);
  for (; i < points; i++) metric_block(squares + i, largest + i, x + i * d, shift, root, d, 1);
}

static inline __attribute__((always_inline)) void output_step(double *out, const double *x, const part *share,
                                                              const field_diagonal *with, size_t j, size_t d,
                                                              size_t points, size_t width) {
  part s, w, m, y, o;
  load_part(&s, with->shift + j, width);
  load_part(&w, with->gain + j, width);
  load_part(&m, with->mean + j, width);
  m *= with->keep;
#pragma GCC unroll 8
  for (size_t i = 0; i < points; i++) {
    load_part(&y, x + i * d + j, width);
    load_part(&o, out + i * d + j, width);
    o += share[i] * (m + w * (y - s));
    store_part(out + i * d + j, &o, width);
  }
}

static inline __attribute__((always_inline)) void output_block(double *out, const double *x, const double *shares,
                                                               const field_diagonal *with, size_t d, size_t points) {
  enum { ONE = REGISTER_LANES };
  part share[BLOCK_POINTS];
#pragma GCC unroll 8
  for (size_t i = 0; i < points; i++) share[i] = (part){0} + shares[i];
  size_t j = 0;
  for (; j + ONE <= d; j += ONE) output_step(out, x, share, with, j, d, points, ONE);
  if (j < d) output_step(out, x, share, with, j, d, points, d - j);
}

static void rows_add_outputs(double *out, const double *x, const double *share, field_diagonal with, size_t points,
                             size_t d) {
  size_t i = 0;
  for (; i + BLOCK_POINTS <= points; i += BLOCK_POINTS)
    output_block(out + i * d, x + i * d, share + i, &with, d, BLOCK_POINTS);
  for (; i < points; i++) output_block(out + i * d, x + i * d, share + i, &with, d, 1);
}

#endif
