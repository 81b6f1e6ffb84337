/* theory/flow_dae/series.h: truncated power series with interval coefficients, for derivatives in time that share no
 * formula with reference/.
 *
 * A series is an array: a[k] encloses the k-th Taylor coefficient. Each function returns coefficient k of its result
 * from coefficients 0..k of its arguments, and 0..k-1 of the result itself where it says `result`. So a loop over k
 * differentiates a formula, and a differential equation's solution can be grown one order at a time. With intervals as
 * coefficient 0 the coefficients hold for every point of the box. */
#ifndef ASSAY_THEORY_FLOW_DAE_SERIES_H
#define ASSAY_THEORY_FLOW_DAE_SERIES_H

#include "reference/core/interval.h"

#include <stddef.h>

iv series_mul(iv_scope *s, const iv *a, const iv *b, size_t k);
iv series_div(iv_scope *s, const iv *result, const iv *a, const iv *b, size_t k);
iv series_sqrt(iv_scope *s, const iv *result, const iv *a, size_t k);
iv series_exp(iv_scope *s, const iv *result, const iv *a, size_t k);
iv series_log(iv_scope *s, const iv *result, const iv *a, size_t k);

/* The path point around time t: coefficients 0..order of alpha and beta. */
void series_schedule(iv_scope *s, iv *alpha, iv *beta, assay_schedule_kind schedule, iv t, size_t order);

/* Coefficient k of the derivative of a (needs a[k + 1]). */
iv series_derivative(iv_scope *s, const iv *a, size_t k);

#endif
