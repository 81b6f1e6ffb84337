/* theory/flow_dae/summary_flow.h: what the claim of that name shares with the figure of the overlaps along the flow. */
#ifndef ASSAY_THEORY_FLOW_DAE_SUMMARY_FLOW_H
#define ASSAY_THEORY_FLOW_DAE_SUMMARY_FLOW_H

#include "theory/flow_dae/cluster_mean.h"
#include "theory/flow_dae/training.h"

enum { SUMMARY_FLOW_OVERLAPS = 4, SUMMARY_FLOW_TIMES = 4, SUMMARY_FLOW_SIZES = 3 };
extern const char *const summary_flow_names[SUMMARY_FLOW_OVERLAPS]; /* M, Q, E, P */
extern const generation_sizes summary_flow_sizes[SUMMARY_FLOW_SIZES];

/* How far M, Q, E, P measured after steps[i] steps, i < count, may be from their limits: each i but for delta. */
void summary_flow_bounds(double (*bounds)[SUMMARY_FLOW_OVERLAPS], iv_scope *s, const generation *g, const size_t *steps,
                         size_t count, double delta);

#endif
