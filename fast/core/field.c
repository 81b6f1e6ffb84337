/* Fields of mixtures. Isotropic ones here (field_mixed.c has the others): groups of points, small enough to stay in the
 * nearest cache from reading x to writing the output, with two products with the means. A point's numbers do not depend
 * on the points beside it. Threads are OpenMP's, over tiles of groups. */
#include "fast/core/field_mixed.h"
#include "fast/core/field_point.h"
#include "fast/core/tiles.h"

#include <limits.h>
#include <string.h>

typedef struct {
  field_plan plan;
  size_t tile; /* points per tile */
  size_t points, width;
  const double *x;
  double *out, *bound;
} field_job;

/* Points per tile, whole groups: enough work for what a tile costs, and tiles enough for threads where rows are long.
 */
static size_t tile_points(size_t d, size_t count) {
  static const size_t WORK = (size_t)1 << 16, MOST = 128;
  size_t points = MOST;
  while (points > FIELD_GROUP && points * (d + count) > WORK) points /= 2;
  return points;
}

/* Work memory: FIELD_GROUP rows of d numbers; products, weights and two more arrays of count x FIELD_GROUP; arrays of
 * one point. */
enum { GROUP_ARRAYS = 4, POINT_ARRAYS = 5 };

static size_t scratch_doubles(size_t d, size_t count) {
  return FIELD_GROUP * (d + GROUP_ARRAYS * count) + POINT_ARRAYS * field_padded(count);
}

/* One point of a group by itself: column i of the products, and of the weights. */
static void weigh_one(field_point *record, double *weights, const field_plan *plan, const double *x,
                      const double *products, double square, double *arrays, size_t i) {
  size_t count = plan->count, padded = field_padded(count);
  field_posterior posterior = {
      .share = arrays, .doubt = arrays + padded, .weights = arrays + 2 * padded, .errors = arrays + 3 * padded};
  double *row = arrays + 4 * padded;
  for (size_t k = 0; k < count; k++) row[k] = products[k * FIELD_GROUP + i];
  field_point_weigh(record, row, plan, &posterior, x, row, square);
  for (size_t k = 0; k < count; k++) weights[k * FIELD_GROUP + i] = row[k];
}

/* The start of a row that will be read soon: of short ones, between whose groups the processor loses sight of memory.
 */
static void ask_for(const double *row, size_t d) {
  enum { MOST = 512, LINE = 8 };
  for (size_t j = 0; j < d && j < MOST; j += LINE) __builtin_prefetch(row + j);
}

/* Points first to first + points, at most FIELD_GROUP. */
static void run_group(const field_job *job, size_t first, size_t points, double *scratch) {
  const field_plan *plan = &job->plan;
  size_t d = plan->dimension, count = plan->count, each = FIELD_GROUP * count;
  double *rows = scratch, *products = rows + FIELD_GROUP * d, *weights = products + each, *arrays = weights + each;
  double square[FIELD_GROUP] = {0};
  field_point records[FIELD_GROUP] = {{0}};
  const double *x = job->x + first * d;

  for (size_t i = 0; i < points; i++) square[i] = plan->rows->centre(rows + i * d, x + i * d, plan->shift, d);
  memset(rows + points * d, 0, (FIELD_GROUP - points) * d * sizeof *rows);
  plan->rows->products(products, rows, plan->means, count, d);
  if (!plan->scalar) plan->rows->weigh(records, weights, plan, products, square, arrays, arrays + each);
  for (size_t i = 0; i < points; i++)
    if (records[i].stretch == 0.0)
      weigh_one(&records[i], weights, plan, x + i * d, products, square[i], arrays + 2 * each, i);
  if (plan->quantity != ASSAY_LOG_DENSITY) plan->rows->sums(rows, weights, plan->means, count, d);
  for (size_t i = 0; i < points; i++) {
    if (first + FIELD_GROUP + i < job->points) ask_for(x + (FIELD_GROUP + i) * d, d);
    double bound = field_point_finish(job->out + (first + i) * job->width, &records[i], plan, x + i * d, rows + i * d);
    if (job->bound) job->bound[first + i] = bound;
  }
}

static assay_status run_tile(void *self, size_t index, void *scratch, assay_context *context) {
  (void)context;
  field_job *job = self;
  for (size_t first = index * job->tile; first < job->points && first < (index + 1) * job->tile; first += FIELD_GROUP)
    run_group(job, first, job->points - first < FIELD_GROUP ? job->points - first : FIELD_GROUP, scratch);
  return ASSAY_OK;
}

static assay_status run_free_tile(void *self, size_t index, void *scratch, assay_context *context) {
  (void)context;
  (void)scratch;
  const field_job *job = self;
  size_t d = job->plan.dimension, first = index * job->tile;
  for (size_t i = first; i < job->points && i < first + job->tile; i++) {
    double bound = field_point_free(job->out + i * d, &job->plan, job->x + i * d);
    if (job->bound) job->bound[i] = bound;
  }
  return ASSAY_OK;
}

