/* theory/flow_dae/figures.h: the paper's figures redrawn, prediction as lines and measurement as points. */
#ifndef ASSAY_THEORY_FLOW_DAE_FIGURES_H
#define ASSAY_THEORY_FLOW_DAE_FIGURES_H

#include <assay/theory.h>

/* M, Q, E, P along the flow; error of the generated mean against n, beside Bayes. */
assay_status assay_flow_dae_draw_overlaps(assay_plot *plot, assay_trial *trial, assay_context *context);
assay_status assay_flow_dae_draw_mean_error(assay_plot *plot, assay_trial *trial, assay_context *context);

#endif
