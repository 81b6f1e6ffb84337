/* Generation from any training: fits along the grid, the vectors they move samples along, and the samples' stream. */
#include "fast/flow_dae/samples.h"

#include "fast/flow_dae/combination.h"
#include "fast/flow_dae/label_solution.h"
#include "fast/flow_dae/products.h"

#include <cblas.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_START = 3, CHUNK = 512 };

/* Vectors are kept as an array up to this size. */
#define KEPT_BYTES ((size_t)1 << 30)

static void free_held(dae_held_vectors *held) {
  if (!held) return;
  free(held->vectors.directions);
  free(held->bounded);
  free(held->weights);
  free(held->array);
  free(held);
}

/* out <- perp X_0 + along W, a chunk of columns at a time. */
static assay_status read_generated(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                                   double *out, size_t stride, assay_context *context) {
  const assay_dae_samples *samples = stream->self;
  size_t steps = samples->steps;
  if (rows > INT_MAX || stride > INT_MAX)
    return assay_fail(context, ASSAY_UNSUPPORTED, "rows: %zu of stride %zu; at most %d are expected", rows, stride,
                      INT_MAX);
  void *tile = NULL;
  assay_status status = assay_allocate(&tile, steps, CHUNK * sizeof(double), "generated samples", context);
  if (!status) status = samples->start.read(&samples->start, row, rows, column, columns, out, stride, context);
  for (size_t done = 0; !status && done < columns; done += CHUNK) {
    size_t part = columns - done < CHUNK ? columns - done : CHUNK;
    status = samples->vectors.read(&samples->vectors, 0, steps, column + done, part, tile, CHUNK, context);
    if (!status)
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)part, (int)steps, 1,
                  samples->along + row * steps, (int)steps, tile, CHUNK, samples->perp[steps], out + done, (int)stride);
  }
  free(tile);
  return status;
}

/* Keeps the vectors as an array when they fit. */
static assay_status keep_vectors(assay_dae_samples *samples, dae_held_vectors *held, assay_context *context) {
  size_t rows = samples->vectors.rows, d = samples->dimension;
  size_t most = context->memory_cap && context->memory_cap / 2 < KEPT_BYTES ? context->memory_cap / 2 : KEPT_BYTES;
  if (rows > most / sizeof(double) / d) return ASSAY_OK;
  void *array = NULL;
  assay_status status = assay_allocate(&array, rows * d, sizeof(double), "vectors of the flow", context);
  if (!status) status = dae_copy_rows(array, &samples->vectors, rows * d * sizeof(double), context);
  held->array = array;
  if (!status) samples->vectors = assay_stream_of(held->array, rows, d);
  return status;
}

static assay_dae_learned learned_of(const assay_dae_fit *fit) {
  return (assay_dae_learned){.time = fit->time,
                             .c = fit->c.value,
                             .w_mu = fit->w_mu.value,
                             .w_xi = fit->w_xi.value,
                             .w_eta = fit->w_eta.value,
                             .loss = fit->loss,
                             .gradient_norm = fit->gradient_norm,
                             .wrong_labels = fit->wrong_labels,
                             .stationary = fit->wrong_labels == 0};
}

static assay_status train_labels(assay_dae_samples *samples, dae_held_vectors *held, const double *times,
                                 const assay_dae_data *data, assay_context *context) {
  void *fits = NULL;
  assay_status status = assay_allocate(&fits, samples->steps, sizeof(assay_dae_fit), "fits", context);
  held->bounded = fits;
  if (!status) status = assay_fast_dae_train(fits, times, samples->steps, data, &held->settings, context);
  for (size_t j = 0; !status && j < samples->steps; j++) samples->fits[j] = learned_of(held->bounded + j);
  return status;
}

static assay_status train(assay_dae_samples *samples, dae_held_vectors *held, const assay_dae_data *data,
                          const assay_dae_learner *learner, assay_context *context) {
  const assay_dae_settings *settings = &held->settings;
  size_t steps = samples->steps, d = samples->dimension;
  void *memory = NULL, *weights = NULL, *directions = NULL;
  assay_status status = assay_allocate(&memory, steps, sizeof(double), "times", context);
  double *times = memory;
  for (size_t j = 0; !status && j < steps; j++) times[j] = (double)j / (double)steps;
  if (!status && learner->solver == ASSAY_SOLVER_LABELS && learner->activation == ASSAY_SIGN) {
    status = train_labels(samples, held, times, data, context);
  } else if (!status) {
    status = assay_allocate(&weights, steps, d * sizeof(double), "weights", context);
    held->weights = weights;
    if (!status) status = assay_fast_dae_learn(samples->fits, weights, times, steps, data, settings, learner, context);
  }
  free(memory);
  if (!status) status = assay_allocate(&directions, 2 * d, sizeof(double), "directions", context);
  held->vectors = (dae_flow_vectors){.data = *data,
                                     .settings = &held->settings,
                                     .fits = samples->fits,
                                     .weights = held->weights,
                                     .directions = directions};
  if (!status) status = dae_flow_directions(&held->vectors, 0, context);
  samples->vectors = dae_flow_vectors_stream(&held->vectors);
  return status ? status : keep_vectors(samples, held, context);
}

