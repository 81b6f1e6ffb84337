/* Velocity, score, denoiser and noise: a = a_r + sum_{g != r} P_g (a_g - a_r) over groups g of equal responsibility, r
 * the dominant one, a_g the mean of a_k over the group. Terms that are equal stay exact this way. The loops over
 * coordinates run on MPFR with directed roundings and allocate nothing. */
#include "reference/core/field_point.h"

#include "reference/core/exact_sum.h"

#include <stdlib.h>

/* a_g - a_r = x_difference x_j + mean M_gj - dominant_mean M_rj, M_gj the sum of m_kj over group g. */
typedef struct {
  bool same_coefficients;
  iv x_difference, mean;
} group_terms;

typedef struct {
  field_weights *weights;
  iv xi, mu, spread; /* of the dominant group: a_r = (xi x_j + mu M_rj)/spread */
  iv minus_dominant_mean;
  group_terms *terms;
  mpfr_t x;
  mpfi_t base, correction, difference, product, sum, dominant_sum;
  exact_sum exact;
  mpz_t integer;
} wide_loop;

void field_accumulate(mpfi_ptr acc, mpfi_srcptr c, mpfr_srcptr y) {
  int sign = mpfr_sgn(y);
  if (!sign) return;
  mpfr_fma(&acc->left, sign > 0 ? &c->left : &c->right, y, &acc->left, MPFR_RNDD);
  mpfr_fma(&acc->right, sign > 0 ? &c->right : &c->left, y, &acc->right, MPFR_RNDU);
}

/* acc += c sum; a sum is a point unless many components had to be rounded. */
static void accumulate_sum(wide_loop *loop, mpfi_ptr acc, mpfi_srcptr c, mpfi_srcptr sum) {
  if (mpfr_equal_p(&sum->left, &sum->right)) {
    field_accumulate(acc, c, &sum->left);
    return;
  }
  mpfi_mul(loop->product, c, sum);
  mpfi_add(acc, acc, loop->product);
}

/* acc += p difference for a responsibility 0 <= p. */
static void accumulate_weighted(mpfi_ptr acc, mpfi_srcptr p, mpfi_srcptr difference) {
  mpfr_srcptr low = mpfr_sgn(&difference->left) >= 0 ? &p->left : &p->right;
  mpfr_srcptr high = mpfr_sgn(&difference->right) >= 0 ? &p->right : &p->left;
  mpfr_fma(&acc->left, low, &difference->left, &acc->left, MPFR_RNDD);
  mpfr_fma(&acc->right, high, &difference->right, &acc->right, MPFR_RNDU);
}

static double mean_of_member(const wide_loop *loop, size_t group, size_t i, size_t j) {
  const field_weights *w = loop->weights;
  return w->problem->mixture->components[w->member[w->group[group].first + i]].mean[j];
}

/* M_gj, rounded once. */
static void group_sum(mpfi_ptr out, wide_loop *loop, size_t group, size_t j) {
  size_t size = loop->weights->group[group].size;
  if (size == 1) {
    mpfi_set_d(out, mean_of_member(loop, group, 0, j));
    return;
  }
  exact_sum_start(&loop->exact);
  for (size_t i = 0; i < size; i++) exact_sum_add(&loop->exact, mean_of_member(loop, group, i, j));
  exact_sum_value(loop->integer, &loop->exact);
  mpfr_set_z_2exp(&out->left, loop->integer, EXACT_SUM_EXPONENT, MPFR_RNDD);
  mpfr_set_z_2exp(&out->right, loop->integer, EXACT_SUM_EXPONENT, MPFR_RNDU);
}

static void set_base(wide_loop *loop, size_t j) {
  group_sum(loop->dominant_sum, loop, loop->weights->dominant, j);
  mpfi_set_ui(loop->base, 0);
  field_accumulate(loop->base, loop->xi, loop->x);
  accumulate_sum(loop, loop->base, loop->mu, loop->dominant_sum);
  mpfi_div(loop->base, loop->base, loop->spread);
}

/* Signs seen among the differences a_g - a_r. */
typedef struct {
  bool negative, positive, unknown;
} signs_seen;

static void add_group(wide_loop *loop, size_t group, size_t j, signs_seen *seen) {
  const group_terms *terms = &loop->terms[group];
  group_sum(loop->sum, loop, group, j);
  mpfi_set_ui(loop->difference, 0);
  if (!terms->same_coefficients) field_accumulate(loop->difference, terms->x_difference, loop->x);
  accumulate_sum(loop, loop->difference, terms->mean, loop->sum);
  accumulate_sum(loop, loop->difference, loop->minus_dominant_mean, loop->dominant_sum);
  accumulate_weighted(loop->correction, &loop->weights->weight[group], loop->difference);
  int low = mpfr_sgn(&loop->difference->left), high = mpfr_sgn(&loop->difference->right);
  if (low > 0)
    seen->positive = true;
  else if (high < 0)
    seen->negative = true;
  else if (low < 0 || high > 0)
    seen->unknown = true;
}

