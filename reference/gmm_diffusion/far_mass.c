/* With p_i = w_i phi * q_i the parts of y's density p, the expected posterior mass of the other components is
 *   sum_j int p_j (1 - p_j/p) dx.
 *
 * Strip. At x + ia, |a v| <= a radius < pi/2 for all v: |p| >= cos(a radius) |phi(x + ia)| E e^{xv - v^2/2}, so |1 -
 * p_j/p|
 * <= 1/cos(a radius), and int |p_j(x + ia)| dx <= w_j e^{a^2/2}. Cut: the integrand is at most p, and beyond T >=
 * radius each side of p falls; the nodes there add at most 2 Phi(radius - T).
 *
 * Bound. For each half line A, int p_i p_j/p <= int min(p_i, p_j) <= int_A p_i + int_{A^c} p_j; A ending in the middle
 * of the gap, that is at most (w_i + w_j) Phi(-Delta/2) (here sigma = 1), and the ordered pairs' weights add up to 2
 * (k-1). */
#include "reference/core/ziv.h"
#include "reference/gmm_diffusion/mixing.h"
#include "reference/gmm_diffusion/trapezoid.h"

#include <stdlib.h>

static const char TASK[] = "far mass";

enum { ROUGH_BITS = 64, GUARD = 8 };

static iv density_beyond(iv_scope *rough, iv cut, const void *self) {
  iv reach = iv_sub(rough, self, cut);
  if (iv_positive(reach) != IV_FALSE) return iv_inv(rough, iv_ui(rough, 0)); /* p need not fall there */
  return iv_mul_2si(rough, iv_normal_cdf(rough, reach), 1);
}

static bool choose_rule(trapezoid *rule, iv *error, iv_scope *rough, const mixing_law *law, long target_bits) {
  iv radius = iv_upper(rough, mixing_rational(rough, law->radius));
  iv strip = trapezoid_strip(rough, radius, target_bits);
  iv lifted = iv_exp(rough, iv_mul_2si(rough, iv_sqr(rough, strip), -1));
  trapezoid_integrand f = {strip, iv_div(rough, lifted, iv_cos(rough, iv_mul(rough, strip, radius))), density_beyond,
                           radius};
  if (!trapezoid_choose(rule, rough, &f, target_bits)) return false;
  *error = trapezoid_error(rough, rule, &f);
  return true;
}

/* sum_j p_j (p - p_j)/p, without cancellation: the others' shares are added up. */
static iv others(iv_scope *s, const iv *shares, iv density, size_t count) {
  mpfi_ptr total = iv_new(s), rest = iv_new(s), product = iv_new(s);
  for (size_t j = 0; j < count; j++) {
    mpfi_set_ui(rest, 0);
    for (size_t i = 0; i < count; i++)
      if (i != j) mpfi_add(rest, rest, shares[i]);
    mpfi_mul(product, shares[j], rest);
    mpfi_add(total, total, product);
  }
  return iv_div(s, total, density);
}

static assay_status sum_over(iv *out, iv_scope *s, const mixing_law *law, const trapezoid *rule,
                             assay_context *context) {
  enum { PAUSE = 32 };
  void *piece = NULL, *shares = NULL;
  assay_status status = assay_allocate(&piece, law->count, sizeof(mixing_piece_at), "pieces", context);
  if (!status) status = assay_allocate(&shares, law->count, sizeof(iv), "shares", context);
  mpfi_ptr sum = iv_new(s);
  if (!status) mixing_law_at(piece, s, law);
  for (long k = -rule->nodes; !status && k <= rule->nodes; k++) {
    size_t mark = iv_mark(s);
    iv density, moment;
    mixing_posterior(shares, &density, &moment, s, piece, law->count, trapezoid_node(s, rule, k));
    mpfi_add(sum, sum, others(s, shares, density, law->count));
    iv_release(s, mark);
    if (k % PAUSE == 0)
      status = assay_progress(context, TASK, (double)(k + rule->nodes) / (double)(2 * rule->nodes + 1));
  }
  free(piece), free(shares);
  *out = iv_mul(s, trapezoid_step(s, rule), sum);
  return status;
}

static assay_status at_bits(iv *out, iv_scope *s, const mixing_law *law, long target_bits, assay_context *context) {
  iv_scope *rough = iv_scope_new(ROUGH_BITS);
  trapezoid rule;
  iv error = NULL;
  assay_status status = ASSAY_OK;
  if (!choose_rule(&rule, &error, rough, law, target_bits))
    status = assay_fail(context, ASSAY_PRECISION, "span/sigma = %g: too many nodes", 2 * mpq_get_d(law->radius));
  iv sum = NULL;
  if (!status) status = sum_over(&sum, s, law, &rule, context);
  if (!status) *out = iv_max(s, iv_ui(s, 0), iv_ball(s, sum, error));
  iv_scope_free(rough);
  return status;
}

