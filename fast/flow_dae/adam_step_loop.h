/* fast/flow_dae/adam_step_loop.h: the loop of an adam_step, compiled once per instruction set by the adam_step_<isa>.c
 * that include this. Compilers turn the inner loops into vectors; square roots and quotients are rounded as in any
 * instruction set. */
#ifndef ASSAY_FAST_FLOW_DAE_ADAM_STEP_LOOP_H
#define ASSAY_FAST_FLOW_DAE_ADAM_STEP_LOOP_H

#include "fast/flow_dae/adam_step.h"
#include "fast/flow_dae/tile.h"

#include <math.h>
#include <string.h>

static inline double lanes_sum(const double *v) {
  return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}

static inline void step_loop(double out[STEP_NUMBERS], double *restrict w, double *restrict m, double *restrict v,
                             const double *restrict sum_t, const double *restrict sum_1, const adam_move *move,
                             size_t stride) {
  const adam_move by = *move;
  double moved[TILE_LANES] = {0}, square[TILE_LANES] = {0}, with_t[TILE_LANES] = {0};
  for (size_t j = 0; j < stride; j += TILE_LANES)
    for (size_t l = 0; l < TILE_LANES; l++) {
      size_t k = j + l;
      double slope = by.own * w[k] - (sum_1[k] - by.c * sum_t[k]), old = w[k];
      m[k] = by.beta1 * m[k] + (1 - by.beta1) * slope;
      v[k] = by.beta2 * v[k] + (1 - by.beta2) * slope * slope;
      double new = old - by.rate *m[k] / (sqrt(v[k]) + by.epsilon), difference = new - old;
      w[k] = new;
      moved[l] += difference * difference;
      square[l] += new *new;
      with_t[l] += new *sum_t[k];
    }
  out[STEP_MOVED] += lanes_sum(moved);
  out[STEP_SQUARE] += lanes_sum(square);
  out[STEP_WITH_T] += lanes_sum(with_t);
}

#endif
