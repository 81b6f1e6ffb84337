/* Bayes denoising on a line: mmse = E Var(x_1|x_t) = sum_k w_k alpha^2 S_k/V_k + int G, what each component leaves open
 * and what not knowing the component costs (line_panel.h). With T the prior variance, the best affine guess shows
 *   mmse <= T/(1 + beta^2 T/alpha^2).
 *
 * Panels go from left to right; each is halved until it is taken, and the next tries twice its size. */
#include "reference/core/line_panel.h"

#include "reference/core/ziv.h"

#include <assay/reference.h>

#include <math.h>
#include <stdlib.h>

static const char TASK[] = "Bayes denoising";

/* MOST_TRIES: of panels, so at most that many are taken. ROUGH_BITS: of bounds. SPARE_BITS: of the working precision,
 * for rounding. GOAL_GUARD: the integral may err by 2^-GOAL_GUARD of what the goal allows. */
enum { TRIES_BITS = 16, ROUGH_BITS = 64, SPARE_BITS = 24, GOAL_GUARD = 4 };

/* ---- sizes ---- */

/* T, exactly. */
static void prior_variance(mpq_t out, const line_problem *problem) {
  mpq_t mean, term, at;
  mpq_inits(mean, term, at, (mpq_ptr)NULL);
  mpq_set_ui(out, 0, 1);
  for (size_t k = 0; k < problem->count; k++) {
    mpq_set_d(at, problem->mean[k]);
    mpq_mul(term, at, problem->weight[k]);
    mpq_add(mean, mean, term);
    mpq_mul(term, at, at);
    mpq_add(term, term, problem->variance[k]);
    mpq_mul(term, term, problem->weight[k]);
    mpq_add(out, out, term);
  }
  mpq_mul(mean, mean, mean);
  mpq_sub(out, out, mean);
  mpq_clears(mean, term, at, (mpq_ptr)NULL);
}

/* The error of the best affine guess, alpha > 0. */
static iv affine_error(iv_scope *s, const line_problem *problem, iv alpha2, iv beta) {
  mpq_t variance;
  mpq_init(variance);
  prior_variance(variance, problem);
  mpfi_ptr prior = iv_new(s);
  mpfi_set_q(prior, variance);
  mpq_clear(variance);
  iv signal = iv_div(s, iv_mul(s, iv_sqr(s, beta), prior), alpha2);
  return iv_div(s, prior, iv_add_si(s, signal, 1));
}

/* sum w_k alpha^2 S_k/V_k */
static iv error_within(iv_scope *s, const line_component *component, size_t count, iv alpha2) {
  mpfi_ptr sum = iv_new(s);
  for (size_t k = 0; k < count; k++) {
    const line_component *c = &component[k];
    mpfi_add(sum, sum, iv_div(s, iv_mul(s, iv_mul(s, c->weight, alpha2), c->prior_variance), c->variance));
  }
  return sum;
}

/* What the integral may err by: little beside the result, which is at least `within`; or at first, should that be tiny,
 * beside what the result may be. */
static iv whole_tolerance(iv_scope *s, iv within, iv most, long goal_bits) {
  long spare = iv_bits(s) - goal_bits - SPARE_BITS;
  iv hoped = iv_mul_2si(s, most, spare > SPARE_BITS ? -spare : -SPARE_BITS);
  return iv_mul_2si(s, iv_lower(s, iv_max(s, within, hoped)), -(goal_bits + GOAL_GUARD));
}

/* ---- the integral ---- */

/* The share of x_t's law below x, for progress. */
static double passed(const line_spread *l, iv x) {
  double sum = 0;
  for (size_t k = 0; k < l->count; k++) {
    const line_component *c = &l->component[k];
    sum += iv_mid_d(c->weight) * erfc(iv_mid_d(iv_div(l->rough, iv_sub(l->s, c->mean, x), c->deviation)) / sqrt(2)) / 2;
  }
  return fmin(sum, 1);
}

static assay_status report(const line_spread *l, iv x, assay_context *context) {
  size_t mark = iv_mark(l->s), rough_mark = iv_mark(l->rough);
  assay_status status = context->progress ? assay_progress(context, TASK, passed(l, x)) : ASSAY_OK;
  iv_release(l->s, mark);
  iv_release(l->rough, rough_mark);
  return status;
}

/* The exponent of a cut beyond which no more than `tolerance` lies; *missed is that. */
static long choose_reach(iv *missed, const line_spread *l, iv tolerance) {
  enum { MOST_DOUBLINGS = 64 };
  iv far = iv_ui(l->rough, 0);
  for (size_t k = 0; k < l->count; k++)
    far = iv_max(l->rough, far, iv_add(l->rough, iv_abs(l->rough, l->component[k].mean), l->component[k].deviation));
  long reach = mpfr_get_exp(&far->right);
  for (int i = 0; i < MOST_DOUBLINGS; i++, reach++) {
    *missed = line_spread_beyond(l, iv_mul_2si(l->rough, iv_ui(l->rough, 1), reach));
    if (iv_less(*missed, tolerance) == IV_TRUE) break;
  }
  return reach;
}

