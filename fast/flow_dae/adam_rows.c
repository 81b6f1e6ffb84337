/* Rows in memory: reading, products, sums. */
#include "fast/flow_dae/adam_rows.h"

#include "fast/flow_dae/adam.h"
#include "fast/flow_dae/tile.h"

#include <stdlib.h>
#include <string.h>

/* Columns in a piece, at most: 128 KiB of a row, long enough for the memory to stream. */
enum { PIECE = 16384 };

static size_t quotient_up(size_t a, size_t b) { return a / b + (a % b != 0); }

/* Slabs of one block each, about equally long; a multiple of TILE_LANES. */
static dae_slabs even_slabs(size_t columns) {
  size_t block = tile_stride(quotient_up(columns, quotient_up(columns, PIECE)));
  return (dae_slabs){.columns = columns, .block = block, .blocks_per_slab = 1, .slabs = quotient_up(columns, block)};
}

/* Vectors in a unit of work, at most; a multiple of 3. */
enum { GROUP = 192 };

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* partial: |x_t^i|^2 of every row, then sum <x_t^i, x_1^i>. */
static assay_status load_slab(void *self, size_t slab, double *partial, double *scratch, assay_context *context) {
  const adam_rows *r = self;
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  size_t n = r->data->samples, column = dae_slab_begin(&r->slabs, slab);
  size_t columns = dae_slab_end(&r->slabs, slab) - column, stride = tile_stride(columns);
  for (size_t i = 0; i < n; i++) {
    double dots[4] = {0}, *xt = r->xt + i * r->stride + column, *x1 = r->x1 + i * r->stride + column;
    assay_status status = tile_read(&r->data->noise, i, 1, column, columns, scratch, stride, context);
    if (!status) status = tile_read(&r->data->data, i, 1, column, columns, x1, stride, context);
    if (status) return status;
    for (size_t j = 0; j < stride; j++) xt[j] = r->alpha * scratch[j] + r->beta * x1[j];
    kernel->dots(dots, xt, x1, xt, xt, stride);
    partial[i] += dots[0];
    partial[n] += dots[1];
  }
  return ASSAY_OK;
}

static void combine_load(void *self, size_t slab, const double *partial) {
  (void)slab;
  adam_rows *r = self;
  for (size_t i = 0; i < r->data->samples; i++) r->squares[i] += partial[i];
  r->with_1 += partial[r->data->samples];
}

assay_status adam_rows_init(adam_rows *out, double alpha, double beta, const assay_dae_data *data, size_t held,
                            assay_context *context) {
  size_t n = data->samples, stride = tile_stride(data->dimension);
  *out = (adam_rows){.data = data, .alpha = alpha, .beta = beta, .slabs = even_slabs(data->dimension)};
  void *rows = NULL, *numbers = NULL;
  size_t room = n < GROUP ? GROUP + 1 : n + 1, count = n + room + out->slabs.block;
  assay_status status = assay_allocate(&rows, 2 * n, stride * sizeof(double), "Adam", context);
  out->xt = rows;
  if (!status) status = assay_allocate(&numbers, count, sizeof(double), "Adam", context);
  out->squares = numbers;
  if (status) return status;
  out->stride = stride;
  out->x1 = out->xt + n * stride;
  out->room = out->squares + n;
  out->held = held + (2 * n * stride + count) * sizeof(double);
  dae_job load = {.what = "training data",
                  .units = out->slabs.slabs,
                  .partial = n + 1,
                  .scratch = out->slabs.block,
                  .held = out->held,
                  .self = out,
                  .work = load_slab,
                  .combine = combine_load};
  return adam_run(&load, 2 * n * stride * ADAM_DRAW, out->room, context);
}

void adam_rows_clear(adam_rows *rows) { free(rows->xt), free(rows->squares); }

/* ---- products ---------------------------------------------------------------------------------------------------- */

typedef struct {
  const adam_rows *rows;
  const double *const *vectors;
  size_t count, groups;
  const double *w;
  double *out, *square;
} products;

static size_t group_end(const products *p, size_t group) {
  return group + 1 < p->groups ? (group + 1) * GROUP : p->count;
}

/* partial: the products of a group, then |w|^2. Three at a time; the last ones again when their number is no multiple
 * of 3. */
