/* Claim flow-dae/fresh-noise-bayes: with noise redrawn at every step and lambda = sigma^2/r the generated mean is Bayes
 * optimal.
 *
 * reference/ gives the error of the mean from the flow's parts (R3 with Q = 0, R7); the posterior mean's error is
 * written out here from the posterior precision 1/MSE* = 1/r + n/sigma^2 of a coordinate of mu ~ N(0, r). Both are
 * compared times n. At 1.05 sigma^2/r the error exceeds the optimum by about 0.0025 sigma^4/(r n^2). */
#include "theory/flow_dae/evidence.h"
#include "theory/flow_dae/learner.h"
#include "theory/flow_dae/paper.h"

#include <assay/reference.h>

enum { AGREE_BITS = 100, GOAL_BITS = 160, WORKING_BITS = 224 };

/* sigma, r, lambda = sigma^2/r and the control's lambda = 1.05 sigma^2/r, exactly. */
typedef struct {
  assay_real sigma, norm2, lambda, control;
} optimum;

enum { OPTIMA_QUICK = 3, OPTIMA_FULL = 5 };
static const optimum optima[OPTIMA_FULL] = {
    {{0.5, NULL}, {1.0, NULL}, {0.25, NULL}, {0.2625, "21/80"}},
    {{1.0 / 3.0, "1/3"}, {2.5, NULL}, {2.0 / 45.0, "2/45"}, {7.0 / 150.0, "7/150"}},
    {{1.5, NULL}, {0.7, "7/10"}, {45.0 / 14.0, "45/14"}, {3.375, NULL}},
    {{0.125, NULL}, {1.0, NULL}, {0.015625, NULL}, {0.01640625, "21/1280"}},
    {{4.0, NULL}, {0.1, "1/10"}, {160.0, NULL}, {168.0, NULL}},
};

enum { SIZES_QUICK = 5, SIZES_FULL = 10, ITEMS_PER_SIZE = 2 };
static const size_t sizes_listed[SIZES_FULL] = {2, 3, 16, 1024, 1000000000, 1, 7, 64, 65536, 1000000};

/* n/(1/r + n/sigma^2). */
static iv scaled_posterior_variance(iv_scope *s, iv n, const assay_dae_settings *settings) {
  iv prior = iv_inv(s, iv_real(s, settings->norm2)), sigma2 = iv_sqr(s, iv_real(s, settings->sigma));
  return iv_div(s, n, iv_add(s, prior, iv_div(s, n, sigma2)));
}

static assay_status at_size(assay_trial *trial, iv_scope *s, const optimum *at, size_t samples,
                            assay_dae_theory theory[2], assay_context *context) {
  char learner[LEARNER_NAME];
  const assay_real lambdas[2] = {at->lambda, at->control};
  assay_dae_settings settings = assay_dae_settings_of(samples, at->sigma, at->lambda);
  settings.norm2 = at->norm2;
  settings.noise = ASSAY_NOISE_FRESH;
  learner_name(learner, &settings);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < 2 && status == ASSAY_OK; i++) {
    settings.lambda = lambdas[i];
    status = assay_reference_dae_theory(&theory[i], &settings, assay_real_of(1), GOAL_BITS, context);
  }
  if (status != ASSAY_OK) return status;
  iv n = iv_ui(s, samples), bayes = scaled_posterior_variance(s, n, &settings);
  status = evidence_agree(trial, learner, "n MSE = n MSE*", bayes, iv_mul(s, n, theory[0].mse),
                          iv_mul(s, n, theory[1].mse), AGREE_BITS);
  if (status == ASSAY_OK)
    status = evidence_agree(trial, learner, "n MSE*", iv_mul(s, n, theory[0].mse_bayes), bayes, NULL, AGREE_BITS);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  bool quick = assay_trial_level(trial) == ASSAY_LEVEL_QUICK;
  size_t count = quick ? OPTIMA_QUICK : OPTIMA_FULL, sizes = quick ? SIZES_QUICK : SIZES_FULL;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_dae_theory theory[2];
  for (size_t i = 0; i < 2; i++) assay_dae_theory_init(&theory[i]);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < count * sizes && status == ASSAY_OK; i++) {
    size_t mark = iv_mark(s);
    status = at_size(trial, s, &optima[i / sizes], sizes_listed[i % sizes], theory, context);
    iv_release(s, mark);
  }
  for (size_t i = 0; i < 2; i++) assay_dae_theory_clear(&theory[i]);
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_fresh_noise_bayes = {
    .id = "flow-dae/fresh-noise-bayes",
    .statement = "With noise redrawn at every time and lambda = sigma^2/r, the generated mean's squared error equals "
                 "the Bayes-optimal r sigma^2/(n r + sigma^2) whatever n.",
    .source = "derived here (flow-dae section 4, R7) for a variant of the learner of arXiv:2310.03575 (d -> infinity, "
              "then continuous time)",
    .control = "the same at lambda = 1.05 sigma^2/r",
    .sizes = {"3 pairs (sigma, r), n in {2, 3, 16, 1024, 10^9}",
              "5 pairs (sigma, r), n in {1, 2, 3, 7, 16, 64, 1024, 65536, 10^6, 10^9}"},
    .kind = ASSAY_PROOF,
    .comparisons = {(size_t)OPTIMA_QUICK * SIZES_QUICK * ITEMS_PER_SIZE,
                    (size_t)OPTIMA_FULL *SIZES_FULL *ITEMS_PER_SIZE},
    .gather = gather,
};
