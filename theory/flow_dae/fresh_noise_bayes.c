/* Claim flow-dae/fresh-noise-bayes: with noise redrawn at every step and lambda = sigma^2/r the generated mean is Bayes
 * optimal.
 *
 * reference/ gives the error of the mean from the flow's parts (R3 with Q = 0, R7); the posterior mean's error is
 * written out here from the posterior precision 1/MSE* = 1/r + n/sigma^2 of a coordinate of mu ~ N(0, r). Both are
 * compared times n. At 1.05 sigma^2/r the error exceeds the optimum by about 0.0025 sigma^4/(r n^2).
 *
 * That the redrawn noise leaves nothing behind is shown on the linear schedule. There zeta_j l_j = -k c_j, k =
 * n/(lambda+n), and steps i > j multiply by prod (1 + dt gamma_i) <= sqrt(B/D_{j+1}) (the cosines of
 * euler-cosine-product are at most 1), so K steps add
 *   n V_K = sum_j (k c_j/K)^2 prod_{i>j} (1 + dt gamma_i)^2 <= k^2 (1 + B/A)^3/K,
 * as c_j = beta_j B/D_j and D >= AB/(A + B) make c_j and B/D_{j+1} at most 1 + B/A. M and E are exact for every K. */
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

enum { SIZES_QUICK = 5, SIZES_FULL = 10, ITEMS_PER_SIZE = 3 };
static const size_t sizes_listed[SIZES_FULL] = {2, 3, 16, 1024, 1000000000, 1, 7, 64, 65536, 1000000};

/* n/(1/r + n/sigma^2). */
static iv scaled_posterior_variance(iv_scope *s, iv n, const assay_dae_settings *settings) {
  iv prior = iv_inv(s, iv_real(s, settings->norm2)), sigma2 = iv_sqr(s, iv_real(s, settings->sigma));
  return iv_div(s, n, iv_add(s, prior, iv_div(s, n, sigma2)));
}

/* K (n MSE_K - n MSE*) = K n V_K in K steps against its bound. */
static assay_status in_steps(assay_trial *trial, iv_scope *s, assay_dae_settings settings, iv bayes,
                             assay_dae_theory *theory, assay_context *context) {
  enum { STEPS = 1024 };
  char learner[LEARNER_NAME];
  learner_name(learner, &settings);
  settings.steps = STEPS;
  assay_status status = assay_reference_dae_theory(theory, &settings, assay_real_of(1), GOAL_BITS, context);
  if (status != ASSAY_OK) return status;
  learner_constants c = learner_constants_of(s, &settings);
  iv left = iv_sub(s, iv_mul(s, iv_ui(s, settings.samples), theory->mse), bayes);
  iv bound = iv_mul(s, iv_sqr(s, c.nu), iv_pow_ui(s, iv_add_si(s, iv_div(s, c.B, c.A), 1), 3));
  return evidence_decide(trial, learner, "1024 steps: K (n MSE_K - n MSE*) < k^2 (1 + B/A)^3",
                         iv_mul_si(s, left, STEPS), ASSAY_LESS, bound);
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
  settings.lambda = at->lambda;
  status = evidence_agree(trial, learner, "n MSE = n MSE*", bayes, iv_mul(s, n, theory[0].mse),
                          iv_mul(s, n, theory[1].mse), AGREE_BITS);
  if (status == ASSAY_OK)
    status = evidence_agree(trial, learner, "n MSE*", iv_mul(s, n, theory[0].mse_bayes), bayes, NULL, AGREE_BITS);
  if (status == ASSAY_OK) status = in_steps(trial, s, settings, bayes, &theory[1], context);
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
    .statement =
        "As d -> infinity, with noise redrawn at every step and lambda = sigma^2/r, the generated mean's squared "
        "error per dimension is the Bayes-optimal MSE* = r sigma^2/(n r + sigma^2) in continuous time, and "
        "exceeds it by at most (n/(lambda+n))^2 (1 + B/A)^3/(n K) in K = 1024 Euler steps on the linear schedule (A = "
        "lambda + n - 1, B = lambda (r + sigma^2) + (n-1) sigma^2), for listed n, sigma and r.",
    .source = "derived here (flow-dae section 4, R7) for a variant of the learner of arXiv:2310.03575",
    .control = "the same at lambda = 1.05 sigma^2/r",
    .sizes = {"3 pairs (sigma, r), n in {2, 3, 16, 1024, 10^9}; to 2^-100; K = 1024",
              "5 pairs (sigma, r), n in {1, 2, 3, 7, 16, 64, 1024, 65536, 10^6, 10^9}; to 2^-100; K = 1024"},
    .kind = ASSAY_PROOF,
    .comparisons = {(size_t)OPTIMA_QUICK * SIZES_QUICK * ITEMS_PER_SIZE,
                    (size_t)OPTIMA_FULL *SIZES_FULL *ITEMS_PER_SIZE},
    .gather = gather,
};
