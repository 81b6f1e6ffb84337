/* Claim flow-dae/mse-rate: the generated mean is wrong by Theta(1/n), with constants, and n MSE -> 2 sigma^2.
 *
 * With u = 1/n, B/A = sigma^2 + r lambda u/(1 - u + lambda u) and R5,
 *   n MSE = [2 sigma^2 + r lambda^2 u + r lambda u/(1 - u + lambda u)]/(1 + lambda u)^2 = 2 sigma^2 + u slope(u),
 *   slope(u) = [r lambda^2 + r lambda/(1 - u + lambda u) - 4 sigma^2 lambda - 2 sigma^2 lambda^2 u]/(1 + lambda u)^2.
 * reference/ gives MSE twice: from the flow's parts, r (M-1)^2 + (E^2 + Q^2)/n by R3, at listed n, and in closed form
 * over all u in [0, 1/2]. */
#include "theory/flow_dae/evidence.h"
#include "theory/flow_dae/paper.h"
#include "theory/flow_dae/rate.h"

enum { ITEMS_PER_LEARNER = 4, ITEMS_PER_SIZE = 3, CELLS_QUICK = 256, CELLS_FULL = 4096 };

/* n times R5, as printed. */
static iv scaled_mse(iv_scope *s, iv n, const learner_constants *c) {
  iv variances = iv_add(s, iv_sqr(s, c->sigma), iv_div(s, c->B, c->A));
  iv sum = iv_add(s, iv_mul(s, c->norm2, iv_sqr(s, c->lambda)), iv_mul(s, n, variances));
  return iv_div(s, iv_mul(s, n, sum), iv_sqr(s, iv_add(s, c->lambda, n)));
}

static iv slope(iv_scope *s, const iv *u, const void *self) {
  const learner_constants *c = self;
  iv lambda = c->lambda, sigma2 = iv_sqr(s, c->sigma), product = iv_mul(s, lambda, *u);
  iv share = iv_div(s, lambda, iv_add(s, iv_sub(s, iv_si(s, 1), *u), product));
  iv up = iv_mul(s, c->norm2, iv_add(s, iv_sqr(s, lambda), share));
  iv down = iv_mul(s, iv_mul(s, sigma2, lambda), iv_add_si(s, iv_mul_2si(s, product, 1), 4));
  return iv_div(s, iv_sub(s, up, down), iv_sqr(s, iv_add_si(s, product, 1)));
}

static iv reference_mse(iv_scope *s, const iv *u, const void *self) {
  const learner_constants *c = self;
  dae_limits limits = dae_limits_of(s, *u, c->lambda, c->norm2, iv_sqr(s, c->sigma));
  return dae_scaled_mse(s, &limits);
}

/* The formulas at one n, against the flow's parts. */
static assay_status at_size(assay_trial *trial, iv_scope *s, const rate_point *at) {
  const learner_constants *c = &at->constants;
  iv scaled = iv_mul(s, at->n, at->theory->mse), own = scaled_mse(s, at->n, c);
  iv limit = iv_mul_2si(s, iv_sqr(s, c->sigma), 1), excess = iv_mul(s, at->n, iv_sub(s, scaled, limit));
  assay_status status =
      evidence_agree(trial, at->name, "n MSE from the flow's parts", scaled, own, NULL, RATE_AGREE_BITS);
  if (status == ASSAY_OK)
    status = evidence_agree(trial, at->name, "n MSE in closed form", dae_scaled_mse(s, &at->limits), own, NULL,
                            RATE_AGREE_BITS);
  if (status == ASSAY_OK)
    status =
        evidence_agree(trial, at->name, "n (n MSE - 2 sigma^2)", excess, slope(s, &at->u, c), NULL, RATE_AGREE_BITS);
  return status;
}

/* c1, c2 and C of the statement. */
typedef struct {
  iv least, most, remainder;
} rate_bounds;

