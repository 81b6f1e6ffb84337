/* Claim flow-dae/cosine-rate: the generated mean points towards mu up to Theta(1/n), with constants.
 *
 * With u = 1/n and w = (sigma^2 + B/A)/r = 2 sigma^2/r + lambda u/(1 - u + lambda u), R5 reads cosine = (1 + u
 * w)^(-1/2), so with p = (1 + u w)^(1/2) n (1 - cosine) = w/(p (p + 1)) = sigma^2/r + u slope(u), slope(u) = lambda/(2
 * (1 - u + lambda u)) - w^2 (p + 2)/(2 p (p + 1)^2), both without cancellation down to u = 0. reference/ gives the
 * cosine from the flow's parts, M/sqrt(M^2 + (E^2 + Q^2)/(n r)) by R3, and in closed form. */
#include "theory/flow_dae/evidence.h"
#include "theory/flow_dae/paper.h"
#include "theory/flow_dae/rate.h"

enum { ITEMS_PER_LEARNER = 4, ITEMS_PER_SIZE = 4, CELLS_QUICK = 256, CELLS_FULL = 4096 };

/* R5 as printed. */
static iv cosine(iv_scope *s, iv n, const learner_constants *c) {
  iv noise = iv_add(s, iv_sqr(s, c->sigma), iv_div(s, c->B, c->A));
  iv across = iv_div(s, noise, iv_mul(s, n, c->norm2));
  return iv_inv(s, iv_sqrt(s, iv_add_si(s, across, 1)));
}

/* lambda/(1 - u + lambda u). */
static iv penalty_share(iv_scope *s, iv u, const learner_constants *c) {
  return iv_div(s, c->lambda, iv_add(s, iv_sub(s, iv_si(s, 1), u), iv_mul(s, c->lambda, u)));
}

/* sigma^2/r. */
static iv limit_of(iv_scope *s, const learner_constants *c) { return iv_div(s, iv_sqr(s, c->sigma), c->norm2); }

typedef struct {
  iv w, p;
} angle_parts;

static angle_parts angle_parts_of(iv_scope *s, iv u, const learner_constants *c) {
  iv w = iv_add(s, iv_mul_2si(s, limit_of(s, c), 1), iv_mul(s, u, penalty_share(s, u, c)));
  return (angle_parts){w, iv_sqrt(s, iv_add_si(s, iv_mul(s, u, w), 1))};
}

static iv scaled_angle(iv_scope *s, const iv *u, const void *self) {
  angle_parts a = angle_parts_of(s, *u, self);
  return iv_div(s, a.w, iv_mul(s, a.p, iv_add_si(s, a.p, 1)));
}

static iv slope(iv_scope *s, const iv *u, const void *self) {
  angle_parts a = angle_parts_of(s, *u, self);
  iv down = iv_mul(s, iv_sqr(s, a.w), iv_add_si(s, a.p, 2));
  iv scale = iv_mul_2si(s, iv_mul(s, a.p, iv_sqr(s, iv_add_si(s, a.p, 1))), 1);
  return iv_sub(s, iv_mul_2si(s, penalty_share(s, *u, self), -1), iv_div(s, down, scale));
}

/* The formulas at one n, against the flow's parts. */
static assay_status at_size(assay_trial *trial, iv_scope *s, const rate_point *at) {
  const learner_constants *c = &at->constants;
  iv flow = at->theory->cosine, own = cosine(s, at->n, c);
  iv scaled = iv_mul(s, at->n, iv_sub(s, iv_si(s, 1), flow));
  iv excess = iv_mul(s, at->n, iv_sub(s, scaled, limit_of(s, c)));
  assay_status status =
      evidence_agree(trial, at->name, "cosine from the flow's parts", flow, own, NULL, RATE_AGREE_BITS);
  if (status == ASSAY_OK)
    status = evidence_agree(trial, at->name, "cosine in closed form", dae_cosine(s, &at->limits), own, NULL,
                            RATE_AGREE_BITS);
  if (status == ASSAY_OK)
    status =
        evidence_agree(trial, at->name, "n (1 - cosine)", scaled, scaled_angle(s, &at->u, c), NULL, RATE_AGREE_BITS);
  if (status == ASSAY_OK)
    status = evidence_agree(trial, at->name, "n (n (1 - cosine) - sigma^2/r)", excess, slope(s, &at->u, c), NULL,
                            RATE_AGREE_BITS);
  return status;
}

