/* reference/gmm_diffusion/derivative_bound.h: the two bounds |m^(L)| <= b_L R (R/sigma)^L, and what they leave beyond a
 * degree. */
#ifndef ASSAY_REFERENCE_GMM_DIFFUSION_DERIVATIVE_BOUND_H
#define ASSAY_REFERENCE_GMM_DIFFUSION_DERIVATIVE_BOUND_H

#include "reference/core/interval.h"

#include <assay/gmm_reference.h>

/* c_1, ..., c_count: sum_j S(m, j) (j-1)! with S(m, j) = j S(m-1, j) + S(m-1, j-1). */
assay_status cumulant_constants_init(mpz_t **out, size_t count, assay_context *context);
void cumulant_constants_clear(mpz_t *constants, size_t count);

/* b_0, ..., b_{count-1}, in the scope. */
typedef struct {
  iv *b;
  size_t count;
} derivative_bounds;

/* As many as derivative_tail needs for degrees up to `degree` and j <= `order` at this R/sigma (> 0). */
assay_status derivative_bounds_init(derivative_bounds *out, iv_scope *s, assay_gmm_bound bound, double ratio,
                                    size_t degree, size_t order, assay_context *context);
void derivative_bounds_clear(derivative_bounds *bounds);

/* sum_{d >= D} d (d-1) ... (d-j+1) m_d^2 <= min over j <= L <= D of b_L^2 R^2 (R/sigma)^{2L}/((D-j) ... (D-L+1)), for R
 * = 1: E|m^(L)|^2 = sum_d d (d-1) ... (d-L+1) m_d^2. D >= j. */
iv derivative_tail(iv_scope *s, const derivative_bounds *bounds, iv ratio, size_t degree, size_t j);

#endif
