/* Products between the rows of two streams: one matrix product per block of columns. */
#include "fast/flow_dae/products.h"

#include "fast/flow_dae/slabs.h"
#include "fast/flow_dae/tile.h"

#include <cblas.h>
#include <limits.h>
#include <string.h>

/* Left rows of one matrix product, and the rows that blocks of columns are cut for. */
enum { GROUP_MOST = 512, BLOCK_ROWS = 64 };

typedef struct {
  const assay_stream *left, *right;
  dae_slabs slabs;
  size_t group; /* GROUP_MOST, or all left rows */
  double *out, *squares;
} product_pass;

static size_t group_rows(const product_pass *pass, size_t group) {
  size_t left = pass->left->rows - group * pass->group;
  return left < pass->group ? left : pass->group;
}

/* A partial holds the squares of a group, then its products. */
static assay_status add_block(const void *self, size_t group, size_t column, size_t columns, double *partial,
                              double *scratch, assay_context *context) {
  const product_pass *pass = self;
  size_t rows = group_rows(pass, group), right = pass->right->rows, stride = tile_stride(columns);
  double *x = scratch, *v = scratch + pass->group * pass->slabs.block;
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  assay_status status = tile_read(pass->left, group * pass->group, rows, column, columns, x, stride, context);
  if (!status) status = tile_read(pass->right, 0, right, column, columns, v, stride, context);
  if (status) return status;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)right, (int)columns, 1, x, (int)stride, v,
              (int)stride, 1, partial + pass->group, (int)right);
  for (size_t i = 0; pass->squares && i < rows; i++) {
    double dots[4] = {0};
    const double *row = x + i * stride;
    kernel->dots(dots, row, row, row, row, stride);
    partial[i] += dots[0];
  }
  return ASSAY_OK;
}

static assay_status add_unit(void *self, size_t unit, double *partial, double *scratch, assay_context *context) {
  const product_pass *pass = self;
  size_t slab = unit % pass->slabs.slabs, group = unit / pass->slabs.slabs;
  return dae_slab_blocks(&pass->slabs, slab, group, add_block, pass, partial, scratch, context);
}

static void combine_unit(void *self, size_t unit, const double *partial) {
  product_pass *pass = self;
  size_t group = unit / pass->slabs.slabs, rows = group_rows(pass, group), right = pass->right->rows;
  double *out = pass->out + group * pass->group * right;
  for (size_t k = 0; k < rows * right; k++) out[k] += partial[pass->group + k];
  for (size_t i = 0; pass->squares && i < rows; i++) pass->squares[group * pass->group + i] += partial[i];
}

assay_status dae_products(double *out, double *squares, const assay_stream *left, const assay_stream *right,
                          size_t held, assay_context *context) {
  size_t count = left->rows, rows = right->rows;
  if (rows > INT_MAX / GROUP_MOST)
    return assay_fail(context, ASSAY_UNSUPPORTED, "vectors: %zu; at most %d are expected", rows, INT_MAX / GROUP_MOST);
  product_pass pass = {.left = left, .right = right, .slabs = dae_slabs_of(BLOCK_ROWS, left->columns)};
  pass.group = count < GROUP_MOST ? count : GROUP_MOST;
  pass.out = out;
  pass.squares = squares;
  memset(out, 0, count * rows * sizeof *out);
  if (squares) memset(squares, 0, count * sizeof *squares);
  dae_job job = {.what = "products",
                 .units = pass.slabs.slabs * ((count + pass.group - 1) / pass.group),
                 .partial = pass.group * (rows + 1),
                 .scratch = (pass.group + rows) * pass.slabs.block,
                 .held = held,
                 .self = &pass,
                 .work = add_unit,
                 .combine = combine_unit};
  assay_status status = dae_job_run(&job, context);
  for (size_t k = 0; k < count * rows; k++) out[k] /= (double)left->columns;
  for (size_t i = 0; squares && i < count; i++) squares[i] /= (double)left->columns;
  return status;
}
