/* theory/flow_dae/notebook.h: the summary recursion of the published notebook, Theory.ipynb of
 * github.com/SPOC-group/Diffusion_GMM at commit 8bba0bd596b28ca08d106965ab90a8e62e4512e7, in its own terms: its alpha =
 * t multiplies the data, its beta = 1 - t the noise, and |mu|^2 = d. */
#ifndef ASSAY_THEORY_FLOW_DAE_NOTEBOOK_H
#define ASSAY_THEORY_FLOW_DAE_NOTEBOOK_H

#include "reference/core/interval.h"

/* NOTEBOOK_STEPS Euler steps of 1/100, the first at t = first/parts, the next at (first+1)/parts, and so on. The
 * notebook: 1/100, ..., 99/100; the published simulation: 0, 1/99, ..., 98/99. */
enum { NOTEBOOK_STEPS = 99 };
typedef struct {
  size_t first, parts;
} notebook_grid;
extern const notebook_grid notebook_own_grid, notebook_simulation_grid;

/* The notebook's Q_eta after the grid's steps from 0. It plots Q_eta/sigma. */
iv notebook_overlap(iv_scope *s, size_t samples, iv sigma, iv lambda, notebook_grid grid);

#endif
