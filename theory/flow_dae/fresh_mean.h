/* theory/flow_dae/fresh_mean.h: finite dimension and finite count of the mean of samples generated with fresh noise.
 *
 * With the label pattern kept and noise x_0^{i,j} of its own for every Euler step j of K on the linear schedule, a step
 * takes X_j - beta_j h xb_1 to (1 + dt gamma_j) (X_j - beta_j h xb_1) - dt c_j h xb_0^j, as 1 + alpha gamma = c. So the
 * mean over N samples is, k = n/(lambda+n),
 *   k (mu + sigma eta) - Xi + P zeta,  Xi = sum_j q_j xi_j,  q_j = k dt c_j prod_{i>j} (1 + dt gamma_i),
 * zeta = (1/N) sum h_i X_0^i as in cluster_mean.h; 1 + dt gamma_i = (c_i + K - i - 1)/(K - i), P their product.
 *
 * The q_j depend on the noise too, through the c_j. With q_j = qbar_j + r_j, qbar_j the limit: sum qbar_j xi_j is
 * N(0, sum qbar^2/n I), and |sum r_j xi_j| <= |r| (sqrt d + sqrt K + t)/sqrt n but for exp(-t^2/2), a bound of the
 * largest singular value of a d x K normal matrix (Davidson and Szarek 2001, theorem II.13); |sum r_j <xi_j, v>| <=
 * |r| |v| sqrt(chi^2_K/n) for v that does not depend on the noise. */
#ifndef ASSAY_THEORY_FLOW_DAE_FRESH_MEAN_H
#define ASSAY_THEORY_FLOW_DAE_FRESH_MEAN_H

#include "theory/flow_dae/cluster_mean.h"

/* What the fits along the flow make of it: P, c_0, and of the q_j |qbar| and |r|. */
typedef struct {
  iv perp, first_skip, length, rest;
} fresh_kicks;

/* What is drawn of the noises, each over its size: |sum qbar_j xi_j|, the largest singular value, sqrt(chi^2_K), and
 * a normal variable. 1, 1, 0 and 0 in the limit. */
typedef struct {
  iv norm, largest, root_chi, normal;
} fresh_laws;

/* All that is drawn. one: the training set's own Gram numbers; each: those of any step's noise, too; still: their
 * limit, of which qbar. laws: normal and root_chi serve two vectors each, v and m. Points to itself: do not move it. */
typedef struct {
  fluctuation one, each, still;
  fresh_laws laws;
  cluster_mean start;
} fresh_inputs;

/* Every one of them in its interval, with probability at least 1 - delta. settings->steps = K >= 1, dimension >= 4. */
void fresh_inputs_of(fresh_inputs *out, iv_scope *s, const assay_dae_settings *settings, size_t dimension, size_t count,
                     double delta);

fresh_kicks fresh_kicks_of(iv_scope *s, const fluctuation *each, const fluctuation *still, size_t steps);

/* Products per dimension of m = mu + sigma eta, v = k m - mu, Xi, u = v - Xi and m - c_0 xi_0, which w_0 is parallel
 * to: |v|^2, <Xi, v>, |Xi|^2, |u|^2, <u, m - c_0 xi_0>, |m - c_0 xi_0|^2. */
typedef struct {
  iv vv, xv, xx, uu, uw, ww;
} fresh_products;
fresh_products fresh_products_of(iv_scope *s, const fresh_inputs *in, const fresh_kicks *q);

/* |mean - mu|^2/d = center + start: |k (mu + sigma eta) - Xi - mu|^2/d, and what P zeta adds. noise: |Xi|^2/d. */
typedef struct {
  iv center, start, noise;
} fresh_mean;

/* Of anything drawn that lies in the inputs. */
fresh_mean fresh_mean_from(iv_scope *s, const fresh_inputs *in, size_t steps);

/* Enclosures that hold together with probability at least 1 - delta; as fresh_inputs_of. */
fresh_mean fresh_mean_of(iv_scope *s, const assay_dae_settings *settings, size_t dimension, size_t count, double delta);

/* The limit d -> infinity of all of it. */
fresh_mean fresh_mean_limit(iv_scope *s, const assay_dae_settings *settings, size_t dimension, size_t count);

#endif
