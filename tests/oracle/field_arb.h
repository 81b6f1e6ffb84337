/* tests/oracle/field_arb.h: fields of mixtures by Arb, from definitions and not from the formulas that reference/ and
 * fast/ use.
 *
 * By integration: density, denoiser and noise from Bayes' rule, E[x_1 | x_t = x] = int u rho_1(u) N(x; beta u, alpha^2
 * I) du over the same without u; every component factorises over coordinates along its principal axes, so
 * one-dimensional integrals suffice, with rigorous tails. 0 < alpha, beta; covariances are diagonal but for the entries
 * (0, 1) and (1, 0). By differentiation: log p_t(x) = log sum_k w_k N(x; beta m_k, alpha^2 I + beta^2 S_k) as a power
 * series along each coordinate gives score and Laplacian, and Tweedie's formulas the rest: e = - alpha score, f = (x +
 * alpha^2 score)/beta, b = beta' f + alpha' e and its divergence. beta > 0 where f is needed. */
#ifndef ASSAY_TESTS_ORACLE_FIELD_ARB_H
#define ASSAY_TESTS_ORACLE_FIELD_ARB_H

#include <arb.h>

typedef struct {
  slong dimension, count;
  const double *weight;     /* count */
  const double *covariance; /* count x dimension x dimension */
  const double *mean;       /* count x dimension */
} oracle_mixture;

typedef struct {
  arb_t alpha, beta, alpha_rate, beta_rate;
} oracle_path;

void oracle_path_init(oracle_path *path);
void oracle_path_clear(oracle_path *path);

/* alpha = 1 - t, beta = t; cosine and sine of pi t/2; 1 - t^degree and t^degree; (1 - beta^2)^(1/2) with beta = t, and
 * with beta = exp(-E/2), E = int_0^(1-t) (low + v (high - low)) dv. time < 1 for the last two. */
void oracle_path_linear(oracle_path *path, const arb_t time, slong bits);
void oracle_path_trigonometric(oracle_path *path, const arb_t time, slong bits);

void oracle_path_polynomial(oracle_path *path, const arb_t time, ulong degree, slong bits);
void oracle_path_linear_vp(oracle_path *path, const arb_t time, slong bits);
void oracle_path_vp(oracle_path *path, const arb_t time, const arb_t low, const arb_t high, slong bits);

/* Sum of the weights. */
void oracle_total_weight(arb_t out, const oracle_mixture *mixture, slong bits);

/* Width 1: log-density and divergence; d: the others. Any may be NULL. */
typedef struct {
  arb_ptr velocity, score, denoiser, noise, log_density, divergence;
} oracle_field;

/* log_density, denoiser and noise only. */
void oracle_field_by_integration(oracle_field *out, const oracle_mixture *mixture, const oracle_path *path,
                                 const double *x, slong bits);
void oracle_field_by_differentiation(oracle_field *out, const oracle_mixture *mixture, const oracle_path *path,
                                     const double *x, slong bits);

#endif
