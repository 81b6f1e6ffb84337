/* Fields of mixtures. Isotropic ones here (field_mixed.c has the others): two matrix products on tiles of fixed shape,
 * the rest point by point.
 *
 * Every call of dgemm has the same shape, the last tile being padded with zero rows, so a point's numbers do not depend
 * on the points beside it. The caller sets OpenBLAS to one thread; threads here are OpenMP's, over tiles. */
#include "fast/core/field_mixed.h"
#include "fast/core/field_point.h"
#include "fast/core/tiles.h"

#include <cblas.h>
#include <limits.h>
#include <string.h>

typedef struct {
  field_plan plan;
  size_t tile; /* points per tile */
  size_t points, width;
  const double *x;
  double *out, *bound;
} field_job;

/* Points per tile: a function of the mixture's shape alone. About this many doubles of work per tile, between bounds.
 */
static size_t tile_points(size_t d, size_t count) {
  static const size_t WORK = (size_t)1 << 16, LEAST = 8, MOST = 128;
  size_t points = MOST;
  while (points > LEAST && points * (d + count) > WORK) points /= 2;
  return points;
}

static size_t scratch_doubles(size_t tile, size_t d, size_t count) { return tile * (d + count + 1) + 4 * count; }

static size_t scratch_bytes(size_t tile, size_t d, size_t count) {
  return scratch_doubles(tile, d, count) * sizeof(double) + tile * sizeof(field_point);
}

/* weights = y means' (tile x count), then y = weights means (tile x d). */
static void products_with_means(const field_job *job, const double *y, double *products) {
  const field_plan *plan = &job->plan;
  int tile = (int)job->tile, d = (int)plan->dimension, count = (int)plan->count;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, tile, count, d, 1.0, y, d, plan->means, d, 0.0, products, count);
}

static void combine_means(const field_job *job, const double *weights, double *rows) {
  const field_plan *plan = &job->plan;
  int tile = (int)job->tile, d = (int)plan->dimension, count = (int)plan->count;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, tile, d, count, 1.0, weights, count, plan->means, d, 0.0, rows,
              d);
}

static assay_status run_tile(void *self, size_t index, void *scratch, assay_context *context) {
  (void)context;
  field_job *job = self;
  const field_plan *plan = &job->plan;
  size_t d = plan->dimension, count = plan->count, first = index * job->tile;
  size_t points = job->points - first < job->tile ? job->points - first : job->tile;
  double *rows = scratch, *weights = rows + job->tile * d, *square = weights + job->tile * count;
  double *arrays = square + job->tile;
  field_point *records = (field_point *)(arrays + 4 * count);
  field_posterior posterior = {
      .share = arrays, .doubt = arrays + count, .weights = arrays + 2 * count, .errors = arrays + 3 * count};
  const double *x = job->x + first * d;

  for (size_t i = 0; i < points; i++) square[i] = plan->rows->centre(rows + i * d, x + i * d, plan->shift, d);
  memset(rows + points * d, 0, (job->tile - points) * d * sizeof *rows);
  if (count > 1)
    products_with_means(job, rows, weights);
  else
    memset(weights, 0, job->tile * sizeof *weights);
  for (size_t i = 0; i < points; i++) {
    double *row = weights + i * count;
    field_point_weigh(&records[i], row, plan, &posterior, x + i * d, row, square[i]);
  }
  memset(weights + points * count, 0, (job->tile - points) * count * sizeof *weights);
  if (count > 1 && plan->quantity != ASSAY_LOG_DENSITY)
    combine_means(job, weights, rows);
  else
    memset(rows, 0, job->tile * d * sizeof *rows);
  for (size_t i = 0; i < points; i++) {
    double bound = field_point_finish(job->out + (first + i) * job->width, &records[i], plan, x + i * d, rows + i * d);
    if (job->bound) job->bound[first + i] = bound;
  }
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
  if (status == ASSAY_OK) status = assay_points_check(x, points, mixture->dimension, context);
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
  size_t work = threads * (scratch_bytes(job->tile, mixture->dimension, mixture->count) + 128);
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
               : tiles_run(tiles, scratch_bytes(job.tile, d, count), run_tile, &job, "field", &quiet);
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