/* Adds int G to `sum`; *done stays false when the precision does not hold the panels' ends, or there are too many. */
static assay_status add_panels(mpfi_ptr sum, bool *done, const line_spread *l, long reach, assay_context *context) {
  iv_scope *s = l->s;
  mpfi_ptr at = iv_new(s);
  iv end = iv_mul_2si(s, iv_ui(s, 1), reach);
  mpfi_neg(at, end);
  const long largest = reach - 1;
  long size = largest;
  for (long tries = 0; mpfr_less_p(&at->left, &end->left); tries++) {
    if (tries >> TRIES_BITS || size < reach - iv_bits(s)) return ASSAY_OK;
    if (!line_panel_add(sum, l, at, size)) {
      size--;
      continue;
    }
    size_t mark = iv_mark(s);
    mpfi_add(at, at, iv_mul_2si(s, iv_ui(s, 1), size));
    iv_release(s, mark);
    if (!mpfr_equal_p(&at->left, &at->right)) return ASSAY_OK;
    size += size < largest;
    assay_status status = report(l, at, context);
    if (status) return status;
  }
  *done = true;
  return ASSAY_OK;
}

/* Encloses int G, off by about the tolerance; [0, most] where that fails. */
static assay_status integrate(mpfi_ptr out, line_spread *l, iv tolerance, iv most, assay_context *context) {
  iv missed = NULL;
  bool done = false;
  l->tolerance = iv_mul_2si(l->rough, iv_lower(l->rough, tolerance), -TRIES_BITS);
  iv ratio = iv_div(l->rough, most, l->tolerance); /* its bits halved are the terms that most panels need */
  l->most_terms = 16 + 3 * labs(mpfr_get_exp(&ratio->right)) / 4;
  assay_status status = line_spread_init(l, context);
  if (status) return status;
  long reach = choose_reach(&missed, l, tolerance);
  mpfi_ptr sum = iv_new(l->s);
  mpfi_add(sum, sum, iv_hull(l->rough, iv_ui(l->rough, 0), missed));
  status = add_panels(sum, &done, l, reach, context);
  line_spread_clear(l);
  if (done)
    mpfi_set(out, sum);
  else
    mpfi_interv_fr(out, &iv_ui(l->s, 0)->left, &most->right);
  return status;
}

/* ---- the result at one precision ---- */

static assay_status denoising_error(iv *out, iv_scope *s, iv_scope *rough, const line_problem *problem,
                                    line_component *component, long goal_bits, assay_context *context) {
  schedule_values at = schedule_at(s, &problem->path);
  *out = iv_ui(s, 0);
  if (iv_is_zero(at.alpha)) return ASSAY_OK; /* x_t gives x_1 away */
  iv alpha2 = iv_sqr(s, at.alpha), most = affine_error(s, problem, alpha2, at.beta);
  *out = most;
  if (schedule_at_noise(&problem->path) || problem->count == 1) return ASSAY_OK;
  line_problem_at(component, s, problem);
  iv within = error_within(s, component, problem->count, alpha2);
  line_spread l = {
      .s = s, .rough = rough, .count = problem->count, .component = component, .alpha2 = alpha2, .beta = at.beta};
  mpfi_ptr between = iv_new(s);
  assay_status status = integrate(between, &l, whole_tolerance(s, within, most, goal_bits), most, context);
  *out = iv_add(s, within, between);
  return status;
}

assay_status assay_reference_line_denoising(mpfi_ptr out, const assay_mixture *mixture, const assay_path_point *point,
                                            long goal_bits, assay_context *context) {
  line_problem problem;
  void *components = NULL;
  assay_status status = line_problem_init(&problem, mixture, point, context);
  if (status) return status;
  status = assay_allocate(&components, problem.count, sizeof(line_component), "components", context);
  bool done = false;
  for (long bits = ziv_first(goal_bits, context); !status && !done && bits; bits = ziv_next(bits, context)) {
    iv_scope *s = iv_scope_new(bits), *rough = iv_scope_new(ROUGH_BITS);
    iv value = NULL;
    status = denoising_error(&value, s, rough, &problem, components, goal_bits, context);
    done = !status && iv_reached(value, goal_bits, 0);
    if (done) {
      mpfi_set_prec(out, bits);
      mpfi_set(out, value);
    }
    iv_scope_free(s), iv_scope_free(rough);
  }
  if (!status && !done) status = ziv_failed(TASK, goal_bits, context);
  line_problem_clear(&problem);
  free(components);
  return status;
}
