/* Claim flow-dae/no-skip-collapse: without skip connection generated samples collapse onto two points (R8).
 *
 * With c = 0 the fit is w = xb_1 at every t, and a linear Euler step X + (xb_1 h - X)/(K - j) moves X towards h xb_1
 * without changing its sign; the last one, j = K - 1, lands on it. So for every data set a cluster's variance is 0
 * exactly, and its mean is xb_1 = k (mu + sigma eta), k = n/(lambda+n): only |eta|^2 and <eta, mu> depend on d. */
#include "theory/flow_dae/fluctuation.h"
#include "theory/flow_dae/generated.h"
#include "theory/flow_dae/paper.h"
#include "theory/flow_dae/training.h"

#include <assay/reference.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { GOAL_BITS = 80, WORKING_BITS = 160, NAME = 64, SIZES_QUICK = 2, SIZES_FULL = 3, ITEMS = 2 };
enum { ITEMS_QUICK = ITEMS * SIZES_QUICK, ITEMS_FULL = ITEMS * SIZES_FULL };

/* With skip connection the error of the mean is about twice as large; |eta|^2 leaves 5 % of it open at this d. */
static const generation_sizes sizes[SIZES_FULL] = {
    {{4, 50000, 0.5, 0.1}, 100, 40}, {{64, 50000, 0.5, 0.1}, 100, 40}, {{1024, 50000, 0.5, 0.1}, 100, 40}};

static assay_dae_settings settings_of(const generation_sizes *made_at, bool skip, size_t steps) {
  assay_dae_settings settings = assay_dae_settings_of(made_at->training.samples, assay_real_of(made_at->training.sigma),
                                                      assay_real_of(made_at->training.lambda));
  settings.skip = skip;
  settings.steps = steps;
  return settings;
}

/* Reads h_i X_K^i for every sample i; adds them to `sum`, or with a mean their squared distances from it to *squares
 * and the largest entry to *largest. */
static assay_status pass(double *sum, double *squares, double *largest, const double *mean, double *row,
                         const assay_dae_flow *flow, assay_context *context) {
  size_t d = flow->dimension;
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < flow->count; i++) {
    status = flow->generated.read(&flow->generated, i, 1, 0, d, row, d, context);
    for (size_t j = 0; !status && j < d; j++) {
      double folded = flow->signs[i] * row[j];
      if (mean) {
        *squares += (folded - mean[j]) * (folded - mean[j]);
        *largest = fmax(*largest, fabs(folded));
      } else {
        sum[j] += folded;
      }
    }
  }
  return status;
}

/* sum_i |h_i X_K^i - their mean|^2/(N d) and its error. Its root is a distance, so an entry's error and that of the
 * computed mean, N + 1 roundings of entries no larger than the largest, move it by no more than their sum; the sum of
 * squares is off by N d + 3 roundings, relatively. Twice all that covers the bound's own roundings. */
static assay_status cluster_variance(assay_bounded *out, const assay_dae_flow *flow, assay_context *context) {
  size_t d = flow->dimension;
  double *mean = NULL, *row = NULL, squares = 0, largest = 0, count = (double)flow->count;
  assay_status status = assay_allocate((void **)&mean, d, sizeof *mean, "mean", context);
  if (!status) status = assay_allocate((void **)&row, d, sizeof *row, "sample", context);
  if (!status) status = pass(mean, NULL, NULL, NULL, row, flow, context);
  for (size_t j = 0; !status && j < d; j++) mean[j] /= count;
  if (!status) status = pass(NULL, &squares, &largest, mean, row, flow, context);
  free(mean);
  free(row);
  if (status) return status;
  double variance = squares / (count * (double)d), unit = 0x1p-53;
  double moved = generated_error(flow, 0, 0) + (count + 1) * unit * largest;
  double error = 2 * sqrt(variance) * moved + moved * moved + (count * (double)d + 3) * unit * variance;
  *out = (assay_bounded){variance, 2 * error};
  return ASSAY_OK;
}

