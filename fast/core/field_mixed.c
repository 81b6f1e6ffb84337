/* Fields of mixtures of any covariances, in tiles: log-weights from z_k = X_k (x - beta m_k), then h_k = W_k z_k + F
 * m_k added up. Every product has the same shape, the last tile being padded with zero rows, so a point's numbers do
 * not depend on the points beside it. */
#include "fast/core/field_mixed.h"
#include "fast/core/tiles.h"

#include <cblas.h>
#include <string.h>

typedef struct {
  field_mixed_plan plan;
  size_t tile, points, width;
  const double *x;
  double *out, *bound;
} mixed_job;

/* Work memory of one tile: rows of d numbers, arrays of `count` numbers per point, and the records. */
typedef struct {
  size_t points;
  const double *x;
  double *y, *z, *g, *h, *first, *second; /* tile x d each: first, second: sums (the output; means of g and h) */
  field_mixed_point *records;
} mixed_tile;

enum { ROW_ARRAYS = 6, COUNT_ARRAYS = 6 };

/* Points per tile: a function of the mixture's shape alone. */
static size_t tile_points(size_t d, size_t count) {
  static const size_t WORK = (size_t)1 << 17, LEAST = 8, MOST = 64;
  size_t points = MOST;
  while (points > LEAST && points * (d * 4 + count * COUNT_ARRAYS) > WORK) points /= 2;
  return points;
}

static size_t tile_bytes(size_t tile, size_t d, size_t count) {
  return tile * ((ROW_ARRAYS * d + COUNT_ARRAYS * field_padded(count)) * sizeof(double) + sizeof(field_mixed_point));
}

static void carve_tile(mixed_tile *out, const mixed_job *job, size_t index, void *scratch) {
  size_t tile = job->tile, d = job->plan.dimension, count = field_padded(job->plan.count), first = index * tile;
  double *next = scratch, **rows[ROW_ARRAYS] = {&out->y, &out->z, &out->g, &out->h, &out->first, &out->second};
  out->points = job->points - first < tile ? job->points - first : tile;
  out->x = job->x + first * d;
  for (size_t r = 0; r < ROW_ARRAYS; r++, next += tile * d) *rows[r] = next;
  out->records = (field_mixed_point *)(next + COUNT_ARRAYS * tile * count);
  for (size_t i = 0; i < out->points; i++, next += COUNT_ARRAYS * count) {
    field_mixed_point *p = &out->records[i];
    p->size = next;
    p->delta = next + count;
    p->posterior.share = next + 2 * count;
    p->posterior.doubt = next + 3 * count;
    p->posterior.weights = next + 4 * count;
    p->posterior.errors = next + 5 * count;
  }
}

/* rows = in A or in A', for a tile. */
static void multiply(const mixed_job *job, double *rows, const double *in, const double *a, CBLAS_TRANSPOSE transpose) {
  int tile = (int)job->tile, d = (int)job->plan.dimension;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, transpose, tile, d, d, 1.0, in, d, a, d, 0.0, rows, d);
}

/* y and z of a full component at every point of the tile; |y|^2 into squares (may be NULL). */
static void full_coordinates(const mixed_job *job, const mixed_tile *tile, const field_metric *c, double *squares) {
  size_t d = job->plan.dimension;
  for (size_t i = 0; i < tile->points; i++) {
    double square = job->plan.rows->centre(tile->y + i * d, tile->x + i * d, c->shift, d);
    if (squares) squares[i] = square;
  }
  memset(tile->y + tile->points * d, 0, (job->tile - tile->points) * d * sizeof(double));
  multiply(job, tile->z, tile->y, c->root, CblasTrans);
}

static void log_weights(const mixed_job *job, const mixed_tile *tile) {
  const field_mixed_plan *plan = &job->plan;
  size_t d = plan->dimension;
  for (size_t k = 0; k < plan->count; k++) {
    const field_metric *c = &plan->components[k];
    if (c->full) full_coordinates(job, tile, c, tile->g);
    for (size_t i = 0; i < tile->points; i++) {
      double square =
          c->full ? plan->rows->squares(tile->z + i * d, d) : plan->rows->metric(tile->x + i * d, c->shift, c->root, d);
      double y_size = c->full ? sqrt(tile->g[i]) * FIELD_INFLATE + 0x1p-500 : 0.0;
      field_mixed_log_weight(&tile->records[i], plan, k, square, y_size);
    }
  }
}

