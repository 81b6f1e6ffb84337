/* Fast fields against the reference: every component lies within the proved bound of the exact value, and the bound is
 * not vacuous. The two engines share no code: the reference takes log-weights in interval arithmetic from
 * |x - beta m|^2/v, fast takes linear forms from matrix products in double. */
#include <assay/fast.h>
#include <assay/reference.h>

#include "schedules.h"
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { QUANTITIES = 6, POINTS = 3, GOAL_BITS = 100 };

typedef struct {
  assay_mixture mixture;
  assay_path_point point;
  double *x;
} problem;

typedef struct {
  double largest, log_sum; /* of error/bound where both are positive and finite */
  size_t count, infinite;
} ratios;

/* ---- random problems ---- */

static const assay_real TIMES[] = {{0.0, NULL},
                                   {1.0, NULL},
                                   {1e-300, NULL},
                                   {1.0 - 0x1p-53, NULL},
                                   {1e-9, NULL},
                                   {1.0 - 1e-9, NULL},
                                   {0.5, NULL},
                                   {0.1, "1/10"},
                                   {0.7, "0.7"},
                                   {1.0, "0.99999999999999999999"},
                                   {0.999, "0.999"},
                                   /* alpha of the exact number is half of what its double gives */
                                   {1.0 - 0x1p-53, "0.99999999999999994"},
                                   {1.0 - 0x1p-53, "0.99999999999999986"}};

static assay_path_point random_point(test_random *random, bool special) {
  size_t kind = test_integer(random, 0, SCHEDULES + 1);
  if (kind >= SCHEDULES)
    return assay_path_point_of(assay_real_of(test_uniform(random, 0.0, 2.0)),
                               assay_real_of(test_uniform(random, 0.0, 2.0)));
  assay_schedule schedule = numbered_schedule(kind);
  if (special && test_bits(random) % 2)
    return assay_path_point_at(schedule, TIMES[test_integer(random, 0, sizeof TIMES / sizeof *TIMES - 1)]);
  return assay_path_point_at(schedule, assay_real_of(test_uniform(random, 0.02, 0.98)));
}

static void fill_points(problem *p, test_random *random, double spread) {
  size_t d = p->mixture.dimension;
  double t = p->point.schedule.kind == ASSAY_COEFFICIENTS ? 0.5 : p->point.time.nearest;
  for (size_t i = 0; i < POINTS; i++) {
    const assay_component *c = &p->mixture.components[test_integer(random, 0, p->mixture.count - 1)];
    double deviation = sqrt(c->covariance.variance.nearest);
    for (size_t j = 0; j < d; j++)
      p->x[i * d + j] = spread * ((1.0 - t) * test_normal(random) + t * (c->mean[j] + deviation * test_normal(random)));
  }
}

static void fill_means(problem *p, test_random *random, double scale, double offset) {
  for (size_t k = 0; k < p->mixture.count; k++)
    for (size_t j = 0; j < p->mixture.dimension; j++)
      p->mixture.components[k].mean[j] = offset + scale * test_normal(random);
}

static void new_problem(problem *p, test_random *random, size_t d, size_t count, assay_context *context) {
  if (assay_mixture_init(&p->mixture, d, count, context) != ASSAY_OK) fail_msg("%s", context->message);
  p->x = calloc(POINTS * d, sizeof *p->x);
  for (size_t k = 0; k < count; k++)
    p->mixture.components[k].weight = assay_real_of(test_log_uniform(random, 0.05, 1.0));
}

static void clear_problem(problem *p) {
  assay_mixture_clear(&p->mixture);
  free(p->x);
}

/* Variances and distances of one, times inside (0, 1): where the ratio of error to bound means something. */
static void ordinary_problem(problem *p, test_random *random, assay_context *context) {
  static const size_t DIMENSIONS[] = {1, 2, 3, 10, 100}, COUNTS[] = {1, 2, 5, 16};
  new_problem(p, random, DIMENSIONS[test_integer(random, 0, 4)], COUNTS[test_integer(random, 0, 3)], context);
  bool equal = test_bits(random) % 2;
  double variance = test_log_uniform(random, 0.1, 3.0);
  for (size_t k = 0; k < p->mixture.count; k++)
    p->mixture.components[k].covariance.variance = assay_real_of(equal ? variance : test_log_uniform(random, 0.1, 3.0));
  fill_means(p, random, 1.0, 0.0);
  p->point = random_point(random, false);
  fill_points(p, random, 1.0);
}

