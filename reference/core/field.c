/* Fields of mixtures over many points: each point raises its own precision until its goal is met. */
#include "reference/core/field_point.h"

#include "reference/core/decimal.h"
#include "reference/core/field_coordinate.h"
#include "reference/core/field_rounded.h"
#include "reference/core/field_sum.h"
#include "reference/core/quick_field.h"

#include <assay/reference.h>

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* What is wanted: enclosures that reach goal_bits, or numbers rounded by a rule, as they are or as doubles. The other
 * arrays are NULL. */
typedef struct {
  field_problem problem;
  field_factors *factors; /* of a general problem, else NULL */
  const double *x;
  size_t points, width;
  long goal_bits;
  mpfi_ptr enclosures;
  rounding_rule rule;
  rounded *rounded;
  double *doubles;
  size_t first;           /* number of the first point, for messages */
  const quick_plan *plan; /* NULL: intervals alone */
} field_request;

/* One thread's share of the work. */
typedef struct {
  field_weights weights;
  mpfi_ptr value;
  unsigned char *strict, *settled; /* settled: 1 where the number is in the results */
  quick_work *quick;               /* NULL: none */
  size_t escalated;
} worker;

/* Bits lost to roundings: a few per operation, and the sums over d coordinates and the components. Interval elimination
 * loses more: for well-conditioned covariances about d/5 bits were seen (ldl.h). */
static long start_bits(const field_request *request) {
  enum { GUARD = 32, ROWS_PER_BIT = 5 };
  const assay_mixture *mixture = request->problem.mixture;
  bool full = false;
  for (size_t k = 0; k < mixture->count; k++) full = full || field_is_full(&request->problem, k);
  return request->goal_bits + GUARD + ilogb((double)mixture->dimension) + ilogb((double)mixture->count) +
         (full ? (long)mixture->dimension / ROWS_PER_BIT : 0);
}

static bool worker_init(worker *out, const field_request *request, long max_bits) {
  out->value = malloc(request->width * sizeof *out->value);
  out->strict = calloc(request->width, 2 * sizeof *out->strict);
  if (!out->value || !out->strict) {
    free(out->value);
    free(out->strict);
    return false;
  }
  out->settled = out->strict + request->width;
  for (size_t j = 0; j < request->width; j++) mpfi_init(&out->value[j]);
  out->quick = request->plan ? quick_work_new(request->plan) : NULL;
  out->escalated = 0;
  field_weights_init(&out->weights, &request->problem, request->factors, start_bits(request), max_bits);
  return true;
}

static void worker_clear(worker *w, const field_request *request) {
  for (size_t j = 0; j < request->width; j++) mpfi_clear(&w->value[j]);
  free(w->value);
  free(w->strict);
  quick_work_free(w->quick);
  field_weights_clear(&w->weights);
}

static void evaluate(worker *w, const field_request *request, size_t level) {
  bool general = request->problem.general;
  field_weights_compute(&w->weights, level);
  switch (request->problem.quantity) {
  case ASSAY_LOG_DENSITY:
    mpfi_set_prec(w->value, mpfi_get_prec(w->weights.log_density));
    mpfi_set(w->value, w->weights.log_density);
    return;
  case ASSAY_DIVERGENCE:
    (general ? field_general_divergence : field_isotropic_divergence)(w->value, &w->weights, level);
    return;
  case ASSAY_VELOCITY:
  case ASSAY_SCORE:
  case ASSAY_DENOISER:
  case ASSAY_NOISE:
    if (request->enclosures && !general)
      field_isotropic_enclosed(w->value, w->settled, &w->weights, level);
    else
      (general ? field_general_wide : field_isotropic_wide)(w->value, w->strict, w->settled, &w->weights, level);
    return;
  }
}

static double point_scale(const field_request *request, const double *x) {
  double scale = request->problem.mean_size;
  for (size_t j = 0; j < request->problem.mixture->dimension; j++) scale = fmax(scale, fabs(x[j]));
  return scale;
}

