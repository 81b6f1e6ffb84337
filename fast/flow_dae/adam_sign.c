/* Adam where phi is sign: sums over the pattern are kept, and rows whose sign is known are left out. */
#include "fast/flow_dae/adam_sign.h"

#include "fast/core/schedule.h"
#include "fast/flow_dae/adam.h"
#include "fast/flow_dae/adam_margins.h"
#include "fast/flow_dae/adam_rows.h"
#include "fast/flow_dae/adam_step.h"
#include "fast/flow_dae/tile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const assay_dae_learner *learner;
  bool skip, lazy;
  double lambda;
  adam_rows rows;
  double *w, *first, *second, *sum_t, *sum_1; /* Adam's two moments; S_t and S_1 */
  size_t *list;                               /* n: rows */
  const double **vectors;                     /* n: those listed, */
  double *products, *factors;                 /* n: their products with w, and what is added of them */
  signed char *signs;                         /* n: h */
  size_t added;                               /* rows added to the sums since they were summed */
  size_t nonzero;                             /* q */
  double tt;                                  /* sum |x_t^i|^2 */
  double c, c_first, c_second;
  double moved, square, with_t; /* |Delta w|^2, |w|^2, <w, S_t> */
  adam_margins margins;         /* lazy */
  adam_move move;
} adam;

/* ---- signs and sums ---------------------------------------------------------------------------------------------- */

/* Takes the signs of the rows listed. Leaves those that changed in the list, with what to add of them. */
static void take_signs(adam *a, size_t *count) {
  size_t changed = 0;
  for (size_t k = 0; k < *count; k++) {
    size_t i = a->list[k];
    double z = a->products[k];
    int sign = (z > 0) - (z < 0), change = sign - a->signs[i];
    if (change == 0) continue;
    a->nonzero += (size_t)(sign != 0) - (size_t)(a->signs[i] != 0);
    a->signs[i] = (signed char)sign;
    a->list[changed] = i;
    a->factors[changed++] = change;
  }
  *count = changed;
}

/* All rows that are in the sums. */
static void list_signs(adam *a, size_t *count) {
  *count = 0;
  for (size_t i = 0; i < a->rows.data->samples; i++) {
    if (a->signs[i] == 0) continue;
    a->list[*count] = i;
    a->factors[(*count)++] = a->signs[i];
  }
}

/* The products with w of the rows whose sign it may have changed. */
static assay_status take_products(adam *a, size_t *count, assay_context *context) {
  size_t n = a->rows.data->samples;
  if (a->lazy) {
    assay_status status = adam_margins_list(a->list, count, &a->margins, a->signs, a->square, context);
    if (status) return status;
  } else {
    for (size_t i = 0; i < n; i++) a->list[i] = i;
    *count = n;
  }
  for (size_t k = 0; k < *count; k++) a->vectors[k] = a->rows.xt + a->list[k] * a->rows.stride;
  assay_status status = adam_rows_products(a->products, &a->square, a->w, a->vectors, *count, &a->rows, context);
  if (status || !a->lazy) return status;
  return adam_margins_note(&a->margins, a->list, *count, a->products, a->square, context);
}

static assay_status look(adam *a, assay_context *context) {
  size_t count = 0;
  assay_status status = take_products(a, &count, context);
  if (status) return status;
  take_signs(a, &count);
  if (count == 0) return ASSAY_OK;
  a->added += count;
  bool anew = a->added > a->rows.data->samples;
  if (anew) {
    list_signs(a, &count);
    a->added = 0;
  }
  return adam_rows_add(a->sum_t, a->sum_1, &a->with_t, a->w, anew, a->factors, a->list, count, &a->rows, context);
}

/* ---- epochs ------------------------------------------------------------------------------------------------------ */

static adam_step step_of(assay_isa isa) {
  switch (assay_fast_isa_resolve(isa)) {
  case ASSAY_ISA_AVX512:
    return adam_step_avx512;
  case ASSAY_ISA_AVX2:
    return adam_step_avx2;
  default:
    return adam_step_sse2;
  }
}

static assay_status step_slab(void *self, size_t slab, double *partial, double *scratch __attribute__((unused)),
                              assay_context *context) {
  const adam *a = self;
  size_t column = dae_slab_begin(&a->rows.slabs, slab);
  step_of(context->isa)(partial, a->w + column, a->first + column, a->second + column, a->sum_t + column,
                        a->sum_1 + column, &a->move, tile_stride(dae_slab_end(&a->rows.slabs, slab) - column));
  return ASSAY_OK;
}

static void combine_step(void *self, size_t slab, const double *partial) {
  (void)slab;
  adam *a = self;
  a->moved += partial[STEP_MOVED];
  a->square += partial[STEP_SQUARE];
  a->with_t += partial[STEP_WITH_T];
}

