/* Claim flow-dae/imbalance-lost: clusters of weights 0.8 and 0.2 are generated with weights 1/2 and 1/2 (R9).
 *
 * Given the training set, a step maps X to (a number) X + (a vector) sign<w, X>, an odd function; so X_K is odd in X_0,
 * and as X_0 and -X_0 have the same law, sign<X_K, mu> is a fair coin for every data set and every d. The fraction of +
 * among N samples is within sqrt(log(2/delta)/(2N)) of 1/2 (Hoeffding; it is Kolmogorov's distance of a coin's
 * empirical distribution). Why the learner cannot know: its fit depends on the folded s_i x_u^i, whose law is free of
 * the weights, and so is R1. */
#include "theory/flow_dae/fluctuation.h"
#include "theory/flow_dae/generated.h"
#include "theory/flow_dae/paper.h"
#include "theory/flow_dae/training.h"

#include "reference/core/quantile.h"

#include <assay/reference.h>

#include <math.h>
#include <stdlib.h>

enum { GOAL_BITS = 80, WORKING_BITS = 128, ITEMS = 5 };

static const double plus_weight = 0.8;

/* 1000 samples, or labels, tell a weight to about 0.1. */
static const generation_sizes sizes[ASSAY_LEVEL_COUNT] = {{{1024, 2000, 0.5, 0.1}, 100, 1000},
                                                          {{1024, 10000, 0.5, 0.1}, 100, 4000}};

/* The fraction of generated samples with <X_K, mu> > 0, mu having equal positive entries; the error is the fraction of
 * those whose sign rounding leaves open, here or along the flow. */
static assay_status plus_fraction(assay_bounded *out, const assay_dae_flow *flow, assay_context *context) {
  size_t d = flow->dimension, plus = 0, doubtful = flow->doubtful_signs;
  double *row = NULL, entry_error = generated_error(flow, 0, 0);
  assay_status status = assay_allocate((void **)&row, d, sizeof *row, "sample", context);
  for (size_t i = 0; !status && i < flow->count; i++) {
    status = flow->generated.read(&flow->generated, i, 1, 0, d, row, d, context);
    double sum = 0, magnitude = 0;
    for (size_t j = 0; !status && j < d; j++) sum += row[j], magnitude += fabs(row[j]);
    plus += sum > 0;
    doubtful += !(fabs(sum) > 2 * (double)d * (entry_error + 0x1p-53 * magnitude));
  }
  free(row);
  double count = (double)flow->count;
  if (!status) *out = (assay_bounded){(double)plus / count, (double)doubtful / count};
  return status;
}

static assay_status measure_fraction(assay_trial *trial, const char *item, iv predicted, iv control,
                                     assay_bounded measured, size_t count) {
  double delta = assay_trial_delta(trial);
  const assay_budget_term terms[] = {
      {ASSAY_TERM_SAMPLING, ASSAY_BASIS_QUANTILE, quantile_kolmogorov(count, delta), delta,
       "Hoeffding's inequality for independent coins"},
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, 2 * measured.error, 0, "samples whose sign rounding leaves open"},
  };
  return assay_trial_measure(trial, item, predicted, control, measured.value, terms, 2);
}

static assay_status measure_labels(assay_trial *trial, iv_scope *s, const assay_dae_data *data) {
  size_t plus = 0;
  for (size_t i = 0; i < data->samples; i++) plus += data->labels[i] > 0;
  assay_bounded fraction = {(double)plus / (double)data->samples, 0x1p-53};
  return measure_fraction(trial, "weight of + in the training set", iv_d(s, plus_weight), NULL, fraction,
                          data->samples);
}

static assay_status measure_parameters(assay_trial *trial, iv_scope *s, const generation *g,
                                       const assay_dae_theory *limit, assay_context *context) {
  const double time = 0.5;
  assay_dae_fit fit;
  assay_status status = assay_fast_dae_train(&fit, &time, 1, &g->data, &g->settings, context);
  if (status) return status;
  double delta = assay_trial_delta(trial);
  fluctuation f = fluctuation_of(s, &g->settings, g->flow.dimension, delta);
  iv half = iv_d(s, time);
  fluctuation still = fluctuation_limit(s, &g->settings, g->flow.dimension);
  fluctuation_fit image = fluctuation_fit_at(s, &f, half, half), center = fluctuation_fit_at(s, &still, half, half);
  const struct {
    const char *item;
    iv predicted, image, center;
    assay_bounded measured;
  } parameters[] = {{"c t=1/2", limit->c, image.c, center.c, fit.c},
                    {"w_mu t=1/2", limit->w_mu, image.mu, center.mu, fit.w_mu},
                    {"w_xi t=1/2", limit->w_xi, image.xi, center.xi, fit.w_xi}};
  for (size_t p = 0; !status && p < sizeof parameters / sizeof *parameters; p++) {
    const assay_budget_term terms[] = {
        {ASSAY_TERM_DIMENSION, ASSAY_BASIS_QUANTILE, fluctuation_bound(s, parameters[p].image, parameters[p].center),
         delta, "chi-square and normal laws of the Gram numbers at this d, free of the weights"},
        {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, parameters[p].measured.error, 0,
         "running error bound of the Gram sums"},
    };
    status = assay_trial_measure(trial, parameters[p].item, parameters[p].predicted, NULL, parameters[p].measured.value,
                                 terms, 2);
  }
  return status;
}

static assay_status judge(assay_trial *trial, const generation *g, assay_context *context) {
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  assay_bounded fraction = {0};
  assay_status status = measure_labels(trial, s, &g->data);
  if (!status) status = assay_reference_dae_theory(&limit, &g->settings, assay_real_of(0.5), GOAL_BITS, context);
  if (!status) status = measure_parameters(trial, s, g, &limit, context);
  if (!status) status = plus_fraction(&fraction, &g->flow, context);
  if (!status)
    status = measure_fraction(trial, "weight of + among generated samples", iv_d(s, 0.5), iv_d(s, plus_weight),
                              fraction, g->flow.count);
  assay_dae_theory_clear(&limit);
  iv_scope_free(s);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  const generation_sizes *at = &sizes[assay_trial_level(trial)];
  assay_dae_settings settings = assay_dae_settings_of(at->training.samples, assay_real_of(at->training.sigma),
                                                      assay_real_of(at->training.lambda));
  settings.steps = at->steps;
  generation g;
  assay_status status =
      generation_init(&g, &settings, at->training.dimension, plus_weight, at->count, assay_trial_seed(trial), context);
  if (status) return status;
  status = judge(trial, &g, context);
  generation_clear(&g);
  return status;
}

const assay_claim assay_flow_dae_imbalance_lost = {
    .id = "flow-dae/imbalance-lost",
    .statement = "Trained on clusters of weights 0.8 and 0.2, the flow generates both with weight 1/2: the learned "
                 "field is odd, and what is learned does not depend on the weights.",
    .source = "derived here, from the learner of arXiv:2310.03575",
    .control = "the data's weight 0.8 among generated samples",
    .sizes = {"n = 1024, d = 2000, sigma = 0.5, lambda = 0.1, K = 100, N = 1000",
              "n = 1024, d = 10 000, sigma = 0.5, lambda = 0.1, K = 100, N = 4000"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {ITEMS, ITEMS},
    .gather = gather,
};
