/* fast/flow_dae/path.h: the schedules at a time t = p/q, with proved errors. */
#ifndef ASSAY_FAST_FLOW_DAE_PATH_H
#define ASSAY_FAST_FLOW_DAE_PATH_H

#include "fast/core/ball.h"

/* alpha, beta at t; alpha' and kappa = alpha beta' - alpha' beta, in terms of which the velocity is
 * b = (kappa f + alpha' x)/alpha (flow-dae section 1 with zeta = kappa/alpha). */
typedef struct {
  ball alpha, beta, alpha_slope, kappa;
} dae_path;

/* 0 <= p <= q, both doubles exactly: a double time t is (t, 1), a grid point j/K is (j, K). The ends are exact. */
dae_path dae_path_at(assay_schedule schedule, double p, double q);

#endif
