/* What isotropic mixtures need of a path point: every constant against its formula in docs/fast-field-bound.md (S1 to
 * S7), evaluated in long double; and the errors of log-weights (S4) term by term. */
#include "fast/core/field_plan.h"

#include "fast/core/field_output.h"

#include "testing.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 4, WIDEST = 150 };

static const long double U = 0x1p-53L, INFLATE = 1 + 0x1p-18L, FLOOR = 0x1p-1000L, TAU = 0x1p-1074L;

typedef struct {
  assay_component components[MOST];
  assay_mixture mixture;
  assay_path_point point;
  assay_quantity quantity;
  field_plan plan;
  double means[MOST][WIDEST];
} problem;

static void check_bound(const char *what, double got, long double formula, size_t number) {
  test_check(fabsl(got - formula) <= 0x1p-40L * formula + 4 * TAU, "case %zu, %s: %a, the formula gives %La", number,
             what, got, formula);
}

/* Its radius covers what the value is off by, and is that of a few roundings of it. */
static void check_ball(const char *what, ball got, long double value, size_t number) {
  test_check(fabsl(got.value - value) <= got.error + 0x1p-60L * fabsl(value) && got.error <= 64 * U * fabsl(value),
             "case %zu, %s: %a with radius %a, the formula gives %La", number, what, got.value, got.error, value);
}

/* Numbers with few digits, so that long double holds what strings say: a string that is not a double, or a double. */
static assay_real real_of(test_random *random, bool wide) {
  static const char *const texts[] = {"0.1", "1/3", "0.7", "2/7", "0.9", "5/11"};
  static const double nearest[] = {0.1, 1.0 / 3, 0.7, 2.0 / 7, 0.9, 5.0 / 11};
  size_t which = test_integer(random, 0, 5);
  if (test_bits(random) % 2) return assay_real_of(wide ? test_log_uniform(random, 0x1p-6, 0x1p6) : nearest[which]);
  return (assay_real){nearest[which], texts[which]};
}

static long double exactly(assay_real real) {
  if (!real.exact) return real.nearest;
  char *end = NULL;
  long double value = strtold(real.exact, &end);
  return *end == '/' ? value / strtold(end + 1, NULL) : value;
}

static void draw_point(problem *p, test_random *random) {
  static const assay_quantity quantities[] = {ASSAY_SCORE,    ASSAY_NOISE,      ASSAY_DENOISER,
                                              ASSAY_VELOCITY, ASSAY_DIVERGENCE, ASSAY_LOG_DENSITY};
  p->quantity = quantities[test_integer(random, 0, 5)];
  p->point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), real_of(random, false));
  size_t end = test_integer(random, 0, 15);
  if (end <= 1) p->point.time = assay_real_of((double)end);
}

static void draw(problem *p, test_random *random) {
  *p = (problem){.mixture = {test_integer(random, 0, 3) ? test_integer(random, 1, 9) : WIDEST,
                             test_integer(random, 1, MOST), NULL}};
  draw_point(p, random);
  bool equal = test_integer(random, 0, 3) == 0, close = test_bits(random) % 2;
  double size = test_integer(random, 0, 7) ? test_log_uniform(random, 0x1p-8, 0x1p8) : 0;
  for (size_t k = 0; k < p->mixture.count; k++) {
    assay_component *c = &p->components[k];
    c->weight = real_of(random, true);
    c->covariance.variance =
        equal && k   ? p->components[0].covariance.variance
        : close && k ? assay_real_of(p->components[0].covariance.variance.nearest * test_uniform(random, 0.6, 1.5))
                     : real_of(random, true);
    for (size_t j = 0; j < p->mixture.dimension; j++) p->means[k][j] = size * (1 + test_normal(random));
  }
}

/* Pointers stay inside the problem. */
static void make(problem *p) {
  assay_context context;
  assay_context_init(&context);
  p->mixture.components = p->components;
  for (size_t k = 0; k < p->mixture.count; k++) p->components[k].mean = p->means[k];
  assert_int_equal(field_plan_init(&p->plan, p->quantity, &p->mixture, &p->point, &context), ASSAY_OK);
}

