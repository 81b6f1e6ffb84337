/* One panel c +- h. With r the component that is likeliest in c, D_k = f_k - f_r and e_k = q_k/q_r = exp(quadratic),
 *   G = q_r (E_2 - E_1^2/E_0),  E_0 = 1 + sum e_k, E_1 = sum e_k D_k, E_2 = sum e_k D_k^2  over k != r,
 * without cancellation worth the name, as r holds at least 1/count of the mass. In c + h t:
 *
 * Left out. G grows with each component, by at most q_k (f_k - f')^2, f' the mean guess of those before: so components
 * that hold next to nothing on the panel are left out, for that much.
 *
 * Remainder. On |t| <= RADIUS, e_k = e_k(c) exp(u) with |u| <= delta_k; where delta_k <= 3/2 < pi/2 its real part is
 * positive, so |E_0| >= 1 - sum of the other |e_k|: if that is positive, E_0 has no zero there, G is analytic, and by
 * Cauchy's estimate its coefficients are at most M/RADIUS^n, M >= |G| on the circle. Odd ones drop out of the integral,
 * so the terms from even n = N on add at most 2 h M RADIUS^-N/((N + 1)(1 - RADIUS^-2)) < 4 h M RADIUS^-N. */
#include "reference/core/line_panel.h"

#include <stdlib.h>

enum { RADIUS_BITS = 2 }; /* RADIUS = 4 */

/* ---- memory ---- */

assay_status line_spread_init(line_spread *l, assay_context *context) {
  void *views = NULL, *kept = NULL, *series = NULL;
  assay_status status = assay_allocate(&views, l->count, sizeof(line_view), "components", context);
  if (!status) status = assay_allocate(&kept, l->count, sizeof(bool), "components", context);
  if (!status)
    status = assay_allocate(&series, (size_t)l->most_terms, LINE_SERIES * sizeof(mpfi_ptr), "series", context);
  if (status) {
    free(views), free(kept);
    return status;
  }
  l->view = views;
  l->kept = kept;
  for (size_t i = 0; i < LINE_SERIES; i++) {
    l->series[i] = (mpfi_ptr *)series + i * (size_t)l->most_terms;
    for (long n = 0; n < l->most_terms; n++) l->series[i][n] = iv_new(l->s);
  }
  return ASSAY_OK;
}

void line_spread_clear(line_spread *l) { free(l->view), free(l->kept), free((void *)l->series[0]); }

/* ---- bounds, in rough arithmetic ---- */

static iv root_two_pi(iv_scope *s) { return iv_sqrt(s, iv_mul_2si(s, iv_pi(s), 1)); }

/* D_k = (alpha^2/V_k) (m_k - m_r + beta (S_k - S_r) g_r), g_r = (x - M_r)/V_r: exact differences first. */
static iv guess_apart(iv_scope *s, const line_spread *l, size_t k, size_t r, iv pull) {
  const line_component *c = &l->component[k], *to = &l->component[r];
  iv turn = iv_mul(s, l->beta, iv_sub(s, c->prior_variance, to->prior_variance));
  iv apart = iv_add(s, iv_sub(s, c->prior_mean, to->prior_mean), iv_mul(s, turn, pull));
  return iv_mul(s, iv_div(s, l->alpha2, c->variance), apart);
}

static iv guess_slope(iv_scope *s, const line_spread *l, size_t k, size_t r) {
  const line_component *c = &l->component[k], *to = &l->component[r];
  iv turn = iv_mul(s, l->beta, iv_sub(s, c->prior_variance, to->prior_variance));
  return iv_div(s, iv_div(s, iv_mul(s, l->alpha2, turn), c->variance), to->variance);
}

/* All components seen from `middle`; returns the likeliest there. */
static size_t look(const line_spread *l, iv middle) {
  iv_scope *rough = l->rough;
  size_t r = 0;
  for (size_t k = 0; k < l->count; k++) {
    const line_component *c = &l->component[k];
    line_view *v = &l->view[k];
    v->offset = iv_sub(l->s, middle, c->mean);
    v->pull = iv_div(l->s, v->offset, c->variance);
    v->height = iv_sub(rough, c->height, iv_mul_2si(rough, iv_mul(rough, v->offset, v->pull), -1));
    if (mpfr_greater_p(&v->height->left, &l->view[r].height->left)) r = k;
  }
  for (size_t k = 0; k < l->count; k++) {
    l->view[k].guess = guess_apart(rough, l, k, r, l->view[r].pull);
    l->view[k].slope = guess_slope(rough, l, k, r);
  }
  return r;
}

