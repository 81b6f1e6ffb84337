/* fast/flow_dae/gradient.h: the gradient in w where labels are wrong, which needs the vectors (a second pass). */
#ifndef ASSAY_FAST_FLOW_DAE_GRADIENT_H
#define ASSAY_FAST_FLOW_DAE_GRADIENT_H

#include <assay/fast.h>

/* For each of `times` vectors v_t = sum_i weights_ti s_i (data_t x_1^i - noise_t x_0^i) its squared norm. weights:
 * times x n; rows where all weights are 0 are not read. */
typedef struct {
  size_t times;
  const double *weights, *data, *noise;
} dae_vectors;

assay_status dae_vector_norms(double *squares, const dae_vectors *vectors, const assay_dae_data *data, size_t held,
                              assay_context *context);

#endif
