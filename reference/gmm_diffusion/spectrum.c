/* With x ~ N(0, 1) and m(x) = E[v | x] of the law, m_d = int m h_d phi = int m He_d phi/sqrt(d!).
 *
 * Strip. m is a quotient of sums of e^{-v^2/2 + xv}. At x + ia the terms have arguments a v, |a v| <= a radius < pi/2,
 * so the denominator's modulus is at least cos(a radius) times its value at x, and |m| <= radius/cos(a radius). Further
 * |phi(x + ia)| = phi(x) e^{a^2/2} and int |h_d(x + ia)|^2 phi dx = sum_j C(d, j) a^{2j}/j! = L_d(-a^2), so
 *   int |m h_d phi| <= radius/cos(a radius) e^{a^2/2} sqrt(L_d(-a^2)).
 *
 * Cut. |h_d(x)| <= e^{x^2/4} (DLMF 18.14.9), so |m h_d phi| <= radius e^{-x^2/4}/sqrt(2 pi), which falls with |x|: the
 * nodes beyond T add at most 2 radius int_T^inf e^{-x^2/4}/sqrt(2 pi) = 2 sqrt(2) radius Phi(-T/sqrt(2)).
 *
 * Rounding. He_{d+1} = x He_d - d He_{d-1} in intervals widens like |h_d(i x)|, about exp(|x| sqrt(d)), while the
 * weight is exp(-x^2/2): bits are added for that. m itself needs none of them: its midpoint M enters the recurrence,
 * and by the bound on h_d an error of m - M at each node moves m_d by at most h sum |m - M| e^{-x^2/4}/sqrt(2 pi). */
#include "reference/gmm_diffusion/spectrum.h"

#include "reference/core/ziv.h"
#include "reference/gmm_diffusion/trapezoid.h"

#include <math.h>
#include <stdlib.h>

enum { ROUGH_BITS = 64 };

iv spectrum_radius(iv_scope *s, const mixing_law *law) { return mixing_rational(s, law->radius); }

/* exp(-T^2/4) is about 2^-bits. */
static double expected_cut(double bits) { return sqrt(4 * log(2) * bits); }

/* What the recurrence costs. */
static long widening(size_t count, long bits) {
  double degree = sqrt((double)count), at = fmin(degree, expected_cut((double)bits));
  return (long)fmin((at * degree - at * at / 2) / log(2), 0x1p50);
}

long spectrum_bits(size_t count, long bits) {
  enum { SPARE = 40 };
  return bits + SPARE + widening(count, bits);
}

/* Bits for m at a node. */
static long mean_bits(size_t count, long target_bits, long bits) {
  long left = bits - widening(count, target_bits);
  return left > ROUGH_BITS ? left : ROUGH_BITS;
}

/* ---- the rule and its errors ---- */

/* L_d(-a^2) by its positive terms, each from the one before. */
static iv laguerre(iv_scope *rough, iv square, size_t d) {
  mpfi_ptr sum = iv_new(rough), term = iv_new(rough);
  mpfi_set_ui(term, 1);
  for (unsigned long j = 0; j <= d; j++) {
    mpfi_add(sum, sum, term);
    mpfi_mul(term, term, square);
    mpfi_mul_ui(term, term, d - j);
    mpfi_div_ui(term, term, j + 1);
    mpfi_div_ui(term, term, j + 1);
  }
  return sum;
}

static iv radius_squared_beyond(iv_scope *rough, iv cut, const void *self) {
  iv both = iv_mul_2si(rough, iv_normal_cdf(rough, iv_neg(rough, cut)), 1);
  return iv_mul(rough, iv_sqr(rough, self), both);
}

static iv coefficient_beyond(iv_scope *rough, iv cut, const void *self) {
  iv root = iv_sqrt(rough, iv_ui(rough, 2));
  iv both = iv_mul_2si(rough, iv_normal_cdf(rough, iv_neg(rough, iv_div(rough, cut, root))), 1);
  return iv_mul(rough, iv_mul(rough, root, self), both);
}

typedef struct {
  trapezoid rule;
  iv coefficient, norm2; /* errors */
} spectrum_rule;

