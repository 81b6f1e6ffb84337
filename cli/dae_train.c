/* assay dae train: the label solution of the denoising auto-encoder on sampled data, beside the paper's limit. */
#include "cli/dae_arguments.h"

#include "reference/core/interval.h"

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
  printf("%-10s %-12s %-12s %-12s %-12s %-12s %-10s %s\n", "time", "c", "w_mu", "w_xi", "w_eta", "loss", "gradient",
         "wrong");
  for (size_t j = 0; j < job->count; j++) {
    const assay_dae_fit *fit = &job->fits[j];
    printf("%-10.6g %-12.8f %-12.8f %-12.8f %-12.8f %-12.8g %-10.2e %zu\n", fit->time, fit->c.value, fit->w_mu.value,
           fit->w_xi.value, fit->w_eta.value, fit->loss, fit->gradient_norm, fit->wrong_labels);
  }
}

static json_t *json_bounded(assay_bounded b) { return json_pack("{s:f, s:f}", "value", b.value, "error", b.error); }

static json_t *json_of(const train_job *job) {
  json_t *list = json_array();
  for (size_t j = 0; list && j < job->count; j++) {
    const assay_dae_fit *fit = &job->fits[j];
    json_t *object =
        json_pack("{s:f, s:o, s:o, s:o, s:o, s:f, s:f, s:I}", "time", fit->time, "c", json_bounded(fit->c), "w_mu",
                  json_bounded(fit->w_mu), "w_xi", json_bounded(fit->w_xi), "w_eta", json_bounded(fit->w_eta), "loss",
                  fit->loss, "gradient_norm", fit->gradient_norm, "wrong_labels", (json_int_t)fit->wrong_labels);
    if (json_array_append_new(list, object)) {
      json_decref(list);
      return NULL;
    }
  }
  return list ? json_pack("{s:I, s:I, s:o}", "samples", (json_int_t)job->settings.samples, "dimension",
                          (json_int_t)job->arguments.dimension, "times", list)
              : NULL;
}

static int run_train(int argc, char **argv) {
  train_job job = {.arguments = {.steps = 100}};
  enum { MODEL = 4, DIMENSION = MODEL, TIME, STEPS, COUNT };
  cli_option options[COUNT] = {
      DAE_MODEL_OPTIONS(job.arguments),
      DAE_DIMENSION_OPTION(job.arguments),
      {.name = "time",
       .kind = CLI_REAL,
       .target = &job.arguments.time,
       .argument = "T",
       .help = "fit at this time only"},
      DAE_STEPS_OPTION(job.arguments, "fit at the times j/K, j = 0..K-1 (100)", false),
  };
  cli_common common;
  char **positional;
  size_t positionals;
  int exit_status;
  if (!cli_parse(&cli_dae_train, options, COUNT, &common, argc, argv, &positional, &positionals, &exit_status))
    return exit_status;
  if (options[TIME].given && options[STEPS].given)
    return cli_error(&cli_dae_train, "--time and --steps exclude each other");
  assay_context context = cli_context(&common);
  job.settings = dae_settings(&job.arguments);
  assay_status status = choose_times(&job, options[TIME].given, &context);
  if (!status) status = train(&job, common.seed, &context);
  cli_progress_end(&context);
  exit_status = CLI_GOOD;
  if (status)
    exit_status = cli_failure(&cli_dae_train, status, &context);
  else if (common.json)
    exit_status = cli_print_json(&cli_dae_train, json_of(&job));
  else
    print_text(&job);
  free(job.times), free(job.fits);
  return exit_status;
}

const cli_command cli_dae_train = {
    .name = "dae train",
    .summary = "Trains the denoising auto-encoder c x + w sign(<w, x>) on n samples in dimension d.",
    .details =
        "The exact least-squares solution for the labels' sign pattern, in one pass over the data, which are never\n"
        "stored. Per time: c, w's coefficients along mu, the mean noise xi and the mean deviation eta, the loss and "
        "its\n"
        "gradient's norm per dimension, and the number of samples whose label the solution does not reproduce.",
    .example = "  assay dae train --samples 16 --dimension 10000 --sigma 0.5 --lambda 0.1 --steps 10",
    .run = run_train,
};
