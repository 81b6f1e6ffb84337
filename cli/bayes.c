/* assay bayes: Bayes-optimal error rates (flow-dae section 5), from the reference. */
#include "cli/command.h"

enum { MOST_DIGITS = 100000 };

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

static const char *const schedules[] = {"linear", "trigonometric", NULL};

static assay_path_point point_of(const bayes_arguments *a) {
  return assay_path_point_at(a->schedule ? ASSAY_TRIGONOMETRIC : ASSAY_LINEAR, a->time);
}

static int run(const cli_command *command, cli_option *options, size_t count, bayes_arguments *arguments,
               const char *key, cli_compute compute, int argc, char **argv) {
  cli_common common;
  char **positional;
  size_t positionals;
  int exit_status;
  if (!cli_parse(command, options, count, &common, argc, argv, &positional, &positionals, &exit_status))
    return exit_status;
  assay_context context = cli_context(&common);
  bayes_job job = {.arguments = arguments};
  mpfi_init(job.value);
  cli_named named = {key, job.value};
  exit_status = cli_print_enclosures(command, &named, 1, compute, &job, arguments->digits, common.json, &context);
  mpfi_clear(job.value);
  return exit_status;
}

#define DIGITS                                                                                                         \
  {                                                                                                                    \
    .name = "digits", .kind = CLI_SIZE, .target = &a.digits, .argument = "D", .low = 1, .high = MOST_DIGITS,           \
    .help = "significant decimals, correctly rounded (17)"                                                             \
  }
#define SIGMA                                                                                                          \
  {                                                                                                                    \
    .name = "sigma", .kind = CLI_REAL, .target = &a.sigma, .argument = "S", .required = true,                          \
    .help = "standard deviation of a cluster; 3/2 is exact"                                                            \
  }

static assay_status estimation(void *self, long goal_bits, assay_context *context) {
  bayes_job *job = self;
  const bayes_arguments *a = job->arguments;
  return assay_reference_bayes_estimation(job->value, a->samples, a->sigma, a->norm2, goal_bits, context);
}

static int run_estimation(int argc, char **argv) {
  bayes_arguments a = {.digits = 17, .norm2 = assay_real_of(1)};
  cli_option options[] = {
      {.name = "samples",
       .kind = CLI_SIZE,
       .target = &a.samples,
       .argument = "n",
       .low = 1,
       .high = SIZE_MAX / 2,
       .required = true,
       .help = "labelled samples"},
      SIGMA,
      DIGITS,
  };
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
      {.name = "dimension",
       .kind = CLI_SIZE,
       .target = &a.dimension,
       .argument = "d",
       .low = 1,
       .high = SIZE_MAX / 2,
       .required = true,
       .help = "dimension"},
      {.name = "norm2", .kind = CLI_REAL, .target = &a.norm2, .argument = "R", .required = true, .help = "|mu|^2"},
      SIGMA,
      {.name = "time",
       .kind = CLI_REAL,
       .target = &a.time,
       .argument = "T",
       .required = true,
       .help = "time in [0, 1]; 0 is noise, 1 is data"},
      {.name = "schedule",
       .kind = CLI_CHOICE,
       .target = &a.schedule,
       .argument = "S",
       .choices = schedules,
       .help = "linear or trigonometric (linear)"},
      DIGITS,
  };
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
  cli_option options[] = {
      {.name = "norm2", .kind = CLI_REAL, .target = &a.norm2, .argument = "R", .required = true, .help = "|mu|^2"},
      SIGMA,
      {.name = "time", .kind = CLI_REAL, .target = &a.time, .argument = "T", .help = "time in [0, 1] (1: clean data)"},
      {.name = "schedule",
       .kind = CLI_CHOICE,
       .target = &a.schedule,
       .argument = "S",
       .choices = schedules,
       .help = "linear or trigonometric (linear)"},
      DIGITS,
  };
  return run(&cli_bayes_classification, options, sizeof options / sizeof *options, &a, "error", classification, argc,
             argv);
}

const cli_command cli_bayes_estimation = {
    .name = "bayes estimation",
    .summary = "Least mean squared error per dimension of estimating a cluster's mean from n labelled samples.",
    .details = "Prior mu ~ N(0, I); mse = sigma^2/(n + sigma^2).",
    .example = "  assay bayes estimation --samples 8 --sigma 3/2 --digits 30",
    .run = run_estimation,
};

const cli_command cli_bayes_denoising = {
    .name = "bayes denoising",
    .summary = "Least mean squared error of guessing x_1 from x_t = alpha x_0 + beta x_1, of the whole vector.",
    .details = "Target 1/2 N(mu, sigma^2 I) + 1/2 N(-mu, sigma^2 I) with |mu|^2 = R.",
    .example = "  assay bayes denoising --dimension 2 --norm2 2 --sigma 1/2 --time 0.5",
    .run = run_denoising,
};

const cli_command cli_bayes_classification = {
    .name = "bayes classification",
    .summary = "Least probability of a wrong label when guessing the cluster from x_t.",
    .details = "Target 1/2 N(mu, sigma^2 I) + 1/2 N(-mu, sigma^2 I) with |mu|^2 = R.",
    .example = "  assay bayes classification --norm2 2 --sigma 1/2 --digits 20",
    .run = run_classification,
};
