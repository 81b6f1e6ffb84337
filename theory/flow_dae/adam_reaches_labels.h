/* theory/flow_dae/adam_reaches_labels.h: what the claim of that name shares with the figure of basins. */
#ifndef ASSAY_THEORY_FLOW_DAE_ADAM_REACHES_LABELS_H
#define ASSAY_THEORY_FLOW_DAE_ADAM_REACHES_LABELS_H

#include <assay/fast.h>
#include <assay/theory.h>

enum { ADAM_TRIALS = 220, ADAM_TIMES = 3, ADAM_QUICK = 3, ADAM_FULL = 6 };

typedef struct {
  size_t samples, dimension;
  assay_activation activation;
  double times[ADAM_TIMES];
  size_t count; /* of times */
} adam_size;
extern const adam_size adam_sizes[ADAM_FULL];

/* fits[k * size->count + t]: trial k at times[t]. */
assay_status adam_trainings_get(const assay_dae_learned **fits, assay_trial *trial, const adam_size *size,
                                assay_context *context);

#endif
