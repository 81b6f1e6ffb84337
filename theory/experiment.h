/* theory/experiment.h: the memo of a run's shared experiments, by key. */
#ifndef ASSAY_THEORY_EXPERIMENT_H
#define ASSAY_THEORY_EXPERIMENT_H

#include <assay/theory.h>

typedef assay_status assay_make(void **out, const void *argument, uint64_t seed, assay_context *context);

typedef struct {
  char *key;
  assay_make *make;
  void (*release)(void *);
  void *value;
  assay_status status; /* a failure is remembered with its message */
  char *message;
} assay_experiment;

typedef struct {
  uint64_t seed; /* of the run */
  assay_experiment *experiments;
  size_t count;
} assay_memo;

/* What `make` made for this key: the first time by calling it with assay_share_seed(seed, "experiment", key). */
assay_status assay_memo_get(void **out, assay_memo *memo, const char *key, assay_make *make, void (*release)(void *),
                            const void *argument, assay_context *context);
void assay_memo_clear(assay_memo *memo);

#endif
