/* fast/flow_dae/tile_loops.h: the loops of a tile_kernel, compiled once per instruction set by the tile_<isa>.c that
 * include this after saying REGISTER_LANES, how many doubles a register has: a divisor of TILE_LANES. Each lane is
 * rounded as a double of its own. Sums take a register of lanes at a time: gcc keeps what a loop carries in registers
 * only where it fits one. */
#ifndef ASSAY_FAST_FLOW_DAE_TILE_LOOPS_H
#define ASSAY_FAST_FLOW_DAE_TILE_LOOPS_H

#include "fast/flow_dae/tile.h"

#include <math.h>
#include <string.h>

typedef double lanes __attribute__((vector_size(REGISTER_LANES * sizeof(double))));
typedef int64_t lane_bits __attribute__((vector_size(REGISTER_LANES * sizeof(double))));

static inline lanes load(const double *from) {
  lanes v;
  memcpy(&v, from, sizeof v);
  return v;
}

static inline void store(double *to, lanes v) { memcpy(to, &v, sizeof v); }

/* |x|: the sign bit cleared */
static inline lanes magnitude_of(lanes v) { return (lanes)((lane_bits)v & INT64_MAX); }

/* Neighbours first. */
static inline double sum_of(const double v[TILE_LANES]) {
  return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}

static void loop_dots(double out[4], const double *x, const double *a, const double *b, const double *c,
                      size_t stride) {
  double sums[4][TILE_LANES];
  for (size_t lane = 0; lane < TILE_LANES; lane += REGISTER_LANES) {
    lanes xx = {0}, xa = {0}, xb = {0}, xc = {0};
    for (size_t j = lane; j < stride; j += TILE_LANES) {
      lanes vx = load(x + j);
      xx += vx * vx;
      xa += vx * load(a + j);
      xb += vx * load(b + j);
      xc += vx * load(c + j);
    }
    store(sums[0] + lane, xx);
    store(sums[1] + lane, xa);
    store(sums[2] + lane, xb);
    store(sums[3] + lane, xc);
  }
  for (size_t k = 0; k < 4; k++) out[k] += sum_of(sums[k]);
}

static void loop_pair_dots(double out[7], const double *x, const double *y, const double *a, const double *b,
                           size_t stride) {
  double sums[7][TILE_LANES];
  for (size_t lane = 0; lane < TILE_LANES; lane += REGISTER_LANES) {
    lanes xx = {0}, xy = {0}, xa = {0}, xb = {0}, yy = {0}, ya = {0}, yb = {0};
    for (size_t j = lane; j < stride; j += TILE_LANES) {
      lanes vx = load(x + j), vy = load(y + j), va = load(a + j), vb = load(b + j);
      xx += vx * vx;
      xy += vx * vy;
      xa += vx * va;
      xb += vx * vb;
      yy += vy * vy;
      ya += vy * va;
      yb += vy * vb;
    }
    store(sums[0] + lane, xx);
    store(sums[1] + lane, xy);
    store(sums[2] + lane, xa);
    store(sums[3] + lane, xb);
    store(sums[4] + lane, yy);
    store(sums[5] + lane, ya);
    store(sums[6] + lane, yb);
  }
  for (size_t k = 0; k < 7; k++) out[k] += sum_of(sums[k]);
}

/* A group of add_rows on the columns of one register. */
static inline void add_group(double *sum, double *magnitude, const double *tile, const double *signs, size_t rows,
                             size_t stride) {
  lanes s = {0}, m = {0};
  size_t i = 0;
  for (; i + 4 <= rows; i += 4, tile += 4 * stride) {
    lanes v0 = load(tile), v1 = load(tile + stride), v2 = load(tile + 2 * stride), v3 = load(tile + 3 * stride);
    s += (v0 * signs[i] + v1 * signs[i + 1]) + (v2 * signs[i + 2] + v3 * signs[i + 3]);
    m += (magnitude_of(v0) + magnitude_of(v1)) + (magnitude_of(v2) + magnitude_of(v3));
  }
  for (; i < rows; i++, tile += stride) {
    s += load(tile) * signs[i];
    m += magnitude_of(load(tile));
  }
  store(sum, load(sum) + s);
  store(magnitude, load(magnitude) + m);
}

static void loop_add_rows(double *sum, double *magnitude, const double *tile, const signed char *signs, size_t rows,
                          size_t stride) {
  for (size_t begin = 0; begin < rows; begin += TILE_GROUP) {
    size_t count = rows - begin < TILE_GROUP ? rows - begin : TILE_GROUP;
    double own[TILE_GROUP];
    for (size_t i = 0; i < count; i++) own[i] = signs[begin + i];
    for (size_t j = 0; j < stride; j += REGISTER_LANES)
      add_group(sum + j, magnitude + j, tile + begin * stride + j, own, count, stride);
  }
}

static void loop_place(double *x, double shift, double factor, size_t stride) {
  size_t whole = stride - stride % REGISTER_LANES;
  for (size_t j = 0; j < whole; j += REGISTER_LANES) store(x + j, shift + factor * load(x + j));
  for (size_t j = whole; j < stride; j++) x[j] = shift + factor * x[j];
}

static void loop_add(double *y, double factor, const double *x, size_t stride) {
  for (size_t j = 0; j < stride; j += REGISTER_LANES) store(y + j, load(y + j) + factor * load(x + j));
}

/* Square roots and quotients are rounded as in any instruction set; compilers turn the loop into vectors. */
static void loop_descend(double *restrict x, double *restrict m, double *restrict v, const double *restrict slope,
                         const tile_descent *descent, size_t stride) {
  const tile_descent by = *descent;
  for (size_t j = 0; j < stride; j++) {
    m[j] = by.beta1 * m[j] + (1 - by.beta1) * slope[j];
    v[j] = by.beta2 * v[j] + (1 - by.beta2) * slope[j] * slope[j];
    x[j] -= by.rate * m[j] / (sqrt(v[j]) / by.root + by.epsilon);
  }
}

#endif
