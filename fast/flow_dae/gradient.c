/* Squared norms of weighted sums of samples, by blocks of columns. */
#include "fast/flow_dae/gradient.h"

#include "fast/flow_dae/slabs.h"
#include "fast/flow_dae/tile.h"

#include <stdlib.h>
#include <string.h>

/* Blocks are cut as for a tile of this many rows, whatever the number of times: a time's norm does not depend on the
 * others. */
enum { ROWS = 64 };

typedef struct {
  const dae_vectors *vectors;
  const assay_dae_data *data;
  dae_slabs slabs;
  double *squares;
} norm_pass;

static bool row_is_needed(const dae_vectors *vectors, size_t samples, size_t row) {
  for (size_t t = 0; t < vectors->times; t++)
    if (vectors->weights[t * samples + row] != 0) return true;
  return false;
}

static assay_status add_block(const void *self, size_t group, size_t column, size_t columns, double *partial,
                              double *scratch, assay_context *context) {
  (void)group;
  const norm_pass *pass = self;
  const dae_vectors *vectors = pass->vectors;
  const assay_dae_data *data = pass->data;
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  size_t n = data->samples, stride = tile_stride(columns);
  double *x0 = scratch, *x1 = scratch + pass->slabs.block, *sums = x1 + pass->slabs.block;
  memset(sums, 0, vectors->times * stride * sizeof *sums);
  for (size_t i = 0; i < n; i++) {
    if (!row_is_needed(vectors, n, i)) continue;
    assay_status status = tile_read(&data->noise, i, 1, column, columns, x0, stride, context);
    if (!status) status = tile_read(&data->data, i, 1, column, columns, x1, stride, context);
    if (status) return status;
    for (size_t t = 0; t < vectors->times; t++) {
      double weight = vectors->weights[t * n + i] * data->labels[i];
      if (weight == 0) continue;
      kernel->add(sums + t * stride, weight * vectors->data[t], x1, stride);
      kernel->add(sums + t * stride, -weight * vectors->noise[t], x0, stride);
    }
  }
  for (size_t t = 0; t < vectors->times; t++) {
    double dots[4] = {0};
    const double *v = sums + t * stride;
    kernel->dots(dots, v, v, v, v, stride);
    partial[t] += dots[0];
  }
  return ASSAY_OK;
}

static assay_status add_slab(void *self, size_t slab, double *partial, double *scratch, assay_context *context) {
  const norm_pass *pass = self;
  return dae_slab_blocks(&pass->slabs, slab, 0, add_block, pass, partial, scratch, context);
}

static void combine_slab(void *self, size_t slab, const double *partial) {
  (void)slab;
  norm_pass *pass = self;
  for (size_t t = 0; t < pass->vectors->times; t++) pass->squares[t] += partial[t];
}

assay_status dae_vector_norms(double *squares, const dae_vectors *vectors, const assay_dae_data *data, size_t held,
                              assay_context *context) {
  norm_pass pass = {.vectors = vectors, .data = data, .slabs = dae_slabs_of(ROWS, data->dimension), .squares = squares};
  memset(squares, 0, vectors->times * sizeof *squares);
  dae_job job = {.what = "gradient",
                 .units = pass.slabs.slabs,
                 .partial = vectors->times,
                 .scratch = (vectors->times + 2) * pass.slabs.block,
                 .held = held,
                 .self = &pass,
                 .work = add_slab,
                 .combine = combine_slab};
  return dae_job_run(&job, context);
}
