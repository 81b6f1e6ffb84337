/* Fast fields of mixtures of every covariance kind against the reference's enclosures and against an oracle in 768-bit
 * arithmetic: every component lies within the proved bound of the exact value, and the bound is not vacuous. */
#include <assay/fast.h>
#include <assay/reference.h>

#include "field_bound_oracle.h"
#include "schedules.h"
#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUANTITIES = 6, POINTS = 2 };

typedef struct {
  assay_mixture mixture;
  assay_path_point point;
  double *x;
} problem;

typedef struct {
  double largest, log_sum, log_relative; /* of error/bound, of bound/|value|, where both are positive and finite */
  size_t count, values, infinite;
} ratios;

/* ---- random problems ---- */

static void fill_covariance(assay_covariance *c, size_t d, size_t kind, double scale, double condition,
                            test_random *random, assay_context *context) {
  c->kind = (assay_covariance_kind)kind;
  if (kind == ASSAY_COVARIANCE_ISOTROPIC) {
    assay_real third = {1.0 / 3.0, "1/3"};
    c->variance = assay_real_of(scale);
    if (test_bits(random) % 2 && assay_real_copy(&c->variance, third, context) != ASSAY_OK) fail_msg("copy");
    return;
  }
  c->entries = calloc(kind == ASSAY_COVARIANCE_FULL ? d * d : d, sizeof(double));
  if (kind == ASSAY_COVARIANCE_FULL)
    test_covariance(c->entries, d, scale, condition, random);
  else
    for (size_t j = 0; j < d; j++) c->entries[j] = scale * test_log_uniform(random, 1.0 / condition, 1.0);
}

static const assay_real TIMES[] = {{0.0, NULL},     {1.0, NULL},           {1e-300, NULL},
                                   {1e-9, NULL},    {1.0 - 1e-9, NULL},    {0.1, "1/10"},
                                   {0.7, "0.7"},    {1.0 - 0x1p-53, NULL}, {1.0 - 0x1p-53, "0.99999999999999994"},
                                   {0.999, "0.999"}};

static assay_path_point random_point(test_random *random, bool special) {
  size_t kind = test_integer(random, 0, SCHEDULES + 1);
  if (kind >= SCHEDULES)
    return assay_path_point_of(assay_real_of(test_uniform(random, 0.1, 2.0)),
                               assay_real_of(test_uniform(random, 0.1, 2.0)));
  assay_schedule schedule = numbered_schedule(kind);
  if (special && test_bits(random) % 4)
    return assay_path_point_at(schedule, TIMES[test_integer(random, 0, sizeof TIMES / sizeof *TIMES - 1)]);
  return assay_path_point_at(schedule, assay_real_of(test_uniform(random, 0.02, 0.98)));
}

/* Points drawn about components: alpha noise + beta (mean + deviation): by the diagonal of S, roughly right. */
static void fill_points(problem *p, double spread, test_random *random) {
  size_t d = p->mixture.dimension;
  double t = p->point.schedule.kind == ASSAY_COEFFICIENTS ? 0.5 : p->point.time.nearest;
  for (size_t i = 0; i < POINTS; i++) {
    const assay_component *c = &p->mixture.components[test_integer(random, 0, p->mixture.count - 1)];
    for (size_t j = 0; j < d; j++) {
      const assay_covariance *s = &c->covariance;
      double variance = s->kind == ASSAY_COVARIANCE_ISOTROPIC
                            ? s->variance.nearest
                            : s->entries[s->kind == ASSAY_COVARIANCE_FULL ? j * d + j : j];
      p->x[i * d + j] =
          spread * ((1.0 - t) * test_normal(random) + t * (c->mean[j] + sqrt(variance) * test_normal(random)));
    }
  }
}

typedef struct {
  size_t dimension, count;
  double scale, condition, mean, offset;
  bool special;
} shape;

