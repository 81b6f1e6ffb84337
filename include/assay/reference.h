/* assay/reference.h: rigorous values. Every result is an enclosure, an mpfi_t interval that contains the exact real
 * number defined by the exact inputs.
 *
 * Goal. A function with `goal_bits` returns enclosures of width at most 2^-goal_bits max(|value|, 2^-goal_bits scale),
 * where `scale` is the largest magnitude among the inputs it says, raising its working precision until that holds; or
 * ASSAY_PRECISION when context->max_bits does not suffice. Never a number without its error. Outputs must be
 * initialised (mpfi_init or assay_enclosures_init); their precision is set by the function. Outputs must not alias
 * inputs. MPFR keeps constants like pi for each thread: a thread of yours that ends calls mpfr_free_cache() first. */
#ifndef ASSAY_REFERENCE_H
#define ASSAY_REFERENCE_H

#include <assay/model.h>

#include <mpfi.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- arrays of enclosures and their decimal forms ---------------------------------------------------------------- */

/* `count` initialised enclosures; release with assay_enclosures_clear (NULL is fine there). */
assay_status assay_enclosures_init(mpfi_ptr *out, size_t count, assay_context *context);
void assay_enclosures_clear(mpfi_ptr enclosures, size_t count);

/* The number to `digits` >= 1 significant decimals, correctly rounded (to nearest, ties to an even last digit),
 * trailing zeros kept: ASSAY_PRECISION when the enclosure is too wide to tell. Exact 0 gives "0". Form: plain decimal
 * for exponents in [-5, 20], else d.ddde-N or d.dddeN. Free with free(). */
assay_status assay_enclosure_decimal(char **out, mpfi_srcptr enclosure, size_t digits, assay_context *context);

/* Both ends to `digits` significant decimals, rounded outward. Free both with free(). */
assay_status assay_enclosure_outward(char **lower, char **upper, mpfi_srcptr enclosure, size_t digits,
                                     assay_context *context);

/* The number correctly rounded to the nearest double (ties to even, subnormals and overflow to infinity included; a
 * zero is +0): ASSAY_PRECISION likewise. */
assay_status assay_enclosure_double(double *out, mpfi_srcptr enclosure, assay_context *context);

/* ---- fields of mixtures along a path ----------------------------------------------------------------------------- */

/* The quantity at each of `points` points (points x d, finite). out: points x assay_quantity_width enclosures.
 * Formulas (flow-dae section 1): V_k = alpha^2 I + beta^2 S_k, g_k = V_k^{-1}(x - beta m_k), p_k ~ w_k N(x; beta m_k,
 * V_k), f = sum p_k (m_k + beta S_k g_k), e = alpha sum p_k g_k, score = -sum p_k g_k, b = beta' f + alpha' e. No
 * division by alpha or beta occurs, so t = 0 and t = 1 are ordinary points. Components that symmetry makes zero are
 * exactly [0, 0]; where covariances are not isotropic, symmetries count that only flip signs (of single coordinates
 * when diagonal, of all when full). scale: largest |x_j|, |m_kj| of that point. ASSAY_INVALID: a full covariance is
 * proved not positive definite, even at t = 0; ASSAY_PRECISION also when max_bits do not tell whether it is.
 * Cost: d interval operations per component, point and precision tried; a full covariance d^2, and d^3/6 (divergence:
 * d^3) once for each precision. Precisions rise with the condition of full covariances and with d. */
assay_status assay_reference_field(mpfi_ptr out, assay_quantity quantity, const assay_mixture *mixture,
                                   const assay_path_point *point, const double *x, size_t points, long goal_bits,
                                   assay_context *context);

/* The same, written for output: correctly rounded to double, raising the goal until every entry is decided. */
assay_status assay_reference_field_double(double *out, assay_quantity quantity, const assay_mixture *mixture,
                                          const assay_path_point *point, const double *x, size_t points,
                                          assay_context *context);

/* ---- flow-dae: limits d -> infinity ------------------------------------------------------------------------------ */

/* R1-R8 of flow-dae section 4. c: skip strength. w_mu, w_xi, w_eta: coefficients m, l, m sigma of w_t along mu, xi,
 * eta. flow_mu, flow_xi, flow_eta, flow_perp: M, Q, E, P of the flow at time T. mse, cosine (of the mean),
 * cluster_variance, w2_squared (per dimension, between generated and target cluster) and mse_bayes (R6) belong to the
 * flow's end. Fresh noise: xi is each step's own; w_xi is the coefficient along the noise of time T, and flow_xi =
 * sqrt(n V) >= 0 is the root of the sum of squares of the flow's coefficients along the noises of all steps (0 for the
 * ODE), so that mse = r (M-1)^2 + (E^2 + Q^2)/n in every variant.
 * ASSAY_UNSUPPORTED: steps > 0 on the published grid, or by DDIM on a schedule other than linear; one step
 * on polynomial with N > 1, which goes nowhere. */
