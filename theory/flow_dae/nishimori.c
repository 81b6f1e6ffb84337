/* Claim flow-dae/nishimori: E tanh^2(kappa + sqrt(kappa) Z) = E tanh(kappa + sqrt(kappa) Z), Z ~ N(0, 1): the
 * posterior's overlap with itself equals its overlap with the truth.
 *
 * reference/ encloses the two by separate quadratures of separate integrands. Its third form of the same number, 1 -
 * exp(-kappa/2) E sech(sqrt(kappa) Z), on which the Bayes-optimal denoising error rests, is held against them. */
#include "theory/flow_dae/evidence.h"
#include "theory/flow_dae/paper.h"

#include "reference/flow_dae/overlap.h"

#include <stdio.h>

/* Each quadrature adds 2^-TARGET_BITS at most, its rounding less. */
enum { AGREE_BITS = 150, TARGET_BITS = 156, WORKING_BITS = 208 };

typedef struct {
  long numerator, denominator;
} rational;

/* From the first, 1/100, to the second, 50. */
enum { STRENGTHS_QUICK = 8, STRENGTHS_FULL = 16, ITEMS_PER_STRENGTH = 2 };
static const rational strengths[STRENGTHS_FULL] = {{1, 100}, {50, 1}, {1, 10}, {1, 3},  {1, 1}, {5, 2},
                                                   {7, 1},   {20, 1}, {1, 50}, {1, 20}, {1, 4}, {2, 3},
                                                   {3, 2},   {4, 1},  {12, 1}, {35, 1}};

static assay_status at_strength(assay_trial *trial, iv_scope *s, rational strength) {
  char name[32];
  (void)snprintf(name, sizeof name, "kappa=%ld/%ld", strength.numerator, strength.denominator);
  iv kappa = iv_ratio(s, strength.numerator, strength.denominator);
  iv larger = iv_ratio(s, 101 * strength.numerator, 100 * strength.denominator);
  iv square = overlap_square(s, kappa, TARGET_BITS), mean = overlap_mean(s, kappa, TARGET_BITS);
  assay_status status =
      evidence_agree(trial, name, "E tanh^2 = E tanh", square, mean, overlap_mean(s, larger, TARGET_BITS), AGREE_BITS);
  if (status != ASSAY_OK) return status;
  iv third = iv_sub(s, iv_si(s, 1), overlap_gap(s, kappa, TARGET_BITS, NULL, NULL));
  return evidence_agree(trial, name, "E tanh^2 = 1 - exp(-kappa/2) E sech(sqrt(kappa) Z)", square, third, NULL,
                        AGREE_BITS);
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_QUICK ? STRENGTHS_QUICK : STRENGTHS_FULL;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < count && status == ASSAY_OK; i++) {
    size_t mark = iv_mark(s);
    status = at_strength(trial, s, strengths[i]);
    iv_release(s, mark);
    if (status == ASSAY_OK) status = assay_progress(context, "nishimori", (double)(i + 1) / (double)count);
  }
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_nishimori = {
    .id = "flow-dae/nishimori",
    .statement =
        "With Z ~ N(0, 1), E tanh^2(kappa + sqrt(kappa) Z) = E tanh(kappa + sqrt(kappa) Z) to 2^-150 at listed kappa "
        "from 1/100 to 50: the posterior mean of the binary mixture's label overlaps with itself as with the label.",
    .source = "Nishimori identity of the Bayes-optimal denoiser of arXiv:2310.03575's target (flow-dae section 5, B3)",
    .control = "kappa is 1 % larger in E tanh",
    .sizes = {"8 rational kappa from 1/100 to 50", "16 rational kappa from 1/100 to 50"},
    .kind = ASSAY_PROOF,
    .comparisons = {(size_t)STRENGTHS_QUICK * ITEMS_PER_STRENGTH, (size_t)STRENGTHS_FULL *ITEMS_PER_STRENGTH},
    .gather = gather,
};
