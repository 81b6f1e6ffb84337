/* Adam on d coordinates where phi has slopes: one sweep over blocks of columns an epoch updates w there and takes its
 * products with the data at once. The data of the time stay in memory, block after block, as the sweep reads them. */
#include "fast/flow_dae/adam.h"

#include "fast/core/schedule.h"
#include "fast/flow_dae/adam_sign.h"
#include "fast/flow_dae/problem.h"
#include "fast/flow_dae/slabs.h"
#include "fast/flow_dae/tile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A partial of the sweep: |w|^2, <w, x_t^i>, <w, x_1^i>; of the loading: sum |x_t|^2, sum <x_t, x_1>. */
enum { SUM_TT, SUM_T1, LOAD_NUMBERS };

typedef struct {
  const assay_dae_data *data;
  const assay_dae_learner *learner;
  double alpha, beta, lambda;
  bool skip;
  dae_slabs slabs;
  double *tiles;              /* block after block: n rows of x_t, n rows of x_1, each padded to whole lanes */
  double *w, *first, *second; /* padded: w and Adam's two moments */
  double sums[LOAD_NUMBERS];
  double *products; /* 2 n + 1: the sweep's */
  double *weights;  /* 2 n: of x_t^i and x_1^i in the gradient */
  double *room;     /* 2 n + 1, and a block: for short jobs */
  double own;       /* of w in the gradient */
  double c, c_first, c_second;
  tile_descent descent;
  bool update; /* false: products only */
} adam;

static double *tile_at(const adam *a, size_t column) { return a->tiles + 2 * a->data->samples * column; }

static size_t block_columns(const adam *a, size_t column, size_t end) {
  return end - column < a->slabs.block ? end - column : a->slabs.block;
}

static assay_status load_slab(void *self, size_t slab, double *partial, double *scratch, assay_context *context) {
  const adam *a = self;
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  size_t n = a->data->samples, end = dae_slab_end(&a->slabs, slab);
  for (size_t column = dae_slab_begin(&a->slabs, slab); column < end; column += a->slabs.block) {
    size_t columns = block_columns(a, column, end), stride = tile_stride(columns);
    double *xt = tile_at(a, column), *x1 = xt + n * stride;
    assay_status status = tile_read(&a->data->noise, 0, n, column, columns, xt, stride, context);
    if (!status) status = tile_read(&a->data->data, 0, n, column, columns, x1, stride, context);
    if (status) return status;
    for (size_t i = 0; i < n; i++) {
      double dots[4] = {0}, *row = xt + i * stride;
      memcpy(scratch, row, stride * sizeof *scratch);
      for (size_t j = 0; j < stride; j++) row[j] = a->alpha * scratch[j] + a->beta * x1[i * stride + j];
      kernel->dots(dots, row, x1 + i * stride, row, row, stride);
      partial[SUM_TT] += dots[0];
      partial[SUM_T1] += dots[1];
    }
  }
  return ASSAY_OK;
}

static void combine_load(void *self, size_t slab, const double *partial) {
  (void)slab;
  adam *a = self;
  for (size_t k = 0; k < LOAD_NUMBERS; k++) a->sums[k] += partial[k];
}

/* c as the kernels move w. */
static void move_skip(adam *a, double slope) {
  const tile_descent *by = &a->descent;
  a->c_first = by->beta1 * a->c_first + (1 - by->beta1) * slope;
  a->c_second = by->beta2 * a->c_second + (1 - by->beta2) * slope * slope;
  a->c -= by->rate * a->c_first / (sqrt(a->c_second) / by->root + by->epsilon);
}

/* Padding has slope 0 and stays 0. */
static void update_block(const adam *a, const double *tile, size_t column, size_t stride, double *slope,
                         const tile_kernel *kernel) {
  memset(slope, 0, stride * sizeof *slope);
  kernel->add(slope, a->own, a->w + column, stride);
  for (size_t row = 0; row < 2 * a->data->samples; row++)
    kernel->add(slope, a->weights[row], tile + row * stride, stride);
  kernel->descend(a->w + column, a->first + column, a->second + column, slope, &a->descent, stride);
}

/* <w, row> of all 2 n rows, three at a time; the last ones again when their number is no multiple of 3. */
static void add_products(double *partial, const double *w, const double *tile, size_t rows, size_t stride,
                         const tile_kernel *kernel) {
  for (size_t row = 0; row < rows; row += 3) {
    double dots[4] = {0};
    size_t second = row + 1 < rows ? row + 1 : row, third = row + 2 < rows ? row + 2 : row;
    kernel->dots(dots, w, tile + row * stride, tile + second * stride, tile + third * stride, stride);
    if (row == 0) partial[0] += dots[0];
    partial[1 + row] += dots[1];
    if (second > row) partial[1 + second] += dots[2];
    if (third > row) partial[1 + third] += dots[3];
  }
}

static assay_status sweep_slab(void *self, size_t slab, double *partial, double *scratch, assay_context *context) {
  const adam *a = self;
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  size_t end = dae_slab_end(&a->slabs, slab);
  for (size_t column = dae_slab_begin(&a->slabs, slab); column < end; column += a->slabs.block) {
    size_t columns = block_columns(a, column, end), stride = tile_stride(columns);
    const double *tile = tile_at(a, column);
    if (a->update) update_block(a, tile, column, stride, scratch, kernel);
    add_products(partial, a->w + column, tile, 2 * a->data->samples, stride, kernel);
  }
  return ASSAY_OK;
}

static void combine_sweep(void *self, size_t slab, const double *partial) {
  (void)slab;
  adam *a = self;
  for (size_t k = 0; k < 2 * a->data->samples + 1; k++) a->products[k] += partial[k];
}

