/* theory/flow_dae/cluster_mean.h: finite dimension and finite count of the mean of generated samples.
 *
 * With the label pattern kept, h_i X_j^i = alpha_j xb_0 + beta_j xb_1 + P_j (h_i X_0^i - xb_0) (section 3, linear
 * Euler), so with k = n/(lambda+n) the mean over N samples is
 *   k [ beta_j (mu + sigma eta) + (alpha_j - P_j) xi ] + P_j zeta,  zeta = (1/N) sum h_i X_0^i.
 * h_i = sign<w_0, X_0^i> folds X_0 along w_0 (fixed by the training set) and leaves the rest normal:
 * zeta = gbar w_0/|w_0| + N(0, I/N) orthogonal to it, gbar = mean |N(0,1)| <= sqrt(chi^2_N/N), and w_0 is parallel to
 * mu + sigma eta - c_0 xi with c_0 = a_01/a_00.
 *
 * A sample that changes its sign would leave this form. For that its overlap with some w_j would have to be of the size
 * of d where it starts out at most of the size of sqrt(d): at the claims' sizes a chance below exp(-1000). */
#ifndef ASSAY_THEORY_FLOW_DAE_CLUSTER_MEAN_H
#define ASSAY_THEORY_FLOW_DAE_CLUSTER_MEAN_H

#include "theory/flow_dae/fluctuation.h"

/* All hold together with probability at least 1 - delta of fluctuation_of and delta of cluster_mean_of. */
typedef struct {
  const fluctuation *f;
  iv folded; /* gbar */
  iv normal; /* <zeta, u>/|u| for one vector u orthogonal to w_0 in the span of the training means, symmetric */
  iv square; /* |zeta|^2/d */
  iv spread; /* root mean square of X_0^i outside span{mu, xi, eta}, per dimension: sqrt(chi^2_nu/nu), nu = N (d-3) */
  size_t count; /* N */
} cluster_mean;

/* `directions` vectors u will be used; delta is shared by them, |zeta|^2 and the spread. dimension >= 4. */
cluster_mean cluster_mean_of(iv_scope *s, const fluctuation *f, size_t count, size_t directions, double delta);

/* The limit d -> infinity: zeta is orthogonal to every fixed direction and |zeta|^2/d = 1/N. */
cluster_mean cluster_mean_limit(iv_scope *s, const fluctuation *limit, size_t count);

/* M, Q, E of the mean of h_i X_j^i along mu, xi, eta, and P the root mean square of X_j^i outside their span. */
typedef struct {
  iv mu, xi, eta, perp;
} cluster_overlaps;
cluster_overlaps cluster_overlaps_at(iv_scope *s, const cluster_mean *c, iv perp, iv alpha, iv beta);

/* |mean of h_i X_K^i - mu|^2/d = |u|^2/d + (2 P <zeta, u> + P^2 |zeta|^2)/d at alpha = 0, beta = 1, where the expected
 * mean misses mu by u = k sigma eta - k P xi - (lambda/(lambda+n)) mu. */
typedef struct {
  iv center, noise;
} cluster_error;
cluster_error cluster_error_of(iv_scope *s, const cluster_mean *c, iv perp);

/* The same for a flow that ends elsewhere: u = k beta sigma eta + k (alpha - P) xi - (1 - k beta) mu. */
cluster_error cluster_error_at(iv_scope *s, const cluster_mean *c, iv perp, iv alpha, iv beta);

#endif
