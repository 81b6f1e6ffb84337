/* reference/flow_dae/euler.h: Euler steps of the limiting flow (flow-dae R4; R7 for fresh noise, R8 without skip). */
#ifndef ASSAY_REFERENCE_FLOW_DAE_EULER_H
#define ASSAY_REFERENCE_FLOW_DAE_EULER_H

#include "reference/flow_dae/limits.h"

/* The flow at t = step/steps on the grid of `steps` uniform steps over [0, 1]. */
typedef struct {
  const dae_limits *limits;
  size_t steps, step;
  mpfi_ptr mu, xi, perp; /* M, Q (fresh noise: n V = Q^2) and P; E = sigma M always, as both start at 0 */
  schedule_path path;    /* work space of a step */
} dae_euler;

/* At step 0: M = Q = 0, P = 1. `limits` must outlive it; the numbers belong to the scope. steps >= 1. */
void dae_euler_init(dae_euler *out, iv_scope *s, const dae_limits *limits, assay_schedule schedule, size_t steps);
void dae_euler_clear(dae_euler *euler);

/* From t_j to t_{j+1}, for step < steps:
 *   M += dt (gamma M + zeta m), Q += dt (gamma Q + zeta l), P += dt gamma P;
 *   fresh noise: n V <- (1 + dt gamma)^2 n V + (dt zeta l)^2, as each step has a noise of its own. */
void dae_euler_step(dae_euler *euler, iv_scope *s);

/* The flow reached, as copies owned by the scope. */
dae_flow dae_euler_flow(const dae_euler *euler, iv_scope *s);

#endif