/* A share of exactly 0 adds nothing; one that is NaN must be seen. */
static bool has_share(const field_mixed_point *point, size_t k) { return point->posterior.share[k] != 0.0; }

static void add_full(double *out, const double *product, const double *mean, double keep, double share, size_t d) {
  for (size_t j = 0; j < d; j++) out[j] += share * (keep * mean[j] + product[j]);
}

static void wide_outputs(const mixed_job *job, const mixed_tile *tile) {
  const field_mixed_plan *plan = &job->plan;
  size_t d = plan->dimension;
  double keep = plan->setting.output.keep.value;
  memset(tile->first, 0, job->tile * d * sizeof(double));
  for (size_t k = 0; k < plan->count; k++) {
    const field_metric *c = &plan->components[k];
    if (c->full) {
      full_coordinates(job, tile, c, NULL);
      multiply(job, tile->h, tile->z, c->gain, CblasTrans);
    }
    for (size_t i = 0; i < tile->points; i++) {
      field_mixed_point *point = &tile->records[i];
      if (!has_share(point, k)) continue;
      double share = point->posterior.share[k], *out = tile->first + i * d, largest = 0.0;
      if (c->full)
        add_full(out, tile->h + i * d, c->mean, keep, share, d);
      else
        largest = plan->rows->add_output(out, tile->x + i * d, c->shift, c->root, c->gain, c->mean, keep, share, d);
      field_mixed_add(point, plan, k, largest);
    }
  }
}

/* g_k and h_k of a diagonal component. */
static void diagonal_outputs(double *g, double *h, const double *x, const field_metric *c, double keep, size_t d) {
  for (size_t j = 0; j < d; j++) {
    double z = (x[j] - c->shift[j]) * c->root[j];
    g[j] = z * c->root[j];
    h[j] = keep * c->mean[j] + c->gain[j] * z;
  }
}

static void spreads(const mixed_job *job, const mixed_tile *tile) {
  const field_mixed_plan *plan = &job->plan;
  size_t d = plan->dimension;
  double keep = plan->setting.output.keep.value;
  memset(tile->first, 0, tile->points * d * sizeof(double));
  memset(tile->second, 0, tile->points * d * sizeof(double));
  for (size_t k = 0; k < plan->count; k++) {
    const field_metric *c = &plan->components[k];
    if (c->full) {
      full_coordinates(job, tile, c, NULL);
      multiply(job, tile->g, tile->z, c->root, CblasNoTrans);
      multiply(job, tile->h, tile->z, c->gain, CblasTrans);
    }
    for (size_t i = 0; i < tile->points; i++) {
      if (!has_share(&tile->records[i], k)) continue;
      double *g = tile->g + i * d, *h = tile->h + i * d;
      if (!c->full)
        diagonal_outputs(g, h, tile->x + i * d, c, keep, d);
      else
        for (size_t j = 0; j < d; j++) h[j] += keep * c->mean[j];
      field_mixed_spread(&tile->records[i], tile->first + i * d, tile->second + i * d, plan, k, g, h);
    }
  }
}

