#include "theory/flow_dae/saturated.h"

#include <math.h>
#include <stdlib.h>

/* Columns read at a time. */
enum { BLOCK = 1024 };

/* Sums over columns, each by its sample: |x_t|^2, |x_1 - c x_t|^2, <w, x_t>; then |w|^2 and |S_t|^2. */
typedef struct {
  const assay_dae_data *data;
  const double *w;
  double c, time;
  double *noise, *clean, *sum;    /* BLOCK each */
  double *noisy2, *rest2, *along; /* n each */
  double w2, sum2;
} norms;

static assay_status add_row(norms *n, size_t i, size_t column, size_t columns, assay_context *context) {
  const assay_stream *noise = &n->data->noise, *clean = &n->data->data;
  assay_status status = noise->read(noise, i, 1, column, columns, n->noise, columns, context);
  if (!status) status = clean->read(clean, i, 1, column, columns, n->clean, columns, context);
  for (size_t j = 0; !status && j < columns; j++) {
    double x = (1 - n->time) * n->noise[j] + n->time * n->clean[j], q = n->clean[j] - n->c * x;
    n->noisy2[i] += x * x;
    n->rest2[i] += q * q;
    n->along[i] += n->w[column + j] * x;
    n->sum[j] = (i > 0 ? n->sum[j] : 0) + n->data->labels[i] * x;
  }
  return status;
}

static assay_status add_columns(norms *n, assay_context *context) {
  size_t d = n->data->dimension;
  for (size_t column = 0; column < d; column += BLOCK) {
    size_t columns = d - column < BLOCK ? d - column : BLOCK;
    for (size_t i = 0; i < n->data->samples; i++) {
      assay_status status = add_row(n, i, column, columns, context);
      if (status) return status;
    }
    for (size_t j = 0; j < columns; j++) {
      n->w2 += n->w[column + j] * n->w[column + j];
      n->sum2 += n->sum[j] * n->sum[j];
    }
  }
  return ASSAY_OK;
}

/* Bounds of e and phi' at a or beyond. */
static void bend(double *e, double *slope, double a, assay_activation activation) {
  static const double TWO_OVER_ROOT_PI = 0x1.20dd750429b6ep+0; /* rounded up */
  *e = activation == ASSAY_TANH ? 2 * exp(-2 * a) : exp(-a * a);
  *slope = activation == ASSAY_TANH ? 4 * exp(-2 * a) : TWO_OVER_ROOT_PI * exp(-a * a);
}

/* Sums of d terms are within d 2^-52 parts of sum|terms| with room for x_t's own roundings: `slack`; products of what
 * they give need no more than 1 + slack + 2^-40. */
static saturated_bounds bounds_of(const norms *n, const assay_dae_learned *fit, const assay_dae_settings *settings,
                                  assay_activation activation) {
  double d = (double)n->data->dimension, root = sqrt(d), slack = 2 * d * 0x1p-52 + 0x1p-40, up = 1 + slack;
  double w = sqrt(n->w2 / d) * up, sum = sqrt(n->sum2 / d) * up,
         weight = settings->lambda.nearest + (double)n->data->samples;
  double in_w = root * fit->gradient_norm / 2, in_c = fit->gradient_norm / 2, total = 0;
  saturated_bounds out = {INFINITY, INFINITY, INFINITY};
  for (size_t i = 0; i < n->data->samples; i++) {
    double x = sqrt(n->noisy2[i] / d) * up, q = sqrt(n->rest2[i] / d) * up, e, slope;
    double a = n->data->labels[i] * n->along[i] / root - slack * root * w * x;
    out.least = fmin(out.least, a);
    bend(&e, &slope, a, activation);
    in_w += e * (2 * w + q) + root * slope * w * (q + w) * x;
    in_c += e * x * w;
    total += n->noisy2[i] / d;
  }
  double spread = total * (1 - slack) - sum * sum / weight;
  if (!(out.least > 0) || !(spread > 0)) return out;
  out.c = (in_c + sum * in_w / weight) / spread * up;
  out.w = (in_w + out.c * sum) / weight * up;
  return out;
}

assay_status saturated_bounds_of(saturated_bounds *out, const assay_dae_learned *fit, const double *w,
                                 const assay_dae_data *data, const assay_dae_settings *settings,
                                 assay_activation activation, assay_context *context) {
  size_t samples = data->samples;
  double *memory = NULL;
  assay_status status = assay_allocate((void **)&memory, 3 * (samples + BLOCK), sizeof *memory, "norms", context);
  if (status) return status;
  double *by_sample = memory + 3 * (size_t)BLOCK;
  norms n = {.data = data, .w = w, .c = fit->c, .time = fit->time, .noise = memory};
  n.clean = memory + BLOCK;
  n.sum = memory + 2 * (size_t)BLOCK;
  n.noisy2 = by_sample;
  n.rest2 = by_sample + samples;
  n.along = by_sample + 2 * samples;
  status = add_columns(&n, context);
  if (!status) *out = bounds_of(&n, fit, settings, activation);
  free(memory);
  return status;
}
