/* |mean of h_i X_K^i - mu|^2/d with all of its components, by a second pass over the start. */
#include "fast/core/ball.h"
#include "fast/flow_dae/gram.h"
#include "fast/flow_dae/slabs.h"
#include "fast/flow_dae/tile.h"

#include <string.h>

/* The rows that blocks of columns are cut for. */
enum { BLOCK_ROWS = 64 };

/* Squared norms: of V = start S + a xb_0 + b xb_1 - mu with S = sum h_i X_0^i, of S, of C = sum |X_0^i|, of xb_0 and of
 * xb_1. */
enum { SUM_V, SUM_S, SUM_C, SUM_MEAN0, SUM_MEAN1, SUM_NUMBERS };

typedef struct {
  const assay_dae_flow *flow;
  dae_slabs slabs;
  ball start, a, b; /* P_K/count, mean of h_i a_i, of h_i b_i */
  double mean;
  double sums[SUM_NUMBERS];
} error_pass;

static double square_of(const double *v, size_t stride, const tile_kernel *kernel) {
  double dots[4] = {0};
  kernel->dots(dots, v, v, v, v, stride);
  return dots[0];
}

typedef struct {
  double *tile, *sum, *magnitude, *mean0, *mean1, *v;
} error_tiles;

enum { BLOCK_VECTORS = 5 };

static error_tiles tiles_at(double *scratch, size_t block) {
  double *v = scratch + TILE_GROUP * block;
  return (error_tiles){.tile = scratch,
                       .sum = v,
                       .magnitude = v + block,
                       .mean0 = v + 2 * block,
                       .mean1 = v + 3 * block,
                       .v = v + 4 * block};
}

/* S and C over the block. */
static assay_status sum_start(error_tiles *tiles, const assay_dae_flow *flow, size_t column, size_t columns,
                              assay_context *context) {
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  size_t stride = tile_stride(columns);
  memset(tiles->sum, 0, stride * sizeof(double));
  memset(tiles->magnitude, 0, stride * sizeof(double));
  for (size_t row = 0; row < flow->count; row += TILE_GROUP) {
    size_t rows = flow->count - row < TILE_GROUP ? flow->count - row : TILE_GROUP;
    assay_status status = tile_read(&flow->start, row, rows, column, columns, tiles->tile, stride, context);
    if (status) return status;
    kernel->add_rows(tiles->sum, tiles->magnitude, tiles->tile, flow->signs + row, rows, stride);
  }
  return ASSAY_OK;
}

static assay_status add_block(const void *self, size_t group, size_t column, size_t columns, double *partial,
                              double *scratch, assay_context *context) {
  (void)group;
  const error_pass *pass = self;
  const assay_dae_flow *flow = pass->flow;
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  size_t stride = tile_stride(columns);
  error_tiles tiles = tiles_at(scratch, pass->slabs.block);
  assay_status status = sum_start(&tiles, flow, column, columns, context);
  if (status) return status;
  for (size_t j = 0; j < stride; j++) {
    bool inside = j < columns;
    tiles.mean0[j] = inside ? flow->xb0[column + j] : 0;
    tiles.mean1[j] = inside ? flow->xb1[column + j] : 0;
    double means = pass->a.value * tiles.mean0[j] + pass->b.value * tiles.mean1[j];
    tiles.v[j] = inside ? pass->start.value * tiles.sum[j] + (means - pass->mean) : 0;
  }
  partial[SUM_V] += square_of(tiles.v, stride, kernel);
  partial[SUM_S] += square_of(tiles.sum, stride, kernel);
  partial[SUM_C] += square_of(tiles.magnitude, stride, kernel);
  partial[SUM_MEAN0] += square_of(tiles.mean0, stride, kernel);
  partial[SUM_MEAN1] += square_of(tiles.mean1, stride, kernel);
  return ASSAY_OK;
}

static assay_status add_slab(void *self, size_t slab, double *partial, double *scratch, assay_context *context) {
  const error_pass *pass = self;
  return dae_slab_blocks(&pass->slabs, slab, 0, add_block, pass, partial, scratch, context);
}

static void combine_slab(void *self, size_t slab, const double *partial) {
  (void)slab;
  error_pass *pass = self;
  for (size_t k = 0; k < SUM_NUMBERS; k++) pass->sums[k] += partial[k];
}

/* A term factor vector of V: what the factor's error, the vector's error, and its at most four roundings (product, two
 * sums, difference) make of its norm. */
static double term_error(ball factor, double norm, double error) {
  double known = ball_up_mul(ball_up_add(factor.error, ball_up_mul(ball_gamma(4), fabs(factor.value))), norm);
  return ball_up_add(known, ball_up_mul(ball_upper(factor), error));
}

static ball bound_square(const error_pass *pass) {
  const assay_dae_flow *flow = pass->flow;
  size_t d = flow->dimension;
  double gamma = ball_gamma(dae_slabs_roundings(&pass->slabs)), root = ball_up(sqrt((double)d));
  double norms[SUM_NUMBERS];
  for (size_t k = 0; k < SUM_NUMBERS; k++) norms[k] = dae_norm(pass->sums[k], gamma, d);
  double lost = ball_gamma(tile_sum_roundings(flow->count)); /* of S; C was added up in as many roundings */
  double sum_error = ball_up(ball_up_mul(lost, norms[SUM_C]) / ball_down(1 - lost));
  double error = term_error(pass->start, norms[SUM_S], sum_error);
  error = ball_up_add(error, term_error(pass->a, norms[SUM_MEAN0], ball_up_mul(root, flow->xb0_error)));
  error = ball_up_add(error, term_error(pass->b, norms[SUM_MEAN1], ball_up_mul(root, flow->xb1_error)));
  error = ball_up_add(error, term_error(ball_exact(pass->mean), root, 0));
  error = ball_up_add(error, ball_up_mul(2 * BALL_TINY, root)); /* products that underflow: three half units an entry */
  dae_size v = {norms[SUM_V], error};
  return dae_dot(pass->sums[SUM_V], v, v, gamma, d);
}

static ball signed_mean(const ball *values, const signed char *signs, size_t count) {
  ball sum = ball_exact(0);
  for (size_t i = 0; i < count; i++) sum = ball_add(sum, ball_scale(values[i], signs[i]));
  return ball_div(sum, ball_exact((double)count));
}

assay_status assay_fast_dae_flow_mean_error(assay_bounded *out, const assay_dae_flow *flow, const assay_dae_data *data,
                                            assay_context *context) {
  if (data->dimension != flow->dimension || data->samples != flow->samples)
    return assay_fail(context, ASSAY_INVALID, "data: %zu x %zu, but the flow was trained on %zu x %zu", data->samples,
                      data->dimension, flow->samples, flow->dimension);
  error_pass pass = {.flow = flow,
                     .slabs = dae_slabs_of(BLOCK_ROWS, flow->dimension),
                     .start = ball_div(flow->perp[flow->steps], ball_exact((double)flow->count)),
                     .a = signed_mean(flow->a, flow->signs, flow->count),
                     .b = signed_mean(flow->b, flow->signs, flow->count),
                     .mean = data->mean};
  dae_job job = {.what = "mean error",
                 .units = pass.slabs.slabs,
                 .partial = SUM_NUMBERS,
                 .scratch = (TILE_GROUP + BLOCK_VECTORS) * pass.slabs.block,
                 .self = &pass,
                 .work = add_slab,
                 .combine = combine_slab};
  assay_status status = dae_job_run(&job, context);
  if (!status) *out = ball_div(bound_square(&pass), ball_exact((double)flow->dimension));
  return status;
}
