/* assay field: a quantity of a mixture along a path, at given points. */
#include "cli/command.h"

#include "io/mixture_json.h"
#include "io/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINEAR, TRIGONOMETRIC, REFERENCE = 0, FAST };

typedef struct {
  const char *quantity_name, *mixture_path, *points_path, *out_path;
  assay_real time, alpha, beta;
  int schedule, engine;
  size_t digits;
  assay_quantity quantity;
  assay_mixture mixture;
  assay_npy_array points;
  assay_path_point point;
} field_job;

static const char *const schedules[] = {"linear", "trigonometric", NULL};
static const char *const engines[] = {"reference", "fast", NULL};

/* Points are taken in chunks of about this many numbers, so that output starts early and memory stays small. */
enum { CHUNK = 1 << 16 };

static size_t chunk_points(const field_job *job) {
  size_t points = CHUNK / job->mixture.dimension;
  return points ? points : 1;
}

/* ---- reference: decimals ---- */

/* Prints point i's components, raising the goal until each is decided. */
static assay_status print_point(const field_job *job, const double *x, mpfi_ptr values, size_t width,
                                assay_context *context) {
  char **texts = NULL;
  assay_status status = assay_allocate((void **)&texts, width, sizeof *texts, "decimals", context);
  if (status) return status;
  long goal = cli_goal_bits(job->digits);
  for (size_t j = 0; !status && j < width;) {
    status = assay_enclosure_decimal(&texts[j], &values[j], job->digits, context);
    if (!status)
      j++;
    else if (status == ASSAY_PRECISION && goal <= context->max_bits / 2)
      status = assay_reference_field(values, job->quantity, &job->mixture, &job->point, x, 1, goal *= 2, context);
  }
  for (size_t j = 0; !status && j < width; j++) printf("%s%s", j ? " " : "", texts[j]);
  if (!status) putchar('\n');
  for (size_t j = 0; j < width; j++) free(texts[j]);
  free((void *)texts);
  return status;
}

static assay_status add_enclosures(json_t *rows, mpfi_srcptr values, size_t width, assay_context *context) {
  json_t *row = json_array();
  for (size_t j = 0; row && j < width; j++)
    if (json_array_append_new(row, cli_json_enclosure(&values[j], context))) {
      json_decref(row);
      row = NULL;
    }
  if (json_array_append_new(rows, row)) return assay_fail(context, ASSAY_MEMORY, "json: no memory");
  return ASSAY_OK;
}

/* Prints every point, or gathers them into `rows` when that is not NULL. */
static assay_status reference_text(const field_job *job, json_t *rows, assay_context *context) {
  size_t d = job->mixture.dimension, width = assay_quantity_width(job->quantity, d), chunk = chunk_points(job);
  size_t points = job->points.rows;
  if (chunk > points) chunk = points;
  mpfi_ptr values = NULL;
  assay_status status = assay_enclosures_init(&values, chunk * width, context);
  if (status) return status;
  for (size_t first = 0; !status && first < points; first += chunk) {
    size_t count = points - first < chunk ? points - first : chunk;
    const double *x = job->points.data + first * d;
    status = assay_reference_field(values, job->quantity, &job->mixture, &job->point, x, count,
                                   cli_goal_bits(job->digits), context);
    for (size_t i = 0; !status && i < count; i++)
      status = rows ? add_enclosures(rows, values + i * width, width, context)
                    : print_point(job, x + i * d, values + i * width, width, context);
    if (!status) status = assay_progress(context, "field", (double)(first + count) / (double)points);
  }
  assay_enclosures_clear(values, chunk * width);
  return status;
}

/* ---- doubles: either engine ---- */

static assay_status doubles(const field_job *job, double **out, double **bound, assay_context *context) {
  size_t d = job->mixture.dimension, width = assay_quantity_width(job->quantity, d), points = job->points.rows;
  double *values = NULL, *bounds = NULL;
  assay_status status = assay_allocate((void **)&values, points * width, sizeof *values, "values", context);
  if (!status) status = assay_allocate((void **)&bounds, points, sizeof *bounds, "bounds", context);
  if (!status)
    status = job->engine == FAST ? assay_fast_field(values, bounds, job->quantity, &job->mixture, &job->point,
                                                    job->points.data, points, context)
                                 : assay_reference_field_double(values, job->quantity, &job->mixture, &job->point,
                                                                job->points.data, points, context);
  if (status) {
    free(values), free(bounds);
    return status;
  }
  *out = values, *bound = bounds;
  return ASSAY_OK;
}