static assay_status check(assay_quantity quantity, const assay_mixture *mixture, const assay_path_point *point,
                          const double *x, size_t points, assay_context *context) {
  assay_status status = assay_mixture_check(mixture, context);
  if (status == ASSAY_OK) status = assay_path_point_check(point, quantity, context);
  const field_rows *rows = field_rows_for(assay_fast_isa_resolve(context->isa));
  if (status == ASSAY_OK && !(x && rows->finite(x, points * mixture->dimension)))
    status = assay_points_check(x, points, mixture->dimension, context);
  if (status != ASSAY_OK) return status;
  if (mixture->dimension > INT_MAX || mixture->count > INT_MAX)
    return assay_fail(context, ASSAY_UNSUPPORTED,
                      "mixture of dimension %zu with %zu components: the matrix library counts up to %d",
                      mixture->dimension, mixture->count, INT_MAX);
  return ASSAY_OK;
}

/* Both allocations together stay within the cap. */
static assay_status check_memory(const field_job *job, const assay_mixture *mixture, const assay_context *limits,
                                 assay_context *context) {
  size_t threads = tiles_threads(tiles_count(job->points, job->tile), limits);
  size_t work = threads * (scratch_doubles(mixture->dimension, mixture->count) * sizeof(double) + 128);
  size_t plan = field_plan_bytes(mixture), cap = limits->memory_cap;
  if (cap && (plan > cap || work > cap - plan))
    return assay_fail(context, ASSAY_MEMORY,
                      "field: %zu bytes for the mixture and %zu for work exceed the memory cap of %zu", plan, work,
                      cap);
  return ASSAY_OK;
}

static assay_status isotropic_field(double *out, double *bound, assay_quantity quantity, const assay_mixture *mixture,
                                    const assay_path_point *point, const double *x, size_t points,
                                    assay_context *context) {
  size_t d = mixture->dimension, count = mixture->count;
  field_job job = {.tile = tile_points(d, count), .points = points, .x = x};
  job.out = out;
  job.bound = bound;
  job.width = assay_quantity_width(quantity, d);
  assay_context quiet = *context;
  quiet.progress = NULL;
  assay_status status = check_memory(&job, mixture, &quiet, context);
  if (status == ASSAY_OK) status = field_plan_init(&job.plan, quantity, mixture, point, context);
  if (status != ASSAY_OK) return status;
  size_t tiles = tiles_count(points, job.tile);
  status = job.plan.posterior_free
               ? tiles_run(tiles, 0, run_free_tile, &job, "field", &quiet)
               : tiles_run(tiles, scratch_doubles(d, count) * sizeof(double), run_tile, &job, "field", &quiet);
  field_plan_clear(&job.plan);
  if (status != ASSAY_OK) memcpy(context->message, quiet.message, sizeof context->message);
  return status;
}

static bool is_isotropic(const assay_mixture *mixture) {
  for (size_t k = 0; k < mixture->count; k++)
    if (mixture->components[k].covariance.kind != ASSAY_COVARIANCE_ISOTROPIC) return false;
  return true;
}

/* Where tau is exactly 0, out = A x with an A that no covariance enters (M1): one isotropic component tells. */
static bool is_posterior_free(assay_quantity quantity, const assay_path_point *point) {
  schedule_coefficients at = schedule_coefficients_at(point);
  ball tau = field_output_of(quantity, &at).tau;
  return assay_quantity_width(quantity, 2) == 2 && tau.value == 0.0 && tau.error == 0.0;
}

assay_status assay_fast_field(double *out, double *bound, assay_quantity quantity, const assay_mixture *mixture,
                              const assay_path_point *point, const double *x, size_t points, assay_context *context) {
  assay_status status = check(quantity, mixture, point, x, points, context);
  if (status != ASSAY_OK || points == 0) return status;
  /* No cancelling half way: outputs stay whole. */
  status = assay_progress(context, "field", 0.0);
  if (status != ASSAY_OK) return status;
  if (is_isotropic(mixture)) return isotropic_field(out, bound, quantity, mixture, point, x, points, context);
  assay_context quiet = *context;
  quiet.progress = NULL;
  status = field_mixed_check(mixture, &quiet);
  if (status != ASSAY_OK) {
    memcpy(context->message, quiet.message, sizeof context->message);
    return status;
  }
  if (!is_posterior_free(quantity, point))
    return field_mixed_run(out, bound, quantity, mixture, point, x, points, context);
  assay_component any = mixture->components[0];
  any.covariance = (assay_covariance){.kind = ASSAY_COVARIANCE_ISOTROPIC, .variance = assay_real_of(1.0)};
  assay_mixture stand_in = {.dimension = mixture->dimension, .count = 1, .components = &any};
  return isotropic_field(out, bound, quantity, &stand_in, point, x, points, context);
}
