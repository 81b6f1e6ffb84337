/* The divergence of the velocity of isotropic mixtures. With b_k = beta' f_k + alpha' e_k, score_k = - g_k, grad p_k =
 * p_k (score_k - score) and tr grad b_k = d r_k/v_k, flow-dae section 1 adds up to div b = d sum p_k r_k/v_k + sum p_k
 * <b_k - b, score_k - score>. A covariance does not change when both sides are shifted, so both are taken relative to
 * the dominant component: sum p_k <B_k, G_k> - <sum p_k B_k, sum p_k G_k>,  B_k = b_k - b_r, G_k = score_k - score_r.
 */
#include "reference/core/field_point.h"

#include "reference/core/field_sum.h"

#include <stdlib.h>

/* A component other than r. A difference is x x_j + mean m_kj - mean_r m_rj; x is 0 when `same`. */
typedef struct {
  const double *means;
  bool same; /* coefficients equal to those of r */
  iv share;  /* p_k */
  iv velocity_x, velocity_mean, score_x, score_mean;
} term;

typedef struct {
  const double *x, *means;      /* the point, and m_r */
  iv velocity_mean, score_mean; /* of r, with their signs changed */
  term *terms;
  size_t count;
  mpfr_t x_j, mean_j, mean_rj;
  mpfi_t velocity, score, velocity_sum, score_sum, product, covariance;
} divergence_loop;

static void add_term(divergence_loop *loop, const term *t, size_t j) {
  mpfr_set_d(loop->mean_j, t->means[j], MPFR_RNDD); /* exact, like the others */
  mpfi_set_ui(loop->velocity, 0);
  mpfi_set_ui(loop->score, 0);
  if (!t->same) {
    field_accumulate(loop->velocity, t->velocity_x, loop->x_j);
    field_accumulate(loop->score, t->score_x, loop->x_j);
  }
  field_accumulate(loop->velocity, t->velocity_mean, loop->mean_j);
  field_accumulate(loop->velocity, loop->velocity_mean, loop->mean_rj);
  field_accumulate(loop->score, t->score_mean, loop->mean_j);
  field_accumulate(loop->score, loop->score_mean, loop->mean_rj);
  mpfi_mul(loop->velocity, loop->velocity, t->share);
  mpfi_add(loop->velocity_sum, loop->velocity_sum, loop->velocity);
  mpfi_mul(loop->product, loop->velocity, loop->score);
  mpfi_add(loop->covariance, loop->covariance, loop->product);
  mpfi_mul(loop->score, loop->score, t->share);
  mpfi_add(loop->score_sum, loop->score_sum, loop->score);
}

static void add_coordinate(divergence_loop *loop, size_t j) {
  mpfr_set_d(loop->x_j, loop->x[j], MPFR_RNDD);
  mpfr_set_d(loop->mean_rj, loop->means[j], MPFR_RNDD);
  mpfi_set_ui(loop->velocity_sum, 0);
  mpfi_set_ui(loop->score_sum, 0);
  for (size_t i = 0; i < loop->count; i++) {
    const term *t = &loop->terms[i];
    if (!t->same || t->means[j] != loop->means[j]) add_term(loop, t, j);
  }
  mpfi_mul(loop->product, loop->velocity_sum, loop->score_sum);
  mpfi_sub(loop->covariance, loop->covariance, loop->product);
}

/* Lists the components other than r and returns sum p_k r_k/v_k, as r_r/v_r plus differences. */
static iv set_terms(divergence_loop *loop, const field_weights *w, const field_table *table, size_t r) {
  iv_scope *s = table->scope;
  const field_table_row *row = table->row;
  iv rate = row[r].field.x;
  loop->count = 0;
  for (size_t g = 0; g < w->groups; g++) {
    iv share = iv_div(s, &w->weight[g], iv_ui(s, (unsigned long)w->group[g].size));
    for (size_t i = 0; i < w->group[g].size; i++) {
      size_t k = w->member[w->group[g].first + i];
      if (k == r) continue;
      bool same = field_same_coefficients(w->problem, k, r);
      iv velocity_x = iv_sub(s, row[k].field.x, row[r].field.x), score_x = iv_sub(s, row[k].score.x, row[r].score.x);
      if (!same) rate = iv_add(s, rate, iv_mul(s, share, velocity_x));
      loop->terms[loop->count++] = (term){.means = w->problem->mixture->components[k].mean,
                                          .same = same,
                                          .share = share,
                                          .velocity_x = velocity_x,
                                          .velocity_mean = row[k].field.mean,
                                          .score_x = score_x,
                                          .score_mean = row[k].score.mean};
    }
  }
  loop->velocity_mean = iv_neg(s, row[r].field.mean);
  loop->score_mean = iv_neg(s, row[r].score.mean);
  return rate;
}

static void loop_init(divergence_loop *loop, size_t count, long bits) {
  loop->terms = malloc(count * sizeof *loop->terms);
  if (!loop->terms) abort(); /* as GMP does: the caller has checked the sizes against the cap */
  mpfr_inits2(53, loop->x_j, loop->mean_j, loop->mean_rj, (mpfr_ptr)NULL);
  mpfi_ptr all[] = {loop->velocity,   loop->score, loop->velocity_sum, loop->score_sum, loop->product,
                    loop->covariance, NULL};
  for (mpfi_ptr *p = all; *p; p++) mpfi_init2(*p, bits);
}

static void loop_clear(divergence_loop *loop) {
  free(loop->terms);
  mpfr_clears(loop->x_j, loop->mean_j, loop->mean_rj, (mpfr_ptr)NULL);
  mpfi_ptr all[] = {loop->velocity,   loop->score, loop->velocity_sum, loop->score_sum, loop->product,
                    loop->covariance, NULL};
  for (mpfi_ptr *p = all; *p; p++) mpfi_clear(*p);
}

void field_isotropic_divergence(mpfi_ptr out, field_weights *weights, size_t level) {
  const field_table *table = field_weights_table(weights, level);
  const assay_mixture *mixture = weights->problem->mixture;
  size_t mark = iv_mark(table->scope), r = weights->member[weights->group[weights->dominant].first];
  divergence_loop loop = {.x = weights->x, .means = mixture->components[r].mean};
  loop_init(&loop, mixture->count, weights->bits[level]);
  iv rate = set_terms(&loop, weights, table, r);
  mpfi_set_ui(loop.covariance, 0);
  for (size_t j = 0; loop.count && j < mixture->dimension; j++) add_coordinate(&loop, j);
  mpfi_set_prec(out, weights->bits[level]);
  mpfi_mul_ui(out, rate, mixture->dimension);
  mpfi_add(out, out, loop.covariance);
  loop_clear(&loop);
  iv_release(table->scope, mark);
}