typedef struct {
  long double alpha, beta, v[MOST], s[MOST], v0, tau, keep, a[MOST];
  size_t widest;
} exact;

/* Linear: alpha = 1 - t, beta = t, and the table of S1. */
static exact exact_of(const problem *p) {
  long double t = exactly(p->point.time);
  exact e = {.alpha = 1 - t, .beta = t};
  for (size_t k = 0; k < p->mixture.count; k++) {
    e.s[k] = exactly(p->components[k].covariance.variance);
    e.v[k] = e.alpha * e.alpha + t * t * e.s[k];
    if (e.s[k] > e.s[e.widest]) e.widest = k;
  }
  e.v0 = e.v[e.widest];
  bool score = p->quantity == ASSAY_SCORE, noise = p->quantity == ASSAY_NOISE, data = p->quantity == ASSAY_DENOISER;
  bool flow = p->quantity == ASSAY_VELOCITY || p->quantity == ASSAY_DIVERGENCE;
  e.tau = score ? e.beta : noise ? -e.alpha * e.beta : data ? e.alpha * e.alpha : flow ? e.alpha : 0;
  e.keep = data || flow;
  for (size_t k = 0; k < p->mixture.count; k++) {
    long double parts = score ? -1 : noise ? e.alpha : data ? e.beta * e.s[k] : flow ? e.beta * e.s[k] - e.alpha : 0;
    e.a[k] = parts / e.v[k];
  }
  return e;
}

static long double norm_of(const double *row, size_t d, bool largest) {
  long double sum = 0, top = 0;
  for (size_t j = 0; j < d; j++) {
    sum += (long double)row[j] * row[j];
    top = fmaxl(top, fabsl(row[j]));
  }
  return largest ? top : sqrtl(sum);
}

/* From above, and by little more than gamma: a sum of squares in eight lanes has d/8 + 4 roundings. */
static void check_norm(const char *what, const problem *p, double got, const double *row, size_t number) {
  size_t d = p->mixture.dimension;
  long double norm = norm_of(row, d, false), mine = norm * (1 + p->plan.gamma_d) + 0x1p-500L;
  long double roundings = ((long double)d / 16 + 6) * U * norm;
  test_check(got >= norm && fabsl(got - mine) <= roundings + 0x1p-530L, "case %zu, %s: %a, the formula gives %La",
             number, what, got, mine);
}

/* ---- S2 ---- */

static void check_means(const problem *p, size_t number) {
  const field_plan *plan = &p->plan;
  size_t d = p->mixture.dimension;
  for (size_t j = 0; j < d; j++) {
    double low = INFINITY, high = -INFINITY;
    for (size_t k = 0; k < p->mixture.count; k++) {
      low = fmin(low, p->means[k][j]);
      high = fmax(high, p->means[k][j]);
    }
    assert_true(plan->centre[j] == (low + high) / 2 && plan->shift[j] == plan->at.beta.value * plan->centre[j]);
    for (size_t k = 0; k <= p->mixture.count; k++) {
      double mean = k < p->mixture.count ? p->means[k][j] : plan->centre[j];
      assert_true(field_anchor_mean(plan, k)[j] == mean && field_centred(plan, k)[j] == mean - plan->centre[j]);
    }
  }
  for (size_t k = 0; k <= p->mixture.count; k++) {
    const field_component *c = &plan->components[k];
    const double *mean = field_anchor_mean(plan, k), *centred = field_centred(plan, k);
    check_norm("norm of a mean", p, c->mean_norm, mean, number);
    check_norm("norm of a centred mean", p, c->centred_norm, centred, number);
    assert_true(c->mean_size == (plan->scalar ? c->mean_norm : (double)norm_of(mean, d, true)));
    assert_true(c->centred_size == (plan->scalar ? c->centred_norm : (double)norm_of(centred, d, true)));
  }
}

