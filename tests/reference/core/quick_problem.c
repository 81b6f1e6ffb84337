/* Drawn plans of double-double fields, and shared formulas. */
#include "quick_problem.h"

#include <math.h>

void check_bound(const char *what, double got, long double formula, size_t number) {
  test_check(fabsl(got - formula) <= 0x1p-44L * formula, "case %zu, %s: %a, the formula gives %La", number, what, got,
             formula);
}

/* Long double has 64 bits, and sums have fewer than 2^7 parts. */
void check_value(const char *what, dd got, long double value, long double size, size_t number) {
  test_check(fabsl(of_pair(got) - value) <= 0x1p-57L * size, "case %zu, %s: %a + %a, the formula gives %La", number,
             what, got.high, got.low, value);
}

long double of_pair(dd value) { return (long double)value.high + value.low; }
long double pair_at(const double *high, const double *low, size_t j) { return (long double)high[j] + low[j]; }

/* ---- draws ---- */

/* From low to high, or 0. */
static double any(double low, double high, test_random *random) {
  return test_integer(random, 0, 4) ? test_log_uniform(random, low, high) : 0.0;
}

static dd pair_of(double high, test_random *random) { return (dd){high, high * 0x1p-54 * test_uniform(random, -1, 1)}; }

/* still: x and shifts are 0, and so are distances and pulls; nothing: whatever has a size is 0 */
typedef struct {
  double size, error, shift_error;
  bool still;
} scales;

static scales draw_scales(test_random *random) {
  size_t kind = test_integer(random, 0, 11);
  scales s = {1, any(0x1p-107, 0x1p-26, random), any(0x1p-107, 0.5, random), kind <= 2};
  if (kind == 0) s.size = s.error = 0;
  return s;
}

static void put(double *high, double *low, size_t j, dd value) {
  high[j] = value.high;
  low[j] = value.low;
}

static void draw_rows(component_rows *r, size_t d, size_t padded, scales s, test_random *random) {
  *r = (component_rows){0};
  double *rows = r->mean;
  for (size_t i = 0; i < sizeof *r / sizeof(double); i++)
    if (i % ROW >= padded) rows[i] = NAN;
  for (size_t j = 0; j < d; j++) {
    r->mean[j] = s.size * test_normal(random);
    put(r->variance_high, r->variance_low, j, pair_of(test_log_uniform(random, 0x1p-3, 2), random));
    put(r->shift_high, r->shift_low, j, pair_of(s.still ? 0 : test_normal(random), random));
    put(r->inverse_high, r->inverse_low, j, pair_of(test_log_uniform(random, 0x1p-3, 1), random));
    put(r->slope_high, r->slope_low, j, pair_of(s.size * test_normal(random), random));
    r->slope_size[j] = any(0x1p-8, 4, random);
  }
}

static void draw_component(problem *p, size_t k, scales s, test_random *random) {
  component_rows *r = &p->rows[k];
  draw_rows(r, p->plan.dimension, p->plan.padded, s, random);
  bool faint = test_integer(random, 0, 3) == 0;
  double weight = faint ? test_uniform(random, -200, -120) : s.size * test_normal(random);
  p->components[k] =
      (quick_component){.mean = r->mean,
                        .variance_high = r->variance_high,
                        .variance_low = r->variance_low,
                        .shift_high = r->shift_high,
                        .shift_low = r->shift_low,
                        .inverse_high = r->inverse_high,
                        .inverse_low = r->inverse_low,
                        .slope_high = r->slope_high,
                        .slope_low = r->slope_low,
                        .slope_size = r->slope_size,
                        .variance_exact = test_bits(random) % 2,
                        .shape = test_integer(random, 0, 2),
                        .log_weight = pair_of(weight, random),
                        .log_weight_error = s.error * any(0x1p-8, 1, random),
                        .shift_norm = s.error * any(0x1p-8, 1, random) / (s.shift_error > 0 ? s.shift_error : 1),
                        .mean_size = s.size * any(0x1p-4, 0x1p10, random),
                        .shift_size = s.size * any(0x1p-4, 0x1p10, random),
                        .variance_size = s.size * any(0x1p-4, 0x1p10, random),
                        .inverse_size = s.size * any(0x1p-4, 0x1p10, random),
                        .rate = pair_of(s.size * test_normal(random), random),
                        .rate_error = s.error * any(0x1p-8, 1, random)};
}

static dd scalar_of(test_random *random) {
  double sign = test_bits(random) % 2 ? 1 : -1;
  return pair_of(sign * any(0x1p-6, 0x1p6, random), random);
}

void problem_draw(problem *p, assay_quantity quantity, test_random *random) {
  scales s = draw_scales(random);
  size_t d = test_integer(random, 1, DIMENSIONS);
  *p = (problem){.plan = {.quantity = quantity,
                          .dimension = d,
                          .padded = (d + 7) / 8 * 8,
                          .count = test_integer(random, 1, COMPONENTS),
                          .beta = scalar_of(random),
                          .mean_factor = scalar_of(random),
                          .transfer = scalar_of(random),
                          .shift_error = s.shift_error,
                          .log_scale = pair_of(s.size * test_normal(random), random),
                          .log_scale_error = s.error * any(0x1p-8, 1, random)}};
  for (size_t k = 0; k < COMPONENTS; k++) draw_component(p, k, s, random);
  double *rows = p->rows[COMPONENTS].mean;
  for (size_t i = 0; i < sizeof *p->rows / sizeof(double); i++) rows[i] = NAN;
  for (size_t k = p->plan.count; k <= COMPONENTS; k++) { /* not its own */
    p->components[k] = p->components[0];
    p->components[k].log_weight = (dd){NAN, NAN};
  }
  for (size_t j = 0; j < ROW; j++) {
    p->zero[j] = test_bits(random) % 2;
    p->x[j] = j >= d ? 1e300 : s.still || test_integer(random, 0, 7) == 0 ? 0 : test_normal(random);
  }
}

