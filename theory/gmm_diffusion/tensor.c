/* The grid z = h k, |k_i| <= N, where <v, z> = (h/q) sum p_i k_i: f is needed at multiples of h/q only, and the sum
 * over the grid is taken one coordinate after the other, G_{alpha_1 ... alpha_i}(j) = sum_k w_{alpha_i}(k) G_{alpha_1
 * ... alpha_{i-1}}(j + p_i k), w_d(k) = h phi(hk) h_d(hk).
 *
 * Step. Moving each z_i to Im z_i = +-s, where |Im <v, z>| <= s |v|_1 and |f| <= a/cos(a s |v|_1), Poisson's formula in
 * n dimensions bounds the error by M sum_{k != 0} exp(-2 pi s |k|_1/h) = M (((1+r)/(1-r))^n - 1), r = exp(-2 pi s/h),
 * with int |f h_alpha phi| <= M = a/cos(a s |v|_1) prod e^{s^2/2} sqrt(L_{alpha_i}(-s^2)), L_{alpha_i} <= L_{D-1}. Cut.
 * |h_d phi| <= e^{-x^2/4}/sqrt(2 pi): where some |z_i| > T = N h the nodes add at most n a 2 sqrt(2) Phi(-T/sqrt 2)
 * (sqrt 2 + h)^{n-1}. f^2 takes a^2/cos^2 in place of a/cos, and a^2 of a. */
#include "theory/gmm_diffusion/tensor.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  iv_scope *s;
  const tensor_law *law;
  iv h, error[2];                  /* of f's coefficients, of f^2 */
  long nodes;                      /* N */
  iv *weight[TENSOR_DEGREES];      /* weight[d][N + k] */
  mpfi_ptr square[TENSOR_DEGREES]; /* sums of squares of coefficients by total degree */
} tensor;

/* ---- the rule ---- */

static iv laguerre(iv_scope *s, iv square, unsigned long d) { /* L_d(-square) */
  mpfi_ptr sum = iv_new(s);
  iv term = iv_ui(s, 1);
  for (unsigned long j = 0; j <= d; j++) {
    mpfi_add(sum, sum, term);
    term = iv_div(s, iv_mul(s, iv_mul(s, term, square), iv_ui(s, d - j)), iv_ui(s, (j + 1) * (j + 1)));
  }
  return sum;
}

static iv beyond(const tensor *t, iv cut, iv size) {
  iv_scope *s = t->s;
  iv root = iv_sqrt(s, iv_ui(s, 2)), one = iv_mul(s, root, iv_normal_cdf(s, iv_neg(s, iv_div(s, cut, root))));
  iv others = iv_pow_ui(s, iv_add(s, root, t->h), (unsigned long)t->law->n - 1);
  return iv_mul(s, iv_mul_si(s, iv_mul(s, size, one), 2 * (long)t->law->n), others);
}

static iv aliased(const tensor *t, iv strip, iv mass) {
  iv_scope *s = t->s;
  iv r = iv_exp(s, iv_neg(s, iv_div(s, iv_mul_2si(s, iv_mul(s, iv_pi(s), strip), 1), t->h)));
  iv quotient = iv_div(s, iv_add_si(s, r, 1), iv_sub(s, iv_ui(s, 1), r));
  return iv_mul(s, mass, iv_add_si(s, iv_pow_ui(s, quotient, (unsigned long)t->law->n), -1));
}

