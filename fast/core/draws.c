/* Draws from a mixture as a stream (assay/variation.h). */
#include <assay/fast.h>
#include <assay/variation.h>

#include <math.h>

/* Uniform in [0, 1). */
static double uniform(const assay_mixture_draws *draws, uint64_t row) {
  uint32_t counter[4] = {0, (uint32_t)row, (uint32_t)(row >> 32) << 16, draws->stream + 1};
  uint32_t key[2] = {(uint32_t)draws->seed, (uint32_t)(draws->seed >> 32)}, word[4];
  assay_fast_philox(word, counter, key);
  return (double)(((uint64_t)word[1] << 32 | word[0]) >> 11) * 0x1p-53;
}

static size_t component_at(const assay_mixture *mixture, double share) {
  size_t k = 0;
  for (; k + 1 < mixture->count; k++) {
    share -= mixture->components[k].weight.nearest;
    if (share < 0.0) break;
  }
  return k;
}

static void place(double *row, const assay_component *component, size_t column, size_t columns) {
  bool diagonal = component->covariance.kind == ASSAY_COVARIANCE_DIAGONAL;
  double deviation = sqrt(component->covariance.variance.nearest);
  for (size_t c = 0; c < columns; c++) {
    if (diagonal) deviation = sqrt(component->covariance.entries[column + c]);
    row[c] = component->mean[column + c] + deviation * row[c];
  }
}

static assay_status read_draws(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                               double *out, size_t stride, assay_context *context) {
  const assay_mixture_draws *draws = stream->self;
  const assay_mixture *mixture = draws->mixture;
  double total = 0.0;
  for (size_t k = 0; k < mixture->count; k++) {
    total += mixture->components[k].weight.nearest;
    if (mixture->components[k].covariance.kind == ASSAY_COVARIANCE_FULL)
      return assay_fail(context, ASSAY_UNSUPPORTED,
                        "components[%zu].covariance: full; draws need it isotropic or "
                        "diagonal",
                        k);
  }
  assay_normals normals = {draws->seed, draws->stream};
  assay_stream noise = assay_fast_normals(&normals, stream->rows, stream->columns);
  assay_status status = noise.read(&noise, row, rows, column, columns, out, stride, context);
  for (size_t r = 0; !status && r < rows; r++) {
    size_t k = component_at(mixture, uniform(draws, row + r) * total);
    place(out + r * stride, &mixture->components[k], column, columns);
  }
  return status;
}

assay_stream assay_fast_mixture_draws(const assay_mixture_draws *draws, size_t rows) {
  return (assay_stream){.rows = rows, .columns = draws->mixture->dimension, .self = draws, .read = read_draws};
}
