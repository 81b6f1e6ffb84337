/* fast/flow_dae/adam_sign.h: Adam where phi is sign. With the pattern h_i = sign<w, x_t^i>, S_u = sum_i h_i x_u^i and
 * q = sum_i h_i^2, the gradient of adam.h's G is
 *   (lambda + q) w - (S_1 - c S_t),   and that in c   c sum|x_t^i|^2 - sum<x_t^i, x_1^i> + <w, S_t>.
 * S_u stays in memory. When signs change, their rows are added with the changes; once these are more than n since S_u
 * was last summed, it is summed anew: each entry has gone through 2 n additions at most.
 *
 * The plain loop computes all <w, x_t^i> in every epoch; the lazy loop computes those whose sign it does not know
 * (adam_margins.h). Both give the same bits. */
#ifndef ASSAY_FAST_FLOW_DAE_ADAM_SIGN_H
#define ASSAY_FAST_FLOW_DAE_ADAM_SIGN_H

#include <assay/fast.h>

/* As dae_adam, for the activation sign; lazy: or plain. Memory 2 n d + 7 d doubles. An epoch takes O(d), and d
 * multiplications for each product. */
assay_status dae_adam_sign(double *c, double *w, double time, const assay_dae_data *data,
                           const assay_dae_settings *settings, const assay_dae_learner *learner, bool lazy, size_t held,
                           assay_context *context);

#endif
