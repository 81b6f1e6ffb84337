#include "fast/core/whiten.h"
#include "fast/core/tiles.h"

#include <cblas.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What an entry's own subnormal rounding may add to |x|. */
static const double TINY_MOVE = 0x1p-140;
/* What entries of z that overflow count as: less than the bounds of rounding where partial sums do so, whose sum might
 * not. */
static const double OVERFLOWED = 0x1p960;

typedef struct {
  const whitening *self;
  whiten_block *out;
  size_t first, rows;
} whiten_job;

enum { COUNT_ARRAYS = 6 };

/* Work memory of one tile. */
typedef struct {
  size_t first, rows; /* within the block */
  double *x, *y, *z;  /* tile x d */
  /* count x tile: |z_k|^2 or, where that overflows, minus the largest |z_k| entry; |x - beta m_k| of full components */
  double *squares, *reach;
  field_mixed_point point; /* arrays of `count` numbers */
} whiten_tile;

static size_t tile_rows(size_t d, size_t count) {
  static const size_t WORK = (size_t)1 << 17, LEAST = 8, MOST = 64;
  size_t rows = MOST;
  while (rows > LEAST && rows * (3 * d + 2 * count) > WORK) rows /= 2;
  return rows;
}

static size_t tile_bytes(const whitening *self) {
  return (self->tile * (3 * self->plan.dimension + 2 * self->count) + COUNT_ARRAYS * field_padded(self->count)) *
         sizeof(double);
}

size_t whiten_rows(const whitening *self) {
  const size_t most = (size_t)1 << 14, doubles = (size_t)1 << 22;
  size_t rows = doubles / (self->plan.dimension + self->direction_count);
  if (rows > most) rows = most;
  rows = rows / self->tile * self->tile;
  return rows ? rows : self->tile;
}

static void carve(whiten_tile *tile, const whiten_job *job, size_t index, double *next) {
  const whitening *self = job->self;
  size_t d = self->plan.dimension, count = self->count, padded = field_padded(count), rows = self->tile;
  tile->first = index * rows;
  tile->rows = job->rows - tile->first < rows ? job->rows - tile->first : rows;
  tile->x = next, tile->y = tile->x + rows * d, tile->z = tile->y + rows * d;
  tile->squares = tile->z + rows * d, tile->reach = tile->squares + rows * count;
  double *arrays = tile->reach + rows * count;
  tile->point.size = arrays, tile->point.delta = arrays + padded;
  field_posterior *p = &tile->point.posterior;
  p->share = arrays + 2 * padded, p->doubt = arrays + 3 * padded;
  p->weights = arrays + 4 * padded, p->errors = arrays + 5 * padded;
}

/* ---- distances --------------------------------------------------------------------------------------------------- */

static assay_status read_rows(const whiten_job *job, const whiten_tile *tile, assay_context *context) {
  const assay_stream *samples = job->self->samples;
  size_t d = job->self->plan.dimension, row = job->first + tile->first;
  assay_status status = samples->read(samples, row, tile->rows, 0, d, tile->x, d, context);
  for (size_t i = 0; !status && i < tile->rows * d; i++)
    if (!isfinite(tile->x[i]))
      status = assay_fail(context, ASSAY_INVALID, "samples: row %zu, column %zu is %g; finite numbers are expected",
                          row + i / d, i % d, tile->x[i]);
  memset(tile->x + tile->rows * d, 0, (job->self->tile - tile->rows) * d * sizeof(double));
  return status;
}

static void project(const whiten_job *job, const whiten_tile *tile) {
  const whitening *self = job->self;
  int rows = (int)self->tile, d = (int)self->plan.dimension, count = (int)self->direction_count;
  if (count == 0) return;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, count, d, 1.0, tile->x, d, self->directions, d, 0.0,
              job->out->projection + tile->first * self->direction_count, count);
}

/* factor |v| from above, also where its square overflows. */
static double size_above(const field_rows *rows, double factor, const double *v, double square, size_t d) {
  if (isfinite(square)) return factor * (sqrt(square) * FIELD_INFLATE + 0x1p-500);
  return factor * rows->largest(v, d) * sqrt((double)d) * FIELD_INFLATE;
}