/* Variances from 1e-12 to 1e3, ends of the path, exact strings, means far from 0, points far away. */
static void wide_problem(problem *p, test_random *random, assay_context *context) {
  static const size_t DIMENSIONS[] = {1, 2, 3, 10, 100, 1000}, COUNTS[] = {1, 2, 5, 16};
  static const char *const STRINGS[] = {"1/3", "0.1", "1/1000000000000"};
  static const double NEAREST[] = {1.0 / 3.0, 0.1, 1e-12};
  bool large = test_bits(random) % 16 == 0;
  new_problem(p, random, DIMENSIONS[large ? 5 : test_integer(random, 0, 4)], COUNTS[test_integer(random, 0, 3)],
              context);
  size_t kind = test_integer(random, 0, 3);
  double variance = test_log_uniform(random, 1e-12, 1e3);
  for (size_t k = 0; k < p->mixture.count; k++) {
    assay_component *c = &p->mixture.components[k];
    size_t which = test_integer(random, 0, 2);
    assay_real exact = {NEAREST[which], STRINGS[which]}, tenth = {0.1, "1/10"}, copy;
    if (assay_real_copy(&copy, exact, context) != ASSAY_OK) fail_msg("%s", context->message);
    if (kind != 2) assay_real_clear(&copy);
    if (kind == 0) c->covariance.variance = assay_real_of(variance);
    if (kind == 1) c->covariance.variance = assay_real_of(test_log_uniform(random, 1e-12, 1e3));
    if (kind == 2) c->covariance.variance = copy;
    if (kind == 3) c->covariance.variance = assay_real_of(variance * (1.0 + 1e-9 * test_uniform(random, 0.0, 1.0)));
    if (kind == 2 && assay_real_copy(&c->weight, tenth, context) != ASSAY_OK) fail_msg("%s", context->message);
  }
  double scale = test_log_uniform(random, 1e-6, 1e2);
  fill_means(p, random, scale, test_bits(random) % 3 ? 0.0 : 100.0 * scale);
  p->point = random_point(random, true);
  fill_points(p, random, test_bits(random) % 4 ? 1.0 : 30.0);
}

/* Two components tie at every point although their log-weights are large numbers: errors of the exponents decide. */
static void contested_problem(problem *p, test_random *random, assay_context *context) {
  static const size_t DIMENSIONS[] = {1, 2, 10}, COUNTS[] = {2, 3, 8};
  /* alpha^2 = (1 - t)(1 + t) is open by half at the last but one, and with it v: then bounds are infinite */
  enum { OPEN_END = 5 };
  static const assay_real CONTESTED_TIMES[] = {{0.1, "1/10"}, {1.0 / 3.0, "1/3"},
                                               {0.7, "0.7"},  {0.999, "0.999"},
                                               {0.0, NULL},   {1.0 - 0x1p-53, "0.99999999999999994"},
                                               {1.0, NULL}};
  new_problem(p, random, DIMENSIONS[test_integer(random, 0, 2)], COUNTS[test_integer(random, 0, 2)], context);
  size_t d = p->mixture.dimension;
  bool equal = test_bits(random) % 2;
  double variance = test_log_uniform(random, 1e-24, 1.0), smallest = test_bits(random) % 2 ? 1e-300 : 1.0;
  for (size_t k = 0; k < p->mixture.count; k++) {
    assay_component *c = &p->mixture.components[k];
    c->covariance.variance = assay_real_of(variance * (equal ? 1.0 : test_uniform(random, 1.0, 2.0)));
    c->weight = assay_real_of(smallest * c->weight.nearest);
  }
  double scale = test_bits(random) % 2 ? 1.0 : 2.0 * sqrt(variance);
  fill_means(p, random, scale, test_bits(random) % 2 ? 10.0 * scale : 0.0);
  const assay_schedule_kind kinds[] = {ASSAY_LINEAR, ASSAY_TRIGONOMETRIC, ASSAY_LINEAR_VP};
  assay_schedule_kind schedule = kinds[test_integer(random, 0, 2)];
  size_t when = test_integer(random, 0, OPEN_END + 1);
  if (schedule == ASSAY_LINEAR_VP && when == OPEN_END) when++;
  p->point = assay_path_point_at(assay_schedule_of(schedule), CONTESTED_TIMES[when]);
  double t = p->point.time.nearest, angle = 2.0 * atan(1.0) * t;
  double beta = schedule == ASSAY_TRIGONOMETRIC ? sin(angle) : t;
  double alpha = schedule == ASSAY_LINEAR ? 1.0 - t : sqrt(1.0 - beta * beta);
  for (size_t i = 0; i < POINTS; i++) {
    const assay_component *one = &p->mixture.components[test_integer(random, 0, p->mixture.count - 1)];
    const assay_component *two = &p->mixture.components[test_integer(random, 0, p->mixture.count - 1)];
    double a = alpha * alpha + beta * beta * one->covariance.variance.nearest;
    double b = alpha * alpha + beta * beta * two->covariance.variance.nearest, share = sqrt(a) / (sqrt(a) + sqrt(b));
    /* where |x - beta m|^2/v of the two agree on the line between them, up to noise that moves the exponent by about 1
     */
    for (size_t j = 0; j < d; j++)
      p->x[i * d + j] =
          beta * (one->mean[j] + share * (two->mean[j] - one->mean[j])) + fmin(a, sqrt(a)) * test_normal(random);
  }
}

