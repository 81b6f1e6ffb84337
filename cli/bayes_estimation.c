/* assay bayes estimation: the least error of estimating a cluster's mean (flow-dae B1, B2). */
#include "cli/command.h"

#include <stdio.h>

static const char *const label_choices[] = {"known", "unknown", NULL};

typedef struct {
  size_t samples, dimension, draws, digits;
  assay_real sigma;
  int unknown;
} estimation_arguments;

/* ---- labels known: a closed form ---- */

typedef struct {
  const estimation_arguments *arguments;
  mpfi_t mse;
} known_job;

static assay_status known_error(void *self, long goal_bits, assay_context *context) {
  known_job *job = self;
  const estimation_arguments *a = job->arguments;
  return assay_reference_bayes_estimation(job->mse, a->samples, a->sigma, assay_real_of(1), goal_bits, context);
}

static int answer_known(const estimation_arguments *a, bool json, assay_context *context) {
  known_job job = {.arguments = a};
  mpfi_init(job.mse);
  cli_named named = {"mse", job.mse};
  int exit_status = cli_print_enclosures(&cli_bayes_estimation, &named, 1, known_error, &job, a->digits, json, context);
  mpfi_clear(job.mse);
  return exit_status;
}

/* ---- labels unknown: an average over data sets ---- */

static json_t *json_estimate(const assay_bayes_estimate *estimate) {
  return json_pack("{s:{s:o, s:o}}", "mse", "mean", cli_json_number(estimate->mean.value), "standard_error",
                   cli_json_number(estimate->standard_error));
}

static int answer_unknown(const estimation_arguments *a, const cli_common *common, assay_context *context) {
  assay_bayes_estimate estimate;
  assay_status status = assay_fast_bayes_estimation_unknown(&estimate, NULL, a->samples, a->dimension, a->sigma.nearest,
                                                            a->draws, common->seed, context);
  if (status) return cli_failure(&cli_bayes_estimation, status, context);
  cli_progress_end();
  if (!common->json) {
    printf("%-17s %.9g\n%-17s %.3g\n", "mse", estimate.mean.value, "standard_error", estimate.standard_error);
    return CLI_GOOD;
  }
  status = cli_print_json(json_estimate(&estimate), JSON_INDENT(1), context);
  if (status) return cli_failure(&cli_bayes_estimation, status, context);
  putchar('\n');
  return CLI_GOOD;
}

/* ---- the command ---- */

enum { SAMPLES, SIGMA, LABELS, DIMENSION, DRAWS, DIGITS, OPTIONS };

/* Each option belongs to one kind of labels, but the first three. */
static bool fits(const cli_option options[OPTIONS], bool unknown) {
  for (int i = DIMENSION; i <= DRAWS; i++)
    if (options[i].given && !unknown) {
      cli_error(&cli_bayes_estimation, "--%s: with --labels known the error depends on neither dimension nor draws",
                options[i].name);
      return false;
    }
  if (unknown && !options[DIMENSION].given) {
    cli_error(&cli_bayes_estimation, "--dimension d is missing: with --labels unknown the error depends on it");
    return false;
  }
  if (unknown && options[DIGITS].given) {
    cli_error(&cli_bayes_estimation, "--digits: with --labels unknown the mean is a double");
    return false;
  }
  return true;
}

static int run_estimation(int argc, char **argv) {
  estimation_arguments a = {.digits = 17, .draws = 1000};
  cli_option options[OPTIONS] = {
      [SAMPLES] =
          cli_required(cli_size("samples", &a.samples, "n", 1, SIZE_MAX / 2, "samples (labels unknown: 20 at most)")),
      [SIGMA] = cli_required(cli_real("sigma", &a.sigma, "S", "standard deviation of a cluster; 3/2 is exact")),
      [LABELS] = cli_choice("labels", &a.unknown, "L", label_choices, "known or unknown (known)"),
      [DIMENSION] = cli_size("dimension", &a.dimension, "d", 1, (size_t)1 << 40, "dimension, for unknown labels"),
      [DRAWS] = cli_size("draws", &a.draws, "R", 2, (size_t)1 << 40, "data sets drawn, for unknown labels (1000)"),
      [DIGITS] = cli_digits(&a.digits),
  };
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_bayes_estimation, options, OPTIONS, &common, argc, argv, &exit_status)) return exit_status;
  if (!fits(options, a.unknown)) return CLI_USAGE;
  assay_context context = cli_context(&common);
  return a.unknown ? answer_unknown(&a, &common, &context) : answer_known(&a, common.json, &context);
}

const cli_command cli_bayes_estimation = {
    .name = "bayes estimation",
    .summary = "Least error of estimating a cluster's mean from n samples.",
    .details = "Samples s mu + sigma z, labels s = +1 or -1, prior mu ~ N(0, I); mse is per dimension.\n"
               "Labels known: sigma^2/(n + sigma^2), correctly rounded. Labels unknown but the first: the mean\n"
               "over R data sets drawn with --seed, each weighing all 2^(n-1) patterns of labels, and its\n"
               "standard error; sigma is taken as a double.",
    .example = "  assay bayes estimation --samples 8 --sigma 3/2 --digits 30\n"
               "  assay bayes estimation --samples 8 --sigma 3/2 --labels unknown --dimension 4",
    .run = run_estimation,
};
