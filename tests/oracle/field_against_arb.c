/* Enclosures of every field against Arb's balls, which come from other formulas: both contain the truth, so they must
 * overlap, and both must be narrow for that to mean something. */
#include "testing.h"

#include "field_arb.h"

#include <assay/reference.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIMENSION = 3, MAX_COUNT = 4, GOAL = 100, ORACLE_BITS = 256 };

/* A random mixture, both as the library's and as the oracle's: there every covariance is a matrix. */
typedef struct {
  size_t dimension, count;
  double weight[MAX_COUNT], covariance[MAX_COUNT * MAX_DIMENSION * MAX_DIMENSION], mean[MAX_COUNT * MAX_DIMENSION],
      x[MAX_DIMENSION];
  assay_mixture ours;
  oracle_mixture theirs;
} example;

/* What the components' covariances are: all isotropic; or each of a random kind, full ones with correlations everywhere
 * or between coordinates 0 and 1 only. */
typedef enum { ISOTROPIC, ANY_KIND, CORRELATED_PLANE } covariances;

static double *covariance_of(example *e, size_t k) { return e->covariance + k * e->dimension * e->dimension; }

/* Gives the library component k's matrix as `kind`. */
static void hand_over(example *e, size_t k, assay_covariance_kind kind) {
  size_t d = e->dimension;
  const double *matrix = covariance_of(e, k);
  assay_covariance *covariance = &e->ours.components[k].covariance;
  covariance->kind = kind;
  covariance->variance = assay_real_of(matrix[0]);
  if (kind == ASSAY_COVARIANCE_ISOTROPIC) return;
  bool full = kind == ASSAY_COVARIANCE_FULL;
  covariance->entries = calloc(d * d, sizeof *covariance->entries);
  assert_non_null(covariance->entries);
  for (size_t i = 0; i < (full ? d * d : d); i++) covariance->entries[i] = full ? matrix[i] : matrix[i * d + i];
}

/* Positive definite: correlations below 1/(d - 1) of the smallest variance. */
static void draw_covariance(example *e, size_t k, test_random *random, covariances which, bool structured) {
  size_t d = e->dimension;
  double *matrix = covariance_of(e, k);
  assay_covariance_kind kind =
      which == ISOTROPIC ? ASSAY_COVARIANCE_ISOTROPIC : (assay_covariance_kind)test_integer(random, 0, 2);
  double smallest = 8;
  for (size_t i = 0; i < d * d; i++) matrix[i] = 0;
  for (size_t i = 0; i < d; i++) {
    double variance = structured ? (double)test_integer(random, 1, 2) / 2 : test_uniform(random, 0.05, 2);
    matrix[i * d + i] = kind == ASSAY_COVARIANCE_ISOTROPIC ? (i ? matrix[0] : variance) : variance;
    smallest = fmin(smallest, variance);
  }
  for (size_t i = 0; kind == ASSAY_COVARIANCE_FULL && i < d; i++)
    for (size_t j = 0; j < i; j++) {
      double part = structured ? ((double)test_integer(random, 0, 2) - 1) / 4 : test_uniform(random, -0.49, 0.49);
      if (which == CORRELATED_PLANE && i + j > 1) part = 0;
      matrix[i * d + j] = matrix[j * d + i] = part * smallest;
    }
  hand_over(e, k, kind);
}

/* The covariance of component 0 once more, so that some agree. */
static void repeat_covariance(example *e, size_t k) {
  size_t d = e->dimension;
  memcpy(covariance_of(e, k), covariance_of(e, 0), d * d * sizeof *e->covariance);
  hand_over(e, k, e->ours.components[0].covariance.kind);
}

static void start(example *e, test_random *random, size_t dimension, assay_context *context) {
  e->dimension = dimension;
  e->count = test_integer(random, 1, MAX_COUNT);
  assert_int_equal(assay_mixture_init(&e->ours, dimension, e->count, context), ASSAY_OK);
  e->theirs = (oracle_mixture){(slong)dimension, (slong)e->count, e->weight, e->covariance, e->mean};
}

