/* theory/gmm_diffusion/degree_law.h: what the claim degree-law and its figure share. */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_DEGREE_LAW_H
#define ASSAY_THEORY_GMM_DIFFUSION_DEGREE_LAW_H

#include "reference/core/interval.h"

#include <assay/gmm_reference.h>

/* 10^-k, 1 <= k <= 8. */
assay_real degree_law_error(int k);

/* Degrees for relative errors 10^-first, ..., 10^-last into `degrees`. */
assay_status degree_law_measure(size_t *degrees, int first, int last, const assay_gmm_line *line,
                                assay_context *context);

/* The line of least squares through (log log(1/epsilon), log D): its slope, and log D where log log(1/epsilon) is 0. */
typedef struct {
  iv exponent, offset;
} degree_fit;
degree_fit degree_law_fit(iv_scope *s, const size_t *degrees, int first, int last);

#endif
