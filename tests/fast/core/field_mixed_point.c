/* The bounds of one point of a mixture of any covariances against their formulas in docs/fast-field-bound.md (M3, M4,
 * M7 to M9), evaluated in long double from the constants of the components, which are drawn: each term is the largest
 * somewhere. At least what the formula says, but for roundings, and no more than a few inflations above it. */
#include "fast/core/field_mixed.h"

#include "testing.h"

#include <assay/fast.h>

#include <math.h>

enum { COMPONENTS = 3, DIMENSION = 4, PADDED = 8 };

static const long double U = 0x1p-53L;

static void check(const char *what, double got, long double formula, size_t number) {
  test_check(got >= formula * (1 - 0x1p-25L) && got <= formula * (1 + 0x1p-15L) + 0x1p-990L,
             "case %zu, %s: %a, the formula gives %La", number, what, got, formula);
}

/* From `least` to 1, or 0. */
static double any(double least, test_random *random) {
  return test_integer(random, 0, 3) ? exp2(test_uniform(random, log2(least), 0)) : 0.0;
}

typedef struct {
  field_metric components[COMPONENTS];
  field_mixed_plan plan;
  double size[COMPONENTS], delta[COMPONENTS], share[PADDED], doubt[PADDED];
  double weights[PADDED], errors[PADDED], squares[COMPONENTS], y_sizes[COMPONENTS];
  field_mixed_point point;
} problem;

static void set_up(problem *p, bool scalar, test_random *random) {
  *p = (problem){.plan = {.dimension = DIMENSION, .count = COMPONENTS, .usable = true}};
  double error = exp2(test_uniform(random, -52, -4)); /* of all about the same size, or less */
  p->plan.rows = field_rows_for(ASSAY_ISA_SSE2);
  p->plan.setting.scalar = scalar;
  p->plan.setting.output.keep =
      ball_make(test_integer(random, 0, 2) ? test_normal(random) : 0.0, error * any(0x1p-8, random));
  p->plan.slant = ball_make(test_normal(random), error * any(0x1p-8, random));
  p->plan.constant = ball_make(8 * test_normal(random), error * any(0x1p-8, random));
  p->plan.gamma_lanes = error * any(0x1p-8, random);
  p->plan.gamma_share = error * any(0x1p-8, random);
  p->plan.gamma_count = error * any(0x1p-8, random);
  for (size_t k = 0; k < COMPONENTS; k++) {
    p->components[k] = (field_metric){.full = test_bits(random) % 2,
                                      .base = 4 * test_normal(random),
                                      .base_error = error * any(0x1p-8, random),
                                      .relative = error * any(0x1p-8, random),
                                      .fixed = error * any(0x1p-8, random),
                                      .fixed_largest = error * any(0x1p-8, random),
                                      .stray = error * any(0x1p-8, random),
                                      .defect = error * any(0x1p-8, random),
                                      .output = any(0x1p-8, random),
                                      .output_error = error * any(0x1p-8, random),
                                      .output_rounding = error * any(0x1p-8, random),
                                      .inverse = any(0x1p-8, random),
                                      .inverse_error = error * any(0x1p-8, random),
                                      .mean_size = any(0x1p-8, random),
                                      .centred_size = any(0x1p-8, random),
                                      .trace = ball_make(test_normal(random), error * any(0x1p-8, random))};
    p->squares[k] = 4 * any(0x1p-8, random);
    p->y_sizes[k] = any(0x1p-8, random);
  }
}

/* What the tile loop does before outputs; pointers stay inside the problem. */
static void weigh(problem *p) {
  p->plan.components = p->components;
  p->point.size = p->size;
  p->point.delta = p->delta;
  p->point.posterior =
      (field_posterior){.share = p->share, .doubt = p->doubt, .weights = p->weights, .errors = p->errors};
  for (size_t k = 0; k < COMPONENTS; k++) field_mixed_log_weight(&p->point, &p->plan, k, p->squares[k], p->y_sizes[k]);
  field_mixed_weigh(&p->point, &p->plan);
}

