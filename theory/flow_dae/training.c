#include "theory/flow_dae/training.h"

#include <stdio.h>
#include <stdlib.h>

const assay_real training_times[TRAINING_TIMES] = {{0.25, NULL}, {0.5, NULL}, {0.75, NULL}};

enum { KEY = 128 };

static assay_dae_settings settings_of(training_sizes sizes, size_t steps) {
  assay_dae_settings settings =
      assay_dae_settings_of(sizes.samples, assay_real_of(sizes.sigma), assay_real_of(sizes.lambda));
  settings.steps = steps;
  return settings;
}

static assay_status make_training(void **out, const void *argument, uint64_t seed, assay_context *context) {
  const training_sizes *sizes = argument;
  training *made = NULL;
  assay_status status = assay_allocate((void **)&made, 1, sizeof *made, "training", context);
  if (status) return status;
  made->settings = settings_of(*sizes, 0);
  made->dimension = sizes->dimension;
  double times[TRAINING_TIMES];
  for (size_t i = 0; i < TRAINING_TIMES; i++) times[i] = training_times[i].nearest;
  assay_dae_data data;
  status = assay_fast_dae_data_init(&data, &made->settings, sizes->dimension, 0.5, seed, context);
  if (!status) {
    status = assay_fast_dae_train(made->fits, times, TRAINING_TIMES, &data, &made->settings, context);
    assay_fast_dae_data_clear(&data);
  }
  if (status)
    free(made);
  else
    *out = made;
  return status;
}

assay_status training_get(const training **out, assay_trial *trial, training_sizes sizes, assay_context *context) {
  char key[KEY];
  snprintf(key, sizeof key, "flow-dae training n=%zu d=%zu sigma=%a lambda=%a", sizes.samples, sizes.dimension,
           sizes.sigma, sizes.lambda);
  void *made = NULL;
  assay_status status = assay_trial_experiment(&made, trial, key, make_training, free, &sizes, context);
  if (!status) *out = made;
  return status;
}

assay_status generation_init(generation *out, const assay_dae_settings *settings, size_t dimension, double plus_weight,
                             size_t count, uint64_t seed, assay_context *context) {
  out->settings = *settings;
  assay_status status = assay_fast_dae_data_init(&out->data, settings, dimension, plus_weight, seed, context);
  if (status) return status;
  status = assay_fast_dae_flow_init(&out->flow, &out->data, settings, count, seed, context);
  if (status) {
    assay_fast_dae_data_clear(&out->data);
    return status;
  }
  status = assay_fast_dae_flow_mean_error(&out->mean_error, &out->flow, &out->data, context);
  if (status) generation_clear(out);
  return status;
}

void generation_clear(generation *g) {
  assay_fast_dae_flow_clear(&g->flow);
  assay_fast_dae_data_clear(&g->data);
}

static void release_generation(void *made) {
  generation_clear(made);
  free(made);
}

static assay_status make_generation(void **out, const void *argument, uint64_t seed, assay_context *context) {
  const generation_sizes *sizes = argument;
  generation *made = NULL;
  assay_status status = assay_allocate((void **)&made, 1, sizeof *made, "generation", context);
  if (status) return status;
  assay_dae_settings settings = settings_of(sizes->training, sizes->steps);
  status = generation_init(made, &settings, sizes->training.dimension, 0.5, sizes->count, seed, context);
  if (status)
    free(made);
  else
    *out = made;
  return status;
}

assay_status generation_get(generation **out, assay_trial *trial, generation_sizes sizes, assay_context *context) {
  char key[KEY];
  snprintf(key, sizeof key, "flow-dae generation n=%zu d=%zu sigma=%a lambda=%a K=%zu N=%zu", sizes.training.samples,
           sizes.training.dimension, sizes.training.sigma, sizes.training.lambda, sizes.steps, sizes.count);
  void *made = NULL;
  assay_status status = assay_trial_experiment(&made, trial, key, make_generation, release_generation, &sizes, context);
  if (!status) *out = made;
  return status;
}