static void make(problem *p, shape s, size_t kinds, test_random *random, assay_context *context) {
  if (assay_mixture_init(&p->mixture, s.dimension, s.count, context) != ASSAY_OK) fail_msg("%s", context->message);
  p->x = calloc(POINTS * s.dimension, sizeof *p->x);
  for (size_t k = 0; k < s.count; k++) {
    assay_component *c = &p->mixture.components[k];
    size_t kind = kinds < 3 ? kinds : k == 0 ? test_integer(random, 1, 2) : test_integer(random, 0, 2);
    c->weight = assay_real_of(test_log_uniform(random, 0.05, 1.0));
    fill_covariance(&c->covariance, s.dimension, kind, s.scale * test_uniform(random, 0.5, 2.0), s.condition, random,
                    context);
    for (size_t j = 0; j < s.dimension; j++) c->mean[j] = s.offset + s.mean * test_normal(random);
  }
  p->point = random_point(random, s.special);
  fill_points(p, s.special && test_bits(random) % 4 == 0 ? 10.0 : 1.0, random);
}

/* Two components tie at every point although their log-weights are large: errors of the exponents decide. Means
 * are some 3 or 1000 deviations of V apart; x lies half way, up to noise that moves the exponents by about 1. */
static void make_contested(problem *p, size_t d, test_random *random, assay_context *context) {
  static const double CONTESTED[] = {0.1, 0.5, 0.7, 0.999, 1.0};
  double scale = test_log_uniform(random, 1e-20, 1.0);
  shape s = {.dimension = d, .count = 2, .scale = scale, .condition = 1.5, .offset = 10.0 * sqrt(scale)};
  make(p, s, test_integer(random, 1, 2), random, context);
  /* the same covariance twice, so that log-weights tie half way between the means whatever its shape */
  const assay_covariance *one = &p->mixture.components[0].covariance;
  memcpy(p->mixture.components[1].covariance.entries, one->entries,
         (one->kind == ASSAY_COVARIANCE_FULL ? d * d : d) * sizeof(double));
  const assay_schedule_kind kinds[] = {ASSAY_LINEAR, ASSAY_TRIGONOMETRIC, ASSAY_LINEAR_VP};
  assay_schedule_kind schedule = kinds[test_integer(random, 0, 2)];
  p->point = assay_path_point_at(assay_schedule_of(schedule), assay_real_of(CONTESTED[test_integer(random, 0, 4)]));
  double t = p->point.time.nearest, angle = 2.0 * atan(1.0) * t;
  double beta = schedule == ASSAY_TRIGONOMETRIC ? sin(angle) : t;
  double alpha = schedule == ASSAY_LINEAR ? 1.0 - t : sqrt(1.0 - beta * beta);
  double v = alpha * alpha + beta * beta * scale, spread = (test_bits(random) % 2 ? 1e3 : 3.0) * sqrt(v);
  double *first = p->mixture.components[0].mean, *second = p->mixture.components[1].mean;
  for (size_t j = 0; j < d; j++) {
    first[j] += spread / beta * test_normal(random);
    second[j] += spread / beta * test_normal(random);
    for (size_t i = 0; i < POINTS; i++)
      p->x[i * d + j] = beta * 0.5 * (first[j] + second[j]) + v / spread * test_normal(random);
  }
}

static void clear_problem(problem *p) {
  assay_mixture_clear(&p->mixture);
  free(p->x);
}

/* ---- comparison ---- */

static double distance(double value, const mpfr_t exact) {
  mpfr_t off;
  mpfr_init2(off, 600);
  mpfr_sub_d(off, exact, value, MPFR_RNDN);
  double error = fabs(mpfr_get_d(off, MPFR_RNDZ));
  mpfr_clear(off);
  return error;
}

