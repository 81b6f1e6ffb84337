/* Fields: random problems of every family, each followed by a descent on the error. */
#include "search.h"

#include <assay/fast.h>
#include <assay/reference.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 8, GOAL_BITS = 100, QUANTITIES = 6, SIZES = 4, WITNESS_SIZES = 3, QUICK_SIZES = 2 };

static const size_t dimensions[SIZES] = {1, 2, 8, 64};
/* Problems of each family at each dimension. */
static const size_t problems[SIZES] = {8, 8, 3, 1}, generations[SIZES] = {8, 8, 8, 2};

typedef struct {
  assay_quantity quantity;
  int kind;
  assay_schedule_kind schedule;
  assay_context context;
  double ratio[SIZES], units[SIZES]; /* largest seen; units: of the ordinary family */
  accuracy_error worst, ordinary;    /* of the witnesses */
  json_t *worst_witness, *ordinary_witness;
  size_t evaluations, infinite, refused, violations;
} field_row;

/* ---- measuring ---- */

/* Distance of a double to the nearest point of an enclosure, rounded down: the least error it can have. */
static double least_distance(double value, mpfi_srcptr enclosure) {
  if (!isfinite(value)) return INFINITY;
  mpfr_t off;
  mpfr_init2(off, 2200);
  mpfr_sub_d(off, &enclosure->left, value, MPFR_RNDD);
  double above = mpfr_get_d(off, MPFR_RNDD);
  mpfr_d_sub(off, value, &enclosure->right, MPFR_RNDD);
  double below = mpfr_get_d(off, MPFR_RNDD);
  mpfr_clear(off);
  return fmax(0.0, fmax(above, below));
}

static double scale_of(const assay_mixture *mixture, const double *x) {
  double scale = 1.0;
  for (size_t j = 0; j < mixture->dimension; j++) {
    scale = fmax(scale, fabs(x[j]));
    for (size_t k = 0; k < mixture->count; k++) scale = fmax(scale, fabs(mixture->components[k].mean[j]));
  }
  return scale;
}

static accuracy_error error_of(const double *out, double bound, mpfi_srcptr exact, size_t width, double scale) {
  accuracy_error e = {0.0, bound, 0.0, 0.0};
  double value = 0.0;
  for (size_t j = 0; j < width; j++) {
    e.error = fmax(e.error, least_distance(out[j], exact + j));
    value = fmax(value, fabs(out[j]));
  }
  e.ulps = accuracy_ulps(e.error, value);
  e.units = e.error * 0x1p53 / scale;
  return e;
}

/* The errors at `points` points; false where fast refuses (a full V without Cholesky factor in double). */
static bool measure(accuracy_error *out, assay_quantity quantity, const accuracy_problem *p, const double *x,
                    size_t points, assay_context *context) {
  size_t d = p->mixture.dimension, width = assay_quantity_width(quantity, d);
  double *fast = calloc(points * width + points, sizeof *fast);
  mpfi_ptr exact = NULL;
  if (!fast || assay_enclosures_init(&exact, points * width, context)) exit(3);
  double *bound = fast + points * width;
  assay_status status = assay_fast_field(fast, bound, quantity, &p->mixture, &p->point, x, points, context);
  bool refused = status == ASSAY_PRECISION || status == ASSAY_INVALID;
  if (!status) status = assay_reference_field(exact, quantity, &p->mixture, &p->point, x, points, GOAL_BITS, context);
  if (status && !refused) {
    fprintf(stderr, "accuracy: %s: %s\n", assay_quantity_name(quantity), context->message);
    exit(3);
  }
  for (size_t i = 0; !refused && i < points; i++)
    out[i] = error_of(fast + i * width, bound[i], exact + i * width, width, scale_of(&p->mixture, x + i * d));
  assay_enclosures_clear(exact, points * width);
  free(fast);
  return !refused;
}

/* ---- searching ---- */

