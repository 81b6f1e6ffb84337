/* Figures of the learner's cells: what they are worth, and how they appear. */
#include "theory/gmm_diffusion/figures.h"
#include "theory/gmm_diffusion/learned_line.h"

#include <assay/variation.h>

#include <stdio.h>
#include <stdlib.h>

/* ---- value-of-cells ---- */

enum { SHOWN = 5, LABEL = 32 };
static const learned_sizes shown[SHOWN] = {
    {400000, 3, false}, {400000, 5, false}, {400000, 8, false}, {1000000, 3, true}, {1000000, 5, true}};

static assay_status put_errors(assay_plot *plot, const learned_line *learned, const char *label,
                               assay_context *context) {
  size_t levels = learned->model.levels;
  assay_series *line = NULL, *points = NULL;
  assay_status status = assay_plot_add(&line, plot, label, true, levels, false, context);
  if (!status) status = assay_plot_add(&points, plot, "", false, levels, false, context);
  for (size_t k = 0; k < levels && !status; k++) {
    line->x[k] = points->x[k] = learned->model.level[k].tau;
    status = learned_line_errors(&points->y[k], &line->y[k], learned, k, context);
  }
  return status;
}

assay_status figure_value_of_cells(assay_plot *plot, assay_trial *trial, assay_context *context) {
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < SHOWN && !status; i++) {
    const learned_line *learned = NULL;
    char label[LABEL];
    (void)snprintf(label, sizeof label, "%s, D = %zu", shown[i].cells ? "cells" : "one polynomial", shown[i].degree);
    status = learned_line_get(&learned, trial, shown[i], context);
    if (!status) status = put_errors(plot, learned, label, context);
  }
  return status;
}

/* ---- cells-found ---- */

enum { SAMPLES = 20000, DEGREE = 5 };

static void release_model(void *made) {
  assay_gmm_model_clear(made);
  free(made);
}

static assay_status learn(assay_gmm_model *out, uint64_t seed, assay_context *context) {
  assay_mixture mixture;
  assay_status status = known_truth_mixture(&mixture, &line_truth, context);
  if (status) return status;
  assay_mixture_draws draws = {&mixture, seed, 0};
  assay_stream samples = assay_fast_mixture_draws(&draws, SAMPLES);
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.degree = DEGREE;
  settings.seed = seed;
  status = assay_fast_gmm_learn(out, &samples, &settings, context);
  assay_mixture_clear(&mixture);
  return status;
}

static assay_status make_model(void **out, const void *argument, uint64_t seed, assay_context *context) {
  (void)argument;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, 1, sizeof(assay_gmm_model), "model", context);
  if (!status) status = learn(memory, seed, context);
  if (status)
    free(memory);
  else
    *out = memory;
  return status;
}

/* From the first level to the last. */
static assay_status put_means(assay_plot *plot, const assay_gmm_model *model, assay_context *context) {
  assay_status status = ASSAY_OK;
  for (size_t k = 0; k < line_truth.count && !status; k++) {
    assay_series *line = NULL;
    char label[LABEL];
    (void)snprintf(label, sizeof label, "component at %g", line_truth.means[k]);
    status = assay_plot_add(&line, plot, label, true, 2, false, context);
    if (status) return status;
    line->x[0] = model->level[0].tau, line->x[1] = model->level[model->levels - 1].tau;
    line->y[0] = line->y[1] = line_truth.means[k];
  }
  return status;
}

assay_status figure_cells_found(assay_plot *plot, assay_trial *trial, assay_context *context) {
  void *made = NULL;
  assay_status status =
      assay_trial_experiment(&made, trial, "gmm-diffusion cells found", make_model, release_model, NULL, context);
  if (status) return status;
  const assay_gmm_model *model = made;
  status = put_means(plot, model, context);
  assay_series *points = NULL;
  if (!status) status = assay_plot_add(&points, plot, "cells", false, model->cells, false, context);
  for (size_t k = 0; k < model->levels && !status; k++)
    for (size_t c = model->level[k].first_cell; c < model->level[k].first_cell + model->level[k].cells; c++)
      points->x[c] = model->level[k].tau, points->y[c] = model->centres[c];
  return status;
}
