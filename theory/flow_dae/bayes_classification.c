/* Claim flow-dae/bayes-classification: the best guess of a sample's label from x_t errs with probability Phi(-beta
 * |mu|/sqrt v).
 *
 * The rate is integrated here from its definition: the best guess errs with probability int min(w p(x|+), w p(x|-)) dx,
 * w = 1/2, along mu; the smaller density is that of the farther center. Beyond the cut X either side adds at most
 * int_X^inf N(x; -c, v) dx <= v/(X + c) N(X; -c, v). reference/ uses MPFR's erfc. */
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

static assay_status closed_form(mpfi_ptr out, const line_case *at, const assay_path_point *point,
                                assay_context *context) {
  return assay_reference_bayes_classification(out, at->norm2, at->sigma, point, GOAL_BITS, context);
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  static const line_rate wrong_label = {.task = "bayes-classification",
                                        .what = "probability of a wrong label",
                                        .closed = closed_form,
                                        .integrated = error_rate,
                                        .working_bits = WORKING_BITS,
                                        .agree_bits = AGREE_BITS};
  return line_rate_gather(trial, &wrong_label, context);
}

const assay_claim assay_flow_dae_bayes_classification = {
    .id = "flow-dae/bayes-classification",
    .statement = "For the mixture of N(mu, sigma^2 I) and N(-mu, sigma^2 I) with weights 1/2, the best guess of a "
                 "sample's cluster from x_t errs with probability Phi(-beta |mu|/sqrt(alpha^2 + beta^2 sigma^2)), at t "
                 "= 1 Phi(-|mu|/sigma), for listed (|mu|, sigma, t).",
    .source = "derived here (flow-dae section 5, B4) for the binary mixture of arXiv:2310.03575",
    .control = "sigma is 1 % larger",
    .sizes = {"4 mixtures and times, t = 1 among them, both schedules, to 2^-120",
              "9 mixtures and times, t = 1 among them, both schedules, to 2^-120"},
    .kind = ASSAY_PROOF,
    .comparisons = {LINE_CASES_QUICK, LINE_CASES_FULL},
    .gather = gather,
};
