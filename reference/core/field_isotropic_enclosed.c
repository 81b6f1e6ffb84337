/* Velocity, score, denoiser and noise of isotropic mixtures as enclosures: with a_g, a_r, P_g and M_gj of
 * field_isotropic_wide.c,
 *   a_j = a_rj + x_j sum' P_g (x_g - x_r) - M_rj sum' P_g mu_r/n_r + sum_g P_g (mu_g/n_g) M_gj - ...,
 * a sum of exact numbers with coefficients that are the same for all j (exact_form.h). sum' is over groups whose
 * coefficients x_g, mu_g differ from the dominant group's; for one with the same coefficients
 *   P_g (a_g - a_r)_j = P_g (mu_g/n_g) M_gj - P_g (mu_r/n_r) M_rj
 * stands as two terms of its own, so that it can be left out where both means agree. Signs that settle ties are not
 * found this way, so roundings go the other one. */
#include "reference/core/field_point.h"

#include "reference/core/exact_form.h"
#include "reference/core/field_sum.h"

#include <math.h>
#include <stdlib.h>

/* Coefficients: of x_j and M_rj, of each M_gj, and of M_rj once more for g alone. */
enum { OF_POINT, OF_DOMINANT, OF_GROUPS };

typedef struct {
  field_weights *weights;
  iv spread;
  exact_form base, form; /* a_r = base/spread of the dominant group; the rest */
  bool *same;            /* the dominant group's coefficients? */
  long exponent;         /* all x_j and m_kj are whole multiples of 2^exponent */
  mpz_t point, dominant, group, member;
  mpfi_t own;
  field_correction correction;
} enclosed_loop;

/* ---- exact numbers ---- */

static double least_size(double least, const double *value, size_t count) {
  for (size_t j = 0; j < count; j++) {
    double size = fabs(value[j]);
    if (size != 0 && size < least) least = size;
  }
  return least;
}

static long lowest_exponent(const field_weights *w) {
  const assay_mixture *mixture = w->problem->mixture;
  double least = least_size(1, w->x, mixture->dimension);
  for (size_t k = 0; k < mixture->count; k++)
    least = least_size(least, mixture->components[k].mean, mixture->dimension);
  return ilogb(least) - 52;
}

/* out 2^exponent = value */
static void set_whole(mpz_ptr out, double value, long exponent) {
  int top = 0;
  mpz_set_d(out, ldexp(frexp(value, &top), 53));
  if (value != 0) mpz_mul_2exp(out, out, (mp_bitcnt_t)(top - 53 - exponent));
}

/* out 2^exponent = M_gj */
static void set_group(enclosed_loop *loop, mpz_ptr out, size_t g, size_t j) {
  const field_weights *w = loop->weights;
  set_whole(out, field_mean(w, g, 0, j), loop->exponent);
  for (size_t i = 1; i < w->group[g].size; i++) {
    set_whole(loop->member, field_mean(w, g, i, j), loop->exponent);
    mpz_add(out, out, loop->member);
  }
}

/* ---- coefficients ---- */

/* P_g/n_r mu_r and P_g/n_g mu_g: of M_rj and M_gj. */
static void set_coefficients(enclosed_loop *loop, const field_table *table) {
  const field_weights *w = loop->weights;
  iv_scope *s = table->scope;
  size_t r = w->member[w->group[w->dominant].first], count = OF_GROUPS + 2 * w->groups;
  const field_coefficients *own = &table->row[r].field;
  iv zero = iv_ui(s, 0), others = zero, point = zero;
  iv dominant_mean = iv_neg(s, iv_div(s, own->mean, iv_ui(s, w->group[w->dominant].size)));
  iv *coefficient = malloc(count * sizeof(iv));
  if (!coefficient) abort(); /* as GMP does: the caller has checked the sizes against the cap */
  for (size_t g = 0; g < w->groups; g++) {
    size_t k = w->member[w->group[g].first];
    loop->same[g] = field_same_coefficients(w->problem, k, r);
    iv mean = iv_div(s, table->row[k].field.mean, iv_ui(s, w->group[g].size));
    coefficient[OF_GROUPS + 2 * g] = g == w->dominant ? zero : iv_mul(s, &w->weight[g], mean);
    coefficient[OF_GROUPS + 2 * g + 1] = loop->same[g] ? iv_mul(s, &w->weight[g], dominant_mean) : zero;
    if (loop->same[g]) continue;
    others = iv_add(s, others, &w->weight[g]);
    point = iv_add(s, point, iv_mul(s, &w->weight[g], iv_sub(s, table->row[k].field.x, own->x)));
  }
  coefficient[OF_POINT] = point;
  coefficient[OF_DOMINANT] = iv_mul(s, others, dominant_mean);
  exact_form_set(&loop->form, coefficient, iv_bits(s));
  free((void *)coefficient);
  const iv base[] = {iv_mul_si(s, own->xi, (long)w->group[w->dominant].size), own->mu};
  exact_form_set(&loop->base, base, iv_bits(s));
  loop->spread = iv_mul_si(s, table->row[r].spread, (long)w->group[w->dominant].size);
}

