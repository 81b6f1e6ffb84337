/* fast/flow_dae/tile_loops.h: the loops of a tile_kernel, compiled once per instruction set by the tile_<isa>.c that
 * include this. GCC and clang turn arithmetic on `lanes` into whatever the target has; each lane is rounded as a double
 * of its own. */
#ifndef ASSAY_FAST_FLOW_DAE_TILE_LOOPS_H
#define ASSAY_FAST_FLOW_DAE_TILE_LOOPS_H

#include "fast/flow_dae/tile.h"

#include <math.h>
#include <string.h>

typedef double lanes __attribute__((vector_size(TILE_LANES * sizeof(double))));
typedef int64_t lane_bits __attribute__((vector_size(TILE_LANES * sizeof(double))));

static inline double lanes_sum(const lanes *v) {
  return (((*v)[0] + (*v)[1]) + ((*v)[2] + (*v)[3])) + (((*v)[4] + (*v)[5]) + ((*v)[6] + (*v)[7]));
}

static void loop_dots(double out[4], const double *x, const double *a, const double *b, const double *c,
                      size_t stride) {
  lanes xx = {0}, xa = {0}, xb = {0}, xc = {0};
  for (size_t j = 0; j < stride; j += TILE_LANES) {
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

static void loop_add_row(double *sum, double *magnitude, const double *row, double sign, size_t stride) {
  for (size_t j = 0; j < stride; j += TILE_LANES) {
    lanes vx, vs, vm;
    memcpy(&vx, row + j, sizeof vx);
    memcpy(&vs, sum + j, sizeof vs);
    memcpy(&vm, magnitude + j, sizeof vm);
    vs += vx * sign;
    vm += (lanes)((lane_bits)vx & INT64_MAX); /* |x|: the sign bit cleared */
    memcpy(sum + j, &vs, sizeof vs);
    memcpy(magnitude + j, &vm, sizeof vm);
  }
}

static void loop_add(double *y, double factor, const double *x, size_t stride) {
  for (size_t j = 0; j < stride; j += TILE_LANES) {
    lanes vx, vy;
    memcpy(&vx, x + j, sizeof vx);
    memcpy(&vy, y + j, sizeof vy);
    vy += vx * factor;
    memcpy(y + j, &vy, sizeof vy);
  }
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
