/* assay dae train: the label solution of the denoising auto-encoder on sampled data, beside the paper's limit. */
#include "cli/dae_arguments.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
  dae_arguments arguments;
  assay_dae_settings settings;
  double *times;
  size_t count;
  assay_dae_fit *fits;
} train_job;

static assay_status choose_times(train_job *job, bool time_given, assay_context *context) {
  job->count = time_given ? 1 : job->arguments.steps;
  assay_status status = assay_allocate((void **)&job->times, job->count, sizeof *job->times, "times", context);
  if (!status) status = assay_allocate((void **)&job->fits, job->count, sizeof *job->fits, "fits", context);
  for (size_t j = 0; !status && j < job->count; j++)
    job->times[j] = time_given ? job->arguments.time.nearest : (double)j / (double)job->count;
  return status;
}

static assay_status train(train_job *job, uint64_t seed, assay_context *context) {
  assay_dae_data data;
  assay_status status = assay_fast_dae_data_init(&data, &job->settings, job->arguments.dimension, 0.5, seed, context);
  if (status) return status;
  status = assay_fast_dae_train(job->fits, job->times, job->count, &data, &job->settings, context);
  assay_fast_dae_data_clear(&data);
  return status;
}

static void print_text(const train_job *job) {
  printf("%-12s %-14s %-14s %-14s %-14s %-14s %-9s %s\n", "time", "c", "w_mu", "w_xi", "w_eta", "loss", "gradient",
         "wrong");
  for (size_t j = 0; j < job->count; j++) {
    const assay_dae_fit *fit = &job->fits[j];
    /* + 0.0: no -0 */
    printf("%-12.8g %-14.7g %-14.7g %-14.7g %-14.7g %-14.7g %-9.1e %zu\n", fit->time, fit->c.value + 0.0,
           fit->w_mu.value + 0.0, fit->w_xi.value + 0.0, fit->w_eta.value + 0.0, fit->loss, fit->gradient_norm,
           fit->wrong_labels);
  }
}

static json_t *json_bounded(assay_bounded b) {
  return json_pack("{s:o, s:o}", "value", cli_json_number(b.value + 0.0), "error", cli_json_number(b.error));
}

static json_t *json_fit(const assay_dae_fit *fit) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "time", cli_json_number(fit->time), "c",
                   json_bounded(fit->c), "w_mu", json_bounded(fit->w_mu), "w_xi", json_bounded(fit->w_xi), "w_eta",
                   json_bounded(fit->w_eta), "loss", cli_json_number(fit->loss), "gradient_norm",
                   cli_json_number(fit->gradient_norm), "wrong_labels", (json_int_t)fit->wrong_labels);
}

static json_t *json_of(const train_job *job) {
  json_t *list = json_array();
  for (size_t j = 0; list && j < job->count; j++)
    if (json_array_append_new(list, json_fit(&job->fits[j]))) {
      json_decref(list);
      return NULL;
    }
  return list ? json_pack("{s:I, s:I, s:o}", "samples", (json_int_t)job->settings.samples, "dimension",
                          (json_int_t)job->arguments.dimension, "times", list)
              : NULL;
}

static int run_train(int argc, char **argv) {
  train_job job = {.arguments = {.steps = 100}};
  enum { DIMENSION = DAE_MODEL_OPTIONS, TIME, STEPS, COUNT };
  cli_option options[COUNT] = {
      [DIMENSION] = dae_dimension_option(&job.arguments),
      [TIME] = cli_real("time", &job.arguments.time, "T", "fit at this time in [0, 1] only, as a double"),
      [STEPS] = dae_steps_option(&job.arguments, "fit at the times j/K, j = 0..K-1 (100)"),
  };
  dae_model_options(options, &job.arguments);
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_dae_train, options, COUNT, &common, argc, argv, &exit_status)) return exit_status;
  if (options[TIME].given && options[STEPS].given)
    return cli_error(&cli_dae_train, "--time and --steps exclude each other");
  assay_context context = cli_context(&common);
  job.settings = dae_settings(&job.arguments);
  assay_status status = choose_times(&job, options[TIME].given, &context);
  if (!status) status = train(&job, common.seed, &context);
  if (!status) cli_progress_end();
  if (!status && common.json) status = cli_print_json(json_of(&job), JSON_INDENT(1), &context);
  if (!status && common.json) putchar('\n');
  if (!status && !common.json) print_text(&job);
  free(job.times), free(job.fits);
  return status ? cli_failure(&cli_dae_train, status, &context) : CLI_GOOD;
}

const cli_command cli_dae_train = {
    .name = "dae train",
    .summary = "Trains the denoising auto-encoder c x + w sign(<w, x>) on n samples.",
    .details = "The exact least-squares solution for the labels' sign pattern, in one pass over the data, which\n"
               "are never stored. Per time: c; w's coefficients along mu, the mean noise xi and the mean deviation\n"
               "eta; the loss and its gradient's norm per dimension; the number of samples whose label is not\n"
               "reproduced (all of them at time 1, where w = 0).",
    .example = "  assay dae train --samples 16 --dimension 10000 --sigma 0.5 --lambda 0.1 --steps 10",
    .run = run_train,
};