static assay_status move(assay_dae_samples *samples, const assay_dae_settings *settings, assay_activation activation,
                         assay_context *context) {
  size_t rows = samples->vectors.rows, count = samples->count, steps = samples->steps;
  void *memory = NULL;
  assay_status status =
      assay_allocate(&memory, rows * rows + count * (rows + 1) + 3 * steps, sizeof(double), "products", context);
  if (status) return status;
  double *gram = memory, *start = gram + rows * rows, *squares = start + count * rows;
  dae_sample_products products = {.rows = rows, .gram = gram, .start = start, .squares = squares};
  dae_sample_steps taken = {.grow = squares + count, .kick = squares + count + steps};
  taken.turn = taken.kick + steps;
  status = dae_products(gram, NULL, &samples->vectors, &samples->vectors, 0, context);
  if (!status) status = dae_products(start, squares, &samples->start, &samples->vectors, 0, context);
  if (!status) status = dae_samples_move(samples, &taken, &products, settings, activation, context);
  if (!status) status = dae_samples_measure(samples, &taken, &products, settings, context);
  free(memory);
  return status;
}

static assay_status allocate_samples(assay_dae_samples *samples, assay_context *context) {
  size_t steps = samples->steps, count = samples->count;
  struct {
    void **out;
    size_t items, size;
    const char *what;
  } wanted[] = {{(void **)&samples->fits, steps, sizeof *samples->fits, "fits"},
                {(void **)&samples->perp, steps + 1, sizeof(double), "perp"},
                {(void **)&samples->along, count, steps * sizeof(double), "along"},
                {(void **)&samples->signs, count, sizeof(signed char), "signs"},
                {(void **)&samples->steady, count, sizeof(bool), "steady"},
                {(void **)&samples->mean_flow, steps + 1, sizeof *samples->mean_flow, "mean_flow"},
                {&samples->held, 1, sizeof(dae_held_vectors), "vectors"}};
  for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
    assay_status status = assay_allocate(wanted[k].out, wanted[k].items, wanted[k].size, wanted[k].what, context);
    if (status) return status;
  }
  return ASSAY_OK;
}

static assay_status check(const assay_dae_data *data, const assay_dae_settings *settings,
                          const assay_dae_learner *learner, size_t count, assay_context *context) {
  enum { MOST_STEPS = 1 << 20 };
  assay_status status = dae_check_data(data, settings, context);
  if (!status) status = assay_dae_learner_check(learner, context);
  if (status) return status;
  if (settings->steps < 1 || settings->steps > MOST_STEPS)
    return assay_fail(context, ASSAY_INVALID, "steps: %zu; a trained flow takes 1 to 2^20 steps here", settings->steps);
  if (count < 1 || count >= (size_t)1 << 48)
    return assay_fail(context, ASSAY_INVALID, "count: %zu; 1 to 2^48 generated samples are expected", count);
  return ASSAY_OK;
}

assay_status assay_fast_dae_samples_init(assay_dae_samples *out, const assay_dae_data *data,
                                         const assay_dae_settings *settings, const assay_dae_learner *learner,
                                         size_t count, uint64_t seed, assay_context *context) {
  assay_status status = check(data, settings, learner, count, context);
  if (status) return status;
  assay_dae_samples samples = {.samples = data->samples,
                               .dimension = data->dimension,
                               .count = count,
                               .steps = settings->steps,
                               .start_normals = {seed, STREAM_START}};
  samples.start = assay_fast_normals(&samples.start_normals, count, samples.dimension);
  status = allocate_samples(&samples, context);
  dae_held_vectors *held = samples.held;
  if (!status) {
    held->settings = *settings;
    status = train(&samples, held, data, learner, context);
  }
  if (!status) status = move(&samples, settings, learner->activation, context);
  if (status) {
    assay_fast_dae_samples_clear(&samples);
    return status;
  }
  *out = samples;
  out->start = assay_fast_normals(&out->start_normals, count, out->dimension);
  out->generated = (assay_stream){count, out->dimension, out, read_generated};
  return ASSAY_OK;
}

void assay_fast_dae_samples_clear(assay_dae_samples *samples) {
  free(samples->fits);
  free(samples->perp);
  free(samples->along);
  free(samples->signs);
  free(samples->steady);
  free(samples->mean_flow);
  free_held(samples->held);
  memset(samples, 0, sizeof *samples);
}
