/* Claim flow-dae/euler-cosine-product: Euler on the linear schedule multiplies by cosines.
 *
 * On the linear schedule u_j = (alpha_j sqrt A, beta_j sqrt B) runs along a chord, and 1 + dt gamma_j =
 * <u_j, u_{j+1}>/|u_j|^2 = cos(theta_j) |u_{j+1}|/|u_j| with theta_j the angle from u_j to u_{j+1}. The angles add up
 * to the quarter turn from (sqrt A, 0) to (0, sqrt B), so P_K = sqrt(B/A) prod cos(theta_j). Halving a step replaces
 * cos(a + b) by cos a cos b = cos(a + b) + sin a sin b, which is larger for a, b in (0, pi/2): for every K, refinement
 * raises P_K and with it MSE_K = [r lambda^2 + n sigma^2 + n P_K^2]/(lambda+n)^2. */
#include "theory/flow_dae/learner.h"
#include "theory/flow_dae/paper.h"

#include <assay/reference.h>

#include <stdio.h>

/* A product of K <= 4096 factors below 1 and a sum of as many angles lose fewer than 20 of WORKING_BITS. */
enum { AGREE_BITS = 100, GOAL_BITS = 140, WORKING_BITS = 192 };

enum { STEPS_QUICK = 5, STEPS_FULL = 9, NAME = LEARNER_NAME + 48 };
static const size_t steps_listed[STEPS_FULL] = {1, 2, 7, 64, 512, 3, 100, 1024, 2048};

enum { ITEMS_PER_STEPS = 4 };

/* The angle between neighbours, by tan(theta/2) = |u x v|/(|u||v| + <u, v>): no branch, and pi/2 for K = 1. */
static iv angle(iv_scope *s, const learner_constants *constants, long j, long K) {
  iv A = constants->A, B = constants->B, root = iv_sqrt(s, iv_mul(s, A, B));
  iv a = iv_ratio(s, K - j, K), b = iv_ratio(s, j, K), a_next = iv_ratio(s, K - j - 1, K),
     b_next = iv_ratio(s, j + 1, K);
  iv inner = iv_add(s, iv_mul(s, A, iv_mul(s, a, a_next)), iv_mul(s, B, iv_mul(s, b, b_next)));
  iv norm2 = iv_add(s, iv_mul(s, A, iv_sqr(s, a)), iv_mul(s, B, iv_sqr(s, b)));
  iv norm2_next = iv_add(s, iv_mul(s, A, iv_sqr(s, a_next)), iv_mul(s, B, iv_sqr(s, b_next)));
  iv cross = iv_div(s, root, iv_si(s, K));
  iv norms = iv_sqrt(s, iv_mul(s, norm2, norm2_next));
  return iv_mul_2si(s, iv_atan(s, iv_div(s, cross, iv_add(s, norms, inner))), 1);
}

typedef struct {
  iv P, angles, mse;
} product;

static product product_of(iv_scope *s, const learner_constants *constants, const assay_dae_settings *settings,
                          size_t steps) {
  mpfi_ptr cosines = iv_new(s), sum = iv_new(s);
  mpfi_set_ui(cosines, 1);
  for (long j = 0; j < (long)steps; j++) {
    size_t mark = iv_mark(s);
    iv theta = angle(s, constants, j, (long)steps);
    mpfi_add(sum, sum, theta);
    mpfi_mul(cosines, cosines, iv_cos(s, theta));
    iv_release(s, mark);
  }
  product out = {.angles = sum};
  out.P = iv_mul(s, iv_sqrt(s, iv_div(s, constants->B, constants->A)), cosines);
  iv n = iv_ui(s, (unsigned long)settings->samples);
  iv within = iv_mul(s, n, iv_add(s, iv_sqr(s, constants->sigma), iv_sqr(s, out.P)));
  iv total = iv_add(s, iv_mul(s, constants->norm2, iv_sqr(s, constants->lambda)), within);
  out.mse = iv_div(s, total, iv_sqr(s, iv_add(s, constants->lambda, n)));
  return out;
}

