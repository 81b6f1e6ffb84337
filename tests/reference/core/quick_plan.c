/* The plan of a double-double field: every number of it within what docs/quick-field-bound.md (Q1 to Q5, Q7, Q9) says
 * of the exact one, by intervals; and every error and size of it against its formula, in long double. */
#include "field_examples.h"

#include "reference/core/quick_field_point.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 4, DIMENSIONS = 11, BITS = 500 };

static const long double U2 = 0x1p-106L, SLACK = 1 + 0x1p-16L;

/* ---- draws ---- */

static assay_real any_real(test_random *random, double low, double high) {
  static const char *const texts[] = {"1/3", "22/7", "0.1", "100000000000000000000/3"};
  size_t which = test_integer(random, 0, 5);
  assay_real value = assay_real_of(test_log_uniform(random, low, high)), given;
  if (which > 3 || (which == 3 && high < 8)) return value; /* the last: no beta */
  assert_int_equal(assay_real_parse(&given, texts[which], true, "number", &example_context), ASSAY_OK);
  assert_int_equal(assay_real_copy(&value, given, &example_context), ASSAY_OK);
  return value;
}

/* wide: variances near both ends of the range, so that determinants overflow without care */
static void draw_component(assay_mixture *out, size_t k, bool wide, test_random *random) {
  assay_component *c = &out->components[k];
  double low = wide ? k % 2 ? 0x1p-118 : 0x1p117 : 0.125, high = wide ? 2 * low : 8, entries[DIMENSIONS];
  c->weight = any_real(random, 0x1p-10, 0x1p10);
  for (size_t j = 0; j < out->dimension; j++) {
    entries[j] = test_integer(random, 0, 7) ? test_log_uniform(random, low, high) : 1;
    c->mean[j] = test_integer(random, 0, 2) ? 4 * test_normal(random) : 0;
  }
  if (k > 0 && test_integer(random, 0, 2) == 0) { /* as the one before */
    const assay_covariance *last = &out->components[k - 1].covariance;
    if (last->kind == ASSAY_COVARIANCE_DIAGONAL) example_set_diagonal(out, k, last->kind, last->entries);
    assert_int_equal(assay_real_copy(&c->covariance.variance, last->variance, &example_context), ASSAY_OK);
    return;
  }
  c->covariance.variance = wide ? assay_real_of(low) : any_real(random, low, high);
  if (test_bits(random) % 2) example_set_diagonal(out, k, ASSAY_COVARIANCE_DIAGONAL, entries);
}

static assay_path_point draw_point(assay_quantity quantity, bool wide, test_random *random) {
  bool rates = quantity == ASSAY_VELOCITY || quantity == ASSAY_DIVERGENCE;
  static const double times[] = {0, 0x1p-30, 0.25, 0.3, 0.7, 1 - 0x1p-40, 1};
  double time = wide ? 1 : times[test_integer(random, 0, 6)];
  size_t which = wide ? 0 : test_integer(random, 0, rates ? 4 : 5);
  assay_real exact = time == 0.3 ? any_real(random, 0.01, 0.99) : assay_real_of(time);
  if (exact.nearest > 1) {
    assay_real_clear(&exact);
    exact = assay_real_of(time);
  }
  switch (which) {
  case 0:
    return assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), exact);
  case 1:
    return assay_path_point_at(assay_schedule_of(ASSAY_TRIGONOMETRIC), exact);
  case 2:
    return assay_path_point_at(assay_schedule_vp(assay_real_of(0.1), assay_real_of(20)), exact);
  case 3:
    return assay_path_point_at(assay_schedule_of(ASSAY_LINEAR_VP), exact);
  case 4:
    return assay_path_point_at(assay_schedule_polynomial(3), exact);
  default:
    assay_real_clear(&exact);
    return assay_path_point_of(assay_real_of(test_uniform(random, 0, 4)), any_real(random, 0.25, 4));
  }
}

/* ---- what is exact ---- */

static long double number(iv value) {
  mpfr_t middle;
  mpfr_init2(middle, BITS);
  mpfi_mid(middle, value);
  long double out = mpfr_get_ld(middle, MPFR_RNDN);
  mpfr_clear(middle);
  return out;
}

