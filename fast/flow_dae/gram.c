/* One pass over the training set: its Gram products with proved errors. */
#include "fast/flow_dae/gram.h"

#include "fast/flow_dae/slabs.h"
#include "fast/flow_dae/tile.h"

#include <stdlib.h>
#include <string.h>

/* What the slabs add up beside the samples' numbers; the last two are maxima. */
enum {
  SUM_S0_S0,
  SUM_S0_S1,
  SUM_S0_T,
  SUM_S0_ONE,
  SUM_T_T,
  SUM_T_ONE,
  SUM_S1_S1,
  SUM_C0_C0,
  SUM_C1_C1,
  SUM_NUMBERS,
  MAX_C0 = SUM_NUMBERS,
  MAX_C1,
  PARTIAL_NUMBERS
};

typedef struct {
  const assay_dae_data *data;
  dae_slabs slabs;
  double *s0, *s1;     /* may be NULL */
  double n_mean;       /* the double next to n mean */
  double *totals;      /* PARTIAL_NUMBERS, then samples x ROW_NUMBERS: the shape of a partial */
  size_t total_length; /* doubles in it */
} gram_pass;

/* A thread's tiles: x_0 and x_1 of all samples in one block of columns, and vectors over the block. */
typedef struct {
  double *x0, *x1, *s0, *s1, *c0, *c1, *t, *one;
} gram_tiles;

enum { BLOCK_VECTORS = 6 };

static gram_tiles tiles_at(double *scratch, size_t samples, size_t block) {
  double *v = scratch + 2 * samples * block;
  return (gram_tiles){.x0 = scratch,
                      .x1 = scratch + samples * block,
                      .s0 = v,
                      .s1 = v + block,
                      .c0 = v + 2 * block,
                      .c1 = v + 3 * block,
                      .t = v + 4 * block,
                      .one = v + 5 * block};
}

/* T = S_1 - n mu on the block's columns, 0 in the padding; `one` likewise. */
static void centre(gram_tiles *tiles, double n_mean, size_t columns, size_t stride) {
  for (size_t j = 0; j < stride; j++) {
    tiles->one[j] = j < columns ? 1 : 0;
    tiles->t[j] = j < columns ? tiles->s1[j] - n_mean : 0;
  }
}

static void add_block_sums(double *partial, const gram_tiles *tiles, size_t stride, const tile_kernel *kernel) {
  double dots[4] = {0};
  kernel->dots(partial + SUM_S0_S0, tiles->s0, tiles->s1, tiles->t, tiles->one, stride);
  kernel->dots(dots, tiles->t, tiles->one, tiles->one, tiles->one, stride);
  partial[SUM_T_T] += dots[0];
  partial[SUM_T_ONE] += dots[1];
  memset(dots, 0, sizeof dots);
  kernel->dots(dots, tiles->s1, tiles->one, tiles->one, tiles->one, stride);
  partial[SUM_S1_S1] += dots[0];
  const double *const magnitudes[] = {tiles->c0, tiles->c1};
  for (size_t u = 0; u < 2; u++) {
    memset(dots, 0, sizeof dots);
    kernel->dots(dots, magnitudes[u], tiles->one, tiles->one, tiles->one, stride);
    partial[SUM_C0_C0 + u] += dots[0];
    for (size_t j = 0; j < stride; j++)
      if (magnitudes[u][j] > partial[MAX_C0 + u]) partial[MAX_C0 + u] = magnitudes[u][j];
  }
}

/* The block's tiles and sums over their rows, a group after the other. */
static assay_status read_block(const gram_tiles *tiles, const assay_dae_data *data, size_t column, size_t columns,
                               assay_context *context) {
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  size_t n = data->samples, stride = tile_stride(columns);
  double *const sums[] = {tiles->s0, tiles->s1, tiles->c0, tiles->c1};
  for (size_t k = 0; k < sizeof sums / sizeof *sums; k++) memset(sums[k], 0, stride * sizeof(double));
  for (size_t row = 0; row < n; row += TILE_GROUP) {
    size_t rows = n - row < TILE_GROUP ? n - row : TILE_GROUP;
    double *x0 = tiles->x0 + row * stride, *x1 = tiles->x1 + row * stride;
    assay_status status = tile_read(&data->noise, row, rows, column, columns, x0, stride, context);
    if (!status) status = tile_read(&data->data, row, rows, column, columns, x1, stride, context);
    if (status) return status;
    kernel->add_rows(tiles->s0, tiles->c0, x0, data->labels + row, rows, stride);
    kernel->add_rows(tiles->s1, tiles->c1, x1, data->labels + row, rows, stride);
  }
  return ASSAY_OK;
}

