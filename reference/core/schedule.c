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

/* ---- the schedules ---- */

/* t = p/q: alpha = (q - p)/q, beta = p/q, in units of 1/q. */
static schedule_values linear(iv_scope *s, const schedule_path *path) {
  mpz_srcptr p = mpq_numref(path->time), q = mpq_denref(path->time);
  return (schedule_values){.unit = iv_z(s, q),
                           .alpha = difference(s, q, p),
                           .beta = iv_z(s, p),
                           .alpha_rate = iv_si(s, -1),
                           .beta_rate = iv_si(s, 1),
                           .wronskian = iv_ui(s, 1)};
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
  return (schedule_values){.unit = iv_ui(s, 1),
                           .alpha = alpha,
                           .beta = beta,
                           .alpha_rate = iv_neg(s, iv_mul(s, speed, beta)),
                           .beta_rate = iv_mul(s, speed, alpha),
                           .wronskian = speed};
}

static schedule_values coefficients(iv_scope *s, const schedule_path *path) {
  mpz_srcptr p = mpq_denref(path->alpha), q = mpq_denref(path->beta);
  return (schedule_values){.unit = product(s, p, q),
                           .alpha = product(s, mpq_numref(path->alpha), q),
                           .beta = product(s, mpq_numref(path->beta), p)};
}

typedef struct {
  schedule_values (*values)(iv_scope *s, const schedule_path *path);
  bool on_circle;
} schedule_row;

static const schedule_row rows[] = {
    [ASSAY_LINEAR] = {.values = linear, .on_circle = false},
    [ASSAY_TRIGONOMETRIC] = {.values = trigonometric, .on_circle = true},
    [ASSAY_COEFFICIENTS] = {.values = coefficients, .on_circle = false},
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

assay_status schedule_path_init(schedule_path *out, const assay_path_point *point, assay_context *context) {
  if ((size_t)point->schedule >= sizeof rows / sizeof *rows)
    return assay_fail(context, ASSAY_INVALID, "schedule: unknown code %d", (int)point->schedule);
  schedule_path path = {.schedule = point->schedule};
  mpq_inits(path.time, path.alpha, path.beta, (mpq_ptr)NULL);
  assay_status status = point->schedule == ASSAY_COEFFICIENTS ? read_coefficients(&path, point, context)
                                                              : read_time(&path, point, context);
  if (status) {
    schedule_path_clear(&path);
    return status;
  }
  *out = path;
  return ASSAY_OK;
}

void schedule_path_clear(schedule_path *path) { mpq_clears(path->time, path->alpha, path->beta, (mpq_ptr)NULL); }

schedule_values schedule_scaled_at(iv_scope *s, const schedule_path *path) {
  return rows[path->schedule].values(s, path);
}

schedule_values schedule_at(iv_scope *s, const schedule_path *path) {
  schedule_values v = schedule_scaled_at(s, path);
  v.alpha = iv_div(s, v.alpha, v.unit);
  v.beta = iv_div(s, v.beta, v.unit);
  v.unit = iv_ui(s, 1);
  return v;
}

bool schedule_on_circle(assay_schedule schedule) { return rows[schedule].on_circle; }

bool schedule_at_noise(const schedule_path *path) {
  return !mpq_sgn(path->schedule == ASSAY_COEFFICIENTS ? path->beta : path->time);
}
