/* theory/gmm_diffusion/tensor.h: Hermite coefficients in n dimensions by the trapezoidal rule on a grid, without use of
 * what one dimension says.
 *
 * Atoms at +-a v, v = numerators/denominator a unit vector, unit noise: the posterior mean at z is v f(<v, z>), f(x) =
 * a tanh(a x), and its coefficient of h_alpha(z) = prod h_{alpha_i}(z_i) has the modulus |int f(<v, z>) h_alpha phi
 * dz|. */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_TENSOR_H
#define ASSAY_THEORY_GMM_DIFFUSION_TENSOR_H

#include "reference/core/interval.h"

enum { TENSOR_DIMENSIONS = 4, TENSOR_DEGREES = 16 };

typedef struct {
  size_t n;
  long numerator[TENSOR_DIMENSIONS], denominator; /* sum of squares of numerators = denominator^2; numerators > 0 */
  long a_numerator, a_denominator;
  size_t degrees; /* D <= TENSOR_DEGREES */
} tensor_law;

/* tails[D] = E|m|^2 less the squares of all coefficients of total degree below D, D = 0, ..., law->degrees. Truncation
 * adds about 2^-target_bits to each coefficient. */
assay_status tensor_tails(iv *tails, iv_scope *s, const tensor_law *law, long target_bits, assay_context *context);

#endif