/* z of a full component at every row; |x - beta m| into reach (may be NULL). */
static void full_coordinates(const whitening *self, const whiten_tile *tile, const field_metric *c, double *reach) {
  size_t d = self->plan.dimension;
  int rows = (int)self->tile, n = (int)d;
  for (size_t i = 0; i < self->tile; i++) {
    double square = self->plan.rows->centre(tile->y + i * d, tile->x + i * d, c->shift, d);
    if (reach) reach[i] = size_above(self->plan.rows, 1.0, tile->y + i * d, square, d);
  }
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, n, n, 1.0, tile->y, n, c->root, n, 0.0, tile->z, n);
}

/* Never 0. NaN plays no part. */
static double largest_coordinate(const whitening *self, const whiten_tile *tile, const field_metric *c, size_t i) {
  size_t d = self->plan.dimension;
  double largest = 0x1p-500;
  for (size_t j = 0; j < d; j++) {
    double z = c->full ? tile->z[i * d + j] : (tile->x[i * d + j] - c->shift[j]) * c->root[j];
    largest = fmax(largest, isinf(z) ? OVERFLOWED : fabs(z));
  }
  return largest;
}

static void distances(const whitening *self, const whiten_tile *tile) {
  size_t d = self->plan.dimension;
  const field_rows *rows = self->plan.rows;
  for (size_t k = 0; k < self->count; k++) {
    const field_metric *c = &self->plan.components[k];
    double *squares = tile->squares + k * self->tile, *reach = tile->reach + k * self->tile;
    if (c->full) full_coordinates(self, tile, c, reach);
    if (!c->full) rows->metric(squares, reach, tile->x, c->shift, c->root, tile->rows, d);
    for (size_t i = 0; i < tile->rows; i++) {
      if (c->full)
        squares[i] = rows->squares(tile->z + i * d, d);
      else
        reach[i] = 0.0;
      if (!isfinite(squares[i])) squares[i] = -largest_coordinate(self, tile, c, i);
    }
  }
}

/* ---- labels ------------------------------------------------------------------------------------------------------ */

/* Sizes, errors (with `moved`, how far the sample may lie from its draw) and log-weights; M2, M3 of
 * docs/fast-field-bound.md. False when squares overflow. */
static bool weigh(whiten_tile *tile, const whitening *self, size_t i, double moved) {
  const field_mixed_plan *plan = &self->plan;
  field_mixed_point *point = &tile->point;
  bool finite = true;
  for (size_t k = 0; k < self->count; k++) {
    const field_metric *c = &plan->components[k];
    double square = tile->squares[k * self->tile + i], reach = tile->reach[k * self->tile + i];
    double size = sqrt(square) * FIELD_INFLATE + 0x1p-500;
    double delta =
        FIELD_INFLATE * (c->relative * size + c->fixed + c->stray * reach + (1.0 + c->defect) * c->inverse * moved);
    double whole = size + delta;
    double square_error = plan->gamma_lanes * square + 2.0 * size * delta + delta * delta + c->defect * whole * whole;
    point->size[k] = size;
    point->delta[k] = FIELD_INFLATE * (delta + c->defect * whole);
    point->posterior.weights[k] = c->base - 0.5 * square;
    point->posterior.errors[k] =
        FIELD_INFLATE * (c->base_error + 0.5 * square_error + BALL_UNIT * (fabs(c->base) + square) + FIELD_FLOOR);
    if (!plan->usable || !isfinite(delta)) point->delta[k] = point->posterior.errors[k] = INFINITY;
    finite = finite && square >= 0.0;
  }
  return finite && isfinite(moved);
}

static double uniform(uint64_t seed, uint64_t row) {
  const uint32_t counter[4] = {(uint32_t)row, (uint32_t)(row >> 32), 0, WHITEN_STREAM};
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  uint32_t words[4];
  assay_fast_philox(words, counter, key);
  uint64_t bits = (uint64_t)words[1] << 32 | words[0];
  return ((double)(bits >> 11) + 0.5) * 0x1p-53;
}

/* |exact z_k| from below, where |z_k| or a part of it is known: what is not proportional to it is lost, and then the
 * defect's (1 + epsilon)^(-1/2), epsilon <= 1/2, and far smaller relative errors. */
