/* theory/flow_dae/rate.h: evidence about a rate in the number n of samples, learner by learner: for all n at once, then
 * formula by formula at listed n. */
#ifndef ASSAY_THEORY_FLOW_DAE_RATE_H
#define ASSAY_THEORY_FLOW_DAE_RATE_H

#include "reference/flow_dae/limits.h"
#include "theory/flow_dae/learner.h"
#include "theory/flow_dae/range.h"

#include <assay/reference.h>
#include <assay/theory.h>

/* The formulas are compared to 2^-RATE_AGREE_BITS: n (n x - limit) loses 2 log2 n < 64 bits of the flow's parts. */
enum { RATE_AGREE_BITS = 100, RATE_GOAL_BITS = 220, RATE_WORKING_BITS = 320 };

/* The listed n: 2, 5, 10^6 at the quick level; 3, 64, 10^9 too at the full one. */
enum { RATE_SIZES_QUICK = 3, RATE_SIZES_FULL = 6 };

/* u = 1/n from 0 to 1/2. */
extern const range_side rate_all_sizes;

/* One learner at one n. */
typedef struct {
  char name[LEARNER_NAME];
  learner_constants constants;
  dae_limits limits;              /* reference/'s closed forms */
  const assay_dae_theory *theory; /* reference/'s flow in continuous time, part by part */
  iv n, u;                        /* u = 1/n */
} rate_point;

typedef struct {
  const char *task; /* for progress */
  /* what holds for all n at once */
  assay_status (*for_all_sizes)(assay_trial *trial, iv_scope *s, const assay_dae_settings *settings);
  /* the formulas at one n */
  assay_status (*at_size)(assay_trial *trial, iv_scope *s, const rate_point *at);
} rate;

/* All learners of the trial's level. */
assay_status rate_gather(assay_trial *trial, const rate *of, assay_context *context);

/* Items that rate_gather reports at the two levels. */
#define RATE_ITEMS_QUICK(per_learner, per_size)                                                                        \
  ((size_t)LEARNERS_QUICK * ((per_learner) + (size_t)RATE_SIZES_QUICK * (per_size)))
#define RATE_ITEMS_FULL(per_learner, per_size)                                                                         \
  ((size_t)LEARNERS_FULL * ((per_learner) + (size_t)RATE_SIZES_FULL * (per_size)))

#endif
