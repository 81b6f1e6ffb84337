/* reference/gmm_diffusion/trapezoid.h: the trapezoidal rule h sum_k f(kh) for integrands that are analytic in a strip
 * |Im x| <= a. By Poisson's formula it is off by at most 2 M/(exp(2 pi a/h) - 1), int |f(x +- ia)| dx <= M, and by the
 * sum over the nodes that are left out. */
#ifndef ASSAY_REFERENCE_GMM_DIFFUSION_TRAPEZOID_H
#define ASSAY_REFERENCE_GMM_DIFFUSION_TRAPEZOID_H

#include "reference/core/interval.h"

/* Nodes kh, |k| <= nodes, h = step 2^exponent: products with k step are cheap, and nodes exact. */
typedef struct {
  long step, exponent, nodes;
} trapezoid;

/* What an integrand must show; all are upper bounds of magnitudes, and the scope may be rough. */
typedef struct {
  iv strip, mass;                                      /* a, M */
  iv (*beyond)(iv_scope *s, iv cut, const void *self); /* h times the sum of |f(kh)| over |k| h > cut */
  const void *self;
} trapezoid_integrand;

/* Chooses step and cut for an error of about 2^-target_bits; false: more than 2^22 nodes would be needed. */
bool trapezoid_choose(trapezoid *out, iv_scope *rough, const trapezoid_integrand *f, long target_bits);

/* The error of this rule for f, which may be another integrand than the one the rule was chosen for. */
iv trapezoid_error(iv_scope *rough, const trapezoid *rule, const trapezoid_integrand *f);

iv trapezoid_step(iv_scope *s, const trapezoid *rule);         /* h */
iv trapezoid_node(iv_scope *s, const trapezoid *rule, long k); /* kh */

/* The strip for m = E[v | x] of a law of this radius: at most 0.93 pi/(2 radius), where |m| <= radius/cos(radius a),
 * and no more than the decay of the normal density rewards at this target. A double as an exact point. */
iv trapezoid_strip(iv_scope *rough, iv radius, long target_bits);

#endif
