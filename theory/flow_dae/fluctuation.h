/* theory/flow_dae/fluctuation.h: what finite d does to the limits of flow-dae section 4, as enclosures that hold
 * together with probability at least 1 - delta.
 *
 * With labels folded in, y_i = s_i x_0^i and s_i x_1^i = mu + sigma z_i, everything the learner computes is a function
 * of Gram numbers of the y_i and z_i, whose exact laws are known:
 *   W_00 = sum |y_i - xi|^2 ~ chi^2_{(n-1)d}, W_11 (of z, eta) likewise, W_01 = sum <y_i - xi, z_i - eta> = sqrt(W_00)
 * N(0,1), n|xi|^2 ~ chi^2_d, n|eta|^2 ~ chi^2_d, <xi, eta> = |xi| N(0,1)/sqrt n, <xi, mu>, <eta, mu> = |mu| N(0,1)/sqrt
 * n. Each of the eight lies in its interval but for delta/8; interval arithmetic carries them to any function of them.
 * (The laws are those of exact normals; the doubles that stand for them are within 2^-51 parts of such.) The budget's
 * dimension term is the largest distance of that image from the limit. */
#ifndef ASSAY_THEORY_FLOW_DAE_FLUCTUATION_H
#define ASSAY_THEORY_FLOW_DAE_FLUCTUATION_H

#include "reference/core/interval.h"

/* All Gram numbers per dimension (divided by d). */
typedef struct {
  size_t samples, dimension;
  iv n, d, sigma, lambda, norm2; /* the exact inputs */
  iv shrinkage;                  /* n/(lambda + n) */
  iv xi2, eta2, xi_eta;          /* |xi|^2, |eta|^2, <xi, eta> */
  iv xi_mu, eta_mu;              /* <xi, mu>, <eta, mu> */
  iv a00, a01, a11;              /* a_uv = sum <x_u, x_v> - <S_u, S_v>/(lambda + n) */
} fluctuation;

/* samples >= 2. */
fluctuation fluctuation_of(iv_scope *s, const assay_dae_settings *settings, size_t dimension, double delta);

/* The limits d -> infinity of all of these: 1/n for |xi|^2 and |eta|^2, n-1 for W_00 and W_11, else 0. What this file
 * makes of them is the center of a fluctuation. */
fluctuation fluctuation_limit(iv_scope *s, const assay_dae_settings *settings, size_t dimension);

/* c and the coefficients of w along mu + sigma eta and xi, of the label solution at (alpha, beta). */
typedef struct {
  iv c, mu, xi;
} fluctuation_fit;
fluctuation_fit fluctuation_fit_at(iv_scope *s, const fluctuation *f, iv alpha, iv beta);

/* <w, u>/d for a vector u with <u, mu>/d, <u, xi>/d, <u, eta>/d. */
iv fluctuation_weight_overlap(iv_scope *s, const fluctuation_fit *fit, const fluctuation *f, iv with_mu, iv with_xi,
                              iv with_eta);

/* [-q, q] with P(|N(0,1)| > q) <= delta. */
iv fluctuation_normal(iv_scope *s, double delta);

/* P_j after j <= steps of `steps` Euler steps on the linear schedule (section 3); steps >= 1. */
iv fluctuation_perp(iv_scope *s, const fluctuation *f, size_t steps, size_t j);

/* The largest |x - center| over x in `image`, rounded up: the bound of a dimension term. image: a statistic of
 * fluctuation_of; center: the same statistic of fluctuation_limit. Not of the prediction under test: a wrong one would
 * widen its own budget. */
double fluctuation_bound(iv_scope *s, iv image, iv center);

#endif
