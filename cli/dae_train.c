/* assay dae train: fits of the denoising auto-encoder to sampled data. */
#include "cli/dae_learner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  dae_arguments arguments;
  assay_dae_settings settings;
  assay_dae_learner learner;
  dae_adam_progress progress;
  bool one_time;
  double *times;
  size_t count;
  assay_dae_fit *solutions; /* the label solution's, with bounds of rounding; else NULL */
  assay_dae_learned *fits;
} train_job;

static assay_status choose_times(train_job *job, assay_context *context) {
  bool bounded = dae_learner_is_label_solution(&job->learner);
  job->count = job->one_time ? 1 : job->arguments.steps;
  assay_status status = assay_allocate((void **)&job->times, job->count, sizeof *job->times, "times", context);
  if (!status) status = assay_allocate((void **)&job->fits, job->count, sizeof *job->fits, "fits", context);
  if (!status && bounded)
    status = assay_allocate((void **)&job->solutions, job->count, sizeof *job->solutions, "fits", context);
  for (size_t j = 0; !status && j < job->count; j++)
    job->times[j] = job->one_time ? job->arguments.time.nearest : (double)j / (double)job->count;
  return status;
}

/* The label solution lies in the span of mu, xi and eta, and is its own distance 0 away. + 0.0: no -0 */
static assay_dae_learned learned_of(const assay_dae_fit *fit) {
  return (assay_dae_learned){.time = fit->time,
                             .c = fit->c.value + 0.0,
                             .w_mu = fit->w_mu.value + 0.0,
                             .w_xi = fit->w_xi.value + 0.0,
                             .w_eta = fit->w_eta.value + 0.0,
                             .loss = fit->loss,
                             .gradient_norm = fit->gradient_norm,
                             .wrong_labels = fit->wrong_labels,
                             .stationary = fit->wrong_labels == 0};
}

static assay_status train(train_job *job, uint64_t seed, assay_context *context) {
  assay_dae_data data;
  assay_status status = assay_fast_dae_data_init(&data, &job->settings, job->arguments.dimension, 0.5, seed, context);
  if (status) return status;
  if (job->learner.solver == ASSAY_SOLVER_ADAM) dae_adam_progress_begin(&job->progress, job->count, context);
  if (job->solutions)
    status = assay_fast_dae_train(job->solutions, job->times, job->count, &data, &job->settings, context);
  else
    status =
        assay_fast_dae_learn(job->fits, NULL, job->times, job->count, &data, &job->settings, &job->learner, context);
  for (size_t j = 0; !status && job->solutions && j < job->count; j++) job->fits[j] = learned_of(&job->solutions[j]);
  assay_fast_dae_data_clear(&data);
  return status;
}

/* Adam does not say whether it ended at a stationary point. */
static bool says(const train_job *job) { return job->learner.solver != ASSAY_SOLVER_ADAM; }

static const char *stationary(const train_job *job, const assay_dae_learned *fit) {
  if (!says(job)) return "-";
  return fit->stationary ? "yes" : "no";
}

static void print_text(const train_job *job) {
  printf("%-11s %-13s %-13s %-13s %-13s %-9s %-13s %-9s %-6s %s\n", "time", "c", "w_mu", "w_xi", "w_eta", "w_rest",
         "loss", "gradient", "wrong", "stationary");
  for (size_t j = 0; j < job->count; j++) {
    const assay_dae_learned *fit = &job->fits[j];
    printf("%-11.8g %-13.7g %-13.7g %-13.7g %-13.7g %-9.2g %-13.7g %-9.1e %-6zu %s\n", fit->time, fit->c, fit->w_mu,
           fit->w_xi, fit->w_eta, fit->w_rest, fit->loss, fit->gradient_norm, fit->wrong_labels, stationary(job, fit));
  }
}

/* error: null where none is proved. */
static json_t *json_bounded(double value, const assay_bounded *bounded) {
  return json_pack("{s:o, s:o}", "value", cli_json_number(value), "error",
                   cli_json_number(bounded ? bounded->error : NAN));
}

