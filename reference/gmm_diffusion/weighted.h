/* reference/gmm_diffusion/weighted.h: sums of weights times m_d^2 over all degrees, several from one spectrum. */
#ifndef ASSAY_REFERENCE_GMM_DIFFUSION_WEIGHTED_H
#define ASSAY_REFERENCE_GMM_DIFFUSION_WEIGHTED_H

#include <assay/gmm_reference.h>

/* GRADIENT: d (d-1) ... (d-j+1), j = order. NOISE: (1 - e^{-td})^{2L}, L = order, t = time. */
typedef enum { WEIGHTED_GRADIENT, WEIGHTED_NOISE } weighted_kind;

typedef struct {
  weighted_kind kind;
  unsigned order;
  assay_real time;
} weighted_sum;

/* Into out[i], as the functions of gmm_reference.h for one of them. */
assay_status weighted_sums(mpfi_ptr out, const weighted_sum *sums, size_t count, const assay_gmm_line *line,
                           long goal_bits, assay_context *context);

#endif
