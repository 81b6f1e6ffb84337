/* assay dae generate: trains along the flow, transports samples, prints prediction beside measurement. */
#include "cli/dae_arguments.h"

#include "io/npy.h"
#include "reference/core/interval.h"

#include <math.h>
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

/* P is not defined where no dimension lies outside the span. */
static void print_row(const generate_row *row) {
  double predicted = iv_mid_d(row->predicted);
  if (isfinite(row->measured))
    printf("%-17s %-17.10g %-17.10g %+.2e\n", row->name, row->measured, predicted, row->measured - predicted);
  else
    printf("%-17s %-17s %-17.10g %s\n", row->name, "-", predicted, "-");
}

static void print_text(const generate_job *job) {
  generate_row rows[KEYS];
  make_rows(job, rows);
  printf("%-17s %-17s %-17s %s\n", "", "measured", "predicted", "difference");
  for (size_t i = 0; i < KEYS; i++) print_row(&rows[i]);
  printf("%zu samples generated in dimension %zu from %zu; signs that changed along the flow: %zu\n", job->flow.count,
         job->flow.dimension, job->flow.samples, job->flow.sign_changes);
  printf("predictions are limits for d -> infinity with K = %zu steps; differences shrink with 1/sqrt(d), here %.2g\n",
         job->flow.steps, 1 / sqrt((double)job->flow.dimension));
}

static json_t *json_of(const generate_job *job, assay_context *context) {
  generate_row rows[KEYS];
  make_rows(job, rows);
  json_t *object = json_object();
  for (size_t i = 0; object && i < KEYS; i++) {
    json_t *row = json_pack("{s:o, s:o}", "measured", cli_json_number(rows[i].measured), "predicted",
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
  assay_status status = job->out_path ? cli_check_writable(job->out_path, context) : ASSAY_OK;
  if (!status)
    status = assay_reference_dae_theory(&job->theory, &job->settings, assay_real_of(1), THEORY_BITS, context);
  if (status) return cli_precision_hint(status, context);
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
  enum { DIMENSION = DAE_MODEL_OPTIONS, STEPS, SAMPLES, OUT, OPTIONS, MOST_EXPONENT = 40 };
  cli_option options[OPTIONS] = {
      [DIMENSION] = dae_dimension_option(&job.arguments),
      [STEPS] = dae_steps_option(&job.arguments, "Euler steps (100)"),
      [SAMPLES] =
          cli_size("count", &job.arguments.count, "N", 1, (size_t)1 << MOST_EXPONENT, "generated samples (1000)"),
      [OUT] = cli_text("out", &job.out_path, "X.npy", "write the samples as N x d float64"),
  };
  dae_model_options(options, &job.arguments);
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_dae_generate, options, OPTIONS, &common, argc, argv, &exit_status)) return exit_status;
  assay_context context = cli_context(&common);
  job.settings = dae_settings(&job.arguments);
  assay_dae_theory_init(&job.theory);
  assay_status status = generate(&job, common.seed, &context);
  if (!status) cli_progress_end();
  if (!status && common.json) status = cli_print_json(json_of(&job, &context), JSON_INDENT(1), &context);
  if (!status && common.json) putchar('\n');
  if (!status && !common.json) print_text(&job);
  assay_fast_dae_flow_clear(&job.flow);
  assay_dae_theory_clear(&job.theory);
  return status ? cli_failure(&cli_dae_generate, status, &context) : CLI_GOOD;
}

const cli_command cli_dae_generate = {
    .name = "dae generate",
    .summary = "Trains, transports N samples along the flow: measurement beside prediction.",
    .details = "mse, cosine: of the generated cluster's mean (its part in the span of mu and the means of the\n"
               "training data); cluster_variance: per dimension around it; flow_mu, flow_xi, flow_eta, flow_perp:\n"
               "coefficients of the generated samples along mu, the mean noise xi, the mean deviation eta, and the\n"
               "scale of the rest (not defined where d <= 3: the rest is empty).",
    .example = "  assay dae generate --samples 16 --dimension 10000 --sigma 0.5 --lambda 0.1 --steps 100 --count 100",
    .run = run_generate,
};
