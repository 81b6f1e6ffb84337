/* Velocity, score, denoiser and noise of isotropic mixtures: a = a_r + sum_{g != r} P_g (a_g - a_r) over groups g of
 * equal responsibility, r the dominant one, a_g the mean of a_k over the group. Terms that are equal stay exact this
 * way. The loops over coordinates run on MPFR with directed roundings and allocate nothing. */
#include "reference/core/field_point.h"

#include "reference/core/field_sum.h"

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
  mpfi_t base, difference, product, sum, dominant_sum;
  field_correction correction;
  field_group_summer summer;
} wide_loop;

/* acc += c sum; a sum is a point unless many components had to be rounded. */
static void accumulate_sum(wide_loop *loop, mpfi_ptr acc, mpfi_srcptr c, mpfi_srcptr sum) {
  if (mpfr_equal_p(&sum->left, &sum->right)) {
    field_accumulate(acc, c, &sum->left);
    return;
  }
  mpfi_mul(loop->product, c, sum);
  mpfi_add(acc, acc, loop->product);
}

static void set_base(wide_loop *loop, size_t j) {
  field_group_sum(loop->dominant_sum, &loop->summer, loop->weights, loop->weights->dominant, j);
  mpfi_set_ui(loop->base, 0);
  field_accumulate(loop->base, loop->xi, loop->x);
  accumulate_sum(loop, loop->base, loop->mu, loop->dominant_sum);
  mpfi_div(loop->base, loop->base, loop->spread);
}

static void add_group(wide_loop *loop, size_t group, size_t j) {
  const group_terms *terms = &loop->terms[group];
  field_group_sum(loop->sum, &loop->summer, loop->weights, group, j);
  mpfi_set_ui(loop->difference, 0);
  if (!terms->same_coefficients) field_accumulate(loop->difference, terms->x_difference, loop->x);
  accumulate_sum(loop, loop->difference, terms->mean, loop->sum);
  accumulate_sum(loop, loop->difference, loop->minus_dominant_mean, loop->dominant_sum);
  field_correction_add(&loop->correction, &loop->weights->weight[group], loop->difference);
}

/* Equal coefficients and equal means: the difference is 0. */
static bool adds_nothing(const wide_loop *loop, size_t group, size_t j) {
  const field_weights *w = loop->weights;
  return loop->terms[group].same_coefficients && w->group[group].size == 1 && w->group[w->dominant].size == 1 &&
         field_mean(w, group, 0, j) == field_mean(w, w->dominant, 0, j);
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
  mpz_init(loop->summer.integer);
  mpfi_ptr all[] = {loop->base, loop->correction.sum, loop->difference, loop->product, loop->sum, loop->dominant_sum,
                    NULL};
  for (mpfi_ptr *p = all; *p; p++) mpfi_init2(*p, bits);
}

static void loop_clear(wide_loop *loop) {
  free(loop->terms);
  mpfr_clear(loop->x);
  mpz_clear(loop->summer.integer);
  mpfi_ptr all[] = {loop->base, loop->correction.sum, loop->difference, loop->product, loop->sum, loop->dominant_sum,
                    NULL};
  for (mpfi_ptr *p = all; *p; p++) mpfi_clear(*p);
}

void field_isotropic_wide(mpfi_ptr out, unsigned char *strict, const unsigned char *settled, field_weights *weights,
                          size_t level) {
  const field_table *table = field_weights_table(weights, level);
  size_t mark = iv_mark(table->scope);
  wide_loop loop;
  loop_init(&loop, weights, weights->bits[level]);
  set_terms(&loop, table);
  for (size_t j = 0; j < weights->problem->mixture->dimension; j++) {
    if (settled[j]) continue;
    mpfr_set_d(loop.x, weights->x[j], MPFR_RNDD); /* exact */
    set_base(&loop, j);
    field_correction_start(&loop.correction);
    for (size_t g = 0; g < weights->groups; g++)
      if (g != weights->dominant && !adds_nothing(&loop, g, j)) add_group(&loop, g, j);
    mpfi_set_prec(&out[j], weights->bits[level]);
    strict[j] = field_correct(&out[j], loop.base, &loop.correction);
  }
  loop_clear(&loop);
  iv_release(table->scope, mark);
}
