/* fast/flow_dae/report.h: what is said of a fit (c, w) at the time a problem is set to. */
#ifndef ASSAY_FAST_FLOW_DAE_REPORT_H
#define ASSAY_FAST_FLOW_DAE_REPORT_H

#include "fast/flow_dae/problem.h"

/* mu (m coordinates), the labels and sigma of the training set. */
typedef struct {
  const double *mu;
  const signed char *labels;
  double sigma;
} dae_truth;

/* Everything but time, iterations and stationary. Turns w around when that reproduces more labels, and says so: (c, w)
 * and (c, -w) are the same f. */
assay_status dae_report(assay_dae_learned *out, bool *turned, double c, double *w, const dae_problem *problem,
                        const dae_truth *truth, assay_context *context);

#endif