/* Is component j good enough? If so it is stored. */
static bool store(const field_request *request, worker *w, size_t point, double scale, size_t j) {
  size_t i = point * request->width + j;
  bool above = w->strict[j] & FIELD_ABOVE_LOWER, below = w->strict[j] & FIELD_BELOW_UPPER;
  if (request->doubles) return enclosure_nearest(&request->doubles[i], &w->value[j], above, below);
  if (request->rounded) return rounding_of_enclosure(&request->rounded[i], &w->value[j], above, below, request->rule);
  if (!iv_reached(&w->value[j], request->goal_bits, scale)) return false;
  mpfi_swap(&request->enclosures[i], &w->value[j]);
  return true;
}

/* Is all of the point settled now? If not, *component says what is the first that is not. */
static bool settle(const field_request *request, worker *w, size_t point, double scale, size_t *component) {
  bool all = true;
  for (size_t j = request->width; j-- > 0;) {
    w->settled[j] = w->settled[j] || store(request, w, point, scale, j);
    if (w->settled[j]) continue;
    all = false;
    *component = j;
  }
  return all;
}

/* In double-double: settles what its bounds leave no rounding open of. Is that all? */
static bool solve_quickly(const field_request *request, worker *w, size_t point) {
  quick_values values;
  size_t first = point * request->width, open = 0;
  memset(w->settled, 0, request->width);
  if (!w->quick) return false;
  if (!quick_field(&values, w->quick, request->plan, request->x + point * request->problem.mixture->dimension))
    return false;
  if (request->doubles &&
      rounding_to_high(request->doubles + first, values.high, values.low, values.bound, request->width))
    return true;
  for (size_t j = 0; j < request->width; j++) {
    rounded value;
    w->settled[j] = rounding_of_ball(&value, values.high[j], values.low[j], values.bound[j], request->rule);
    open += !w->settled[j];
    if (!w->settled[j]) continue;
    if (request->doubles)
      request->doubles[first + j] = rounded_double(value);
    else
      request->rounded[first + j] = value;
  }
  return open == 0;
}

/* false: not within max_bits. */
static bool solve_point(const field_request *request, worker *w, size_t point, size_t *component) {
  const double *x = request->x + point * request->problem.mixture->dimension;
  if (solve_quickly(request, w, point)) return true;
  w->escalated++;
  double scale = point_scale(request, x);
  field_weights_set_point(&w->weights, x);
  for (size_t level = 0; level < w->weights.levels; level++) {
    evaluate(w, request, level);
    if (settle(request, w, point, scale, component)) return true;
  }
  return false;
}

/* ---- all points ---- */

/* What threads share. Only the smallest failed point is kept, so that messages do not depend on their number. */
typedef struct {
  size_t failed_point, failed_component; /* failed_point SIZE_MAX: none */
  assay_status status;                   /* no memory, or cancelled; its message is written by whoever sees it last */
  size_t escalated;                      /* points that needed intervals */
} outcome;

static bool still_wanted(const outcome *shared, size_t point) {
  bool wanted = false;
#pragma omp critical(assay_field)
  wanted = !shared->status && point < shared->failed_point;
  return wanted;
}

static void record_failure(outcome *shared, size_t point, size_t component) {
#pragma omp critical(assay_field)
  if (point < shared->failed_point) {
    shared->failed_point = point;
    shared->failed_component = component;
  }
}

static void record_status(outcome *shared, assay_status status) {
#pragma omp critical(assay_field)
  if (status && !shared->status) shared->status = status;
}

static int thread_count(const field_request *request, const assay_context *context) {
  if (!mpfr_buildopt_tls_p()) return 1; /* an MPFR whose flags and constants all threads would share */
  int threads = context->threads > 0 ? context->threads : omp_get_max_threads();
  return request->points < (size_t)threads ? (int)request->points : threads;
}

/* The caller's thread alone reports progress. */
static outcome solve_points(const field_request *request, int threads, long max_bits, assay_context *context) {
  outcome shared = {.failed_point = SIZE_MAX};
#pragma omp parallel num_threads(threads)
  {
    worker w;
    bool ready = worker_init(&w, request, max_bits);
    if (!ready) record_status(&shared, ASSAY_MEMORY);
#pragma omp for schedule(dynamic, 1)
    for (size_t i = 0; i < request->points; i++) {
      if (!ready || !still_wanted(&shared, i)) continue;
      size_t component = 0;
      if (!solve_point(request, &w, i, &component)) record_failure(&shared, i, component);
      if (omp_get_thread_num() == 0)
        record_status(&shared, assay_progress(context, "field", (double)(i + 1) / (double)request->points));
    }
#pragma omp atomic
    shared.escalated += ready ? w.escalated : 0;
    if (ready) worker_clear(&w, request);
    if (omp_get_thread_num() != 0) mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE);
  }
  return shared;
}

