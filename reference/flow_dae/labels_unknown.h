/* reference/flow_dae/labels_unknown.h: what not knowing the labels costs a Bayesian (flow-dae B2), in two exact forms.
 */
#ifndef ASSAY_REFERENCE_FLOW_DAE_LABELS_UNKNOWN_H
#define ASSAY_REFERENCE_FLOW_DAE_LABELS_UNKNOWN_H

#include <assay/model.h>

#include <mpfi.h>

/* For one data set x (n x d, rows x_i = s_i mu + sigma z_i, s_1 known): the posterior variance of mu's mean given the
 * labels, per dimension. Patterns are written out one by one, and so are the vectors: 2^n n d operations, n <= 16.
 * scale: the largest |x_ij|, squared. */
assay_status labels_unknown_excess(mpfi_ptr out, const double *x, size_t samples, size_t dimension, assay_real sigma,
                                   long goal_bits, assay_context *context);

/* Its average over data sets of two samples, mu ~ N(0, I), in even dimension d = 2h <= 1024, to relative accuracy. With
 * P = |x_1 + x_2|^2/2 and Q = |x_1 - x_2|^2/2, independent (2 + sigma^2) chi^2_d and sigma^2 chi^2_d for equal labels,
 * the excess is (P + Q) sech^2(k (P - Q))/(2 d (2 + sigma^2)^2) on average given P and Q, k = 1/(2 sigma^2 (2 +
 * sigma^2)). Its values at (P, Q) and (Q, P) are equal: averaging the density over the two turns sech^2 into sech, and
 *   excess = J/(2 d (2 + sigma^2)^2 (2 k)^h k Gamma(h)^2),
 *   J = int int (p + q) (p q)^(h-1) exp(-(1 + sigma^2) (p + q)) sech(p - q) dp dq,
 * a finite sum of positive terms int t^j exp(-(1 + sigma^2) t) sech(t) dt = 2 j! sum_m (-1)^m (2 + sigma^2 +
 * 2m)^-(j+1). */
assay_status labels_unknown_pair(mpfi_ptr out, size_t dimension, assay_real sigma, long goal_bits,
                                 assay_context *context);

#endif
