/* cli/dae_generation.h: training along the flow and transport, by the part of the library that treats the learner. */
#ifndef ASSAY_CLI_DAE_GENERATION_H
#define ASSAY_CLI_DAE_GENERATION_H

#include <assay/fast.h>

typedef struct {
  double mse, cosine, cluster_variance;
  double mu, xi, eta, perp; /* of the flow at its end */
  size_t sign_changes;
} dae_measured;

/* Holds whichever of flow and samples was made. Do not move it: streams point into it. */
typedef struct {
  dae_measured measured;
  const assay_stream *generated; /* count x d */
  assay_dae_data data;
  assay_dae_flow flow;
  assay_dae_samples samples;
} dae_generation;

/* `out` is zeroed. */
assay_status dae_generation_init(dae_generation *out, const assay_dae_settings *settings,
                                 const assay_dae_learner *learner, size_t dimension, size_t count, uint64_t seed,
                                 assay_context *context);
void dae_generation_clear(dae_generation *generation);

#endif
