/* Claim flow-dae/summary-flow: the overlaps M, Q, E, P of generated samples along the trained flow, against R4. */
#include "theory/flow_dae/summary_flow.h"
#include "theory/flow_dae/paper.h"

#include <assay/reference.h>

#include <stdio.h>

enum { GOAL_BITS = 80, WORKING_BITS = 160, NAME = 64, QUICK = 2 };
enum {
  ITEMS_QUICK = QUICK * SUMMARY_FLOW_TIMES * SUMMARY_FLOW_OVERLAPS,
  ITEMS_FULL = SUMMARY_FLOW_SIZES * SUMMARY_FLOW_TIMES * SUMMARY_FLOW_OVERLAPS
};

const char *const summary_flow_names[SUMMARY_FLOW_OVERLAPS] = {"M", "Q", "E", "P"};

/* At these sizes M and P are resolved to 2 %, E and Q to 4 % at t = 1; Q's sign stands out from t = 1/2 on. Early Q is
 * still small beside its fluctuation, sqrt(n/(N d)) P. */
const generation_sizes summary_flow_sizes[SUMMARY_FLOW_SIZES] = {
    {{4, 200000, 0.5, 0.1}, 100, 40}, {{64, 50000, 0.5, 0.1}, 100, 400}, {{1024, 50000, 0.5, 0.1}, 100, 1000}};

static void overlaps_of(iv out[SUMMARY_FLOW_OVERLAPS], iv_scope *s, const cluster_mean *mean, size_t steps, size_t j) {
  iv alpha = iv_ratio(s, (long)(steps - j), (long)steps), beta = iv_ratio(s, (long)j, (long)steps);
  cluster_overlaps at = cluster_overlaps_at(s, mean, fluctuation_perp(s, mean->f, steps, j), alpha, beta);
  const iv made[SUMMARY_FLOW_OVERLAPS] = {at.mu, at.xi, at.eta, at.perp};
  for (size_t i = 0; i < SUMMARY_FLOW_OVERLAPS; i++) out[i] = made[i];
}

void summary_flow_bounds(double (*bounds)[SUMMARY_FLOW_OVERLAPS], iv_scope *s, const generation *g, const size_t *steps,
                         size_t count, double delta) {
  enum { DIRECTIONS = 3 };
  fluctuation f = fluctuation_of(s, &g->settings, g->flow.dimension, delta / 2);
  fluctuation still = fluctuation_limit(s, &g->settings, g->flow.dimension);
  cluster_mean mean = cluster_mean_of(s, &f, g->flow.count, DIRECTIONS, delta / 2);
  cluster_mean still_mean = cluster_mean_limit(s, &still, g->flow.count);
  for (size_t k = 0; k < count; k++) {
    size_t mark = iv_mark(s);
    iv images[SUMMARY_FLOW_OVERLAPS], centers[SUMMARY_FLOW_OVERLAPS];
    overlaps_of(images, s, &mean, g->settings.steps, steps[k]);
    overlaps_of(centers, s, &still_mean, g->settings.steps, steps[k]);
    for (size_t i = 0; i < SUMMARY_FLOW_OVERLAPS; i++) bounds[k][i] = fluctuation_bound(s, images[i], centers[i]);
    iv_release(s, mark);
  }
}

static assay_status at_step(assay_trial *trial, iv_scope *s, const generation *g, size_t j,
                            const double bounds[SUMMARY_FLOW_OVERLAPS], const assay_dae_theory *limit) {
  const iv predicted[SUMMARY_FLOW_OVERLAPS] = {limit->flow_mu, limit->flow_xi, limit->flow_eta, limit->flow_perp};
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < SUMMARY_FLOW_OVERLAPS; i++) {
    assay_bounded measured = g->flow.mean_flow[SUMMARY_FLOW_OVERLAPS * j + i];
    const assay_budget_term terms[] = {
        {ASSAY_TERM_DIMENSION, ASSAY_BASIS_QUANTILE, bounds[i], assay_trial_delta(trial),
         "laws of the Gram numbers of training set and generated samples at this d"},
        {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, measured.error, 0, "running error bound of the sums"},
    };
    char item[NAME];
    snprintf(item, sizeof item, "%s n=%zu t=%zu/%zu", summary_flow_names[i], g->settings.samples, j, g->settings.steps);
    bool is_xi = predicted[i] == limit->flow_xi;
    status = assay_trial_measure(trial, item, predicted[i], is_xi ? iv_neg(s, predicted[i]) : NULL, measured.value,
                                 terms, 2);
  }
  return status;
}

static assay_status at_size(assay_trial *trial, iv_scope *s, const generation *g, assay_dae_theory *limit,
                            assay_context *context) {
  size_t steps[SUMMARY_FLOW_TIMES];
  double bounds[SUMMARY_FLOW_TIMES][SUMMARY_FLOW_OVERLAPS];
  for (size_t i = 0; i < SUMMARY_FLOW_TIMES; i++) steps[i] = (i + 1) * g->settings.steps / SUMMARY_FLOW_TIMES;
  summary_flow_bounds(bounds, s, g, steps, SUMMARY_FLOW_TIMES, assay_trial_delta(trial));
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < SUMMARY_FLOW_TIMES; i++) {
    double quarter = (double)(i + 1) / SUMMARY_FLOW_TIMES;
    status = assay_reference_dae_theory(limit, &g->settings, assay_real_of(quarter), GOAL_BITS, context);
    if (!status) status = at_step(trial, s, g, steps[i], bounds[i], limit);
  }
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_FULL ? SUMMARY_FLOW_SIZES : QUICK;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < count; i++) {
    size_t mark = iv_mark(s);
    generation *g = NULL;
    status = generation_get(&g, trial, summary_flow_sizes[i], context);
    if (!status) status = at_size(trial, s, g, &limit, context);
    iv_release(s, mark);
  }
  assay_dae_theory_clear(&limit);
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_summary_flow = {
    .id = "flow-dae/summary-flow",
    .statement =
        "Generated samples are h (M mu + E eta + Q xi) + P X_0 with M, E, Q, P following closed summary equations: "
        "M = n beta/(lambda+n), E = sigma M, Q and P by Euler's recursion.",
    .source = "arXiv:2310.03575, summary statistics of the flow; at finite K derived here",
    .control = "Q with the opposite sign",
    .sizes = {"sigma = 0.5, lambda = 0.1, K = 100, (n, d, N) = (4, 2e5, 40), (64, 5e4, 400), t = 1/4, 1/2, 3/4, 1",
              "the same and (1024, 5e4, 1000)"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {ITEMS_QUICK, ITEMS_FULL},
    .gather = gather,
};
