/* flow-dae: training along the flow's grid of K steps, and N samples transported. */
#include "bench/data.h"
#include "bench/sizes.h"

#include <stdlib.h>

static const bench_setting own[] = {{"isa", 0, 0}, {"threads", 1, 1}, {"K", 100, 4}, {0}};

static void show_samples(const bench_arguments *arguments, const char *name, const assay_stream *stream,
                         assay_context *context) {
  size_t rows = stream->rows, columns = stream->columns;
  double *x = bench_doubles(rows, columns);
  bench_require(stream->read(stream, 0, rows, 0, columns, x, columns, context), context);
  bench_show(arguments, name, x, rows * columns);
  free(x);
}

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, FLOW_SIZES, own);
  assay_context context = bench_context(&arguments);
  size_t n = bench_value(&arguments, "n"), d = bench_value(&arguments, "d");
  assay_dae_settings settings = assay_dae_settings_of(n, assay_real_of(0.5), assay_real_of(0.25));
  settings.steps = bench_value(&arguments, "K");
  assay_dae_data data;
  assay_dae_flow flow = {0};
  bench_require(assay_fast_dae_data_init(&data, &settings, d, 0.5, 1, &context), &context);
  size_t pass = 0;
  do {
    assay_fast_dae_flow_clear(&flow);
    bench_require(assay_fast_dae_flow_init(&flow, &data, &settings, bench_value(&arguments, "N"), 1, &context),
                  &context);
  } while (++pass < arguments.passes);
  bench_show_data(&arguments, &data, &context);
  if (arguments.tiny) {
    show_samples(&arguments, "start", &flow.start, &context);
    show_samples(&arguments, "generated", &flow.generated, &context);
  }
  bench_show(&arguments, "mse", &flow.mse.value, 1);
  assay_fast_dae_flow_clear(&flow);
  assay_fast_dae_data_clear(&data);
  return 0;
}
