/* theory/flow_dae/generated_mean.h: what the claim of that name shares with the figure of the error against n. */
#ifndef ASSAY_THEORY_FLOW_DAE_GENERATED_MEAN_H
#define ASSAY_THEORY_FLOW_DAE_GENERATED_MEAN_H

#include "theory/flow_dae/training.h"

#include "reference/core/interval.h"

#include <assay/reference.h>

enum { GENERATED_MEAN_QUICK = 3, GENERATED_MEAN_FULL = 5, GENERATED_MEAN_TERMS = 3 };
extern const generation_sizes generated_mean_sizes[GENERATED_MEAN_FULL];

/* The error budget of |mean - mu|^2/d; returns about its total. */
double generated_mean_budget(assay_budget_term terms[GENERATED_MEAN_TERMS], iv_scope *s, const generation *g,
                             double delta);

/* The prediction for the end of that flow. */
assay_status generated_mean_limit(assay_dae_theory *limit, const generation *g, assay_context *context);

#endif
