/* One point of a mixture of isotropic components: log-weights, weights, wide outputs and their bounds against the
 * formulas of docs/fast-field-bound.md (S3 to S8), evaluated in long double from the constants of the components, which
 * are drawn: each term is large somewhere. Bounds are the formulas with their inflations, but for roundings. */
#include "fast/core/field_scalar.h"

#include "point_problem.h"

#include <math.h>

/* ---- S3 to S5 ---- */

static long double linear_error(const problem *p, size_t k) {
  const field_component *c = &p->components[k];
  long double size = INFLATE * sqrtl(p->square) + 0x1p-500L;
  return c->error0 + size * c->error1 + size * size * c->error2;
}

static long double direct_error(const problem *p, size_t k) {
  const field_component *c = &p->components[k];
  long double square = distance(p, k), off = square_error(p, k), half = c->half_precision.value;
  return INFLATE *
         (c->direct_error + 3 * U * half * square + half * off + c->half_precision.error * (square + off) + FLOOR);
}

/* The doubt that formulas of the log-weights leave. */
static double doubt_of(const problem *p, bool direct) {
  double share[PADDED], doubt[PADDED], weights[PADDED] = {0}, errors[PADDED] = {0};
  for (size_t k = 0; k < COMPONENTS; k++) {
    const field_component *c = &p->components[k];
    weights[k] = direct ? (double)(c->direct_base - c->half_precision.value * distance(p, k))
                        : c->base + c->slope * p->products[k] - c->bend * p->square;
    errors[k] = (double)(direct ? direct_error(p, k) : linear_error(p, k));
  }
  field_posterior posterior = {.share = share, .doubt = doubt, .weights = weights, .errors = errors};
  field_posterior_normalise(&posterior, p->plan.rows, COMPONENTS);
  return posterior.total_doubt;
}

static bool clearly_less(double a, double b) { return a < b * (1 - 0x1p-30); }

static void log_weights(void **state) {
  (void)state;
  test_random random = test_random_new(0x501);
  size_t seen[2] = {0}, kept = 0;
  for (size_t number = 0; number < test_cases(2000); number++) {
    problem p;
    problem_draw(&p, ASSAY_SCORE, &random);
    problem_weigh(&p);
    double linear = doubt_of(&p, false), second = doubt_of(&p, true);
    bool want_direct = clearly_less(0x1p-36, linear) && clearly_less(second, linear);
    bool want_linear = clearly_less(linear, 0x1p-36) || clearly_less(linear, second);
    if (!want_direct && !want_linear) continue;
    seen[want_direct]++;
    kept += want_linear && clearly_less(second, linear); /* good enough without the other */
    for (size_t k = 0; k < COMPONENTS; k++) {
      const field_component *c = &p.components[k];
      check_bound(want_direct ? "direct error" : "linear error", p.errors[k],
                  want_direct ? direct_error(&p, k) : linear_error(&p, k), number);
      long double half = c->half_precision.value, product = (long double)c->slope * p.products[k];
      if (want_direct)
        check_value("direct log-weight", p.log_weights[k], c->direct_base - half * distance(&p, k),
                    fabsl(c->direct_base) + half * distance(&p, k), number);
      else
        check_value("linear log-weight", p.log_weights[k], c->base + product - (long double)c->bend * p.square,
                    fabsl(c->base) + fabsl(product) + c->bend * p.square, number);
    }
  }
  test_check(seen[0] > 100 && seen[1] > 100 && kept > 20, "%zu linear, %zu direct, %zu kept", seen[0], seen[1], kept);
}

/* ---- S6, S7: sums over components ---- */

static void sums(void **state) {
  (void)state;
  test_random random = test_random_new(0x502);
  size_t at_centre = 0, grouped = 0;
  for (size_t number = 0; number < test_cases(1000); number++) {
    problem p;
    problem_draw(&p, number % 4 ? ASSAY_DENOISER : ASSAY_LOG_DENSITY, &random);
    problem_weigh(&p);
    const field_point *got = &p.point;
    const field_component *c = p.components;
    size_t leader = p.posterior.leader;
    long double norm = c[leader].centred_norm;
    bool centre = !p.plan.scalar && 2 * (long double)p.products[leader] <= p.plan.at.beta.value * norm * norm;
    assert_true(got->leader == leader && got->anchor == (centre ? COMPONENTS : leader));
    at_centre += centre;
    long double weight = 0, reach = FLOOR, doubtful = FLOOR, gap = 0, gaps = 0, doubtful_gaps = 0, gap_error = 0;
    for (size_t k = 0; k < COMPONENTS; k++) {
      long double w = k == got->anchor ? 0 : (long double)p.share[k] * c[k].weight;
      long double far = (long double)c[k].centred_size + c[got->anchor].centred_size;
      difference g = gap_of(&p, k);
      if (k == leader) g = (difference){0}; /* exactly */
      check_bound("weight of a component", p.weights[k], w, number);
      weight += w, reach += w * far, doubtful += (long double)p.doubt[k] * c[k].weight * far;
      gap += w * g.value, gaps += w * (g.size + g.error), gap_error += w * g.error;
      doubtful_gaps += (long double)p.doubt[k] * c[k].weight * (g.size + g.error);
    }
    check_bound("weight", got->weight, weight, number);
    check_bound("reach", got->reach, reach, number);
    check_bound("doubtful reach", got->doubtful_reach, doubtful, number);
    check_value("gap", got->gap, gap, gaps, number);
    check_bound("gaps", got->gaps, gaps, number);
    check_bound("doubtful gaps", got->doubtful_gaps, doubtful_gaps, number);
    check_bound("gap error", got->gap_error, gap_error + gaps * sum_relative(&p), number);
    check_bound("doubt", got->doubt, p.posterior.total_doubt, number);
    check_bound("stretch", got->stretch, p.posterior.stretch, number);
    grouped += p.grouped;
  }
  test_check(at_centre > 50 && grouped > 50, "%zu at the centre, %zu in groups", at_centre, grouped);
}

