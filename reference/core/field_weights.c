#include "reference/core/field_weights.h"

#include "reference/core/exact_sum.h"
#include "reference/core/field_coordinate.h"
#include "reference/core/field_groups.h"
#include "reference/core/field_log_weight.h"

#include <stdlib.h>

/* Log-weight differences are wanted to this many bits fewer than the level: their own roundings. */
enum { SLACK = 16 };

static void *checked(void *memory) {
  if (!memory) abort(); /* as GMP does: the caller has checked the sizes against the cap */
  return memory;
}

/* ---- memory ---- */

static size_t count_levels(long start, long max_bits) {
  size_t levels = 1;
  for (long bits = start; bits<max_bits; bits = bits> max_bits / 2 ? max_bits : 2 * bits) levels++;
  return levels;
}

void field_weights_init(field_weights *out, const field_problem *problem, field_factors *factors, long start,
                        long max_bits) {
  size_t count = problem->mixture->count;
  if (start > max_bits) start = max_bits;
  *out = (field_weights){.problem = problem, .factors = factors, .levels = count_levels(start, max_bits)};
  out->bits = checked(malloc(out->levels * sizeof *out->bits));
  for (size_t i = 0; i<out->levels; i++, start = start> max_bits / 2 ? max_bits : 2 * start) out->bits[i] = start;
  out->table = checked(calloc(out->levels, sizeof(field_table *)));
  out->x_mean = checked(malloc(count * sizeof *out->x_mean));
  out->member = checked(malloc(count * sizeof *out->member));
  out->group = checked(malloc(count * sizeof *out->group));
  out->weight = checked(malloc(count * sizeof *out->weight));
  for (size_t k = 0; k < count; k++) {
    mpz_init(out->x_mean[k]);
    mpfi_init(&out->weight[k]);
  }
  mpz_init(out->x_norm2);
  mpfi_init(out->log_density);
}

void field_weights_clear(field_weights *weights) {
  for (size_t i = 0; i < weights->levels; i++) field_table_free(weights->table[i]);
  for (size_t k = 0; k < weights->problem->mixture->count; k++) {
    mpz_clear(weights->x_mean[k]);
    mpfi_clear(&weights->weight[k]);
  }
  mpz_clear(weights->x_norm2);
  mpfi_clear(weights->log_density);
  free(weights->bits);
  free((void *)weights->table);
  free(weights->x_mean);
  free(weights->member);
  free(weights->group);
  free(weights->weight);
}

size_t field_weights_bytes(const field_problem *problem, long bits) {
  /* Intervals made per component: about 40 in a table of each level, levels adding up to twice the last, 2 more for the
   * responsibilities; an inner product holds up to EXACT_SUM_LIMBS words of 4 bytes. General problems: four vectors at
   * a time beside the two of every full component. */
  enum { INTERVALS = 100, OVERHEAD = 96 };
  size_t each =
      INTERVALS * ((size_t)bits / 4 + OVERHEAD) + (size_t)8 * EXACT_SUM_LIMBS + sizeof(field_group) + sizeof(size_t);
  size_t vectors = 4, vector = 0, bytes = 0;
  for (size_t k = 0; k < problem->mixture->count; k++) vectors += field_is_full(problem, k) ? 2 : 0;
  if (!problem->general) vectors = 0;
  if (__builtin_mul_overflow(problem->mixture->count, each, &bytes) ||
      __builtin_mul_overflow(problem->mixture->dimension, sizeof(__mpfi_struct) + OVERHEAD + (size_t)bits / 4,
                             &vector) ||
      __builtin_mul_overflow(vector, vectors, &vector) || __builtin_add_overflow(bytes, vector, &bytes))
    return SIZE_MAX;
  return bytes;
}

const field_table *field_weights_table(field_weights *weights, size_t level) {
  if (!weights->table[level]) weights->table[level] = field_table_new(weights->problem, weights->bits[level]);
  return weights->table[level];
}

/* ---- the point ---- */

void field_weights_set_point(field_weights *w, const double *x) {
  const assay_mixture *mixture = w->problem->mixture;
  w->x = x;
  if (!w->problem->general) exact_dot(w->x_norm2, x, x, mixture->dimension);
  for (size_t k = 0; !w->problem->general && k < mixture->count; k++)
    exact_dot(w->x_mean[k], x, mixture->components[k].mean, mixture->dimension);
  field_groups_form(w);
}

