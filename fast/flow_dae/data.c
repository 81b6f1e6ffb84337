/* The training set as streams: nothing of its size is stored. */
#include "fast/flow_dae/tile.h"
#include "fast/flow_dae/training_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Streams of a training set's seed; those of fresh noise begin at STREAM_FRESH. */
enum { STREAM_NOISE = 0, STREAM_DATA = 1, STREAM_LABELS = 2 };
#define STREAM_FRESH ((uint32_t)1 << 31)

#define INDEX_LIMIT ((size_t)1 << 48) /* of rows and columns of normals */

/* x_1 = s mu + sigma z; |s| = 1, so each entry is rounded twice. */
static assay_status read_data(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                              double *out, size_t stride, assay_context *context) {
  const assay_dae_data *data = stream->self;
  assay_stream normals = assay_fast_normals(&data->data_normals, data->samples, data->dimension);
  assay_status status = normals.read(&normals, row, rows, column, columns, out, stride, context);
  if (status) return status;
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  for (size_t i = 0; i < rows; i++)
    kernel->place(out + i * stride, data->labels[row + i] * data->mean, data->sigma, columns);
  return ASSAY_OK;
}

/* 53 bits of the block at row i of the label stream, uniform on [0, 1). */
static double label_uniform(uint64_t seed, size_t i) {
  uint64_t row = i;
  const uint32_t counter[4] = {0, (uint32_t)row, (uint32_t)(row >> 32) << 16, STREAM_LABELS};
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  uint32_t out[4];
  assay_fast_philox(out, counter, key);
  uint64_t word = (uint64_t)out[1] << 32 | out[0];
  return (double)(word >> 11) * 0x1p-53;
}

static assay_status check_data(const assay_dae_settings *settings, size_t dimension, double weight,
                               assay_context *context) {
  assay_status status = assay_dae_settings_check(settings, context);
  if (status) return status;
  double norm2 = settings->norm2.nearest, mean = sqrt(norm2);
  if (settings->samples > INDEX_LIMIT)
    return assay_fail(context, ASSAY_INVALID, "samples: %zu; at most 2^48 are expected", settings->samples);
  if (dimension < 1 || dimension > INDEX_LIMIT)
    return assay_fail(context, ASSAY_INVALID, "dimension: %zu; 1 to 2^48 is expected", dimension);
  if (!(weight >= 0 && weight <= 1))
    return assay_fail(context, ASSAY_INVALID, "labels_plus_weight: %.17g; a number in [0, 1] is expected", weight);
  if (fma(mean, mean, -norm2) != 0)
    return assay_fail(context, ASSAY_UNSUPPORTED, "norm2: %.17g is not the square of a double", norm2);
  return ASSAY_OK;
}

assay_status assay_fast_dae_data_init(assay_dae_data *out, const assay_dae_settings *settings, size_t dimension,
                                      double labels_plus_weight, uint64_t seed, assay_context *context) {
  assay_status status = check_data(settings, dimension, labels_plus_weight, context);
  void *labels = NULL;
  if (!status) status = assay_allocate(&labels, settings->samples, sizeof(signed char), "labels", context);
  if (status) return status;
  *out = (assay_dae_data){.samples = settings->samples,
                          .dimension = dimension,
                          .sigma = settings->sigma.nearest,
                          .mean = sqrt(settings->norm2.nearest),
                          .labels = labels,
                          .noise_normals = {seed, STREAM_NOISE},
                          .data_normals = {seed, STREAM_DATA}};
  for (size_t i = 0; i < out->samples; i++) out->labels[i] = label_uniform(seed, i) < labels_plus_weight ? 1 : -1;
  out->noise = assay_fast_normals(&out->noise_normals, out->samples, dimension);
  out->data = (assay_stream){out->samples, dimension, out, read_data};
  return ASSAY_OK;
}

assay_stream dae_noise_at(assay_normals *normals, const assay_dae_data *data, const assay_dae_settings *settings,
                          size_t draw) {
  if (settings->noise == ASSAY_NOISE_FIXED) return data->noise;
  *normals = (assay_normals){data->noise_normals.seed, STREAM_FRESH + (uint32_t)draw};
  return assay_fast_normals(normals, data->samples, data->dimension);
}

static assay_status read_set(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                             double *out, size_t stride, assay_context *context) {
  const dae_training_set *set = stream->self;
  size_t n = set->data->samples;
  for (; rows > 0 && row == 0; row++, rows--, out += stride)
    for (size_t j = 0; j < columns; j++) out[j] = set->data->mean;
  for (size_t u = 0; u < 2 && rows > 0; u++) {
    const assay_stream *part = u ? &set->data->data : &set->noise;
    size_t first = 1 + u * n, count = row < first + n ? first + n - row : 0;
    if (count > rows) count = rows;
    if (count == 0) continue;
    assay_status status = part->read(part, row - first, count, column, columns, out, stride, context);
    if (status) return status;
    row += count;
    rows -= count;
    out += count * stride;
  }
  return ASSAY_OK;
}

assay_stream dae_training_stream(const dae_training_set *set) {
  return (assay_stream){1 + 2 * set->data->samples, set->data->dimension, set, read_set};
}

void assay_fast_dae_data_clear(assay_dae_data *data) {
  free(data->labels);
  memset(data, 0, sizeof *data);
}
