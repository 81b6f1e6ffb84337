/* Starts of spherical EM: k-means++ (Arthur and Vassilvitskii 2007), each next mean a row drawn in proportion to its
 * squared distance from the nearest so far. */
#include "fast/gmm_diffusion/em.h"

#include <assay/fast.h>

#include <stdlib.h>
#include <string.h>

assay_status em_candidates_init(em_candidates *out, const assay_stream *data, assay_context *context) {
  const size_t most = 65536;
  size_t rows = data->rows < most ? data->rows : most, n = data->columns;
  if (n > SIZE_MAX / most / 2) return assay_fail(context, ASSAY_MEMORY, "em: rows of %zu numbers to start from", n);
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, rows * (n + 1), sizeof(double), "em: rows to start from", context);
  if (status) return status;
  em_candidates candidates = {.rows = rows, .dimension = n, .points = memory};
  candidates.distance = candidates.points + rows * n;
  size_t whole = data->rows / rows, rest = data->rows % rows; /* row i N/rows without overflow */
  for (size_t i = 0; !status && i < rows; i++)
    status = data->read(data, i * whole + i * rest / rows, 1, 0, n, candidates.points + i * n, n, context);
  if (status) {
    free(memory);
    return status;
  }
  *out = candidates;
  return ASSAY_OK;
}

void em_candidates_clear(em_candidates *candidates) {
  free(candidates->points);
  memset(candidates, 0, sizeof *candidates);
}

/* Uniform in [0, 1): word `draw` of one start. */
static double uniform(uint64_t seed, size_t start, size_t draw) {
  uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)}, word[4];
  uint32_t counter[4] = {(uint32_t)draw, (uint32_t)((uint64_t)draw >> 32), (uint32_t)start,
                         (uint32_t)((uint64_t)start >> 32)};
  assay_fast_philox(word, counter, key);
  return (double)(((uint64_t)word[1] << 32 | word[0]) >> 11) * 0x1p-53;
}

static double squared_distance(const double *x, const double *y, size_t n) {
  double sum = 0.0;
  for (size_t c = 0; c < n; c++) sum += (x[c] - y[c]) * (x[c] - y[c]);
  return sum;
}

/* Adds a start; returns the sum of squared distances that are left. */
static double approach(em_candidates *candidates, const double *mean, bool first) {
  double total = 0.0;
  for (size_t i = 0; i < candidates->rows; i++) {
    double distance = squared_distance(candidates->points + i * candidates->dimension, mean, candidates->dimension);
    if (first || distance < candidates->distance[i]) candidates->distance[i] = distance;
    total += candidates->distance[i];
  }
  return total;
}

/* The row at which the running sum of distances passes `target`; never one of distance 0 while another is left. */
static size_t row_at(const em_candidates *candidates, double target) {
  double sum = 0.0;
  size_t last = 0;
  for (size_t i = 0; i < candidates->rows; i++) {
    if (candidates->distance[i] > 0.0) last = i;
    sum += candidates->distance[i];
    if (sum > target) return i;
  }
  return last;
}

void em_start(em_state *state, em_candidates *candidates, const assay_gmm_em_settings *settings, size_t start,
              double lowest) {
  size_t k = state->components, n = state->dimension;
  double left = 0.0;
  for (size_t j = 0; j < k; j++) {
    double random = uniform(settings->seed, start, j);
    size_t row = j ? row_at(candidates, random * left) : (size_t)(random * (double)candidates->rows);
    memcpy(state->mean + j * n, candidates->points + row * n, n * sizeof(double));
    left = approach(candidates, state->mean + j * n, j == 0);
  }
  double variance = left / ((double)candidates->rows * (double)n);
  if (!(variance > lowest)) variance = lowest;
  for (size_t j = 0; j < k; j++) {
    state->weight[j] = 1.0 / (double)k;
    state->variance[j] = settings->kind == ASSAY_GMM_EM_FIXED ? settings->variance : variance;
  }
}