/* ---- log-weights ---- */

static iv inner_product(iv_scope *s, mpz_srcptr value) { return iv_mul_2si(s, iv_z(s, value), EXACT_SUM_EXPONENT); }

static iv inner_product_difference(iv_scope *s, mpz_srcptr a, mpz_srcptr b) {
  mpz_t value;
  mpz_init(value);
  mpz_sub(value, a, b);
  iv r = inner_product(s, value);
  mpz_clear(value);
  return r;
}

/* N_k/(2 q^2 v_k) */
static iv half_distance(const field_weights *w, const field_table *t, size_t k) {
  iv_scope *s = t->scope;
  iv distance = iv_add(s, iv_mul(s, t->unit2, inner_product(s, w->x_norm2)),
                       iv_add(s, iv_mul(s, t->cross, inner_product(s, w->x_mean[k])),
                              iv_mul(s, t->beta2, inner_product(s, w->problem->component[k].norm2))));
  return iv_mul_2si(s, iv_mul(s, distance, t->row[k].inverse), -1);
}

/* The same for k less r when v_k = v_r. */
static iv half_distance_difference(const field_weights *w, const field_table *t, size_t k, size_t r) {
  iv_scope *s = t->scope;
  const field_component *component = w->problem->component;
  iv products = inner_product_difference(s, w->x_mean[k], w->x_mean[r]);
  iv norms = inner_product_difference(s, component[k].norm2, component[r].norm2);
  iv distance = iv_add(s, iv_mul(s, t->cross, products), iv_mul(s, t->beta2, norms));
  return iv_mul_2si(s, iv_mul(s, distance, t->row[k].inverse), -1);
}

static iv half_dimension(const field_weights *w, iv_scope *s, iv log_value) {
  return iv_mul_2si(s, iv_mul_si(s, log_value, (long)w->problem->mixture->dimension), -1);
}

static size_t leader(const field_weights *w, size_t group) { return w->member[w->group[group].first]; }

/* L_k - L_r for the first members of two groups, half[g] the half distance of group g's where variances differ; what is
 * equal exactly leaves no rounding behind. */
static iv log_difference(const field_weights *w, const field_table *t, const iv *half, size_t group, size_t other) {
  iv_scope *s = t->scope;
  size_t k = leader(w, group), r = leader(w, other);
  const field_component *component = w->problem->component;
  const field_table_row *row = t->row;
  iv result = iv_ui(s, 0);
  if (!mpq_equal(component[k].weight, component[r].weight)) result = iv_sub(s, row[k].log_weight, row[r].log_weight);
  if (w->problem->at_noise) return result;
  if (mpq_equal(component[k].variance, component[r].variance))
    return iv_sub(s, result, half_distance_difference(w, t, k, r));
  iv widths = half_dimension(w, s, iv_sub(s, row[k].log_variance, row[r].log_variance));
  iv distances = iv_sub(s, half[group], half[other]);
  return iv_sub(s, result, iv_add(s, widths, distances));
}

static double sign_of_middle(iv_scope *s, iv a) { return iv_finite(a) ? mpfr_sgn(&iv_mid(s, a)->left) : 0; }

/* Any choice is rigorous; a dominant one keeps exponents below about 0. */
static size_t choose_dominant(const field_weights *w, const field_table *t, const iv *half) {
  size_t best = 0;
  for (size_t g = 1; g < w->groups; g++) {
    size_t mark = iv_mark(t->scope);
    if (sign_of_middle(t->scope, log_difference(w, t, half, g, best)) > 0) best = g;
    iv_release(t->scope, mark);
  }
  return best;
}

static bool narrow(iv a, long bits) {
  if (!iv_finite(a)) return false;
  mpfr_t width;
  mpfr_init2(width, MPFR_PREC_MIN + 31);
  mpfr_sub(width, &a->right, &a->left, MPFR_RNDU);
  bool result = mpfr_zero_p(width) || mpfr_get_exp(width) <= -bits;
  mpfr_clear(width);
  return result;
}

