/* fast/flow_dae/training_set.h: the training set as one stream of vectors, with the noise of one draw. */
#ifndef ASSAY_FAST_FLOW_DAE_TRAINING_SET_H
#define ASSAY_FAST_FLOW_DAE_TRAINING_SET_H

#include <assay/fast.h>

/* The noise of the `draw`-th time or step (below 2^31): the data's own, or with fresh noise one of its own, over
 * `normals`. */
assay_stream dae_noise_at(assay_normals *normals, const assay_dae_data *data, const assay_dae_settings *settings,
                          size_t draw);

typedef struct {
  const assay_dae_data *data;
  assay_stream noise;
} dae_training_set;

/* 1 + 2 n rows: mu, x_0^i, x_1^i. */
assay_stream dae_training_stream(const dae_training_set *set);

#endif
