#include "theory/samples/tally.h"

#include "fast/core/gram_sum.h"
#include "fast/core/tiles.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_LEVELS = 1 << 14, LEAST_LEVELS = 1 << 8, ZERO_EXPONENT = 1100 };

/* So many quantiles that steps between them are small (1/32) beside 1/sqrt(N), the scale of what can be told. */
static size_t levels_of(size_t samples) {
  const double per_root = 32.0;
  size_t levels = LEAST_LEVELS;
  while (levels < MOST_LEVELS && (double)levels < per_root * sqrt((double)samples)) levels *= 2;
  return levels;
}

/* Components have fewer samples, and there may be many of them. */
static size_t component_levels_of(size_t samples) { return levels_of(samples) / 4; }

/* Each sample costs sliced W2 a quantile of the mixture, which takes a few passes over its components. */
static size_t sliced_of(size_t samples, size_t components, size_t most) {
  const size_t work = (size_t)1 << 19, least = 256;
  size_t affordable = work / components > least ? work / components : least;
  if (affordable < most) most = affordable;
  return samples < most ? samples : most;
}

/* ---- sizes by their exponents ------------------------------------------------------------------------------------ */

static void count_size(tally_sizes *sizes, double size) {
  int exponent = 0;
  if (!isfinite(size))
    exponent = TALLY_EXPONENTS - 1 - ZERO_EXPONENT;
  else if (size > 0.0)
    (void)frexp(size, &exponent); /* size < 2^exponent */
  else
    exponent = -ZERO_EXPONENT;
  sizes->count[exponent + ZERO_EXPONENT]++;
}

double tally_shift(const tally_sizes *sizes, double scale, double steepest, uint64_t total) {
  uint64_t beyond = sizes->count[TALLY_EXPONENTS - 1];
  double best = 1.0;
  for (size_t i = TALLY_EXPONENTS - 1; i-- > 0;) {
    double shift = i > 0 ? steepest * scale * ldexp(1.0, (int)i - ZERO_EXPONENT) : 0.0;
    best = fmin(best, ball_up(shift + ball_up((double)beyond / (double)total)));
    beyond += sizes->count[i];
  }
  return best;
}

/* ---- one block --------------------------------------------------------------------------------------------------- */

typedef struct {
  tally *out;
  const whiten_block *block;
  size_t first, rows, directions, random;
} block_job;

static void add_sums(const block_job *job) {
  tally *out = job->out;
  const whiten_block *b = job->block;
  size_t d = out->dimension;
  for (size_t i = 0; i < job->rows; i++) {
    double *sum = out->sums + b->label[i] * d;
    const double *z = b->z + i * d;
    for (size_t j = 0; j < d; j++) {
      sum[j] += z[j];
      out->squares[j] += z[j] * z[j];
    }
  }
}

/* A label left open moves one z in or out of the sums of each component in question. */
static void add_uncertain(tally *out, const whiten_block *b, size_t i) {
  double farthest = b->farthest[i];
  out->uncertain++;
  out->first += 2.0 * farthest;
  out->second += farthest * farthest;
  for (size_t k = b->open_first[i]; k <= b->open_last[i]; k++) {
    out->component_uncertain[k]++;
    out->component_first[k] += farthest;
    out->component_second[k] += farthest * farthest;
  }
}

static void add_row(tally *out, const whiten_block *b, size_t i) {
  uint32_t label = b->label[i];
  double size = b->size[i], error = b->error[i];
  bool uncertain = b->open_first[i] < b->open_last[i];
  out->labels[label]++;
  out->clear[label] += b->doubt[i] <= out->doubt;
  out->radii[label] += size * size;
  out->norms[label] += size;
  out->first += error;
  out->second += 2.0 * size * error + error * error;
  out->component_first[label] += error;
  out->component_second[label] += 2.0 * size * error + error * error;
  if (uncertain) add_uncertain(out, b, i);
  out->largest = fmax(out->largest, b->least[i]);
  count_size(&out->errors, uncertain ? INFINITY : error);
  count_size(&out->reach, b->norm[i]);
  out->radius_tally[law_bin(&out->radius, size)]++;
  out->component_tally[label * (out->component_radius.count + 1) + law_bin(&out->component_radius, size)]++;
}

static void keep_slices(const block_job *job) {
  tally *out = job->out;
  size_t from = job->directions - job->random;
  for (size_t i = 0; i < job->rows && job->first + i < out->sliced_samples; i++)
    for (size_t r = 0; r < job->random; r++)
      out->sliced[r * out->sliced_samples + job->first + i] = job->block->projection[i * job->directions + from + r];
}

/* Each task owns what it writes: projections one by one, then sums, then what goes row by row. */
static assay_status run_task(void *self, size_t index, void *scratch, assay_context *context) {
  (void)scratch;
  (void)context;
  const block_job *job = self;
  if (index == 0)
    for (size_t i = 0; i < job->rows; i++) add_row(job->out, job->block, i);
  else if (index == 1)
    add_sums(job);
  else if (index == 2)
    keep_slices(job);
  else
    law_count(job->out->projection_tally[index - 3], &job->out->projections[index - 3],
              job->block->projection + (index - 3), job->directions, job->rows);
  return ASSAY_OK;
}

static assay_status add_block(const block_job *job, assay_context *context) {
  assay_context quiet = *context;
  quiet.progress = NULL;
  tally *out = job->out;
  assay_status status = tiles_run(job->directions + 3, 0, run_task, (void *)job, "samples", &quiet);
  if (!status && out->gram) status = gram_add(out->gram, job->block->z, job->block->capacity, out->dimension, &quiet);
  if (status) memcpy(context->message, quiet.message, sizeof context->message);
  return status;
}

