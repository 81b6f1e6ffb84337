/* theory/gmm_diffusion/figures.h: figures of gmm-diffusion: theory as lines, measurement as points. */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_FIGURES_H
#define ASSAY_THEORY_GMM_DIFFUSION_FIGURES_H

#include <assay/theory.h>

/* Ends with an entry of id NULL. */
extern const assay_figure assay_gmm_diffusion_figures[];

assay_status figure_value_of_cells(assay_plot *plot, assay_trial *trial, assay_context *context);
assay_status figure_cells_found(assay_plot *plot, assay_trial *trial, assay_context *context);
assay_status figure_distance_samples(assay_plot *plot, assay_trial *trial, assay_context *context);

#endif