/* A finite double's decimals; the same form as the reference's. */
static assay_status print_doubles(const field_job *job, const double *values, assay_context *context) {
  size_t width = assay_quantity_width(job->quantity, job->mixture.dimension);
  mpfi_t exact;
  mpfi_init2(exact, 53);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < job->points.rows; i++)
    for (size_t j = 0; !status && j < width; j++) {
      double value = values[i * width + j];
      char *text = NULL;
      if (isfinite(value)) {
        mpfi_set_d(exact, value);
        status = assay_enclosure_decimal(&text, exact, job->digits, context);
      }
      if (!status && text)
        printf("%s%s", text, j + 1 < width ? " " : "\n");
      else if (!status)
        printf("%g%s", value, j + 1 < width ? " " : "\n");
      free(text);
    }
  mpfi_clear(exact);
  return status;
}

static json_t *json_number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static assay_status add_doubles(json_t *rows, json_t *bounds, const field_job *job, const double *values,
                                const double *bound, assay_context *context) {
  size_t width = assay_quantity_width(job->quantity, job->mixture.dimension);
  for (size_t i = 0; i < job->points.rows; i++) {
    json_t *row = json_array();
    for (size_t j = 0; row && j < width; j++) json_array_append_new(row, json_number(values[i * width + j]));
    if (json_array_append_new(rows, row) || json_array_append_new(bounds, json_number(bound[i])))
      return assay_fail(context, ASSAY_MEMORY, "json: no memory");
  }
  return ASSAY_OK;
}

static assay_status fast_text(const field_job *job, json_t *rows, json_t *bounds, assay_context *context) {
  double *values = NULL, *bound = NULL;
  assay_status status = doubles(job, &values, &bound, context);
  if (status) return status;
  status = rows ? add_doubles(rows, bounds, job, values, bound, context) : print_doubles(job, values, context);
  free(values), free(bound);
  return status;
}

static assay_status write_file(const field_job *job, assay_context *context) {
  double *values = NULL, *bound = NULL;
  assay_status status = doubles(job, &values, &bound, context);
  if (status) return status;
  size_t width = assay_quantity_width(job->quantity, job->mixture.dimension);
  status = assay_npy_write(job->out_path, values, job->points.rows, width, context);
  free(values), free(bound);
  return status;
}

/* ---- the command ---- */

static assay_status print(const field_job *job, bool json, assay_context *context) {
  if (!json) return job->engine == FAST ? fast_text(job, NULL, NULL, context) : reference_text(job, NULL, context);
  json_t *rows = json_array(), *bounds = json_array();
  assay_status status = rows && bounds ? ASSAY_OK : assay_fail(context, ASSAY_MEMORY, "json: no memory");
  if (!status)
    status = job->engine == FAST ? fast_text(job, rows, bounds, context) : reference_text(job, rows, context);
  json_t *object = status ? NULL
                          : json_pack("{s:s, s:s, s:I, s:O}", "quantity", assay_quantity_name(job->quantity), "engine",
                                      engines[job->engine], "points", (json_int_t)job->points.rows, "values", rows);
  if (object && job->engine == FAST) json_object_set(object, "bounds", bounds);
  json_decref(rows), json_decref(bounds);
  if (!status && cli_print_json(&cli_field, object)) status = assay_fail(context, ASSAY_MEMORY, "json: no memory");
  return status;
}

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