static long double gamma_of(long double n) { return n * U / (1 - n * U); }

static void check_errors(const problem *p, size_t number) {
  const field_plan *plan = &p->plan;
  ball beta = plan->at.beta;
  long double d = p->mixture.dimension, k = p->mixture.count, widest = 0, largest = 0, off = 0;
  long double rounding = beta.value == 0 || beta.value == 1 ? 0 : U * beta.value;
  for (size_t i = 0; i < p->mixture.count; i++) {
    widest = fmaxl(widest, plan->components[i].weight);
    largest = fmaxl(largest, plan->components[i].centred_size);
  }
  check_bound("gamma_d", plan->gamma_d, gamma_of(d + 4), number);
  check_bound("gamma_k", plan->gamma_k, gamma_of(2 * k + 10), number);
  check_bound("beta's error", plan->beta_error, beta.error + rounding, number);
  check_bound("shift's error", plan->shift_error,
              INFLATE * plan->beta_error * plan->components[p->mixture.count].mean_norm + sqrtl(d) * 0x1p-1070L,
              number);
  test_check(fabsl(plan->tiny_sum - 8 * k * TAU * (1 + widest) * (1 + 2 * largest)) <= TAU * (2 + 2 * largest),
             "case %zu: tiny sum %a", number, plan->tiny_sum); /* the first products are rounded to a multiple of tau */
  for (size_t i = 0; i < p->mixture.count; i++) {
    const field_component *c = &plan->components[i];
    const double square = 0.25 + (double)number;
    long double moved = plan->beta_error * (long double)c->mean_norm + 0x1p-500L;
    check_bound("error of a square", field_square_error(plan, i, square),
                INFLATE * (square * (long double)plan->gamma_d + 2.1L * moved * sqrtl(square) + 1.1L * moved * moved),
                number);
    check_bound("error of a tiny square", field_square_error(plan, i, 0x1p-990),
                INFLATE * (0x1p-990L * plan->gamma_d + 2.1L * moved * 0x1p-495L + 1.1L * moved * moved), number);
    check_bound("error of the square 0", field_square_error(plan, i, 0), INFLATE * 1.1L * moved * moved, number);
    off = fmaxl(off, c->weight == 1 ? 0 : 1);
  }
  test_check(off == 0 ? plan->weight_error <= 16 * U : plan->weight_error > 0 && plan->weight_error <= 64 * U,
             "case %zu: error of the weights %a", number, plan->weight_error);
}

/* ---- S1, S6 ---- */

static void check_coefficients(const problem *p, const exact *e, size_t number) {
  const field_plan *plan = &p->plan;
  bool flow = p->quantity == ASSAY_VELOCITY || p->quantity == ASSAY_DIVERGENCE;
  assert_true(plan->scalar == (p->quantity == ASSAY_DIVERGENCE || p->quantity == ASSAY_LOG_DENSITY));
  check_ball("keep", plan->keep, e->keep, number);
  check_ball("gain", plan->gain, e->tau / e->v0, number);
  check_ball("spread", plan->spread, e->beta * e->tau / (e->v0 * e->v0), number);
  assert_true(plan->posterior_free == (!plan->scalar && e->tau == 0));
  for (size_t k = 0; k < p->mixture.count; k++) {
    const field_component *c = &plan->components[k];
    long double v = e->v[k];
    check_ball("1/(2 v)", c->half_precision, 1 / (2 * v), number);
    check_ball("variance", c->variance, e->s[k], number);
    check_ball("lean", c->lean, e->beta / v, number);
    check_ball("tilt", c->tilt, e->beta * e->tau / (e->v0 * v), number);
    check_ball("weight", ball_make(c->weight, plan->weight_error * c->weight), e->v0 / v, number);
    long double parts = flow ? (e->beta * e->s[k] + e->alpha) / v : fabsl(e->a[k]); /* these cancel */
    test_check(fabsl(c->slope_out.value - e->a[k]) <= c->slope_out.error + 0x1p-60L * parts &&
                   c->slope_out.error <= 64 * U * parts,
               "case %zu: slope %a with radius %a, the formula gives %La", number, c->slope_out.value,
               c->slope_out.error, e->a[k]);
    if (p->quantity == ASSAY_LOG_DENSITY) {
      long double sum = 0, d = p->mixture.dimension, pi = 0x3.243f6a8885a308d3p0L;
      for (size_t i = 0; i < p->mixture.count; i++) sum += exactly(p->components[i].weight);
      long double share = logl(exactly(p->components[k].weight) / sum), logarithm = logl(2 * pi * v);
      ball base = plan->log_density_base[k];
      test_check(fabsl(base.value - (share - d / 2 * logarithm)) <= base.error + 0x1p-58L * d &&
                     base.error <= 16 * U * (fabsl(share) + d * (4 + fabsl(logarithm))),
                 "case %zu: log-density's base %a, radius %a", number, base.value, base.error);
    }
  }
}

