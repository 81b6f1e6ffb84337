#include "reference/core/schedule.h"

#include "reference/core/rational.h"

/* ---- exact numbers to intervals ---- */

static iv difference(iv_scope *s, mpz_srcptr a, mpz_srcptr b) {
  mpz_t value;
  mpz_init(value);
  mpz_sub(value, a, b);
  iv r = iv_z(s, value);
  mpz_clear(value);
  return r;
}

static iv product(iv_scope *s, mpz_srcptr a, mpz_srcptr b) {
  mpz_t value;
  mpz_init(value);
  mpz_mul(value, a, b);
  iv r = iv_z(s, value);
  mpz_clear(value);
  return r;
}

static iv fraction(iv_scope *s, mpq_srcptr value) {
  mpfi_ptr r = iv_new(s);
  mpfi_set_q(r, value);
  return r;
}

/* ---- the schedules ---- */

/* On a straight path alpha' = -beta': alpha alpha' = -alpha beta', and the turn is alpha beta' (alpha + beta). */
static schedule_values straight(iv_scope *s, iv unit, iv alpha, iv beta, iv beta_rate) {
  iv turn = iv_mul(s, alpha, beta_rate);
  return (schedule_values){.unit = unit,
                           .alpha = alpha,
                           .beta = beta,
                           .beta_rate = beta_rate,
                           .alpha_square = iv_sqr(s, alpha),
                           .alpha_decay = iv_neg(s, turn),
                           .turn = turn};
}

/* On the circle alpha alpha' = -beta beta', and the turn is beta' (alpha^2 + beta^2). */
static schedule_values circular(iv_scope *s, iv unit, iv alpha, iv alpha_square, iv beta, iv beta_rate) {
  return (schedule_values){.unit = unit,
                           .alpha = alpha,
                           .beta = beta,
                           .beta_rate = beta_rate,
                           .alpha_square = alpha_square,
                           .alpha_decay = iv_neg(s, iv_mul(s, beta, beta_rate)),
                           .turn = iv_mul(s, unit, beta_rate)};
}

/* t = p/q: alpha = (q - p)/q, beta = p/q, in units of 1/q. */
static schedule_values linear(iv_scope *s, const schedule_path *path) {
  mpz_srcptr p = mpq_numref(path->time), q = mpq_denref(path->time);
  iv unit = iv_z(s, q);
  return straight(s, unit, difference(s, q, p), iv_z(s, p), unit);
}

/* In units of 1/q^N; beta' = N p^(N-1) q/q^N. */
static schedule_values polynomial(iv_scope *s, const schedule_path *path) {
  mpz_srcptr p = mpq_numref(path->time), q = mpq_denref(path->time);
  mpz_t p_power, q_power, rate;
  mpz_inits(p_power, q_power, rate, (mpz_ptr)NULL);
  mpz_pow_ui(rate, p, path->degree - 1);
  mpz_mul(p_power, rate, p);
  mpz_pow_ui(q_power, q, path->degree);
  mpz_mul(rate, rate, q);
  mpz_mul_ui(rate, rate, path->degree);
  schedule_values values =
      straight(s, iv_z(s, q_power), difference(s, q_power, p_power), iv_z(s, p_power), iv_z(s, rate));
  mpz_clears(p_power, q_power, rate, (mpz_ptr)NULL);
  return values;
}

/* sin(pi p/(2 q)) for 0 <= p <= q. */
static iv quarter_sine(iv_scope *s, mpz_srcptr p, mpz_srcptr q) {
  if (!mpz_sgn(p)) return iv_ui(s, 0);
  if (!mpz_cmp(p, q)) return iv_ui(s, 1);
  iv ratio = iv_div(s, iv_z(s, p), iv_z(s, q));
  return iv_sin(s, iv_mul_2si(s, iv_mul(s, iv_pi(s), ratio), -1));
}

/* The cosine as the sine of the complement, which is exact: no cancellation near t = 1. */
static schedule_values trigonometric(iv_scope *s, const schedule_path *path) {
  mpz_srcptr p = mpq_numref(path->time), q = mpq_denref(path->time);
  mpz_t rest;
  mpz_init(rest);
  mpz_sub(rest, q, p);
  iv alpha = quarter_sine(s, rest, q), beta = quarter_sine(s, p, q);
  mpz_clear(rest);
  iv speed = iv_mul_2si(s, iv_pi(s), -1);
  return circular(s, iv_ui(s, 1), alpha, iv_sqr(s, alpha), beta, iv_mul(s, speed, alpha));
}

