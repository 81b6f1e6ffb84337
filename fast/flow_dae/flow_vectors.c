/* The w's of a flow and the directions of its training set. */
#include "fast/flow_dae/flow_vectors.h"

#include "fast/flow_dae/combination.h"
#include "fast/flow_dae/training_set.h"

#include <stdlib.h>
#include <string.h>

/* out = (1/n) sum_i s_i x^i */
static assay_status signed_mean(double *out, const dae_flow_vectors *vectors, const assay_stream *rows, size_t held,
                                assay_context *context) {
  size_t n = vectors->data.samples;
  void *weights = NULL;
  assay_status status = assay_allocate(&weights, n, sizeof(double), "label weights", context);
  for (size_t i = 0; !status && i < n; i++) ((double *)weights)[i] = vectors->data.labels[i] / (double)n;
  if (!status) status = dae_combine(out, 1, weights, rows, held, context);
  free(weights);
  return status;
}

assay_status dae_flow_directions(dae_flow_vectors *vectors, size_t held, assay_context *context) {
  size_t d = vectors->data.dimension;
  double *xi = vectors->directions, *eta = xi + d;
  assay_status status = ASSAY_OK;
  if (vectors->settings->noise == ASSAY_NOISE_FIXED)
    status = signed_mean(xi, vectors, &vectors->data.noise, held, context);
  else
    memset(xi, 0, d * sizeof *xi);
  if (!status) status = signed_mean(eta, vectors, &vectors->data.data, held, context);
  for (size_t j = 0; !status && j < d; j++) eta[j] = (eta[j] - vectors->data.mean) / vectors->data.sigma;
  return status;
}

/* out += factor times xi of the step's own noise, on these columns. */
static assay_status add_fresh(double *out, double factor, const dae_flow_vectors *vectors, size_t step, size_t column,
                              size_t columns, assay_context *context) {
  enum { CHUNK = 512 };
  assay_normals normals;
  assay_stream noise = dae_noise_at(&normals, &vectors->data, vectors->settings, step);
  size_t n = vectors->data.samples;
  for (size_t done = 0; done < columns; done += CHUNK) {
    double row[CHUNK];
    size_t part = columns - done < CHUNK ? columns - done : CHUNK;
    for (size_t i = 0; i < n; i++) {
      assay_status status = noise.read(&noise, i, 1, column + done, part, row, CHUNK, context);
      if (status) return status;
      double weight = factor * vectors->data.labels[i] / (double)n;
      for (size_t j = 0; j < part; j++) out[done + j] += weight * row[j];
    }
  }
  return ASSAY_OK;
}

static assay_status read_weight(double *out, const dae_flow_vectors *vectors, size_t step, size_t column,
                                size_t columns, assay_context *context) {
  size_t d = vectors->data.dimension;
  if (vectors->weights) {
    memcpy(out, vectors->weights + step * d + column, columns * sizeof *out);
    return ASSAY_OK;
  }
  const assay_dae_learned *fit = &vectors->fits[step];
  const double *xi = vectors->directions + column, *eta = xi + d;
  for (size_t j = 0; j < columns; j++)
    out[j] = fit->w_mu * vectors->data.mean + fit->w_xi * xi[j] + fit->w_eta * eta[j];
  if (vectors->settings->noise == ASSAY_NOISE_FIXED) return ASSAY_OK;
  return add_fresh(out, fit->w_xi, vectors, step, column, columns, context);
}

static assay_status read_vectors(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                                 double *out, size_t stride, assay_context *context) {
  const dae_flow_vectors *vectors = stream->self;
  size_t steps = vectors->settings->steps, d = vectors->data.dimension;
  for (size_t r = row; r < row + rows; r++, out += stride) {
    assay_status status = ASSAY_OK;
    if (r < steps)
      status = read_weight(out, vectors, r, column, columns, context);
    else if (r > steps)
      memcpy(out, vectors->directions + (r - steps - 1) * d + column, columns * sizeof *out);
    else
      for (size_t j = 0; j < columns; j++) out[j] = vectors->data.mean;
    if (status) return status;
  }
  return ASSAY_OK;
}

assay_stream dae_flow_vectors_stream(const dae_flow_vectors *vectors) {
  return (assay_stream){vectors->settings->steps + FRAME_ROWS, vectors->data.dimension, vectors, read_vectors};
}
