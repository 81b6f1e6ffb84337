/* theory/run.h: a run from the inside, for the reports. */
#ifndef ASSAY_THEORY_RUN_H
#define ASSAY_THEORY_RUN_H

#include "theory/experiment.h"

#include <assay/theory.h>

struct assay_run {
  assay_run_options options;
  const assay_paper *const *papers;
  const assay_paper **owners; /* count: the paper of each result */
  assay_result *results;
  size_t count;
  assay_memo memo;
};

#endif