/* One problem's search. by_units: the descent is on the error over u scale instead of the bound. */
typedef struct {
  field_row *row;
  accuracy_problem problem;
  accuracy_family family;
  size_t size;
  bool by_units;
} field_search;

static void keep_witness(json_t **witness, accuracy_error *kept, accuracy_error seen, const field_search *s,
                         const double *x) {
  json_decref(*witness);
  *witness = accuracy_witness(&s->problem, x, s->family);
  *kept = seen;
}

static void note(const field_search *s, accuracy_error seen, const double *x) {
  field_row *row = s->row;
  row->evaluations++;
  if (seen.error > seen.bound || isnan(seen.bound)) {
    row->violations++;
    json_t *witness = accuracy_witness(&s->problem, x, s->family);
    accuracy_print_violation("search", assay_quantity_name(row->quantity), seen, witness);
    json_decref(witness);
  }
  if (isinf(seen.bound)) {
    row->infinite++;
    return;
  }
  double ratio = accuracy_ratio(seen);
  bool witness = s->size < WITNESS_SIZES;
  row->ratio[s->size] = fmax(row->ratio[s->size], ratio);
  if (witness && ratio > accuracy_ratio(row->worst)) keep_witness(&row->worst_witness, &row->worst, seen, s, x);
  if (s->family != FAMILY_ORDINARY) return;
  row->units[s->size] = fmax(row->units[s->size], seen.units);
  if (witness && seen.units > row->ordinary.units) keep_witness(&row->ordinary_witness, &row->ordinary, seen, s, x);
}

static double objective(const field_search *s, accuracy_error seen) {
  if (isinf(seen.bound)) return 0.0;
  return s->by_units ? seen.units : accuracy_ratio(seen);
}

/* The best of a batch of points, or POINTS where fast refuses. */
static size_t best_of_batch(double *best, const field_search *s, const double *x) {
  accuracy_error seen[POINTS];
  field_row *row = s->row;
  if (!measure(seen, row->quantity, &s->problem, x, POINTS, &row->context)) {
    row->refused += POINTS;
    return POINTS;
  }
  size_t at = 0;
  for (size_t i = 0; i < POINTS; i++) {
    note(s, seen[i], x + i * s->problem.mixture.dimension);
    if (objective(s, seen[i]) > objective(s, seen[at])) at = i;
  }
  *best = objective(s, seen[at]);
  return at;
}

/* A batch of random points; then batches of neighbours of the best point so far, and every other time of the problem.
 */
static void descend(field_search *s, test_random *random) {
  size_t d = s->problem.mixture.dimension;
  double *x = calloc((POINTS + 1) * d, sizeof *x), best = 0.0;
  if (!x) exit(3);
  double *kept = x + POINTS * d;
  accuracy_problem_points(x, POINTS, &s->problem, s->family, random);
  size_t at = best_of_batch(&best, s, x);
  if (at < POINTS) memcpy(kept, x + at * d, d * sizeof *x);
  for (size_t generation = 0; at < POINTS && generation < generations[s->size]; generation++) {
    accuracy_move move = {NULL, NULL, {0.0, NULL}};
    if (generation % 2) move = accuracy_problem_move(&s->problem, random);
    for (size_t i = 0; i < POINTS; i++)
      for (size_t j = 0; j < d; j++)
        x[i * d + j] = i && test_bits(random) % 2 ? accuracy_nudge(kept[j], 0x1p-4, random) : kept[j];
    double value = 0.0;
    size_t better = best_of_batch(&value, s, x);
    if (better < POINTS && value > best) {
      best = value;
      memcpy(kept, x + better * d, d * sizeof *x);
    } else
      accuracy_problem_undo(move);
  }
  free(x);
}

