#include "theory/gmm_diffusion/level_fit.h"

#include <math.h>

assay_status level_space_init(level_space *out, iv_scope *s, const assay_mixture *truth, double tau, cell_place *places,
                              size_t count, assay_context *context) {
  assay_status status = noised_law_init(&out->law, s, truth, tau, context);
  iv sum = iv_si(s, 0);
  out->cells = count;
  out->features = 0;
  for (size_t c = 0; c < count && !status; c++) {
    places[c].left = c > 0 ? places[c - 1].right : NULL;
    places[c].right = NULL;
    if (c + 1 < count)
      places[c].right = iv_mul_2si(s, iv_add(s, iv_d(s, places[c].centre), iv_d(s, places[c + 1].centre)), -1);
    status = cell_space_init(&out->cell[c], s, &out->law, &places[c], context);
    if (status) return status;
    out->features += places[c].degree + 1;
    sum = iv_add(s, sum, out->cell[c].best_error);
  }
  out->best = status ? NULL : iv_sub(s, sum, out->law.residual);
  return status;
}

assay_status level_places(cell_place *places, size_t *index, size_t *count, const assay_gmm_model *model, size_t level,
                          assay_context *context) {
  const assay_gmm_level *at = &model->level[level];
  if (at->cells > LEVEL_MOST_CELLS)
    return assay_fail(context, ASSAY_UNSUPPORTED, "level %zu: %zu cells; at most %d are expected", level, at->cells,
                      LEVEL_MOST_CELLS);
  for (size_t c = 0; c < at->cells; c++) {
    size_t cell = at->first_cell + c, place = c;
    for (; place > 0 && model->centres[index[place - 1]] > model->centres[cell]; place--)
      index[place] = index[place - 1];
    index[place] = cell;
  }
  for (size_t c = 0; c < at->cells; c++)
    places[c] = (cell_place){.degree = model->cell[index[c]].degree,
                             .centre = model->centres[index[c]],
                             .sigma = sqrt(1 + at->tau),
                             .clip = model->clip};
  *count = at->cells;
  return ASSAY_OK;
}

iv level_error(iv_scope *s, const level_space *space, const assay_gmm_model *model, const size_t *index) {
  iv sum = iv_neg(s, space->law.residual);
  for (size_t c = 0; c < space->cells; c++)
    sum = iv_add(s, sum, cell_space_error(s, &space->cell[c], model->coefficients + index[c] * model->features));
  return sum;
}