/* One point: out, its bound, and how far each component is off (from below). */
static void judge(ratios *r, const problem *p, assay_quantity quantity, size_t i, const double *out, double bound,
                  const double *error, size_t number) {
  size_t d = p->mixture.dimension, width = assay_quantity_width(quantity, d);
  double largest = 0.0, value = 0.0;
  for (size_t j = 0; j < width; j++) {
    test_check(error[j] <= bound,
               "case %zu, d = %zu, %zu components (first of kind %d), %s, time %a (%s), alpha %a, beta %a, %s, point "
               "%zu (%a..), component %zu: %a is %a off, bound %a",
               number, d, p->mixture.count, (int)p->mixture.components[0].covariance.kind,
               assay_schedule_name(p->point.schedule.kind), p->point.time.nearest,
               p->point.time.exact ? p->point.time.exact : "exact", p->point.alpha.nearest, p->point.beta.nearest,
               assay_quantity_name(quantity), i, p->x[i * d], j, out[j], error[j], bound);
    largest = fmax(largest, error[j]);
    value = fmax(value, fabs(out[j]));
  }
  r->infinite += isinf(bound) ? 1 : 0;
  if (bound > 0.0 && isfinite(bound) && value > 0.0) {
    r->log_relative += log(bound / value);
    r->values++;
  }
  if (!(bound > 0.0 && isfinite(bound) && largest > 0.0)) return;
  r->largest = fmax(r->largest, largest / bound);
  r->log_sum += log(largest / bound);
  r->count++;
}

/* The truth: by differences and sums in 768 bits, or enclosed by the reference. */
typedef enum { BY_ORACLE, BY_REFERENCE } witness;

/* The oracle's divergence costs 2 d velocities: left out beyond this dimension. */
enum { LARGEST_DIVERGENCE = 10, GOAL_BITS = 100 };

static void compare_with_reference(ratios *r, const problem *p, assay_quantity quantity, const double *out,
                                   const double *bound, size_t number, assay_context *context) {
  size_t width = assay_quantity_width(quantity, p->mixture.dimension);
  mpfi_ptr exact = NULL;
  assay_status status = assay_enclosures_init(&exact, POINTS * width, context);
  if (status == ASSAY_OK)
    status = assay_reference_field(exact, quantity, &p->mixture, &p->point, p->x, POINTS, GOAL_BITS, context);
  if (status != ASSAY_OK) fail_msg("case %zu, %s: %s", number, assay_quantity_name(quantity), context->message);
  for (size_t i = 0; i < POINTS; i++) {
    double *error = calloc(width, sizeof *error);
    for (size_t j = 0; j < width; j++) {
      double below = distance(out[i * width + j], &exact[i * width + j].left);
      double above = distance(out[i * width + j], &exact[i * width + j].right);
      bool inside = mpfi_is_inside_d(out[i * width + j], &exact[i * width + j]) > 0;
      error[j] = !isfinite(out[i * width + j]) ? INFINITY : inside ? 0.0 : fmin(below, above);
    }
    judge(r, p, quantity, i, out + i * width, bound[i], error, number);
    free(error);
  }
  assay_enclosures_clear(exact, POINTS * width);
}

static void compare_with_oracle(ratios *r, const problem *p, assay_quantity quantity, const double *out,
                                const double *bound, const field_oracle *oracle, size_t number) {
  size_t d = p->mixture.dimension, width = assay_quantity_width(quantity, d);
  for (size_t i = 0; i < POINTS; i++) {
    mpfr_t *exact = field_oracle_value(oracle, quantity, p->x + i * d);
    double *error = calloc(width, sizeof *error);
    for (size_t j = 0; j < width; j++) {
      double value = out[i * width + j];
      /* the oracle's own error is far below 2^-200: of what it gives, but for differences divided by 2^-219 */
      double oracle_error = 0x1p-200 * (quantity == ASSAY_DIVERGENCE ? 1.0 + fabs(value) : fabs(value));
      error[j] = isfinite(value) ? fmax(0.0, distance(value, exact[j]) - oracle_error) : INFINITY;
    }
    judge(r, p, quantity, i, out + i * width, bound[i], error, number);
    free(error);
    field_oracle_free(exact, width);
  }
}

