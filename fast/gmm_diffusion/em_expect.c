/* The E-step of spherical EM: posteriors of each row, and their sums, over tiles of EM_ROWS rows. Tiles are grouped
 * into slabs of a number that the shape fixes; tiles are added within slabs in order, then slabs. */
#include "fast/core/tiles.h"
#include "fast/gmm_diffusion/em.h"
#include "fast/gmm_diffusion/em_rows.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

const em_rows *em_rows_of(assay_isa isa) {
  switch (assay_fast_isa_resolve(isa)) {
  case ASSAY_ISA_AVX512:
    return &em_rows_avx512;
  case ASSAY_ISA_AVX2:
    return &em_rows_avx2;
  default:
    return &em_rows_sse2;
  }
}

typedef struct {
  const em_state *state;
  const assay_stream *data;
  const em_rows *kernel;
  double *base, *rate; /* k */
  size_t tiles, tiles_per_slab, slabs;
  size_t width; /* numbers that a slab leaves: counts, squares, moments, log-likelihood */
  double *sums; /* slabs x width */
} em_pass;

/* One thread's work memory. */
typedef struct {
  double *rows, *x, *top, *sum, *share; /* EM_ROWS x n as read, the same in columns, EM_ROWS each */
  double *value, *square;               /* k x EM_ROWS */
} em_work;

static size_t work_doubles(size_t k, size_t n) { return (size_t)EM_ROWS * (2 * n + 3 + 2 * k); }

static em_work work_of(double *scratch, size_t k, size_t n) {
  em_work work;
  work.x = scratch;
  work.top = work.x + EM_ROWS * n;
  work.sum = work.top + EM_ROWS;
  work.share = work.sum + EM_ROWS;
  work.value = work.share + EM_ROWS;
  work.square = work.value + EM_ROWS * k;
  work.rows = work.square + EM_ROWS * k;
  return work;
}

/* Rows first, ..., first + rows - 1 in columns, followed by copies of the last one up to a multiple of the lanes. */
static assay_status read_columns(em_work *work, const assay_stream *data, size_t first, size_t rows, size_t padded,
                                 assay_context *context) {
  size_t n = data->columns;
  assay_status status = data->read(data, first, rows, 0, n, work->rows, n, context);
  if (status) return status;
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < n; c++) {
      double value = work->rows[r * n + c];
      if (!isfinite(value))
        return assay_fail(context, ASSAY_INVALID, "data[%zu][%zu]: %g must be finite", first + r, c, value);
      work->x[c * EM_ROWS + r] = value;
    }
  for (size_t r = rows; r < padded; r++)
    for (size_t c = 0; c < n; c++) work->x[c * EM_ROWS + r] = work->x[c * EM_ROWS + rows - 1];
  return ASSAY_OK;
}

