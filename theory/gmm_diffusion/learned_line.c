#include "theory/gmm_diffusion/learned_line.h"

#include "theory/gmm_diffusion/level_fit.h"

#include <assay/variation.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { KEY = 96, NAME = 128, WORKING_BITS = 320, TERMS = 2 };

static const double weights[] = {3, 4, 3}, means[] = {-3, 0.5, 4};
const known_truth line_truth = {"three on a line", 1, sizeof weights / sizeof *weights, weights, means};

static assay_gmm_settings settings_of(learned_sizes sizes, uint64_t seed) {
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.degree = sizes.degree;
  settings.draws = 1;
  settings.ratio = 2;
  settings.radius = 4;
  settings.tau_min = 0.0625;
  settings.cover = sizes.cells ? settings.cover : INFINITY;
  settings.seed = seed;
  return settings;
}

static void release_learned(void *made) {
  learned_line *learned = made;
  assay_gmm_model_clear(&learned->model);
  assay_mixture_clear(&learned->truth);
  free(learned);
}

static assay_status make_learned(void **out, const void *argument, uint64_t seed, assay_context *context) {
  const learned_sizes *sizes = argument;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, 1, sizeof(learned_line), "model", context);
  if (status) return status;
  learned_line *made = memory;
  status = known_truth_mixture(&made->truth, &line_truth, context);
  if (!status) {
    assay_mixture_draws draws = {&made->truth, seed, 0};
    assay_stream samples = assay_fast_mixture_draws(&draws, sizes->samples);
    assay_gmm_settings settings = settings_of(*sizes, seed);
    status = assay_fast_gmm_learn(&made->model, &samples, &settings, context);
  }
  if (status)
    release_learned(made);
  else
    *out = made;
  return status;
}

assay_status learned_line_get(const learned_line **out, assay_trial *trial, learned_sizes sizes,
                              assay_context *context) {
  char key[KEY];
  (void)snprintf(key, sizeof key, "gmm-diffusion learned line N=%zu D=%zu %s", sizes.samples, sizes.degree,
                 sizes.cells ? "cells" : "one cell");
  void *made = NULL;
  assay_status status = assay_trial_experiment(&made, trial, key, make_learned, release_learned, &sizes, context);
  if (!status) *out = made;
  return status;
}

assay_status learned_line_level(size_t *out, const learned_line *learned, double tau, assay_context *context) {
  for (size_t k = 0; k < learned->model.levels; k++)
    if (learned->model.level[k].tau == tau) {
      *out = k;
      return ASSAY_OK;
    }
  return assay_fail(context, ASSAY_INTERNAL, "tau: no level at %.17g", tau);
}

/* The space of the learned cells; `index` as of level_places. */
static assay_status learned_space(level_space *space, size_t *index, iv_scope *s, const learned_line *learned,
                                  size_t level, assay_context *context) {
  cell_place places[LEVEL_MOST_CELLS];
  size_t count = 0;
  assay_status status = level_places(places, index, &count, &learned->model, level, context);
  if (status) return status;
  return level_space_init(space, s, &learned->truth, learned->model.level[level].tau, places, count, context);
}

assay_status learned_line_errors(double *learned_error, double *least, const learned_line *learned, size_t level,
                                 assay_context *context) {
  size_t index[LEVEL_MOST_CELLS];
  void *space = NULL;
  assay_status status = assay_allocate(&space, 1, sizeof(level_space), "cells", context);
  if (status) return status;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  status = learned_space(space, index, s, learned, level, context);
  if (!status) {
    *learned_error = iv_mid_d(level_error(s, space, &learned->model, index));
    *least = iv_mid_d(((const level_space *)space)->best);
  }
  iv_scope_free(s);
  free(space);
  return status;
}

/* The best that the control allows: E|U - U*|^2 in its space. */
static assay_status control_error(iv *out, iv_scope *s, level_space *space, const learned_line *learned, size_t level,
                                  line_control control, assay_context *context) {
  const assay_gmm_model *model = &learned->model;
  cell_place places[LEVEL_MOST_CELLS];
  size_t index[LEVEL_MOST_CELLS], count = 0;
  assay_status status = level_places(places, index, &count, model, level, context);
  if (status) return status;
  if (control.one_cell) {
    count = 1;
    places[0].centre = model->mean[0];
  }
  for (size_t c = 0; c < count; c++) places[c].degree = control.degree;
  status = level_space_init(space, s, &learned->truth, model->level[level].tau, places, count, context);
  if (!status) *out = space->best;
  return status;
}

static assay_status measure(assay_trial *trial, iv_scope *s, level_space *space, const learned_line *learned,
                            size_t level, line_control control, assay_context *context) {
  const assay_gmm_model *model = &learned->model;
  iv other = NULL;
  size_t index[LEVEL_MOST_CELLS];
  double tau = model->level[level].tau, delta = assay_trial_delta(trial);
  assay_status status = control_error(&other, s, space, learned, level, control, context);
  if (!status) status = learned_space(space, index, s, learned, level, context);
  if (status) return status;
  iv error = level_error(s, space, model, index);
  fit_budget budget = fit_budget_of(space, model, index, delta);
  const assay_budget_term terms[TERMS] = {
      {ASSAY_TERM_SAMPLING, ASSAY_BASIS_QUANTILE, budget.sampling, delta,
       "least squares on random points: chi-square law of the noise, Bousquet's bound of the rest, for all cells at "
       "once"},
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, budget.rounding + iv_width_d(error), 0,
       "the learner's ridge and roundings, through the inverse of the exact Gram matrix"},
  };
  char name[NAME];
  (void)snprintf(name, sizeof name, "D=%zu N=%zu tau=%g, %zu cell%s: E|U_hat - U|^2", model->degree, model->samples,
                 tau, space->cells, space->cells == 1 ? "" : "s");
  return assay_trial_measure(trial, name, space->best, other, iv_mid_d(error), terms, TERMS);
}

assay_status learned_line_measure(assay_trial *trial, const learned_line *learned, double tau, line_control control,
                                  assay_context *context) {
  size_t level = 0;
  void *space = NULL;
  assay_status status = learned_line_level(&level, learned, tau, context);
  if (!status) status = assay_allocate(&space, 1, sizeof(level_space), "cells", context);
  if (status) return status;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  status = measure(trial, s, space, learned, level, control, context);
  iv_scope_free(s);
  free(space);
  return status;
}