static assay_status add_block(const void *self, size_t group, size_t column, size_t columns, double *partial,
                              double *scratch, assay_context *context) {
  (void)group;
  const gram_pass *pass = self;
  const assay_dae_data *data = pass->data;
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  size_t n = data->samples, stride = tile_stride(columns);
  gram_tiles tiles = tiles_at(scratch, n, pass->slabs.block);
  assay_status status = read_block(&tiles, data, column, columns, context);
  if (status) return status;
  centre(&tiles, pass->n_mean, columns, stride);
  add_block_sums(partial, &tiles, stride, kernel);
  double *row = partial + PARTIAL_NUMBERS;
  for (size_t i = 0; i < n; i++, row += ROW_NUMBERS)
    kernel->pair_dots(row, tiles.x0 + i * stride, tiles.x1 + i * stride, tiles.s0, tiles.s1, stride);
  if (pass->s0) memcpy(pass->s0 + column, tiles.s0, columns * sizeof(double));
  if (pass->s1) memcpy(pass->s1 + column, tiles.s1, columns * sizeof(double));
  return ASSAY_OK;
}

static assay_status add_slab(void *self, size_t slab, double *partial, double *scratch, assay_context *context) {
  const gram_pass *pass = self;
  return dae_slab_blocks(&pass->slabs, slab, 0, add_block, pass, partial, scratch, context);
}

static void combine_slab(void *self, size_t slab, const double *partial) {
  (void)slab;
  gram_pass *pass = self;
  for (size_t k = 0; k < pass->total_length; k++)
    if (k == MAX_C0 || k == MAX_C1)
      pass->totals[k] = partial[k] > pass->totals[k] ? partial[k] : pass->totals[k];
    else
      pass->totals[k] += partial[k];
}

double dae_norm(double square, double gamma, size_t dimension) {
  double underflow = (double)dimension * BALL_TINY;
  return ball_up(sqrt(ball_up(ball_up_add(square, underflow) / ball_down(1 - gamma))));
}

ball dae_dot(double computed, dae_size a, dae_size b, double gamma, size_t dimension) {
  double error = ball_up_mul(ball_up_mul(gamma, a.norm), b.norm);
  error = ball_up_add(error, ball_up_mul(a.error, b.norm));
  error = ball_up_add(error, ball_up_mul(a.norm, b.error));
  error = ball_up_add(error, ball_up_mul(a.error, b.error));
  return ball_make(computed, ball_up_add(error, (double)dimension * BALL_TINY));
}

/* u of S_u and v of y_v in the number's o_uv. */
ball dae_overlap(const dae_gram *gram, size_t sample, size_t number) {
  const double *row = gram->rows + sample * ROW_NUMBERS;
  bool noise_sum = number == ROW_S00 || number == ROW_S01, noise_row = number == ROW_S00 || number == ROW_S10;
  dae_size y = {dae_norm(row[noise_row ? ROW_00 : ROW_11], gram->gamma, gram->dimension), 0};
  return dae_dot(row[number], noise_sum ? gram->s0 : gram->s1, y, gram->gamma, gram->dimension);
}

static void sum_rows(dae_gram *gram) {
  gram->q00 = gram->q01 = gram->q11 = ball_exact(0);
  for (size_t i = 0; i < gram->samples; i++) {
    const double *row = gram->rows + i * ROW_NUMBERS;
    dae_size x0 = {dae_norm(row[ROW_00], gram->gamma, gram->dimension), 0};
    dae_size x1 = {dae_norm(row[ROW_11], gram->gamma, gram->dimension), 0};
    gram->q00 = ball_add(gram->q00, dae_dot(row[ROW_00], x0, x0, gram->gamma, gram->dimension));
    gram->q01 = ball_add(gram->q01, dae_dot(row[ROW_01], x0, x1, gram->gamma, gram->dimension));
    gram->q11 = ball_add(gram->q11, dae_dot(row[ROW_11], x1, x1, gram->gamma, gram->dimension));
  }
}

