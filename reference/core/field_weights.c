#include "reference/core/field_weights.h"

#include "reference/core/exact_sum.h"

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

void field_weights_init(field_weights *out, const field_problem *problem, long start, long max_bits) {
  size_t count = problem->mixture->count;
  if (start > max_bits) start = max_bits;
  *out = (field_weights){.problem = problem, .levels = count_levels(start, max_bits)};
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

size_t field_weights_bytes(size_t components, long bits) {
  /* Intervals made per component: about 40 in a table of each level, levels adding up to twice the last, 2 more for the
   * responsibilities; an inner product holds up to EXACT_SUM_LIMBS words of 4 bytes. */
  enum { INTERVALS = 100, OVERHEAD = 96 };
  size_t each =
      INTERVALS * ((size_t)bits / 4 + OVERHEAD) + (size_t)8 * EXACT_SUM_LIMBS + sizeof(field_group) + sizeof(size_t);
  size_t bytes = 0;
  return __builtin_mul_overflow(components, each, &bytes) ? SIZE_MAX : bytes;
}

const field_table *field_weights_table(field_weights *weights, size_t level) {
  if (!weights->table[level]) weights->table[level] = field_table_new(weights->problem, weights->bits[level]);
  return weights->table[level];
}

/* ---- groups ---- */

typedef struct {
  mpz_srcptr product;
  size_t index;
} sort_key;

static int compare_keys(const void *left, const void *right) {
  const sort_key *a = left, *b = right;
  int r = mpz_cmp(a->product, b->product);
  return r ? r : (a->index > b->index) - (a->index < b->index);
}

/* Sorts members [first, end) of one kind by <x, m_k>. */
static void sort_members(field_weights *w, size_t first, size_t end) {
  sort_key *key = checked(malloc((end - first) * sizeof *key));
  for (size_t i = first; i < end; i++) key[i - first] = (sort_key){w->x_mean[w->member[i]], w->member[i]};
  qsort(key, end - first, sizeof *key, compare_keys);
  for (size_t i = first; i < end; i++) w->member[i] = key[i - first].index;
  free(key);
}

static bool same_group(const field_weights *w, size_t k, size_t l) {
  const field_problem *problem = w->problem;
  return problem->component[k].kind == problem->component[l].kind &&
         (problem->at_noise || !mpz_cmp(w->x_mean[k], w->x_mean[l]));
}

static void form_groups(field_weights *w) {
  const field_problem *problem = w->problem;
  size_t count = problem->mixture->count;
  for (size_t i = 0; i < count; i++) w->member[i] = problem->order[i];
  for (size_t first = 0, end = 0; first < count; first = end) {
    size_t kind = problem->component[w->member[first]].kind;
    for (end = first + 1; end < count && problem->component[w->member[end]].kind == kind; end++) {}
    if (end - first > 1 && !problem->at_noise) sort_members(w, first, end);
  }
  w->groups = 0;
  for (size_t i = 0; i < count; i++)
    if (i > 0 && same_group(w, w->member[i - 1], w->member[i]))
      w->group[w->groups - 1].size++;
    else
      w->group[w->groups++] = (field_group){.first = i, .size = 1};
}

void field_weights_set_point(field_weights *w, const double *x) {
  const assay_mixture *mixture = w->problem->mixture;
  w->x = x;
  exact_dot(w->x_norm2, x, x, mixture->dimension);
  for (size_t k = 0; k < mixture->count; k++)
    exact_dot(w->x_mean[k], x, mixture->components[k].mean, mixture->dimension);
  form_groups(w);
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

/* L_k - L_r; what is equal exactly leaves no rounding behind. */
static iv log_difference(const field_weights *w, const field_table *t, size_t k, size_t r) {
  iv_scope *s = t->scope;
  const field_component *component = w->problem->component;
  const field_table_row *row = t->row;
  iv result = iv_ui(s, 0);
  if (!mpq_equal(component[k].weight, component[r].weight)) result = iv_sub(s, row[k].log_weight, row[r].log_weight);
  if (w->problem->at_noise) return result;
  if (mpq_equal(component[k].variance, component[r].variance))
    return iv_sub(s, result, half_distance_difference(w, t, k, r));
  iv widths = half_dimension(w, s, iv_sub(s, row[k].log_variance, row[r].log_variance));
  iv distances = iv_sub(s, half_distance(w, t, k), half_distance(w, t, r));
  return iv_sub(s, result, iv_add(s, widths, distances));
}

static size_t leader(const field_weights *w, size_t group) { return w->member[w->group[group].first]; }

static double sign_of_middle(iv_scope *s, iv a) { return iv_finite(a) ? mpfr_sgn(&iv_mid(s, a)->left) : 0; }

/* Any choice is rigorous; a dominant one keeps exponents below about 0. */
static size_t choose_dominant(const field_weights *w, const field_table *t) {
  size_t best = 0;
  for (size_t g = 1; g < w->groups; g++) {
    size_t mark = iv_mark(t->scope);
    if (sign_of_middle(t->scope, log_difference(w, t, leader(w, g), leader(w, best))) > 0) best = g;
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
static bool relative_weights(field_weights *w, const field_table *t, mpfi_ptr *relative, long wanted_bits) {
  bool good = true;
  w->dominant = choose_dominant(w, t);
  for (size_t g = 0; g < w->groups; g++) {
    size_t mark = iv_mark(t->scope);
    iv exponent = log_difference(w, t, leader(w, g), leader(w, w->dominant));
    good = good && narrow(exponent, wanted_bits - SLACK);
    mpfi_exp(relative[g], exponent);
    iv_release(t->scope, mark);
  }
  return good;
}

/* ---- responsibilities ---- */

/* log p = L_r + log sum_k exp(L_k - L_r), L_r = log(w_r/sum w) - d/2 log(2 pi v_r) - N_r/(2 q^2 v_r). */
static void set_log_density(field_weights *w, const field_table *t, iv total) {
  iv_scope *s = t->scope;
  size_t r = leader(w, w->dominant);
  iv weight = iv_sub(s, t->row[r].log_weight, t->log_total);
  iv width = half_dimension(w, s, iv_add(s, iv_log(s, iv_mul_2si(s, iv_pi(s), 1)), t->row[r].log_variance));
  iv value = iv_sub(s, iv_sub(s, weight, width), half_distance(w, t, r));
  mpfi_set_prec(w->log_density, iv_bits(s));
  mpfi_add(w->log_density, value, iv_log(s, total));
}

static bool compute_at(field_weights *w, size_t table_level, size_t level) {
  const field_table *t = field_weights_table(w, table_level);
  size_t mark = iv_mark(t->scope);
  mpfi_ptr *relative = checked(malloc(w->groups * sizeof(mpfi_ptr)));
  for (size_t g = 0; g < w->groups; g++) relative[g] = iv_new(t->scope);
  bool good = relative_weights(w, t, relative, w->bits[level]);
  mpfi_ptr total = iv_new(t->scope);
  for (size_t g = 0; g < w->groups; g++) {
    mpfi_mul_ui(relative[g], relative[g], w->group[g].size);
    mpfi_add(total, total, relative[g]);
  }
  for (size_t g = 0; g < w->groups; g++) {
    mpfi_set_prec(&w->weight[g], w->bits[level]);
    mpfi_div(&w->weight[g], relative[g], total);
  }
  if (w->problem->quantity == ASSAY_LOG_DENSITY) set_log_density(w, t, total);
  free((void *)relative);
  iv_release(t->scope, mark);
  return good;
}

void field_weights_compute(field_weights *w, size_t level) {
  size_t table_level = level;
  while (!compute_at(w, table_level, level) && table_level + 1 < w->levels) table_level++;
}
