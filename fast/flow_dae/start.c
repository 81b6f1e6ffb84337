/* One pass over the generated samples' start: its products with the span's vectors. */
#include "fast/flow_dae/slabs.h"
#include "fast/flow_dae/tile.h"
#include "fast/flow_dae/transport.h"

#include <string.h>

/* Samples of a tile. */
enum { GROUP = 64 };

typedef struct {
  const assay_dae_flow *flow;
  dae_slabs slabs;
  double shift;
  double *products;
} start_pass;

static size_t group_rows(const start_pass *pass, size_t group) {
  size_t left = pass->flow->count - group * GROUP;
  return left < GROUP ? left : GROUP;
}

static assay_status add_block(const void *self, size_t group, size_t column, size_t columns, double *partial,
                              double *scratch, assay_context *context) {
  const start_pass *pass = self;
  const assay_dae_flow *flow = pass->flow;
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  size_t rows = group_rows(pass, group), stride = tile_stride(columns);
  double *tile = scratch, *mean0 = tile + GROUP * pass->slabs.block, *kt = mean0 + pass->slabs.block;
  double *one = kt + pass->slabs.block;
  assay_status status = tile_read(&flow->start, group * GROUP, rows, column, columns, tile, stride, context);
  if (status) return status;
  for (size_t j = 0; j < stride; j++) {
    bool inside = j < columns;
    mean0[j] = inside ? flow->xb0[column + j] : 0;
    kt[j] = inside ? flow->xb1[column + j] - pass->shift : 0;
    one[j] = inside ? 1 : 0;
  }
  for (size_t i = 0; i < rows; i++)
    kernel->dots(partial + i * START_NUMBERS, tile + i * stride, one, mean0, kt, stride);
  return ASSAY_OK;
}

static assay_status add_unit(void *self, size_t unit, double *partial, double *scratch, assay_context *context) {
  const start_pass *pass = self;
  size_t slab = unit % pass->slabs.slabs, group = unit / pass->slabs.slabs;
  return dae_slab_blocks(&pass->slabs, slab, group, add_block, pass, partial, scratch, context);
}

static void combine_unit(void *self, size_t unit, const double *partial) {
  start_pass *pass = self;
  size_t group = unit / pass->slabs.slabs;
  double *products = pass->products + group * GROUP * START_NUMBERS;
  for (size_t k = 0; k < group_rows(pass, group) * START_NUMBERS; k++) products[k] += partial[k];
}

assay_status dae_start_products(double *products, double *gamma, const assay_dae_flow *flow, const dae_span *span,
                                size_t held, assay_context *context) {
  start_pass pass = {.flow = flow, .slabs = dae_slabs_of(GROUP, flow->dimension), .shift = span->shift};
  pass.products = products;
  dae_job job = {.what = "generating",
                 .units = pass.slabs.slabs * ((flow->count + GROUP - 1) / GROUP),
                 .partial = (size_t)GROUP * START_NUMBERS,
                 .scratch = (GROUP + 3) * pass.slabs.block,
                 .held = held,
                 .self = &pass,
                 .work = add_unit,
                 .combine = combine_unit};
  *gamma = ball_gamma(dae_slabs_roundings(&pass.slabs));
  return dae_job_run(&job, context);
}

void dae_start_balls(ball out[FRAME], const double *products, const dae_span *span, double gamma, double mean,
                     size_t dimension) {
  dae_size start = {dae_norm(products[START_SQUARE], gamma, dimension), 0};
  dae_size one = {ball_up(sqrt((double)dimension)), 0};
  out[0] = ball_scale(dae_dot(products[START_ONE], start, one, gamma, dimension), mean);
  out[1] = dae_dot(products[START_MEAN0], start, span->mean0, gamma, dimension);
  out[2] = dae_dot(products[START_KT], start, span->kt, gamma, dimension);
}
