/* Statistics of generated samples, from products alone. Vectors are known by their coefficients in the flow's R vectors
 * w_0, ..., w_K-1, mu, xi, eta and in X_0. */
#include "fast/flow_dae/flow_vectors.h"
#include "fast/flow_dae/problem.h"
#include "fast/flow_dae/samples.h"
#include "fast/flow_dae/subspace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const dae_sample_products *products;
  const assay_dae_settings *settings;
  size_t steps, rows;
  dae_subspace frame; /* of mu, xi, eta */
  double *start;      /* R: products of the mean of h_i X_0 */
  double *sum;        /* R: coefficients of what the w's add to the mean, the last three 0 */
  double *with;       /* R: products of that */
  double *mean;       /* R: coefficients of span part and rest */
} measuring;

static void times_gram(double *out, const measuring *m, const double *coefficients, size_t count) {
  for (size_t r = 0; r < m->rows; r++) out[r] = dae_inner(m->products->gram + r * m->rows, coefficients, count);
}

/* The mean at a step, `sum` being set: its coordinates in the frame (rank), and the square of its rest. */
static double place_mean(double coordinates[FRAME_ROWS], double added[FRAME_ROWS], measuring *m, double perp) {
  double products[FRAME_ROWS];
  times_gram(m->with, m, m->sum, m->steps);
  dae_subspace_place(added, &m->frame, m->with + m->steps);
  for (size_t f = 0; f < FRAME_ROWS; f++) products[f] = perp * m->start[m->steps + f] + m->with[m->steps + f];
  dae_subspace_place(coordinates, &m->frame, products);
  return fmax(dae_inner(m->sum, m->with, m->steps) - dae_inner(added, added, m->frame.rank), 0);
}

/* Root mean square of X_0 over samples and the dimensions outside the span. */
static double outside_of(const measuring *m, const assay_dae_samples *samples) {
  double sum = 0, d = (double)samples->dimension, left = d - (double)m->frame.rank;
  for (size_t i = 0; i < samples->count; i++) {
    double at[FRAME_ROWS];
    dae_subspace_place(at, &m->frame, m->products->start + i * m->rows + m->steps);
    sum += m->products->squares[i] - dae_inner(at, at, m->frame.rank);
  }
  return left > 0 ? sqrt(fmax(sum, 0) / (double)samples->count * d / left) : NAN;
}

static assay_dae_mean mean_at(measuring *m, double perp, double outside) {
  double coordinates[FRAME_ROWS], added[FRAME_ROWS], coefficients[FRAME_ROWS];
  double rest = sqrt(place_mean(coordinates, added, m, perp));
  bool fresh = m->settings->noise == ASSAY_NOISE_FRESH;
  dae_subspace_combine(coefficients, &m->frame, coordinates);
  return (assay_dae_mean){.mu = coefficients[0],
                          .xi = fresh ? sqrt((double)m->settings->samples) * rest : coefficients[1],
                          .eta = coefficients[2],
                          .rest = fresh ? 0 : rest,
                          .perp = fabs(perp) * outside};
}

/* mse and cosine; m->mean: the coefficients of span part and rest. */
static void measure_mean(assay_dae_samples *samples, measuring *m) {
  double at[FRAME_ROWS], added[FRAME_ROWS], more[FRAME_ROWS];
  double rest = place_mean(at, added, m, samples->perp[samples->steps]), error = rest;
  size_t rank = m->frame.rank;
  for (size_t k = 0; k < rank; k++) {
    double off = at[k] - m->frame.coordinates[k];
    error += off * off;
    more[k] = at[k] - added[k];
  }
  const double *mu = m->frame.coordinates;
  double size = sqrt((dae_inner(at, at, rank) + rest) * dae_inner(mu, mu, rank));
  samples->mse = error;
  samples->cosine = size > 0 ? dae_inner(at, mu, rank) / size : 0;
  memcpy(m->mean, m->sum, m->rows * sizeof *m->mean);
  dae_subspace_combine(m->mean + m->steps, &m->frame, more);
}

/* |h X - mean|^2 = |X|^2 - 2 h <X, mean> + |mean|^2, each from products. */
static void measure_spread(assay_dae_samples *samples, measuring *m) {
  double perp = samples->perp[samples->steps], sum = 0;
  times_gram(m->with, m, m->mean, m->rows);
  double mean2 = dae_inner(m->mean, m->with, m->rows);
  for (size_t i = 0; i < samples->count; i++) {
    const double *along = samples->along + i * m->steps, *start = m->products->start + i * m->rows;
    double own = perp * perp * m->products->squares[i] + 2 * perp * dae_inner(along, start, m->steps);
    for (size_t k = 0; k < m->steps; k++) own += along[k] * dae_inner(m->products->gram + k * m->rows, along, m->steps);
    double with = perp * dae_inner(m->mean, start, m->rows) + dae_inner(along, m->with, m->steps);
    sum += own - 2 * samples->signs[i] * with + mean2;
  }
  samples->cluster_variance = sum / (double)samples->count;
}

static void run(assay_dae_samples *samples, measuring *m, const dae_sample_steps *steps) {
  for (size_t i = 0; i < samples->count; i++)
    dae_add(m->start, samples->signs[i] / (double)samples->count, m->products->start + i * m->rows, m->rows);
  double outside = outside_of(m, samples);
  for (size_t j = 0;; j++) {
    samples->mean_flow[j] = mean_at(m, samples->perp[j], outside);
    if (j == samples->steps) break;
    for (size_t k = 0; k < j; k++) m->sum[k] *= steps->grow[j];
    m->sum[j] = steps->kick[j] * steps->turn[j];
  }
  measure_mean(samples, m);
  measure_spread(samples, m);
}

assay_status dae_samples_measure(assay_dae_samples *samples, const dae_sample_steps *steps,
                                 const dae_sample_products *products, const assay_dae_settings *settings,
                                 assay_context *context) {
  measuring m = {.products = products, .settings = settings, .steps = samples->steps, .rows = products->rows};
  double gram[FRAME_ROWS * FRAME_ROWS];
  for (size_t k = 0; k < FRAME_ROWS; k++)
    memcpy(gram + k * FRAME_ROWS, products->gram + (m.steps + k) * m.rows + m.steps, FRAME_ROWS * sizeof *gram);
  void *memory = NULL;
  assay_status status = dae_subspace_init(&m.frame, gram, FRAME_ROWS, context);
  if (!status) status = assay_allocate(&memory, 4 * m.rows, sizeof(double), "statistics", context);
  if (!status) {
    m.start = memory;
    m.sum = m.start + m.rows;
    m.with = m.sum + m.rows;
    m.mean = m.with + m.rows;
    run(samples, &m, steps);
  }
  free(memory);
  dae_subspace_clear(&m.frame);
  return status;
}