/* Steps and cut are guesses; the errors are theirs. */
static void choose(tensor *t, long target_bits) {
  iv_scope *s = t->s;
  const tensor_law *law = t->law;
  long norm = 0;
  for (size_t i = 0; i < law->n; i++) norm += law->numerator[i];
  iv a = iv_ratio(s, law->a_numerator, law->a_denominator), reach = iv_mul(s, a, iv_ratio(s, norm, law->denominator));
  const double part = 1.4; /* of pi/2 */
  iv strip = iv_d(s, part / iv_upper_d(reach)), square = iv_sqr(s, strip);
  iv size = iv_div(s, a, iv_cos(s, iv_mul(s, strip, reach)));
  iv each = iv_mul(s, iv_exp(s, square), laguerre(s, square, (unsigned long)law->degrees - 1));
  iv lifted = iv_sqrt(s, iv_pow_ui(s, each, (unsigned long)law->n));
  iv mass = iv_mul(s, iv_mul(s, size, iv_max(s, size, iv_ui(s, 1))), lifted);
  double wanted = (double)target_bits * log(2);
  t->h = iv_d(s, ldexp(floor(ldexp(2 * acos(-1) * iv_mid_d(strip) / (wanted + log(4 * iv_upper_d(mass))), 8)), -8));
  t->nodes = (long)ceil(sqrt(4 * wanted) / iv_mid_d(t->h));
  iv cut = iv_mul_si(s, t->h, t->nodes);
  t->error[0] = iv_add(s, aliased(t, strip, iv_mul(s, size, lifted)), beyond(t, cut, a));
  t->error[1] = iv_add(s, aliased(t, strip, iv_mul(s, iv_sqr(s, size), lifted)), beyond(t, cut, iv_sqr(s, a)));
}

/* ---- arrays ---- */

static assay_status new_row(iv **out, size_t count, assay_context *context) {
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, count, sizeof(iv), "grid", context);
  if (!status) *out = memory;
  return status;
}

/* w_d(k) for all d at once, by h_{d+1} = (x h_d - sqrt(d) h_{d-1})/sqrt(d+1). */
static assay_status fill_weights(tensor *t, assay_context *context) {
  iv_scope *s = t->s;
  assay_status status = ASSAY_OK;
  for (size_t d = 0; d < t->law->degrees && !status; d++)
    status = new_row(&t->weight[d], 2 * (size_t)t->nodes + 1, context);
  for (long k = -t->nodes; k <= t->nodes && !status; k++) {
    iv x = iv_mul_si(s, t->h, k), before = iv_ui(s, 0), now = iv_mul(s, t->h, iv_normal_density(s, x));
    for (size_t d = 0; d < t->law->degrees; d++) {
      t->weight[d][t->nodes + k] = now;
      iv next = iv_sub(s, iv_mul(s, x, now), iv_mul(s, iv_sqrt(s, iv_ui(s, d)), before));
      before = now, now = iv_div(s, next, iv_sqrt(s, iv_ui(s, d + 1)));
    }
  }
  return status;
}

static void clear_weights(tensor *t) {
  for (size_t d = 0; d < t->law->degrees; d++) free((void *)t->weight[d]);
}

/* The largest |j| before coordinate i is summed. */
static long span(const tensor *t, size_t i) {
  long sum = 0;
  for (; i < t->law->n; i++) sum += t->law->numerator[i];
  return sum * t->nodes;
}

/* out(j) = sum_k w_d(k) in(j + p k) for |j| <= to, `in` known for |j| <= from = to + p N. */
static void contract(const tensor *t, iv *out, long to, const iv *in, long from, size_t d, long p) {
  mpfi_ptr product = iv_new(t->s);
  for (long j = -to; j <= to; j++) {
    mpfi_ptr sum = iv_new(t->s);
    for (long k = -t->nodes; k <= t->nodes; k++) {
      mpfi_mul(product, t->weight[d][t->nodes + k], in[from + j + p * k]);
      mpfi_add(sum, sum, product);
    }
    out[to + j] = sum;
  }
}

/* row[i]: what is left when coordinates 0, ..., i-1 are summed with the degrees alpha[0], ..., alpha[i-1]. */
typedef struct {
  iv *row[TENSOR_DIMENSIONS + 1];
  size_t alpha[TENSOR_DIMENSIONS], mark[TENSOR_DIMENSIONS];
} descent;

static void add_coefficient(tensor *t, size_t degree, iv value) {
  mpfi_add(t->square[degree], t->square[degree], iv_sqr(t->s, iv_ball(t->s, value, t->error[0])));
}

