/* assay dae generate: trains along the flow, transports samples, prints prediction beside measurement. */
#include "cli/dae_generation.h"
#include "cli/dae_learner.h"

#include "io/npy.h"
#include "reference/core/interval.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  dae_arguments arguments;
  assay_dae_settings settings;
  assay_dae_learner learner;
  dae_adam_progress progress;
  const char *out_path;
  dae_generation generation;
  assay_dae_theory theory;
  char unpredicted[512]; /* why there is no prediction, or "" */
} generate_job;

enum { KEYS = 7, THEORY_BITS = 60 };

typedef struct {
  const char *name;
  double measured;
  mpfi_srcptr predicted; /* NULL where nothing is predicted */
} generate_row;

static void make_rows(const generate_job *job, generate_row rows[KEYS]) {
  const assay_dae_theory *t = &job->theory;
  const dae_measured *m = &job->generation.measured;
  const generate_row made[KEYS] = {
      {"mse", m->mse, t->mse},
      {"cosine", m->cosine, t->cosine},
      {"cluster_variance", m->cluster_variance, t->cluster_variance},
      {"flow_mu", m->mu, t->flow_mu},
      {"flow_xi", m->xi, t->flow_xi},
      {"flow_eta", m->eta, t->flow_eta},
      {"flow_perp", m->perp, t->flow_perp},
  };
  for (size_t i = 0; i < KEYS; i++) {
    rows[i] = made[i];
    if (job->unpredicted[0]) rows[i].predicted = NULL;
  }
}

/* P is not defined where no dimension lies outside the span. */
static void print_row(const generate_row *row) {
  char measured[32] = "-", predicted[32] = "-", difference[32] = "-";
  bool known = isfinite(row->measured);
  if (known) (void)snprintf(measured, sizeof measured, "%.10g", row->measured);
  if (row->predicted) {
    double middle = iv_mid_d(row->predicted);
    (void)snprintf(predicted, sizeof predicted, "%.10g", middle);
    if (known) (void)snprintf(difference, sizeof difference, "%+.2e", row->measured - middle);
  }
  printf("%-17s %-17s %-17s %s\n", row->name, measured, predicted, difference);
}

static void print_text(const generate_job *job) {
  generate_row rows[KEYS];
  make_rows(job, rows);
  printf("%-17s %-17s %-17s %s\n", "", "measured", "predicted", "difference");
  for (size_t i = 0; i < KEYS; i++) print_row(&rows[i]);
  printf("%zu samples generated in dimension %zu from %zu; signs that changed along the flow: %zu\n",
         job->arguments.count, job->arguments.dimension, job->arguments.samples, job->generation.measured.sign_changes);
  if (job->unpredicted[0]) return;
  printf("predictions are limits for d -> infinity with K = %zu steps; differences shrink with 1/sqrt(d), here %.2g\n",
         job->settings.steps, 1 / sqrt((double)job->arguments.dimension));
}

static json_t *json_of(const generate_job *job, assay_context *context) {
  generate_row rows[KEYS];
  make_rows(job, rows);
  json_t *object = json_object();
  for (size_t i = 0; object && i < KEYS; i++) {
    json_t *predicted = rows[i].predicted ? cli_json_enclosure(rows[i].predicted, context) : json_null();
    json_t *row = json_pack("{s:o, s:o}", "measured", cli_json_number(rows[i].measured), "predicted", predicted);
    if (json_object_set_new(object, rows[i].name, row)) {
      json_decref(object);
      object = NULL;
    }
  }
  if (object)
    json_object_set_new(object, "sign_changes", json_integer((json_int_t)job->generation.measured.sign_changes));
  return object;
}

/* Writes the generated samples a few rows, or a part of one, at a time: they need not fit in memory. */
static assay_status write_samples(const char *path, const assay_stream *samples, assay_context *context) {
  const size_t chunk = (size_t)1 << 20, d = samples->columns;
  size_t rows = chunk / d, columns = d < chunk ? d : chunk;
  if (rows == 0) rows = 1;
  if (rows > samples->rows) rows = samples->rows;
  double *block = NULL;
  assay_status status = assay_allocate((void **)&block, rows * columns, sizeof *block, "generated samples", context);
  if (status) return status;
  assay_npy_writer writer = {0};
  status = assay_npy_create(&writer, path, samples->rows, d, context);
  for (size_t row = 0; !status && row < samples->rows; row += rows) {
    size_t count = samples->rows - row < rows ? samples->rows - row : rows;
    for (size_t column = 0; !status && column < d; column += columns) {
      size_t width = d - column < columns ? d - column : columns;
      status = samples->read(samples, row, count, column, width, block, columns, context);
      if (!status) status = assay_npy_write_tile(&writer, row, count, column, width, block, columns, context);
    }
    if (!status) status = assay_progress(context, path, (double)(row + count) / (double)samples->rows);
  }
  if (status)
    assay_npy_abort(&writer);
  else
    status = assay_npy_commit(&writer, context);
  free(block);
  return status;
}

