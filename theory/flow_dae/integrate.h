/* theory/flow_dae/integrate.h: integrals over an interval by Taylor expansion on adaptive panels: another rule than
 * reference/'s trapezoidal sums, with another proof. */
#ifndef ASSAY_THEORY_FLOW_DAE_INTEGRATE_H
#define ASSAY_THEORY_FLOW_DAE_INTEGRATE_H

#include "reference/core/interval.h"

#include <stddef.h>

/* Order of the expansions: even, so that by symmetry the odd coefficients drop out. */
enum { INTEGRATE_ORDER = 32 };

/* out[k], k = 0..INTEGRATE_ORDER, encloses the k-th Taylor coefficient f^(k)/k! at every point of x (a point or a box);
 * f is smooth on x. */
typedef void (*integrate_series)(iv_scope *s, iv *out, iv x, const void *self);

/* Encloses int_low^high f. The expansions' remainders add at most 2^-target_bits, unless panels would have to be
 * narrower than (high - low) 2^-20, and then what they add; the scope's precision bounds the rest. low <= high. */
iv integrate(iv_scope *s, integrate_series f, const void *self, double low, double high, long target_bits);

#endif
