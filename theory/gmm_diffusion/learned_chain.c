#include "theory/gmm_diffusion/learned_chain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SAMPLE_STREAM = 0, KEY = CHAIN_NAME + 80 };

void chain_name(char out[CHAIN_NAME], const chain_size *size) {
  assay_gmm_settings settings = assay_gmm_settings_default();
  int length = snprintf(out, CHAIN_NAME, "%.32s N=%zu D=%zu", size->truth->name, size->samples, size->degree);
  if (size->ratio != settings.ratio)
    length += snprintf(out + length, CHAIN_NAME - (size_t)length, " ratio=%g", size->ratio);
  if (size->radius != settings.radius)
    length += snprintf(out + length, CHAIN_NAME - (size_t)length, " R=%g", size->radius);
  if (size->one_cell) (void)snprintf(out + length, CHAIN_NAME - (size_t)length, " one cell");
}

static assay_status learn(assay_gmm_model *out, const chain_size *size, uint64_t seed, assay_context *context) {
  assay_mixture mixture;
  assay_status status = known_truth_mixture(&mixture, size->truth, context);
  if (status) return status;
  assay_mixture_draws draws = {&mixture, seed, SAMPLE_STREAM};
  assay_stream samples = assay_fast_mixture_draws(&draws, size->samples);
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.degree = size->degree;
  settings.ratio = size->ratio;
  settings.radius = size->radius;
  if (size->one_cell) settings.cover = INFINITY;
  settings.seed = seed;
  status = assay_fast_gmm_learn(out, &samples, &settings, context);
  assay_mixture_clear(&mixture);
  return status;
}

static void release(void *memory) {
  learned_chain *chain = memory;
  assay_gmm_model_clear(&chain->model);
  path_divergence_clear(&chain->divergence);
  free(chain->outputs);
  free(chain);
}

static assay_status fill(learned_chain *chain, uint64_t seed, assay_context *context) {
  const chain_size *size = &chain->size;
  void *outputs = NULL;
  assay_status status = learn(&chain->model, size, seed, context);
  if (!status)
    status =
        path_divergence_init(&chain->divergence, &chain->model, size->truth, size->paths, size->cut, seed, context);
  if (!status)
    status = assay_allocate(&outputs, size->outputs, size->truth->dimension * sizeof(double), "outputs", context);
  chain->outputs = outputs;
  if (status) return status;
  return assay_fast_gmm_sample(outputs, &chain->model, ASSAY_GMM_SDE, 0, size->outputs, seed, context);
}

static assay_status make(void **out, const void *argument, uint64_t seed, assay_context *context) {
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, 1, sizeof(learned_chain), "chain", context);
  if (status) return status;
  learned_chain *chain = memory;
  chain->size = *(const chain_size *)argument;
  status = fill(chain, seed, context);
  if (status)
    release(chain);
  else
    *out = chain;
  return status;
}

assay_status learned_chain_get(const learned_chain **out, assay_trial *trial, const chain_size *size,
                               assay_context *context) {
  char name[CHAIN_NAME], key[KEY];
  chain_name(name, size);
  (void)snprintf(key, sizeof key, "gmm-diffusion chain %s outputs=%zu paths=%zu c=%g", name, size->outputs, size->paths,
                 size->cut);
  void *made = NULL;
  assay_status status = assay_trial_experiment(&made, trial, key, make, release, size, context);
  if (!status) *out = made;
  return status;
}

assay_status learned_chain_variation(assay_variation *out, const learned_chain *chain, size_t bins, double delta,
                                     assay_context *context) {
  assay_mixture mixture;
  assay_status status = known_truth_mixture(&mixture, chain->size.truth, context);
  if (status) return status;
  assay_stream outputs = assay_stream_of(chain->outputs, chain->size.outputs, chain->size.truth->dimension);
  status = assay_fast_variation_cells(out, &outputs, &mixture, bins, delta, context);
  assay_mixture_clear(&mixture);
  return status;
}
