/* Claim flow-dae/bayes-classification: the best guess of a sample's label from x_t errs with probability Phi(-beta
 * |mu|/sqrt v).
 *
 * The rate is integrated here from its definition: the best guess errs with probability int min(w p(x|+), w p(x|-)) dx,
 * w = 1/2, along mu; the smaller density is that of the farther center. Beyond the cut X either side adds at most
 * int_X^inf N(x; -c, v) dx <= v/(X + c) N(X; -c, v). reference/ uses MPFR's erfc. */
#include "theory/flow_dae/evidence.h"
#include "theory/flow_dae/integrate.h"
#include "theory/flow_dae/line_mixture.h"
#include "theory/flow_dae/paper.h"

#include <assay/reference.h>

/* Remainders, cut and rounding each add less than a quarter of 2^-AGREE_BITS. */
enum { AGREE_BITS = 120, TARGET_BITS = 124, GOAL_BITS = 130, WORKING_BITS = 224 };

/* The smaller of the two joint densities. */
typedef struct {
  const line_mixture *mixture;
  int sign; /* of the farther center */
} smaller_density;

static void smaller_series(iv_scope *s, iv *out, iv x, const void *self) {
  const smaller_density *of = self;
  line_mixture_density(s, out, of->mixture, of->sign, x, INTEGRATE_ORDER);
  for (size_t k = 0; k <= INTEGRATE_ORDER; k++) out[k] = iv_mul_2si(s, out[k], -1);
}

/* v/(X + c) N(X; -c, v), two sides of weight 1/2. */
static iv tail_bound(iv_scope *s, const line_mixture *mixture, double cut) {
  iv density, edge = iv_d(s, cut), far = iv_add(s, edge, mixture->center);
  line_mixture_density(s, &density, mixture, -1, edge, 0);
  return iv_div(s, iv_mul(s, mixture->variance, density), far);
}

static iv error_rate(iv_scope *s, const line_case *at, assay_real sigma) {
  line_mixture mixture = line_mixture_of(s, at, sigma);
  smaller_density right = {&mixture, -1}, left = {&mixture, 1};
  double cut = line_mixture_cut(&mixture, TARGET_BITS);
  iv inside = iv_add(s, integrate(s, smaller_series, &right, 0, cut, TARGET_BITS),
                     integrate(s, smaller_series, &left, -cut, 0, TARGET_BITS));
  return iv_add(s, inside, iv_hull(s, iv_si(s, 0), tail_bound(s, &mixture, cut)));
}

static assay_status at_case(assay_trial *trial, iv_scope *s, const line_case *at, assay_context *context) {
  char name[LINE_CASE_NAME];
  line_case_name(name, at);
  mpfi_ptr rate = iv_new(s);
  assay_path_point point = assay_path_point_at(at->schedule, assay_real_of(at->time));
  assay_status status = assay_reference_bayes_classification(rate, at->norm2, at->sigma, &point, GOAL_BITS, context);
  if (status != ASSAY_OK) return status;
  return evidence_agree(trial, name, "probability of a wrong label", rate, error_rate(s, at, at->sigma),
                        error_rate(s, at, at->sigma_control), AGREE_BITS);
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_QUICK ? LINE_CASES_QUICK : LINE_CASES_FULL;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < count && status == ASSAY_OK; i++) {
    size_t mark = iv_mark(s);
    status = at_case(trial, s, &line_cases[i], context);
    iv_release(s, mark);
    if (status == ASSAY_OK) status = assay_progress(context, "bayes-classification", (double)(i + 1) / (double)count);
  }
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_bayes_classification = {
    .id = "flow-dae/bayes-classification",
    .statement = "The best guess of a sample's cluster from x_t errs with probability Phi(-beta |mu|/sqrt(alpha^2 + "
                 "beta^2 sigma^2)), at t = 1 Phi(-|mu|/sigma).",
    .source = "derived here (flow-dae section 5, B4) for the binary mixture of arXiv:2310.03575",
    .control = "sigma is 1 % larger",
    .sizes = {"4 mixtures and times, t = 1 among them, both schedules, to 2^-120",
              "9 mixtures and times, t = 1 among them, both schedules, to 2^-120"},
    .kind = ASSAY_PROOF,
    .comparisons = {LINE_CASES_QUICK, LINE_CASES_FULL},
    .gather = gather,
};