/* Either a time (and a schedule), or alpha and beta. */
static bool choose_point(field_job *job, const cli_option *schedule, const cli_option *time, const cli_option *alpha,
                         const cli_option *beta) {
  bool direct = alpha->given || beta->given;
  if (direct && (schedule->given || time->given)) {
    cli_error(&cli_field, "--alpha and --beta stand in place of --schedule and --time, not beside them");
    return false;
  }
  if (direct && !(alpha->given && beta->given)) {
    cli_error(&cli_field, "--%s is missing: --alpha and --beta go together", alpha->given ? "beta" : "alpha");
    return false;
  }
  if (!direct && !time->given) {
    cli_error(&cli_field, "--time T is missing (or --alpha A --beta B); see assay field --help");
    return false;
  }
  job->point =
      direct ? assay_path_point_of(job->alpha, job->beta)
             : assay_path_point_at(job->schedule == TRIGONOMETRIC ? ASSAY_TRIGONOMETRIC : ASSAY_LINEAR, job->time);
  return true;
}

static int run_field(int argc, char **argv) {
  field_job job = {.digits = 17};
  enum { QUANTITY, MIXTURE, POINTS, SCHEDULE, TIME, ALPHA, BETA, ENGINE, DIGITS, OUT, COUNT };
  cli_option options[COUNT] = {
      [QUANTITY] = {.name = "quantity",
                    .kind = CLI_TEXT,
                    .target = &job.quantity_name,
                    .argument = "Q",
                    .required = true,
                    .help = "velocity, score, denoiser, noise, log-density or divergence"},
      [MIXTURE] = {.name = "mixture",
                   .kind = CLI_TEXT,
                   .target = &job.mixture_path,
                   .argument = "M.json",
                   .required = true,
                   .help = "the target distribution"},
      [POINTS] = {.name = "points",
                  .kind = CLI_TEXT,
                  .target = &job.points_path,
                  .argument = "X.npy",
                  .required = true,
                  .help = "N x d points (float32 or float64), taken exactly"},
      [SCHEDULE] = {.name = "schedule",
                    .kind = CLI_CHOICE,
                    .target = &job.schedule,
                    .argument = "S",
                    .choices = schedules,
                    .help = "linear or trigonometric (linear)"},
      [TIME] = {.name = "time",
                .kind = CLI_REAL,
                .target = &job.time,
                .argument = "T",
                .help = "time in [0, 1]; 0 is noise, 1 is data; 1/3 is exact"},
      [ALPHA] = {.name = "alpha",
                 .kind = CLI_REAL,
                 .target = &job.alpha,
                 .argument = "A",
                 .help = "with --beta: the point on the path directly"},
      [BETA] = {.name = "beta", .kind = CLI_REAL, .target = &job.beta, .argument = "B", .help = "x_t = A x_0 + B x_1"},
      [ENGINE] = {.name = "engine",
                  .kind = CLI_CHOICE,
                  .target = &job.engine,
                  .argument = "E",
                  .choices = engines,
                  .help = "reference (correctly rounded) or fast (reference)"},
      [DIGITS] = {.name = "digits",
                  .kind = CLI_SIZE,
                  .target = &job.digits,
                  .argument = "D",
                  .low = 1,
                  .high = 100000,
                  .help = "significant decimals (17)"},
      [OUT] = {.name = "out",
               .kind = CLI_TEXT,
               .target = &job.out_path,
               .argument = "V.npy",
               .help = "write float64 here instead of printing"},
  };
  cli_common common;
  char **positional;
  size_t positionals;
  int exit_status;
  if (!cli_parse(&cli_field, options, COUNT, &common, argc, argv, &positional, &positionals, &exit_status))
    return exit_status;
  if (!choose_point(&job, &options[SCHEDULE], &options[TIME], &options[ALPHA], &options[BETA])) return CLI_USAGE;
  assay_context context = cli_context(&common);
  assay_status status = read_inputs(&job, &context);
  if (!status) status = job.out_path ? write_file(&job, &context) : print(&job, common.json, &context);
  exit_status = status ? cli_failure(&cli_field, status, &context) : CLI_GOOD;
  cli_progress_end(&context);
  assay_mixture_clear(&job.mixture);
  assay_npy_array_clear(&job.points);
  return exit_status;
}

const cli_command cli_field = {
    .name = "field",
    .summary = "Evaluates a quantity of a Gaussian mixture along its path, at the points of a NumPy file.",
    .details = "One line a point, components separated by a space. velocity and divergence need --time.",
    .example = "  assay field --quantity velocity --mixture mixture.json --time 0.5 --points points.npy --digits 20",
    .run = run_field,
};
