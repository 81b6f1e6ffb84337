/* theory/flow_dae/scalar_flow.h: rigorous integration of the flow dX/dt = b(X, t) in one dimension, by Taylor's formula
 * with Lagrange's remainder over a box that is proved to contain the trajectory (Moore, Interval Analysis, 1966). */
#ifndef ASSAY_THEORY_FLOW_DAE_SCALAR_FLOW_H
#define ASSAY_THEORY_FLOW_DAE_SCALAR_FLOW_H

#include "reference/core/interval.h"

/* The velocity of a one-dimensional mixture whose denoiser part beta' f is multiplied by `denoiser_gain`:
 * b = gain beta' f + alpha' e (flow-dae section 1). */
typedef struct {
  const assay_mixture *mixture;
  assay_schedule_kind schedule;
  iv denoiser_gain;
} scalar_velocity;

/* At most this many components. */
enum { SCALAR_COMPONENTS = 4 };

/* b(x, t) for every x and t of two intervals. */
iv scalar_velocity_at(iv_scope *s, const scalar_velocity *b, iv x, iv t);

/* Encloses X(1) from X(0) = start. Each step's remainder is below 2^-44 of the step, so the result is about that narrow
 * times the growth of the flow. ASSAY_PRECISION when steps of 2^-30 cannot be proved. */
assay_status scalar_flow_end(iv *out, iv_scope *s, const scalar_velocity *b, double start, assay_context *context);

#endif
