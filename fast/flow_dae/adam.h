/* fast/flow_dae/adam.h: the published training (flow-dae section 2): Adam on (c, w), full batch, of
 *   G(c, w) = 1/2 sum_i |x_1^i - c x_t^i - w p_i|^2 + lambda/2 |w|^2,
 * half of the loss elsewhere; the second term is the coupled weight decay, on w alone. With g = grad G, epoch k = 1, 2,
 * ... updates every coordinate by
 *   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2,
 *   w <- w - rate/(1 - beta1^k) m/(sqrt(v)/sqrt(1 - beta2^k) + epsilon).
 * Nonlinear in each coordinate, so w leaves the span of the data: all d of them are kept. Sign has no derivative: g is
 * the gradient for the signs of the moment. */
#ifndef ASSAY_FAST_FLOW_DAE_ADAM_H
#define ASSAY_FAST_FLOW_DAE_ADAM_H

#include "fast/flow_dae/slabs.h"

#include <assay/fast.h>

/* Trains c and w (d entries) in place at one time. Memory 2 n d + 3 d doubles and 4 n d multiplications an epoch; for
 * sign, see adam_sign.h. ASSAY_PRECISION: c or w is no longer finite. */
assay_status dae_adam(double *c, double *w, double time, const assay_dae_data *data, const assay_dae_settings *settings,
                      const assay_dae_learner *learner, size_t held, assay_context *context);

/* What drawing a normal takes, in reading doubles. */
enum { ADAM_DRAW = 16 };

/* Runs a job that reads this many doubles. A short one runs on this thread, unit after unit, in `room`: partial +
 * scratch doubles, which job->held counts. */
assay_status adam_run(const dae_job *job, size_t doubles, double *room, assay_context *context);

#endif