static long double upper(ball b) { return fabsl(b.value) + b.error; }

/* |z| + delta with what I + E makes of it */
static long double reach(const problem *p, size_t k) {
  return (1 + (long double)p->components[k].defect) * ((long double)p->size[k] + p->delta[k]);
}

static long double inverse_size(const problem *p, size_t k) { return p->components[k].inverse * reach(p, k); }

static long double output_size(const problem *p, size_t k, double mean) {
  const field_metric *c = &p->components[k];
  return ((long double)c->output + c->output_error) * reach(p, k) + upper(p->plan.setting.output.keep) * mean;
}

/* ---- M3 ---- */

static void log_weights(void **state) {
  (void)state;
  test_random random = test_random_new(0x301);
  for (size_t number = 0; number < test_cases(300); number++) {
    problem p;
    set_up(&p, true, &random);
    weigh(&p);
    for (size_t k = 0; k < COMPONENTS; k++) {
      const field_metric *c = &p.components[k];
      long double size = sqrtl(p.squares[k]) + 0x1p-500L, square = p.squares[k];
      long double delta = c->relative * size + c->fixed + c->stray * (long double)p.y_sizes[k];
      long double off =
          p.plan.gamma_lanes * square + 2 * size * delta + delta * delta + c->defect * (size + delta) * (size + delta);
      check("size", p.size[k], size, number);
      check("delta", p.delta[k], delta, number);
      check("error of the log-weight", p.errors[k], c->base_error + off / 2 + U * (fabsl(c->base) + square), number);
      test_check(p.weights[k] == c->base - p.squares[k] / 2, "case %zu: log-weight %a", number, p.weights[k]);
    }
  }
}

static void log_density(void **state) {
  (void)state;
  test_random random = test_random_new(0x302);
  for (size_t number = 0; number < test_cases(300); number++) {
    problem p;
    set_up(&p, true, &random);
    weigh(&p);
    const field_posterior *posterior = &p.point.posterior;
    double out = 0, bound = field_mixed_log_density(&out, &p.point, &p.plan);
    long double leading = p.weights[posterior->leader], constant = p.plan.constant.value,
                others = log1pl(posterior->rest);
    test_check(fabsl(out - (leading + constant + others)) <= 4 * U * (fabsl(leading) + fabsl(constant) + others),
               "case %zu: %a", number, out);
    check("log-density", bound,
          p.errors[posterior->leader] + p.plan.constant.error + posterior->log_doubt +
              2 * p.plan.gamma_share * (long double)posterior->rest / posterior->sum +
              U * (2 * fabsl(leading + constant) + 6 * others),
          number);
  }
}

/* ---- M4, M7 ---- */

static long double wide_sensitivity(const problem *p) {
  const field_posterior *posterior = &p->point.posterior;
  long double out = 0, inverse = 0, doubt = posterior->total_doubt;
  for (size_t k = 0; k < COMPONENTS; k++) {
    out += (p->doubt[k] + doubt * p->share[k]) * output_size(p, k, p->components[k].centred_size);
    inverse += (p->doubt[k] + doubt * p->share[k]) * inverse_size(p, k);
  }
  return posterior->stretch * fminl(out, upper(p->plan.slant) * inverse);
}

static long double wide_error(const problem *p, size_t k, double largest) {
  const field_metric *c = &p->components[k];
  ball keep = p->plan.setting.output.keep;
  long double z = c->full ? p->size[k] : largest;
  long double delta = c->full ? p->delta[k] : c->relative * (long double)largest + c->fixed_largest;
  long double whole = (1 + (long double)c->defect) * (z + delta);
  long double off = c->output * (delta + c->defect * (z + delta) + c->output_rounding * z) + c->output_error * whole +
                    (keep.error + 2 * U * fabsl(keep.value)) * c->mean_size;
  long double size = ((long double)c->output + c->output_error) * whole + upper(keep) * c->mean_size;
  return p->share[k] * (off + p->plan.gamma_share * size);
}

