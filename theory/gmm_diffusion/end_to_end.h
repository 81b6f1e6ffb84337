/* theory/gmm_diffusion/end_to_end.h: what the end-to-end claims measure. */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_END_TO_END_H
#define ASSAY_THEORY_GMM_DIFFUSION_END_TO_END_H

#include "theory/gmm_diffusion/learned_chain.h"

#include "reference/core/interval.h"

/* Cells of a line, each of an equal share of the truth: as in assay_fast_variation_sliced. */
enum { END_TO_END_BINS = 64 };

/* Half the sum over the cells along `direction` of |mass under the Gaussian with the truth's mean and covariance - mass
 * under the truth|. */
iv moment_matched_distance(iv_scope *s, const known_truth *truth, const double *direction);

/* The outputs' distance from the truth along the direction (count x n) that shows most: predicted 0, within the bound
 * of path_divergence.h and chance. With one direction the control is the Gaussian with the truth's two moments. */
assay_status end_to_end_measure(assay_trial *trial, const learned_chain *chain, const double *directions, size_t count,
                                assay_context *context);

/* The sizes of end-to-end-1d: degrees 8 and 3, each at rising N. */
enum { END_TO_END_LINES_QUICK = 5, END_TO_END_LINES_FULL = 8 };
chain_size end_to_end_line(size_t index, assay_level level);

#endif
