/* theory/flow_dae/generated.h: how far the doubles of generated samples are from the exact flow on the same data. */
#ifndef ASSAY_THEORY_FLOW_DAE_GENERATED_H
#define ASSAY_THEORY_FLOW_DAE_GENERATED_H

#include <assay/fast.h>

/* A bound of the error of every entry of h_i X_K^i less (along1 xb_1 - along0 xb_0), computed in double from
 * flow->generated; 0 and 0 for the samples themselves. along0 may stand for P, which is known as perp is. */
double generated_error(const assay_dae_flow *flow, double along0, double along1);

#endif