static assay_status products_unit(void *self, size_t unit, double *partial, double *scratch __attribute__((unused)),
                                  assay_context *context) {
  const products *p = self;
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  size_t slab = unit / p->groups, group = unit % p->groups, column = dae_slab_begin(&p->rows->slabs, slab);
  size_t stride = tile_stride(dae_slab_end(&p->rows->slabs, slab) - column);
  size_t begin = group * GROUP, last = group_end(p, group) - 1;
  for (size_t k = begin; k <= last; k += 3) {
    double dots[4] = {0};
    size_t second = k < last ? k + 1 : k, third = second < last ? second + 1 : k;
    kernel->dots(dots, p->w + column, p->vectors[k] + column, p->vectors[second] + column, p->vectors[third] + column,
                 stride);
    if (k == 0) partial[GROUP] += dots[0];
    partial[k - begin] += dots[1];
    if (second > k) partial[second - begin] += dots[2];
    if (third > k) partial[third - begin] += dots[3];
  }
  return ASSAY_OK;
}

static void combine_products(void *self, size_t unit, const double *partial) {
  products *p = self;
  size_t group = unit % p->groups, begin = group * GROUP, end = group_end(p, group);
  for (size_t k = begin; k < end; k++) p->out[k] += partial[k - begin];
  *p->square += partial[GROUP]; /* 0 but for the first group */
}

assay_status adam_rows_products(double *out, double *square, const double *w, const double *const *vectors,
                                size_t count, const adam_rows *rows, assay_context *context) {
  products p = {rows, vectors, count, quotient_up(count, GROUP), w, out, square};
  dae_job job = {.what = "Adam",
                 .units = p.groups * rows->slabs.slabs,
                 .partial = GROUP + 1,
                 .held = rows->held,
                 .self = &p,
                 .work = products_unit,
                 .combine = combine_products};
  if (count == 0) return ASSAY_OK;
  memset(out, 0, count * sizeof *out);
  *square = 0;
  return adam_run(&job, (count + 1) * rows->stride, rows->room, context);
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

typedef struct {
  const adam_rows *rows;
  const size_t *list;
  const double *factors;
  size_t count;
  bool anew;
  const double *w;
  double *sum_t, *sum_1, *with_t;
} sums;

static assay_status sums_slab(void *self, size_t slab, double *partial, double *scratch __attribute__((unused)),
                              assay_context *context) {
  const sums *s = self;
  const adam_rows *r = s->rows;
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  size_t column = dae_slab_begin(&r->slabs, slab), stride = tile_stride(dae_slab_end(&r->slabs, slab) - column);
  double dots[4] = {0}, *sum_t = s->sum_t + column, *sum_1 = s->sum_1 + column;
  if (s->anew) {
    memset(sum_t, 0, stride * sizeof *sum_t);
    memset(sum_1, 0, stride * sizeof *sum_1);
  }
  for (size_t k = 0; k < s->count; k++) {
    size_t row = s->list[k] * r->stride + column;
    kernel->add(sum_t, s->factors[k], r->xt + row, stride);
    kernel->add(sum_1, s->factors[k], r->x1 + row, stride);
  }
  kernel->dots(dots, s->w + column, sum_t, sum_t, sum_t, stride);
  partial[0] += dots[1];
  return ASSAY_OK;
}

static void combine_sums(void *self, size_t slab, const double *partial) {
  (void)slab;
  sums *s = self;
  *s->with_t += partial[0];
}

assay_status adam_rows_add(double *sum_t, double *sum_1, double *with_t, const double *w, bool anew,
                           const double *factors, const size_t *list, size_t count, const adam_rows *rows,
                           assay_context *context) {
  sums s = {.rows = rows, .list = list, .factors = factors, .count = count, .anew = anew, .w = w};
  s.sum_t = sum_t;
  s.sum_1 = sum_1;
  s.with_t = with_t;
  dae_job job = {.what = "Adam",
                 .units = rows->slabs.slabs,
                 .partial = 1,
                 .held = rows->held,
                 .self = &s,
                 .work = sums_slab,
                 .combine = combine_sums};
  *with_t = 0;
  return adam_run(&job, 2 * (count + 1) * rows->stride, rows->room, context);
}
