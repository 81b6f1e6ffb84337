/* theory/flow_dae/learner.h: the learners on which the proofs about the limits d -> infinity stand, and the constants
 * of flow-dae section 4, written out here again so that reference/ is not its own witness. */
#ifndef ASSAY_THEORY_FLOW_DAE_LEARNER_H
#define ASSAY_THEORY_FLOW_DAE_LEARNER_H

#include "reference/core/interval.h"

#include <stddef.h>

/* Number of learners, of which the quick level takes the first LEARNERS_QUICK. */
enum { LEARNERS_QUICK = 3, LEARNERS_FULL = 6, LEARNER_NAME = 96 };

/* Settings of learner `index` < LEARNERS_FULL: linear schedule, steps 0; n from 2 to 1024, lambda = 0 included. */
assay_dae_settings learner_settings(size_t index);

/* "n=16 sigma=1/2 lambda=1/10 r=1 linear" into name. */
void learner_name(char name[LEARNER_NAME], const assay_dae_settings *settings);

/* "sigma=1/2 lambda=1/10 r=1": what holds for every n and schedule. */
void learner_family_name(char name[LEARNER_NAME], const assay_dae_settings *settings);

/* A = lambda + n - 1, B = lambda (r + sigma^2) + (n-1) sigma^2, nu = n/(lambda + n). */
typedef struct {
  iv sigma, lambda, norm2, A, B, nu;
} learner_constants;

learner_constants learner_constants_of(iv_scope *s, const assay_dae_settings *settings);

#endif