typedef struct {
  iv_scope *scope;
  iv alpha_square, beta, a, b, keep; /* F */
  bool excess;
} exact;

static exact exact_of(const field_problem *problem) {
  iv_scope *s = iv_scope_new(BITS);
  schedule_values at = schedule_at(s, &problem->path);
  exact e = {s, at.alpha_square, at.beta, iv_ui(s, 0), iv_si(s, -1), iv_ui(s, 0), false};
  if (problem->quantity == ASSAY_NOISE) e.b = at.alpha;
  if (problem->quantity == ASSAY_DENOISER) e.a = at.beta, e.b = iv_ui(s, 0), e.keep = iv_ui(s, 1);
  if (problem->quantity != ASSAY_VELOCITY && problem->quantity != ASSAY_DIVERGENCE) return e;
  assay_schedule_kind kind = problem->path.kind;
  e.a = iv_mul(s, at.beta_rate, at.beta);
  e.b = at.alpha_decay;
  e.keep = at.beta_rate;
  e.excess = kind == ASSAY_TRIGONOMETRIC || kind == ASSAY_VP || kind == ASSAY_LINEAR_VP;
  return e;
}

/* Within `units` u^2 of `size`; where that is left out, of itself. */
static void check_pair(const exact *e, const char *what, dd got, iv value, long double units, iv size,
                       size_t number_of) {
  iv_scope *s = e->scope;
  long double off = iv_magnitude_d(iv_sub(s, iv_sub(s, value, iv_d(s, got.high)), iv_d(s, got.low)));
  long double most = units * U2 * fabsl(number(size ? size : value));
  test_check(off <= most && got.high + got.low == got.high, "case %zu, %s: %a + %a is %La off, more than %La",
             number_of, what, got.high, got.low, off, most);
}

static void check_bound(const char *what, double got, long double formula, size_t number_of) {
  test_check(fabsl(got - formula) <= 0x1p-44L * formula, "case %zu, %s: %a, the formula gives %La", number_of, what,
             got, formula);
}

static bool is_double(iv_scope *s, iv value) { return iv_is_zero(iv_sub(s, value, iv_d(s, iv_mid_d(value)))); }

static void check_scalars(const quick_plan *plan, const exact *e, const field_problem *problem, size_t n) {
  iv_scope *s = e->scope;
  check_pair(e, "beta", plan->beta, e->beta, 4, NULL, n);
  check_pair(e, "a", plan->slope_variance, e->a, 4, NULL, n);
  if (!e->excess) check_pair(e, "b", plan->slope_unit, e->b, 4, NULL, n);
  check_pair(e, "F", plan->mean_factor, e->keep, 4, NULL, n);
  assert_true(plan->slope_excess == e->excess);
  check_bound("error of shifts", plan->shift_error, is_double(s, e->beta) ? 0 : 7 * U2, n);
  if (plan->quantity != ASSAY_LOG_DENSITY) return;
  mpfi_ptr total = iv_new(s);
  mpfi_set_q(total, problem->total_weight);
  iv circle = iv_log(s, iv_pow_ui(s, iv_sqrt(s, iv_mul_si(s, iv_pi(s), 2)), plan->dimension));
  iv scale = iv_neg(s, iv_add(s, iv_log(s, total), circle));
  check_pair(e, "log scale", plan->log_scale, scale, 4, NULL, n);
  check_bound("error of the log scale", plan->log_scale_error, 4 * U2 * fabsl(number(scale)), n);
}

/* ---- components ---- */

/* Sums and largest sizes over coordinates. */
typedef struct {
  iv log_determinant, rate;
  long double norm2, rate_size, mean, shift, variance, inverse;
} sums;

static iv variance_of(const exact *e, const assay_covariance *covariance, size_t j) {
  if (covariance->kind == ASSAY_COVARIANCE_DIAGONAL) return iv_d(e->scope, covariance->entries[j]);
  return iv_real(e->scope, covariance->variance);
}

static iv slope_of(const exact *e, iv variance) {
  iv_scope *s = e->scope;
  if (e->excess) return iv_mul(s, e->a, iv_add_si(s, variance, -1));
  return iv_add(s, iv_mul(s, e->a, variance), e->b);
}

