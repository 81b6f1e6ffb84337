/* Claim flow-dae/generated-mean: the mean of generated samples against mu. */
#include "theory/flow_dae/generated_mean.h"
#include "theory/flow_dae/cluster_mean.h"
#include "theory/flow_dae/paper.h"

#include <assay/reference.h>

#include <stdio.h>

enum { GOAL_BITS = 80, WORKING_BITS = 160, NAME = 64 };

/* The error is about twice Bayes' 0.25/n; |xi|^2 and |eta|^2 fluctuate by sqrt(2/d) parts of themselves, and what N
 * adds by less: a budget of about a tenth of the error, while Bayes' is half of it away. */
const generation_sizes generated_mean_sizes[GENERATED_MEAN_FULL] = {
    {{4, 50000, 0.5, 0.1}, 100, 400},    {{16, 50000, 0.5, 0.1}, 100, 400},    {{64, 50000, 0.5, 0.1}, 100, 400},
    {{256, 50000, 0.5, 0.1}, 100, 1000}, {{1024, 50000, 0.5, 0.1}, 100, 1000},
};

double generated_mean_budget(assay_budget_term terms[GENERATED_MEAN_TERMS], iv_scope *s, const generation *g,
                             double delta) {
  double half = delta / 2;
  size_t N = g->flow.count, steps = g->settings.steps;
  fluctuation f = fluctuation_of(s, &g->settings, g->flow.dimension, half);
  cluster_mean mean = cluster_mean_of(s, &f, N, 1, half);
  cluster_error error = cluster_error_of(s, &mean, fluctuation_perp(s, &f, steps, steps));
  fluctuation still = fluctuation_limit(s, &g->settings, g->flow.dimension);
  cluster_mean still_mean = cluster_mean_limit(s, &still, N);
  cluster_error center = cluster_error_of(s, &still_mean, fluctuation_perp(s, &still, steps, steps));
  const assay_budget_term made[GENERATED_MEAN_TERMS] = {
      {ASSAY_TERM_DIMENSION, ASSAY_BASIS_QUANTILE, fluctuation_bound(s, error.center, center.center), half,
       "chi-square and normal laws of the training set's Gram numbers at this d"},
      {ASSAY_TERM_SAMPLING, ASSAY_BASIS_QUANTILE, fluctuation_bound(s, error.noise, center.noise), half,
       "chi-square and normal laws of the mean of N generated samples"},
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, g->mean_error.error, 0, "running error bound of the sums"},
  };
  double total = 0;
  for (size_t i = 0; i < GENERATED_MEAN_TERMS; i++) terms[i] = made[i], total += made[i].bound;
  return total;
}

assay_status generated_mean_limit(assay_dae_theory *limit, const generation *g, assay_context *context) {
  return assay_reference_dae_theory(limit, &g->settings, assay_real_of(1), GOAL_BITS, context);
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_FULL ? GENERATED_MEAN_FULL : GENERATED_MEAN_QUICK;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < count; i++) {
    size_t mark = iv_mark(s);
    generation *g = NULL;
    status = generation_get(&g, trial, generated_mean_sizes[i], context);
    if (!status) status = generated_mean_limit(&limit, g, context);
    if (!status) {
      assay_budget_term terms[GENERATED_MEAN_TERMS];
      generated_mean_budget(terms, s, g, assay_trial_delta(trial));
      iv predicted = iv_add(s, limit.mse, iv_div(s, limit.cluster_variance, iv_ui(s, g->flow.count)));
      char item[NAME];
      snprintf(item, sizeof item, "error of the mean n=%zu N=%zu", g->settings.samples, g->flow.count);
      status = assay_trial_measure(trial, item, predicted, limit.mse_bayes, g->mean_error.value, terms,
                                   GENERATED_MEAN_TERMS);
    }
    iv_release(s, mark);
  }
  assay_dae_theory_clear(&limit);
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_generated_mean = {
    .id = "flow-dae/generated-mean",
    .statement =
        "The mean of N generated samples misses mu by [r lambda^2 + n sigma^2 + n P_K^2]/(lambda+n)^2 + P_K^2/N per "
        "dimension: Theta(1/n), about twice the Bayes-optimal error.",
    .source = "arXiv:2310.03575, rate of the generated mean; the constant at finite K and N derived here",
    .control = "the Bayes-optimal r sigma^2/(n r + sigma^2)",
    .sizes = {"d = 50 000, sigma = 0.5, lambda = 0.1, K = 100, N = 400, n = 4, 16, 64",
              "d = 50 000, sigma = 0.5, lambda = 0.1, K = 100, N = 400 (n = 4, 16, 64), 1000 (n = 256, 1024)"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {GENERATED_MEAN_QUICK, GENERATED_MEAN_FULL},
    .gather = gather,
};