/* Largest |D_k| at distance at most `reach` from the middle. */
static iv guess_within(iv_scope *rough, const line_view *v, iv reach) {
  return iv_upper(rough, iv_add(rough, iv_abs(rough, v->guess), iv_mul(rough, iv_abs(rough, v->slope), reach)));
}

/* Largest q_k at real distance at most `half` from the middle. */
static iv most_held(const line_spread *l, size_t k, iv half) {
  iv_scope *rough = l->rough;
  const line_component *c = &l->component[k];
  iv near = iv_max(rough, iv_ui(rough, 0), iv_sub(rough, iv_abs(rough, l->view[k].offset), half));
  iv square = iv_div(rough, iv_sqr(rough, near), c->variance);
  iv height = iv_exp(rough, iv_sub(rough, c->height, iv_mul_2si(rough, square, -1)));
  return iv_div(rough, height, root_two_pi(rough));
}

/* Marks the components that matter beside r and returns how many; adds to *lost what the others could add. */
static size_t choose_kept(const line_spread *l, size_t r, iv half, mpfi_ptr lost) {
  iv_scope *rough = l->rough;
  iv widest = iv_ui(rough, 0);
  for (size_t k = 0; k < l->count; k++) widest = iv_max(rough, widest, guess_within(rough, &l->view[k], half));
  iv square = iv_sqr(rough, iv_mul_2si(rough, widest, 1)), width = iv_mul_2si(rough, half, 1);
  iv share = iv_div(rough, iv_mul_2si(rough, l->tolerance, -1), iv_ui(rough, l->count));
  size_t kept = 0;
  for (size_t k = 0; k < l->count; k++) {
    if (k == r) continue;
    iv cost = iv_mul(rough, iv_mul(rough, most_held(l, k, half), width), square);
    l->kept[k] = mpfr_lessequal_p(&cost->right, &share->left) == 0; /* a NaN is kept, and fails */
    if (l->kept[k])
      kept++;
    else
      mpfi_add(lost, lost, cost);
  }
  return kept;
}

/* The exponent of q_k/q_r (k != r), or of q_r: L + A t + B t^2/2 at c + h t. */
typedef struct {
  iv constant, linear, square;
} exponent;

static exponent exponent_of(iv_scope *s, const line_spread *l, size_t k, iv half) {
  const line_view *v = &l->view[k];
  const line_component *c = &l->component[k];
  iv height = iv_sub(s, c->height, iv_mul_2si(s, iv_mul(s, v->offset, v->pull), -1));
  return (exponent){height, iv_neg(s, iv_mul(s, half, v->pull)), iv_neg(s, iv_div(s, iv_sqr(s, half), c->variance))};
}

static exponent exponent_apart(iv_scope *s, const line_spread *l, size_t k, size_t r, iv half) {
  exponent a = exponent_of(s, l, k, half), b = exponent_of(s, l, r, half);
  return (exponent){iv_sub(s, a.constant, b.constant), iv_sub(s, a.linear, b.linear), iv_sub(s, a.square, b.square)};
}

/* |A t + B t^2/2| <= delta on |t| <= RADIUS. */
static iv turn_of(iv_scope *s, const exponent *e) {
  iv linear = iv_mul_2si(s, iv_abs(s, e->linear), RADIUS_BITS);
  return iv_upper(s, iv_add(s, linear, iv_mul_2si(s, iv_abs(s, e->square), 2 * RADIUS_BITS - 1)));
}

/* M h, or NULL where E_0 may have a zero. */
static iv bound_on_circle(const line_spread *l, size_t r, iv half) {
  iv_scope *rough = l->rough;
  iv first = iv_ui(rough, 0), second = first, rest = iv_ui(rough, 1), quarter_turn = iv_ratio(rough, 3, 2);
  iv reach = iv_mul_2si(rough, half, RADIUS_BITS);
  for (size_t k = 0; k < l->count; k++) {
    if (k == r || !l->kept[k]) continue;
    exponent e = exponent_apart(rough, l, k, r, half);
    iv turn = turn_of(rough, &e), size = iv_exp(rough, iv_add(rough, e.constant, turn));
    iv guess = guess_within(rough, &l->view[k], reach), term = iv_mul(rough, guess, size);
    if (iv_less(turn, quarter_turn) != IV_TRUE) rest = iv_sub(rough, rest, size);
    first = iv_add(rough, first, term);
    second = iv_add(rough, second, iv_mul(rough, guess, term));
  }
  if (iv_positive(rest) != IV_TRUE) return NULL;
  exponent e = exponent_of(rough, l, r, half);
  iv held = iv_exp(rough, iv_add(rough, e.constant, turn_of(rough, &e)));
  iv spread = iv_add(rough, second, iv_div(rough, iv_sqr(rough, first), rest));
  return iv_upper(rough, iv_mul(rough, iv_div(rough, iv_mul(rough, held, half), root_two_pi(rough)), spread));
}

