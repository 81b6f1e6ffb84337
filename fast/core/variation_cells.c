/* Total variation over cells of a line or a plane, and over cells of many projections: counting. */
#include "fast/core/tiles.h"
#include "fast/core/variation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = 8192 };

/* What is counted: rows by their cell on each of `count` axes (apart), or on both axes of a plane (together). */
typedef struct {
  const assay_stream *samples;
  const variation_axis *axis;
  const double *directions; /* count x n; NULL: axis i is coordinate i */
  size_t count, cells;      /* cells of one axis; of the plane */
  bool together;
  uint64_t *counts;   /* count x cells; cells */
  uint64_t *doubtful; /* count; 1: rows whose cell rounding leaves open */
} counting;

assay_status variation_check(const assay_stream *samples, const assay_mixture *truth, double delta,
                             assay_context *context) {
  assay_status status = assay_mixture_check(truth, context);
  if (status) return status;
  if (!(delta > 0 && delta < 1))
    return assay_fail(context, ASSAY_INVALID, "delta: %.17g must lie between 0 and 1", delta);
  if (samples->rows < 1) return assay_fail(context, ASSAY_INVALID, "samples: none; at least 1 is expected");
  if (samples->columns != truth->dimension)
    return assay_fail(context, ASSAY_INVALID, "samples: %zu columns; the mixture has dimension %zu", samples->columns,
                      truth->dimension);
  return ASSAY_OK;
}

assay_status variation_read(double *out, const assay_stream *samples, size_t first, size_t rows,
                            assay_context *context) {
  size_t n = samples->columns;
  assay_status status = samples->read(samples, first, rows, 0, n, out, n, context);
  if (status) return status;
  for (size_t i = 0; i < rows * n; i++)
    if (!isfinite(out[i]))
      return assay_fail(context, ASSAY_INVALID, "samples[%zu][%zu]: %g must be finite", first + i / n, i % n, out[i]);
  return ASSAY_OK;
}

/* <u, x>, off by at most (n + 1) 2^-53 sum |u x|, and more than that if it left the doubles. */
static double project(double *error, const double *x, const double *u, size_t n) {
  double sum = 0.0, size = 0.0;
  for (size_t c = 0; c < n; c++) {
    sum += u[c] * x[c];
    size += fabs(u[c] * x[c]);
  }
  *error = ((double)n + 1.0) * 0x1p-53 * size;
  return sum;
}

static size_t cell_on(const counting *job, size_t axis, const double *x, bool *doubtful) {
  if (!job->directions) return variation_cell(&job->axis[axis], x[axis], 0.0, doubtful);
  size_t n = job->samples->columns;
  double error, y = project(&error, x, job->directions + axis * n, n);
  return variation_cell(&job->axis[axis], y, error, doubtful);
}

static void count_rows(uint64_t *counts, uint64_t *doubtful, const counting *job, const double *x, size_t rows) {
  size_t n = job->samples->columns;
  bool doubt = false;
  for (size_t r = 0; r < rows; r++, x += n) {
    if (job->together) {
      size_t first = cell_on(job, 0, x, &doubt);
      counts[first * job->axis[1].bins + cell_on(job, 1, x, &doubt)]++;
    } else {
      for (size_t i = 0; i < job->count; i++) {
        counts[i * job->cells + cell_on(job, i, x, &doubt)]++;
        doubtful[i] += doubt;
      }
    }
  }
}

/* Whole numbers, so that the order of adding does not matter. */
static void add(uint64_t *to, const uint64_t *from, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!from[i]) continue;
#pragma omp atomic
    to[i] += from[i];
  }
}

static assay_status count_tile(void *self, size_t index, void *scratch, assay_context *context) {
  const counting *job = self;
  size_t first = index * TILE, rows = job->samples->rows - first, all = job->together ? 1 : job->count;
  if (rows > TILE) rows = TILE;
  uint64_t *counts = scratch, *doubtful = counts + all * job->cells;
  void *after = doubtful + all;
  double *x = after;
  memset(counts, 0, all * (job->cells + 1) * sizeof *counts);
  assay_status status = variation_read(x, job->samples, first, rows, context);
  if (status) return status;
  count_rows(counts, doubtful, job, x, rows);
  add(job->counts, counts, all * job->cells);
  add(job->doubtful, doubtful, all);
  return ASSAY_OK;
}

/* Sizes do not overflow: the mixture holds means of n numbers, and there are at most 2^20 cells. */
static assay_status count_all(counting *job, assay_context *context) {
  size_t all = job->together ? 1 : job->count, n = job->samples->columns;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, all, (job->cells + 1) * sizeof(uint64_t), "counts", context);
  if (status) return status;
  job->counts = memory;
  job->doubtful = job->counts + all * job->cells;
  size_t bytes = all * (job->cells + 1) * sizeof(uint64_t) + (size_t)TILE * n * sizeof(double);
  return tiles_run(tiles_count(job->samples->rows, TILE), bytes, count_tile, job, "variation", context);
}

static assay_status check_bins(size_t bins, size_t most, assay_context *context) {
  if (bins >= 2 && bins <= most) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "bins: %zu; 2 to %zu are expected", bins, most);
}

static assay_status axis_along(variation_axis *out, const assay_mixture *truth, const double *direction, size_t index,
                               size_t bins, assay_context *context) {
  variation_law law;
  assay_status status = variation_law_init(&law, truth, direction, index, context);
  if (status) return status;
  status = variation_axis_init(out, &law, bins, context);
  variation_law_clear(&law);
  return status;
}