static void wide_bounds(void **state) {
  (void)state;
  test_random random = test_random_new(0x303);
  for (size_t number = 0; number < test_cases(400); number++) {
    problem p;
    double out[DIMENSION] = {1, -2, 0, 3};
    set_up(&p, false, &random);
    weigh(&p);
    long double error = 0;
    for (size_t k = 0; k < COMPONENTS; k++) {
      double largest = p.size[k] * test_uniform(&random, 0.5, 1);
      double square = largest * largest;
      field_mixed_add(&p.point, 1, &p.plan, k, &square);
      error += wide_error(&p, k, largest);
    }
    check("sensitivity", p.point.sensitivity, wide_sensitivity(&p), number);
    check("wide bound", field_mixed_wide_bound(&p.point, &p.plan, out), error + wide_sensitivity(&p), number);
    out[number % DIMENSION] = number % 2 ? NAN : INFINITY;
    assert_true(isinf(field_mixed_wide_bound(&p.point, &p.plan, out)));
    out[number % DIMENSION] = 1;
    p.plan.usable = false;
    assert_true(isinf(field_mixed_wide_bound(&p.point, &p.plan, out)));
  }
}

/* A share that underflowed is off by up to 2^-1074, times what it multiplies. */
static void lost_shares_count(void **state) {
  (void)state;
  test_random random = test_random_new(0x305);
  problem p;
  set_up(&p, false, &random);
  p.plan.setting.output.keep = ball_exact(1);
  p.components[0].mean_size = 0x1p900;
  weigh(&p);
  const double square = 1;
  p.share[0] = 0x1p-1074;
  p.point.error = 0;
  field_mixed_add(&p.point, 1, &p.plan, 0, &square);
  test_check(p.point.error >= 0x1p-174 && p.point.error <= 0x1p-110, "error %a", p.point.error);
}

/* ---- M8, M9 ---- */

typedef struct {
  long double weight, g[DIMENSION], h[DIMENSION], g_error, h_error, g_size, h_size;
  long double square, square_error, cross, cross_error, trace, trace_error;
} sums;

static long double step_error(const problem *p, long double old, long double term, long double part, long double moved,
                              long double size) {
  return (1 - part) * old + part * (term + moved * (p->plan.gamma_count + 4 * U)) + U * size;
}

static void add(sums *s, const problem *p, size_t k, const double *g, const double *h) {
  const field_metric *c = &p->components[k];
  ball keep = p->plan.setting.output.keep;
  long double share = p->share[k], after = s->weight + share, part = share / after, gamma = p->plan.gamma_count;
  long double gg = 0, hh = 0, gh = 0, size = p->size[k], delta = p->delta[k];
  for (size_t j = 0; j < DIMENSION; j++) {
    long double dg = g[j] - s->g[j], dh = h[j] - s->h[j];
    gg += dg * dg, hh += dh * dh, gh += dg * dh;
    s->g[j] += part * dg, s->h[j] += part * dh;
  }
  long double moved = delta + c->defect * (size + delta), dg = sqrtl(gg), dh = sqrtl(hh);
  long double off_g = c->inverse * (moved + c->inverse_error * reach(p, k));
  long double off_h = c->output * (moved + c->output_rounding * size) + c->output_error * reach(p, k) +
                      (keep.error + 2 * U * fabsl(keep.value)) * c->mean_size;
  long double g_off = off_g + s->g_error + U * dg, h_off = off_h + s->h_error + U * dh;
  long double factor = share * (s->weight / after), lanes = p->plan.gamma_lanes;
  s->square += factor * gg;
  s->square_error += factor * (lanes * gg + 2 * dg * g_off + g_off * g_off);
  s->cross += factor * gh;
  s->cross_error += factor * ((lanes + gamma) * dg * dh + dg * h_off + dh * g_off + g_off * h_off);
  s->g_size = (1 - part) * s->g_size + part * inverse_size(p, k);
  s->h_size = (1 - part) * s->h_size + part * output_size(p, k, c->mean_size);
  s->g_error = step_error(p, s->g_error, off_g, part, dg, s->g_size);
  s->h_error = step_error(p, s->h_error, off_h, part, dh, s->h_size);
  s->weight = after;
  s->trace += share * c->trace.value;
  s->trace_error += share * (c->trace.error + gamma * fabsl(c->trace.value));
}