static assay_status run_tile(void *self, size_t index, void *scratch, assay_context *context) {
  (void)context;
  const mixed_job *job = self;
  const field_mixed_plan *plan = &job->plan;
  size_t d = plan->dimension;
  mixed_tile tile;
  carve_tile(&tile, job, index, scratch);
  log_weights(job, &tile);
  for (size_t i = 0; i < tile.points; i++) field_mixed_weigh(&tile.records[i], plan);
  if (plan->quantity == ASSAY_DIVERGENCE)
    spreads(job, &tile);
  else if (plan->quantity != ASSAY_LOG_DENSITY)
    wide_outputs(job, &tile);
  for (size_t i = 0; i < tile.points; i++) {
    double *out = job->out + (index * job->tile + i) * job->width, bound = 0.0;
    if (plan->quantity == ASSAY_DIVERGENCE)
      bound = field_mixed_divergence(out, &tile.records[i], plan);
    else if (plan->quantity == ASSAY_LOG_DENSITY)
      bound = field_mixed_log_density(out, &tile.records[i], plan);
    else {
      memcpy(out, tile.first + i * d, d * sizeof *out);
      bound = field_mixed_wide_bound(&tile.records[i], plan, out);
    }
    if (job->bound) job->bound[index * job->tile + i] = bound;
  }
  return ASSAY_OK;
}

/* S itself must be positive definite, whatever V is: refused where its factor does not exist in double. */
static assay_status check_one(void *self, size_t k, void *scratch, assay_context *context) {
  const assay_mixture *mixture = self;
  const assay_covariance *covariance = &mixture->components[k].covariance;
  size_t d = mixture->dimension;
  if (covariance->kind != ASSAY_COVARIANCE_FULL) return ASSAY_OK;
  memcpy(scratch, covariance->entries, d * d * sizeof(double));
  size_t row = field_cholesky(scratch, d);
  if (row == d) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID,
                    "components[%zu].covariance: not positive definite, as far as double can tell (row %zu of its "
                    "Cholesky factor has no pivot)",
                    k, row);
}

/* The mixture and the larger of setting up and working, within the cap. */
static assay_status check_memory(const mixed_job *job, const assay_mixture *mixture, bool full,
                                 const assay_context *limits, assay_context *context) {
  size_t d = mixture->dimension, cap = limits->memory_cap, plan = field_mixed_bytes(mixture), count = mixture->count;
  size_t setting = full ? tiles_threads(count, limits) * ((2 * d + 4) * d * sizeof(double) + 128) : 0;
  size_t work = tiles_threads(tiles_count(job->points, job->tile), limits) * (tile_bytes(job->tile, d, count) + 128);
  size_t most = work > setting ? work : setting;
  if (plan == SIZE_MAX || (cap && (plan > cap || most > cap - plan)))
    return assay_fail(context, ASSAY_MEMORY,
                      "field: %zu bytes for the mixture and %zu for work exceed the memory cap of %zu", plan, most,
                      cap);
  return ASSAY_OK;
}

assay_status field_mixed_check(const assay_mixture *mixture, assay_context *context) {
  size_t d = mixture->dimension, full = 0;
  for (size_t k = 0; k < mixture->count; k++) full += mixture->components[k].covariance.kind == ASSAY_COVARIANCE_FULL;
  if (full == 0) return ASSAY_OK;
  return tiles_run(mixture->count, d * d * sizeof(double), check_one, (void *)mixture, "field", context);
}

assay_status field_mixed_run(double *out, double *bound, assay_quantity quantity, const assay_mixture *mixture,
                             const assay_path_point *point, const double *x, size_t points, assay_context *context) {
  size_t d = mixture->dimension, count = mixture->count;
  mixed_job job = {.tile = tile_points(d, count), .points = points, .x = x};
  job.out = out;
  job.bound = bound;
  job.width = assay_quantity_width(quantity, d);
  bool full = false;
  for (size_t k = 0; k < count; k++) full = full || mixture->components[k].covariance.kind == ASSAY_COVARIANCE_FULL;
  assay_context quiet = *context;
  quiet.progress = NULL;
  assay_status status = check_memory(&job, mixture, full, &quiet, context);
  if (status != ASSAY_OK) return status;
  status = field_mixed_init(&job.plan, quantity, mixture, point, &quiet);
  if (status == ASSAY_OK) {
    status = tiles_run(tiles_count(points, job.tile), tile_bytes(job.tile, d, count), run_tile, &job, "field", &quiet);
    field_mixed_clear(&job.plan);
  }
  if (status != ASSAY_OK) memcpy(context->message, quiet.message, sizeof context->message);
  return status;
}
