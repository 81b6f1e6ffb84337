/* Fields of mixtures of any covariances, in groups: log-weights from z_k = X_k (x - beta m_k), then h_k = W_k z_k + F
 * m_k added up. Every product has the same shape, the last group being padded with zero rows, so a point's numbers do
 * not depend on the points beside it. */
#include "fast/core/field_mixed.h"
#include "fast/core/tiles.h"

#include <cblas.h>
#include <string.h>

typedef struct {
  field_mixed_plan plan;
  size_t tile, group; /* points of a tile, and of the groups it is worked off in */
  size_t kept;        /* components whose coordinates are kept from log-weights to outputs: all where one is full */
  size_t points, width;
  const double *x;
  double *out, *bound;
} mixed_job;

/* A group of points with its work memory: rows of d numbers, arrays of `count` numbers per point, and the records. */
typedef struct {
  size_t points;
  const double *x;
  double *out;                        /* of the first point */
  double *z;                          /* kept x group x d */
  double *y, *g, *h, *first, *second; /* group x d each: first, second: means of g and h */
  double *squares, *largest;          /* group; count x group: the largest z^2 of diagonal components */
  field_mixed_point *records;
} mixed_group;

enum { ROW_ARRAYS = 5, COUNT_ARRAYS = 6 };

/* Points per tile: a function of the mixture's shape alone. */
static size_t tile_points(size_t d, size_t count) {
  static const size_t WORK = (size_t)1 << 17, LEAST = FIELD_GROUP, MOST = 64;
  size_t points = MOST;
  while (points > LEAST && points * (d * 4 + count * COUNT_ARRAYS) > WORK) points /= 2;
  return points;
}

static size_t group_bytes(const mixed_job *job, size_t d, size_t count) {
  size_t doubles = (ROW_ARRAYS + job->kept) * d + COUNT_ARRAYS * field_padded(count) + count + 1;
  return job->group * (doubles * sizeof(double) + sizeof(field_mixed_point));
}

static void carve_group(mixed_group *out, const mixed_job *job, size_t first, void *scratch) {
  size_t group = job->group, d = job->plan.dimension, count = field_padded(job->plan.count);
  double *next = scratch, **rows[ROW_ARRAYS] = {&out->y, &out->g, &out->h, &out->first, &out->second};
  out->points = job->points - first < group ? job->points - first : group;
  out->x = job->x + first * d;
  out->out = job->out + first * job->width;
  for (size_t r = 0; r < ROW_ARRAYS; r++, next += group * d) *rows[r] = next;
  out->z = next;
  out->squares = next + job->kept * group * d;
  out->largest = out->squares + group;
  next = out->largest + group * job->plan.count;
  out->records = (field_mixed_point *)(next + COUNT_ARRAYS * group * count);
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

/* rows = in A or in A', for a group. */
static void multiply(const mixed_job *job, double *rows, const double *in, const double *a, CBLAS_TRANSPOSE transpose) {
  int group = (int)job->group, d = (int)job->plan.dimension;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, transpose, group, d, d, 1.0, in, d, a, d, 0.0, rows, d);
}

/* z of a full component at every point of the group. */
static double *coordinates_of(const mixed_job *job, const mixed_group *group, size_t k) {
  return group->z + k * job->group * job->plan.dimension;
}

/* z = y X', X being lower triangular: strips of z, each from the columns of y that it takes. (OpenBLAS's dtrmm saves
 * more, but there a row's bits depend on its place.) */
static void multiply_lower(const mixed_job *job, double *z, const double *y, const double *x) {
  enum { STRIP = 128 };
  size_t d = job->plan.dimension;
  for (size_t j = 0; j < d; j += STRIP) {
    size_t width = d - j < STRIP ? d - j : STRIP;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)job->group, (int)width, (int)(j + width), 1.0, y, (int)d,
                x + j * d, (int)d, 0.0, z + j, (int)d);
  }
}

/* Fills it, and |y|^2 into `squares`. */
static void full_coordinates(const mixed_job *job, const mixed_group *group, size_t k, double *squares) {
  const field_metric *c = &job->plan.components[k];
  size_t d = job->plan.dimension;
  for (size_t i = 0; i < group->points; i++)
    squares[i] = job->plan.rows->centre(group->y + i * d, group->x + i * d, c->shift, d);
  memset(group->y + group->points * d, 0, (job->group - group->points) * d * sizeof(double));
  multiply_lower(job, coordinates_of(job, group, k), group->y, c->root);
}

static void log_weights(const mixed_job *job, const mixed_group *group) {
  const field_mixed_plan *plan = &job->plan;
  size_t d = plan->dimension;
  for (size_t k = 0; k < plan->count; k++) {
    const field_metric *c = &plan->components[k];
    if (c->full)
      full_coordinates(job, group, k, group->g);
    else
      plan->rows->metric(group->squares, group->largest + k * job->group, group->x, c->shift, c->root, group->points,
                         d);
    for (size_t i = 0; i < group->points; i++) {
      double square = c->full ? plan->rows->squares(coordinates_of(job, group, k) + i * d, d) : group->squares[i];
      double y_size = c->full ? sqrt(group->g[i]) * FIELD_INFLATE + 0x1p-500 : 0.0;
      field_mixed_log_weight(&group->records[i], plan, k, square, y_size);
    }
  }
}

static bool some_share(const mixed_group *group, size_t k) {
  for (size_t i = 0; i < group->points; i++)
    if (field_mixed_has_share(&group->records[i], k)) return true;
  return false;
}

static void add_full(double *out, const double *product, const double *mean, double keep, double share, size_t d) {
  for (size_t j = 0; j < d; j++) out[j] += share * (keep * mean[j] + product[j]);
}

