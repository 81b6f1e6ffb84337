/* assay bayes: Bayes-optimal error rates (flow-dae section 5), from the reference. */
#include "cli/command.h"

/* What the three commands read. */
typedef struct {
  size_t samples, dimension, digits;
  assay_real sigma, norm2;
  int schedule;
  assay_real time;
} bayes_arguments;

typedef struct {
  const bayes_arguments *arguments;
  mpfi_t value;
} bayes_job;

static assay_path_point point_of(const bayes_arguments *a) {
  return assay_path_point_at(cli_schedule_of(a->schedule), a->time);
}

static int run(const cli_command *command, cli_option *options, size_t count, bayes_arguments *arguments,
               const char *key, cli_compute compute, int argc, char **argv) {
  cli_common common;
  int exit_status;
  if (!cli_parse(command, options, count, &common, argc, argv, &exit_status)) return exit_status;
  assay_context context = cli_context(&common);
  bayes_job job = {.arguments = arguments};
  mpfi_init(job.value);
  cli_named named = {key, job.value};
  exit_status = cli_print_enclosures(command, &named, 1, compute, &job, arguments->digits, common.json, &context);
  mpfi_clear(job.value);
  return exit_status;
}

static cli_option sigma_option(bayes_arguments *a) {
  return cli_required(cli_real("sigma", &a->sigma, "S", "standard deviation of a cluster; 3/2 is exact"));
}

static cli_option norm2_option(bayes_arguments *a) { return cli_required(cli_real("norm2", &a->norm2, "R", "|mu|^2")); }

static cli_option dimension_option(bayes_arguments *a) {
  return cli_required(cli_size("dimension", &a->dimension, "d", 1, SIZE_MAX / 2, "dimension"));
}

static cli_option samples_option(bayes_arguments *a) {
  return cli_required(cli_size("samples", &a->samples, "n", 1, SIZE_MAX / 2, "labelled samples"));
}

static assay_status estimation(void *self, long goal_bits, assay_context *context) {
  bayes_job *job = self;
  const bayes_arguments *a = job->arguments;
  return assay_reference_bayes_estimation(job->value, a->samples, a->sigma, a->norm2, goal_bits, context);
}

static int run_estimation(int argc, char **argv) {
  bayes_arguments a = {.digits = 17, .norm2 = assay_real_of(1)};
  cli_option options[] = {samples_option(&a), sigma_option(&a), cli_digits(&a.digits)};
  return run(&cli_bayes_estimation, options, sizeof options / sizeof *options, &a, "mse", estimation, argc, argv);
}

static assay_status denoising(void *self, long goal_bits, assay_context *context) {
  bayes_job *job = self;
  const bayes_arguments *a = job->arguments;
  assay_path_point point = point_of(a);
  return assay_reference_bayes_denoising(job->value, a->dimension, a->norm2, a->sigma, &point, goal_bits, context);
}

static int run_denoising(int argc, char **argv) {
  bayes_arguments a = {.digits = 17};
  cli_option options[] = {
      dimension_option(&a),      norm2_option(&a),
      sigma_option(&a),          cli_required(cli_real("time", &a.time, "T", "time in [0, 1]; 0 is noise, 1 is data")),
      cli_schedule(&a.schedule), cli_digits(&a.digits)};
  return run(&cli_bayes_denoising, options, sizeof options / sizeof *options, &a, "mmse", denoising, argc, argv);
}

static assay_status classification(void *self, long goal_bits, assay_context *context) {
  bayes_job *job = self;
  const bayes_arguments *a = job->arguments;
  assay_path_point point = point_of(a);
  return assay_reference_bayes_classification(job->value, a->norm2, a->sigma, &point, goal_bits, context);
}

static int run_classification(int argc, char **argv) {
  bayes_arguments a = {.digits = 17, .time = assay_real_of(1)};
  cli_option options[] = {norm2_option(&a), sigma_option(&a),
                          cli_real("time", &a.time, "T", "time in [0, 1] (1: clean data)"), cli_schedule(&a.schedule),
                          cli_digits(&a.digits)};
  return run(&cli_bayes_classification, options, sizeof options / sizeof *options, &a, "error", classification, argc,
             argv);
}

const cli_command cli_bayes_estimation = {
    .name = "bayes estimation",
    .summary = "Least error of estimating a cluster's mean from n labelled samples.",
    .details = "Prior mu ~ N(0, I); mse = sigma^2/(n + sigma^2) is per dimension. Correctly rounded.",
    .example = "  assay bayes estimation --samples 8 --sigma 3/2 --digits 30",
    .run = run_estimation,
};

const cli_command cli_bayes_denoising = {
    .name = "bayes denoising",
    .summary = "Least mean squared error of guessing x_1 from x_t = alpha x_0 + beta x_1.",
    .details = "Target 1/2 N(mu, sigma^2 I) + 1/2 N(-mu, sigma^2 I) with |mu|^2 = R; error of the whole vector.\n"
               "Correctly rounded.",
    .example = "  assay bayes denoising --dimension 2 --norm2 2 --sigma 1/2 --time 0.5",
    .run = run_denoising,
};

const cli_command cli_bayes_classification = {
    .name = "bayes classification",
    .summary = "Least probability of a wrong label when guessing the cluster from x_t.",
    .details = "Target 1/2 N(mu, sigma^2 I) + 1/2 N(-mu, sigma^2 I) with |mu|^2 = R. Correctly rounded.",
    .example = "  assay bayes classification --norm2 2 --sigma 1/2 --digits 20",
    .run = run_classification,
};
