/* assay check-samples: whether samples come from p_t. */
#include "cli/check_samples_job.h"

#include "io/mixture_json.h"

#include <string.h>

const char *samples_verdict(const assay_samples_report *report) {
  return report->failed ? "refuted" : report->undecided ? "undecided" : "not refuted";
}

const char *samples_stored(const samples_job *job) {
  return job->samples.header.item == ASSAY_NPY_F4 ? "float32" : "float64";
}

static assay_status read_inputs(samples_job *job, assay_context *context) {
  assay_status status = assay_path_point_check(&job->point, ASSAY_LOG_DENSITY, context);
  if (!status) status = assay_mixture_read_json(&job->mixture, job->mixture_path, context);
  if (!status) status = assay_npy_open(&job->samples, job->samples_path, context);
  if (!status && job->samples.header.columns != job->mixture.dimension)
    status = assay_fail(context, ASSAY_INVALID, "%s: %zu columns, but the dimension of %s is %zu", job->samples_path,
                        job->samples.header.columns, job->mixture_path, job->mixture.dimension);
  if (!status && job->junit_path) status = cli_check_writable(job->junit_path, context);
  if (!status && job->svg_path) status = cli_check_writable(job->svg_path, context);
  if (!status && job->junit_path && job->svg_path && strcmp(job->junit_path, job->svg_path) == 0)
    status = assay_fail(context, ASSAY_INVALID, "--junit and --svg: both are %s", job->svg_path);
  if (job->samples.header.item == ASSAY_NPY_F4) job->options.rounding = 0x1p-24;
  return status;
}

static assay_status check(samples_job *job, bool json, assay_context *context) {
  assay_status status = read_inputs(job, context);
  if (status) return status;
  assay_stream samples = assay_npy_stream(&job->samples);
  status = assay_check_samples(&job->report, &samples, &job->mixture, &job->point, &job->options, context);
  cli_progress_end();
  if (status) return cli_mixture_named(status, job->mixture_path, context);
  if (job->junit_path) status = assay_samples_junit(job->junit_path, &job->report, context);
  if (!status && job->svg_path) status = assay_samples_svg(job->svg_path, &job->report, context);
  if (!status) status = json ? samples_print_json(job, context) : samples_print_text(job, context);
  return status;
}

static int run_check_samples(int argc, char **argv) {
  samples_job job = {.options = assay_samples_options_default()};
  enum { SAMPLES, MIXTURE, PATH, DELTA = PATH + PATH_OPTIONS, JUNIT, SVG, OPTIONS };
  cli_option options[OPTIONS] = {
      [SAMPLES] = cli_required(cli_text("samples", &job.samples_path, "X.npy", "N x d samples (float32 or float64)")),
      [MIXTURE] = cli_required(cli_text("mixture", &job.mixture_path, "M.json", "the target distribution")),
      [DELTA] = cli_probability("delta", &job.options.delta, "P", "chance of refuting right samples (1e-6)"),
      [JUNIT] = cli_text("junit", &job.junit_path, "FILE", "write JUnit XML: each comparison as a test case"),
      [SVG] = cli_text("svg", &job.svg_path, "FILE", "draw the worst projection (needs gnuplot)"),
  };
  path_options(options + PATH, &job.path, "time in [0, 1]; 0 is noise, 1 is data; 1/3 is exact");
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_check_samples, options, OPTIONS, &common, argc, argv, &exit_status)) return exit_status;
  if (!path_point_of(&job.point, &cli_check_samples, options + PATH, &job.path, false)) return CLI_USAGE;
  job.options.seed = common.seed;
  assay_context context = cli_context(&common);
  assay_status status = check(&job, common.json, &context);
  exit_status = job.report.failed ? CLI_FAILS : job.report.undecided ? CLI_UNDECIDED : CLI_GOOD;
  assay_samples_report_clear(&job.report);
  assay_mixture_clear(&job.mixture);
  assay_npy_close(&job.samples);
  return status ? cli_failure(&cli_check_samples, status, &context) : exit_status;
}

const cli_command cli_check_samples = {
    .name = "check-samples",
    .summary = "Tests whether samples come from the law of x_t.",
    .details = "Right samples (independent draws, rounded to the file's format) are refuted with probability at most\n"
               "delta, for any number of them: each test's law is exact or rigorously bounded. --seed fixes the\n"
               "random directions and labels: choose it before looking. Exit status 1: refuted; 3: rounding leaves\n"
               "open what the tests measure. assay field --help makes the two files of the example.\n"
               "docs/check-samples.md describes the tests and the JSON.",
    .example = "  assay check-samples --samples points.npy --mixture mixture.json --time 0.5",
    .run = run_check_samples,
};
