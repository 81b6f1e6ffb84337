#include "cli/dae_generation.h"

#include "cli/dae_learner.h"

/* At a cost that does not grow with steps times dimension; the label solution with fixed noise only. */
static assay_status along_flow(dae_generation *g, const assay_dae_settings *settings, size_t count, uint64_t seed,
                               assay_context *context) {
  assay_status status = assay_fast_dae_flow_init(&g->flow, &g->data, settings, count, seed, context);
  if (status) return status;
  const assay_bounded *end = g->flow.mean_flow + 4 * g->flow.steps;
  g->measured = (dae_measured){.mse = g->flow.mse.value,
                               .cosine = g->flow.cosine,
                               .cluster_variance = g->flow.cluster_variance,
                               .mu = end[0].value,
                               .xi = end[1].value,
                               .eta = end[2].value,
                               .perp = end[3].value,
                               .sign_changes = g->flow.sign_changes};
  g->generated = &g->flow.generated;
  return ASSAY_OK;
}

static assay_status along_weights(dae_generation *g, const assay_dae_settings *settings,
                                  const assay_dae_learner *learner, size_t count, uint64_t seed,
                                  assay_context *context) {
  assay_status status = assay_fast_dae_samples_init(&g->samples, &g->data, settings, learner, count, seed, context);
  if (status) return status;
  const assay_dae_mean *end = &g->samples.mean_flow[g->samples.steps];
  g->measured = (dae_measured){.mse = g->samples.mse,
                               .cosine = g->samples.cosine,
                               .cluster_variance = g->samples.cluster_variance,
                               .mu = end->mu,
                               .xi = end->xi,
                               .eta = end->eta,
                               .perp = end->perp,
                               .sign_changes = g->samples.sign_changes};
  g->generated = &g->samples.generated;
  return ASSAY_OK;
}

assay_status dae_generation_init(dae_generation *out, const assay_dae_settings *settings,
                                 const assay_dae_learner *learner, size_t dimension, size_t count, uint64_t seed,
                                 assay_context *context) {
  assay_status status = assay_fast_dae_data_init(&out->data, settings, dimension, 0.5, seed, context);
  if (status) return status;
  if (dae_learner_is_label_solution(learner) && settings->noise == ASSAY_NOISE_FIXED)
    return along_flow(out, settings, count, seed, context);
  return along_weights(out, settings, learner, count, seed, context);
}

void dae_generation_clear(dae_generation *generation) {
  assay_fast_dae_flow_clear(&generation->flow);
  assay_fast_dae_samples_clear(&generation->samples);
  assay_fast_dae_data_clear(&generation->data);
}