static rate_bounds rate_bounds_of(iv_scope *s, const learner_constants *c) {
  iv lambda = c->lambda, r = c->norm2, sigma2 = iv_sqr(s, c->sigma), lambda2 = iv_sqr(s, lambda);
  iv half = iv_add_si(s, iv_mul_2si(s, lambda, -1), 1), share = iv_div(s, lambda, iv_add_si(s, lambda, 1));
  iv penalty = iv_mul(s, r, iv_add(s, iv_mul_2si(s, lambda2, -1), share));
  iv first = iv_mul(s, lambda, iv_add(s, iv_mul_si(s, r, 2), iv_mul_si(s, sigma2, 4)));
  iv second = iv_mul(s, lambda2, iv_add(s, r, sigma2));
  return (rate_bounds){.least = iv_div(s, iv_mul(s, iv_ratio(s, 19, 10), sigma2), iv_sqr(s, half)),
                       .most = iv_add(s, iv_mul(s, iv_ratio(s, 21, 10), sigma2), penalty),
                       .remainder = iv_add(s, sigma2, iv_add(s, first, second))};
}

/* The statement for all n at once. */
static assay_status for_all_sizes(assay_trial *trial, iv_scope *s, const assay_dae_settings *settings) {
  size_t cells = assay_trial_level(trial) == ASSAY_LEVEL_QUICK ? CELLS_QUICK : CELLS_FULL;
  char learner[LEARNER_NAME];
  learner_family_name(learner, settings);
  learner_constants c = learner_constants_of(s, settings);
  rate_bounds bounds = rate_bounds_of(s, &c);
  iv mse = range_over(s, reference_mse, &c, &rate_all_sizes, 1, cells), zero = iv_si(s, 0);
  iv slopes = range_over(s, slope, &c, &rate_all_sizes, 1, cells), sigma2 = iv_sqr(s, c.sigma);
  assay_status status = evidence_decide(trial, learner, "all n >= 2: n MSE > c1", mse, ASSAY_GREATER, bounds.least);
  if (status == ASSAY_OK)
    status = evidence_decide(trial, learner, "all n >= 2: n MSE < c2", mse, ASSAY_LESS, bounds.most);
  if (status == ASSAY_OK)
    status = evidence_decide(trial, learner, "all n >= 2: n |n MSE - 2 sigma^2| < C", iv_abs(s, slopes), ASSAY_LESS,
                             bounds.remainder);
  if (status == ASSAY_OK)
    status = evidence_agree(trial, learner, "limit of n MSE", reference_mse(s, &zero, &c), iv_mul_2si(s, sigma2, 1),
                            sigma2, RATE_AGREE_BITS);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  static const rate mse = {"mse-rate", for_all_sizes, at_size};
  return rate_gather(trial, &mse, context);
}

const assay_claim assay_flow_dae_mse_rate = {
    .id = "flow-dae/mse-rate",
    .statement =
        "As d -> infinity, in continuous time and for each listed (sigma, lambda, r), the squared error per dimension "
        "of the generated mean obeys c1 < n MSE < c2 for every n >= 2, with c1 = 1.9 sigma^2/(1 + lambda/2)^2 and c2 = "
        "2.1 sigma^2 + r (lambda^2/2 + lambda/(1 + lambda)), and n MSE tends to 2 sigma^2: n |n MSE - 2 sigma^2| < C = "
        "sigma^2 + (2 r + 4 sigma^2) lambda + (r + sigma^2) lambda^2.",
    .source = "the rate Theta(1/n) of arXiv:2310.03575 for the mean of the generated samples (d -> infinity, then "
              "continuous time); constants derived here (flow-dae section 4, R5)",
    .control = "n MSE tends to sigma^2",
    .sizes = {"3 triples (sigma, lambda, r); all n >= 2 in 256 pieces of 1/n; formulas at n in {2, 5, 10^6}",
              "6 triples (sigma, lambda, r); all n >= 2 in 4096 pieces of 1/n; formulas at n in {2, 3, 5, 64, 10^6, "
              "10^9}"},
    .kind = ASSAY_PROOF,
    .comparisons = {RATE_ITEMS_QUICK(ITEMS_PER_LEARNER, ITEMS_PER_SIZE),
                    RATE_ITEMS_FULL(ITEMS_PER_LEARNER, ITEMS_PER_SIZE)},
    .gather = gather,
};
