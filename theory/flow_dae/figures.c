#include "theory/flow_dae/figures.h"
#include "theory/flow_dae/generated_mean.h"
#include "theory/flow_dae/summary_flow.h"

#include <assay/reference.h>

#include <math.h>
#include <stdio.h>

enum { GOAL_BITS = 60, WORKING_BITS = 160, POINTS_ALONG = 20, LINE_ALONG = 50 };

/* ---- overlaps along the flow ---- */

/* Lines carry the names; the points beside them need none. */
static const char *const overlap_labels[SUMMARY_FLOW_OVERLAPS] = {"M along mu", "Q along xi", "E along eta",
                                                                  "P of the rest"};

/* M, Q, E, P predicted at t = i/of. */
static assay_status predict(mpfi_srcptr overlaps[SUMMARY_FLOW_OVERLAPS], assay_dae_theory *limit, const generation *g,
                            size_t i, size_t of, assay_context *context) {
  char exact[48];
  snprintf(exact, sizeof exact, "%zu/%zu", i, of);
  assay_real time = {.nearest = (double)i / (double)of, .exact = exact};
  const mpfi_srcptr made[SUMMARY_FLOW_OVERLAPS] = {limit->flow_mu, limit->flow_xi, limit->flow_eta, limit->flow_perp};
  for (size_t k = 0; k < SUMMARY_FLOW_OVERLAPS; k++) overlaps[k] = made[k];
  return assay_reference_dae_theory(limit, &g->settings, time, GOAL_BITS, context);
}

static assay_status overlap_line(assay_plot *plot, const generation *g, size_t which, assay_context *context) {
  assay_series *line = NULL;
  assay_status status = assay_plot_add(&line, plot, overlap_labels[which], true, LINE_ALONG + 1, false, context);
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  for (size_t i = 0; !status && i <= LINE_ALONG; i++) {
    mpfi_srcptr overlaps[SUMMARY_FLOW_OVERLAPS];
    status = predict(overlaps, &limit, g, i, LINE_ALONG, context);
    line->x[i] = (double)i / LINE_ALONG;
    if (!status) line->y[i] = iv_mid_d(overlaps[which]);
  }
  assay_dae_theory_clear(&limit);
  return status;
}

/* Error bars are the claim's dimension terms. */
static assay_status overlap_points(assay_plot *plot, const generation *g, size_t which, double delta,
                                   assay_context *context) {
  assay_series *points = NULL;
  assay_status status = assay_plot_add(&points, plot, "", false, POINTS_ALONG + 1, true, context);
  iv_scope *s = iv_scope_new(WORKING_BITS);
  for (size_t i = 0; !status && i <= POINTS_ALONG; i++) {
    size_t mark = iv_mark(s), j = i * g->settings.steps / POINTS_ALONG;
    double bounds[SUMMARY_FLOW_OVERLAPS];
    summary_flow_bounds(bounds, s, g, j, delta);
    points->x[i] = (double)j / (double)g->settings.steps;
    points->y[i] = g->flow.mean_flow[SUMMARY_FLOW_OVERLAPS * j + which].value;
    points->error[i] = bounds[which];
    iv_release(s, mark);
  }
  iv_scope_free(s);
  return status;
}

assay_status assay_flow_dae_draw_overlaps(assay_plot *plot, assay_trial *trial, assay_context *context) {
  generation *g = NULL;
  assay_status status = generation_get(&g, trial, summary_flow_sizes[0], context);
  for (size_t which = 0; !status && which < SUMMARY_FLOW_OVERLAPS; which++) {
    status = overlap_line(plot, g, which, context);
    if (!status) status = overlap_points(plot, g, which, assay_trial_delta(trial), context);
  }
  return status;
}

/* ---- error of the mean against n ---- */

/* Both lines for n = 2^(i/2) from 2 to 2048, at the limit of many steps and samples. */
static assay_status error_lines(assay_plot *plot, const assay_dae_settings *like, assay_context *context) {
  enum { LAST = 20 };
  assay_series *flow = NULL, *bayes = NULL;
  assay_status status = assay_plot_add(&flow, plot, "flow, theory", true, LAST + 1, false, context);
  if (!status) status = assay_plot_add(&bayes, plot, "Bayes", true, LAST + 1, false, context);
  if (status) return status;
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  for (size_t i = 0; !status && i <= LAST; i++) {
    assay_dae_settings settings = *like;
    settings.steps = 0;
    settings.samples = (size_t)lround(2 * exp2((double)i / 2));
    status = assay_reference_dae_theory(&limit, &settings, assay_real_of(1), GOAL_BITS, context);
    if (status) break;
    flow->x[i] = bayes->x[i] = (double)settings.samples;
    flow->y[i] = iv_mid_d(limit.mse);
    bayes->y[i] = iv_mid_d(limit.mse_bayes);
  }
  assay_dae_theory_clear(&limit);
  return status;
}

/* The claim's sizes, less the part P_K^2/N that N samples add to the error of their mean. */
static assay_status error_points(assay_plot *plot, assay_trial *trial, size_t count, assay_context *context) {
  assay_series *points = NULL;
  assay_status status = assay_plot_add(&points, plot, "flow, measured", false, count, true, context);
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  for (size_t i = 0; !status && i < count; i++) {
    generation *g = NULL;
    status = generation_get(&g, trial, generated_mean_sizes[i], context);
    if (!status) status = generated_mean_limit(&limit, g, context);
    if (status) break;
    assay_budget_term terms[GENERATED_MEAN_TERMS];
    points->x[i] = (double)g->settings.samples;
    points->y[i] = g->mean_error.value - iv_mid_d(limit.cluster_variance) / (double)g->flow.count;
    points->error[i] = generated_mean_budget(terms, s, g, assay_trial_delta(trial));
  }
  assay_dae_theory_clear(&limit);
  iv_scope_free(s);
  return status;
}

assay_status assay_flow_dae_draw_mean_error(assay_plot *plot, assay_trial *trial, assay_context *context) {
  bool full = assay_trial_level(trial) == ASSAY_LEVEL_FULL;
  assay_dae_settings like = assay_dae_settings_of(2, assay_real_of(0.5), assay_real_of(0.1));
  assay_status status = error_lines(plot, &like, context);
  if (!status) status = error_points(plot, trial, full ? GENERATED_MEAN_FULL : GENERATED_MEAN_QUICK, context);
  return status;
}
