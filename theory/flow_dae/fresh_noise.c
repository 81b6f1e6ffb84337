/* Claim flow-dae/fresh-noise: noise redrawn at every step averages out of the generated mean (R7, with the V of a
 * finite number of steps). */
#include "theory/flow_dae/fresh_noise.h"
#include "theory/flow_dae/fresh_mean.h"
#include "theory/flow_dae/paper.h"

#include <assay/reference.h>

#include <stdio.h>
#include <stdlib.h>

enum { GOAL_BITS = 80, WORKING_BITS = 160, NAME = 64, KEY = 128, ITEMS = 2 };
enum { ITEMS_QUICK = ITEMS * FRESH_NOISE_QUICK, ITEMS_FULL = ITEMS * FRESH_NOISE_FULL };

/* sigma = 1/2, so that at lambda = 1/4 the limit is Bayes'. Fixed noise doubles the error of the mean. With few steps V
 * is a tenth of that error and stands out by itself; with 100 it is a hundredth. */
static const double sigma = 0.5, bayes_lambda = 0.25;
const fresh_sizes fresh_noise_sizes[FRESH_NOISE_FULL] = {
    {4, 1000000, 5, 20, 0.1},   {16, 50000, 10, 200, 0.25},  {4, 50000, 100, 40, 0.1},
    {64, 20000, 10, 400, 0.1},  {4, 3000000, 5, 20, 0.1},    {16, 50000, 100, 400, 0.1},
    {64, 50000, 10, 400, 0.25}, {256, 50000, 10, 1000, 0.1}, {1024, 50000, 10, 1000, 0.1}};

static assay_status measure(fresh_measured *out, const fresh_sizes *at, uint64_t seed, assay_context *context) {
  assay_dae_settings *settings = &out->settings;
  *settings = assay_dae_settings_of(at->samples, assay_real_of(sigma), assay_real_of(at->lambda));
  settings->steps = at->steps;
  settings->noise = ASSAY_NOISE_FRESH;
  assay_dae_learner learner = assay_dae_learner_labels();
  assay_dae_data data;
  assay_status status = assay_fast_dae_data_init(&data, settings, at->dimension, 0.5, seed, context);
  if (status) return status;
  assay_dae_samples samples;
  status = assay_fast_dae_samples_init(&samples, &data, settings, &learner, at->count, seed, context);
  if (!status) {
    out->cosine = samples.cosine;
    status = assay_fast_dae_samples_mean_error(&out->error, &out->noise, &samples, context);
    assay_fast_dae_samples_clear(&samples);
  }
  assay_fast_dae_data_clear(&data);
  return status;
}

static assay_status make_measured(void **out, const void *argument, uint64_t seed, assay_context *context) {
  fresh_measured *made = NULL;
  assay_status status = assay_allocate((void **)&made, 1, sizeof *made, "fresh noise", context);
  if (status) return status;
  status = measure(made, argument, seed, context);
  if (status)
    free(made);
  else
    *out = made;
  return status;
}

assay_status fresh_measured_get(const fresh_measured **out, assay_trial *trial, const fresh_sizes *at,
                                assay_context *context) {
  char key[KEY];
  snprintf(key, sizeof key, "flow-dae fresh noise n=%zu d=%zu K=%zu N=%zu lambda=%a", at->samples, at->dimension,
           at->steps, at->count, at->lambda);
  void *made = NULL;
  assay_status status = assay_trial_experiment(&made, trial, key, make_measured, free, at, context);
  if (!status) *out = made;
  return status;
}

/* What the limit says of the error of the mean of N samples and of the noise's part in it, Q^2/n: V if it is fresh. */
typedef struct {
  iv error, noise;
} fresh_limit;

/* At lambda = sigma^2/r fresh noise leaves Bayes' error and V. */
static assay_status limit_of(fresh_limit *out, iv_scope *s, const assay_dae_settings *settings, size_t count,
                             bool bayes, assay_context *context) {
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  assay_status status = assay_reference_dae_theory(&limit, settings, assay_real_of(1), GOAL_BITS, context);
  if (!status) {
    out->noise = iv_div(s, iv_sqr(s, limit.flow_xi), iv_ui(s, settings->samples));
    iv center = bayes ? iv_add(s, limit.mse_bayes, out->noise) : iv_copy(s, limit.mse);
    out->error = iv_add(s, center, iv_div(s, limit.cluster_variance, iv_ui(s, count)));
  }
  assay_dae_theory_clear(&limit);
  return status;
}

