/* The learned posterior mean and score at any points. */
#include "fast/core/tiles.h"
#include "fast/gmm_diffusion/field.h"

#include <string.h>

typedef struct {
  gmm_field field;
  const double *y;
  double *out;
  size_t points;
  bool score;
  double variance; /* 1 + tau */
} evaluation;

static assay_status evaluate_block(void *self, size_t index, void *scratch, assay_context *context) {
  (void)context;
  const evaluation *e = self;
  size_t n = e->field.features->dimension, first = index * GMM_BLOCK;
  size_t rows = e->points - first < GMM_BLOCK ? e->points - first : GMM_BLOCK;
  double *y = scratch, *out = y + n * GMM_BLOCK;
  gmm_block_load(y, e->y + first * n, rows, n);
  gmm_field_values(out, &e->field, y, rows, out + n * GMM_BLOCK);
  for (size_t j = 0; e->score && j < n; j++)
    for (size_t i = j * GMM_BLOCK; i < j * GMM_BLOCK + rows; i++) out[i] = (out[i] - y[i]) / e->variance;
  gmm_block_store(e->out + first * n, out, rows, n);
  return ASSAY_OK;
}

static assay_status evaluate(double *out, const assay_gmm_model *model, size_t level, const double *y, size_t points,
                             bool score, assay_context *context) {
  assay_status status = assay_gmm_model_check(model, context);
  if (status) return status;
  if (level >= model->levels)
    return assay_fail(context, ASSAY_INVALID, "level: %zu; the model has %zu", level, model->levels);
  status = assay_points_check(y, points, model->dimension, context);
  if (status) return status;
  gmm_features features;
  status = gmm_features_init(&features, model->dimension, model->degree, context);
  if (status) return status;
  evaluation e = {.field = gmm_field_of(model, level, &features), .y = y, .points = points, .score = score};
  e.out = out;
  e.variance = 1 + model->level[level].tau;
  assay_context quiet = *context; /* not to be stopped half way: out may be y */
  quiet.progress = NULL;
  size_t scratch = 2 * model->dimension * GMM_BLOCK + gmm_field_scratch(&features, e.field.cells.count);
  status =
      tiles_run(tiles_count(points, GMM_BLOCK), scratch * sizeof(double), evaluate_block, &e, "posterior mean", &quiet);
  if (status) memcpy(context->message, quiet.message, sizeof context->message);
  gmm_features_clear(&features);
  return status;
}

assay_status assay_fast_gmm_posterior_mean(double *out, const assay_gmm_model *model, size_t level, const double *y,
                                           size_t points, assay_context *context) {
  return evaluate(out, model, level, y, points, false, context);
}

assay_status assay_fast_gmm_score(double *out, const assay_gmm_model *model, size_t level, const double *y,
                                  size_t points, assay_context *context) {
  return evaluate(out, model, level, y, points, true, context);
}