static assay_status read_all(tally *out, const whitening *source, const direction_set *along, assay_context *context) {
  whiten_block block;
  assay_status status = whiten_block_init(&block, source, context);
  if (status) return status;
  for (size_t first = 0; !status && first < out->samples; first += block.capacity) {
    size_t left = out->samples - first, rows = left < block.capacity ? left : block.capacity;
    status = assay_progress(context, "samples", (double)first / (double)out->samples);
    if (!status) status = whiten_read(&block, source, first, rows, context);
    block_job job = {out, &block, first, rows, along->count, along->random};
    if (!status) status = add_block(&job, context);
  }
  whiten_block_clear(&block);
  return status;
}

/* ---- making and clearing ----------------------------------------------------------------------------------------- */

static assay_status make_laws(tally *out, const direction_set *along, const marginal_component *seen,
                              assay_context *context) {
  size_t d = out->dimension, levels = levels_of(out->samples), fewer = component_levels_of(out->samples);
  double *quantiles = NULL;
  assay_status status = assay_allocate((void **)&quantiles, levels, sizeof *quantiles, "quantiles", context);
  if (status) return status;
  law_normal_quantiles(quantiles, levels);
  status = law_chi_init(&out->radius, d, quantiles, levels, context);
  for (size_t u = 0; !status && u < along->count; u++) {
    status =
        law_mixture_init(&out->projections[u], seen + u * out->components, out->components, quantiles, levels, context);
    if (!status)
      status = assay_allocate((void **)&out->projection_tally[u], out->projections[u].count + 1, sizeof(uint64_t),
                              "counts", context);
  }
  law_normal_quantiles(quantiles, fewer);
  if (!status) status = law_chi_init(&out->component_radius, d, quantiles, fewer, context);
  free(quantiles);
  return status;
}

static assay_status allocate(tally *out, const direction_set *along, assay_context *context) {
  size_t d = out->dimension, k = out->components, gram = d > 1 && d <= TALLY_WIDEST_GRAM ? d * d : 0, wide = 0;
  size_t slices = along->random * out->sliced_samples;
  size_t levels = levels_of(out->samples), fewer = component_levels_of(out->samples);
  if (__builtin_mul_overflow(k, d, &wide) || wide > SIZE_MAX / 64)
    return assay_fail(context, ASSAY_MEMORY, "samples: %zu means of dimension %zu", k, d);
  double *next = NULL;
  size_t singles = 4 * k + d + wide + gram + slices, integers = 3 * k + levels + 1 + k * (fewer + 1);
  size_t pointers = along->count * (sizeof(law) + sizeof(uint64_t *)) / sizeof(double) + 1;
  assay_status status =
      assay_allocate((void **)&next, singles + pointers, sizeof(double), "sums over samples", context);
  if (status) return status;
  out->memory = next;
  status = assay_allocate((void **)&out->counts, integers, sizeof(uint64_t), "counts", context);
  if (status) return status;
  out->projections = (law *)next, next += along->count * (sizeof(law) / sizeof(double));
  out->projection_tally = (uint64_t **)next, next += along->count;
  out->radii = next, next += k;
  out->norms = next, next += k;
  out->component_first = next, next += k;
  out->component_second = next, next += k;
  out->squares = next, next += d;
  out->sums = next, next += wide;
  out->sliced = next, next += slices;
  out->gram = gram ? next : NULL;
  uint64_t *counts = out->counts;
  out->labels = counts, counts += k;
  out->clear = counts, counts += k;
  out->component_uncertain = counts, counts += k;
  out->radius_tally = counts, counts += levels + 1;
  out->component_tally = counts;
  return ASSAY_OK;
}

/* What summing N numbers in double does, however they are cut into blocks. */
static void add_summation_errors(tally *out) {
  double gamma = ball_gamma((double)out->samples + 2.0 * (double)out->dimension + 64.0), inflate = 1.0001;
  for (size_t k = 0; k < out->components; k++) {
    double first = gamma * out->norms[k], second = gamma * out->radii[k];
    out->component_first[k] = ball_up((out->component_first[k] + first) * inflate);
    out->component_second[k] = ball_up((out->component_second[k] + second) * inflate);
    out->first += first;
    out->second += second;
  }
  out->first = ball_up(out->first * inflate);
  out->second = ball_up(out->second * inflate);
}

assay_status tally_init(tally *out, const assay_stream *samples, const assay_mixture *mixture,
                        const assay_path_point *point, const direction_set *along, const marginal_component *seen,
                        const assay_samples_options *options, assay_context *context) {
  tally made = {.samples = samples->rows, .dimension = mixture->dimension, .components = mixture->count};
  made.sliced_samples = sliced_of(samples->rows, mixture->count, options->sliced);
  made.doubt = 0x1p-6 / sqrt((double)samples->rows);
  whitening source;
  assay_status status = whiten_init(&source, mixture, point, samples, along->vectors, along->count, options->rounding,
                                    options->seed, context);
  if (status) return status;
  status = allocate(&made, along, context);
  if (!status) {
    made.directions = along->count;
    status = make_laws(&made, along, seen, context);
  }
  if (!status) status = read_all(&made, &source, along, context);
  whiten_clear(&source);
  if (status) {
    tally_clear(&made);
    return status;
  }
  add_summation_errors(&made);
  *out = made;
  return ASSAY_OK;
}

void tally_clear(tally *self) {
  for (size_t u = 0; u < self->directions; u++) {
    law_clear(&self->projections[u]);
    free(self->projection_tally[u]);
  }
  law_clear(&self->radius);
  law_clear(&self->component_radius);
  free(self->counts);
  free(self->memory);
}