/* c as step_loop moves w. */
static void move_skip(adam *a, double slope) {
  const adam_move *by = &a->move;
  a->c_first = by->beta1 * a->c_first + (1 - by->beta1) * slope;
  a->c_second = by->beta2 * a->c_second + (1 - by->beta2) * slope * slope;
  a->c -= by->rate * a->c_first / (sqrt(a->c_second) + by->epsilon);
}

static assay_status step(adam *a, size_t epoch, assay_context *context) {
  const assay_dae_learner *learner = a->learner;
  double root = sqrt(1 - pow(learner->beta2, (double)epoch));
  a->move = (adam_move){.beta1 = learner->beta1,
                        .beta2 = learner->beta2,
                        .rate = learner->rate / (1 - pow(learner->beta1, (double)epoch)) * root,
                        .epsilon = fmax(learner->epsilon * root, 0x1p-1074), /* padding is 0/epsilon */
                        .own = a->lambda + (double)a->nonzero,
                        .c = a->c};
  dae_job job = {.what = "Adam",
                 .units = a->rows.slabs.slabs,
                 .partial = STEP_NUMBERS,
                 .held = a->rows.held,
                 .self = a,
                 .work = step_slab,
                 .combine = combine_step};
  if (a->skip) move_skip(a, a->c * a->tt - a->rows.with_1 + a->with_t);
  a->moved = a->square = a->with_t = 0;
  assay_status status = adam_run(&job, 5 * a->rows.stride, a->rows.room, context);
  if (a->lazy) adam_margins_move(&a->margins, a->moved);
  return status;
}

static assay_status run_epochs(adam *a, assay_context *context) {
  assay_context quiet = *context; /* progress counts epochs, not slabs */
  quiet.progress = NULL;
  for (size_t epoch = 0; epoch <= a->learner->iterations; epoch++) {
    assay_status status = epoch > 0 ? step(a, epoch, &quiet) : ASSAY_OK;
    if (!status && epoch < a->learner->iterations) status = look(a, &quiet);
    if (status) return assay_fail(context, status, "%s", quiet.message);
    if (!isfinite(a->c + a->square))
      return assay_fail(context, ASSAY_PRECISION, "Adam: epoch %zu: the parameters are no longer finite", epoch);
    status = assay_progress(context, "Adam", (double)epoch / (double)a->learner->iterations);
    if (status) return status;
  }
  return ASSAY_OK;
}

static assay_status allocate(adam *a, assay_context *context) {
  size_t n = a->rows.data->samples, stride = a->rows.stride;
  void *vectors = NULL, *list = NULL, *pointers = NULL;
  assay_status status = assay_allocate(&vectors, 5 * stride + 2 * n, sizeof(double), "Adam", context);
  a->w = vectors;
  if (!status) status = assay_allocate(&list, n, sizeof(size_t) + 1, "Adam", context);
  a->list = list;
  if (!status) status = assay_allocate(&pointers, n, sizeof(double *), "Adam", context);
  a->vectors = pointers;
  if (status) return status;
  a->first = a->w + stride;
  a->second = a->first + stride;
  a->sum_t = a->second + stride;
  a->sum_1 = a->sum_t + stride;
  a->products = a->sum_1 + stride;
  a->factors = a->products + n;
  a->signs = (signed char *)(a->list + n);
  a->rows.held += (5 * stride + 2 * n) * sizeof(double) + n * (sizeof(size_t) + 1 + sizeof(double *));
  return a->lazy ? adam_margins_init(&a->margins, &a->rows, a->w, context) : ASSAY_OK;
}

assay_status dae_adam_sign(double *c, double *w, double time, const assay_dae_data *data,
                           const assay_dae_settings *settings, const assay_dae_learner *learner, bool lazy, size_t held,
                           assay_context *context) {
  schedule_coefficients path = schedule_coefficients_at_ratio(settings->schedule, time, 1);
  size_t d = data->dimension;
  adam a = {.learner = learner,
            .skip = settings->skip,
            .lazy = lazy,
            .lambda = settings->lambda.nearest,
            .c = settings->skip ? *c : 0};
  assay_status status = adam_rows_init(&a.rows, path.alpha.value, path.beta.value, data, held, context);
  if (!status) status = allocate(&a, context);
  if (!status) {
    memcpy(a.w, w, d * sizeof *w);
    for (size_t i = 0; i < data->samples; i++) a.tt += a.rows.squares[i];
    status = run_epochs(&a, context);
  }
  if (!status) {
    memcpy(w, a.w, d * sizeof *w);
    *c = a.c;
  }
  free(a.w), free(a.list), free(a.vectors);
  adam_margins_clear(&a.margins);
  adam_rows_clear(&a.rows);
  return status;
}
