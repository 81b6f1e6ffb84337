/* theory/trial.h: what a claim's gather() fills: the items of evidence, and the account of what it may spend. */
#ifndef ASSAY_THEORY_TRIAL_H
#define ASSAY_THEORY_TRIAL_H

#include "theory/experiment.h"

#include <assay/theory.h>

struct assay_trial {
  const assay_claim *claim; /* NULL while a figure is drawn: then no comparison is allowed */
  assay_level level;
  bool control; /* control and prediction change places */
  uint64_t seed;
  double share; /* delta that one comparison may spend */
  assay_memo *memo;
  assay_context *context;
  size_t declared, compared;
  assay_item *items; /* `declared` of them allocated, `count` filled */
  size_t count;
  bool broken; /* the claim broke a rule, whatever it makes of the status it was given; `message` says which */
  char message[512];
};

#endif