static void compare(ratios *all, const problem *p, witness by, size_t number, assay_context *context) {
  field_oracle oracle;
  if (by == BY_ORACLE) field_oracle_init(&oracle, &p->mixture, &p->point);
  size_t d = p->mixture.dimension;
  double *out = calloc(POINTS * d, sizeof *out), bound[POINTS];
  for (int q = 0; q < QUANTITIES; q++) {
    assay_quantity quantity = (assay_quantity)q;
    bool rate = quantity == ASSAY_VELOCITY || quantity == ASSAY_DIVERGENCE;
    if (rate && p->point.schedule.kind == ASSAY_COEFFICIENTS) continue;
    if (by == BY_ORACLE && quantity == ASSAY_DIVERGENCE && d > LARGEST_DIVERGENCE) continue;
    assay_status status = assay_fast_field(out, bound, quantity, &p->mixture, &p->point, p->x, POINTS, context);
    if (status != ASSAY_OK) fail_msg("case %zu, %s: %s", number, assay_quantity_name(quantity), context->message);
    if (by == BY_ORACLE)
      compare_with_oracle(&all[q], p, quantity, out, bound, &oracle, number);
    else
      compare_with_reference(&all[q], p, quantity, out, bound, number, context);
  }
  free(out);
  if (by == BY_ORACLE) field_oracle_clear(&oracle);
}

static void report(const ratios *all, const char *what) {
  for (int q = 0; q < QUANTITIES; q++)
    if (all[q].values)
      print_message("%s, %s: error/bound at most %.3g, geometric mean %.3g of %zu; bound/|value| %.2g in geometric "
                    "mean; %zu infinite bounds\n",
                    what, assay_quantity_name((assay_quantity)q), all[q].largest,
                    exp(all[q].log_sum / (double)all[q].count), all[q].count,
                    exp(all[q].log_relative / (double)all[q].values), all[q].infinite);
}

static assay_context new_context(void) {
  assay_context context;
  assay_context_init(&context);
  context.threads = 1;
  context.max_bits = 1L << 17;
  return context;
}

/* ---- tests ---- */

/* Kinds 0..2 alone (0 here: diagonal), 3: mixed. */
static void run_ordinary(size_t kinds, const char *what, size_t cases) {
  static const size_t DIMENSIONS[] = {1, 2, 3, 10}, COUNTS[] = {1, 2, 5};
  test_random random = test_random_new(41 + kinds);
  assay_context context = new_context();
  ratios all[QUANTITIES] = {{0}};
  for (size_t i = 0; i < test_cases(cases); i++) {
    problem p;
    shape s = {.dimension = DIMENSIONS[test_integer(&random, 0, 3)],
               .count = COUNTS[test_integer(&random, 0, 2)],
               .scale = test_log_uniform(&random, 0.3, 3.0),
               .condition = 10.0,
               .mean = 1.0};
    make(&p, s, kinds, &random, &context);
    compare(all, &p, BY_ORACLE, i, &context);
    clear_problem(&p);
  }
  report(all, what);
  for (int q = 0; q < QUANTITIES; q++) {
    const char *name = assay_quantity_name((assay_quantity)q);
    test_check(all[q].infinite == 0, "%s, %s: %zu infinite bounds", what, name, all[q].infinite);
    test_check(all[q].largest > 0.01, "%s, %s: the largest error/bound is %g", what, name, all[q].largest);
    double mean = exp(all[q].log_sum / (double)all[q].count);
    test_check(mean > 1e-4, "%s, %s: error/bound is %g in the geometric mean", what, name, mean);
  }
}

static void ordinary_bounds_hold_and_are_tight(void **state) {
  (void)state;
  run_ordinary(ASSAY_COVARIANCE_DIAGONAL, "diagonal", 60);
  run_ordinary(ASSAY_COVARIANCE_FULL, "full", 60);
  run_ordinary(3, "mixed", 60);
}