static double least_size(const whitening *self, const whiten_tile *tile, size_t k, size_t i, double moved) {
  const field_metric *c = &self->plan.components[k];
  double square = tile->squares[k * self->tile + i], size = square >= 0.0 ? sqrt(square) : -square;
  double off = c->fixed + c->stray * tile->reach[k * self->tile + i] + (1.0 + c->defect) * c->inverse * moved;
  return self->plan.usable && off <= 0.25 * size ? 0.5 * size : 0.0;
}

/* Nothing is known but how far the sample is from every component. */
static void lose(const whiten_job *job, const whiten_tile *tile, size_t i, double moved) {
  whiten_block *out = job->out;
  size_t row = tile->first + i;
  double least = INFINITY;
  for (size_t k = 0; k < job->self->count; k++) least = fmin(least, least_size(job->self, tile, k, i, moved));
  out->label[row] = out->open_first[row] = 0;
  out->open_last[row] = (uint32_t)job->self->count - 1;
  out->size[row] = 0.0;
  out->error[row] = out->farthest[row] = INFINITY;
  out->least[row] = least;
  out->doubt[row] = 1.0;
}

/* |sum over any set of (exact - computed shares)|: with exact a_k, computed b_k relative to the leader, of sums A and
 * B, it is (sum (a_k - b_k) + share (B - A))/A, at most 2 (sum |a_k - b_k|/B) (B/A). */
static double set_doubt(const field_posterior *posterior, size_t count) {
  double doubt = FIELD_INFLATE * 2.0 * posterior->total_doubt * posterior->stretch +
                 (double)(count + 2) * BALL_UNIT; /* the uniform's own spacing, and the running sums */
  return doubt < 1.0 ? doubt : 1.0;
}

static void draw(const whiten_job *job, whiten_tile *tile, size_t i) {
  const whitening *self = job->self;
  whiten_block *out = job->out;
  field_mixed_point *point = &tile->point;
  size_t row = tile->first + i, label = self->count - 1;
  field_posterior_normalise(&point->posterior, self->plan.rows, self->count);
  double doubt = self->count > 1 ? set_doubt(&point->posterior, self->count) : 0.0;
  double u = uniform(self->seed, job->first + row), below = 0.0, least = INFINITY, farthest = 0.0;
  size_t open_first = self->count, open_last = 0;
  bool found = false;
  for (size_t k = 0; k < self->count; k++) {
    bool last = k + 1 == self->count;
    double above = last ? 1.0 : below + point->posterior.share[k];
    if (!found && (u < above || last)) {
      label = k;
      found = true;
    }
    if (self->count == 1 || ((k == 0 || u >= below - doubt) && (last || u <= above + doubt))) {
      if (k < open_first) open_first = k;
      open_last = k;
      least = fmin(least, point->size[k] / (FIELD_INFLATE * FIELD_INFLATE) - point->delta[k]);
      farthest = fmax(farthest, point->size[k] + point->delta[k]);
    }
    below = above;
  }
  out->label[row] = (uint32_t)label;
  out->size[row] = sqrt(tile->squares[label * self->tile + i]);
  out->error[row] = point->delta[label];
  out->least[row] = fmax(least, 0.0);
  out->doubt[row] = doubt;
  out->farthest[row] = farthest;
  out->open_first[row] = (uint32_t)open_first;
  out->open_last[row] = (uint32_t)open_last;
}

/* ---- coordinates ------------------------------------------------------------------------------------------------- */

static void copy_coordinates(const whiten_job *job, const whiten_tile *tile, size_t k) {
  const field_metric *c = &job->self->plan.components[k];
  size_t d = job->self->plan.dimension;
  bool multiplied = false;
  for (size_t i = 0; i < tile->rows; i++) {
    size_t row = tile->first + i;
    double *z = job->out->z + row * d;
    if (job->out->label[row] != k) continue;
    if (c->full && !multiplied) full_coordinates(job->self, tile, c, NULL);
    multiplied = true;
    if (isinf(job->out->error[row]) && job->out->size[row] == 0.0)
      memset(z, 0, d * sizeof *z);
    else if (c->full)
      memcpy(z, tile->z + i * d, d * sizeof *z);
    else
      for (size_t j = 0; j < d; j++) z[j] = (tile->x[i * d + j] - c->shift[j]) * c->root[j];
  }
}