/* Components at one place are told apart by nothing: 1 - sum w_j^2, exactly. */
static void at_one_place(mpfi_ptr out, const mixing_law *law, long bits) {
  mpq_t rest, square;
  mpq_inits(rest, square, (mpq_ptr)NULL);
  mpq_set_ui(rest, 1, 1);
  for (size_t j = 0; j < law->count; j++) {
    mpq_mul(square, law->piece[j].weight, law->piece[j].weight);
    mpq_sub(rest, rest, square);
  }
  mpfi_set_prec(out, bits);
  mpfi_set_q(out, rest);
  mpq_clears(rest, square, (mpq_ptr)NULL);
}

static assay_status refine(mpfi_ptr out, const mixing_law *law, long goal_bits, assay_context *context) {
  for (long bits = ziv_first(2 * goal_bits + GUARD, context); bits; bits = ziv_next(bits, context)) {
    if (!mpq_sgn(law->radius)) {
      at_one_place(out, law, bits);
      return ASSAY_OK;
    }
    iv_scope *s = iv_scope_new(bits);
    iv value = NULL;
    assay_status status = at_bits(&value, s, law, 2 * goal_bits + GUARD, context);
    bool done = !status && iv_reached(value, goal_bits, 1);
    if (done) mpfi_set_prec(out, bits), mpfi_set(out, value);
    iv_scope_free(s);
    if (status || done) return status;
  }
  return ziv_failed(TASK, goal_bits, context);
}

assay_status assay_reference_gmm_far_mass(mpfi_ptr out, const assay_gmm_line *line, long goal_bits,
                                          assay_context *context) {
  if (goal_bits < 1 || goal_bits > context->max_bits) return ziv_failed(TASK, goal_bits, context);
  mixing_law law;
  assay_status status = mixing_law_init(&law, line, context);
  if (status) return status;
  mixing_law_recentre(&law);
  if (law.count == 1)
    mpfi_set_ui(out, 0);
  else
    status = refine(out, &law, goal_bits, context);
  mixing_law_clear(&law);
  return status;
}

/* ---- the bound ---- */

static int by_left(const void *a, const void *b) {
  return mpq_cmp(((const mixing_piece *)a)->left, ((const mixing_piece *)b)->left);
}

/* Delta/sigma: neighbours from left to right; the pieces lose their order. */
static void least_gap(mpq_ptr out, mixing_law *law) {
  mpq_t gap;
  mpq_init(gap);
  qsort(law->piece, law->count, sizeof *law->piece, by_left);
  for (size_t i = 1; i < law->count; i++) {
    mpq_sub(gap, law->piece[i].left, law->piece[i - 1].right);
    if (i == 1 || mpq_cmp(gap, out) < 0) mpq_set(out, gap);
  }
  if (mpq_sgn(out) < 0) mpq_set_ui(out, 0, 1);
  mpq_clear(gap);
}

static assay_status refine_bound(mpfi_ptr out, mpq_srcptr gap, size_t count, long goal_bits, assay_context *context) {
  for (long bits = ziv_first(goal_bits, context); bits; bits = ziv_next(bits, context)) {
    iv_scope *s = iv_scope_new(bits);
    iv tail = iv_normal_cdf(s, iv_mul_2si(s, iv_neg(s, mixing_rational(s, gap)), -1));
    iv value = iv_mul(s, tail, iv_ui(s, 2 * (count - 1)));
    bool done = iv_reached(value, goal_bits, 0);
    if (done) mpfi_set_prec(out, bits), mpfi_set(out, value);
    iv_scope_free(s);
    if (done) return ASSAY_OK;
  }
  return ziv_failed("far mass bound", goal_bits, context);
}

assay_status assay_reference_gmm_far_mass_bound(mpfi_ptr out, const assay_gmm_line *line, long goal_bits,
                                                assay_context *context) {
  mixing_law law;
  assay_status status = mixing_law_init(&law, line, context);
  if (status) return status;
  mpq_t gap;
  mpq_init(gap);
  least_gap(gap, &law);
  status = refine_bound(out, gap, law.count, goal_bits, context);
  mpq_clear(gap);
  mixing_law_clear(&law);
  return status;
}
