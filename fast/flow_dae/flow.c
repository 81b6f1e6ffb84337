/* The trained flow: training along its grid, transport of generated samples, and their stream. */
#include "fast/flow_dae/transport.h"

#include <stdlib.h>
#include <string.h>

enum { STREAM_START = 3 };

static assay_status read_generated(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                                   double *out, size_t stride, assay_context *context) {
  const assay_dae_flow *flow = stream->self;
  assay_stream start = flow->start;
  assay_status status = start.read(&start, row, rows, column, columns, out, stride, context);
  if (status) return status;
  double perp = flow->perp[flow->steps].value;
  for (size_t i = 0; i < rows; i++) {
    double a = flow->a[row + i].value, b = flow->b[row + i].value, *x = out + i * stride;
    const double *xb0 = flow->xb0 + column, *xb1 = flow->xb1 + column;
    for (size_t j = 0; j < columns; j++) x[j] = perp * x[j] + (a * xb0[j] + b * xb1[j]);
  }
  return ASSAY_OK;
}

/* What the caller of assay_fast_dae_flow_init is given, in bytes. */
static size_t flow_bytes(const assay_dae_flow *flow) {
  return flow->steps * 6 * sizeof(ball) + flow->count * (2 * sizeof(ball) + 2 + START_NUMBERS * sizeof(double)) +
         2 * flow->dimension * sizeof(double);
}

static assay_status allocate_flow(assay_dae_flow *flow, assay_context *context) {
  size_t steps = flow->steps, count = flow->count, d = flow->dimension;
  struct {
    void **out;
    size_t items, size;
    const char *what;
  } wanted[] = {{(void **)&flow->c, steps, sizeof(ball), "c"},
                {(void **)&flow->perp, steps + 1, sizeof(ball), "perp"},
                {(void **)&flow->mean_flow, steps + 1, 4 * sizeof(ball), "mean_flow"},
                {(void **)&flow->a, count, sizeof(ball), "a"},
                {(void **)&flow->b, count, sizeof(ball), "b"},
                {(void **)&flow->signs, count, sizeof(signed char), "signs"},
                {(void **)&flow->steady, count, sizeof(bool), "steady"},
                {(void **)&flow->xb0, d, sizeof(double), "xb0"},
                {(void **)&flow->xb1, d, sizeof(double), "xb1"}};
  for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
    assay_status status = assay_allocate(wanted[k].out, wanted[k].items, wanted[k].size, wanted[k].what, context);
    if (status) return status;
  }
  return ASSAY_OK;
}

/* xb_u = S_u/(lambda+n), in place. */
static void divide(double *sums, size_t count, double weight) {
  for (size_t j = 0; j < count; j++) sums[j] /= weight;
}

static assay_status fill_flow(assay_dae_flow *flow, const dae_gram *gram, const assay_dae_data *data,
                              const assay_dae_settings *settings, assay_context *context) {
  dae_metric metric = dae_metric_of(gram, settings);
  dae_span span = dae_span_of(gram, &metric, data->mean);
  divide(flow->xb0, flow->dimension, metric.weight.value);
  divide(flow->xb1, flow->dimension, metric.weight.value);
  flow->xb0_error = span.mean0_entry_error;
  flow->xb1_error = span.mean1_entry_error;
  void *steps = NULL, *products = NULL;
  double gamma = 0;
  assay_status status = assay_allocate(&steps, flow->steps, sizeof(dae_step), "Euler steps", context);
  if (!status) status = assay_allocate(&products, flow->count, START_NUMBERS * sizeof(double), "products", context);
  if (!status) status = dae_steps(steps, flow, &metric, &span, settings, context);
  if (!status) status = dae_start_products(products, &gamma, flow, &span, flow_bytes(flow), context);
  if (!status) status = dae_transport(flow, steps, &span, products, gamma, data, settings, context);
  free(steps);
  free(products);
  return status;
}

static assay_status check_flow(const assay_dae_data *data, const assay_dae_settings *settings, size_t count,
                               assay_context *context) {
  assay_status status = dae_check_training(data, settings, context);
  if (status) return status;
  if (settings->steps < 1 || settings->steps >= (size_t)1 << 48)
    return assay_fail(context, ASSAY_INVALID, "steps: %zu; a trained flow takes 1 to 2^48 Euler steps",
                      settings->steps);
  if (count < 1 || count >= (size_t)1 << 48)
    return assay_fail(context, ASSAY_INVALID, "count: %zu; 1 to 2^48 generated samples are expected", count);
  return ASSAY_OK;
}

assay_status assay_fast_dae_flow_init(assay_dae_flow *out, const assay_dae_data *data,
                                      const assay_dae_settings *settings, size_t count, uint64_t seed,
                                      assay_context *context) {
  assay_status status = check_flow(data, settings, count, context);
  if (status) return status;
  assay_dae_flow flow = {.samples = data->samples,
                         .dimension = data->dimension,
                         .count = count,
                         .steps = settings->steps,
                         .start_normals = {seed, STREAM_START}};
  flow.start = assay_fast_normals(&flow.start_normals, count, flow.dimension);
  dae_gram gram = {0};
  status = allocate_flow(&flow, context);
  if (!status) status = dae_gram_init(&gram, flow.xb0, flow.xb1, data, flow_bytes(&flow), context);
  if (!status) status = fill_flow(&flow, &gram, data, settings, context);
  dae_gram_clear(&gram);
  if (status) {
    assay_fast_dae_flow_clear(&flow);
    return status;
  }
  *out = flow;
  out->start = assay_fast_normals(&out->start_normals, count, out->dimension);
  out->generated = (assay_stream){count, out->dimension, out, read_generated};
  return ASSAY_OK;
}

void assay_fast_dae_flow_clear(assay_dae_flow *flow) {
  free(flow->c);
  free(flow->perp);
  free(flow->a);
  free(flow->b);
  free(flow->signs);
  free(flow->steady);
  free(flow->mean_flow);
  free(flow->xb0);
  free(flow->xb1);
  memset(flow, 0, sizeof *flow);
}
