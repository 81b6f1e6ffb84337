#include "theory/flow_dae/paper.h"

/* One claim a line. */
/* clang-format off */
static const assay_claim *const claims[] = {
    &assay_flow_dae_continuity,
    &assay_flow_dae_quantile_flow,
    &assay_flow_dae_summary_ode,
    &assay_flow_dae_euler_limit,
    &assay_flow_dae_euler_cosine_product,
    NULL,
};
/* clang-format on */

static const assay_figure figures[] = {
    {.id = NULL},
};

const assay_paper assay_flow_dae_paper = {
    .key = "flow-dae",
    .title = "H. Cui, F. Krzakala, E. Vanden-Eijnden, L. Zdeborova: Analysis of learning a flow-based generative model "
             "from limited sample complexity. ICLR 2024, arXiv:2310.03575",
    .claims = claims,
    .figures = figures,
};