/* All coefficients of total degree below D, depth first: squares by total degree. */
static void add_coefficients(tensor *t, descent *o, size_t n) {
  size_t i = 0, degree = 0; /* degree: alpha[0] + ... + alpha[i-1] */
  o->alpha[0] = 0;
  for (;;) {
    if (degree + o->alpha[i] >= t->law->degrees) { /* back to the coordinate before */
      if (i == 0) return;
      i--;
      degree -= o->alpha[i]++;
      iv_release(t->s, o->mark[i]);
      continue;
    }
    o->mark[i] = iv_mark(t->s);
    contract(t, o->row[i + 1], span(t, i + 1), o->row[i], span(t, i), o->alpha[i], t->law->numerator[i]);
    if (i + 1 < n) {
      degree += o->alpha[i++];
      o->alpha[i] = 0;
    } else {
      add_coefficient(t, degree + o->alpha[i]++, o->row[i + 1][0]);
      iv_release(t->s, o->mark[i]);
    }
  }
}

static assay_status all_coefficients(tensor *t, iv *values, assay_context *context) {
  descent o = {.row = {values}};
  assay_status status = ASSAY_OK;
  const size_t n = t->law->n;
  for (size_t i = 1; i <= n && !status; i++) status = new_row(&o.row[i], 2 * (size_t)span(t, i) + 1, context);
  if (!status) add_coefficients(t, &o, n);
  for (size_t i = 1; i <= n; i++) free((void *)o.row[i]);
  return status;
}

/* int f^2 phi: the weights of degree 0 all along. */
static assay_status squared_norm(iv *norm2, tensor *t, const iv *values, assay_context *context) {
  iv *rows[2] = {NULL, NULL};
  size_t length = 2 * (size_t)span(t, 0) + 1;
  assay_status status = new_row(&rows[0], length, context);
  if (!status) status = new_row(&rows[1], length, context);
  if (!status) {
    for (size_t j = 0; j < length; j++) rows[0][j] = iv_sqr(t->s, values[j]);
    for (size_t i = 0; i < t->law->n; i++) {
      contract(t, rows[1], span(t, i + 1), rows[0], span(t, i), 0, t->law->numerator[i]);
      iv *swap = rows[0];
      rows[0] = rows[1], rows[1] = swap;
    }
    *norm2 = iv_ball(t->s, rows[0][0], t->error[1]);
  }
  free((void *)rows[0]), free((void *)rows[1]);
  return status;
}

static assay_status fill_tails(iv *tails, tensor *t, assay_context *context) {
  iv_scope *s = t->s;
  long reach = span(t, 0);
  iv *values = NULL, norm2 = NULL;
  iv a = iv_ratio(s, t->law->a_numerator, t->law->a_denominator);
  iv unit = iv_mul(s, a, iv_div(s, t->h, iv_si(s, t->law->denominator)));
  assay_status status = new_row(&values, 2 * (size_t)reach + 1, context);
  if (!status) {
    for (long j = -reach; j <= reach; j++) values[reach + j] = iv_mul(s, a, iv_tanh(s, iv_mul_si(s, unit, j)));
    status = squared_norm(&norm2, t, values, context);
  }
  for (size_t d = 0; d < t->law->degrees && !status; d++) t->square[d] = iv_new(s);
  if (!status) status = all_coefficients(t, values, context);
  if (!status) tails[0] = norm2;
  for (size_t d = 0; d < t->law->degrees && !status; d++) tails[d + 1] = iv_sub(s, tails[d], t->square[d]);
  free((void *)values);
  return status;
}

assay_status tensor_tails(iv *tails, iv_scope *s, const tensor_law *law, long target_bits, assay_context *context) {
  if (law->n < 1 || law->n > TENSOR_DIMENSIONS || law->degrees < 1 || law->degrees > TENSOR_DEGREES)
    return assay_fail(context, ASSAY_UNSUPPORTED, "n = %zu, %zu degrees: at most %d and %d, at least 1", law->n,
                      law->degrees, TENSOR_DIMENSIONS, TENSOR_DEGREES);
  tensor t = {.s = s, .law = law};
  choose(&t, target_bits);
  assay_status status = fill_weights(&t, context);
  if (!status) status = fill_tails(tails, &t, context);
  clear_weights(&t);
  return status;
}