/* Conditions up to 1e12, ends of the path, exact strings, tiny variances, means far from 0. */
static void wide_bounds_hold(void **state) {
  (void)state;
  static const size_t DIMENSIONS[] = {1, 2, 3, 10}, COUNTS[] = {1, 2, 5};
  test_random random = test_random_new(51);
  assay_context context = new_context();
  ratios all[QUANTITIES] = {{0}};
  for (size_t i = 0; i < test_cases(250); i++) {
    problem p;
    shape s = {.dimension = DIMENSIONS[test_integer(&random, 0, 3)],
               .count = COUNTS[test_integer(&random, 0, 2)],
               .scale = test_log_uniform(&random, 1e-12, 1e3),
               .condition = test_log_uniform(&random, 1.0, 1e12),
               .special = true};
    s.mean = test_bits(&random) % 2 ? test_log_uniform(&random, 1e-3, 1e2) : 3.0 * sqrt(s.scale);
    s.offset = test_bits(&random) % 3 ? 0.0 : 100.0 * s.mean;
    make(&p, s, test_integer(&random, 1, 3), &random, &context);
    compare(all, &p, BY_ORACLE, i, &context);
    clear_problem(&p);
  }
  report(all, "wide");
}

static void contested_bounds_hold(void **state) {
  (void)state;
  static const size_t DIMENSIONS[] = {1, 2, 5};
  test_random random = test_random_new(53);
  assay_context context = new_context();
  ratios all[QUANTITIES] = {{0}};
  for (size_t i = 0; i < test_cases(150); i++) {
    problem p;
    make_contested(&p, DIMENSIONS[test_integer(&random, 0, 2)], &random, &context);
    compare(all, &p, BY_REFERENCE, i, &context);
    clear_problem(&p);
  }
  report(all, "contested");
}

static void run_large(const size_t *dimensions, size_t cases, witness by, bool special, const char *what) {
  test_random random = test_random_new(52);
  assay_context context = new_context();
  ratios all[QUANTITIES] = {{0}};
  for (size_t i = 0; i < cases; i++) {
    problem p;
    shape s = {.dimension = dimensions[i],
               .count = dimensions[i] == 200 ? 1 : 3,
               .scale = 1.0,
               .condition = pow(10.0, (double)(i * 12) / (double)(cases - 1)),
               .mean = 0.3,
               .special = special && i % 2 == 0};
    make(&p, s, dimensions[i] == 200 ? 2 : 3, &random, &context);
    compare(all, &p, by, i, &context);
    clear_problem(&p);
  }
  report(all, what);
}

/* Conditions from 1 to 1e12. */
static void large_dimensions_hold(void **state) {
  (void)state;
  static const size_t DIMENSIONS[] = {50, 50, 50, 50, 50, 50, 200}, FOR_REFERENCE[] = {10, 50, 50, 50};
  run_large(DIMENSIONS, sizeof DIMENSIONS / sizeof *DIMENSIONS, BY_ORACLE, true, "large");
  run_large(FOR_REFERENCE, sizeof FOR_REFERENCE / sizeof *FOR_REFERENCE, BY_REFERENCE, true, "large, reference");
}

/* As the wide test, judged by enclosures. */
static void enclosures_agree(void **state) {
  (void)state;
  static const size_t DIMENSIONS[] = {1, 2, 3, 10}, COUNTS[] = {1, 2, 5};
  test_random random = test_random_new(54);
  assay_context context = new_context();
  ratios all[QUANTITIES] = {{0}};
  for (size_t i = 0; i < test_cases(60); i++) {
    problem p;
    shape s = {.dimension = DIMENSIONS[test_integer(&random, 0, 3)],
               .count = COUNTS[test_integer(&random, 0, 2)],
               .scale = test_log_uniform(&random, 1e-12, 1e3),
               .condition = test_log_uniform(&random, 1.0, 1e12),
               .special = true};
    s.mean = 3.0 * sqrt(s.scale);
    make(&p, s, test_integer(&random, 1, 3), &random, &context);
    compare(all, &p, BY_REFERENCE, i, &context);
    clear_problem(&p);
  }
  report(all, "enclosed");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ordinary_bounds_hold_and_are_tight),
      cmocka_unit_test(wide_bounds_hold),
      cmocka_unit_test(contested_bounds_hold),
      cmocka_unit_test(large_dimensions_hold),
      cmocka_unit_test(enclosures_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