static assay_status report(const field_request *request, const outcome *result, long max_bits, assay_context *context) {
  if (result->status == ASSAY_CANCELLED) return result->status; /* with assay_progress's message */
  if (result->status) return assay_fail(context, result->status, "field: no memory for %zu numbers", request->width);
  if (result->failed_point == SIZE_MAX) return ASSAY_OK;
  return assay_fail(context, max_bits < context->max_bits ? ASSAY_MEMORY : ASSAY_PRECISION,
                    "%s: point %zu, component %zu: %s is not reached with %ld bits (max_bits %ld, memory cap %zu)",
                    assay_quantity_name(request->problem.quantity), request->first + result->failed_point,
                    result->failed_component, request->enclosures ? "the goal" : "a rounding", max_bits,
                    context->max_bits, context->memory_cap);
}

/* ---- memory ---- */

static size_t result_size(const field_request *request, size_t enclosure) {
  if (request->enclosures) return enclosure;
  return request->doubles ? sizeof(double) : sizeof(rounded);
}

/* A generous count of the bytes a request takes at `bits`; SIZE_MAX on overflow. */
static size_t request_bytes(const field_request *request, size_t threads, long bits) {
  enum { HEADERS = 64 };
  size_t each = sizeof(__mpfi_struct) + HEADERS + (size_t)bits / 4, results = 0, workers = 0, total = 0;
  size_t weights = field_weights_bytes(&request->problem, bits);
  size_t factors = request->problem.general ? field_factors_bytes(&request->problem, bits) : 0;
  if (__builtin_mul_overflow(request->points, request->width, &results) ||
      __builtin_mul_overflow(results, result_size(request, each), &results) ||
      __builtin_mul_overflow(request->width, each + 1, &workers) ||
      __builtin_add_overflow(workers, weights, &workers) || __builtin_mul_overflow(workers, threads, &workers) ||
      __builtin_add_overflow(results, workers, &total) || __builtin_add_overflow(total, factors, &total))
    return SIZE_MAX;
  return total;
}

/* The largest precision that memory allows, at most max_bits; 0 when not even the first does. */
static long affordable_bits(const field_request *request, size_t threads, const assay_context *context) {
  long start = start_bits(request), bits = context->max_bits;
  if (!context->memory_cap) return bits;
  while (bits > 0 && request_bytes(request, threads, bits) > context->memory_cap) {
    if (bits <= start) return 0;
    bits = bits / 2 > start ? bits / 2 : start;
  }
  return bits;
}

/* Is there memory for double-double beside the rest? */
static bool affords_quick(const field_request *request, size_t threads, long bits, size_t cap) {
  size_t plan = quick_plan_bytes(&request->problem), work = quick_work_bytes(&request->problem);
  size_t rest = request_bytes(request, threads, bits);
  return !__builtin_mul_overflow(work, threads, &work) && !__builtin_add_overflow(plan, work, &plan) &&
         !__builtin_add_overflow(plan, rest, &plan) && (!cap || plan <= cap);
}

static assay_status solve(field_request *request, size_t *escalated, bool certify, assay_context *context) {
  if (request->points == 0) return ASSAY_OK;
  int threads = thread_count(request, context);
  long max_bits = affordable_bits(request, (size_t)threads, context);
  if (!max_bits)
    return assay_fail(context, ASSAY_MEMORY,
                      "field: %zu points of %zu numbers at %ld bits exceed the memory cap of %zu", request->points,
                      request->width, start_bits(request), context->memory_cap);
  quick_plan plan;
  bool quick = !certify && !request->enclosures &&
               affords_quick(request, (size_t)threads, start_bits(request), context->memory_cap) &&
               quick_plan_init(&plan, &request->problem);
  if (quick) {
    plan.isa = context->isa;
    request->plan = &plan;
  }
  if (request->problem.general) request->factors = field_factors_new(&request->problem);
  outcome result = solve_points(request, threads, max_bits, context);
  field_factors_free(request->factors);
  request->plan = NULL;
  if (quick) quick_plan_clear(&plan);
  if (escalated) *escalated = result.escalated;
  return report(request, &result, max_bits, context);
}