void problem_evaluate(problem *p) {
  p->plan.component = p->components;
  p->plan.zero = p->zero;
  p->work = quick_work_new(&p->plan);
  assert_non_null(p->work);
  double other[ROW]; /* a point before it, of which nothing may be left */
  for (size_t j = 0; j < ROW; j++) other[j] = 3 - p->x[j];
  (void)quick_field(&p->values, p->work, &p->plan, other);
  p->taken = quick_field(&p->values, p->work, &p->plan, p->x);
}

void problem_clear(problem *p) { quick_work_free(p->work); }

/* ---- Q4 to Q6 ---- */

static long double distance_of(const problem *p, size_t k) {
  const component_rows *r = &p->rows[k];
  long double sum = 0;
  for (size_t j = 0; j < p->plan.dimension; j++) {
    long double u = p->x[j] - pair_at(r->shift_high, r->shift_low, j);
    sum += u * u * pair_at(r->inverse_high, r->inverse_low, j);
  }
  return sum;
}

static long double distance_error(const problem *p, size_t k, long double distance) {
  long double depth = 1 + (p->plan.padded > 8 ? 4 : 3); /* a block; halves of 8 or 16 coordinates */
  long double moved = (long double)p->plan.shift_error * p->components[k].shift_norm;
  return SLACK * ((55 + 3 * depth) * U2 * distance + moved * (2 * sqrtl(distance) + moved) + TINY);
}

static void weigh(posterior *at, const problem *p) {
  for (size_t k = 0; k < p->plan.count; k++) {
    const quick_component *c = &p->components[k];
    long double distance = distance_of(p, k);
    at->log_weight[k] = of_pair(c->log_weight) - distance / 2;
    at->error[k] = c->log_weight_error + distance_error(p, k, distance) / 2 + 4 * U2 * fabsl(at->log_weight[k]);
    if (at->log_weight[k] > at->log_weight[at->leader]) at->leader = k;
  }
}

posterior posterior_of(const problem *p) {
  posterior at = {.sum = 1};
  weigh(&at, p);
  long double doubt = 0;
  for (size_t k = 0; k < p->plan.count; k++) {
    if (k == at.leader) continue;
    long double d = at.log_weight[k] - at.log_weight[at.leader];
    long double off = SLACK * (at.error[k] + at.error[at.leader] + 4 * U2 * fabsl(d));
    at.counts[k] = d + off > -90;
    at.counting += at.counts[k];
    if (at.counts[k]) at.largest_off = fmaxl(at.largest_off, off);
    at.share[k] = at.counts[k] ? expl(d) : 0;
    at.share_error[k] = SLACK * (off + 0x1p-101L + 0x1p-104L * fabsl(d));
    at.sum += at.share[k];
    doubt += at.counts[k] ? at.share[k] * at.share_error[k] : 0x1p-129L;
  }
  at.sum_error = SLACK * (doubt + 4 * U2 * (at.counting + 1));
  for (size_t k = 0; k < p->plan.count; k++) {
    at.share[k] /= at.sum;
    at.share_error[k] = SLACK * (at.share_error[k] + at.sum_error + 16 * U2);
  }
  for (size_t j = 0; j < p->plan.dimension; j++) at.x_size = fmaxl(at.x_size, fabs(p->x[j]));
  return at;
}

/* ---- Q7, Q8 ---- */

long double pull_at(const problem *p, size_t leader, size_t j) {
  const component_rows *r = &p->rows[leader];
  return (p->x[j] - pair_at(r->shift_high, r->shift_low, j)) * pair_at(r->inverse_high, r->inverse_low, j);
}

long double pull_error_at(const problem *p, size_t leader, size_t j) {
  const component_rows *r = &p->rows[leader];
  return (long double)p->plan.shift_error * fabs(r->shift_high[j]) * r->inverse_high[j];
}

bracket bracket_at(const problem *p, size_t leader, size_t k, size_t j) {
  const component_rows *own = &p->rows[leader], *other = &p->rows[k];
  long double means = (long double)other->mean[j] - own->mean[j];
  if (p->components[k].shape == p->components[leader].shape) return (bracket){means, fabsl(means), 0};
  long double s_l = pair_at(own->variance_high, own->variance_low, j);
  long double s_k = pair_at(other->variance_high, other->variance_low, j);
  long double g = pull_at(p, leader, j), beta = of_pair(p->plan.beta);
  bool exact = p->components[k].variance_exact && p->components[leader].variance_exact;
  long double tilt = SLACK * fabsl(beta) * (fabsl(s_l - s_k) + (exact ? 0 : s_k + s_l));
  long double z = fabsl(means) + tilt * fabsl(g);
  return (bracket){means - beta * (s_l - s_k) * g, z, 90 * U2 * z + tilt * pull_error_at(p, leader, j)};
}

long double reach_of(const problem *p, const posterior *at, size_t k) {
  const quick_component *own = &p->components[at->leader], *other = &p->components[k];
  long double pull = own->inverse_size * (at->x_size + own->shift_size);
  long double bend = fabsl(of_pair(p->plan.beta)) * ((long double)other->variance_size + own->variance_size) * pull;
  return SLACK * other->inverse_size * ((long double)other->mean_size + own->mean_size + bend);
}