/* sigma of Q7 */
static long double slope_size(const exact *e, iv variance, bool known) {
  long double a = fabsl(number(e->a)), s = number(variance);
  if (!e->excess) return a * s + fabsl(number(e->b));
  return a * (fabsl(number(iv_add_si(e->scope, variance, -1))) + (known ? 0 : s));
}

static void check_coordinate(sums *all, const quick_plan *plan, const exact *e, const assay_component *given,
                             const quick_component *c, size_t j, size_t n) {
  iv_scope *s = e->scope;
  iv variance = variance_of(e, &given->covariance, j), m = iv_d(s, given->mean[j]), shift = iv_mul(s, e->beta, m);
  iv spread = iv_add(s, e->alpha_square, iv_mul(s, iv_sqr(s, e->beta), variance)), inverse = iv_inv(s, spread);
  iv slope = slope_of(e, variance), transfer = iv_sub(s, iv_mul(s, e->keep, spread), iv_mul(s, e->beta, slope));
  long double sigma = slope_size(e, variance, c->variance_exact);
  assert_true(c->mean[j] == given->mean[j]);
  check_pair(e, "variance", (dd){c->variance_high[j], c->variance_low[j]}, variance, c->variance_exact ? 0 : 4, NULL,
             n);
  check_pair(e, "shift", (dd){c->shift_high[j], c->shift_low[j]}, shift, plan->shift_error > 0 ? 7 : 0, NULL, n);
  check_pair(e, "inverse", (dd){c->inverse_high[j], c->inverse_low[j]}, inverse, 34, NULL, n);
  check_pair(e, "slope", (dd){c->slope_high[j], c->slope_low[j]}, slope, 18, iv_d(s, (double)sigma), n);
  check_bound("size of the slope", c->slope_size[j], sigma, n);
  check_pair(e, "T", plan->transfer, transfer, 4, plan->transfer.high == 0 ? iv_d(s, 0x1p-106) : NULL, n);
  long double w = number(inverse), b = number(shift);
  all->log_determinant = iv_add(s, all->log_determinant, iv_log(s, spread));
  all->rate = iv_add(s, all->rate, iv_mul(s, slope, inverse));
  all->norm2 += b * b * w;
  all->rate_size += sigma * w;
  all->mean = fmaxl(all->mean, fabs(given->mean[j]));
  all->shift = fmaxl(all->shift, fabsl(b));
  all->variance = fmaxl(all->variance, number(variance));
  all->inverse = fmaxl(all->inverse, w);
}

/* A number within its own error. */
static void check_within(const exact *e, const char *what, dd got, iv value, double error, size_t n) {
  iv_scope *s = e->scope;
  double off = iv_magnitude_d(iv_sub(s, iv_sub(s, value, iv_d(s, got.high)), iv_d(s, got.low)));
  test_check(off <= error, "case %zu, %s: %a + %a is %a off, more than %a", n, what, got.high, got.low, off, error);
}

static void check_component(const quick_plan *plan, const exact *e, const assay_component *given,
                            const quick_component *c, size_t n) {
  iv_scope *s = e->scope;
  long double d = (long double)plan->dimension;
  sums all = {.log_determinant = iv_ui(s, 0), .rate = iv_ui(s, 0)};
  for (size_t j = 0; j < plan->dimension; j++) check_coordinate(&all, plan, e, given, c, j, n);
  check_bound("norm of the shift", c->shift_norm, SLACK * sqrtl(all.norm2), n);
  check_bound("size of means", c->mean_size, all.mean, n);
  check_bound("size of shifts", c->shift_size, all.shift, n);
  check_bound("size of variances", c->variance_size, all.variance, n);
  check_bound("size of inverses", c->inverse_size, all.inverse, n);
  iv log_weight = iv_log(s, iv_real(s, given->weight));
  long double size = fabsl(number(log_weight)) + fabsl(number(all.log_determinant));
  check_within(e, "log-weight", c->log_weight, iv_sub(s, log_weight, iv_mul_2si(s, all.log_determinant, -1)),
               c->log_weight_error, n);
  check_bound("error of the log-weight", c->log_weight_error,
              SLACK * (2 * 0x1p-99L + 0x1p-103L * size + (13 * d + 5 + 6 * size) * U2), n);
  bool rates = plan->quantity == ASSAY_DIVERGENCE;
  check_within(e, "rate", c->rate, rates ? all.rate : iv_ui(s, 0), c->rate_error, n);
  check_bound("error of the rate", c->rate_error, rates ? SLACK * (60 + 3 * d) * U2 * all.rate_size : 0, n);
  for (size_t j = plan->dimension; j < plan->padded; j++)
    assert_true(c->mean[j] == 0 && c->inverse_high[j] == 0 && c->inverse_low[j] == 0 && c->shift_high[j] == 0 &&
                c->shift_low[j] == 0 && c->slope_high[j] == 0 && c->slope_size[j] == 0 && c->variance_high[j] == 0);
}