static void search(field_row *row, accuracy_effort effort) {
  for (size_t family = 0; family < FAMILY_COUNT; family++)
    for (size_t size = 0; size < (effort == SEARCH_QUICK ? QUICK_SIZES : SIZES); size++)
      for (size_t i = 0; i < (effort == SEARCH_QUICK ? 1 : problems[size]); i++) {
        const size_t key[] = {(size_t)row->quantity, (size_t)row->kind, (size_t)row->schedule, family, size, i};
        test_random random = accuracy_random(key, sizeof key / sizeof *key);
        field_search s = {.row = row,
                          .family = (accuracy_family)family,
                          .size = size,
                          .by_units = family == FAMILY_ORDINARY && i % 2};
        accuracy_problem_make(&s.problem, s.family, row->kind, row->schedule, dimensions[size], &random);
        descend(&s, &random);
        accuracy_problem_clear(&s.problem);
      }
}

/* ---- rows ---- */

/* A committed witness, measured now. */
static json_t *again(field_row *row, const json_t *record) {
  json_t *witness = json_object_get(record, "witness");
  accuracy_problem problem = {.mixture = {0}};
  accuracy_error seen = {.error = INFINITY};
  double *x;
  accuracy_witness_read(&problem, &x, witness);
  bool known = measure(&seen, row->quantity, &problem, x, 1, &row->context);
  if (!known || !(seen.error <= seen.bound)) {
    row->violations++;
    accuracy_print_violation(known ? "committed witness" : "committed witness, now refused",
                             assay_quantity_name(row->quantity), seen, witness);
  }
  accuracy_problem_clear(&problem);
  free(x);
  return known ? accuracy_record(seen, json_incref(witness)) : json_null();
}

static json_t *by_dimension(const double *values) {
  json_t *out = json_array();
  for (size_t size = 0; size < SIZES; size++) json_array_append_new(out, json_real(values[size]));
  return out;
}

static json_t *row_of(field_row *row, accuracy_effort effort, const json_t *committed) {
  const char *quantity = assay_quantity_name(row->quantity), *kind = accuracy_kind_name(row->kind);
  const char *schedule = assay_schedule_name(row->schedule);
  const json_t *old = committed ? accuracy_row(committed, "field", quantity, kind, schedule) : NULL;
  search(row, effort);
  json_t *out = accuracy_new_row("field", quantity, kind, schedule, row->evaluations);
  json_object_set_new(out, "infinite", json_integer((json_int_t)row->infinite));
  json_object_set_new(out, "refused", json_integer((json_int_t)row->refused));
  json_object_set_new(out, "ratios", by_dimension(row->ratio));
  json_object_set_new(out, "units", by_dimension(row->units));
  json_t *worst =
      old ? again(row, json_object_get(old, "worst")) : accuracy_record(row->worst, json_incref(row->worst_witness));
  json_t *ordinary = old ? again(row, json_object_get(old, "ordinary"))
                         : accuracy_record(row->ordinary, json_incref(row->ordinary_witness));
  json_object_set_new(out, "worst", worst);
  json_object_set_new(out, "ordinary", ordinary);
  json_decref(row->worst_witness);
  json_decref(row->ordinary_witness);
  return out;
}

size_t accuracy_fields(json_t *rows, accuracy_effort effort, const json_t *committed) {
  enum { ROWS = QUANTITIES * KIND_COUNT * 3 };
  json_t *made[ROWS] = {NULL};
  size_t violations = 0;
#pragma omp parallel for schedule(dynamic) reduction(+ : violations)
  for (int r = 0; r < ROWS; r++) {
    field_row row = {.quantity = (assay_quantity)(r / (3 * KIND_COUNT)),
                     .kind = r / 3 % KIND_COUNT,
                     .schedule = (assay_schedule_kind)(r % 3)};
    bool rate = row.quantity == ASSAY_VELOCITY || row.quantity == ASSAY_DIVERGENCE;
    if (rate && row.schedule == ASSAY_COEFFICIENTS) continue;
    assay_context_init(&row.context);
    row.context.threads = 1;
    row.context.max_bits = 1L << 17;
    made[r] = row_of(&row, effort, committed);
    violations += row.violations;
  }
  for (int r = 0; r < ROWS; r++)
    if (made[r]) json_array_append_new(rows, made[r]);
  return violations;
}
