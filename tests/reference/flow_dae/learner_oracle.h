/* tests/reference/flow_dae/learner_oracle.h: the learner by brute force. It minimises the quadratic loss over all (c,
 * w) through its normal equations, in any finite-dimensional space with a diagonal metric, and moves a sample by Euler
 * steps of the learned velocity. Nothing is shared with flow-dae's closed forms: with coordinates of R^d and metric 1
 * it is the learner itself, with orthogonal vectors mu, z_i, x_0^i of squared lengths r, 1, 1 as basis it is its limit
 * d -> inf. */
#ifndef ASSAY_TESTS_REFERENCE_LEARNER_ORACLE_H
#define ASSAY_TESTS_REFERENCE_LEARNER_ORACLE_H

#include <arb.h>
#include <assay/model.h>

#include <arb_mat.h>
#include <stdbool.h>
#include <stddef.h>

enum { ORACLE_BITS = 512 };

typedef struct {
  size_t samples, dimension;
  bool skip;
  arb_t lambda;
  arb_ptr metric;        /* dimension */
  arb_mat_t noise, data; /* samples x dimension: x_0^i, x_1^i */
  signed char *labels;   /* samples */
} learner_oracle;

/* Zeroed but for the metric, which is 1, and the labels, which are +1. */
void learner_oracle_init(learner_oracle *out, size_t samples, size_t dimension);
void learner_oracle_clear(learner_oracle *oracle);

/* alpha, beta, alpha', beta' at `time`. */
typedef struct {
  arb_t alpha, beta, alpha_rate, beta_rate;
} path_oracle;

/* Any schedule that the learner takes; alpha' needs time < 1 on linear-vp. */
void path_oracle_init(path_oracle *out, assay_schedule schedule, const arb_t time);
void path_oracle_clear(path_oracle *path);

/* The minimiser of sum_i |x_1^i - c x_t^i - s_i w|^2 + lambda |w|^2; w: dimension. */
void learner_oracle_fit(arb_t c, arb_ptr w, const learner_oracle *oracle, const path_oracle *path);

/* b = beta' f + alpha' e with f = c x + h w and e = (x - beta f)/alpha, alpha > 0. */
void learner_oracle_velocity(arb_ptr out, const learner_oracle *oracle, const path_oracle *path, arb_srcptr x, int h);

/* x += velocity/steps. */
void learner_oracle_step(arb_ptr x, const learner_oracle *oracle, const path_oracle *path, int h, size_t steps);

#endif
