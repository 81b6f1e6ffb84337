/* Rows of a stream, and their sums, by blocks of columns. */
#include "fast/flow_dae/combination.h"

#include "fast/core/tiles.h"

#include <cblas.h>
#include <limits.h>
#include <string.h>

/* Columns of a block. */
enum { BLOCK = 512 };

typedef struct {
  double *out;
  const double *weights; /* count x rows */
  const assay_stream *rows;
  size_t count;
} combination;

static size_t columns_of(const combination *c, size_t index) {
  size_t left = c->rows->columns - index * BLOCK;
  return left < BLOCK ? left : BLOCK;
}

static assay_status combine_block(void *self, size_t index, void *scratch, assay_context *context) {
  const combination *c = self;
  size_t rows = c->rows->rows, columns = columns_of(c, index);
  assay_status status = c->rows->read(c->rows, 0, rows, index * BLOCK, columns, scratch, BLOCK, context);
  if (status) return status;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)c->count, (int)columns, (int)rows, 1, c->weights,
              (int)rows, scratch, BLOCK, 0, c->out + index * BLOCK, (int)c->rows->columns);
  return ASSAY_OK;
}

static assay_status copy_block(void *self, size_t index, void *scratch, assay_context *context) {
  (void)scratch;
  const combination *c = self;
  return c->rows->read(c->rows, 0, c->rows->rows, index * BLOCK, columns_of(c, index), c->out + index * BLOCK,
                       c->rows->columns, context);
}

/* tiles_run within what the cap leaves beside `held`. */
static assay_status run(combination *c, tile_body body, size_t scratch, size_t held, assay_context *context) {
  assay_context within = *context;
  if (context->memory_cap) within.memory_cap = context->memory_cap > held ? context->memory_cap - held : 1;
  assay_status status = tiles_run(tiles_count(c->rows->columns, BLOCK), scratch, body, c, "vectors", &within);
  if (status) memcpy(context->message, within.message, sizeof context->message);
  return status;
}

assay_status dae_combine(double *out, size_t count, const double *weights, const assay_stream *rows, size_t held,
                         assay_context *context) {
  if (rows->rows > INT_MAX || rows->columns > INT_MAX || count > INT_MAX)
    return assay_fail(context, ASSAY_UNSUPPORTED, "vectors: %zu of %zu rows of dimension %zu; at most %d", count,
                      rows->rows, rows->columns, INT_MAX);
  combination c = {.weights = weights, .rows = rows, .count = count};
  c.out = out;
  return run(&c, combine_block, rows->rows * BLOCK * sizeof(double), held, context);
}

assay_status dae_copy_rows(double *out, const assay_stream *rows, size_t held, assay_context *context) {
  combination c = {.rows = rows};
  c.out = out;
  return run(&c, copy_block, 1, held, context);
}
