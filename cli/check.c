/* assay check: someone else's values of a quantity, judged entry by entry against the reference. */
#include "cli/check_job.h"

#include <math.h>

enum {
  QUANTITY,
  MIXTURE,
  PATH,
  TIMES = PATH + PATH_OPTIONS,
  POINTS,
  VALUES,
  ULP,
  RELATIVE,
  WORST,
  CERTIFY,
  JUNIT,
  OPTIONS
};

/* --times stands beside --schedule only. */
static bool choose_path(check_job *job, const cli_option options[OPTIONS]) {
  if (job->times_path)
    for (size_t i = PATH; i < PATH + PATH_OPTIONS; i++)
      if (options[i].given && options[i].target != &job->path.schedule) {
        cli_error(&cli_check, "--%s: the times of the rows are given by --times, which goes with --schedule alone",
                  options[i].name);
        return false;
      }
  return path_point_of(&job->point, &cli_check, options + PATH, &job->path, job->times_path != NULL);
}

static bool choose_tolerance(double *out, const cli_option *option) {
  *out = option->given ? ((const assay_real *)option->target)->nearest : INFINITY;
  if (*out >= 0) return true;
  cli_error(&cli_check, "--%s: %g is negative", option->name, *out);
  return false;
}

static assay_status judge(assay_check_report *out, const check_job *job, assay_context *context) {
  assay_stream points = assay_npy_stream(&job->points), values = assay_npy_stream(&job->values);
  assay_status status = assay_reference_check(out, job->quantity, &job->mixture, &job->point, job->times.data, &points,
                                              &values, job->format, &job->options, context);
  cli_progress_end();
  return cli_precision_hint(cli_mixture_named(status, job->mixture_path, context), context);
}

/* What could not be decided is a test case too: an error. */
static assay_status tell_undecided(const check_job *job, assay_status why, double seconds, assay_context *context) {
  if (why != ASSAY_PRECISION || !job->junit_path) return why;
  assay_status status = check_write_junit(job, NULL, seconds, context);
  return status ? status : why;
}

static assay_status check(bool *holds, check_job *job, bool json, assay_context *context) {
  assay_status status = check_inputs_read(job, context);
  if (!status && job->junit_path) status = cli_check_writable(job->junit_path, context);
  if (status) return status;
  assay_check_report report;
  double start = cli_seconds();
  status = judge(&report, job, context);
  double seconds = cli_seconds() - start;
  if (status) return tell_undecided(job, status, seconds, context);
  *holds = report.beyond == 0;
  if (job->junit_path) status = check_write_junit(job, &report, seconds, context);
  if (!status) status = json ? check_print_json(job, &report, context) : check_print_text(job, &report, context);
  assay_check_report_clear(&report);
  return status;
}

static int run_check(int argc, char **argv) {
  check_job job = {.options = assay_check_options_default()};
  assay_real ulp = {0}, relative = {0};
  cli_option options[OPTIONS] = {
      [QUANTITY] = cli_required(
          cli_text("quantity", &job.quantity_name, "Q", "velocity, score, denoiser, noise, log-density or divergence")),
      [MIXTURE] = cli_required(cli_text("mixture", &job.mixture_path, "M.json", "the target distribution")),
      [TIMES] = cli_text("times", &job.times_path, "T.npy", "in place of --time: one for each row"),
      [POINTS] = cli_required(
          cli_text("points", &job.points_path, "X.npy", "N x d points (float32 or float64), taken exactly")),
      [VALUES] =
          cli_required(cli_text("values", &job.values_path, "V.npy", "what is judged: float16, float32 or float64")),
      [ULP] = cli_real("tolerance-ulp", &ulp, "U", "largest error allowed, in ULPs of the values' format"),
      [RELATIVE] = cli_real("tolerance-rel", &relative, "R", "and relative to the row's largest exact entry"),
      [WORST] = cli_size("worst", &job.options.worst, "W", 0, 1000000, "how many of the worst entries to show (10)"),
      [CERTIFY] = cli_flag("certify", &job.options.certify, "every value from intervals: slow, the same answer"),
      [JUNIT] = cli_text("junit", &job.junit_path, "FILE", "write JUnit XML: the check as one test case"),
  };
  path_options(options + PATH, &job.path, "time in [0, 1]; 0 is noise, 1 is data; 1/3 is exact");
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_check, options, OPTIONS, &common, argc, argv, &exit_status)) return exit_status;
  if (!choose_path(&job, options) || !choose_tolerance(&job.options.tolerance_ulp, &options[ULP]) ||
      !choose_tolerance(&job.options.tolerance_relative, &options[RELATIVE]))
    return CLI_USAGE;
  assay_context context = cli_context(&common);
  bool holds = false;
  assay_status status = check(&holds, &job, common.json, &context);
  check_inputs_clear(&job);
  if (status) return cli_failure(&cli_check, status, &context);
  return holds ? CLI_GOOD : CLI_FAILS;
}

const cli_command cli_check = {
    .name = "check",
    .summary = "Judges values of a quantity that another program computed, entry by entry.",
    .details = "Errors are those against the exact quantity at the points as they stand in the file: in ULPs\n"
               "(spacings of the values' format; at most 1/2 when correctly rounded) and relative to the row's\n"
               "largest entry. Rows and columns count from 0. Exit status 1: an entry beyond a tolerance, or NaN or\n"
               "infinite where the exact value is not; 3: not decided within --max-bits. The first line of the\n"
               "example makes values that are correctly rounded; assay field --help makes its two files.\n"
               "docs/check.md describes the JSON.",
    .example = "  assay field --quantity score --mixture mixture.json --time 0.5 --points points.npy --out v.npy\n"
               "  assay check --quantity score --mixture mixture.json --time 0.5 --points points.npy --values v.npy",
    .run = run_check,
};
