/* assay/gmm_reference.h: rigorous values of gmm-diffusion on a line. Conventions, goals and enclosures as in
 * reference.h.
 *
 * A hidden mean u is drawn from a mixing law of atoms and uniform segments, y = u + sigma g with g ~ N(0, 1). With
 * z = (y - centre)/sigma, m(z) = E[u - centre | y], expanded in normalised probabilists' Hermite polynomials h_d under
 * z ~ N(0, 1): m = sum m_d h_d, E m^2 = sum m_d^2, and tail_D = sum_{d >= D} m_d^2 is the squared error of the best
 * polynomial of degree below D. R: the largest distance from the centre that the law reaches. */
#ifndef ASSAY_GMM_REFERENCE_H
#define ASSAY_GMM_REFERENCE_H

#include <assay/model.h>

#include <mpfi.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* An atom (left = right), or the uniform law on [left, right]. */
typedef struct {
  assay_real weight; /* > 0; weights are normalised exactly by their sum */
  assay_real left, right;
} assay_gmm_piece;

typedef struct {
  const assay_gmm_piece *pieces;
  size_t count;      /* >= 1 */
  assay_real sigma;  /* > 0 */
  assay_real centre; /* finite */
} assay_gmm_line;

/* m_0, ..., m_{count-1} into `coefficients`, E m^2 into norm2 (NULL: not wanted). By the trapezoidal rule with the
 * error of the strip where m is analytic, R |Im z|/sigma < pi/2; exactly 0 for even d where the law mirrors itself
 * about the centre. scale: R, and R^2 for norm2. Cost: count operations for each of some hundred nodes, at about 2
 * goal_bits + 20 sqrt(count) bits. */
assay_status assay_reference_gmm_hermite(mpfi_ptr coefficients, mpfi_ptr norm2, const assay_gmm_line *line,
                                         size_t count, long goal_bits, assay_context *context);

/* tail_0, ..., tail_{count-1}: what the degrees below leave of E m^2. scale: R^2. */
assay_status assay_reference_gmm_tails(mpfi_ptr out, const assay_gmm_line *line, size_t count, long goal_bits,
                                       assay_context *context);

/* E|(I - P_t)^L m|^2 = sum_d (1 - e^{-td})^{2L} m_d^2 for the semigroup P_t of Ornstein and Uhlenbeck, t > 0, L >= 1.
 * scale: R^2. */
assay_status assay_reference_gmm_noise_sensitivity(mpfi_ptr out, const assay_gmm_line *line, assay_real time,
                                                   unsigned order, long goal_bits, assay_context *context);

/* E|m^(j)|^2 = sum_d d (d-1) ... (d-j+1) m_d^2, derivatives in z. scale: the square of the line's bound on |m^(j)|
 * below. */
assay_status assay_reference_gmm_gradient2(mpfi_ptr out, const assay_gmm_line *line, unsigned order, long goal_bits,
                                           assay_context *context);

/* c_m = sum_j S(m, j) (j-1)!, S Stirling's numbers of the second kind, m >= 1: 1, 2, 6, 26, 150, 1082, ... A law in a
 * ball of radius R has cumulants |kappa_m| <= c_m R^m. */
assay_status assay_reference_gmm_cumulant_constant(mpz_ptr out, unsigned order, assay_context *context);

/* Two bounds |m^(L)| <= b_L R (R/sigma)^L. cumulants: b_L = c_{L+1}, in any dimension. line: Cauchy's in the strip, b_L
 * = min over 0 < theta < pi/2 of L! theta^-L/cos(theta), b_0 = 1. Both give tail_D <= min over L <= D of
 * b_L^2 R^2 (R/sigma)^{2L}/(D (D-1) ... (D-L+1)). */
typedef enum { ASSAY_GMM_BOUND_CUMULANTS, ASSAY_GMM_BOUND_LINE } assay_gmm_bound;

/* That bound for degree D. radius >= 0, sigma > 0. scale: 0, to relative accuracy. */
assay_status assay_reference_gmm_tail_bound(mpfi_ptr out, assay_gmm_bound bound, assay_real radius, assay_real sigma,
                                            size_t degree, long goal_bits, assay_context *context);

/* The least D with tail_D <= epsilon^2 E m^2, 0 < epsilon < 1: the first degree that may be left out. */
assay_status assay_reference_gmm_degree(size_t *out, const assay_gmm_line *line, assay_real epsilon,
                                        assay_context *context);

/* The least D for which the bound says so. */
assay_status assay_reference_gmm_degree_bound(size_t *out, assay_gmm_bound bound, const assay_gmm_line *line,
                                              assay_real epsilon, assay_context *context);

/* Pieces as components: the posterior mass of those that u was not drawn from, in expectation, 1 - E p_i(y). scale: 1.
 */
assay_status assay_reference_gmm_far_mass(mpfi_ptr out, const assay_gmm_line *line, long goal_bits,
                                          assay_context *context);

/* Its bound 2 (k-1) Phi(-Delta/(2 sigma)), Delta the least distance between two of the k pieces (0 when two meet). To
 * relative accuracy; 0 for one piece. */
assay_status assay_reference_gmm_far_mass_bound(mpfi_ptr out, const assay_gmm_line *line, long goal_bits,
                                                assay_context *context);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