/* The limits, for a learner and a grid that have them. */
static assay_status predict(generate_job *job, assay_context *context) {
  if (!dae_learner_is_label_solution(&job->learner)) {
    (void)snprintf(job->unpredicted, sizeof job->unpredicted,
                   "limits are known for --activation sign --solver exact --start labels");
    return ASSAY_OK;
  }
  assay_status status =
      assay_reference_dae_theory(&job->theory, &job->settings, assay_real_of(1), THEORY_BITS, context);
  if (status != ASSAY_UNSUPPORTED) return cli_precision_hint(status, context);
  (void)snprintf(job->unpredicted, sizeof job->unpredicted, "%s", context->message);
  return ASSAY_OK;
}

static assay_status generate(generate_job *job, uint64_t seed, assay_context *context) {
  assay_status status = job->out_path ? cli_check_writable(job->out_path, context) : ASSAY_OK;
  if (!status) status = predict(job, context);
  if (status) return status;
  if (job->learner.solver == ASSAY_SOLVER_ADAM) dae_adam_progress_begin(&job->progress, job->settings.steps, context);
  status = dae_generation_init(&job->generation, &job->settings, &job->learner, job->arguments.dimension,
                               job->arguments.count, seed, context);
  if (!status && job->out_path) status = write_samples(job->out_path, job->generation.generated, context);
  return status;
}

static int run_generate(int argc, char **argv) {
  generate_job job = {.arguments = {.count = 1000}};
  enum { MOST_EXPONENT = 40 };
  enum { DIMENSION = DAE_MODEL_OPTIONS, STEPS, SAMPLES, OUT, LEARNER, OPTIONS = LEARNER + DAE_LEARNER_OPTIONS };
  cli_option options[OPTIONS] = {
      [DIMENSION] = dae_dimension_option(&job.arguments),
      [STEPS] = dae_steps_option(&job.arguments, "Euler steps (100; published grid: 99)"),
      [SAMPLES] =
          cli_size("count", &job.arguments.count, "N", 1, (size_t)1 << MOST_EXPONENT, "generated samples (1000)"),
      [OUT] = cli_text("out", &job.out_path, "X.npy", "write the samples as N x d float64"),
  };
  dae_model_options(options, &job.arguments);
  dae_learner_options(options + LEARNER, &job.arguments);
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_dae_generate, options, OPTIONS, &common, argc, argv, &exit_status)) return exit_status;
  if (!dae_learner_read(&job.learner, &cli_dae_generate, options + LEARNER, &job.arguments, common.seed))
    return CLI_USAGE;
  assay_context context = cli_context(&common);
  job.settings = dae_settings(&job.arguments);
  assay_dae_theory_init(&job.theory);
  assay_status status = generate(&job, common.seed, &context);
  if (!status) cli_progress_end();
  if (!status && job.unpredicted[0])
    (void)fprintf(stderr, "assay %s: no prediction: %s\n", cli_dae_generate.name, job.unpredicted);
  if (!status && common.json) status = cli_print_json(json_of(&job, &context), JSON_INDENT(1), &context);
  if (!status && common.json) putchar('\n');
  if (!status && !common.json) print_text(&job);
  dae_generation_clear(&job.generation);
  assay_dae_theory_clear(&job.theory);
  return status ? cli_failure(&cli_dae_generate, status, &context) : CLI_GOOD;
}

const cli_command cli_dae_generate = {
    .name = "dae generate",
    .summary = "Trains, transports N samples along the flow: measurement beside prediction.",
    .details = "The training is that of dae train with the same options, at the times j/K. A sample's cluster is\n"
               "that of its first sign, sign<w, X_0>.\n"
               "mse, cosine: of the generated cluster's mean (its part in the span of mu and the means of the\n"
               "training data, and what trained w's add outside of it); cluster_variance: per dimension around it;\n"
               "flow_mu, flow_xi, flow_eta, flow_perp: coefficients of the generated samples along mu, the mean\n"
               "noise xi, the mean deviation eta, and the scale of the rest (not defined in up to 3 dimensions,\n"
               "where no rest is left). Limits are known for the label solution on the uniform grid; elsewhere the\n"
               "prediction is missing (-; null in JSON).",
    .example = "  assay dae generate --samples 16 --dimension 10000 --sigma 0.5 --lambda 0.1 --steps 100 --count 100",
    .run = run_generate,
};