/* relative[g] = p/p_dominant of a member of group g; false when a log-weight is known worse than the level wants. */
static bool relative_isotropic(field_weights *w, const field_table *t, mpfi_ptr *relative, long wanted_bits) {
  bool good = true;
  iv *half = checked(calloc(w->groups, sizeof(iv)));
  for (size_t g = 0; !w->problem->at_noise && w->groups > 1 && g < w->groups; g++)
    half[g] = half_distance(w, t, leader(w, g));
  w->dominant = choose_dominant(w, t, half);
  for (size_t g = 0; g < w->groups; g++) {
    size_t mark = iv_mark(t->scope);
    iv exponent = log_difference(w, t, half, g, w->dominant);
    good = good && narrow(exponent, wanted_bits - SLACK);
    iv_set_exp(relative[g], exponent);
    iv_release(t->scope, mark);
  }
  free((void *)half);
  return good;
}

/* The same in general problems. A single group needs no log-weight. */
static bool relative_general(field_weights *w, size_t table_level, mpfi_ptr *relative, long wanted_bits) {
  iv_scope *s = field_weights_table(w, table_level)->scope;
  bool good = true;
  w->dominant = 0;
  for (size_t g = 0; w->groups > 1 && g < w->groups; g++) {
    size_t mark = iv_mark(s);
    mpfi_set(relative[g], field_log_weight(w, table_level, leader(w, g)));
    if (sign_of_middle(s, iv_sub(s, relative[g], relative[w->dominant])) > 0) w->dominant = g;
    iv_release(s, mark);
  }
  for (size_t g = 0; g < w->groups; g++) {
    if (g == w->dominant) continue;
    mpfi_sub(relative[g], relative[g], relative[w->dominant]);
    good = good && narrow(relative[g], wanted_bits - SLACK);
    mpfi_exp(relative[g], relative[g]);
  }
  mpfi_set_ui(relative[w->dominant], 1);
  return good;
}

/* ---- responsibilities ---- */

/* log w_r N(x; beta m_r, V_r)/sum w of the dominant component. */
static iv dominant_log_density(field_weights *w, size_t table_level) {
  const field_table *t = field_weights_table(w, table_level);
  iv_scope *s = t->scope;
  size_t r = leader(w, w->dominant);
  iv log_circle = iv_log(s, iv_mul_2si(s, iv_pi(s), 1)); /* log 2 pi */
  if (w->problem->general)
    return iv_sub(s, field_log_weight(w, table_level, r), iv_add(s, t->log_total, half_dimension(w, s, log_circle)));
  iv weight = iv_sub(s, t->row[r].log_weight, t->log_total);
  iv width = half_dimension(w, s, iv_add(s, log_circle, t->row[r].log_variance));
  return iv_sub(s, iv_sub(s, weight, width), half_distance(w, t, r));
}

/* log p = the dominant component's part + log sum_k exp(L_k - L_r). */
static void set_log_density(field_weights *w, size_t table_level, iv total) {
  iv_scope *s = field_weights_table(w, table_level)->scope;
  mpfi_set_prec(w->log_density, iv_bits(s));
  mpfi_add(w->log_density, dominant_log_density(w, table_level), iv_log(s, total));
}

static bool compute_at(field_weights *w, size_t table_level, size_t level) {
  const field_table *t = field_weights_table(w, table_level);
  size_t mark = iv_mark(t->scope);
  mpfi_ptr *relative = checked(calloc(w->groups, sizeof(mpfi_ptr)));
  for (size_t g = 0; g < w->groups; g++) relative[g] = iv_new(t->scope);
  bool good = w->problem->general ? relative_general(w, table_level, relative, w->bits[level])
                                  : relative_isotropic(w, t, relative, w->bits[level]);
  mpfi_ptr total = iv_new(t->scope);
  for (size_t g = 0; g < w->groups; g++) {
    mpfi_mul_ui(relative[g], relative[g], w->group[g].size);
    mpfi_add(total, total, relative[g]);
  }
  for (size_t g = 0; g < w->groups; g++) {
    mpfi_set_prec(&w->weight[g], w->bits[level]);
    mpfi_div(&w->weight[g], relative[g], total);
  }
  if (w->problem->quantity == ASSAY_LOG_DENSITY) set_log_density(w, table_level, total);
  free((void *)relative);
  iv_release(t->scope, mark);
  return good;
}

void field_weights_compute(field_weights *w, size_t level) {
  size_t table_level = level;
  while (!compute_at(w, table_level, level) && table_level + 1 < w->levels) table_level++;
}