static bool same_covariance(const quick_plan *plan, size_t k, size_t l) {
  const quick_component *a = &plan->component[k], *b = &plan->component[l];
  for (size_t j = 0; j < plan->dimension; j++)
    if (a->variance_high[j] != b->variance_high[j] || a->variance_low[j] != b->variance_low[j]) return false;
  return true;
}

/* Of those with the same covariance the first; a list of equal entries is not a single number. */
static void check_shapes(const quick_plan *plan, const assay_mixture *mixture) {
  for (size_t k = 0; k < plan->count; k++) {
    size_t first = 0;
    while (!same_covariance(plan, first, k) ||
           mixture->components[first].covariance.kind != mixture->components[k].covariance.kind)
      first++;
    assert_int_equal(plan->component[k].shape, first);
  }
}

static void check_plan(const quick_plan *plan, const field_problem *problem, size_t n) {
  const assay_mixture *mixture = problem->mixture;
  exact e = exact_of(problem);
  assert_true(plan->dimension == mixture->dimension && plan->count == mixture->count);
  assert_true(plan->padded % 8 == 0 && plan->padded >= plan->dimension && plan->padded < plan->dimension + 8);
  check_scalars(plan, &e, problem, n);
  for (size_t k = 0; k < plan->count; k++) check_component(plan, &e, &mixture->components[k], &plan->component[k], n);
  if (!problem->at_noise) check_shapes(plan, mixture);
  for (size_t j = 0; j < plan->dimension; j++) {
    bool zero = true;
    for (size_t k = 0; k < plan->count; k++) zero = zero && mixture->components[k].mean[j] == 0;
    assert_true(plan->zero[j] == zero);
  }
  iv_scope_free(e.scope);
}

static void numbers_and_errors(void **state) {
  (void)state;
  static const assay_quantity quantities[] = {ASSAY_SCORE,    ASSAY_NOISE,      ASSAY_DENOISER,
                                              ASSAY_VELOCITY, ASSAY_DIVERGENCE, ASSAY_LOG_DENSITY};
  test_random random = test_random_new(7420);
  for (size_t n = 0; n < test_cases(600); n++) {
    assay_mixture mixture;
    assay_quantity quantity = quantities[n % 6];
    bool wide = n % 8 == 0;
    assert_int_equal(assay_mixture_init(&mixture, test_integer(&random, 1, DIMENSIONS), test_integer(&random, 1, MOST),
                                        &example_context),
                     ASSAY_OK);
    for (size_t k = 0; k < mixture.count; k++) draw_component(&mixture, k, wide, &random);
    assay_path_point point = draw_point(quantity, wide, &random);
    field_problem problem;
    quick_plan plan;
    assert_int_equal(field_problem_init(&problem, quantity, &mixture, &point, &example_context), ASSAY_OK);
    assert_true(quick_plan_init(&plan, &problem));
    check_plan(&plan, &problem, n);
    quick_plan_clear(&plan);
    field_problem_clear(&problem);
    assay_mixture_clear(&mixture);
    assay_real_clear(&point.time);
    assay_real_clear(&point.beta);
  }
}

static int set_up(void **state) {
  (void)state;
  assay_context_init(&example_context);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_and_errors)};
  return cmocka_run_group_tests(tests, set_up, NULL);
}
