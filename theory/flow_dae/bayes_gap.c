/* Claim flow-dae/bayes-gap: the generated mean against the Bayes-optimal estimate of mu, labels known.
 *
 * Both errors are quadratic in the shrinkage k = n/(lambda+n): with u = 1/n and k* = r/(r + sigma^2 u), R5 and R6 read
 *   n MSE* = r sigma^2/(r + sigma^2 u),   n (MSE - MSE*) = (r + sigma^2 u) (k - k*)^2/u + k^2 B/A.
 * With B/A >= sigma^2 and 1/u >= 2 the ratio MSE/MSE* is at least
 *   floor(u, k) = 1 + [2 (r + sigma^2 u) (k - k*)^2 + k^2 sigma^2] (r + sigma^2 u)/(r sigma^2),
 * continuous on the whole box 0 <= u <= 1/2, 0 <= k <= 1: every n >= 2 and every lambda from 0 to infinity. Towards
 * n = infinity, ratio = 2 + u slope(u) with
 *   slope(u) = [(r lambda - sigma^2)^2/r + sigma^2 (B/A)/r + r lambda/(1 - u + lambda u) - sigma^2 lambda (2 + lambda
 *              u)]/(sigma^2 (1 + lambda u)^2). */
#include "theory/flow_dae/evidence.h"
#include "theory/flow_dae/paper.h"
#include "theory/flow_dae/rate.h"

#include "reference/flow_dae/euler.h"

enum { ITEMS_PER_LEARNER = 4, ITEMS_PER_SIZE = 4, ITEMS_OF_STEPS = 3 };

enum { CELLS_QUICK = 64, CELLS_FULL = 256, SLOPE_CELLS = 256, RANGE_BITS = 64 };
static const range_side shrunk_boxes[2] = {{0, 0.5}, {0, 1}};       /* u, k */
static const range_side penalised_boxes[2] = {{0, 0.5}, {0, 16.0}}; /* u, lambda */

static iv ratio(iv_scope *s, iv u, iv lambda, const learner_constants *c) {
  dae_limits limits = dae_limits_of(s, u, lambda, c->norm2, iv_sqr(s, c->sigma));
  return iv_div(s, dae_scaled_mse(s, &limits), dae_scaled_bayes_mse(s, &limits));
}

/* reference/'s ratio of the two errors for at = (u, lambda). */
static iv reference_ratio(iv_scope *s, const iv *at, const void *self) { return ratio(s, at[0], at[1], self); }

/* For at = (u, k). */
static iv ratio_floor(iv_scope *s, const iv *at, const void *self) {
  const learner_constants *c = self;
  iv r = c->norm2, sigma2 = iv_sqr(s, c->sigma), total = iv_add(s, r, iv_mul(s, sigma2, at[0]));
  iv off = iv_sub(s, at[1], iv_div(s, r, total));
  iv bias = iv_mul_2si(s, iv_mul(s, total, iv_sqr(s, off)), 1), spread = iv_mul(s, iv_sqr(s, at[1]), sigma2);
  iv scale = iv_div(s, total, iv_mul(s, r, sigma2));
  return iv_add_si(s, iv_mul(s, iv_add(s, bias, spread), scale), 1);
}

static iv slope(iv_scope *s, const iv *u, const void *self) {
  const learner_constants *c = self;
  iv r = c->norm2, lambda = c->lambda, sigma2 = iv_sqr(s, c->sigma), product = iv_mul(s, lambda, *u);
  iv share = iv_div(s, iv_mul(s, r, lambda), iv_add(s, iv_sub(s, iv_si(s, 1), *u), product));
  iv variance = iv_add(s, sigma2, iv_mul(s, share, *u)); /* B/A */
  iv mismatch = iv_sub(s, iv_mul(s, r, lambda), sigma2);
  iv over_r = iv_div(s, iv_add(s, iv_sqr(s, mismatch), iv_mul(s, sigma2, variance)), r);
  iv down = iv_mul(s, iv_mul(s, sigma2, lambda), iv_add_si(s, product, 2));
  iv sum = iv_sub(s, iv_add(s, over_r, share), down);
  return iv_div(s, sum, iv_mul(s, sigma2, iv_sqr(s, iv_add_si(s, product, 1))));
}

/* R6: MSE - MSE* = n [(r lambda - sigma^2)^2/(n r + sigma^2) + sigma^2 + r lambda/A]/(lambda+n)^2, times n. */
static iv scaled_gap(iv_scope *s, iv n, const learner_constants *c) {
  iv r = c->norm2, sigma2 = iv_sqr(s, c->sigma), penalty = iv_mul(s, r, c->lambda);
  iv mismatch = iv_sqr(s, iv_sub(s, penalty, sigma2));
  iv first = iv_div(s, mismatch, iv_add(s, iv_mul(s, n, r), sigma2));
  iv sum = iv_add(s, first, iv_add(s, sigma2, iv_div(s, penalty, c->A)));
  return iv_mul(s, iv_sqr(s, c->nu), sum);
}