/* ---- S6 to S8: outputs ---- */

static long double wide_formula(const problem *p, long double y) {
  const field_point *point = &p->point;
  slope c = slope_of(p);
  ball f = p->plan.keep, g = p->plan.gain;
  long double mean = p->components[point->anchor].mean_size, reach = point->reach, size = fabsl(c.value);
  long double y_error = U * y + p->plan.beta_error * mean + 0x1p-1074L;
  long double sum_error = reach * sum_relative(p) + p->plan.tiny_sum;
  long double inherited = size * y_error + c.error * (y + y_error) + f.error * mean + fabsl(g.value) * sum_error +
                          g.error * (reach + sum_error);
  long double rounded =
      2 * size * y + (f.value == 0 || f.value == 1 ? 2 : 3) * fabsl(f.value) * mean + 3 * fabsl(g.value) * reach;
  long double doubted =
      upper(g) * (point->doubtful_reach + point->doubt * reach) + slope_sensitivity(p) * (y + y_error);
  return INFLATE * (inherited + U * rounded + point->stretch * doubted) + 0x1p-1068L;
}

static void wide_outputs(void **state) {
  (void)state;
  test_random random = test_random_new(0x503);
  for (size_t number = 0; number < test_cases(2000); number++) {
    problem p;
    problem_draw(&p, ASSAY_VELOCITY, &random);
    for (size_t k = 0; k < COMPONENTS; k++) /* the underflow of y alone, much magnified */
      if (p.x[0] == 0 && p.product[0] == 0) p.components[k].slope_out = ball_exact(0x1p900);
    problem_weigh(&p);
    double out[DIMENSION], slope_error = 0, got_slope = field_slope(&slope_error, &p.point, &p.plan);
    slope c = slope_of(&p);
    check_bound("error of the slope", slope_error, c.error, number);
    check_value("slope", got_slope, c.value, fabsl(c.value) + 2 * fabs(p.point.gap), number);
    double bound = field_point_finish(out, &p.point, &p.plan, p.x, p.product);
    const double *mean = mean_of(&p, p.point.anchor), *centred = p.centred[p.point.anchor];
    long double largest = 0, share = p.point.anchor == COMPONENTS ? 0 : p.point.weight;
    for (size_t j = 0; j < DIMENSION; j++) {
      long double y = p.x[j] - (long double)p.plan.at.beta.value * mean[j];
      long double value = c.value * y + (long double)p.plan.keep.value * mean[j] +
                          p.plan.gain.value * (p.product[j] - share * centred[j]);
      long double size =
          (fabsl(c.value) + 2) * (fabsl(p.x[j]) + fabsl(mean[j])) + fabsl(p.product[j]) + share * fabsl(centred[j]);
      check_value("output", out[j], value, size, number);
      largest = fmaxl(largest, fabsl(y));
    }
    check_bound("wide bound", bound, wide_formula(&p, largest), number);
    p.x[number % DIMENSION] = number % 2 ? NAN : INFINITY;
    assert_true(isinf(field_point_finish(out, &p.point, &p.plan, p.x, p.product)));
  }
}

static void without_posterior(void **state) {
  (void)state;
  test_random random = test_random_new(0x504);
  for (size_t number = 0; number < test_cases(400); number++) {
    problem p;
    double out[DIMENSION + 1] = {[DIMENSION] = 0.5}; /* a number that is not its own */
    problem_draw(&p, ASSAY_NOISE, &random);
    problem_weigh(&p);
    ball *a = &p.components[0].slope_out;
    if (number % 3 == 0) *a = ball_make((double)(number % 5) - 2, number % 2 ? 0 : a->error);
    bool exact = a->error == 0 && fabs(a->value) <= 1 && fabs(a->value) == floor(fabs(a->value));
    long double largest = 0;
    for (size_t j = 0; j < DIMENSION; j++) largest = fmaxl(largest, fabsl(p.x[j]));
    double bound = field_point_free(out, &p.plan, p.x);
    for (size_t j = 0; j < DIMENSION; j++) assert_true(out[j] == a->value * p.x[j]);
    assert_true(out[DIMENSION] == 0.5);
    check_bound("free bound", bound, exact ? 0 : INFLATE * (a->error + U * fabsl(a->value)) * largest + 0x1p-1068L,
                number);
    p.x[number % DIMENSION] = number % 2 ? NAN : INFINITY;
    assert_true(isinf(field_point_free(out, &p.plan, p.x)));
  }
}

/* Beyond first order nothing is promised. */
static void assumptions_are_checked(void **state) {
  (void)state;
  for (size_t which = 0; which < 3; which++) {
    field_plan plan = {0};
    double *relative = which == 0 ? &plan.weight_error : which == 1 ? &plan.gamma_k : &plan.gamma_d;
    *relative = 0x1p-22;
    check_bound("at the limit", field_bound(2, &plan, 0), 2 * INFLATE, which);
    assert_true(field_bound(0, &plan, 0) >= 0x1p-1068 && isinf(field_bound(1, &plan, NAN)));
    *relative = nextafter(0x1p-22, 1);
    assert_true(isinf(field_bound(1, &plan, 0)));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(log_weights), cmocka_unit_test(sums),
                                     cmocka_unit_test(wide_outputs), cmocka_unit_test(without_posterior),
                                     cmocka_unit_test(assumptions_are_checked)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
