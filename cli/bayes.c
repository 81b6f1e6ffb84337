/* assay bayes denoising, classification: Bayes-optimal error rates given x_t (flow-dae B3, B4), from the reference. The
 * target is the binary mixture, known by |mu|^2 and sigma, or any mixture on a line, from a file. */
#include "cli/command.h"
#include "cli/path_point.h"

#include "io/mixture_json.h"

/* What the two commands read. */
typedef struct {
  size_t dimension, digits;
  assay_real sigma, norm2;
  const char *mixture_path;
  path_arguments path;
} bayes_arguments;

typedef struct {
  const bayes_arguments *arguments;
  assay_path_point point;
  assay_mixture mixture; /* of mixture_path */
  mpfi_t value;
} bayes_job;

/* ---- options ---- */

/* Denoising has the last one too: classification does not depend on it. */
enum { NORM2, SIGMA, MIXTURE, PATH, DIGITS = PATH + PATH_OPTIONS, SHARED, DIMENSION = SHARED, OPTIONS };

static void bayes_options(cli_option options[OPTIONS], bayes_arguments *a, const char *time_help) {
  options[NORM2] = cli_real("norm2", &a->norm2, "R", "|mu|^2");
  options[SIGMA] = cli_real("sigma", &a->sigma, "S", "standard deviation of a cluster; 3/2 is exact");
  options[DIMENSION] = cli_size("dimension", &a->dimension, "d", 1, SIZE_MAX / 2, "dimension");
  options[MIXTURE] = cli_text("mixture", &a->mixture_path, "M.json", "instead: a mixture of dimension 1");
  path_options(options + PATH, &a->path, time_help);
  options[DIGITS] = cli_digits(&a->digits);
}

/* Either the binary mixture, all of it, or a file. `count`: the command's options. */
static bool choose_target(const cli_command *command, const cli_option *options, size_t count,
                          const bayes_arguments *a) {
  static const size_t binary[] = {NORM2, SIGMA, DIMENSION};
  bool file = options[MIXTURE].given;
  for (size_t i = 0; i < sizeof binary / sizeof *binary && binary[i] < count; i++) {
    const cli_option *option = &options[binary[i]];
    if (option->given != file) continue;
    if (file)
      cli_error(command, "--%s: --mixture stands in its place, not beside it", option->name);
    else
      cli_error(command, "--%s %s is missing (or --mixture M.json); see assay %s --help", option->name,
                option->argument, command->name);
    return false;
  }
  if (a->norm2.nearest >= 0) return true;
  cli_error(command, "--norm2: %.17g must be at least 0", a->norm2.nearest);
  return false;
}

/* ---- answers ---- */

static assay_status read_mixture(assay_mixture *out, const char *path, assay_context *context) {
  assay_mixture mixture;
  assay_status status = assay_mixture_read_json(&mixture, path, context);
  if (status) return status;
  if (mixture.dimension == 1) {
    *out = mixture;
    return ASSAY_OK;
  }
  status = assay_fail(context, ASSAY_UNSUPPORTED, "%s: dimension is %zu, expected 1", path, mixture.dimension);
  assay_mixture_clear(&mixture);
  return status;
}

static int answer(const cli_command *command, bayes_job *job, const char *key, cli_compute compute,
                  const cli_common *common) {
  const bayes_arguments *a = job->arguments;
  assay_context context = cli_context(common);
  assay_status status = a->mixture_path ? read_mixture(&job->mixture, a->mixture_path, &context) : ASSAY_OK;
  if (status) return cli_failure(command, status, &context);
  mpfi_init(job->value);
  cli_named named = {key, job->value};
  int exit_status = cli_print_enclosures(command, &named, 1, compute, job, a->digits, common->json, &context);
  mpfi_clear(job->value);
  if (a->mixture_path) assay_mixture_clear(&job->mixture);
  return exit_status;
}

/* ---- denoising ---- */

