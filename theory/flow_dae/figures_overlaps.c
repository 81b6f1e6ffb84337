/* Figure overlaps: M, Q, E, P along the trained flow of the first of summary-flow's sizes. */
#include "theory/flow_dae/figures.h"
#include "theory/flow_dae/summary_flow.h"

#include <stdio.h>

enum { GOAL_BITS = 60, WORKING_BITS = 160, POINTS_ALONG = 20, LINE_ALONG = 50 };

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
static assay_status overlap_points(assay_plot *plot, const generation *g, size_t which,
                                   double (*bounds)[SUMMARY_FLOW_OVERLAPS], const size_t *steps,
                                   assay_context *context) {
  assay_series *points = NULL;
  assay_status status = assay_plot_add(&points, plot, "", false, POINTS_ALONG + 1, true, context);
  for (size_t i = 0; !status && i <= POINTS_ALONG; i++) {
    points->x[i] = (double)steps[i] / (double)g->settings.steps;
    points->y[i] = g->flow.mean_flow[SUMMARY_FLOW_OVERLAPS * steps[i] + which].value;
    points->error[i] = bounds[i][which];
  }
  return status;
}

assay_status figure_overlaps(assay_plot *plot, assay_trial *trial, assay_context *context) {
  generation *g = NULL;
  assay_status status = generation_get(&g, trial, summary_flow_sizes[0], context);
  if (status) return status;
  size_t steps[POINTS_ALONG + 1];
  double bounds[POINTS_ALONG + 1][SUMMARY_FLOW_OVERLAPS];
  for (size_t i = 0; i <= POINTS_ALONG; i++) steps[i] = i * g->settings.steps / POINTS_ALONG;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  summary_flow_bounds(bounds, s, g, steps, POINTS_ALONG + 1, assay_trial_delta(trial));
  iv_scope_free(s);
  for (size_t which = 0; !status && which < SUMMARY_FLOW_OVERLAPS; which++) {
    status = overlap_line(plot, g, which, context);
    if (!status) status = overlap_points(plot, g, which, bounds, steps, context);
  }
  return status;
}