/* clang-format off */
#define ASSAY_DAE_THEORY_FIELDS(X)                                                                                     \
  X(c) X(w_mu) X(w_xi) X(w_eta)                                                                                        \
  X(flow_mu) X(flow_xi) X(flow_eta) X(flow_perp)                                                                       \
  X(mse) X(cosine) X(cluster_variance) X(mse_bayes) X(w2_squared)
/* clang-format on */

typedef struct {
#define ASSAY_DAE_THEORY_MEMBER(name) mpfi_t name;
  ASSAY_DAE_THEORY_FIELDS(ASSAY_DAE_THEORY_MEMBER)
#undef ASSAY_DAE_THEORY_MEMBER
} assay_dae_theory;

void assay_dae_theory_init(assay_dae_theory *theory);
void assay_dae_theory_clear(assay_dae_theory *theory);

/* With settings->steps = K > 0 the flow is the Euler recursion R4 and time must be j/K exactly: "1/10" is a step of
 * K = 10, the double 0.1 is not. scale: 1. */
assay_status assay_reference_dae_theory(assay_dae_theory *out, const assay_dae_settings *settings, assay_real time,
                                        long goal_bits, assay_context *context);

/* ---- flow-dae: the exact theorem at finite d --------------------------------------------------------------------- */

/* Section 3: with the label pattern at every step and generated sample i keeping the sign h_i,
 *   X_1 = h xb_1 + P (X_0 - h xb_0), xb_u = (1/(lambda+n)) sum_i s_i x_u^i,
 * P = sqrt(a_11/a_00) (steps = 0) or prod(1 + dt gamma_j) (linear Euler), a_uv from the data's Gram products. Whatever
 * the numbers in the streams, that is exact.
 * out: start->rows x start->columns enclosures of X_1. perp: P. noise, data: n x d streams of x_0^i and x_1^i;
 * labels: n entries +-1; start: N x d stream of X_0; signs: N entries +-1. scale: largest |entry| read; 1 for perp.
 * Cost: n d + N d interval operations per precision tried, 2 d + N d intervals beside `out`. sigma and norm2 play no
 * part. ASSAY_UNSUPPORTED: steps > 0 on a schedule other than linear or on the published grid, fresh noise, no skip.
 * ASSAY_PRECISION: a_00 = 0 (lambda = 0 and all s_i x_0^i equal) cannot be told from small. */
assay_status assay_reference_dae_transport(mpfi_ptr out, mpfi_ptr perp, const assay_stream *noise,
                                           const assay_stream *data, const signed char *labels,
                                           const assay_stream *start, const signed char *signs,
                                           const assay_dae_settings *settings, long goal_bits, assay_context *context);

/* ---- Bayes-optimal error rates ----------------------------------------------------------------------------------- */

/* All to relative accuracy (scale: 0), the far tail of B4 included, down to MPFR's smallest number, about
 * 10^-323228496: ASSAY_PRECISION below. */

/* B1: E|mu_hat - mu|^2/d of the posterior mean, labels known, mu ~ N(0, r I): r sigma^2/(n r + sigma^2). */
assay_status assay_reference_bayes_estimation(mpfi_ptr out, size_t samples, assay_real sigma, assay_real norm2,
                                              long goal_bits, assay_context *context);

/* B3: E|x_1 - f(x_t)|^2 of the whole vector for 1/2 N(mu, sigma^2 I) + 1/2 N(-mu, sigma^2 I), mean_norm2 = |mu|^2 >= 0:
 * d s + (alpha^4/v^2) |mu|^2 (1 - I), s = alpha^2 sigma^2/v, kappa = beta^2 |mu|^2/v, I = E tanh^2(kappa + sqrt(kappa)
 * Z). */
assay_status assay_reference_bayes_denoising(mpfi_ptr out, size_t dimension, assay_real mean_norm2, assay_real sigma,
                                             const assay_path_point *point, long goal_bits, assay_context *context);

/* B4: error of the best guess of the label from x_t: Phi(-beta |mu|/sqrt(v)), v = alpha^2 + beta^2 sigma^2. */
assay_status assay_reference_bayes_classification(mpfi_ptr out, assay_real mean_norm2, assay_real sigma,
                                                  const assay_path_point *point, long goal_bits,
                                                  assay_context *context);

/* B4 for any mixture on a line (dimension 1, every covariance kind): the probability that the likeliest component given
 * x_t is not the one that x_1 was drawn from, 1 - E max_k p_k(x_t). Components count as different even where they are
 * the same Gaussian. scale: 1. */
assay_status assay_reference_line_classification(mpfi_ptr out, const assay_mixture *mixture,
                                                 const assay_path_point *point, long goal_bits, assay_context *context);

/* B3 for any mixture on a line (dimension 1, every covariance kind): E Var(x_1 | x_t), to relative accuracy (scale: 0).
 * Exactly 0 where alpha = 0, and the variance of x_1 where beta = 0. Integrated over panels by Taylor series: the cost
 * grows like goal_bits^3 and with the number of places where the likeliest component changes. Reports progress. */
assay_status assay_reference_line_denoising(mpfi_ptr out, const assay_mixture *mixture, const assay_path_point *point,
                                            long goal_bits, assay_context *context);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