/* alpha^2 = (q - p)(q + p)/q^2, beta = p/q. */
static schedule_values linear_vp(iv_scope *s, const schedule_path *path) {
  mpz_srcptr p = mpq_numref(path->time), q = mpq_denref(path->time);
  mpz_t low, high;
  mpz_inits(low, high, (mpz_ptr)NULL);
  mpz_sub(low, q, p);
  mpz_add(high, q, p);
  iv alpha_square = product(s, low, high), unit = iv_z(s, q);
  mpz_clears(low, high, (mpz_ptr)NULL);
  return circular(s, unit, iv_sqrt(s, alpha_square), alpha_square, iv_z(s, p), unit);
}

/* With u = 1 - t, D = BMAX - BMIN and e = u (u D + 2 BMIN)/4, all exact: beta = exp(-e), alpha^2 = -expm1(-2 e), beta'
 * = beta (u D + BMIN)/2. */
static schedule_values vp(iv_scope *s, const schedule_path *path) {
  mpq_t rest, exponent, speed;
  mpq_inits(rest, exponent, speed, (mpq_ptr)NULL);
  mpq_set_ui(rest, 1, 1);
  mpq_sub(rest, rest, path->time);
  mpq_mul(speed, rest, path->beta_growth);
  mpq_add(speed, speed, path->beta_min);
  mpq_add(exponent, speed, path->beta_min);
  mpq_mul(exponent, exponent, rest);
  iv down = iv_neg(s, iv_mul_2si(s, fraction(s, exponent), -2));
  iv alpha_square = iv_neg(s, iv_expm1(s, iv_mul_2si(s, down, 1))), beta = iv_exp(s, down);
  iv beta_rate = iv_mul_2si(s, iv_mul(s, beta, fraction(s, speed)), -1);
  mpq_clears(rest, exponent, speed, (mpq_ptr)NULL);
  return circular(s, iv_ui(s, 1), iv_sqrt(s, alpha_square), alpha_square, beta, beta_rate);
}

static schedule_values coefficients(iv_scope *s, const schedule_path *path) {
  mpz_srcptr p = mpq_denref(path->alpha), q = mpq_denref(path->beta);
  iv alpha = product(s, mpq_numref(path->alpha), q);
  return (schedule_values){.unit = product(s, p, q),
                           .alpha = alpha,
                           .beta = product(s, mpq_numref(path->beta), p),
                           .alpha_square = iv_sqr(s, alpha)};
}

typedef struct {
  schedule_values (*values)(iv_scope *s, const schedule_path *path);
  bool on_circle;
} schedule_row;

static const schedule_row rows[] = {
    [ASSAY_LINEAR] = {.values = linear, .on_circle = false},
    [ASSAY_TRIGONOMETRIC] = {.values = trigonometric, .on_circle = true},
    [ASSAY_COEFFICIENTS] = {.values = coefficients, .on_circle = false},
    [ASSAY_POLYNOMIAL] = {.values = polynomial, .on_circle = false},
    [ASSAY_LINEAR_VP] = {.values = linear_vp, .on_circle = true},
    [ASSAY_VP] = {.values = vp, .on_circle = true},
};

/* ---- path points ---- */

static assay_status read_coefficients(schedule_path *path, const assay_path_point *point, assay_context *context) {
  assay_status status = rational_set(path->alpha, point->alpha, "alpha", context);
  if (!status) status = rational_set(path->beta, point->beta, "beta", context);
  if (status) return status;
  int alpha = mpq_sgn(path->alpha), beta = mpq_sgn(path->beta);
  if (alpha < 0 || beta < 0 || (alpha == 0 && beta == 0))
    return assay_fail(context, ASSAY_INVALID,
                      "alpha, beta: %.17g, %.17g; numbers >= 0 that are not both 0 are expected", point->alpha.nearest,
                      point->beta.nearest);
  return ASSAY_OK;
}

