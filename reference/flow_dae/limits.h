/* reference/flow_dae/limits.h: the limits d -> infinity of flow-dae (section 4, R1-R9) as interval expressions.
 *
 * All arguments are intervals, so that whole ranges can be subdivided; u = 1/n is a variable of its own, down to u = 0.
 * With A = lambda + n - 1, B = lambda (r + sigma^2) + (n-1) sigma^2 and D = alpha^2 A + beta^2 B, only two numbers of
 * the data matter: k = n/(lambda+n) and b = B/A = sigma^2 + r lambda/A; for D/A = alpha^2 + beta^2 b. Both are monotone
 * in u and lambda and are taken end by end, so they are as narrow as their arguments allow.
 *
 * No weights (rho, 1-rho) of the clusters enter: the label pattern folds the labels into s_i x_u^i, whose law is free
 * of rho, and the learned field is odd, so that generated clusters weigh 1/2 each whatever rho (R9). */
#ifndef ASSAY_REFERENCE_FLOW_DAE_LIMITS_H
#define ASSAY_REFERENCE_FLOW_DAE_LIMITS_H

#include "reference/core/schedule.h"

typedef struct {
  iv inverse_samples, lambda, norm2, sigma2; /* u = 1/n, lambda, r, sigma^2 */
  iv shrinkage;                              /* k = n/(lambda+n) = 1/(1 + lambda u) */
  iv ratio;                                  /* b = B/A; 0 without skip connection */
  bool skip;                                 /* false: c = 0 (R8) */
  bool fresh;                                /* true: noise redrawn at every step (R7) */
} dae_limits;

/* 0 <= u <= 1, lambda >= 0 and not both u = 1 and lambda = 0; r > 0, sigma2 > 0. Fixed noise, skip connection. */
dae_limits dae_limits_of(iv_scope *s, iv inverse_samples, iv lambda, iv norm2, iv sigma2);

/* The same data with c = 0: every formula below holds with b = 0 (R8). */
dae_limits dae_limits_without_skip(iv_scope *s, const dae_limits *limits);

/* Of the exact settings, its variants included. */
dae_limits dae_limits_of_settings(iv_scope *s, const assay_dae_settings *settings);

/* ---- the learner at one time ---- */

iv dae_skip_strength(iv_scope *s, const dae_limits *limits, const schedule_values *at); /* R1: c = beta B/D */
iv dae_weight_mu(iv_scope *s, const dae_limits *limits, const schedule_values *at);     /* R1: m = k alpha^2 A/D */
iv dae_weight_xi(iv_scope *s, const dae_limits *limits, const schedule_values *at);     /* R1: l = -k alpha c */
iv dae_weight_eta(iv_scope *s, const dae_limits *limits, const schedule_values *at);    /* R1: m sigma */

/* dX/dt = D'/(2D) X + h (drive_mu (mu + sigma eta) + drive_xi xi): R2's zeta m and zeta l. drive_xi is for alpha >
 * 0: on vp schedules it is unbounded at t = 1. */
iv dae_drive_mu(iv_scope *s, const dae_limits *limits, const schedule_values *at);
iv dae_drive_xi(iv_scope *s, const dae_limits *limits, const schedule_values *at);

/* ---- the flow ---- */

/* X = h (M mu + E eta + Q xi) + P X_0. Under fresh noise xi stands for the vectors xi_j of all steps and Q for the root
 * of the sum of squares of their coefficients, sqrt(n V): both protocols then have mean error r (M-1)^2 + (E^2 +
 * Q^2)/n. */
typedef struct {
  iv mu, xi, eta, perp; /* M, Q, E, P */
} dae_flow;

/* R3, the ODE's solution; R7 (Q = 0) and R8 (Q = 0, P = alpha) for the variants. */
dae_flow dae_flow_at(iv_scope *s, const dae_limits *limits, const schedule_values *at);

/* Of any flow: |mean - mu|^2/d, cosine of mean and mu, and W_2^2 per dimension between the clusters N(mean, P^2 I) and
 * N(mu, sigma^2 I), which is mean error + (P - sigma)^2 as both covariances are multiples of I. */
iv dae_mean_error(iv_scope *s, const dae_limits *limits, const dae_flow *flow);
iv dae_mean_cosine(iv_scope *s, const dae_limits *limits, const dae_flow *flow);
iv dae_transport_distance2(iv_scope *s, const dae_limits *limits, const dae_flow *flow);

/* ---- the ODE's end in closed form, tight over ranges ---- */

/* n MSE = r u (lambda k)^2 + k^2 (sigma^2 + b), b absent for the variants (R5, R7, R8). */
iv dae_scaled_mse(iv_scope *s, const dae_limits *limits);
/* (1 + u (sigma^2 + b)/r)^(-1/2), likewise (R5). */
iv dae_cosine(iv_scope *s, const dae_limits *limits);
/* R6: MSE* = r sigma^2/(n r + sigma^2), and n MSE*. */
iv dae_bayes_mse(iv_scope *s, const dae_limits *limits);
iv dae_scaled_bayes_mse(iv_scope *s, const dae_limits *limits);
/* n (MSE - MSE*) = k^2 [ (r lambda - sigma^2)^2 u/(r + sigma^2 u) + b ], b likewise: R6 for any r. */
iv dae_scaled_bayes_gap(iv_scope *s, const dae_limits *limits);

#endif