/* Errors of the vectors S_0, S_1 and T, then of the products between them. */
static void bound_sums(dae_gram *gram, const double *sums, const gram_pass *pass) {
  size_t d = gram->dimension, n = gram->samples;
  double gamma = gram->gamma, mean = pass->data->mean, lost = ball_gamma(tile_sum_roundings(n));
  double more = ball_up(1 / ball_down(1 - lost)); /* C_u itself was added up in as many roundings */
  lost = ball_up_mul(lost, more);
  gram->s0 = (dae_size){dae_norm(sums[SUM_S0_S0], gamma, d), ball_up_mul(lost, dae_norm(sums[SUM_C0_C0], gamma, d))};
  gram->s1 = (dae_size){dae_norm(sums[SUM_S1_S1], gamma, d), ball_up_mul(lost, dae_norm(sums[SUM_C1_C1], gamma, d))};
  gram->s0_entry_error = ball_up_mul(lost, sums[MAX_C0]);
  gram->s1_entry_error = ball_up_mul(lost, sums[MAX_C1]);
  gram->s0_entry = ball_up_mul(sums[MAX_C0], more);
  gram->s1_entry = ball_up_mul(sums[MAX_C1], more);
  double root = ball_up(sqrt((double)d)), t_norm = dae_norm(sums[SUM_T_T], gamma, d);
  double n_mean_lost = ball_up_mul(fabs(fma((double)n, mean, -pass->n_mean)), root);
  gram->t = (dae_size){t_norm, ball_up_add(ball_up_add(gram->s1.error, n_mean_lost), ball_up(BALL_UNIT * t_norm))};
  dae_size one = {root, 0};
  gram->g00 = dae_dot(sums[SUM_S0_S0], gram->s0, gram->s0, gamma, d);
  gram->g01 = dae_dot(sums[SUM_S0_S1], gram->s0, gram->s1, gamma, d);
  gram->g11 = dae_dot(sums[SUM_S1_S1], gram->s1, gram->s1, gamma, d);
  gram->s0_t = dae_dot(sums[SUM_S0_T], gram->s0, gram->t, gamma, d);
  gram->tt = dae_dot(sums[SUM_T_T], gram->t, gram->t, gamma, d);
  gram->mean_s0 = ball_scale(dae_dot(sums[SUM_S0_ONE], gram->s0, one, gamma, d), mean);
  gram->mean_t = ball_scale(dae_dot(sums[SUM_T_ONE], gram->t, one, gamma, d), mean);
}

/* The samples' numbers with their labels: o_uv^i = s_i <S_u, x_v^i>. */
static void keep_rows(dae_gram *gram, const double *rows, const signed char *labels) {
  static const size_t overlaps[] = {ROW_S00, ROW_S10, ROW_S01, ROW_S11};
  memcpy(gram->rows, rows, gram->samples * ROW_NUMBERS * sizeof *rows);
  for (size_t i = 0; i < gram->samples; i++)
    for (size_t k = 0; k < sizeof overlaps / sizeof *overlaps; k++)
      gram->rows[i * ROW_NUMBERS + overlaps[k]] *= labels[i];
}

assay_status dae_gram_init(dae_gram *out, double *s0, double *s1, const assay_dae_data *data, size_t held,
                           assay_context *context) {
  size_t n = data->samples, d = data->dimension;
  dae_gram gram = {.samples = n, .dimension = d};
  gram_pass pass = {.data = data,
                    .slabs = dae_slabs_of(n, d),
                    .n_mean = (double)n * data->mean,
                    .total_length = PARTIAL_NUMBERS + n * ROW_NUMBERS};
  pass.s0 = s0;
  pass.s1 = s1;
  void *rows = NULL, *totals = NULL;
  assay_status status = assay_allocate(&rows, n, ROW_NUMBERS * sizeof(double), "Gram products", context);
  if (!status) status = assay_allocate(&totals, pass.total_length, sizeof(double), "Gram products", context);
  gram.rows = rows;
  pass.totals = totals;
  dae_job job = {.what = "training",
                 .units = pass.slabs.slabs,
                 .partial = pass.total_length,
                 .scratch = (2 * n + BLOCK_VECTORS) * pass.slabs.block,
                 .held = held + 2 * pass.total_length * sizeof(double),
                 .self = &pass,
                 .work = add_slab,
                 .combine = combine_slab};
  if (!status) status = dae_job_run(&job, context);
  if (!status) {
    gram.gamma = ball_gamma(dae_slabs_roundings(&pass.slabs));
    keep_rows(&gram, pass.totals + PARTIAL_NUMBERS, data->labels);
    sum_rows(&gram);
    bound_sums(&gram, pass.totals, &pass);
    if (!isfinite(gram.q00.error + gram.q01.error + gram.q11.error + gram.g00.error + gram.g11.error))
      status = assay_fail(context, ASSAY_INVALID, "training data: entries are not finite, or their squares overflow");
  }
  free(totals);
  if (status)
    free(rows);
  else
    *out = gram;
  return status;
}

void dae_gram_clear(dae_gram *gram) {
  free(gram->rows);
  memset(gram, 0, sizeof *gram);
}