static assay_status denoising_error(void *self, long goal_bits, assay_context *context) {
  bayes_job *job = self;
  const bayes_arguments *a = job->arguments;
  if (a->mixture_path)
    return assay_reference_line_denoising(job->value, &job->mixture, &job->point, goal_bits, context);
  return assay_reference_bayes_denoising(job->value, a->dimension, a->norm2, a->sigma, &job->point, goal_bits, context);
}

static int run_denoising(int argc, char **argv) {
  bayes_arguments a = {.digits = 17};
  cli_option options[OPTIONS];
  bayes_options(options, &a, "time in [0, 1]; 0 is noise, 1 is data");
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_bayes_denoising, options, OPTIONS, &common, argc, argv, &exit_status)) return exit_status;
  bayes_job job = {.arguments = &a};
  if (!choose_target(&cli_bayes_denoising, options, OPTIONS, &a) ||
      !path_point_of(&job.point, &cli_bayes_denoising, options + PATH, &a.path, false))
    return CLI_USAGE;
  return answer(&cli_bayes_denoising, &job, "mmse", denoising_error, &common);
}

/* ---- classification ---- */

static assay_status classification_error(void *self, long goal_bits, assay_context *context) {
  bayes_job *job = self;
  const bayes_arguments *a = job->arguments;
  if (a->mixture_path)
    return assay_reference_line_classification(job->value, &job->mixture, &job->point, goal_bits, context);
  return assay_reference_bayes_classification(job->value, a->norm2, a->sigma, &job->point, goal_bits, context);
}

static int run_classification(int argc, char **argv) {
  bayes_arguments a = {.digits = 17, .path.time = assay_real_of(1)};
  cli_option options[OPTIONS];
  bayes_options(options, &a, "time in [0, 1] (1: clean data)");
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_bayes_classification, options, SHARED, &common, argc, argv, &exit_status)) return exit_status;
  bayes_job job = {.arguments = &a};
  if (!choose_target(&cli_bayes_classification, options, SHARED, &a) ||
      !path_point_of(&job.point, &cli_bayes_classification, options + PATH, &a.path, true))
    return CLI_USAGE;
  return answer(&cli_bayes_classification, &job, "error", classification_error, &common);
}

/* ---- the commands ---- */

const cli_command cli_bayes_denoising = {
    .name = "bayes denoising",
    .summary = "Least mean squared error of guessing x_1 from x_t = alpha x_0 + beta x_1.",
    .details = "Target 1/2 N(mu, sigma^2 I) + 1/2 N(-mu, sigma^2 I) with |mu|^2 = R (error of the whole vector),\n"
               "or the mixture of a file. Correctly rounded. To make the file of the second example:\n"
               "  echo '{\"dimension\": 1, \"components\": [{\"weight\": 1, \"mean\": [0], \"covariance\": 1}, '\\\n"
               "       '{\"weight\": 2, \"mean\": [3], \"covariance\": \"1/4\"}]}' > line.json",
    .example = "  assay bayes denoising --dimension 2 --norm2 2 --sigma 1/2 --time 0.5\n"
               "  assay bayes denoising --mixture line.json --time 1/2 --digits 30",
    .run = run_denoising,
};

const cli_command cli_bayes_classification = {
    .name = "bayes classification",
    .summary = "Least probability of a wrong label when guessing the cluster from x_t.",
    .details = "Target 1/2 N(mu, sigma^2 I) + 1/2 N(-mu, sigma^2 I) with |mu|^2 = R, in any dimension,\n"
               "or the mixture of a file. Correctly rounded. To make the file of the second example:\n"
               "  echo '{\"dimension\": 1, \"components\": [{\"weight\": 1, \"mean\": [0], \"covariance\": 1}, '\\\n"
               "       '{\"weight\": 2, \"mean\": [3], \"covariance\": \"1/4\"}]}' > line.json",
    .example = "  assay bayes classification --norm2 2 --sigma 1/2 --digits 20\n"
               "  assay bayes classification --mixture line.json --alpha 1 --beta 1/2",
    .run = run_classification,
};
