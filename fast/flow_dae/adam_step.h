/* fast/flow_dae/adam_step.h: Adam's update of w where phi is sign (adam_sign.h), with what is asked of the new w: one
 * pass over its columns, and the same bits for every instruction set. */
#ifndef ASSAY_FAST_FLOW_DAE_ADAM_STEP_H
#define ASSAY_FAST_FLOW_DAE_ADAM_STEP_H

#include <assay/model.h>

/* The gradient is own w - (S_1 - c S_t). rate, epsilon: those of adam.h over 1 - beta1^k and 1, both times
 * sqrt(1 - beta2^k), which saves a division: w <- w - rate m/(sqrt(v) + epsilon). */
typedef struct {
  double beta1, beta2, rate, epsilon, own, c;
} adam_move;

enum { STEP_MOVED, STEP_SQUARE, STEP_WITH_T, STEP_NUMBERS };

/* Updates w, m and v. out: adds |new w - w|^2 (of differences that are rounded once themselves), |new w|^2 and
 * <new w, S_t>, summed as by tile_kernel's dots. `stride` is a multiple of TILE_LANES. */
typedef void (*adam_step)(double out[STEP_NUMBERS], double *w, double *m, double *v, const double *sum_t,
                          const double *sum_1, const adam_move *move, size_t stride);

void adam_step_sse2(double out[STEP_NUMBERS], double *w, double *m, double *v, const double *sum_t, const double *sum_1,
                    const adam_move *move, size_t stride);
void adam_step_avx2(double out[STEP_NUMBERS], double *w, double *m, double *v, const double *sum_t, const double *sum_1,
                    const adam_move *move, size_t stride);
void adam_step_avx512(double out[STEP_NUMBERS], double *w, double *m, double *v, const double *sum_t,
                      const double *sum_1, const adam_move *move, size_t stride);

#endif