/* From the products to the gradient: the rows' weights in w's, and c's own, which moves at once. */
static void turn(adam *a, size_t epoch) {
  const assay_dae_learner *learner = a->learner;
  size_t n = a->data->samples;
  double root_d = sqrt((double)a->data->dimension), slope_c = a->c * a->sums[SUM_TT] - a->sums[SUM_T1];
  a->own = a->lambda;
  for (size_t i = 0; i < n; i++) {
    double with_t = a->products[1 + i], with_1 = a->products[1 + n + i], slope;
    double p = dae_activation(learner->activation, with_t / root_d, &slope, NULL);
    double along = with_1 - a->c * with_t - a->products[0] * p; /* <w, r_i> */
    a->weights[i] = a->c * p - slope / root_d * along;
    a->weights[n + i] = -p;
    a->own += p * p;
    slope_c += p * with_t;
  }
  a->descent = (tile_descent){.beta1 = learner->beta1,
                              .beta2 = learner->beta2,
                              .rate = learner->rate / (1 - pow(learner->beta1, (double)epoch)),
                              .root = sqrt(1 - pow(learner->beta2, (double)epoch)),
                              .epsilon = learner->epsilon};
  if (a->skip) move_skip(a, slope_c);
}

/* Doubles that are read in about 0.1 ms: threads take some of that to meet, and more where others keep them busy. */
enum { WORTH_THREADS = 1 << 19 };

assay_status adam_run(const dae_job *job, size_t doubles, double *room, assay_context *context) {
  if (doubles >= WORTH_THREADS) return dae_job_run(job, context);
  if (context->memory_cap && job->held > context->memory_cap)
    return assay_fail(context, ASSAY_MEMORY, "%s: %zu bytes exceed the memory cap of %zu", job->what, job->held,
                      context->memory_cap);
  for (size_t unit = 0; unit < job->units; unit++) {
    memset(room, 0, job->partial * sizeof(double));
    assay_status status = job->work(job->self, unit, room, room + job->partial, context);
    if (status) return status;
    job->combine(job->self, unit, room);
  }
  return ASSAY_OK;
}

static assay_status run_epochs(adam *a, size_t held, assay_context *context) {
  size_t products = 2 * a->data->samples + 1;
  assay_context quiet = *context; /* progress counts epochs, not slabs */
  quiet.progress = NULL;
  dae_job sweep = {.what = "Adam",
                   .units = a->slabs.slabs,
                   .partial = products,
                   .scratch = a->slabs.block,
                   .held = held,
                   .self = a,
                   .work = sweep_slab,
                   .combine = combine_sweep};
  for (size_t epoch = 0; epoch <= a->learner->iterations; epoch++) {
    a->update = epoch > 0;
    if (epoch > 0) turn(a, epoch);
    memset(a->products, 0, products * sizeof(double));
    assay_status status = adam_run(&sweep, 4 * a->data->samples * a->data->dimension, a->room, &quiet);
    if (status) return assay_fail(context, status, "%s", quiet.message);
    if (!isfinite(a->c + a->products[0]))
      return assay_fail(context, ASSAY_PRECISION, "Adam: epoch %zu: the parameters are no longer finite", epoch);
    status = assay_progress(context, "Adam", (double)epoch / (double)a->learner->iterations);
    if (status) return status;
  }
  return ASSAY_OK;
}

static assay_status allocate(adam *a, size_t *held, assay_context *context) {
  size_t n = a->data->samples, length = tile_stride(a->data->dimension);
  void *rows = NULL, *numbers = NULL;
  assay_status status = assay_allocate(&rows, 2 * n + 3, length * sizeof(double), "Adam", context);
  a->tiles = rows;
  size_t count = 6 * n + 2 + a->slabs.block;
  if (!status) status = assay_allocate(&numbers, count, sizeof(double), "Adam", context);
  a->products = numbers;
  if (status) return status;
  *held += ((2 * n + 3) * length + count) * sizeof(double);
  a->w = a->tiles + 2 * n * length;
  a->first = a->w + length;
  a->second = a->first + length;
  a->weights = a->products + 2 * n + 1;
  a->room = a->weights + 2 * n;
  return ASSAY_OK;
}

static assay_status train(adam *a, size_t held, assay_context *context) {
  dae_job load = {.what = "training data",
                  .units = a->slabs.slabs,
                  .partial = LOAD_NUMBERS,
                  .scratch = a->slabs.block,
                  .held = held,
                  .self = a,
                  .work = load_slab,
                  .combine = combine_load};
  assay_status status = adam_run(&load, 2 * a->data->samples * a->data->dimension * ADAM_DRAW, a->room, context);
  return status ? status : run_epochs(a, held, context);
}

assay_status dae_adam(double *c, double *w, double time, const assay_dae_data *data, const assay_dae_settings *settings,
                      const assay_dae_learner *learner, size_t held, assay_context *context) {
  if (learner->activation == ASSAY_SIGN) return dae_adam_sign(c, w, time, data, settings, learner, true, held, context);
  schedule_coefficients path = schedule_coefficients_at_ratio(settings->schedule, time, 1);
  adam a = {.data = data,
            .learner = learner,
            .alpha = path.alpha.value,
            .beta = path.beta.value,
            .lambda = settings->lambda.nearest,
            .skip = settings->skip,
            .slabs = dae_slabs_of(2 * data->samples, data->dimension),
            .c = settings->skip ? *c : 0};
  assay_status status = allocate(&a, &held, context);
  if (!status) {
    memcpy(a.w, w, data->dimension * sizeof *w);
    status = train(&a, held, context);
  }
  if (!status) {
    memcpy(w, a.w, data->dimension * sizeof *w);
    *c = a.c;
  }
  free(a.tiles), free(a.products);
  return status;
}