/* The even N with 4 h M RADIUS^-N <= tolerance/2, or -1 when that is more than most_terms; *remainder is the left. */
static long choose_terms(iv *remainder, const line_spread *l, iv bound) {
  iv_scope *rough = l->rough;
  iv ratio = iv_div(rough, iv_mul_2si(rough, bound, 3), l->tolerance);
  if (!iv_finite(ratio)) return -1;
  long bits = mpfr_zero_p(&ratio->right) ? 0 : mpfr_get_exp(&ratio->right);
  if (bits < 0) bits = 0;
  long terms = (bits + RADIUS_BITS - 1) / RADIUS_BITS;
  terms += terms % 2;
  *remainder = iv_mul_2si(rough, bound, 2 - RADIUS_BITS * terms);
  return terms <= l->most_terms ? terms : -1;
}

/* ---- series ---- */

enum { TOTAL, FIRST, SECOND, RATIO };

/* Four intervals that one component's recurrence goes through. */
typedef struct {
  mpfi_ptr now, before, guess, guess_before, next, scratch;
} recurrence;

static recurrence recurrence_new(iv_scope *s) {
  return (recurrence){iv_new(s), iv_new(s), iv_new(s), iv_new(s), iv_new(s), iv_new(s)};
}

/* sum = a x + b y */
static void combine(mpfi_ptr sum, iv a, mpfi_srcptr x, iv b, mpfi_srcptr y, mpfi_ptr scratch) {
  mpfi_mul(sum, a, x);
  mpfi_mul(scratch, b, y);
  mpfi_add(sum, sum, scratch);
}

/* From coefficient n of exp(L + A t + B t^2/2) to the next: (n + 1) c_{n+1} = A c_n + B c_{n-1}. */
static void advance(recurrence *c, const exponent *e, long n) {
  combine(c->next, e->linear, c->now, e->square, c->before, c->scratch);
  mpfi_div_ui(c->next, c->next, (unsigned long)n + 1);
  mpfi_ptr free_one = c->before;
  c->before = c->now;
  c->now = c->next;
  c->next = free_one;
}

/* Adds e_k, e_k D_k and e_k D_k^2 to the three series. */
static void add_component(const line_spread *l, size_t k, size_t r, iv half, long terms) {
  iv_scope *s = l->s;
  size_t mark = iv_mark(s);
  exponent e = exponent_apart(s, l, k, r, half);
  iv guess = guess_apart(s, l, k, r, l->view[r].pull), slope = iv_mul(s, half, guess_slope(s, l, k, r));
  recurrence c = recurrence_new(s);
  mpfi_exp(c.now, e.constant);
  for (long n = 0; n < terms; n++) {
    mpfi_add(l->series[TOTAL][n], l->series[TOTAL][n], c.now);
    mpfi_ptr behind = c.guess_before;
    c.guess_before = c.guess;
    c.guess = behind;
    combine(c.guess, guess, c.now, slope, c.before, c.scratch);
    mpfi_add(l->series[FIRST][n], l->series[FIRST][n], c.guess);
    combine(c.next, guess, c.guess, slope, c.guess_before, c.scratch);
    mpfi_add(l->series[SECOND][n], l->series[SECOND][n], c.next);
    advance(&c, &e, n);
  }
  iv_release(s, mark);
}

/* target -= sum_{i=0}^{last} a_i b_{n-i} */
static void subtract_convolution(mpfi_ptr target, mpfi_ptr *a, mpfi_ptr *b, long n, long last, mpfi_ptr scratch) {
  for (long i = 0; i <= last; i++) {
    mpfi_mul(scratch, a[i], b[n - i]);
    mpfi_sub(target, target, scratch);
  }
}

/* SECOND becomes E_2 - E_1^2/E_0, by way of RATIO = E_1/E_0. */
static void subtract_mean(const line_spread *l, long terms) {
  size_t mark = iv_mark(l->s);
  mpfi_ptr scratch = iv_new(l->s);
  for (long n = 0; n < terms; n++) {
    mpfi_ptr ratio = l->series[RATIO][n];
    mpfi_set(ratio, l->series[FIRST][n]);
    subtract_convolution(ratio, l->series[RATIO], l->series[TOTAL], n, n - 1, scratch);
    mpfi_div(ratio, ratio, l->series[TOTAL][0]);
  }
  for (long n = 0; n < terms; n++)
    subtract_convolution(l->series[SECOND][n], l->series[RATIO], l->series[FIRST], n, n, scratch);
  iv_release(l->s, mark);
}