static json_t *json_fit(const train_job *job, size_t at) {
  const assay_dae_learned *fit = &job->fits[at];
  const assay_dae_fit *solution = job->solutions ? &job->solutions[at] : NULL;
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "time", cli_json_number(fit->time),
                   "c", json_bounded(fit->c, solution ? &solution->c : NULL), "w_mu",
                   json_bounded(fit->w_mu, solution ? &solution->w_mu : NULL), "w_xi",
                   json_bounded(fit->w_xi, solution ? &solution->w_xi : NULL), "w_eta",
                   json_bounded(fit->w_eta, solution ? &solution->w_eta : NULL), "w_rest", cli_json_number(fit->w_rest),
                   "label_distance", cli_json_number(fit->label_distance), "loss", cli_json_number(fit->loss),
                   "gradient_norm", cli_json_number(fit->gradient_norm), "wrong_labels", (json_int_t)fit->wrong_labels,
                   "iterations", (json_int_t)fit->iterations, "stationary",
                   says(job) ? json_boolean(fit->stationary) : json_null());
}

static json_t *json_of(const train_job *job) {
  json_t *list = json_array();
  for (size_t j = 0; list && j < job->count; j++)
    if (json_array_append_new(list, json_fit(job, j))) {
      json_decref(list);
      return NULL;
    }
  return list ? json_pack("{s:I, s:I, s:o}", "samples", (json_int_t)job->settings.samples, "dimension",
                          (json_int_t)job->arguments.dimension, "times", list)
              : NULL;
}

static int run_train(int argc, char **argv) {
  train_job job = {.arguments = {0}};
  enum { DIMENSION = DAE_MODEL_OPTIONS, TIME, STEPS, LEARNER, COUNT = LEARNER + DAE_LEARNER_OPTIONS };
  cli_option options[COUNT] = {
      [DIMENSION] = dae_dimension_option(&job.arguments),
      [TIME] = cli_real("time", &job.arguments.time, "T", "fit at this time in [0, 1] only, as a double"),
      [STEPS] = dae_steps_option(&job.arguments, "fit at the times j/K, j = 0..K-1 (100; published grid: 99)"),
  };
  dae_model_options(options, &job.arguments);
  dae_learner_options(options + LEARNER, &job.arguments);
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_dae_train, options, COUNT, &common, argc, argv, &exit_status)) return exit_status;
  job.one_time = options[TIME].given;
  if (job.one_time && options[STEPS].given) return cli_error(&cli_dae_train, "--time and --steps exclude each other");
  if (job.one_time && job.arguments.grid)
    return cli_error(&cli_dae_train, "--time and --grid published exclude each other: a grid has its own times");
  if (job.one_time && job.arguments.start == ASSAY_START_PREVIOUS)
    return cli_error(&cli_dae_train, "--start previous: there is no time before the one of --time");
  if (!dae_learner_read(&job.learner, &cli_dae_train, options + LEARNER, &job.arguments, common.seed)) return CLI_USAGE;
  assay_context context = cli_context(&common);
  job.settings = dae_settings(&job.arguments);
  assay_status status = choose_times(&job, &context);
  if (!status) status = train(&job, common.seed, &context);
  if (!status) cli_progress_end();
  if (!status && common.json) status = cli_print_json(json_of(&job), JSON_INDENT(1), &context);
  if (!status && common.json) putchar('\n');
  if (!status && !common.json) print_text(&job);
  free(job.times), free(job.solutions), free(job.fits);
  return status ? cli_failure(&cli_dae_train, status, &context) : CLI_GOOD;
}

const cli_command cli_dae_train = {
    .name = "dae train",
    .summary = "Trains the denoising auto-encoder c x + w phi(<w, x>) on n samples.",
    .details = "By default the label solution: the exact least-squares fit for the labels' sign pattern, in one\n"
               "pass over the data, which are never stored. --activation tanh or erf, and other starts, follow\n"
               "descent to a stationary point in the span of the data; --solver adam trains all d coordinates\n"
               "(the published run: --solver adam --start random --grid published, sigma 0.5, lambda 0.1).\n"
               "Per time: c; w's coefficients along mu, the mean noise xi and the mean deviation eta, and the size\n"
               "of its rest over sqrt(d); the loss and its gradient's norm per dimension; the number of samples\n"
               "whose label is not reproduced (the label solution has w = 0 at time 1: all); whether the fit is a\n"
               "stationary point as far as rounding can tell (Adam does not say: -, null in JSON). --json adds the\n"
               "relative distance of w from the label solution, and the rounding error of coefficients where it is\n"
               "proved.",
    .example = "  assay dae train --samples 16 --dimension 2000 --sigma 0.5 --lambda 0.1 --steps 5 --activation tanh",
    .run = run_train,
};
