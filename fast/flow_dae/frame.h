/* fast/flow_dae/frame.h: orthogonal coordinates in the span of three vectors known by their Gram matrix G = L D L^T.
 *
 * v_0, v_1, v_2 become f_r = v_r - sum_{k<r} L_rk f_k with |f_r|^2 = D_r. A vector whose independence of the ones
 * before it rounding cannot prove (always so when there are more vectors than dimensions) is left out: coordinate 0. */
#ifndef ASSAY_FAST_FLOW_DAE_FRAME_H
#define ASSAY_FAST_FLOW_DAE_FRAME_H

#include "fast/core/ball.h"

enum { FRAME = 3 };

typedef struct {
  ball lower[FRAME][FRAME], pivot[FRAME];
  bool kept[FRAME];
  size_t rank;
} dae_frame;

/* Reads the lower triangle. */
dae_frame dae_frame_of(ball gram[FRAME][FRAME]);

/* Coordinates along f_r of the projection of a vector with these products <v_r, vector>. */
void dae_frame_project(ball coordinates[FRAME], const dae_frame *frame, const ball products[FRAME]);

/* Coefficients along v_r of the vector with these coordinates; 0 for those left out. */
void dae_frame_coefficients(ball coefficients[FRAME], const dae_frame *frame, const ball coordinates[FRAME]);

/* sum_r D_r x_r^2. */
ball dae_frame_square(const dae_frame *frame, const ball coordinates[FRAME]);

#endif
