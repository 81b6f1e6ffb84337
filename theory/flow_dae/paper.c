#include "theory/flow_dae/paper.h"

#include "theory/flow_dae/figures.h"

/* One claim a line. */
/* clang-format off */
static const assay_claim *const claims[] = {
    &assay_flow_dae_continuity,
    &assay_flow_dae_quantile_flow,
    &assay_flow_dae_summary_ode,
    &assay_flow_dae_euler_limit,
    &assay_flow_dae_euler_cosine_product,
    &assay_flow_dae_mse_rate,
    &assay_flow_dae_cosine_rate,
    &assay_flow_dae_bayes_gap,
    &assay_flow_dae_fresh_noise_bayes,
    &assay_flow_dae_nishimori,
    &assay_flow_dae_bayes_classification,
    &assay_flow_dae_bayes_denoising,
    &assay_flow_dae_finite_d_theorem,
    &assay_flow_dae_learned_parameters,
    &assay_flow_dae_self_consistency_margin,
    &assay_flow_dae_adam_reaches_labels,
    &assay_flow_dae_summary_flow,
    &assay_flow_dae_generated_mean,
    &assay_flow_dae_cluster_shape,
    &assay_flow_dae_variance_ratio_law,
    &assay_flow_dae_bayes_labels_unknown,
    &assay_flow_dae_no_skip_collapse,
    &assay_flow_dae_imbalance_lost,
    &assay_flow_dae_published_grid,
    &assay_flow_dae_fresh_noise,
    &assay_flow_dae_notebook_scaling,
    NULL,
};
/* clang-format on */

const assay_paper assay_flow_dae_paper = {
    .key = "flow-dae",
    .title = "H. Cui, F. Krzakala, E. Vanden-Eijnden, L. Zdeborová: Analysis of learning a flow-based generative model "
             "from limited sample complexity. ICLR 2024, arXiv:2310.03575",
    .claims = claims,
    .figures = assay_flow_dae_figures,
};
