/* fast/flow_dae/gram.h: everything the label solution needs to know of the training set, from one pass over blocks of
 * columns. With y_u^i = s_i x_u^i (u = 0 noise, 1 data) and S_u = sum_i y_u^i:
 *   q_uv = sum_i <x_u^i, x_v^i>,   g_uv = <S_u, S_v>,   overlaps o_uv^i = <S_u, y_v^i>.
 *
 * Rounding. With R = dae_slabs_roundings and p = tile_sum_roundings(n):
 *   - a dot product over columns is within gamma_R |a| |b| of the exact one of the same vectors (Cauchy-Schwarz on
 *     sum |a_j b_j|), plus d 2^-1074 for products that underflow;
 *   - the computed S_u is off by a vector of norm at most e_u = gamma_p |C_u|, C_u = sum_i |x_u^i| entrywise;
 *   - so <S_u, y> is off by at most gamma_R |S_u||y| + e_u |y|, and <S_u, S_v> by at most
 *     gamma_R |S_u||S_v| + e_u |S_v| + |S_u| e_v + e_u e_v.
 * Norms are bounded by the square roots of the computed sums of squares, divided by 1 - gamma_R. */
#ifndef ASSAY_FAST_FLOW_DAE_GRAM_H
#define ASSAY_FAST_FLOW_DAE_GRAM_H

#include "fast/core/ball.h"

/* The numbers kept of each sample. */
enum { ROW_00, ROW_01, ROW_S00, ROW_S10, ROW_11, ROW_S01, ROW_S11, ROW_NUMBERS };

/* A vector known to rounding: bounds of its norm and of the norm of its error. */
typedef struct {
  double norm, error;
} dae_size;

typedef struct {
  size_t samples, dimension;
  double *rows; /* samples x ROW_NUMBERS: |x_0|^2, <x_0,x_1>, o_00, o_10, |x_1|^2, o_01, o_11 */
  double gamma; /* gamma_R */
  ball q00, q01, q11;
  ball g00, g01, g11;
  /* With T = S_1 - n mu, mu = mean (1, ..., 1): the same directions as S_1, without what S_1 and mu share. */
  ball mean_s0, mean_t, s0_t, tt; /* <mu, S_0>, <mu, T>, <S_0, T>, |T|^2 */
  dae_size s0, s1, t;
  double s0_entry, s1_entry;             /* bounds of the entries of C_0 and C_1, hence of S_0 and S_1 */
  double s0_entry_error, s1_entry_error; /* bounds of the errors of the entries of S_0 and S_1 */
} dae_gram;

/* s0, s1: NULL, or d doubles each that receive S_0 and S_1. `held`: bytes the caller holds, counted against the cap. */
assay_status dae_gram_init(dae_gram *out, double *s0, double *s1, const assay_dae_data *data, size_t held,
                           assay_context *context);
void dae_gram_clear(dae_gram *gram);

/* <a, b> from the dot product computed with the known vectors. */
ball dae_dot(double computed, dae_size a, dae_size b, double gamma, size_t dimension);

/* An upper bound of a norm from its computed square. */
double dae_norm(double square, double gamma, size_t dimension);

/* o_uv of sample i. */
ball dae_overlap(const dae_gram *gram, size_t sample, size_t number);

#endif
