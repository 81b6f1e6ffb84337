/* Total variation on one set: where a density fitted to other samples exceeds the truth's. */
#include "fast/core/tiles.h"
#include "fast/core/variation.h"

#include <assay/fast.h>

#include <math.h>

enum { TILE = 2048 };

typedef struct {
  const assay_stream *rows;
  const assay_mixture *truth, *fitted;
  uint64_t inside; /* rows in the set */
} membership;

/* Whatever rounding does to the two densities, what is computed is the same function of x for samples and draws; its
 * set serves as well as the exact one. */
static assay_status count_tile(void *self, size_t index, void *scratch, assay_context *context) {
  membership *job = self;
  size_t first = index * TILE, rows = job->rows->rows - first;
  if (rows > TILE) rows = TILE;
  double *truth = scratch, *fitted = truth + TILE, *x = fitted + TILE;
  assay_path_point data = assay_path_point_of(assay_real_of(0), assay_real_of(1));
  context->threads = 1;
  assay_status status = variation_read(x, job->rows, first, rows, context);
  if (!status) status = assay_fast_field(truth, NULL, ASSAY_LOG_DENSITY, job->truth, &data, x, rows, context);
  if (!status) status = assay_fast_field(fitted, NULL, ASSAY_LOG_DENSITY, job->fitted, &data, x, rows, context);
  if (status) return status;
  uint64_t inside = 0;
  for (size_t r = 0; r < rows; r++) inside += fitted[r] > truth[r];
#pragma omp atomic
  job->inside += inside;
  return ASSAY_OK;
}

/* Sizes do not overflow: the mixtures hold means of as many numbers. */
static assay_status share_inside(double *out, const assay_stream *rows, const assay_mixture *truth,
                                 const assay_mixture *fitted, assay_context *context) {
  membership job = {.rows = rows, .truth = truth, .fitted = fitted};
  size_t bytes = TILE * (rows->columns + 2) * sizeof(double);
  assay_status status = tiles_run(tiles_count(rows->rows, TILE), bytes, count_tile, &job, "variation", context);
  if (!status) *out = (double)job.inside / (double)rows->rows;
  return status;
}

assay_status assay_fast_variation_held_out(assay_variation *out, const assay_stream *samples,
                                           const assay_mixture *truth, const assay_mixture *fitted, size_t draws,
                                           uint64_t seed, double delta, assay_context *context) {
  assay_status status = variation_check(samples, truth, delta, context);
  if (!status) status = assay_mixture_check(fitted, context);
  if (status) return status;
  if (fitted->dimension != truth->dimension)
    return assay_fail(context, ASSAY_INVALID, "fitted: dimension %zu; the truth has %zu", fitted->dimension,
                      truth->dimension);
  if (draws < 1) return assay_fail(context, ASSAY_INVALID, "draws: 0; at least 1 is expected");
  assay_mixture_draws exact = {.mixture = truth, .seed = seed};
  assay_stream drawn = assay_fast_mixture_draws(&exact, draws);
  double of_samples = 0.0, of_truth = 0.0;
  status = share_inside(&of_truth, &drawn, truth, fitted, context);
  if (!status) status = share_inside(&of_samples, samples, truth, fitted, context);
  if (status) return status;
  double chance = sqrt(-0.5 * log(delta) * (1.0 / (double)samples->rows + 1.0 / (double)draws));
  assay_variation found = {.value = of_samples - of_truth};
  found.lower = fmax(0.0, found.value - chance);
  *out = found;
  return ASSAY_OK;
}
