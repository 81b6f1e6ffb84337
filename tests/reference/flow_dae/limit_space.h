/* tests/reference/flow_dae/limit_space.h: the limit d -> infinity as a finite space. Orthogonal basis: mu (squared
 * length r), z_i, x_0^i of every noise in use, and X_0 (squared length 1 each), all per dimension. */
#ifndef ASSAY_TESTS_REFERENCE_LIMIT_SPACE_H
#define ASSAY_TESTS_REFERENCE_LIMIT_SPACE_H

#include "tests/reference/flow_dae/learner_oracle.h"

#include <assay/model.h>

/* M, E, P and the coefficient along xi; under fresh noise the root of the sum of its squares over the noises. */
typedef struct {
  arb_t mu, xi, eta, perp;
} limit_summary;

typedef struct {
  learner_oracle learner;
  size_t noises; /* 1, or one per step */
  arb_ptr x;     /* the sample, from X_0 */
} limit_space;

/* `labels` gives the samples' labels; settings' numbers must be doubles. */
void limit_space_init(limit_space *out, const assay_dae_settings *settings, const signed char *labels);
void limit_space_clear(limit_space *space);

/* From now on the samples' noises are the j-th ones. */
void limit_space_use_noise(limit_space *space, size_t j);

void limit_summary_init(limit_summary *out);
void limit_summary_clear(limit_summary *summary);

/* Reads h = +1 coefficients off a vector of the space; fails the test when z_i or x_0^i do not enter through eta, xi.
 */
void limit_space_read(limit_summary *out, const limit_space *space, arb_srcptr vector);

/* |v - X_0 part - mu|^2/d and the cosine of v - X_0 part with mu, by inner products. */
void limit_space_mean_error(arb_t out, const limit_space *space, arb_srcptr v);
void limit_space_mean_cosine(arb_t out, const limit_space *space, arb_srcptr v);

#endif