static assay_status read_time(schedule_path *path, const assay_path_point *point, assay_context *context) {
  assay_status status = rational_set(path->time, point->time, "time", context);
  if (status) return status;
  if (mpq_sgn(path->time) < 0 || mpq_cmp_ui(path->time, 1, 1) > 0) {
    if (point->time.exact) return assay_fail(context, ASSAY_INVALID, "time: %s lies outside [0, 1]", point->time.exact);
    return assay_fail(context, ASSAY_INVALID, "time: %.17g lies outside [0, 1]", point->time.nearest);
  }
  return ASSAY_OK;
}

/* assay_schedule_check has seen the nearest doubles: what is left lies between them and the exact strings. */
static assay_status read_range(schedule_path *path, const assay_schedule *schedule, assay_context *context) {
  assay_status status = rational_set(path->beta_min, schedule->beta_min, "beta_min", context);
  if (!status) status = rational_set(path->beta_growth, schedule->beta_max, "beta_max", context);
  if (status) return status;
  mpq_sub(path->beta_growth, path->beta_growth, path->beta_min);
  if (mpq_sgn(path->beta_min) < 0 || mpq_sgn(path->beta_growth) < 0)
    return assay_fail(context, ASSAY_INVALID, "beta_min, beta_max: %.17g, %.17g; 0 <= beta_min <= beta_max is expected",
                      schedule->beta_min.nearest, schedule->beta_max.nearest);
  return ASSAY_OK;
}

static assay_status read_point(schedule_path *path, const assay_path_point *point, assay_context *context) {
  if (path->kind == ASSAY_COEFFICIENTS) return read_coefficients(path, point, context);
  assay_status status = path->kind == ASSAY_VP ? read_range(path, &point->schedule, context) : ASSAY_OK;
  return status ? status : read_time(path, point, context);
}

void schedule_path_start(schedule_path *out, assay_schedule schedule) {
  *out = (schedule_path){.kind = schedule.kind, .degree = schedule.degree};
  mpq_inits(out->time, out->alpha, out->beta, out->beta_min, out->beta_growth, (mpq_ptr)NULL);
}

assay_status schedule_path_init(schedule_path *out, const assay_path_point *point, assay_context *context) {
  assay_status status = assay_schedule_check(&point->schedule, context);
  if (status) return status;
  schedule_path path;
  schedule_path_start(&path, point->schedule);
  status = read_point(&path, point, context);
  if (status) {
    schedule_path_clear(&path);
    return status;
  }
  *out = path;
  return ASSAY_OK;
}

void schedule_path_clear(schedule_path *path) {
  mpq_clears(path->time, path->alpha, path->beta, path->beta_min, path->beta_growth, (mpq_ptr)NULL);
}

schedule_values schedule_scaled_at(iv_scope *s, const schedule_path *path) { return rows[path->kind].values(s, path); }

schedule_values schedule_at(iv_scope *s, const schedule_path *path) {
  schedule_values v = schedule_scaled_at(s, path);
  iv unit_square = iv_sqr(s, v.unit);
  v.alpha = iv_div(s, v.alpha, v.unit);
  v.beta = iv_div(s, v.beta, v.unit);
  v.alpha_square = iv_div(s, v.alpha_square, unit_square);
  if (v.beta_rate) {
    v.beta_rate = iv_div(s, v.beta_rate, v.unit);
    v.alpha_decay = iv_div(s, v.alpha_decay, unit_square);
    v.turn = iv_div(s, v.turn, unit_square);
  }
  v.unit = iv_ui(s, 1);
  return v;
}

iv schedule_alpha_rate(iv_scope *s, const schedule_values *at) {
  return iv_div(s, at->alpha_decay, iv_mul(s, at->unit, at->alpha));
}

iv schedule_wronskian(iv_scope *s, const schedule_values *at) {
  return iv_div(s, at->turn, iv_mul(s, at->unit, at->alpha));
}

bool schedule_on_circle(assay_schedule_kind kind) { return rows[kind].on_circle; }

bool schedule_at_noise(const schedule_path *path) {
  if (path->kind == ASSAY_VP) return false; /* beta(0) = exp(-(BMIN + BMAX)/4) */
  return !mpq_sgn(path->kind == ASSAY_COEFFICIENTS ? path->beta : path->time);
}