/* Masses under the truth: of the cells of one axis, of the products of two. */
static void masses(double *out, const assay_mixture *truth, const variation_axis *axis, size_t axes) {
  size_t bins = axis[0].bins, columns = axes == 2 ? axis[1].bins : 1;
  double total = 0.0;
  for (size_t k = 0; k < truth->count; k++) total += truth->components[k].weight.nearest;
  memset(out, 0, bins * columns * sizeof *out);
  for (size_t k = 0; k < truth->count; k++) {
    double weight = truth->components[k].weight.nearest / total;
    for (size_t a = 0; a < bins; a++)
      for (size_t b = 0; b < columns; b++)
        out[a * columns + b] += weight * axis[0].mass[k * bins + a] * (axes == 2 ? axis[1].mass[k * columns + b] : 1.0);
  }
}

/* V's change when each edge's mass moves by its error, and when the doubtful rows change cells. */
static double doubt_of(const variation_axis *axis, size_t axes, uint64_t doubtful, uint64_t samples) {
  double doubt = (double)doubtful / (double)samples;
  for (size_t i = 0; i < axes; i++) doubt += (double)(axis[i].bins - 1) * axis[i].edge_error;
  return doubt;
}

static assay_status judge(assay_variation *out, const counting *job, size_t axis, const assay_mixture *truth,
                          double delta, assay_context *context) {
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, job->cells, sizeof(double), "masses", context);
  if (status) return status;
  size_t axes = job->together ? 2 : 1;
  masses(memory, truth, job->axis + axis, axes);
  double doubt = doubt_of(job->axis + axis, axes, job->doubtful[axis], job->samples->rows);
  *out = variation_of_counts(job->counts + axis * job->cells, memory, job->cells, job->samples->rows, doubt, delta);
  free(memory);
  return ASSAY_OK;
}

assay_status assay_fast_variation_cells(assay_variation *out, const assay_stream *samples, const assay_mixture *truth,
                                        size_t bins, double delta, assay_context *context) {
  assay_status status = variation_check(samples, truth, delta, context);
  if (status) return status;
  size_t n = truth->dimension;
  if (n > 2) return assay_fail(context, ASSAY_UNSUPPORTED, "dimension: %zu; cells are for 1 or 2", n);
  status = check_bins(bins, n == 1 ? 1 << 16 : 1 << 10, context);
  for (size_t k = 0; !status && n == 2 && k < truth->count; k++)
    if (truth->components[k].covariance.kind == ASSAY_COVARIANCE_FULL)
      status = assay_fail(context, ASSAY_UNSUPPORTED,
                          "components[%zu].covariance: full; cells of a plane need it "
                          "isotropic or diagonal",
                          k);
  variation_axis axis[2] = {{0}};
  for (size_t i = 0; !status && i < n; i++) status = axis_along(&axis[i], truth, NULL, i, bins, context);
  counting job = {.samples = samples, .axis = axis, .count = n, .cells = n == 2 ? bins * bins : bins};
  job.together = n == 2;
  assay_variation found = {0};
  if (!status) status = count_all(&job, context);
  if (!status) status = judge(&found, &job, 0, truth, delta, context);
  if (!status) *out = found;
  free(job.counts);
  for (size_t i = 0; i < 2; i++) variation_axis_clear(&axis[i]);
  return status;
}

static bool better(const assay_variation *a, const assay_variation *b) {
  return a->lower > b->lower || (a->lower == b->lower && a->value > b->value);
}

/* The best of the counted directions. */
static assay_status judge_all(assay_variation *out, size_t *best, const counting *job, const assay_mixture *truth,
                              double delta, assay_context *context) {
  assay_variation found = {0}, next;
  size_t which = 0;
  for (size_t i = 0; i < job->count; i++) {
    assay_status status = judge(&next, job, i, truth, delta / (double)job->count, context);
    if (status) return status;
    if (i == 0 || better(&next, &found)) {
      found = next;
      which = i;
    }
  }
  *out = found;
  if (best) *best = which;
  return ASSAY_OK;
}

static assay_status check_directions(const double *directions, size_t count, size_t n, assay_context *context) {
  if (count < 1) return assay_fail(context, ASSAY_INVALID, "directions: none; at least 1 is expected");
  for (size_t i = 0; i < count; i++) {
    double largest = 0.0;
    for (size_t c = 0; c < n; c++) {
      double entry = directions[i * n + c];
      if (!isfinite(entry))
        return assay_fail(context, ASSAY_INVALID, "directions[%zu][%zu]: %g must be finite", i, c, entry);
      largest = fmax(largest, fabs(entry));
    }
    if (largest == 0.0) return assay_fail(context, ASSAY_INVALID, "directions[%zu]: 0", i);
  }
  return ASSAY_OK;
}

assay_status assay_fast_variation_sliced(assay_variation *out, size_t *best, const assay_stream *samples,
                                         const assay_mixture *truth, const double *directions, size_t count,
                                         size_t bins, double delta, assay_context *context) {
  assay_status status = variation_check(samples, truth, delta, context);
  if (!status) status = check_bins(bins, 1 << 16, context);
  if (!status) status = check_directions(directions, count, truth->dimension, context);
  void *memory = NULL;
  if (!status) status = assay_allocate(&memory, count, sizeof(variation_axis), "axes", context);
  if (status) return status;
  variation_axis *axis = memory;
  for (size_t i = 0; !status && i < count; i++)
    status = axis_along(&axis[i], truth, directions + i * truth->dimension, i, bins, context);
  counting job = {.samples = samples, .axis = axis, .directions = directions, .count = count, .cells = bins};
  if (!status) status = count_all(&job, context);
  if (!status) status = judge_all(out, best, &job, truth, delta, context);
  free(job.counts);
  for (size_t i = 0; i < count; i++) variation_axis_clear(&axis[i]);
  free(axis);
  return status;
}