/* Powers of two far outside what squares can hold: bounds may be infinite here, never wrong. */
static void extreme_problem(problem *p, test_random *random, assay_context *context) {
  new_problem(p, random, test_integer(random, 1, 3), test_integer(random, 1, 3), context);
  for (size_t k = 0; k < p->mixture.count; k++)
    p->mixture.components[k].covariance.variance = assay_real_of(exp2(test_uniform(random, -400.0, 400.0)));
  fill_means(p, random, exp2(test_uniform(random, -560.0, 260.0)), 0.0);
  p->point = random_point(random, true);
  if (p->point.schedule.kind == ASSAY_COEFFICIENTS)
    p->point = assay_path_point_of(assay_real_of(exp2(test_uniform(random, -600.0, 300.0))),
                                   assay_real_of(exp2(test_uniform(random, -600.0, 300.0))));
  fill_points(p, random, exp2(test_uniform(random, -600.0, 300.0)));
}

/* ---- comparison ---- */

/* Distance of a double to the nearest point of an enclosure, rounded down: the least error it can have. */
static double least_distance(double value, mpfi_srcptr enclosure) {
  mpfr_t off;
  mpfr_init2(off, 4096);
  mpfr_sub_d(off, &enclosure->left, value, MPFR_RNDD);
  double above = mpfr_get_d(off, MPFR_RNDD);
  mpfr_d_sub(off, value, &enclosure->right, MPFR_RNDD);
  double below = mpfr_get_d(off, MPFR_RNDD);
  mpfr_clear(off);
  return fmax(0.0, fmax(above, below));
}

static void describe(char *text, size_t size, const problem *p, size_t number) {
  const assay_component *c = p->mixture.components;
  (void)snprintf(text, size,
                 "case %zu, d = %zu, %zu components, %s, time %a (%s), alpha %a, beta %a, variances %a.., means %a..",
                 number, p->mixture.dimension, p->mixture.count, assay_schedule_name(p->point.schedule.kind),
                 p->point.time.nearest, p->point.time.exact ? p->point.time.exact : "exact", p->point.alpha.nearest,
                 p->point.beta.nearest, c->covariance.variance.nearest, c->mean[0]);
}

static void compare_point(ratios *r, const problem *p, assay_quantity quantity, size_t i, const double *out,
                          double bound, mpfi_srcptr exact, size_t number) {
  size_t width = assay_quantity_width(quantity, p->mixture.dimension);
  double largest = 0.0;
  char text[512];
  for (size_t j = 0; j < width; j++) {
    double error = isfinite(out[j]) ? least_distance(out[j], exact + j) : INFINITY;
    describe(text, sizeof text, p, number);
    test_check(error <= bound, "%s, %s, point %zu (%a..), component %zu: %a is %a off, bound %a", text,
               assay_quantity_name(quantity), i, p->x[i * p->mixture.dimension], j, out[j], error, bound);
    largest = fmax(largest, error);
  }
  r->infinite += isinf(bound) ? 1 : 0;
  if (!(bound > 0.0 && isfinite(bound) && largest > 0.0)) return;
  r->largest = fmax(r->largest, largest / bound);
  r->log_sum += log(largest / bound);
  r->count++;
}