/* delta is spent on the training set and the steps' noises, and on the generated samples, in halves. */
static void put_budget(assay_budget_term terms[FRESH_NOISE_TERMS], const fresh_mean *image, const fresh_mean *center,
                       iv_scope *s, const fresh_measured *measured, double delta) {
  double half = delta / 2;
  const assay_budget_term made[FRESH_NOISE_TERMS] = {
      {ASSAY_TERM_DIMENSION, ASSAY_BASIS_QUANTILE, fluctuation_bound(s, image->center, center->center), half,
       "chi-square and normal laws of the Gram numbers of the training set and of every step's noise at this d"},
      {ASSAY_TERM_SAMPLING, ASSAY_BASIS_QUANTILE, fluctuation_bound(s, image->start, center->start), half,
       "chi-square and normal laws of the mean of N generated samples"},
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, measured->error.error, 0, "a priori error bound of the sums"},
  };
  for (size_t i = 0; i < FRESH_NOISE_TERMS; i++) terms[i] = made[i];
}

void fresh_noise_budget(assay_budget_term terms[FRESH_NOISE_TERMS], iv_scope *s, const fresh_sizes *at,
                        const fresh_measured *measured, double delta) {
  fresh_mean image = fresh_mean_of(s, &measured->settings, at->dimension, at->count, delta / 2);
  fresh_mean center = fresh_mean_limit(s, &measured->settings, at->dimension, at->count);
  put_budget(terms, &image, &center, s, measured, delta);
}

static assay_status judge(assay_trial *trial, iv_scope *s, const fresh_sizes *at, const fresh_measured *measured,
                          const fresh_limit *fresh, const fresh_limit *fixed) {
  double delta = assay_trial_delta(trial);
  fresh_mean image = fresh_mean_of(s, &measured->settings, at->dimension, at->count, delta / 2);
  fresh_mean center = fresh_mean_limit(s, &measured->settings, at->dimension, at->count);
  assay_budget_term error[FRESH_NOISE_TERMS];
  put_budget(error, &image, &center, s, measured, delta);
  const assay_budget_term noise[] = {
      {ASSAY_TERM_DIMENSION, ASSAY_BASIS_QUANTILE, fluctuation_bound(s, image.noise, center.noise), delta,
       "laws of the sum of the steps' noises and of the fits that weigh them at this d"},
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, measured->noise.error, 0, "a priori error bound of the sums"},
  };
  char item[NAME];
  const char *versus = at->lambda == bayes_lambda ? "error of the mean, Bayes + V," : "error of the mean";
  snprintf(item, sizeof item, "%s n=%zu K=%zu", versus, at->samples, at->steps);
  assay_status status =
      assay_trial_measure(trial, item, fresh->error, fixed->error, measured->error.value, error, FRESH_NOISE_TERMS);
  if (status) return status;
  snprintf(item, sizeof item, "V n=%zu K=%zu", at->samples, at->steps);
  return assay_trial_measure(trial, item, fresh->noise, fixed->noise, measured->noise.value, noise, 2);
}

static assay_status at_size(assay_trial *trial, iv_scope *s, const fresh_sizes *at, assay_context *context) {
  const fresh_measured *measured = NULL;
  fresh_limit fresh, fixed;
  assay_status status = fresh_measured_get(&measured, trial, at, context);
  if (status) return status;
  assay_dae_settings other = measured->settings;
  other.noise = ASSAY_NOISE_FIXED;
  status = limit_of(&fresh, s, &measured->settings, at->count, at->lambda == bayes_lambda, context);
  if (!status) status = limit_of(&fixed, s, &other, at->count, false, context);
  return status ? status : judge(trial, s, at, measured, &fresh, &fixed);
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_FULL ? FRESH_NOISE_FULL : FRESH_NOISE_QUICK;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < count; i++) {
    size_t mark = iv_mark(s);
    status = at_size(trial, s, &fresh_noise_sizes[i], context);
    iv_release(s, mark);
  }
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_fresh_noise = {
    .id = "flow-dae/fresh-noise",
    .statement =
        "Noise redrawn at every step averages out of the generated mean: it misses mu by [r lambda^2 + n sigma^2]/"
        "(lambda+n)^2 + V per dimension, V = O(1/(n K)) in K steps, and at lambda = sigma^2/r by no more than the "
        "Bayes-optimal error and V (and P_K^2/N in the mean of N samples).",
    .source = "derived here, from the learner of arXiv:2310.03575 with noise drawn anew for every step",
    .control =
        "the values with fixed noise: [r lambda^2 + n sigma^2 + n P_K^2]/(lambda+n)^2, n P_K^2/(lambda+n)^2 for V",
    .sizes = {"sigma = 0.5, (n, d, K, N, lambda) = (4, 1e6, 5, 20, 0.1), (16, 5e4, 10, 200, 0.25), (4, 5e4, 100, 40, "
              "0.1), (64, 2e4, 10, 400, 0.1)",
              "the same and (4, 3e6, 5, 20, 0.1), (16, 5e4, 100, 400, 0.1), (64, 5e4, 10, 400, 0.25), (256, 5e4, 10, "
              "1000, 0.1), (1024, 5e4, 10, 1000, 0.1)"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {ITEMS_QUICK, ITEMS_FULL},
    .gather = gather,
};