/* h int q_r SECOND dt over [-1, 1], q_r's series taking TOTAL's place. */
static void add_integral(mpfi_ptr sum, const line_spread *l, size_t r, iv half, long terms) {
  iv_scope *s = l->s;
  exponent e = exponent_of(s, l, r, half);
  recurrence c = recurrence_new(s);
  mpfi_div(c.now, iv_exp(s, e.constant), root_two_pi(s));
  for (long n = 0; n < terms; n++) {
    mpfi_set(l->series[TOTAL][n], c.now);
    advance(&c, &e, n);
  }
  mpfi_ptr integral = iv_new(s), coefficient = iv_new(s);
  for (long n = 0; n < terms; n += 2) {
    mpfi_set_ui(coefficient, 0);
    subtract_convolution(coefficient, l->series[SECOND], l->series[TOTAL], n, n, c.scratch);
    mpfi_div_ui(coefficient, coefficient, (unsigned long)n + 1);
    mpfi_sub(integral, integral, coefficient);
  }
  mpfi_add(sum, sum, iv_mul(s, iv_mul_2si(s, half, 1), integral));
}

static void add_series(mpfi_ptr sum, const line_spread *l, size_t r, iv half, long terms) {
  for (long n = 0; n < terms; n++)
    for (size_t i = TOTAL; i <= SECOND; i++) mpfi_set_ui(l->series[i][n], i == TOTAL && n == 0);
  for (size_t k = 0; k < l->count; k++)
    if (k != r && l->kept[k]) add_component(l, k, r, half, terms);
  subtract_mean(l, terms);
  add_integral(sum, l, r, half, terms);
}

/* ---- panels ---- */

static bool add_panel(mpfi_ptr sum, const line_spread *l, iv at, long size) {
  iv_scope *s = l->s, *rough = l->rough;
  iv half = iv_mul_2si(s, iv_ui(s, 1), size - 1), middle = iv_add(s, at, half);
  size_t r = look(l, middle);
  mpfi_ptr lost = iv_new(rough);
  if (choose_kept(l, r, half, lost)) {
    iv remainder = NULL, bound = bound_on_circle(l, r, half);
    long terms = bound ? choose_terms(&remainder, l, bound) : -1;
    if (terms < 0) return false;
    add_series(sum, l, r, half, terms);
    mpfi_add(sum, sum, iv_ball(rough, iv_ui(rough, 0), remainder));
  }
  mpfi_add(sum, sum, iv_hull(rough, iv_ui(rough, 0), lost));
  return true;
}

bool line_panel_add(mpfi_ptr sum, const line_spread *l, iv at, long size) {
  size_t mark = iv_mark(l->s), rough_mark = iv_mark(l->rough);
  bool added = add_panel(sum, l, at, size);
  iv_release(l->s, mark);
  iv_release(l->rough, rough_mark);
  return added;
}

/* ---- tails ---- */

/* G <= sum q_k D_k^2 with D_k = f_k - f_0, and with x = M_k + sqrt(V_k) z on one side, z >= Z:
 *   int q_k (a + b z)^2 <= 2 w_k (a^2 Phi(-Z) + b^2 (Z phi(Z) + Phi(-Z))). */
iv line_spread_beyond(const line_spread *l, iv cut) {
  iv_scope *s = l->rough;
  mpfi_ptr sum = iv_new(s);
  const line_component *to = &l->component[0];
  for (size_t k = 1; k < l->count; k++) {
    const line_component *c = &l->component[k];
    iv z = iv_div(s, iv_sub(s, cut, iv_abs(s, c->mean)), c->deviation);
    if (iv_positive(z) != IV_TRUE) return iv_inv(s, iv_ui(s, 0));
    iv pull = iv_div(s, iv_sub(l->s, c->mean, to->mean), to->variance); /* where x = M_k */
    iv constant = iv_sqr(s, guess_apart(s, l, k, 0, pull));
    iv linear = iv_sqr(s, iv_mul(s, guess_slope(s, l, k, 0), c->deviation));
    iv mass = iv_normal_cdf(s, iv_neg(s, z));
    iv second = iv_add(s, iv_mul(s, z, iv_normal_density(s, z)), mass);
    iv side = iv_add(s, iv_mul(s, constant, mass), iv_mul(s, linear, second));
    mpfi_add(sum, sum, iv_mul(s, c->weight, iv_mul_2si(s, side, 2)));
  }
  return iv_upper(s, sum);
}