/* The formulas at one n, against the flow's parts. */
static assay_status at_size(assay_trial *trial, iv_scope *s, const rate_point *at) {
  const learner_constants *c = &at->constants;
  iv mse = at->theory->mse, mse_bayes = at->theory->mse_bayes, own = scaled_gap(s, at->n, c);
  iv gap = iv_mul(s, at->n, iv_sub(s, mse, mse_bayes)), own_slope = slope(s, &at->u, c);
  iv excess = iv_mul(s, at->n, iv_add_si(s, iv_div(s, mse, mse_bayes), -2));
  assay_status status =
      evidence_agree(trial, at->name, "n (MSE - MSE*) from the flow's parts", gap, own, NULL, RATE_AGREE_BITS);
  if (status == ASSAY_OK)
    status = evidence_agree(trial, at->name, "n (MSE - MSE*) in closed form", dae_scaled_bayes_gap(s, &at->limits), own,
                            NULL, RATE_AGREE_BITS);
  if (status == ASSAY_OK)
    status = evidence_agree(trial, at->name, "n (MSE/MSE* - 2)", excess, own_slope, NULL, RATE_AGREE_BITS);
  iv expansion = iv_add_si(s, iv_mul(s, at->u, own_slope), 2);
  if (status == ASSAY_OK)
    status = evidence_agree(trial, at->name, "MSE/MSE* in closed form", ratio(s, at->u, c->lambda, c), expansion, NULL,
                            RATE_AGREE_BITS);
  return status;
}

/* C of the statement. */
static iv remainder_bound(iv_scope *s, const learner_constants *c) {
  iv r = c->norm2, lambda = c->lambda, sigma2 = iv_sqr(s, c->sigma), lambda2 = iv_sqr(s, lambda);
  iv constant = iv_div(s, iv_mul_si(s, sigma2, 3), r);
  iv bias = iv_mul_2si(s, iv_div(s, iv_mul(s, r, iv_add(s, lambda, lambda2)), sigma2), 1);
  iv rest = iv_add(s, iv_mul_si(s, lambda, 3), iv_mul_2si(s, lambda2, -1));
  return iv_add(s, constant, iv_add(s, bias, rest));
}

/* The statement for all n at once. */
static assay_status for_all_sizes(assay_trial *trial, iv_scope *s, const assay_dae_settings *settings) {
  size_t cells = assay_trial_level(trial) == ASSAY_LEVEL_QUICK ? CELLS_QUICK : CELLS_FULL;
  char learner[LEARNER_NAME];
  learner_family_name(learner, settings);
  iv_scope *coarse = iv_scope_new(RANGE_BITS);
  learner_constants c = learner_constants_of(coarse, settings);
  iv floors = range_over(coarse, ratio_floor, &c, shrunk_boxes, 2, cells);
  iv ratios = range_over(coarse, reference_ratio, &c, penalised_boxes, 2, cells), one = iv_si(coarse, 1);
  iv slopes = iv_abs(coarse, range_over(coarse, slope, &c, &rate_all_sizes, 1, SLOPE_CELLS));
  assay_status status =
      evidence_decide(trial, learner, "all n >= 2, any lambda >= 0 in its place: lower bound of MSE/MSE* > 1", floors,
                      ASSAY_GREATER, one);
  if (status == ASSAY_OK)
    status = evidence_decide(trial, learner, "all n >= 2, any lambda in [0, 16] in its place: MSE/MSE* > 1", ratios,
                             ASSAY_GREATER, one);
  if (status == ASSAY_OK)
    status = evidence_decide(trial, learner, "all n >= 2: n |MSE/MSE* - 2| < C", slopes, ASSAY_LESS,
                             remainder_bound(coarse, &c));
  iv_scope_free(coarse);
  learner_constants exact = learner_constants_of(s, settings);
  if (status == ASSAY_OK)
    status = evidence_agree(trial, learner, "limit of MSE/MSE*", ratio(s, iv_si(s, 0), exact.lambda, &exact),
                            iv_si(s, 2), iv_ratio(s, 19, 10), RATE_AGREE_BITS);
  return status;
}

/* prod cos^2(theta_j) over the linear schedule in K steps, theta_j the angles between neighbours of ((1 - j/K), (j/K)
 * sigma), as sum theta_j = pi/2: by tan(theta_j) = |u x v|/<u, v>. */