/* Equal coefficients and equal means: the difference is 0. */
static bool adds_nothing(const wide_loop *loop, size_t group, size_t j) {
  const field_weights *w = loop->weights;
  return loop->terms[group].same_coefficients && w->group[group].size == 1 && w->group[w->dominant].size == 1 &&
         mean_of_member(loop, group, 0, j) == mean_of_member(loop, w->dominant, 0, j);
}

/* Responsibilities are positive, so the correction has the sign its terms agree on, however small it is. */
static unsigned char add_ends(mpfi_ptr out, const wide_loop *loop, signs_seen seen) {
  unsigned char strict = 0;
  mpfi_srcptr base = loop->base, correction = loop->correction;
  bool above = seen.positive && !seen.negative && !seen.unknown && mpfr_sgn(&correction->left) <= 0;
  bool below = seen.negative && !seen.positive && !seen.unknown && mpfr_sgn(&correction->right) >= 0;
  if (mpfr_add(&out->left, &base->left, &correction->left, MPFR_RNDD) || above) strict |= FIELD_ABOVE_LOWER;
  if (mpfr_add(&out->right, &base->right, &correction->right, MPFR_RNDU) || below) strict |= FIELD_BELOW_UPPER;
  if (mpfr_zero_p(&out->left)) mpfr_set_zero(&out->left, 1);
  if (mpfr_zero_p(&out->right)) mpfr_set_zero(&out->right, 1);
  return strict;
}

static void set_terms(wide_loop *loop, const field_table *table) {
  const field_weights *w = loop->weights;
  iv_scope *s = table->scope;
  size_t r = w->member[w->group[w->dominant].first];
  long size = (long)w->group[w->dominant].size;
  loop->xi = iv_mul_si(s, table->row[r].field.xi, size);
  loop->mu = table->row[r].field.mu;
  loop->spread = iv_mul_si(s, table->row[r].spread, size);
  loop->minus_dominant_mean = iv_neg(s, iv_div(s, table->row[r].field.mean, iv_si(s, size)));
  for (size_t g = 0; g < w->groups; g++) {
    size_t k = w->member[w->group[g].first];
    loop->terms[g] =
        (group_terms){.same_coefficients = field_same_coefficients(w->problem, k, r),
                      .x_difference = iv_sub(s, table->row[k].field.x, table->row[r].field.x),
                      .mean = iv_div(s, table->row[k].field.mean, iv_ui(s, (unsigned long)w->group[g].size))};
  }
}

static void loop_init(wide_loop *loop, field_weights *weights, long bits) {
  loop->weights = weights;
  loop->terms = malloc(weights->groups * sizeof *loop->terms);
  if (!loop->terms) abort(); /* as GMP does: the caller has checked the sizes against the cap */
  mpfr_init2(loop->x, 53);
  mpz_init(loop->integer);
  mpfi_ptr all[] = {loop->base, loop->correction, loop->difference, loop->product, loop->sum, loop->dominant_sum, NULL};
  for (mpfi_ptr *p = all; *p; p++) mpfi_init2(*p, bits);
}

static void loop_clear(wide_loop *loop) {
  free(loop->terms);
  mpfr_clear(loop->x);
  mpz_clear(loop->integer);
  mpfi_ptr all[] = {loop->base, loop->correction, loop->difference, loop->product, loop->sum, loop->dominant_sum, NULL};
  for (mpfi_ptr *p = all; *p; p++) mpfi_clear(*p);
}

void field_point_wide(mpfi_ptr out, unsigned char *strict, field_weights *weights, size_t level) {
  const field_table *table = field_weights_table(weights, level);
  size_t mark = iv_mark(table->scope);
  wide_loop loop;
  loop_init(&loop, weights, weights->bits[level]);
  set_terms(&loop, table);
  for (size_t j = 0; j < weights->problem->mixture->dimension; j++) {
    mpfr_set_d(loop.x, weights->x[j], MPFR_RNDD); /* exact */
    set_base(&loop, j);
    mpfi_set_ui(loop.correction, 0);
    signs_seen seen = {false, false, false};
    for (size_t g = 0; g < weights->groups; g++)
      if (g != weights->dominant && !adds_nothing(&loop, g, j)) add_group(&loop, g, j, &seen);
    mpfi_set_prec(&out[j], weights->bits[level]);
    strict[j] = add_ends(&out[j], &loop, seen);
  }
  loop_clear(&loop);
  iv_release(table->scope, mark);
}
