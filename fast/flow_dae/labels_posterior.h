/* fast/flow_dae/labels_posterior.h: the exact posterior over unknown labels, one data set at a time (flow-dae B2).
 *
 * x_i = s_i mu + sigma z_i, mu ~ N(0, I_d), s_1 known, the other labels fair coins. Given the data a pattern e has
 * p(e) ~ exp(|S_e|^2/(2 sigma^2 (n + sigma^2))), S_e = sum e_i x_i, and given e as well mu has mean S_e/(n + sigma^2).
 * Not knowing e costs, per dimension, the variance of that mean,
 *   excess = sum_e p(e) |S_e - S|^2/((n + sigma^2)^2 d),  S = sum_e p(e) S_e.
 * With y_i = b_i x_i, b the likeliest pattern, e flips a set F of the y_i and Y_F = sum_F y_i:
 *   S_e = S_b - 2 Y_F,  log p(e)/p(b) = -2 cut_F/(sigma^2 (n + sigma^2)),  cut_F = <Y_F, S_b - Y_F> >= 0,
 *   excess = 4/((n + sigma^2)^2 d) (sum_F p_F |Y_F|^2 - |sum_F p_F Y_F|^2),
 * small numbers when the labels are nearly certain, without cancellation there. */
#ifndef ASSAY_FAST_FLOW_DAE_LABELS_POSTERIOR_H
#define ASSAY_FAST_FLOW_DAE_LABELS_POSTERIOR_H

#include "fast/core/ball.h"

enum { LABELS_MOST_SAMPLES = 20 }; /* 2^19 patterns */

/* gram: n x n, the x_i's products, each within gram_error of the exact one; it is left with the signs of y.
 * 1 <= n <= LABELS_MOST_SAMPLES. The radius bounds all roundings; infinite when they leave the posterior open. */
ball labels_excess(double *gram, double gram_error, size_t n, size_t dimension, double sigma);

#endif