/* L_d(-a^2) increases with d: the last one bounds all. */
static bool choose_rule(spectrum_rule *out, iv_scope *rough, const mixing_law *law, size_t count, long target_bits) {
  iv radius = iv_upper(rough, spectrum_radius(rough, law)), strip = trapezoid_strip(rough, radius, target_bits);
  iv square = iv_sqr(rough, strip), size = iv_div(rough, radius, iv_cos(rough, iv_mul(rough, strip, radius)));
  iv lifted = iv_mul(rough, size, iv_exp(rough, iv_mul_2si(rough, square, -1)));
  iv polynomial = iv_sqrt(rough, laguerre(rough, square, count ? count - 1 : 0));
  trapezoid_integrand f = {strip, iv_mul(rough, lifted, polynomial), coefficient_beyond, radius};
  trapezoid_integrand g = {strip, iv_mul(rough, lifted, size), radius_squared_beyond, radius};
  long below = target_bits - mpfr_get_exp(&radius->right);
  if (!trapezoid_choose(&out->rule, rough, &f, below > 1 ? below : 1)) return false;
  out->coefficient = trapezoid_error(rough, &out->rule, &f);
  out->norm2 = trapezoid_error(rough, &out->rule, &g);
  return true;
}

/* ---- the sums ---- */

typedef struct {
  iv_scope *s, *plain; /* for the recurrence; for m, E m^2 and errors */
  const trapezoid *rule;
  const mixing_piece_at *piece;
  size_t pieces, count;
  size_t first, stride;            /* the degrees that are summed: 0, 1, 2, ... or 1, 3, 5, ... */
  mpfi_ptr *sum, norm2, uncertain; /* uncertain: sum of |m - M| e^{-x^2/4} */
  mpfi_ptr at[3], product;         /* He_d f at d - 1, d, d + 1 */
} summation;

/* sum[d] += f He_d(x), x = k h, with f = exp(-x^2/2) m(x). */
static void add_degrees(summation *o, long k, iv f) {
  long numerator = k * o->rule->step;
  mpfi_set_ui(o->at[0], 0);
  mpfi_set(o->at[1], f);
  for (size_t d = 0; d < o->count; d++) {
    if (d % o->stride == o->first % o->stride) mpfi_add(o->sum[d], o->sum[d], o->at[1]);
    mpfi_mul_si(o->at[2], o->at[1], numerator);
    mpfi_mul_2si(o->at[2], o->at[2], o->rule->exponent);
    mpfi_mul_ui(o->product, o->at[0], d);
    mpfi_sub(o->at[2], o->at[2], o->product);
    mpfi_ptr oldest = o->at[0];
    o->at[0] = o->at[1], o->at[1] = o->at[2], o->at[2] = oldest;
  }
}

/* exp(-x^2/2^power) */
static iv decay(iv_scope *s, iv x, long power) { return iv_exp(s, iv_mul_2si(s, iv_neg(s, iv_sqr(s, x)), -power)); }

static void add_node(summation *o, long k) {
  iv_scope *s = o->s, *plain = o->plain;
  size_t mark = iv_mark(s), plain_mark = iv_mark(plain);
  iv density, moment, x = trapezoid_node(plain, o->rule, k);
  mixing_posterior(NULL, &density, &moment, plain, o->piece, o->pieces, x);
  iv mean = iv_div(plain, moment, density), middle = iv_mid(plain, mean);
  mpfi_add(o->norm2, o->norm2, iv_mul(plain, iv_sqr(plain, mean), decay(plain, x, 1)));
  iv off = iv_abs(plain, iv_sub(plain, mean, middle));
  mpfi_add(o->uncertain, o->uncertain, iv_mul(plain, off, decay(plain, x, 2)));
  add_degrees(o, k, iv_mul(s, middle, decay(s, trapezoid_node(s, o->rule, k), 1)));
  iv_release(s, mark), iv_release(plain, plain_mark);
}

/* Odd m: the nodes k > 0, twice. */
static assay_status add_nodes(summation *o, bool symmetric, assay_context *context) {
  enum { PAUSE = 32 };
  long first = symmetric ? 1 : -o->rule->nodes, last = o->rule->nodes;
  assay_status status = ASSAY_OK;
  for (long k = first; k <= last && !status; k++) {
    add_node(o, k);
    if (k % PAUSE == 0)
      status = assay_progress(context, "Hermite coefficients", (double)(k - first) / (double)(last - first + 1));
  }
  return status;
}