/* ---- the public functions ---- */

static assay_status check_precision(long goal_bits, assay_context *context) {
  if (goal_bits < 1) return assay_fail(context, ASSAY_INVALID, "goal_bits: %ld; at least 1 is expected", goal_bits);
  if (context->max_bits < MPFR_PREC_MIN || context->max_bits > MPFR_PREC_MAX / 4 || goal_bits > context->max_bits)
    return assay_fail(context, ASSAY_PRECISION, "max_bits: %ld do not hold a goal of %ld bits", context->max_bits,
                      goal_bits);
  return ASSAY_OK;
}

static assay_status solve_mixture(field_request *request, size_t *escalated, bool certify, assay_quantity quantity,
                                  const assay_mixture *mixture, const assay_path_point *point, assay_context *context) {
  assay_status status = field_problem_init(&request->problem, quantity, mixture, point, context);
  if (status) return status;
  status = assay_points_check(request->x, request->points, mixture->dimension, context);
  if (!status) status = solve(request, escalated, certify, context);
  field_problem_clear(&request->problem);
  return status;
}

static assay_status count_results(size_t *out, size_t points, size_t width, assay_context *context) {
  if (__builtin_mul_overflow(points, width, out))
    return assay_fail(context, ASSAY_MEMORY, "field: %zu points of %zu numbers exceed memory", points, width);
  return ASSAY_OK;
}

assay_status assay_reference_field(mpfi_ptr out, assay_quantity quantity, const assay_mixture *mixture,
                                   const assay_path_point *point, const double *x, size_t points, long goal_bits,
                                   assay_context *context) {
  size_t width = assay_quantity_width(quantity, mixture->dimension), count = 0;
  mpfi_ptr results = NULL;
  assay_status status = check_precision(goal_bits, context);
  if (!status) status = count_results(&count, points, width, context);
  if (!status) status = assay_enclosures_init(&results, count, context);
  if (status) return status;
  field_request request = {.x = x, .points = points, .width = width, .goal_bits = goal_bits, .enclosures = results};
  status = solve_mixture(&request, NULL, false, quantity, mixture, point, context);
  for (size_t i = 0; !status && i < count; i++) mpfi_swap(&out[i], &results[i]);
  assay_enclosures_clear(results, count);
  return status;
}

/* Goals for a rounding start this many bits beyond it: one entry in 2000 needs a second try. */
enum { FIRST_EXCESS = 11 };

assay_status assay_reference_field_double(double *out, assay_quantity quantity, const assay_mixture *mixture,
                                          const assay_path_point *point, const double *x, size_t points,
                                          assay_context *context) {
  size_t width = assay_quantity_width(quantity, mixture->dimension), count = 0;
  void *results = NULL;
  assay_status status = check_precision(1, context);
  if (!status) status = count_results(&count, points, width, context);
  if (!status) status = assay_allocate(&results, count, sizeof *out, "field", context);
  if (status) return status;
  field_request request = {.x = x,
                           .points = points,
                           .width = width,
                           .goal_bits = ROUNDING_DOUBLE.precision + FIRST_EXCESS,
                           .rule = ROUNDING_DOUBLE,
                           .doubles = results};
  status = solve_mixture(&request, NULL, false, quantity, mixture, point, context);
  if (!status && count) memcpy(out, results, count * sizeof *out);
  free(results);
  return status;
}

assay_status field_rounded(rounded *out, size_t *escalated, rounding_rule rule, assay_quantity quantity,
                           const assay_mixture *mixture, const assay_path_point *point, const double *x, size_t points,
                           size_t first, bool certify, assay_context *context) {
  size_t width = assay_quantity_width(quantity, mixture->dimension);
  assay_status status = check_precision(1, context);
  if (status) return status;
  field_request request = {.x = x,
                           .points = points,
                           .width = width,
                           .goal_bits = rule.precision + FIRST_EXCESS,
                           .rule = rule,
                           .rounded = out,
                           .first = first};
  return solve_mixture(&request, escalated, certify, quantity, mixture, point, context);
}