static iv squared_cosines(iv_scope *s, iv sigma2, long K) {
  iv product = iv_si(s, 1);
  for (long j = 0; j < K; j++) {
    iv inner = iv_add(s, iv_si(s, (K - j) * (K - j - 1)), iv_mul_si(s, sigma2, j * (j + 1)));
    iv cross = iv_mul_si(s, sigma2, K * K), inner2 = iv_sqr(s, inner);
    product = iv_mul(s, product, iv_div(s, inner2, iv_add(s, inner2, cross)));
  }
  return product;
}

/* K = 100 steps, sigma = 1/2, n = infinity: n MSE_K = sigma^2 + P_K^2 with P_K^2 = sigma^2 prod cos^2(theta_j). */
static assay_status in_hundred_steps(assay_trial *trial, iv_scope *s) {
  enum { STEPS = 100 };
  const char *subject = "sigma=1/2, n -> infinity, 100 Euler steps on the linear schedule";
  iv sigma2 = iv_ratio(s, 1, 4), own = iv_add_si(s, squared_cosines(s, sigma2, STEPS), 1);
  dae_limits limits = dae_limits_of(s, iv_si(s, 0), iv_si(s, 0), iv_si(s, 1), sigma2);
  dae_euler euler;
  dae_euler_init(&euler, s, &limits, assay_schedule_of(ASSAY_LINEAR), STEPS);
  while (euler.step < STEPS) dae_euler_step(&euler, s);
  dae_flow end = dae_euler_flow(&euler, s);
  dae_euler_clear(&euler);
  iv limit = iv_div(s, iv_add(s, iv_sqr(s, end.eta), iv_sqr(s, end.xi)), sigma2);
  assay_status status =
      evidence_agree(trial, subject, "limit of MSE/MSE* is 1 + prod cos^2(theta_j)", limit, own, NULL, RATE_AGREE_BITS);
  if (status == ASSAY_OK)
    status =
        evidence_decide(trial, subject, "limit of MSE/MSE* > 1.9705", limit, ASSAY_GREATER, iv_ratio(s, 19705, 10000));
  if (status == ASSAY_OK)
    status =
        evidence_decide(trial, subject, "limit of MSE/MSE* < 1.9715", limit, ASSAY_LESS, iv_ratio(s, 19715, 10000));
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  static const rate gap = {"bayes-gap", for_all_sizes, at_size};
  iv_scope *s = iv_scope_new(RATE_WORKING_BITS);
  assay_status status = in_hundred_steps(trial, s);
  iv_scope_free(s);
  return status == ASSAY_OK ? rate_gather(trial, &gap, context) : status;
}

const assay_claim assay_flow_dae_bayes_gap = {
    .id = "flow-dae/bayes-gap",
    .statement =
        "As d -> infinity and for each listed (sigma, lambda, r), the generated mean of the continuous flow misses the "
        "Bayes-optimal error MSE* = r sigma^2/(n r + sigma^2), labels known, by MSE - MSE* = n [(r lambda - "
        "sigma^2)^2/(n r + sigma^2) + sigma^2 + r lambda/(lambda + n - 1)]/(lambda + n)^2, so that MSE/MSE* > 1 for "
        "every n >= 2 (and every lambda >= 0 in the listed one's place), and MSE/MSE* tends to 2: n |MSE/MSE* - 2| < C "
        "= 3 sigma^2/r + 2 r (lambda + lambda^2)/sigma^2 + 3 lambda + lambda^2/2; with 100 Euler steps on the linear "
        "schedule and sigma = 1/2 the limit is 1.971, to three decimals.",
    .source = "Bayes-optimality of the rate in arXiv:2310.03575; identity and constants derived here (flow-dae section "
              "4, R6), d -> infinity, labels known",
    .control = "MSE/MSE* tends to 1.9 in continuous time",
    .sizes = {"3 triples (sigma, lambda, r); all n >= 2 with all lambda >= 0 in 64 x 64 pieces of (1/n, n/(lambda+n)); "
              "formulas at n in {2, 5, "
              "10^6}",
              "6 triples (sigma, lambda, r); all n >= 2 with all lambda >= 0 in 256 x 256 pieces of (1/n, "
              "n/(lambda+n)); formulas at n in {2, "
              "3, 5, 64, 10^6, 10^9}"},
    .kind = ASSAY_PROOF,
    .comparisons = {ITEMS_OF_STEPS + RATE_ITEMS_QUICK(ITEMS_PER_LEARNER, ITEMS_PER_SIZE),
                    ITEMS_OF_STEPS + RATE_ITEMS_FULL(ITEMS_PER_LEARNER, ITEMS_PER_SIZE)},
    .gather = gather,
};
