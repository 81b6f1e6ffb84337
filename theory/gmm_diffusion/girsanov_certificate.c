/* Claim gmm-diffusion/girsanov-certificate: the divergence of the learned chain's paths from the truth's bounds the
 * total variation distance of its samples, and none of its parts can be left out.
 *
 * The bound's start, score and steps (path_divergence.h) are computed from the truth, and each size makes one of them
 * the larger: a start at tau = 4 that two atoms do not resemble, a single linear score, few large steps. Left is a
 * lower bound of the distance, right an upper bound of what the formula gives, each wrong with a probability below half
 * of the share of delta. */
#include "theory/gmm_diffusion/learned_chain.h"
#include "theory/gmm_diffusion/paper.h"

#include "reference/core/interval.h"

#include <assay/variation.h>

#include <stdio.h>

enum { BITS = 64, NAME = CHAIN_NAME + 64, SIZES_QUICK = 4, SIZES_FULL = 7 };

static const double unequal[] = {1, 4}, equal[] = {1, 1}, apart[] = {-6, 6}, nearer[] = {-4, 4};
static const known_truth far_pair = {"weights 1:4 at +-6", 1, 2, unequal, apart};
static const known_truth pair = {"+-4", 1, 2, equal, nearer};

typedef enum { START, SCORE, STEPS } part;
static const char *const parts[] = {"start", "score", "steps"};

typedef struct {
  chain_size chain;
  part left_out;
  size_t bins;
} certificate_size;

static const certificate_size sizes[SIZES_FULL] = {
    {{&far_pair, 20000, 5, 1.25, 1, false, 200000, 100000, 5}, START, 64},
    {{&pair, 20000, 1, 1.1, 0, true, 100000, 30000, 3}, SCORE, 64},
    {{&known_truth_line, 20000, 8, 2.5, 0, false, 200000, 100000, 3}, STEPS, 64},
    {{&known_truth_plane, 20000, 1, 1.25, 0, true, 100000, 30000, 10}, SCORE, 12},
    {{&far_pair, 500000, 8, 1.1, 1, false, 1000000, 200000, 5}, START, 64},
    {{&known_truth_line, 500000, 8, 4, 0, false, 1000000, 200000, 4}, STEPS, 64},
    {{&known_truth_line, 500000, 1, 1.05, 0, true, 1000000, 200000, 3}, SCORE, 64},
};

static double without(const path_bounds *bounds, part left_out) {
  switch (left_out) {
  case START:
    return bounds->without_start;
  case SCORE:
    return bounds->without_score;
  case STEPS:
    break;
  }
  return bounds->without_kernel;
}

/* A bound is a sum of at most 10^6 averages of positive doubles, each right to a few units of 2^-53. */
static iv rounded(iv_scope *s, double bound) {
  iv value = iv_d(s, bound);
  return iv_ball(s, value, iv_mul_2si(s, value, -30));
}

static assay_status at_size(assay_trial *trial, iv_scope *s, const certificate_size *size, assay_context *context) {
  const learned_chain *chain = NULL;
  assay_status status = learned_chain_get(&chain, trial, &size->chain, context);
  if (status) return status;
  double half = assay_trial_delta(trial) / 2;
  assay_variation variation;
  status = learned_chain_variation(&variation, chain, size->bins, half, context);
  if (status) return status;
  path_bounds bounds = path_bounds_of(&chain->divergence, half);
  char name[NAME], item[CHAIN_NAME];
  chain_name(item, &size->chain);
  (void)snprintf(name, sizeof name, "%s: distance < bound; control without %s", item, parts[size->left_out]);
  return assay_trial_decide(trial, name, iv_d(s, variation.lower), ASSAY_LESS, rounded(s, bounds.all),
                            rounded(s, without(&bounds, size->left_out)));
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_FULL ? SIZES_FULL : SIZES_QUICK;
  iv_scope *s = iv_scope_new(BITS);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < count; i++) status = at_size(trial, s, &sizes[i], context);
  iv_scope_free(s);
  return status;
}

const assay_claim assay_gmm_diffusion_girsanov_certificate = {
    .id = "gmm-diffusion/girsanov-certificate",
    .statement =
        "The samples of the learned SDE chain are within sqrt(KL/2) of the truth in total variation, KL that of the "
        "paths: of the start, plus for every step dtau (1 + tau)/(1 + tau') E|s_hat - s|^2/2 and the divergence of the "
        "true step from the Gaussian with its mean.",
    .source = "Girsanov's theorem for chains and Pinsker's inequality, as arXiv:2404.18869 uses them through known "
              "results on sampling; the parts derived here (gmm-diffusion section 3)",
    .control = "the same without one of the three parts: the start, the score or the steps",
    .sizes = {"atoms 1:4 at +-6, R = 1, D = 5; atoms at +-4, one cell, D = 1; three on a line, ratio 2.5, D = 8; three "
              "in a plane, one cell, D = 1; N = 20 000, 100 000 or 200 000 outputs",
              "the same; and with N = 500 000 and 1 000 000 outputs the first with D = 8 and ratio 1.1, the third with "
              "ratio 4, and with one cell, D = 1 and ratio 1.05"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {SIZES_QUICK, SIZES_FULL},
    .gather = gather,
};
