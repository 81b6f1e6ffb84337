/* theory/flow_dae/training.h: the experiments of flow-dae, each made once a run and shared by claims and figures. */
#ifndef ASSAY_THEORY_FLOW_DAE_TRAINING_H
#define ASSAY_THEORY_FLOW_DAE_TRAINING_H

#include <assay/fast.h>
#include <assay/theory.h>

/* Label solutions at a few times, d = 0 for none of a list. */
enum { TRAINING_TIMES = 3 };
extern const assay_real training_times[TRAINING_TIMES]; /* 1/4, 1/2, 3/4 */

typedef struct {
  size_t samples, dimension;
  double sigma, lambda;
} training_sizes;

typedef struct {
  assay_dae_settings settings;
  size_t dimension;
  assay_dae_fit fits[TRAINING_TIMES];
} training;

assay_status training_get(const training **out, assay_trial *trial, training_sizes sizes, assay_context *context);

/* The trained flow (linear schedule) with its data. */
typedef struct {
  training_sizes training;
  size_t steps, count;
} generation_sizes;

typedef struct {
  assay_dae_settings settings;
  assay_dae_data data;
  assay_dae_flow flow;
  assay_bounded mean_error; /* |mean of h_i X_K^i - mu|^2/d, all components */
} generation;

assay_status generation_get(generation **out, assay_trial *trial, generation_sizes sizes, assay_context *context);

/* A generation of any settings and weight of the + cluster, from `seed`, for one claim alone. Do not move `out`;
 * release with generation_clear. */
assay_status generation_init(generation *out, const assay_dae_settings *settings, size_t dimension, double plus_weight,
                             size_t count, uint64_t seed, assay_context *context);
void generation_clear(generation *g);

#endif