static void draw(example *e, test_random *random, size_t dimension, covariances which, assay_context *context) {
  start(e, random, dimension, context);
  for (size_t k = 0; k < e->count; k++) {
    e->weight[k] = test_uniform(random, 0.1, 3);
    e->ours.components[k].weight = assay_real_of(e->weight[k]);
    if (k && test_bits(random) % 2)
      repeat_covariance(e, k);
    else
      draw_covariance(e, k, random, which, false);
    for (size_t j = 0; j < dimension; j++) {
      e->mean[k * dimension + j] = 2 * test_normal(random);
      e->ours.components[k].mean[j] = e->mean[k * dimension + j];
    }
  }
  for (size_t j = 0; j < dimension; j++) e->x[j] = 1.5 * test_normal(random);
}

/* Small integers everywhere: equal responsibilities, equal entries under different variances, symmetric pairs. */
static void draw_structured(example *e, test_random *random, size_t dimension, covariances which,
                            assay_context *context) {
  start(e, random, dimension, context);
  for (size_t k = 0; k < e->count; k++) {
    e->weight[k] = (double)test_integer(random, 1, 2);
    e->ours.components[k].weight = assay_real_of(e->weight[k]);
    if (k && test_bits(random) % 2)
      repeat_covariance(e, k);
    else
      draw_covariance(e, k, random, which, true);
    for (size_t j = 0; j < dimension; j++) {
      e->mean[k * dimension + j] = (double)test_integer(random, 0, 2) - 1;
      e->ours.components[k].mean[j] = e->mean[k * dimension + j];
    }
  }
  bool origin = test_bits(random) % 3 == 0;
  for (size_t j = 0; j < dimension; j++) e->x[j] = origin ? 0 : (double)test_integer(random, 0, 2) - 1;
}

static const char *description(const example *e, assay_quantity quantity, double time) {
  static char text[4096];
  size_t d = e->dimension;
  int n = snprintf(text, sizeof text, "%s at t = %a, x =", assay_quantity_name(quantity), time);
  for (size_t j = 0; j < d; j++) n += snprintf(text + n, sizeof text - (size_t)n, " %a", e->x[j]);
  for (size_t k = 0; k < e->count; k++) {
    n += snprintf(text + n, sizeof text - (size_t)n, "; w %a kind %d S", e->weight[k],
                  (int)e->ours.components[k].covariance.kind);
    for (size_t i = 0; i < d * d; i++)
      n += snprintf(text + n, sizeof text - (size_t)n, " %a", e->covariance[k * d * d + i]);
    n += snprintf(text + n, sizeof text - (size_t)n, " m");
    for (size_t j = 0; j < d; j++) n += snprintf(text + n, sizeof text - (size_t)n, " %a", e->mean[k * d + j]);
  }
  return text;
}

/* Relative to max(|value|, 1): our goal is 2^-100 of the value or 2^-200 of the scale; the oracle works with 256 bits
 * and loses some to cancellation, 2^-60 is more than enough to see any wrong formula. */
static void check_narrow(const arb_t ball, long bits, const char *whose, const char *inputs) {
  arb_t radius, allowed;
  arb_init(radius);
  arb_init(allowed);
  arb_get_rad_arb(radius, ball);
  arb_set_ui(allowed, 1);
  arf_t size;
  arf_init(size);
  arb_get_abs_lbound_arf(size, ball, 64);
  if (arf_cmp_si(size, 1) > 0) arb_set_arf(allowed, size);
  arb_mul_2exp_si(allowed, allowed, -bits);
  int good = arb_is_finite(ball) && arb_le(radius, allowed);
  arf_clear(size);
  arb_clear(radius);
  arb_clear(allowed);
  test_check(good, "%s ball is wide: %s", whose, inputs);
}

static void check_value(mpfi_srcptr ours, const arb_t theirs, const char *inputs) {
  arb_t ball;
  arb_init(ball);
  arb_set_interval_mpfr(ball, &ours->left, &ours->right, 1024);
  check_narrow(ball, GOAL - 8, "our", inputs);
  check_narrow(theirs, 60, "the oracle's", inputs);
  int good = arb_overlaps(ball, theirs);
  char *left = arb_get_str(ball, 40, 0), *right = arb_get_str(theirs, 40, 0);
  test_check(good, "ours %s oracle %s: %s", left, right, inputs);
  flint_free(left);
  flint_free(right);
  arb_clear(ball);
}