/* From sums to integrals: the step, and 1/sqrt(d!). */
static void finish(spectrum *out, const summation *o, const spectrum_rule *rule, bool symmetric) {
  iv_scope *s = o->s;
  iv h = iv_mul_2si(s, trapezoid_step(s, o->rule), symmetric);
  mpfi_ptr factor = iv_new(s);
  mpfi_div(factor, h, iv_sqrt(s, iv_mul_2si(s, iv_pi(s), 1)));
  out->norm2 = iv_max(s, iv_ui(s, 0), iv_ball(s, iv_mul(s, factor, o->norm2), rule->norm2));
  iv error = iv_add(s, rule->coefficient, iv_mul(s, factor, o->uncertain));
  for (size_t d = 0; d < o->count; d++) {
    if (d) mpfi_div(factor, factor, iv_sqrt(s, iv_ui(s, d)));
    bool zero = d % o->stride != o->first % o->stride;
    out->coefficient[d] = zero ? iv_ui(s, 0) : iv_ball(s, iv_mul(s, factor, o->sum[d]), error);
  }
}

/* All that a spectrum takes beside its scope's scratch. */
static assay_status check_memory(const mixing_law *law, size_t count, long bits, assay_context *context) {
  enum { PER_DEGREE = 6, PER_PIECE = 16, HEADERS = 96 };
  double each = 2.0 * (double)bits / 8 + HEADERS;
  double bytes = each * (PER_DEGREE * (double)count + PER_PIECE * (double)law->count);
  if (context->memory_cap && bytes > (double)context->memory_cap)
    return assay_fail(context, ASSAY_MEMORY, "Hermite coefficients: %zu of them at %ld bits exceed the memory cap",
                      count, bits);
  return ASSAY_OK;
}

static assay_status sum_over(spectrum *out, iv_scope *s, iv_scope *plain, const mixing_law *law, size_t count,
                             const spectrum_rule *rule, assay_context *context) {
  void *piece = NULL, *sum = NULL;
  assay_status status = assay_allocate(&piece, law->count, sizeof(mixing_piece_at), "pieces", context);
  if (!status) status = assay_allocate(&sum, count + 1, sizeof(mpfi_ptr), "sums", context);
  if (!status) {
    mixing_law_at(piece, plain, law);
    summation o = {.s = s, .plain = plain, .rule = &rule->rule, .count = count, .sum = sum};
    o.piece = piece, o.pieces = law->count;
    o.first = law->symmetric, o.stride = law->symmetric ? 2 : 1;
    for (size_t d = 0; d < count; d++) o.sum[d] = iv_new(s);
    for (size_t i = 0; i < 3; i++) o.at[i] = iv_new(s);
    o.norm2 = iv_new(plain), o.uncertain = iv_new(plain), o.product = iv_new(s);
    status = add_nodes(&o, law->symmetric, context);
    if (!status) finish(out, &o, rule, law->symmetric);
  }
  free(piece), free(sum);
  return status;
}

assay_status spectrum_at(spectrum *out, iv_scope *s, const mixing_law *law, size_t count, long target_bits,
                         assay_context *context) {
  if (!mpq_sgn(law->radius)) { /* u is the centre */
    out->norm2 = iv_ui(s, 0);
    for (size_t d = 0; d < count; d++) out->coefficient[d] = iv_ui(s, 0);
    return ASSAY_OK;
  }
  assay_status status = check_memory(law, count, iv_bits(s), context);
  if (status) return status;
  iv_scope *rough = iv_scope_new(ROUGH_BITS);
  spectrum_rule rule;
  if (!choose_rule(&rule, rough, law, count, target_bits))
    status = assay_fail(context, ASSAY_PRECISION, "R/sigma = %g: too many nodes", mpq_get_d(law->radius));
  if (!status) {
    iv_scope *plain = iv_scope_new(mean_bits(count, target_bits, iv_bits(s)));
    status = sum_over(out, s, plain, law, count, &rule, context);
    iv_scope_free(plain);
  }
  iv_scope_free(rough);
  return status;
}

assay_status spectrum_refine(const mixing_law *law, size_t count, long goal_bits, const spectrum_user *user,
                             assay_context *context) {
  enum { GUARD = 8 };
  void *coefficients = NULL;
  if (goal_bits < 1 || goal_bits > context->max_bits) return ziv_failed(user->task, goal_bits, context);
  assay_status status = assay_allocate(&coefficients, count + 1, sizeof(iv), "coefficients", context);
  long target = 2 * goal_bits + GUARD + (long)ceil(log2(1 + (double)count));
  bool done = false;
  for (long bits = ziv_first(spectrum_bits(count, target), context); !status && !done && bits;
       bits = ziv_next(bits, context)) {
    iv_scope *s = iv_scope_new(bits);
    spectrum at = {.coefficient = coefficients};
    status = spectrum_at(&at, s, law, count, target, context);
    if (!status) status = user->use(&done, s, law, &at, user->self, context);
    iv_scope_free(s);
  }
  free(coefficients);
  return status || done ? status : ziv_failed(user->task, goal_bits, context);
}
