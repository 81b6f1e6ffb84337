/* theory/gmm_diffusion/level_fit.h: how far what was learned at one level is from the truth, E|U_hat - U|^2 over the
 * noised law, enclosed; the least that polynomials of its degrees in its cells allow; and by how much finitely many
 * samples may exceed that.
 *
 * By Pythagoras E|U_hat - U|^2 = E|U* - U|^2 + E|U_hat - U*|^2, U* the best of the space: the first is the prediction,
 * the second what the budget bounds. */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_LEVEL_FIT_H
#define ASSAY_THEORY_GMM_DIFFUSION_LEVEL_FIT_H

#include "theory/gmm_diffusion/cell_space.h"

enum { LEVEL_MOST_CELLS = 16 };

typedef struct {
  noised_law law;
  size_t cells, features; /* features: of all cells together */
  cell_space cell[LEVEL_MOST_CELLS];
  iv best; /* E|U* - U|^2 */
} level_space;

/* Cells at these places (count of them, from left to right): left and right ends are set here, halfway between
 * neighbouring centres. */
assay_status level_space_init(level_space *out, iv_scope *s, const assay_mixture *truth, double tau, cell_place *places,
                              size_t count, assay_context *context);

/* The cells of the model's level, from left to right, with their degrees: places (LEVEL_MOST_CELLS of them), and the
 * model's cell that each is. */
assay_status level_places(cell_place *places, size_t *index, size_t *count, const assay_gmm_model *model, size_t level,
                          assay_context *context);

/* E|U_hat - U|^2 of the model's level; `index` as above. */
iv level_error(iv_scope *s, const level_space *space, const assay_gmm_model *model, const size_t *index);

/* sampling: E|U_hat - U*|^2 is at most this with probability 1 - delta or more, for least squares on model->samples
 * independent samples with one draw of noise each, whatever cells were chosen from them; rounding: what the learner's
 * ridge and roundings may add. */
typedef struct {
  double sampling, rounding;
} fit_budget;
fit_budget fit_budget_of(const level_space *space, const assay_gmm_model *model, const size_t *index, double delta);

#endif
