/* Claim flow-dae/cluster-shape: around its center, a generated cluster is N(0, P_K^2) in every coordinate.
 *
 * Given the training set, X_K^i - h_i (xb_1 - P xb_0) = P X_0^i exactly for a sample that keeps its sign (section 3;
 * cluster_mean.h on those that do not), so the pooled coordinates are independent N(0, P^2). Their empirical
 * distribution is within sqrt(log(2/delta)/(2 N d)) of that (Dvoretzky, Kiefer, Wolfowitz, Massart), and Phi(x/P)
 * within phi(1) |log(P/P_K)| of Phi(x/P_K), as max |x phi(x)| = phi(1). */
#include "theory/empirical.h"
#include "theory/flow_dae/fluctuation.h"
#include "theory/flow_dae/generated.h"
#include "theory/flow_dae/paper.h"
#include "theory/flow_dae/training.h"

#include "reference/core/quantile.h"

#include <assay/reference.h>

#include <math.h>
#include <stdlib.h>

enum { GOAL_BITS = 80, WORKING_BITS = 160, ITEMS = 2, TERMS = 3 };

/* A variance 5 % larger moves the distribution by 0.0059 at most; 2.2e6 values resolve 0.0023. */
static const generation_sizes sizes[ASSAY_LEVEL_COUNT] = {{{256, 50000, 0.5, 0.1}, 100, 44},
                                                          {{1024, 50000, 0.5, 0.1}, 100, 200}};
static const double control_variance = 1.05;

/* X_K^i less the center h_i (xb_1 - P xb_0) of its cluster, all coordinates of all samples, sorted. */
static assay_status residuals(double **out, const generation *g, assay_context *context) {
  const assay_dae_flow *flow = &g->flow;
  size_t d = flow->dimension;
  double *values = NULL, perp = flow->perp[flow->steps].value;
  assay_status status = assay_allocate((void **)&values, flow->count * d, sizeof *values, "residuals", context);
  if (status) return status;
  for (size_t i = 0; !status && i < flow->count; i++) {
    double *row = values + i * d;
    status = flow->generated.read(&flow->generated, i, 1, 0, d, row, d, context);
    for (size_t j = 0; !status && j < d; j++) row[j] -= flow->signs[i] * (flow->xb1[j] - perp * flow->xb0[j]);
  }
  if (status) {
    free(values);
    return status;
  }
  empirical_sort(values, flow->count * d);
  *out = values;
  return ASSAY_OK;
}

static assay_status normal_below(double *out, double x, const void *self, assay_context *context) {
  (void)context;
  const double *scale = self;
  *out = 0.5 * erfc(-x / (*scale * sqrt(2)));
  return ASSAY_OK;
}

static iv law(iv_scope *s, double x, iv scale) { return iv_normal_cdf(s, iv_div(s, iv_d(s, x), scale)); }

static assay_status judge(assay_trial *trial, iv_scope *s, const generation *g, const double *sorted,
                          const assay_dae_theory *limit, assay_context *context) {
  double half = assay_trial_delta(trial) / 2;
  size_t count = g->flow.count * g->flow.dimension, steps = g->settings.steps;
  fluctuation f = fluctuation_of(s, &g->settings, g->flow.dimension, half);
  fluctuation still = fluctuation_limit(s, &g->settings, g->flow.dimension);
  iv P = iv_sqrt(s, limit->cluster_variance), one = iv_si(s, 1);
  iv ratio = iv_log(s, iv_div(s, fluctuation_perp(s, &f, steps, steps), fluctuation_perp(s, &still, steps, steps)));
  iv density = iv_div(s, iv_normal_density(s, iv_si(s, 0)), P);
  const assay_budget_term terms[TERMS] = {
      {ASSAY_TERM_SAMPLING, ASSAY_BASIS_QUANTILE, quantile_kolmogorov(count, half), half,
       "Dvoretzky-Kiefer-Wolfowitz with Massart's constant"},
      {ASSAY_TERM_DIMENSION, ASSAY_BASIS_QUANTILE, iv_magnitude_d(iv_mul(s, iv_normal_density(s, one), ratio)), half,
       "phi(1) |log(P/P_K)|, P by the laws of the Gram numbers"},
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED,
       2 * iv_upper_d(density) * generated_error(&g->flow, g->flow.perp[steps].value, 1), 0,
       "largest density times the error of a value"},
  };
  iv wrong = iv_mul(s, P, iv_sqrt(s, iv_d(s, control_variance)));
  double at = 0, empirical = 0, scale = iv_mid_d(P);
  assay_status status =
      empirical_farthest(&at, &empirical, sorted, count, (empirical_law){normal_below, &scale}, context);
  if (!status)
    status = assay_trial_measure(trial, "distribution function where it is farthest off", law(s, at, P), NULL,
                                 empirical, terms, TERMS);
  /* Phi(x) - Phi(x/sqrt(v)) is largest at x^2 = log v/(1 - 1/v). */
  double apart = scale * sqrt(log(control_variance) / (1 - 1 / control_variance));
  empirical = empirical_share(sorted, count, apart);
  if (!status)
    status = assay_trial_measure(trial, "distribution function where the control is farthest", law(s, apart, P),
                                 law(s, apart, wrong), empirical, terms, TERMS);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  generation *g = NULL;
  double *sorted = NULL;
  assay_status status = generation_get(&g, trial, sizes[assay_trial_level(trial)], context);
  if (!status) status = residuals(&sorted, g, context);
  if (status) return status;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  status = assay_reference_dae_theory(&limit, &g->settings, assay_real_of(1), GOAL_BITS, context);
  if (!status) status = judge(trial, s, g, sorted, &limit, context);
  assay_dae_theory_clear(&limit);
  iv_scope_free(s);
  free(sorted);
  return status;
}

const assay_claim assay_flow_dae_cluster_shape = {
    .id = "flow-dae/cluster-shape",
    .statement = "Generated clusters are Gaussian: around the center of its cluster, a sample's coordinates are "
                 "distributed as N(0, P_K^2), P_K^2 -> B/A = sigma^2 + r lambda/A with A = lambda + n - 1 as the steps "
                 "get finer.",
    .source = "arXiv:2310.03575, generated distribution; exact for every data set by the finite-d theorem derived here",
    .control = "a variance 5 % larger",
    .sizes = {"n = 256, d = 50 000, sigma = 0.5, lambda = 0.1, K = 100, N = 44: 2.2e6 pooled values",
              "n = 1024, d = 50 000, sigma = 0.5, lambda = 0.1, K = 100, N = 200: 1e7 pooled values"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {ITEMS, ITEMS},
    .gather = gather,
};
