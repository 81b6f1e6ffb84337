/* theory/gmm_diffusion/paper.h: the claims of gmm-diffusion, each in a file of its own. To add one: its file, its line
 * here and in paper.c, its file's name in CMakeLists.txt. */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_PAPER_H
#define ASSAY_THEORY_GMM_DIFFUSION_PAPER_H

#include <assay/theory.h>

extern const assay_paper assay_gmm_diffusion_paper;

extern const assay_claim assay_gmm_diffusion_degree_law;
extern const assay_claim assay_gmm_diffusion_noise_sensitivity;
extern const assay_claim assay_gmm_diffusion_dimension_free;
extern const assay_claim assay_gmm_diffusion_cumulant_constants;
extern const assay_claim assay_gmm_diffusion_far_mass;
extern const assay_claim assay_gmm_diffusion_girsanov_certificate;
extern const assay_claim assay_gmm_diffusion_end_to_end_1d;
extern const assay_claim assay_gmm_diffusion_end_to_end_nd;
extern const assay_claim assay_gmm_diffusion_against_em;
extern const assay_claim assay_gmm_diffusion_degree_bias;
extern const assay_claim assay_gmm_diffusion_value_of_cells;
extern const assay_claim assay_gmm_diffusion_k_discovered;

#endif
