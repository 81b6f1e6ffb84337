/* fast/flow_dae/samples.h: the flow of generated samples along given w's, in terms of products alone. */
#ifndef ASSAY_FAST_FLOW_DAE_SAMPLES_H
#define ASSAY_FAST_FLOW_DAE_SAMPLES_H

#include "fast/flow_dae/flow_vectors.h"

/* What the samples hold beside their numbers: what the stream of vectors may need, and of label solutions (else NULL)
 * the fits with their bounds. */
typedef struct {
  dae_flow_vectors vectors;
  assay_dae_settings settings;
  assay_dae_fit *bounded; /* steps */
  double *weights, *array;
} dae_held_vectors;

/* Products over d: gram (R x R) of the flow's vectors, R = steps + 3 with mu, xi, eta last; start (count x R) of those
 * and X_0; squares (count): |X_0|^2. */
typedef struct {
  size_t rows;
  const double *gram, *start, *squares;
} dae_sample_products;

/* Step j: X <- grow_j X + kick_j phi_ij w_j. turn_j: the mean of h_i phi_ij. steps entries each. */
typedef struct {
  double *grow, *kick, *turn;
} dae_sample_steps;

/* Fills perp, along, signs, steady, sign_changes, and the steps. */
assay_status dae_samples_move(assay_dae_samples *samples, dae_sample_steps *steps, const dae_sample_products *products,
                              const assay_dae_settings *settings, assay_activation activation, assay_context *context);

/* Fills mean_flow, mse, cosine, cluster_variance. */
assay_status dae_samples_measure(assay_dae_samples *samples, const dae_sample_steps *steps,
                                 const dae_sample_products *products, const assay_dae_settings *settings,
                                 assay_context *context);

#endif
