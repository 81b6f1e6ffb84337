/* theory/flow_dae/paper.h: the claims of flow-dae, each in a file of its own. To add one: its file, its line here and
 * in paper.c, its file's name in CMakeLists.txt. */
#ifndef ASSAY_THEORY_FLOW_DAE_PAPER_H
#define ASSAY_THEORY_FLOW_DAE_PAPER_H

#include <assay/theory.h>

extern const assay_paper assay_flow_dae_paper;

extern const assay_claim assay_flow_dae_continuity;
extern const assay_claim assay_flow_dae_quantile_flow;
extern const assay_claim assay_flow_dae_summary_ode;
extern const assay_claim assay_flow_dae_euler_limit;
extern const assay_claim assay_flow_dae_euler_cosine_product;
extern const assay_claim assay_flow_dae_mse_rate;
extern const assay_claim assay_flow_dae_cosine_rate;
extern const assay_claim assay_flow_dae_bayes_gap;
extern const assay_claim assay_flow_dae_fresh_noise_bayes;
extern const assay_claim assay_flow_dae_nishimori;
extern const assay_claim assay_flow_dae_bayes_classification;
extern const assay_claim assay_flow_dae_bayes_denoising;
extern const assay_claim assay_flow_dae_finite_d_theorem;
extern const assay_claim assay_flow_dae_learned_parameters;
extern const assay_claim assay_flow_dae_self_consistency_margin;
extern const assay_claim assay_flow_dae_adam_reaches_labels;
extern const assay_claim assay_flow_dae_summary_flow;
extern const assay_claim assay_flow_dae_generated_mean;
extern const assay_claim assay_flow_dae_cluster_shape;
extern const assay_claim assay_flow_dae_variance_ratio_law;
extern const assay_claim assay_flow_dae_bayes_labels_unknown;
extern const assay_claim assay_flow_dae_no_skip_collapse;
extern const assay_claim assay_flow_dae_imbalance_lost;
extern const assay_claim assay_flow_dae_published_grid;
extern const assay_claim assay_flow_dae_fresh_noise;
extern const assay_claim assay_flow_dae_notebook_scaling;

#endif
