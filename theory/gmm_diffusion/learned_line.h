/* theory/gmm_diffusion/learned_line.h: models learned from draws of line_truth, each made once a run and shared by
 * claims and figures. One draw of noise a sample; levels 64, 32, ..., 1/16. */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_LEARNED_LINE_H
#define ASSAY_THEORY_GMM_DIFFUSION_LEARNED_LINE_H

#include "theory/gmm_diffusion/known_truth.h"

#include <assay/gmm_fast.h>
#include <assay/theory.h>

extern const known_truth line_truth; /* weights .3, .4, .3 at -3, 1/2, 4 */

/* cells: found as by default; else one cell at every level. */
typedef struct {
  size_t samples, degree;
  bool cells;
} learned_sizes;

typedef struct {
  assay_mixture truth;
  assay_gmm_model model;
} learned_line;

assay_status learned_line_get(const learned_line **out, assay_trial *trial, learned_sizes sizes,
                              assay_context *context);

/* The number of the level at tau. */
assay_status learned_line_level(size_t *out, const learned_line *learned, double tau, assay_context *context);

/* E|U_hat - U|^2 at a level, and the least that its cells and degrees allow. */
assay_status learned_line_errors(double *learned_error, double *least, const learned_line *learned, size_t level,
                                 assay_context *context);

/* What higher degrees, or cells, are compared with: the best polynomial of `degree` in the learned cells, or in
 * one cell about the samples' mean. */
typedef struct {
  size_t degree;
  bool one_cell;
} line_control;

/* An item of the trial: E|U_hat - U|^2 at level tau, predicted: the least that the learned cells and degrees allow. */
assay_status learned_line_measure(assay_trial *trial, const learned_line *learned, double tau, line_control control,
                                  assay_context *context);

#endif
