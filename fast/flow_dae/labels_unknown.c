/* Bayes estimation with unknown labels, averaged over data sets (flow-dae B2). */
#include "fast/core/tiles.h"
#include "fast/flow_dae/labels_posterior.h"

#include <stdlib.h>
#include <string.h>

enum { STREAM_MEAN = 8, STREAM_SAMPLES = 9, TILE_DRAWS = 16, BLOCK = 512 };

typedef struct {
  size_t samples, dimension, draws;
  double sigma;
  assay_normals mean, noise;
  double *excess, *error; /* draws */
} experiment;

/* Adds the block's products to gram; x: samples rows of stride BLOCK. */
static void add_products(double *gram, const double *x, size_t samples, size_t columns) {
  for (size_t i = 0; i < samples; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = 0;
      for (size_t c = 0; c < columns; c++) sum += x[i * BLOCK + c] * x[j * BLOCK + c];
      gram[i * samples + j] += sum;
    }
}

/* x_i = mu + sigma z_i. Posterior patterns are the same, up to their names, whatever the signs of x_2, ..., x_n, and so
 * is the excess: all labels are 1 here. */
static assay_status products(double *gram, double *x, const experiment *e, size_t draw, assay_context *context) {
  size_t n = e->samples;
  double *mu = x + n * BLOCK;
  assay_stream means = assay_fast_normals(&e->mean, e->draws, e->dimension);
  assay_stream noises = assay_fast_normals(&e->noise, e->draws * n, e->dimension);
  memset(gram, 0, n * n * sizeof *gram);
  for (size_t column = 0; column < e->dimension; column += BLOCK) {
    size_t columns = e->dimension - column < BLOCK ? e->dimension - column : BLOCK;
    assay_status status = means.read(&means, draw, 1, column, columns, mu, BLOCK, context);
    if (!status) status = noises.read(&noises, draw * n, n, column, columns, x, BLOCK, context);
    if (status) return status;
    for (size_t i = 0; i < n; i++)
      for (size_t c = 0; c < columns; c++) x[i * BLOCK + c] = mu[c] + e->sigma * x[i * BLOCK + c];
    add_products(gram, x, n, columns);
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) gram[j * n + i] = gram[i * n + j];
  return ASSAY_OK;
}

/* Of a product, at most gamma |x_i||x_j|: blocks are summed in order, and their sums. */
static double products_error(const double *gram, size_t samples, size_t dimension) {
  double largest = 0, gamma = ball_gamma((double)(dimension < BLOCK ? dimension : BLOCK + dimension / BLOCK) + 2);
  for (size_t i = 0; i < samples; i++) largest = fmax(largest, gram[i * samples + i]);
  double underflow = (double)dimension * BALL_TINY;
  return ball_up_add(ball_up_mul(gamma, ball_up(ball_up_add(largest, underflow) / ball_down(1 - gamma))), underflow);
}

static assay_status do_tile(void *self, size_t tile, void *scratch, assay_context *context) {
  experiment *e = self;
  size_t n = e->samples, end = (tile + 1) * TILE_DRAWS < e->draws ? (tile + 1) * TILE_DRAWS : e->draws;
  double *gram = scratch, *x = gram + n * n;
  for (size_t draw = tile * TILE_DRAWS; draw < end; draw++) {
    assay_status status = products(gram, x, e, draw, context);
    if (status) return status;
    ball excess = labels_excess(gram, products_error(gram, n, e->dimension), n, e->dimension, e->sigma);
    if (!isfinite(excess.error))
      return assay_fail(context, ASSAY_PRECISION, "sigma: %.17g: rounding leaves the posterior of data set %zu open",
                        e->sigma, draw);
    e->excess[draw] = excess.value;
    e->error[draw] = excess.error;
  }
  return ASSAY_OK;
}

/* B1 + average, and the standard error of the average. */
static assay_bayes_estimate average(const experiment *e) {
  double sum = 0, size = 0, error = 0, squares = 0, draws = (double)e->draws;
  for (size_t k = 0; k < e->draws; k++) {
    sum += e->excess[k];
    size += fabs(e->excess[k]);
    error += e->error[k];
  }
  double mean = sum / draws;
  for (size_t k = 0; k < e->draws; k++) squares += (e->excess[k] - mean) * (e->excess[k] - mean);
  double gamma = ball_gamma(2 * draws);
  ball total = ball_make(sum, ball_up_add(ball_up_mul(error, 1 + 2 * gamma), ball_up_mul(size, gamma)));
  ball sigma2 = ball_sqr(ball_exact(e->sigma));
  ball known = ball_div(sigma2, ball_add(ball_exact((double)e->samples), sigma2));
  return (assay_bayes_estimate){ball_add(known, ball_div(total, ball_exact(draws))),
                                sqrt(squares / (draws - 1) / draws)};
}

static assay_status check(size_t samples, size_t dimension, double sigma, size_t draws, assay_context *context) {
  const size_t most = (size_t)1 << 40; /* rows of a stream stay below 2^48 */
  if (samples < 1) return assay_fail(context, ASSAY_INVALID, "samples: 0; at least 1 is expected");
  if (samples > LABELS_MOST_SAMPLES)
    return assay_fail(context, ASSAY_UNSUPPORTED, "samples: %zu; at most %d, whose patterns can be counted out",
                      samples, LABELS_MOST_SAMPLES);
  if (dimension < 1 || dimension > most)
    return assay_fail(context, ASSAY_INVALID, "dimension: %zu; 1 to 2^40 is expected", dimension);
  if (!(sigma > 0 && isfinite(sigma)))
    return assay_fail(context, ASSAY_INVALID, "sigma: %.17g must be positive and finite", sigma);
  if (draws < 2 || draws > most) return assay_fail(context, ASSAY_INVALID, "draws: %zu; 2 to 2^40 is expected", draws);
  return ASSAY_OK;
}

assay_status assay_fast_bayes_estimation_unknown(assay_bayes_estimate *out, double *excess, size_t samples,
                                                 size_t dimension, double sigma, size_t draws, uint64_t seed,
                                                 assay_context *context) {
  assay_status status = check(samples, dimension, sigma, draws, context);
  void *memory = NULL;
  if (!status) status = assay_allocate(&memory, draws, 2 * sizeof(double), "data sets", context);
  if (status) return status;
  experiment e = {.samples = samples,
                  .dimension = dimension,
                  .draws = draws,
                  .sigma = sigma,
                  .mean = {seed, STREAM_MEAN},
                  .noise = {seed, STREAM_SAMPLES}};
  e.excess = memory;
  e.error = e.excess + draws;
  size_t scratch = (samples * samples + (samples + 1) * BLOCK) * sizeof(double);
  status = tiles_run(tiles_count(draws, TILE_DRAWS), scratch, do_tile, &e, "data sets", context);
  if (!status) {
    *out = average(&e);
    if (excess) memcpy(excess, e.excess, draws * sizeof *excess);
  }
  free(memory);
  return status;
}
