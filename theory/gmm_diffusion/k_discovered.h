/* theory/gmm_diffusion/k_discovered.h: what the claim k-discovered and its figure share. */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_K_DISCOVERED_H
#define ASSAY_THEORY_GMM_DIFFUSION_K_DISCOVERED_H

#include <assay/gmm_fast.h>

/* in_turn: the numbers of cells go 1, 2, ..., k as the noise falls, each seen, and never down. at_the_end: they are k
 * at every level tau <= 1/10. */
typedef struct {
  bool in_turn, at_the_end;
} cells_seen;

cells_seen cells_seen_in(const assay_gmm_model *model, size_t components);

#endif
