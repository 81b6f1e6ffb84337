/* theory/flow_dae/learned_parameters.h: what the claim of that name shares with the figure of its resolution, and its
 * two parts with each other. */
#ifndef ASSAY_THEORY_FLOW_DAE_LEARNED_PARAMETERS_H
#define ASSAY_THEORY_FLOW_DAE_LEARNED_PARAMETERS_H

#include "theory/flow_dae/training.h"

#include "reference/core/interval.h"

#include <assay/reference.h>

enum { LEARNED_PARAMETERS = 3, LEARNED_PARAMETERS_QUICK = 3, LEARNED_PARAMETERS_FULL = 6 };
extern const training_sizes learned_parameters_sizes[LEARNED_PARAMETERS_FULL];

/* control: n for n-1 in A and B. bound: of the dimension term. */
typedef struct {
  const char *name; /* c, w_mu, w_xi */
  iv predicted, control;
  double bound;
  assay_bounded measured;
} learned_parameter;

/* All but what is measured; limit: the theory at this time, which must stay. */
void learned_parameters_of(learned_parameter out[LEARNED_PARAMETERS], iv_scope *s, const assay_dae_settings *settings,
                           size_t dimension, assay_real time, const assay_dae_theory *limit, double delta);

/* At training_times[i]; likewise. */
void learned_parameters_at(learned_parameter out[LEARNED_PARAMETERS], iv_scope *s, const training *t, size_t i,
                           const assay_dae_theory *limit, double delta);

/* The claim's items with tanh and erf. */
enum { LEARNED_SATURATED_ITEMS = 9 };
assay_status learned_saturated(assay_trial *trial, iv_scope *s, assay_context *context);

#endif