static void compare(const example *e, assay_quantity quantity, const assay_path_point *point, arb_srcptr oracle,
                    assay_context *context) {
  size_t width = assay_quantity_width(quantity, e->dimension);
  mpfi_ptr values = NULL;
  assert_int_equal(assay_enclosures_init(&values, width, context), ASSAY_OK);
  const char *inputs = description(e, quantity, point->time.nearest);
  test_check(!assay_reference_field(values, quantity, &e->ours, point, e->x, 1, GOAL, context), "%s: %s",
             context->message, inputs);
  for (size_t j = 0; j < width; j++) check_value(&values[j], oracle + j, inputs);
  assay_enclosures_clear(values, width);
}

static arb_srcptr of_quantity(const oracle_field *field, assay_quantity quantity) {
  switch (quantity) {
  case ASSAY_VELOCITY:
    return field->velocity;
  case ASSAY_SCORE:
    return field->score;
  case ASSAY_DENOISER:
    return field->denoiser;
  case ASSAY_NOISE:
    return field->noise;
  case ASSAY_LOG_DENSITY:
    return field->log_density;
  case ASSAY_DIVERGENCE:
    return field->divergence;
  }
  return NULL;
}

static void field_init(oracle_field *field, bool everything) {
  slong d = MAX_DIMENSION;
  *field = (oracle_field){.denoiser = _arb_vec_init(d), .noise = _arb_vec_init(d), .log_density = _arb_vec_init(1)};
  if (!everything) return;
  field->velocity = _arb_vec_init(d);
  field->score = _arb_vec_init(d);
  field->divergence = _arb_vec_init(1);
}

static void field_clear(oracle_field *field) {
  _arb_vec_clear(field->denoiser, MAX_DIMENSION);
  _arb_vec_clear(field->noise, MAX_DIMENSION);
  _arb_vec_clear(field->log_density, 1);
  if (field->velocity) _arb_vec_clear(field->velocity, MAX_DIMENSION);
  if (field->score) _arb_vec_clear(field->score, MAX_DIMENSION);
  if (field->divergence) _arb_vec_clear(field->divergence, 1);
}

/* The path that the schedule's kind names; parameters of vp are doubles here. */
static void set_schedule(oracle_path *path, const assay_schedule *schedule, const arb_t time, slong bits) {
  arb_t low, high;
  arb_init(low), arb_init(high);
  arb_set_d(low, schedule->beta_min.nearest);
  arb_set_d(high, schedule->beta_max.nearest);
  if (schedule->kind == ASSAY_LINEAR) oracle_path_linear(path, time, bits);
  if (schedule->kind == ASSAY_TRIGONOMETRIC) oracle_path_trigonometric(path, time, bits);
  if (schedule->kind == ASSAY_POLYNOMIAL) oracle_path_polynomial(path, time, schedule->degree, bits);
  if (schedule->kind == ASSAY_LINEAR_VP) oracle_path_linear_vp(path, time, bits);
  if (schedule->kind == ASSAY_VP) oracle_path_vp(path, time, low, high, bits);
  arb_clear(low), arb_clear(high);
}

enum { SCHEDULES = 5 };

static assay_schedule numbered_schedule(size_t number) {
  const assay_schedule schedules[SCHEDULES] = {assay_schedule_of(ASSAY_LINEAR), assay_schedule_of(ASSAY_TRIGONOMETRIC),
                                               assay_schedule_polynomial(3), assay_schedule_of(ASSAY_LINEAR_VP),
                                               assay_schedule_vp(assay_real_of(0.1), assay_real_of(20))};
  return schedules[number % SCHEDULES];
}

static void set_path(oracle_path *path, const assay_path_point *point, slong bits) {
  arb_t time;
  arb_init(time);
  if (point->schedule.kind == ASSAY_COEFFICIENTS) {
    arb_set_d(path->alpha, point->alpha.nearest);
    arb_set_d(path->beta, point->beta.nearest);
  } else {
    arb_set_d(time, point->time.nearest);
    set_schedule(path, &point->schedule, time, bits);
  }
  arb_clear(time);
}