/* ---- one coordinate ---- */

/* Equal coefficients and equal means: the difference is 0. */
static bool adds_nothing(const enclosed_loop *loop, size_t g) {
  const field_weights *w = loop->weights;
  return loop->same[g] && w->group[g].size == w->group[w->dominant].size && mpz_cmp(loop->group, loop->dominant) == 0;
}

static void add_group(enclosed_loop *loop, size_t g, size_t j) {
  set_group(loop, loop->group, g, j);
  if (adds_nothing(loop, g)) return;
  exact_form_add(&loop->form, OF_GROUPS + 2 * g, loop->group);
  if (loop->same[g]) exact_form_add(&loop->form, OF_GROUPS + 2 * g + 1, loop->dominant);
}

/* The terms of x_j and M_rj. */
static void start(enclosed_loop *loop, exact_form *form) {
  exact_form_start(form);
  exact_form_add(form, OF_POINT, loop->point);
  exact_form_add(form, OF_DOMINANT, loop->dominant);
}

static void solve_coordinate(mpfi_ptr out, enclosed_loop *loop, size_t j) {
  const field_weights *w = loop->weights;
  set_whole(loop->point, w->x[j], loop->exponent);
  set_group(loop, loop->dominant, w->dominant, j);
  start(loop, &loop->base);
  exact_form_value(loop->own, &loop->base, loop->exponent);
  mpfi_div(loop->own, loop->own, loop->spread);
  start(loop, &loop->form);
  for (size_t g = 0; g < w->groups; g++)
    if (g != w->dominant) add_group(loop, g, j);
  exact_form_value(loop->correction.sum, &loop->form, loop->exponent);
  (void)field_correct(out, loop->own, &loop->correction);
}

/* ---- all of them ---- */

static void loop_init(enclosed_loop *loop, field_weights *weights, long bits) {
  *loop = (enclosed_loop){.weights = weights, .exponent = lowest_exponent(weights)};
  loop->same = calloc(weights->groups, sizeof *loop->same);
  if (!loop->same) abort(); /* as GMP does: the caller has checked the sizes against the cap */
  exact_form_init(&loop->base, OF_GROUPS);
  exact_form_init(&loop->form, OF_GROUPS + 2 * weights->groups);
  mpz_inits(loop->point, loop->dominant, loop->group, loop->member, (mpz_ptr)NULL);
  mpfi_init2(loop->own, bits);
  mpfi_init2(loop->correction.sum, bits);
}

static void loop_clear(enclosed_loop *loop) {
  free(loop->same);
  exact_form_clear(&loop->base);
  exact_form_clear(&loop->form);
  mpz_clears(loop->point, loop->dominant, loop->group, loop->member, (mpz_ptr)NULL);
  mpfi_clear(loop->own);
  mpfi_clear(loop->correction.sum);
}

void field_isotropic_enclosed(mpfi_ptr out, const unsigned char *settled, field_weights *weights, size_t level) {
  const field_table *table = field_weights_table(weights, level);
  size_t mark = iv_mark(table->scope);
  enclosed_loop loop;
  loop_init(&loop, weights, weights->bits[level]);
  set_coefficients(&loop, table);
  for (size_t j = 0; j < weights->problem->mixture->dimension; j++) {
    if (settled[j]) continue;
    mpfi_set_prec(&out[j], weights->bits[level]);
    solve_coordinate(&out[j], &loop, j);
  }
  loop_clear(&loop);
  iv_release(table->scope, mark);
}
