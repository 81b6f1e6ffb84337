/* New samples from a learned model: the probability flow and the reverse chain. */
#include "fast/gmm_diffusion/field.h"
#include "fast/gmm_diffusion/moments.h"

#include "fast/core/tiles.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of the seed: the start, and after it a stream for each level. */
enum { START_STREAM = 0x8000 };

typedef struct {
  const assay_gmm_model *model;
  const gmm_features *features;
  const double *factor; /* n x n, lower: L L' = covariance + tau_0 I */
  assay_gmm_sampler sampler;
  size_t first, count;
  uint64_t seed;
  double *out;
} sampling;

/* A thread's work memory: blocks of n variables each, and what the field needs. */
typedef struct {
  double *y, *mean, *ahead, *moved, *noise, *scratch;
} blocks;

static blocks lay_out(double *memory, size_t n) {
  size_t block = n * GMM_BLOCK;
  return (blocks){
      memory, memory + block, memory + 2 * block, memory + 3 * block, memory + 4 * block, memory + 5 * block};
}

static assay_status read_noise(const sampling *s, const blocks *b, uint32_t stream, size_t first, size_t rows,
                               assay_context *context) {
  size_t n = s->model->dimension;
  assay_normals normals = {s->seed, stream};
  assay_stream noise = assay_fast_normals(&normals, s->first + s->count, n);
  assay_status status = noise.read(&noise, s->first + first, rows, 0, n, b->scratch, n, context);
  if (!status) gmm_block_load(b->noise, b->scratch, rows, n);
  return status;
}

/* y = mean + L noise */
static void start_points(const sampling *s, const blocks *b, size_t rows) {
  size_t n = s->model->dimension;
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i < rows; i++) {
      double sum = s->model->mean[j];
      for (size_t l = 0; l <= j; l++) sum += s->factor[j * n + l] * b->noise[l * GMM_BLOCK + i];
      b->y[j * GMM_BLOCK + i] = sum;
    }
}

static double tau_after(const assay_gmm_model *model, size_t k) {
  return k + 1 < model->levels ? model->level[k + 1].tau : 0;
}

/* out = c y + (1 - c) U, U the mean of `mean` and `other`: the flow dy/dtau = (y - U)/(2 (1 + tau)) for a constant U
 * has c = sqrt((1 + tau')/(1 + tau)). */
static void flow(double *out, const double *y, const double *mean, const double *other, double c, size_t n,
                 size_t rows) {
  for (size_t j = 0; j < n; j++)
    for (size_t i = j * GMM_BLOCK; i < j * GMM_BLOCK + rows; i++)
      out[i] = c * y[i] + (1 - c) * 0.5 * (mean[i] + other[i]);
}

static void flow_step(const sampling *s, const blocks *b, size_t k, size_t rows) {
  const assay_gmm_model *model = s->model;
  size_t n = model->dimension;
  double c = sqrt((1 + tau_after(model, k)) / (1 + model->level[k].tau));
  gmm_field here = gmm_field_of(model, k, s->features);
  gmm_field_values(b->mean, &here, b->y, rows, b->scratch);
  if (k + 1 == model->levels) {
    flow(b->y, b->y, b->mean, b->mean, c, n, rows);
    return;
  }
  gmm_field there = gmm_field_of(model, k + 1, s->features);
  flow(b->moved, b->y, b->mean, b->mean, c, n, rows);
  gmm_field_values(b->ahead, &there, b->moved, rows, b->scratch);
  flow(b->y, b->y, b->mean, b->ahead, c, n, rows);
}

static assay_status chain_step(const sampling *s, const blocks *b, size_t k, size_t first, size_t rows,
                               assay_context *context) {
  const assay_gmm_model *model = s->model;
  double tau = model->level[k].tau, next = tau_after(model, k), shift = (tau - next) / (1 + tau);
  double deviation = sqrt((tau - next) * (1 + next) / (1 + tau));
  gmm_field here = gmm_field_of(model, k, s->features);
  gmm_field_values(b->mean, &here, b->y, rows, b->scratch);
  assay_status status = read_noise(s, b, (uint32_t)(START_STREAM + 1 + k), first, rows, context);
  for (size_t j = 0; !status && j < model->dimension; j++)
    for (size_t i = j * GMM_BLOCK; i < j * GMM_BLOCK + rows; i++)
      b->y[i] += shift * (b->mean[i] - b->y[i]) + deviation * b->noise[i];
  return status;
}

static assay_status sample_block(void *self, size_t index, void *memory, assay_context *context) {
  const sampling *s = self;
  size_t n = s->model->dimension, first = index * GMM_BLOCK;
  size_t rows = s->count - first < GMM_BLOCK ? s->count - first : GMM_BLOCK;
  blocks b = lay_out(memory, n);
  assay_status status = read_noise(s, &b, START_STREAM, first, rows, context);
  if (status) return status;
  start_points(s, &b, rows);
  for (size_t k = 0; !status && k < s->model->levels; k++) {
    if (s->sampler == ASSAY_GMM_ODE)
      flow_step(s, &b, k, rows);
    else
      status = chain_step(s, &b, k, first, rows, context);
  }
  if (!status) gmm_block_store(s->out + first * n, b.y, rows, n);
  return status;
}

static size_t most_cells(const assay_gmm_model *model) {
  size_t most = 1;
  for (size_t k = 0; k < model->levels; k++)
    if (model->level[k].cells > most) most = model->level[k].cells;
  return most;
}

static assay_status factor_start(double *factor, const assay_gmm_model *model, assay_context *context) {
  size_t n = model->dimension;
  memcpy(factor, model->covariance, n * n * sizeof *factor);
  for (size_t j = 0; j < n; j++) factor[j * n + j] += model->level[0].tau;
  if (gmm_cholesky(factor, n)) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "model.covariance: with %.17g I added it is not positive definite",
                    model->level[0].tau);
}

assay_status assay_fast_gmm_sample(double *out, const assay_gmm_model *model, assay_gmm_sampler sampler, size_t first,
                                   size_t count, uint64_t seed, assay_context *context) {
  assay_status status = assay_gmm_model_check(model, context);
  if (status) return status;
  if (sampler != ASSAY_GMM_ODE && sampler != ASSAY_GMM_SDE)
    return assay_fail(context, ASSAY_INVALID, "sampler: %d is neither ODE nor SDE", (int)sampler);
  if (count > SIZE_MAX - first)
    return assay_fail(context, ASSAY_INVALID, "first: %zu + %zu samples overflow", first, count);
  size_t n = model->dimension;
  gmm_features features;
  void *memory = NULL;
  status = gmm_features_init(&features, n, model->degree, context);
  if (status) return status;
  status = assay_allocate(&memory, n * (n + count), sizeof(double), "samples", context);
  if (!status) status = factor_start(memory, model, context);
  if (!status) {
    double *made = (double *)memory + n * n; /* out stays as it is when the caller stops half way */
    sampling s = {model, &features, memory, sampler, first, count, seed, made};
    size_t scratch = 5 * n * GMM_BLOCK + gmm_field_scratch(&features, most_cells(model));
    status = tiles_run(tiles_count(count, GMM_BLOCK), scratch * sizeof(double), sample_block, &s, "samples", context);
    if (!status) memcpy(out, made, n * count * sizeof *out);
  }
  free(memory);
  gmm_features_clear(&features);
  return status;
}
