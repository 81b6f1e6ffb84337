/* The papers, one line each. */
#include "theory/flow_dae/paper.h"
#include "theory/gmm_diffusion/paper.h"

const assay_paper *const assay_papers[] = {
    &assay_flow_dae_paper,
    &assay_gmm_diffusion_paper,
    NULL,
};