/* ---- S3 to S5 ---- */

/* log(v/v_0), of the difference where that is smaller; the radii are those of balls */
static ball log_ratio(ball v, ball v0, ball difference) {
  return v.value / v0.value > 0.5 ? ball_log1p(ball_div(difference, v0)) : ball_log(ball_div(v, v0));
}

static void check_log_weight(const problem *p, const exact *e, size_t k, size_t number) {
  const field_plan *plan = &p->plan;
  const field_component *c = &plan->components[k];
  long double d = p->mixture.dimension, unit = gamma_of(d + 4) + 4 * U, norm = c->centred_norm,
              shift = plan->shift_error;
  ball s2 = c->variance, w2 = plan->components[e->widest].variance, beta2 = ball_sqr(plan->at.beta);
  ball v = ball_add(plan->at.alpha_square, ball_mul(beta2, s2)),
       v0 = ball_add(plan->at.alpha_square, ball_mul(beta2, w2));
  bool same = plan->equal || k == e->widest;
  ball difference = same ? ball_exact(0) : ball_mul(beta2, ball_sub(s2, w2));
  ball log_weight = ball_log(ball_real(p->components[k].weight));
  ball direct = ball_sub(log_weight, ball_scale(log_ratio(v, v0, difference), 0.5 * (double)d));
  assert_true(c->direct_base == direct.value);
  check_bound("direct error", c->direct_error, direct.error + 4 * U * fabsl(direct.value), number);
  double square = plan->rows->squares(field_centred(plan, k), p->mixture.dimension);
  ball mean_square = ball_make(square, ball_up(ball_up(square * plan->gamma_d) + (double)d * BALL_TINY));
  ball base = ball_sub(direct, ball_mul(ball_mul(beta2, c->half_precision), mean_square));
  ball bend = ball_div(ball_mul(ball_neg(difference), c->half_precision), v0);
  assert_true(c->base == base.value && c->slope == c->lean.value && c->bend == bend.value);
  long double s = fabsl(c->lean.value) + c->lean.error, b = fabsl(bend.value) + bend.error;
  check_bound("error0", c->error0,
              INFLATE * (base.error + 3 * U * fabsl(base.value) + 1.1L * s * shift * norm + s * d * TAU +
                         1.2L * b * (shift * shift + d * TAU) + FLOOR),
              number);
  check_bound("error1", c->error1,
              INFLATE * (norm * (fabsl(c->slope) * unit + 1.1L * c->lean.error) + 2.3L * b * shift + FLOOR), number);
  check_bound("error2", c->error2, INFLATE * (fabsl(bend.value) * unit + 1.1L * bend.error), number);
  long double exact_direct = logl(exactly(p->components[k].weight)) - d / 2 * logl(e->v[k] / e->v0);
  long double exact_base = exact_direct - e->beta * e->beta * norm_of(field_centred(plan, k), p->mixture.dimension, 0) *
                                              norm_of(field_centred(plan, k), p->mixture.dimension, 0) / (2 * e->v[k]);
  long double exact_bend = e->beta * e->beta * (e->s[e->widest] - e->s[k]) / (2 * e->v[k] * e->v0);
  long double tiny = 0x1p-59L * d * (1 + fabsl(exact_base));
  test_check(fabsl(c->direct_base - exact_direct) <= direct.error + tiny, "case %zu: direct base %a", number,
             c->direct_base);
  test_check(fabsl(c->base - exact_base) <= base.error + tiny, "case %zu: base %a, not %La", number, c->base,
             exact_base);
  test_check(fabsl(c->bend - exact_bend) <= bend.error + 0x1p-58L * exact_bend, "case %zu: bend %a, not %La", number,
             c->bend, exact_bend);
}