/* c1, c2 and C of the statement. */
typedef struct {
  iv least, most, remainder;
} rate_bounds;

static rate_bounds rate_bounds_of(iv_scope *s, const learner_constants *c) {
  iv share = iv_div(s, c->lambda, iv_add_si(s, c->lambda, 1));
  iv a = iv_add(s, limit_of(s, c), iv_mul_2si(s, share, -1));
  return (rate_bounds){.least = iv_div(s, limit_of(s, c), iv_add_si(s, a, 1)),
                       .most = iv_mul(s, iv_ratio(s, 21, 20), a),
                       .remainder = iv_add(s, c->lambda, iv_mul_2si(s, iv_sqr(s, a), 1))};
}

/* The statement for all n at once. */
static assay_status for_all_sizes(assay_trial *trial, iv_scope *s, const assay_dae_settings *settings) {
  size_t cells = assay_trial_level(trial) == ASSAY_LEVEL_QUICK ? CELLS_QUICK : CELLS_FULL;
  char learner[LEARNER_NAME];
  learner_family_name(learner, settings);
  learner_constants c = learner_constants_of(s, settings);
  rate_bounds bounds = rate_bounds_of(s, &c);
  iv angles = range_over(s, scaled_angle, &c, &rate_all_sizes, 1, cells);
  iv slopes = range_over(s, slope, &c, &rate_all_sizes, 1, cells), zero = iv_si(s, 0), limit = limit_of(s, &c);
  assay_status status =
      evidence_decide(trial, learner, "all n >= 2: n (1 - cosine) > c1", angles, ASSAY_GREATER, bounds.least);
  if (status == ASSAY_OK)
    status = evidence_decide(trial, learner, "all n >= 2: n (1 - cosine) < c2", angles, ASSAY_LESS, bounds.most);
  if (status == ASSAY_OK)
    status = evidence_decide(trial, learner, "all n >= 2: n |n (1 - cosine) - sigma^2/r| < C", iv_abs(s, slopes),
                             ASSAY_LESS, bounds.remainder);
  if (status == ASSAY_OK)
    status = evidence_agree(trial, learner, "limit of n (1 - cosine)", scaled_angle(s, &zero, &c), limit,
                            iv_mul_2si(s, limit, -1), RATE_AGREE_BITS);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  static const rate angle = {"cosine-rate", for_all_sizes, at_size};
  return rate_gather(trial, &angle, context);
}

const assay_claim assay_flow_dae_cosine_rate = {
    .id = "flow-dae/cosine-rate",
    .statement = "As d -> infinity, in continuous time and for each listed (sigma, lambda, r), the cosine of the angle "
                 "between the generated mean and mu obeys c1 < n (1 - cosine) < c2 for every n >= 2, with a = "
                 "sigma^2/r + lambda/(2 (1 + lambda)), c1 = (sigma^2/r)/(1 + a) and c2 = 1.05 a, and n (1 - cosine) "
                 "tends to sigma^2/r: n |n (1 - cosine) - sigma^2/r| < C = lambda + 2 a^2.",
    .source = "the rate Theta(1/n) of arXiv:2310.03575 for the cosine similarity of the generated mean (d -> infinity, "
              "then continuous time); constants derived here (flow-dae section 4, R5)",
    .control = "n (1 - cosine) tends to sigma^2/(2 r)",
    .sizes = {"3 triples (sigma, lambda, r); all n >= 2 in 256 pieces of 1/n; formulas at n in {2, 5, 10^6}",
              "6 triples (sigma, lambda, r); all n >= 2 in 4096 pieces of 1/n; formulas at n in {2, 3, 5, 64, 10^6, "
              "10^9}"},
    .kind = ASSAY_PROOF,
    .comparisons = {RATE_ITEMS_QUICK(ITEMS_PER_LEARNER, ITEMS_PER_SIZE),
                    RATE_ITEMS_FULL(ITEMS_PER_LEARNER, ITEMS_PER_SIZE)},
    .gather = gather,
};