typedef void (*drawing)(example *, test_random *, size_t, covariances, assay_context *);
typedef void (*oracle)(oracle_field *, const oracle_mixture *, const oracle_path *, const double *, slong);

static void compare_all(const example *e, const assay_path_point *point, oracle compute, oracle_field *field,
                        assay_context *context) {
  oracle_path path;
  oracle_path_init(&path);
  set_path(&path, point, ORACLE_BITS);
  compute(field, &e->theirs, &path, e->x, ORACLE_BITS);
  for (int q = ASSAY_VELOCITY; q <= ASSAY_DIVERGENCE; q++) {
    bool needs_rates = q == ASSAY_VELOCITY || q == ASSAY_DIVERGENCE;
    arb_srcptr values = of_quantity(field, (assay_quantity)q);
    if (values && !(needs_rates && point->schedule.kind == ASSAY_COEFFICIENTS))
      compare(e, (assay_quantity)q, point, values, context);
  }
  oracle_path_clear(&path);
}

static assay_path_point random_point(test_random *random, size_t which) {
  if (which % (SCHEDULES + 1) == SCHEDULES)
    return assay_path_point_of(assay_real_of(test_uniform(random, 0.2, 2)),
                               assay_real_of(test_uniform(random, 0.2, 2)));
  return assay_path_point_at(numbered_schedule(which % (SCHEDULES + 1)),
                             assay_real_of(test_uniform(random, 0.05, 0.95)));
}

static void run(oracle compute, drawing take, covariances which, bool everything, size_t cases, uint64_t salt) {
  assay_context context;
  assay_context_init(&context);
  test_random random = test_random_new(salt);
  oracle_field field;
  field_init(&field, everything);
  for (size_t i = 0; i < test_cases(cases); i++) {
    example e;
    take(&e, &random, 1 + i % MAX_DIMENSION, which, &context);
    assay_path_point point = random_point(&random, i / MAX_DIMENSION);
    compare_all(&e, &point, compute, &field, &context);
    assay_mixture_clear(&e.ours);
  }
  field_clear(&field);
}

static void fields_agree_with_integrals(void **state) {
  (void)state;
  run(oracle_field_by_integration, draw, ISOTROPIC, false, 27, 101);
  run(oracle_field_by_integration, draw, CORRELATED_PLANE, false, 45, 105);
}

static void fields_agree_with_derivatives(void **state) {
  (void)state;
  run(oracle_field_by_differentiation, draw, ISOTROPIC, true, 90, 102);
  run(oracle_field_by_differentiation, draw, ANY_KIND, true, 180, 106);
}

static void structured_fields_agree(void **state) {
  (void)state;
  run(oracle_field_by_differentiation, draw_structured, ISOTROPIC, true, 150, 104);
  run(oracle_field_by_differentiation, draw_structured, ANY_KIND, true, 300, 107);
}

/* Near the ends, by differentiation: t close to 0 costs the oracle two factors 1/beta, hence more bits than 256 lose.
 */
static void fields_agree_near_the_ends(void **state) {
  (void)state;
  static const double times[] = {0x1p-40, 0x1p-20, 1e-6, 1 - 0x1p-20, 1 - 0x1p-53};
  assay_context context;
  assay_context_init(&context);
  test_random random = test_random_new(103);
  oracle_field field;
  field_init(&field, true);
  for (size_t i = 0; i < test_cases(8); i++)
    for (size_t t = 0; t < sizeof times / sizeof *times; t++)
      for (size_t schedule = 0; schedule < SCHEDULES; schedule++) {
        example e;
        draw(&e, &random, 1 + i % MAX_DIMENSION, i % 2 ? ANY_KIND : ISOTROPIC, &context);
        assay_path_point point = assay_path_point_at(numbered_schedule(schedule), assay_real_of(times[t]));
        compare_all(&e, &point, oracle_field_by_differentiation, &field, &context);
        assay_mixture_clear(&e.ours);
      }
  field_clear(&field);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields_agree_with_integrals),
      cmocka_unit_test(fields_agree_with_derivatives),
      cmocka_unit_test(structured_fields_agree),
      cmocka_unit_test(fields_agree_near_the_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