static long double scalar_sensitivity(const problem *p) {
  const field_posterior *posterior = &p->point.posterior;
  ball own = p->components[posterior->leader].trace;
  long double g_mean = 0, h_mean = 0, of_trace = 0, of_spread = 0, spread = 0, doubt = posterior->total_doubt;
  for (size_t k = 0; k < COMPONENTS; k++) {
    ball trace = p->components[k].trace;
    long double gap = fabsl((long double)trace.value - own.value) + trace.error + own.error;
    g_mean += p->share[k] * inverse_size(p, k);
    h_mean += p->share[k] * output_size(p, k, p->components[k].centred_size);
    of_trace += (p->doubt[k] + doubt * p->share[k]) * gap;
  }
  for (size_t k = 0; k < COMPONENTS; k++) {
    long double g = inverse_size(p, k) + g_mean, h = output_size(p, k, p->components[k].centred_size) + h_mean;
    long double product = fminl(upper(p->plan.slant) * g, h) * g;
    spread += p->share[k] * product;
    of_spread += p->doubt[k] * product;
  }
  long double stretch = posterior->stretch;
  return stretch * of_trace + stretch * (of_spread + doubt * spread) * (1 + stretch * doubt);
}

static void check_sums(const problem *p, const sums *s, size_t number) {
  const field_mixed_point *point = &p->point;
  check("error of the mean g", point->mean_g_error, s->g_error, number);
  check("error of the mean h", point->mean_h_error, s->h_error, number);
  check("size of the mean g", point->mean_g_size, s->g_size, number);
  check("size of the mean h", point->mean_h_size, s->h_size, number);
  check("error of the square", point->square_error, s->square_error, number);
  check("error of the product", point->cross_error, s->cross_error, number);
  check("error of the trace", point->trace_error, s->trace_error, number);
}

static void divergences(void **state) {
  (void)state;
  test_random random = test_random_new(0x304);
  size_t by_square = 0, by_product = 0;
  for (size_t number = 0; number < test_cases(400); number++) {
    problem p;
    double g[DIMENSION], h[DIMENSION], mean_g[DIMENSION] = {0}, mean_h[DIMENSION] = {0};
    set_up(&p, true, &random);
    weigh(&p);
    sums s = {0};
    for (size_t k = 0; k < COMPONENTS; k++) {
      for (size_t j = 0; j < DIMENSION; j++) g[j] = test_normal(&random), h[j] = test_normal(&random);
      field_mixed_spread(&p.point, mean_g, mean_h, &p.plan, k, g, h);
      add(&s, &p, k, g, h);
    }
    check_sums(&p, &s, number);
    double out = 0, bound = field_mixed_divergence(&out, &p.point, &p.plan);
    long double slant = p.plan.slant.value, squared = -slant * s.square;
    long double error = fabsl(slant) * (s.square_error + p.plan.gamma_count * s.square) +
                        p.plan.slant.error * (s.square + s.square_error) + U * fabsl(squared);
    if (fabsl(error - s.cross_error) <= 0x1p-12L * error) continue; /* either may be taken */
    bool product = s.cross_error < error;
    by_square += !product, by_product += product;
    long double value = s.trace - (product ? s.cross : squared);
    test_check(fabsl(out - value) <= 0x1p-48L * (1 + fabsl(value)), "case %zu: %a, not %La", number, out, value);
    check("divergence", bound, fminl(error, s.cross_error) + s.trace_error + scalar_sensitivity(&p) + U * fabsl(value),
          number);
  }
  assert_true(by_square > 20 && by_product > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(log_weights), cmocka_unit_test(log_density),
                                     cmocka_unit_test(wide_bounds), cmocka_unit_test(lost_shares_count),
                                     cmocka_unit_test(divergences)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
