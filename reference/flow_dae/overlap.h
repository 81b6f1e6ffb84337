/* reference/flow_dae/overlap.h: the overlaps of the binary mixture's posterior, for an interval kappa >= 0 and
 * Z ~ N(0, 1) (flow-dae B3). Truncation adds at most 2^-target_bits; the scope's precision and kappa's width the rest.
 */
#ifndef ASSAY_REFERENCE_FLOW_DAE_OVERLAP_H
#define ASSAY_REFERENCE_FLOW_DAE_OVERLAP_H

#include "reference/core/interval.h"

/* I_1 = E tanh^2(kappa + sqrt(kappa) Z) and I_2 = E tanh(kappa + sqrt(kappa) Z), each by its own integrand: that they
 * are equal (Nishimori) is left for a claim to find. Cost grows like sqrt(kappa); trivial enclosures beyond 10^9. */
iv overlap_square(iv_scope *s, iv kappa, long target_bits);
iv overlap_mean(iv_scope *s, iv kappa, long target_bits);

/* 1 - I_1 = E sech^2(kappa + sqrt(kappa) Z), relatively accurate to 2^-target_bits for every kappa: with
 * y = kappa + sqrt(kappa) Z of density exp(-y^2/(2 kappa)) exp(y - kappa/2)/sqrt(2 pi kappa), and exp(y) replaced by
 * its even part cosh(y), it is exp(-kappa/2) E sech(sqrt(kappa) Z). Exactly 1 at kappa = 0.
 * context: NULL, or told about progress as `task`; the result is NULL when it cancels. */
iv overlap_gap(iv_scope *s, iv kappa, long target_bits, const char *task, assay_context *context);

#endif