static assay_status with_steps(assay_trial *trial, iv_scope *s, const char *learner, const learner_constants *constants,
                               assay_dae_settings *settings, size_t steps, assay_dae_theory theory[2],
                               assay_context *context) {
  char name[NAME];
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < 2 && status == ASSAY_OK; i++) {
    settings->steps = steps << i;
    status = assay_reference_dae_theory(&theory[i], settings, assay_real_of(1), GOAL_BITS, context);
  }
  if (status != ASSAY_OK) return status;
  product own = product_of(s, constants, settings, steps);
  (void)snprintf(name, sizeof name, "%s K=%zu P_K", learner, steps);
  status = assay_trial_agree(trial, name, theory[0].flow_perp, own.P, NULL, AGREE_BITS);
  (void)snprintf(name, sizeof name, "%s K=%zu sum of angles", learner, steps);
  if (status == ASSAY_OK)
    status = assay_trial_agree(trial, name, own.angles, iv_mul_2si(s, iv_pi(s), -1), NULL, AGREE_BITS);
  (void)snprintf(name, sizeof name, "%s K=%zu MSE_K", learner, steps);
  if (status == ASSAY_OK) status = assay_trial_agree(trial, name, theory[0].mse, own.mse, NULL, AGREE_BITS);
  /* MSE_2K > 2 MSE_2K - MSE_K says MSE_2K < MSE_K: the control in right's place. */
  iv mirrored = iv_sub(s, iv_mul_2si(s, theory[1].mse, 1), theory[0].mse);
  (void)snprintf(name, sizeof name, "%s K=%zu MSE_2K > MSE_K", learner, steps);
  if (status == ASSAY_OK)
    status = assay_trial_decide(trial, name, theory[1].mse, ASSAY_GREATER, theory[0].mse, mirrored);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  bool quick = assay_trial_level(trial) == ASSAY_LEVEL_QUICK;
  size_t learners = quick ? LEARNERS_QUICK : LEARNERS_FULL, step_count = quick ? STEPS_QUICK : STEPS_FULL;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_dae_theory theory[2];
  for (size_t i = 0; i < 2; i++) assay_dae_theory_init(&theory[i]);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < learners && status == ASSAY_OK; i++) {
    size_t mark = iv_mark(s);
    char learner[LEARNER_NAME];
    assay_dae_settings settings = learner_settings(i);
    learner_name(learner, &settings);
    learner_constants constants = learner_constants_of(s, &settings);
    for (size_t k = 0; k < step_count && status == ASSAY_OK; k++)
      status = with_steps(trial, s, learner, &constants, &settings, steps_listed[k], theory, context);
    iv_release(s, mark);
    if (status == ASSAY_OK)
      status = assay_progress(context, "euler-cosine-product", (double)(i + 1) / (double)learners);
  }
  for (size_t i = 0; i < 2; i++) assay_dae_theory_clear(&theory[i]);
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_euler_cosine_product = {
    .id = "flow-dae/euler-cosine-product",
    .statement = "As d -> infinity, K Euler steps on the linear schedule multiply the part of a sample off the data's "
                 "span by P_K = sqrt(B/A) prod cos(theta_j) with angles theta_j between neighbours of ((1 - j/K) sqrt "
                 "A, (j/K) sqrt B) that add up to pi/2 (A = lambda + n - 1, B = lambda (r + sigma^2) + (n-1) sigma^2), "
                 "and 2K steps in place of K raise the error of the mean, for listed learners and K.",
    .source = "derived here (flow-dae section 4, R4) for the generative flow of arXiv:2310.03575 in K Euler steps",
    .control = "2K steps in place of K lower the error of the mean",
    .sizes = {"3 learners, K in {1, 2, 7, 64, 512}", "6 learners, K in {1, 2, 3, 7, 64, 100, 512, 1024, 2048}"},
    .kind = ASSAY_PROOF,
    .comparisons = {(size_t)LEARNERS_QUICK * STEPS_QUICK * ITEMS_PER_STEPS,
                    (size_t)LEARNERS_FULL *STEPS_FULL *ITEMS_PER_STEPS},
    .gather = gather,
};
