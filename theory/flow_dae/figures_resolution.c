/* Figures resolution-mean and resolution-parameters: the smallest relative change of a prediction that the evidence
 * would have refuted, against n, and how far away the control is. */
#include "theory/flow_dae/figures.h"
#include "theory/flow_dae/generated_mean.h"
#include "theory/flow_dae/learned_parameters.h"

#include <math.h>
#include <stdio.h>

enum { GOAL_BITS = 60, WORKING_BITS = 160 };

/* What is left of the allowance on the side of the measurement, as the engine counts it. */
static double left_of(double allowance, double measured, double predicted) {
  return (allowance - fabs(measured - predicted)) / fabs(predicted);
}

/* ---- generated-mean ---- */

static double predicted_mean_error(const assay_dae_theory *limit, size_t count) {
  return iv_mid_d(limit->mse) + iv_mid_d(limit->cluster_variance) / (double)count;
}

static double control_distance(const assay_dae_theory *limit, const assay_dae_settings *settings) {
  (void)settings;
  double predicted = predicted_mean_error(limit, generated_mean_sizes[0].count);
  return fabs(predicted - iv_mid_d(limit->mse_bayes)) / predicted;
}

/* The whole budget as a line through its sizes, and what the measurement leaves of it. */
static assay_status mean_points(assay_plot *plot, assay_trial *trial, assay_context *context) {
  bool full = assay_trial_level(trial) == ASSAY_LEVEL_FULL;
  size_t count = full ? GENERATED_MEAN_FULL : GENERATED_MEAN_QUICK;
  assay_series *budget = NULL, *points = NULL;
  assay_status status = assay_plot_add(&budget, plot, "error budget", true, count, false, context);
  if (!status) status = assay_plot_add(&points, plot, "resolution", false, count, false, context);
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  for (size_t i = 0; !status && i < count; i++) {
    generation *g = NULL;
    status = generation_get(&g, trial, generated_mean_sizes[i], context);
    if (!status) status = generated_mean_limit(&limit, g, context);
    if (status) break;
    assay_budget_term terms[GENERATED_MEAN_TERMS];
    double allowance = generated_mean_budget(terms, s, g, assay_trial_delta(trial));
    double predicted = predicted_mean_error(&limit, g->flow.count);
    budget->x[i] = points->x[i] = (double)g->settings.samples;
    budget->y[i] = allowance / predicted;
    points->y[i] = left_of(allowance, g->mean_error.value, predicted);
  }
  assay_dae_theory_clear(&limit);
  iv_scope_free(s);
  return status;
}

assay_status figure_resolution_mean(assay_plot *plot, assay_trial *trial, assay_context *context) {
  generation_sizes first = generated_mean_sizes[0];
  assay_dae_settings like = assay_dae_settings_of(first.training.samples, assay_real_of(first.training.sigma),
                                                  assay_real_of(first.training.lambda));
  like.steps = first.steps;
  assay_status status = mean_points(plot, trial, context);
  if (!status)
    status = figure_line_over_samples(plot, "distance of Bayes, the control", &like, control_distance, context);
  return status;
}

/* ---- learned-parameters ---- */

enum { MIDDLE = 1, SHOWN = 2 }; /* training_times[1] = 1/2; w_xi is c times a constant */

/* All that is drawn at one n. */
static assay_status parameters_at(learned_parameter out[LEARNED_PARAMETERS], iv_scope *s, assay_dae_theory *limit,
                                  size_t i, assay_trial *trial, assay_context *context) {
  const training *t = NULL;
  assay_status status = training_get(&t, trial, learned_parameters_sizes[i], context);
  if (!status) status = assay_reference_dae_theory(limit, &t->settings, training_times[MIDDLE], GOAL_BITS, context);
  if (!status) learned_parameters_at(out, s, t, MIDDLE, limit, assay_trial_delta(trial));
  return status;
}

static void put_parameters(assay_series *const control, assay_series *const points[SHOWN], size_t i,
                           const learned_parameter parameters[LEARNED_PARAMETERS]) {
  double n = (double)learned_parameters_sizes[i].samples;
  double c = iv_mid_d(parameters[0].predicted);
  control->x[i] = n;
  control->y[i] = fabs(iv_mid_d(parameters[0].control) - c) / c;
  for (size_t p = 0; p < SHOWN; p++) {
    assay_bounded measured = parameters[p].measured;
    points[p]->x[i] = n;
    points[p]->y[i] = left_of(parameters[p].bound + measured.error, measured.value, iv_mid_d(parameters[p].predicted));
  }
}

assay_status figure_resolution_parameters(assay_plot *plot, assay_trial *trial, assay_context *context) {
  static const char *const labels[SHOWN] = {"resolution of c", "of w along mu"};
  bool full = assay_trial_level(trial) == ASSAY_LEVEL_FULL;
  size_t count = full ? LEARNED_PARAMETERS_FULL : LEARNED_PARAMETERS_QUICK;
  assay_series *control = NULL, *points[SHOWN] = {NULL};
  assay_status status = assay_plot_add(&control, plot, "distance of the control's c", true, count, false, context);
  for (size_t p = 0; !status && p < SHOWN; p++)
    status = assay_plot_add(&points[p], plot, labels[p], false, count, false, context);
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  for (size_t i = 0; !status && i < count; i++) {
    size_t mark = iv_mark(s);
    learned_parameter parameters[LEARNED_PARAMETERS];
    status = parameters_at(parameters, s, &limit, i, trial, context);
    if (!status) put_parameters(control, points, i, parameters);
    iv_release(s, mark);
  }
  assay_dae_theory_clear(&limit);
  iv_scope_free(s);
  return status;
}