/* A diagonal component's part of the outputs, for one run of points with shares after the other. */
static void add_diagonal(const mixed_job *job, const mixed_group *group, size_t k) {
  const field_mixed_plan *plan = &job->plan;
  const field_metric *c = &plan->components[k];
  size_t d = plan->dimension, run = 0;
  double share[FIELD_GROUP];
  field_diagonal with = {c->shift, c->gain, c->mean, plan->setting.output.keep.value};
  for (size_t i = 0; i <= group->points; i++) {
    bool shared = i < group->points && field_mixed_has_share(&group->records[i], k);
    if (run == FIELD_GROUP || (run > 0 && !shared)) {
      plan->rows->add_outputs(group->out + (i - run) * d, group->x + (i - run) * d, share, with, run, d);
      run = 0;
    }
    if (shared) share[run++] = group->records[i].posterior.share[k];
  }
}

static void wide_outputs(const mixed_job *job, const mixed_group *group) {
  const field_mixed_plan *plan = &job->plan;
  size_t d = plan->dimension;
  double keep = plan->setting.output.keep.value;
  memset(group->out, 0, group->points * d * sizeof(double));
  for (size_t k = 0; k < plan->count; k++) {
    const field_metric *c = &plan->components[k];
    if (!some_share(group, k)) continue;
    field_mixed_add(group->records, group->points, plan, k, group->largest + k * job->group);
    if (!c->full) {
      add_diagonal(job, group, k);
      continue;
    }
    multiply(job, group->h, coordinates_of(job, group, k), c->gain, CblasTrans);
    for (size_t i = 0; i < group->points; i++) {
      double share = group->records[i].posterior.share[k];
      if (share != 0.0) add_full(group->out + i * d, group->h + i * d, c->mean, keep, share, d);
    }
  }
}

/* g_k and h_k of a diagonal component. */
static void diagonal_outputs(double *g, double *h, const double *x, const field_metric *c, double keep, size_t d) {
  for (size_t j = 0; j < d; j++) {
    double y = x[j] - c->shift[j];
    g[j] = y * c->root[j] * c->root[j];
    h[j] = keep * c->mean[j] + c->gain[j] * y;
  }
}

static void spreads(const mixed_job *job, const mixed_group *group) {
  const field_mixed_plan *plan = &job->plan;
  size_t d = plan->dimension;
  double keep = plan->setting.output.keep.value;
  memset(group->first, 0, group->points * d * sizeof(double));
  memset(group->second, 0, group->points * d * sizeof(double));
  for (size_t k = 0; k < plan->count; k++) {
    const field_metric *c = &plan->components[k];
    if (!some_share(group, k)) continue;
    if (c->full) {
      const double *z = coordinates_of(job, group, k);
      multiply(job, group->g, z, c->root, CblasNoTrans);
      multiply(job, group->h, z, c->gain, CblasTrans);
    }
    for (size_t i = 0; i < group->points; i++) {
      if (!field_mixed_has_share(&group->records[i], k)) continue;
      double *g = group->g + i * d, *h = group->h + i * d;
      if (!c->full)
        diagonal_outputs(g, h, group->x + i * d, c, keep, d);
      else
        for (size_t j = 0; j < d; j++) h[j] += keep * c->mean[j];
      field_mixed_spread(&group->records[i], group->first + i * d, group->second + i * d, plan, k, g, h);
    }
  }
}

static void run_group(const mixed_job *job, size_t first, void *scratch) {
  const field_mixed_plan *plan = &job->plan;
  mixed_group group;
  carve_group(&group, job, first, scratch);
  log_weights(job, &group);
  for (size_t i = 0; i < group.points; i++) field_mixed_weigh(&group.records[i], plan);
  if (plan->quantity == ASSAY_DIVERGENCE)
    spreads(job, &group);
  else if (plan->quantity != ASSAY_LOG_DENSITY)
    wide_outputs(job, &group);
  for (size_t i = 0; i < group.points; i++) {
    double *out = group.out + i * job->width, bound = 0.0;
    if (plan->quantity == ASSAY_DIVERGENCE)
      bound = field_mixed_divergence(out, &group.records[i], plan);
    else if (plan->quantity == ASSAY_LOG_DENSITY)
      bound = field_mixed_log_density(out, &group.records[i], plan);
    else
      bound = field_mixed_wide_bound(&group.records[i], plan, out);
    if (job->bound) job->bound[first + i] = bound;
  }
}

static assay_status run_tile(void *self, size_t index, void *scratch, assay_context *context) {
  (void)context;
  const mixed_job *job = self;
  size_t end = (index + 1) * job->tile < job->points ? (index + 1) * job->tile : job->points;
  for (size_t first = index * job->tile; first < end; first += job->group) run_group(job, first, scratch);
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
  size_t work = tiles_threads(tiles_count(job->points, job->tile), limits) * (group_bytes(job, d, count) + 128);
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
  job.group = full ? job.tile : FIELD_GROUP; /* products with matrices want more rows than the nearest cache holds */
  job.kept = full ? count : 0;
  assay_context quiet = *context;
  quiet.progress = NULL;
  assay_status status = check_memory(&job, mixture, full, &quiet, context);
  if (status != ASSAY_OK) return status;
  status = field_mixed_init(&job.plan, quantity, mixture, point, &quiet);
  if (status == ASSAY_OK) {
    status = tiles_run(tiles_count(points, job.tile), group_bytes(&job, d, count), run_tile, &job, "field", &quiet);
    field_mixed_clear(&job.plan);
  }
  if (status != ASSAY_OK) memcpy(context->message, quiet.message, sizeof context->message);
  return status;
}