/* Log of each row's density, summed; afterwards work->sum holds 1/sum, 0 for rows that only fill up. */
static double row_densities(em_work *work, size_t rows, size_t padded) {
  double lane[EM_LANES] = {0.0};
  for (size_t r = 0; r < rows; r++) lane[r % EM_LANES] += work->top[r] + log(work->sum[r]);
  for (size_t r = 0; r < rows; r++) work->sum[r] = 1.0 / work->sum[r];
  for (size_t r = rows; r < padded; r++) work->sum[r] = 0.0;
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

static assay_status add_tile(double *sums, em_work *work, const em_pass *pass, size_t first, size_t rows,
                             assay_context *context) {
  const em_state *state = pass->state;
  size_t k = state->components, n = state->dimension;
  size_t padded = (rows + EM_LANES - 1) / EM_LANES * EM_LANES;
  assay_status status = read_columns(work, pass->data, first, rows, padded, context);
  if (status) return status;
  for (size_t r = 0; r < padded; r++) work->top[r] = -HUGE_VAL;
  memset(work->sum, 0, padded * sizeof *work->sum);
  for (size_t j = 0; j < k; j++)
    if (state->weight[j] > 0.0)
      pass->kernel->weigh(work->value + j * EM_ROWS, work->square + j * EM_ROWS, work->top, work->x,
                          state->mean + j * n, n, pass->base[j], pass->rate[j], padded);
  for (size_t j = 0; j < k; j++)
    if (state->weight[j] > 0.0) pass->kernel->exponentiate(work->value + j * EM_ROWS, work->sum, work->top, padded);
  double *counts = sums, *squares = counts + k, *moments = squares + k;
  moments[k * n] += row_densities(work, rows, padded);
  for (size_t j = 0; j < k; j++)
    if (state->weight[j] > 0.0)
      counts[j] +=
          pass->kernel->moments(&squares[j], moments + j * n, work->value + j * EM_ROWS, work->sum,
                                work->square + j * EM_ROWS, work->x, state->mean + j * n, n, work->share, padded);
  return ASSAY_OK;
}

static assay_status add_slab(void *self, size_t index, void *scratch, assay_context *context) {
  const em_pass *pass = self;
  em_work work = work_of(scratch, pass->state->components, pass->state->dimension);
  size_t tile = index * pass->tiles_per_slab, end = tile + pass->tiles_per_slab;
  for (; tile < end && tile < pass->tiles; tile++) {
    size_t first = tile * EM_ROWS, rows = pass->data->rows - first;
    if (rows > EM_ROWS) rows = EM_ROWS;
    assay_status status = add_tile(pass->sums + index * pass->width, &work, pass, first, rows, context);
    if (status) return status;
  }
  return ASSAY_OK;
}

/* Slabs: at most 256, fewer where their sums would be large, and of at least 8 tiles, since less is not worth a thread;
 * the shape alone decides. */
static void cut(em_pass *pass) {
  enum { SLABS_MOST = 256, SLABS_LEAST = 8, SUMS_MOST = 1 << 22, TILES_LEAST = 8 };
  size_t k = pass->state->components, n = pass->state->dimension, slabs = SUMS_MOST / (k * (n + 2) + 1);
  if (slabs > SLABS_MOST) slabs = SLABS_MOST;
  if (slabs < SLABS_LEAST) slabs = SLABS_LEAST;
  pass->width = k * (n + 2) + 1;
  pass->tiles = tiles_count(pass->data->rows, EM_ROWS);
  pass->tiles_per_slab = tiles_count(pass->tiles, slabs);
  if (pass->tiles_per_slab < TILES_LEAST) pass->tiles_per_slab = TILES_LEAST;
  pass->slabs = tiles_count(pass->tiles, pass->tiles_per_slab);
}

static void set_coefficients(em_pass *pass) {
  const double two_pi = 6.283185307179586;
  const em_state *state = pass->state;
  double total = 0.0;
  for (size_t j = 0; j < state->components; j++) total += state->weight[j];
  for (size_t j = 0; j < state->components; j++) {
    if (state->weight[j] == 0.0) continue;
    pass->base[j] = log(state->weight[j] / total) - 0.5 * (double)state->dimension * log(two_pi * state->variance[j]);
    pass->rate[j] = 0.5 / state->variance[j];
  }
}

/* em.h's bound. */
static double rounding_of(const em_pass *pass) {
  const double two_pi = 6.283185307179586;
  const em_state *state = pass->state;
  double n = (double)state->dimension, k = (double)state->components, rows = (double)pass->data->rows;
  size_t levels = EM_ROWS / EM_LANES + 3 + pass->tiles_per_slab + pass->slabs;
  double depth = (double)levels;
  double size = rows * (log(k) + 1.0);
  for (size_t j = 0; j < state->components; j++)
    if (state->weight[j] > 0.0)
      size +=
          state->counts[j] * (fabs(log(state->weight[j])) + 0.5 * n * (fabs(log(two_pi * state->variance[j])) + 1)) +
          pass->rate[j] * state->squares[j];
  return 0x1p-53 * ((n + depth + 16.0) * size + rows * (2.0 * k + 8.0));
}

static assay_status gather(em_state *state, const em_pass *pass, assay_context *context) {
  size_t k = state->components, n = state->dimension;
  double *sums = pass->sums;
  for (size_t slab = 1; slab < pass->slabs; slab++)
    for (size_t i = 0; i < pass->width; i++) sums[i] += sums[slab * pass->width + i];
  double finite = 0.0;
  for (size_t i = 0; i < pass->width; i++) finite += sums[i] * 0.0;
  if (finite != 0.0)
    return assay_fail(context, ASSAY_INVALID, "data: values so large that squared distances leave the doubles");
  memcpy(state->counts, sums, k * sizeof *sums);
  memcpy(state->squares, sums + k, k * sizeof *sums);
  memcpy(state->moments, sums + 2 * k, k * n * sizeof *sums);
  state->log_likelihood = sums[k * (n + 2)];
  state->rounding = rounding_of(pass);
  return ASSAY_OK;
}

assay_status em_expect(em_state *state, const assay_stream *data, assay_context *context) {
  em_pass pass = {.state = state, .data = data, .kernel = em_rows_of(context->isa)};
  cut(&pass);
  size_t k = state->components;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, pass.slabs * pass.width + 2 * k, sizeof(double), "em: sums", context);
  if (status) return status;
  pass.sums = memory;
  pass.base = pass.sums + pass.slabs * pass.width;
  pass.rate = pass.base + k;
  set_coefficients(&pass);
  assay_context quiet = *context;
  quiet.progress = NULL;
  size_t bytes = work_doubles(k, state->dimension) * sizeof(double);
  status = tiles_run(pass.slabs, bytes, add_slab, &pass, "em", &quiet);
  if (status) memcpy(context->message, quiet.message, sizeof context->message);
  if (!status) status = gather(state, &pass, context);
  free(memory);
  return status;
}
