/* assay dae generate: trains along the flow, transports samples, prints prediction beside measurement. */
#include "cli/dae_arguments.h"

#include "io/npy.h"
#include "reference/core/interval.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
  dae_arguments arguments;
  assay_dae_settings settings;
  const char *out_path;
  assay_dae_flow flow;
  assay_dae_theory theory;
} generate_job;

enum { KEYS = 7, THEORY_BITS = 60 };

typedef struct {
  const char *name;
  double measured;
  mpfi_srcptr predicted;
} generate_row;

static void make_rows(const generate_job *job, generate_row rows[KEYS]) {
  const assay_dae_theory *t = &job->theory;
  const assay_bounded *end = job->flow.mean_flow + 4 * job->flow.steps;
  const generate_row made[KEYS] = {
      {"mse", job->flow.mse.value, t->mse},
      {"cosine", job->flow.cosine, t->cosine},
      {"cluster_variance", job->flow.cluster_variance, t->cluster_variance},
      {"flow_mu", end[0].value, t->flow_mu},
      {"flow_xi", end[1].value, t->flow_xi},
      {"flow_eta", end[2].value, t->flow_eta},
      {"flow_perp", end[3].value, t->flow_perp},
  };
  for (size_t i = 0; i < KEYS; i++) rows[i] = made[i];
}

static void print_text(const generate_job *job) {
  generate_row rows[KEYS];
  make_rows(job, rows);
  printf("%-17s %-17s %-17s %s\n", "", "measured", "predicted", "difference");
  for (size_t i = 0; i < KEYS; i++) {
    double predicted = iv_mid_d(rows[i].predicted);
    printf("%-17s %-17.10g %-17.10g %+.2e\n", rows[i].name, rows[i].measured, predicted, rows[i].measured - predicted);
  }
  printf("%zu samples generated in dimension %zu from %zu; signs that changed along the flow: %zu\n", job->flow.count,
         job->flow.dimension, job->flow.samples, job->flow.sign_changes);
  printf("predictions are limits for d -> infinity with K = %zu steps\n", job->flow.steps);
}

static json_t *json_of(const generate_job *job, assay_context *context) {
  generate_row rows[KEYS];
  make_rows(job, rows);
  json_t *object = json_object();
  for (size_t i = 0; object && i < KEYS; i++) {
    json_t *row = json_pack("{s:f, s:o}", "measured", rows[i].measured, "predicted",
                            cli_json_enclosure(rows[i].predicted, context));
    if (json_object_set_new(object, rows[i].name, row)) {
      json_decref(object);
      object = NULL;
    }
  }
  if (object) json_object_set_new(object, "sign_changes", json_integer((json_int_t)job->flow.sign_changes));
  return object;
}

/* Writes the generated samples a few rows at a time: they need not fit in memory. */
static assay_status write_samples(const char *path, const assay_stream *samples, assay_context *context) {
  enum { CHUNK = 1 << 20 };
  size_t rows = CHUNK / samples->columns;
  if (rows == 0) rows = 1;
  if (rows > samples->rows) rows = samples->rows;
  double *block = NULL;
  assay_status status =
      assay_allocate((void **)&block, rows * samples->columns, sizeof *block, "generated samples", context);
  if (status) return status;
  assay_npy_writer writer = {0};
  status = assay_npy_create(&writer, path, samples->rows, samples->columns, context);
  for (size_t row = 0; !status && row < samples->rows; row += rows) {
    size_t count = samples->rows - row < rows ? samples->rows - row : rows;
    status = samples->read(samples, row, count, 0, samples->columns, block, samples->columns, context);
    if (!status)
      status = assay_npy_write_tile(&writer, row, count, 0, samples->columns, block, samples->columns, context);
    if (!status) status = assay_progress(context, path, (double)(row + count) / (double)samples->rows);
  }
  if (status)
    assay_npy_abort(&writer);
  else
    status = assay_npy_commit(&writer, context);
  free(block);
  return status;
}

static assay_status generate(generate_job *job, uint64_t seed, assay_context *context) {
  assay_status status =
      assay_reference_dae_theory(&job->theory, &job->settings, assay_real_of(1), THEORY_BITS, context);
  if (status) return status;
  assay_dae_data data;
  status = assay_fast_dae_data_init(&data, &job->settings, job->arguments.dimension, 0.5, seed, context);
  if (status) return status;
  status = assay_fast_dae_flow_init(&job->flow, &data, &job->settings, job->arguments.count, seed, context);
  if (!status && job->out_path) status = write_samples(job->out_path, &job->flow.generated, context);
  assay_fast_dae_data_clear(&data);
  return status;
}

static int run_generate(int argc, char **argv) {
  generate_job job = {.arguments = {.steps = 100, .count = 1000}};
  cli_option options[] = {
      DAE_MODEL_OPTIONS(job.arguments),
      DAE_DIMENSION_OPTION(job.arguments),
      DAE_STEPS_OPTION(job.arguments, "Euler steps (100)", false),
      {.name = "count",
       .kind = CLI_SIZE,
       .target = &job.arguments.count,
       .argument = "N",
       .low = 1,
       .high = (size_t)1 << 40,
       .help = "generated samples (1000)"},
      {.name = "out",
       .kind = CLI_TEXT,
       .target = &job.out_path,
       .argument = "X.npy",
       .help = "write the samples as N x d float64"},
  };
  cli_common common;
  char **positional;
  size_t positionals;
  int exit_status;
  if (!cli_parse(&cli_dae_generate, options, sizeof options / sizeof *options, &common, argc, argv, &positional,
                 &positionals, &exit_status))
    return exit_status;
  assay_context context = cli_context(&common);
  job.settings = dae_settings(&job.arguments);
  assay_dae_theory_init(&job.theory);
  assay_status status = generate(&job, common.seed, &context);
  cli_progress_end(&context);
  exit_status = CLI_GOOD;
  if (status)
    exit_status = cli_failure(&cli_dae_generate, status, &context);
  else if (common.json)
    exit_status = cli_print_json(&cli_dae_generate, json_of(&job, &context));
  else
    print_text(&job);
  assay_fast_dae_flow_clear(&job.flow);
  assay_dae_theory_clear(&job.theory);
  return exit_status;
}

const cli_command cli_dae_generate = {
    .name = "dae generate",
    .summary = "Trains along the flow, transports N samples, prints measurement beside prediction.",
    .details =
        "mse, cosine: of the generated cluster's mean (its part in the span of mu and the training data's means);\n"
        "cluster_variance: per dimension around it; flow_mu, flow_xi, flow_eta, flow_perp: coefficients of the "
        "generated\n"
        "samples along mu, the mean noise xi, the mean deviation eta, and the scale of the rest.",
    .example = "  assay dae generate --samples 16 --dimension 10000 --sigma 0.5 --lambda 0.1 --steps 100 --count 100",
    .run = run_generate,
};