static void compare(ratios *all, const problem *p, size_t number, assay_context *context) {
  for (int q = 0; q < QUANTITIES; q++) {
    assay_quantity quantity = (assay_quantity)q;
    bool rate = quantity == ASSAY_VELOCITY || quantity == ASSAY_DIVERGENCE;
    if (rate && p->point.schedule.kind == ASSAY_COEFFICIENTS) continue;
    size_t width = assay_quantity_width(quantity, p->mixture.dimension);
    double *out = calloc(POINTS * width, sizeof *out), bound[POINTS] = {0};
    mpfi_ptr exact = NULL;
    assay_status status = assay_enclosures_init(&exact, POINTS * width, context);
    if (status == ASSAY_OK)
      status = assay_fast_field(out, bound, quantity, &p->mixture, &p->point, p->x, POINTS, context);
    if (status == ASSAY_OK)
      status = assay_reference_field(exact, quantity, &p->mixture, &p->point, p->x, POINTS, GOAL_BITS, context);
    if (status != ASSAY_OK) fail_msg("case %zu, %s: %s", number, assay_quantity_name(quantity), context->message);
    for (size_t i = 0; i < POINTS; i++)
      compare_point(&all[q], p, quantity, i, out + i * width, bound[i], exact + i * width, number);
    assay_enclosures_clear(exact, POINTS * width);
    free(out);
  }
}

static void run(ratios *all, void (*make)(problem *, test_random *, assay_context *), uint64_t salt, size_t cases) {
  test_random random = test_random_new(salt);
  assay_context context;
  assay_context_init(&context);
  context.threads = 1;
  context.max_bits = 1L << 17;
  for (size_t i = 0; i < test_cases(cases); i++) {
    problem p;
    make(&p, &random, &context);
    compare(all, &p, i, &context);
    clear_problem(&p);
  }
}

static void report(const ratios *all, const char *what) {
  for (int q = 0; q < QUANTITIES; q++)
    print_message("%s, %s: error/bound at most %.3g, geometric mean %.3g of %zu, %zu infinite bounds\n", what,
                  assay_quantity_name((assay_quantity)q), all[q].largest, exp(all[q].log_sum / (double)all[q].count),
                  all[q].count, all[q].infinite);
}

/* ---- tests ---- */

/* Looseness to expect: a bound adds up n roundings' worst cases, u each, where n <= 2 d + 2 k + 20 <= 252; errors
 * behave like sums of n independent parts, sqrt(n) of it, and matrix products with fma make half of them. Norms stand
 * in for single products (|x||m| for sum x m, another sqrt(d) = 10 at most), and the largest entries for each entry. So
 * single ratios down to 1/(16 * 2 * 10 * 3) ~ 1e-3 are natural at d = 100, and ratios above 0.05 at d = 1, where n ~ 20
 * and nothing is averaged, must occur among some hundred points. A bound too wide by a factor of 20 fails both. */
static void ordinary_bounds_hold_and_are_tight(void **state) {
  (void)state;
  ratios all[QUANTITIES] = {{0}};
  run(all, ordinary_problem, 31, 150);
  report(all, "ordinary");
  for (int q = 0; q < QUANTITIES; q++) {
    const char *name = assay_quantity_name((assay_quantity)q);
    test_check(all[q].largest > 0.05, "%s: the largest error/bound is %g", name, all[q].largest);
    double mean = exp(all[q].log_sum / (double)all[q].count);
    test_check(mean > 1e-3, "%s: error/bound is %g in the geometric mean", name, mean);
    test_check(all[q].infinite == 0, "%s: %zu infinite bounds", name, all[q].infinite);
  }
}

static void wide_bounds_hold(void **state) {
  (void)state;
  ratios all[QUANTITIES] = {{0}};
  run(all, wide_problem, 32, 250);
  report(all, "wide");
}

static void contested_bounds_hold(void **state) {
  (void)state;
  ratios all[QUANTITIES] = {{0}};
  run(all, contested_problem, 34, 200);
  report(all, "contested");
  for (int q = 0; q < QUANTITIES; q++)
    test_check(all[q].infinite == 0, "%s: %zu infinite bounds", assay_quantity_name((assay_quantity)q),
               all[q].infinite);
}

static void extreme_bounds_hold(void **state) {
  (void)state;
  ratios all[QUANTITIES] = {{0}};
  run(all, extreme_problem, 33, 250);
  report(all, "extreme");
  for (int q = 0; q < QUANTITIES; q++) assert_true(all[q].count > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ordinary_bounds_hold_and_are_tight),
      cmocka_unit_test(wide_bounds_hold),
      cmocka_unit_test(contested_bounds_hold),
      cmocka_unit_test(extreme_bounds_hold),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
