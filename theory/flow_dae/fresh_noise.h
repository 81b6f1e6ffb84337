/* theory/flow_dae/fresh_noise.h: what the claim of that name shares with the figures of the generated mean. */
#ifndef ASSAY_THEORY_FLOW_DAE_FRESH_NOISE_H
#define ASSAY_THEORY_FLOW_DAE_FRESH_NOISE_H

#include "reference/core/interval.h"

#include <assay/fast.h>
#include <assay/theory.h>

enum { FRESH_NOISE_QUICK = 4, FRESH_NOISE_FULL = 9, FRESH_NOISE_TERMS = 3 };

typedef struct {
  size_t samples, dimension, steps, count;
  double lambda;
} fresh_sizes;
extern const fresh_sizes fresh_noise_sizes[FRESH_NOISE_FULL];

typedef struct {
  assay_dae_settings settings;
  assay_bounded error, noise; /* of the mean of `count` samples, and |Xi|^2/d, the noise's part in it */
  double cosine;
} fresh_measured;

assay_status fresh_measured_get(const fresh_measured **out, assay_trial *trial, const fresh_sizes *at,
                                assay_context *context);

/* The budget of that error. */
void fresh_noise_budget(assay_budget_term terms[FRESH_NOISE_TERMS], iv_scope *s, const fresh_sizes *at,
                        const fresh_measured *measured, double delta);

#endif
