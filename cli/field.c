/* assay field: a quantity of a mixture along a path, at given points. */
#include "cli/field_job.h"

#include "io/mixture_json.h"

static const char *const engines[] = {"reference", "fast", NULL};

size_t field_width(const field_job *job) { return assay_quantity_width(job->quantity, job->mixture.dimension); }

/* Reads the files and checks that they fit together. */
static assay_status read_inputs(field_job *job, assay_context *context) {
  assay_status status = assay_quantity_parse(&job->quantity, job->quantity_name, context);
  if (!status) status = assay_path_point_check(&job->point, job->quantity, context);
  if (!status) status = assay_mixture_read_json(&job->mixture, job->mixture_path, context);
  if (!status) status = assay_npy_read(&job->points, job->points_path, context);
  if (!status && job->points.columns != job->mixture.dimension)
    status = assay_fail(context, ASSAY_INVALID, "%s: %zu columns, but the dimension of %s is %zu", job->points_path,
                        job->points.columns, job->mixture_path, job->mixture.dimension);
  return status;
}

enum { QUANTITY, MIXTURE, POINTS, PATH, ENGINE = PATH + PATH_OPTIONS, DIGITS, OUT, OPTIONS };

static assay_status answer(const field_job *job, assay_context *context) {
  if (job->out_path) return field_write(job, context);
  return job->fast ? field_print_fast(job, context) : field_print_reference(job, context);
}

static int run_field(int argc, char **argv) {
  field_job job = {.digits = 17};
  int engine = 0;
  cli_option options[OPTIONS] = {
      [QUANTITY] = cli_required(
          cli_text("quantity", &job.quantity_name, "Q", "velocity, score, denoiser, noise, log-density or divergence")),
      [MIXTURE] = cli_required(cli_text("mixture", &job.mixture_path, "M.json", "the target distribution")),
      [POINTS] = cli_required(
          cli_text("points", &job.points_path, "X.npy", "N x d points (float32 or float64), taken exactly")),
      [ENGINE] = cli_choice("engine", &engine, "E", engines, "reference (correctly rounded) or fast (reference)"),
      [DIGITS] = cli_digits(&job.digits),
      [OUT] = cli_text("out", &job.out_path, "V.npy", "write float64 here instead of printing"),
  };
  path_options(options + PATH, &job.path, "time in [0, 1]; 0 is noise, 1 is data; 1/3 is exact");
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_field, options, OPTIONS, &common, argc, argv, &exit_status)) return exit_status;
  if (!path_point_of(&job.point, &cli_field, options + PATH, &job.path, false)) return CLI_USAGE;
  job.fast = engine == 1;
  job.json = common.json;
  if (options[DIGITS].given && (job.out_path || (job.fast && job.json)))
    return cli_error(&cli_field, "--digits: %s holds doubles, which have no number of digits",
                     job.out_path ? job.out_path : "the JSON of --engine fast");
  assay_context context = cli_context(&common);
  assay_status status = read_inputs(&job, &context);
  if (!status) status = cli_mixture_named(answer(&job, &context), job.mixture_path, &context);
  assay_mixture_clear(&job.mixture);
  assay_npy_array_clear(&job.points);
  return status ? cli_failure(&cli_field, status, &context) : CLI_GOOD;
}

const cli_command cli_field = {
    .name = "field",
    .summary = "Evaluates a quantity of a Gaussian mixture along its path, at given points.",
    .details = "One line a point, components separated by a space; the reference's are correctly rounded. JSON gives\n"
               "enclosures (reference), or doubles and each point's error bound (fast; null: no finite bound).\n"
               "velocity and divergence need --time. To make the two files of the example:\n"
               "  echo '{\"binary\": {\"mean\": [1, -0.5], \"variance\": \"1/4\"}}' > mixture.json\n"
               "  python3 -c 'import numpy; numpy.save(\"points.npy\", [[0.1, 0.2], [-1.5, 3.0]])'",
    .example = "  assay field --quantity velocity --mixture mixture.json --time 0.5 --points points.npy --digits 20",
    .run = run_field,
};
