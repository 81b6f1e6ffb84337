/* Sums of the rows of a stream, by blocks of columns. */
#include "fast/flow_dae/combination.h"

#include "fast/flow_dae/slabs.h"
#include "fast/flow_dae/tile.h"

#include <cblas.h>
#include <limits.h>

enum { BLOCK_ROWS = 64 };

typedef struct {
  double *out;
  const double *weights;
  const assay_stream *rows;
  size_t count;
  dae_slabs slabs;
} combination;

static assay_status add_slab(void *self, size_t slab, double *partial, double *scratch, assay_context *context) {
  (void)partial;
  const combination *c = self;
  size_t end = dae_slab_end(&c->slabs, slab), rows = c->rows->rows, d = c->rows->columns;
  for (size_t column = dae_slab_begin(&c->slabs, slab); column < end; column += c->slabs.block) {
    size_t columns = end - column < c->slabs.block ? end - column : c->slabs.block, stride = tile_stride(columns);
    assay_status status = tile_read(c->rows, 0, rows, column, columns, scratch, stride, context);
    if (status) return status;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)c->count, (int)columns, (int)rows, 1, c->weights,
                (int)rows, scratch, (int)stride, 0, c->out + column, (int)d);
  }
  return ASSAY_OK;
}

static void combine_slab(void *self, size_t slab, const double *partial) { (void)self, (void)slab, (void)partial; }

assay_status dae_combine(double *out, size_t count, const double *weights, const assay_stream *rows, size_t held,
                         assay_context *context) {
  if (rows->rows > INT_MAX || rows->columns > INT_MAX || count > INT_MAX)
    return assay_fail(context, ASSAY_UNSUPPORTED, "weights: %zu of %zu vectors of dimension %zu; at most %d", count,
                      rows->rows, rows->columns, INT_MAX);
  combination c = {.weights = weights, .rows = rows, .count = count, .slabs = dae_slabs_of(BLOCK_ROWS, rows->columns)};
  c.out = out;
  dae_job job = {.what = "weights",
                 .units = c.slabs.slabs,
                 .partial = 1,
                 .scratch = rows->rows * c.slabs.block,
                 .held = held,
                 .self = &c,
                 .work = add_slab,
                 .combine = combine_slab};
  return dae_job_run(&job, context);
}