/* |xb_1 - mu|^2/d = r (1-k)^2 - 2 (1-k) k sigma <eta, mu>/d + (k sigma)^2 |eta|^2/d. */
static iv mean_error_of(iv_scope *s, const fluctuation *f) {
  iv missed = iv_add_si(s, f->shrinkage, -1), along = iv_mul(s, f->shrinkage, f->sigma);
  iv mixed = iv_mul_2si(s, iv_mul(s, iv_mul(s, missed, along), f->eta_mu), 1);
  iv squares = iv_add(s, iv_mul(s, f->norm2, iv_sqr(s, missed)), iv_mul(s, iv_sqr(s, along), f->eta2));
  return iv_add(s, squares, mixed);
}

static assay_status judge(assay_trial *trial, iv_scope *s, const generation *g, const assay_dae_theory *limit,
                          const assay_dae_theory *with_skip, assay_context *context) {
  assay_bounded variance;
  assay_status status = cluster_variance(&variance, &g->flow, context);
  if (status) return status;
  const assay_budget_term exact[] = {
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, variance.error, 0, "errors of the samples' entries and of the sums"}};
  char item[NAME];
  snprintf(item, sizeof item, "cluster variance n=%zu", g->settings.samples);
  status =
      assay_trial_measure(trial, item, limit->cluster_variance, with_skip->cluster_variance, variance.value, exact, 1);
  if (status) return status;
  double delta = assay_trial_delta(trial);
  fluctuation f = fluctuation_of(s, &g->settings, g->flow.dimension, delta);
  fluctuation still = fluctuation_limit(s, &g->settings, g->flow.dimension);
  const assay_budget_term terms[] = {
      {ASSAY_TERM_DIMENSION, ASSAY_BASIS_QUANTILE, fluctuation_bound(s, mean_error_of(s, &f), mean_error_of(s, &still)),
       delta, "chi-square law of |eta|^2 and normal law of <eta, mu> at this d"},
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, g->mean_error.error, 0, "running error bound of the sums"},
  };
  snprintf(item, sizeof item, "error of the mean n=%zu", g->settings.samples);
  return assay_trial_measure(trial, item, limit->mse, with_skip->mse, g->mean_error.value, terms, 2);
}

static assay_status at_size(assay_trial *trial, iv_scope *s, const generation_sizes *made_at, uint64_t seed,
                            assay_context *context) {
  assay_dae_settings without = settings_of(made_at, false, made_at->steps), with = settings_of(made_at, true, 0);
  generation g;
  assay_status status = generation_init(&g, &without, made_at->training.dimension, 0.5, made_at->count, seed, context);
  if (status) return status;
  assay_dae_theory limit, with_skip;
  assay_dae_theory_init(&limit);
  assay_dae_theory_init(&with_skip);
  status = assay_reference_dae_theory(&limit, &without, assay_real_of(1), GOAL_BITS, context);
  if (!status) status = assay_reference_dae_theory(&with_skip, &with, assay_real_of(1), GOAL_BITS, context);
  if (!status) status = judge(trial, s, &g, &limit, &with_skip, context);
  assay_dae_theory_clear(&limit);
  assay_dae_theory_clear(&with_skip);
  generation_clear(&g);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_FULL ? SIZES_FULL : SIZES_QUICK;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < count; i++) {
    size_t mark = iv_mark(s);
    status = at_size(trial, s, &sizes[i], assay_trial_seed(trial) + i, context);
    iv_release(s, mark);
  }
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_no_skip_collapse = {
    .id = "flow-dae/no-skip-collapse",
    .statement =
        "Without skip connection each generated cluster collapses to a point: its variance is 0 instead of about "
        "sigma^2, although its mean misses mu by only [r lambda^2 + n sigma^2]/(lambda+n)^2 per dimension.",
    .source = "derived here, from the learner of arXiv:2310.03575 with its skip strength held at 0",
    .control = "the values with skip connection: variance B/A, error [r lambda^2 + n sigma^2 + n B/A]/(lambda+n)^2",
    .sizes = {"d = 50 000, sigma = 0.5, lambda = 0.1, K = 100, N = 40, n = 4, 64", "the same and n = 1024"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {ITEMS_QUICK, ITEMS_FULL},
    .gather = gather,
};