static void the_formulas(void **state) {
  (void)state;
  test_random random = test_random_new(0x510);
  for (size_t number = 0; number < test_cases(1500); number++) {
    problem p;
    draw(&p, &random);
    make(&p);
    exact e = exact_of(&p);
    check_means(&p, number);
    check_errors(&p, number);
    check_coefficients(&p, &e, number);
    for (size_t k = 0; k < p.mixture.count; k++) check_log_weight(&p, &e, k, number);
    field_plan_clear(&p.plan);
  }
}

/* Equal variances are those of the same text and the same double, in all components and none beyond. */
static void equal_variances(void **state) {
  (void)state;
  static const char first[] = "0.1", second[] = "0.1", other[] = "0.10000000000000001";
  const assay_real same[][2] = {
      {{0.1, NULL}, {0.1, NULL}}, {{0.1, first}, {0.1, first}}, {{0.1, first}, {0.1, second}}};
  const assay_real differing[][2] = {{{0.1, first}, {0.1, NULL}},
                                     {{0.1, NULL}, {0.1, first}},
                                     {{0.1, first}, {0.1, other}},
                                     {{0.1, other}, {0.1, first}},
                                     {{0.1, NULL}, {0.2, NULL}}};
  for (size_t i = 0; i < 8; i++)
    for (size_t last = 1; last < MOST; last++) {
      problem p = {.mixture = {2, last + 1, NULL}, .quantity = ASSAY_SCORE};
      const assay_real *pair = i < 3 ? same[i] : differing[i - 3];
      p.point = assay_path_point_of(assay_real_of(1), assay_real_of(1));
      for (size_t k = 0; k < MOST; k++) {
        p.components[k].weight = assay_real_of(1);
        p.components[k].covariance.variance = k < last ? pair[0] : k == last ? pair[1] : assay_real_of(3);
      }
      make(&p);
      test_check(p.plan.equal == (i < 3), "pair %zu, component %zu", i, last);
      assert_true(p.plan.components[last + 1].variance.value == 0); /* the centre */
      field_plan_clear(&p.plan);
    }
}

/* Means of 0 and weights of 1: what underflows is all there is; much magnified where variances are small. */
static void underflow_counts(void **state) {
  (void)state;
  for (size_t count = 1; count <= 2; count++) {
    problem p = {.mixture = {3, count, NULL}, .quantity = ASSAY_SCORE};
    exact e = {.beta = 1, .widest = count - 1};
    p.point = assay_path_point_of(assay_real_of(0), assay_real_of(1));
    for (size_t k = 0; k < count; k++) {
      p.components[k].weight = assay_real_of(1);
      p.components[k].covariance.variance = assay_real_of(count == 1 ? 1 : k ? 0x1.8p-480 : 0x1p-480);
      e.v0 = e.v[k] = e.s[k] = p.components[k].covariance.variance.nearest;
    }
    make(&p);
    for (size_t k = 0; k < count; k++) check_log_weight(&p, &e, k, k);
    field_plan_clear(&p.plan);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_formulas), cmocka_unit_test(equal_variances),
                                     cmocka_unit_test(underflow_counts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
