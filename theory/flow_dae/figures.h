/* theory/flow_dae/figures.h: the paper's figures redrawn, and what the evidence resolves: theory as lines, measurement
 * as points. Each draws the experiments of the claim it belongs to. */
#ifndef ASSAY_THEORY_FLOW_DAE_FIGURES_H
#define ASSAY_THEORY_FLOW_DAE_FIGURES_H

#include "theory/flow_dae/training.h"

#include <assay/reference.h>
#include <assay/theory.h>

/* Ends with an entry of id NULL. */
extern const assay_figure assay_flow_dae_figures[];

/* M, Q, E, P along the flow. */
assay_status figure_overlaps(assay_plot *plot, assay_trial *trial, assay_context *context);

/* n times the squared error of the generated mean, and its cosine with mu, against n, beside Bayes. */
assay_status figure_mse(assay_plot *plot, assay_trial *trial, assay_context *context);
assay_status figure_cosine(assay_plot *plot, assay_trial *trial, assay_context *context);

/* The smallest relative change of the predictions of generated-mean and learned-parameters that would be refuted. */
assay_status figure_resolution_mean(assay_plot *plot, assay_trial *trial, assay_context *context);
assay_status figure_resolution_parameters(assay_plot *plot, assay_trial *trial, assay_context *context);

/* The share of random starts that end at the labels, against t. */
assay_status figure_basins(assay_plot *plot, assay_trial *trial, assay_context *context);

/* Where generated-mean's budget goes, against d, K and N. */
assay_status figure_budget_dimension(assay_plot *plot, assay_trial *trial, assay_context *context);
assay_status figure_budget_steps(assay_plot *plot, assay_trial *trial, assay_context *context);
assay_status figure_budget_samples(assay_plot *plot, assay_trial *trial, assay_context *context);

/* ---- shared ---- */

/* What a line shows: a number made of the limit at the end of the flow with these settings. */
typedef double figure_value(const assay_dae_theory *limit, const assay_dae_settings *settings);

/* A line over n = 2, 3, 4, 6, 8, 11, ..., 1024 with the settings `like` but for n. */
assay_status figure_line_over_samples(assay_plot *plot, const char *label, const assay_dae_settings *like,
                                      figure_value *value, assay_context *context);

#endif
