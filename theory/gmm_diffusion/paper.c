#include "theory/gmm_diffusion/paper.h"

#include "theory/gmm_diffusion/figures.h"

/* One claim a line. */
/* clang-format off */
static const assay_claim *const claims[] = {
    &assay_gmm_diffusion_degree_law,
    &assay_gmm_diffusion_noise_sensitivity,
    &assay_gmm_diffusion_dimension_free,
    &assay_gmm_diffusion_cumulant_constants,
    &assay_gmm_diffusion_far_mass,
    &assay_gmm_diffusion_girsanov_certificate,
    &assay_gmm_diffusion_end_to_end_1d,
    &assay_gmm_diffusion_end_to_end_nd,
    &assay_gmm_diffusion_against_em,
    &assay_gmm_diffusion_degree_bias,
    &assay_gmm_diffusion_value_of_cells,
    &assay_gmm_diffusion_k_discovered,
    NULL,
};
/* clang-format on */

const assay_paper assay_gmm_diffusion_paper = {
    .key = "gmm-diffusion",
    .title = "K. Gatmiry, J. Kelner, H. Lee: Learning mixtures of Gaussians using diffusion models. COLT 2025, PMLR "
             "291, arXiv:2404.18869",
    .claims = claims,
    .figures = assay_gmm_diffusion_figures,
};
