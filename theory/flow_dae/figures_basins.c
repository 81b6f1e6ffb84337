/* Figure basins: the share of random starts from which alternating minimisation ends at the labels, against t. */
#include "theory/clopper_pearson.h"
#include "theory/flow_dae/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { STARTS = 60, TIMES = 7, SIZES = 3, DIMENSION = 2000, ITERATIONS = 1000 };
static const double basin_times[TIMES] = {0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98};
static const size_t basin_samples[SIZES] = {2, 8, 64};

typedef struct {
  size_t reached[TIMES];
} basins;

/* Every start at every time on one training set; in one thread, as the pieces are small. */
static assay_status learn(assay_dae_learned fits[TIMES * STARTS], size_t samples, uint64_t seed,
                          assay_context *context) {
  assay_context own = *context;
  own.threads = 1;
  assay_dae_settings settings = assay_dae_settings_of(samples, assay_real_of(0.5), assay_real_of(0.1));
  assay_dae_learner learner = assay_dae_learner_stationary(ASSAY_SIGN);
  learner.start = ASSAY_START_RANDOM;
  learner.seed = seed;
  learner.iterations = ITERATIONS;
  double times[TIMES * STARTS];
  for (size_t i = 0; i < TIMES * STARTS; i++) times[i] = basin_times[i / STARTS];
  assay_dae_data data;
  assay_status status = assay_fast_dae_data_init(&data, &settings, DIMENSION, 0.5, seed, context);
  if (status) return status;
  status = assay_fast_dae_learn(fits, NULL, times, TIMES * STARTS, &data, &settings, &learner, &own);
  if (status) assay_fail(context, status, "%s", own.message);
  assay_fast_dae_data_clear(&data);
  return status;
}

static assay_status make_basins(void **out, const void *argument, uint64_t seed, assay_context *context) {
  void *fits = NULL, *memory = NULL;
  assay_status status = assay_allocate(&fits, TIMES * STARTS, sizeof(assay_dae_learned), "fits", context);
  if (!status) status = learn(fits, *(const size_t *)argument, seed, context);
  if (!status) status = assay_allocate(&memory, 1, sizeof(basins), "basins", context);
  if (!status) {
    basins *made = memory;
    const assay_dae_learned *fit = fits;
    for (size_t i = 0; i < TIMES * STARTS; i++) made->reached[i / STARTS] += fit[i].wrong_labels == 0;
    *out = made;
  }
  free(fits);
  return status;
}

static assay_status put_basins(assay_plot *plot, size_t samples, const basins *b, assay_context *context) {
  char label[32];
  (void)snprintf(label, sizeof label, "n = %zu", samples);
  assay_series *points = NULL;
  assay_status status = assay_plot_add(&points, plot, label, false, TIMES, true, context);
  if (!status) status = assay_series_skew(points, context);
  for (size_t i = 0; !status && i < TIMES; i++) {
    assay_rate rate = assay_rate_of(b->reached[i], STARTS);
    points->x[i] = basin_times[i];
    points->y[i] = (double)b->reached[i] / STARTS;
    points->error[i] = fmax(points->y[i] - rate.low, 0);
    points->above[i] = fmax(rate.high - points->y[i], 0);
  }
  return status;
}

assay_status figure_basins(assay_plot *plot, assay_trial *trial, assay_context *context) {
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < SIZES; i++) {
    char key[64];
    (void)snprintf(key, sizeof key, "flow-dae basins n=%zu", basin_samples[i]);
    void *made = NULL;
    status = assay_trial_experiment(&made, trial, key, make_basins, free, &basin_samples[i], context);
    if (!status) status = put_basins(plot, basin_samples[i], made, context);
  }
  return status;
}