static assay_status read_tile(void *self_job, size_t index, void *scratch, assay_context *context) {
  const whiten_job *job = self_job;
  const whitening *self = job->self;
  size_t d = self->plan.dimension;
  whiten_tile tile;
  carve(&tile, job, index, scratch);
  assay_status status = read_rows(job, &tile, context);
  if (status) return status;
  project(job, &tile);
  distances(self, &tile);
  for (size_t i = 0; i < tile.rows; i++) {
    const double *x = tile.x + i * d;
    double square = self->plan.rows->squares(x, d), rounding = self->rounding;
    double moved = rounding > 0.0 ? size_above(self->plan.rows, rounding, x, square, d) + TINY_MOVE : 0.0;
    job->out->norm[tile.first + i] = size_above(self->plan.rows, 1.0, x, square, d);
    if (weigh(&tile, self, i, moved))
      draw(job, &tile, i);
    else
      lose(job, &tile, i, moved);
  }
  for (size_t k = 0; k < self->count; k++) copy_coordinates(job, &tile, k);
  memset(job->out->z + (tile.first + tile.rows) * d, 0, (self->tile - tile.rows) * d * sizeof(double));
  return ASSAY_OK;
}

assay_status whiten_read(whiten_block *out, const whitening *self, size_t first, size_t rows, assay_context *context) {
  whiten_job job = {self, out, first, rows};
  size_t tiles = tiles_count(rows, self->tile), d = self->plan.dimension;
  assay_context quiet = *context;
  quiet.progress = NULL;
  assay_status status = tiles_run(tiles, tile_bytes(self), read_tile, &job, "samples", &quiet);
  if (status) memcpy(context->message, quiet.message, sizeof context->message);
  memset(out->z + tiles * self->tile * d, 0, (out->capacity - tiles * self->tile) * d * sizeof(double));
  return status;
}

/* ---- making and clearing ----------------------------------------------------------------------------------------- */

assay_status whiten_init(whitening *out, const assay_mixture *mixture, const assay_path_point *point,
                         const assay_stream *samples, const double *directions, size_t direction_count, double rounding,
                         uint64_t seed, assay_context *context) {
  assay_status status = assay_mixture_check(mixture, context);
  if (!status) status = assay_path_point_check(point, ASSAY_LOG_DENSITY, context);
  if (!status && (mixture->dimension > INT_MAX || mixture->count > INT_MAX || direction_count > INT_MAX))
    status = assay_fail(context, ASSAY_UNSUPPORTED,
                        "mixture of dimension %zu with %zu components: the matrix library counts up to %d",
                        mixture->dimension, mixture->count, INT_MAX);
  if (status) return status;
  assay_context quiet = *context;
  quiet.progress = NULL;
  whitening made = {.tile = tile_rows(mixture->dimension, mixture->count),
                    .count = mixture->count,
                    .rounding = rounding,
                    .seed = seed,
                    .samples = samples,
                    .directions = directions,
                    .direction_count = direction_count};
  status = field_mixed_check(mixture, &quiet);
  if (!status) status = field_mixed_init(&made.plan, ASSAY_LOG_DENSITY, mixture, point, &quiet);
  if (status)
    memcpy(context->message, quiet.message, sizeof context->message);
  else
    *out = made;
  return status;
}

void whiten_clear(whitening *self) { field_mixed_clear(&self->plan); }

assay_status whiten_block_init(whiten_block *out, const whitening *self, assay_context *context) {
  enum { SINGLES = 6, LABELS = 3 };
  size_t rows = whiten_rows(self), wide = self->plan.dimension + self->direction_count + SINGLES + LABELS;
  double *next = NULL;
  assay_status status = assay_allocate((void **)&next, rows, wide * sizeof(double), "samples", context);
  if (status) return status;
  *out = (whiten_block){.capacity = rows, .z = next};
  next += rows * self->plan.dimension;
  out->projection = next, next += rows * self->direction_count;
  double **singles[SINGLES] = {&out->norm, &out->size, &out->error, &out->least, &out->doubt, &out->farthest};
  for (size_t i = 0; i < SINGLES; i++, next += rows) *singles[i] = next;
  void *labels = next;
  out->label = labels;
  out->open_first = out->label + rows;
  out->open_last = out->open_first + rows;
  return ASSAY_OK;
}

void whiten_block_clear(whiten_block *block) { free(block->z); }
