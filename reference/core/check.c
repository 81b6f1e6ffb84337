/* Judging values entry by entry: pieces of rows are read, their exact values rounded to Q, and the errors kept until
 * the end, when order statistics need all of them. */
#include <assay/check.h>

#include "reference/core/check_condition.h"
#include "reference/core/check_errors.h"
#include "reference/core/check_report.h"
#include "reference/core/field_rounded.h"

#include <assay/reference.h>

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* The field's progress over a piece, as part of the check's over all. */
typedef struct {
  int (*show)(void *self, const char *what, double fraction);
  void *show_self;
  double from, part;
} check_progress;

typedef struct {
  assay_quantity quantity;
  const assay_mixture *mixture;
  const assay_path_point *point;
  const double *times;
  const assay_stream *points, *values;
  const assay_check_options *options;
  check_format format;
  size_t width;
  check_columns columns;
  size_t escalated;
  check_progress progress;
} check_task;

/* Some rows at a time. */
typedef struct {
  size_t first, rows;
  double *x, *got;
  rounded *reference;
} check_piece;

assay_check_options assay_check_options_default(void) {
  return (assay_check_options){.tolerance_ulp = INFINITY, .tolerance_relative = INFINITY, .worst = 10};
}

void assay_check_report_clear(assay_check_report *report) {
  for (size_t i = 0; i < report->worst_count; i++) mpfi_clear(report->worst[i].expected);
  free(report->worst);
  report->worst = NULL;
  report->worst_count = 0;
}

/* ---- arguments ---- */

static assay_status check_tolerance(double value, const char *name, assay_context *context) {
  if (value >= 0) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "%s: %g; a number >= 0 is expected", name, value);
}

static assay_status check_shapes(const check_task *task, assay_context *context) {
  const assay_stream *points = task->points, *values = task->values;
  if (points->columns != task->mixture->dimension)
    return assay_fail(context, ASSAY_INVALID, "points: %zu columns; the mixture has dimension %zu", points->columns,
                      task->mixture->dimension);
  if (values->columns != task->width || values->rows != points->rows)
    return assay_fail(context, ASSAY_INVALID, "values: %zu x %zu; %zu x %zu are expected for %s", values->rows,
                      values->columns, points->rows, task->width, assay_quantity_name(task->quantity));
  return ASSAY_OK;
}

static assay_path_point point_of_row(const check_task *task, size_t row) {
  if (!task->times) return *task->point;
  return assay_path_point_at(task->point->schedule, assay_real_of(task->times[row]));
}

static assay_status check_times(const check_task *task, assay_context *context) {
  if (task->times && task->point->schedule.kind == ASSAY_COEFFICIENTS)
    return assay_fail(context, ASSAY_INVALID, "times: the path is given by alpha and beta; a schedule is expected");
  for (size_t i = 0; task->times && i < task->points->rows; i++)
    if (!(task->times[i] >= 0 && task->times[i] <= 1))
      return assay_fail(context, ASSAY_INVALID, "times: row %zu is %.17g, outside [0, 1]", i, task->times[i]);
  return ASSAY_OK;
}

static assay_status check_arguments(const check_task *task, assay_context *context) {
  assay_status status = assay_mixture_check(task->mixture, context);
  if (!status) status = check_shapes(task, context);
  if (!status) status = check_tolerance(task->options->tolerance_ulp, "tolerance_ulp", context);
  if (!status) status = check_tolerance(task->options->tolerance_relative, "tolerance_relative", context);
  if (!status) status = check_times(task, context);
  if (status || task->points->rows == 0) return status;
  assay_path_point first = point_of_row(task, 0);
  return assay_path_point_check(&first, task->quantity, context);
}

/* ---- pieces ---- */

static assay_status piece_init(check_piece *out, const check_task *task, assay_context *context) {
  enum { BYTES = 1 << 24 };
  size_t d = task->mixture->dimension, rows = task->points->rows;
  size_t each = d * sizeof(double) + task->width * (sizeof(double) + sizeof(rounded));
  size_t fit = BYTES / each;
  void *x = NULL, *got = NULL, *reference = NULL;
  *out = (check_piece){.rows = fit < 1 ? 1 : fit < rows ? fit : rows};
  assay_status status = assay_allocate(&x, out->rows * d, sizeof(double), "check: points", context);
  if (!status) status = assay_allocate(&got, out->rows * task->width, sizeof(double), "check: values", context);
  if (!status)
    status = assay_allocate(&reference, out->rows * task->width, sizeof(rounded), "check: references", context);
  out->x = x;
  out->got = got;
  out->reference = reference;
  return status;
}

static void piece_clear(check_piece *piece) {
  free(piece->x);
  free(piece->got);
  free(piece->reference);
}

static assay_status check_entries(const check_piece *piece, const check_task *task, assay_context *context) {
  size_t d = task->mixture->dimension;
  for (size_t i = 0; i < piece->rows * d; i++)
    if (!isfinite(piece->x[i]))
      return assay_fail(context, ASSAY_INVALID, "points: row %zu, column %zu is %g; a finite number is expected",
                        piece->first + i / d, i % d, piece->x[i]);
  for (size_t i = 0; i < piece->rows * task->width; i++)
    if (isfinite(piece->got[i]) && !check_representable(piece->got[i], &task->format))
      return assay_fail(context, ASSAY_INVALID, "values: row %zu, column %zu is %.17g, no number of %d bits",
                        piece->first + i / task->width, i % task->width, piece->got[i], task->format.rule.precision);
  return ASSAY_OK;
}

static assay_status read_piece(check_piece *piece, const check_task *task, assay_context *context) {
  size_t d = task->mixture->dimension;
  assay_status status = task->points->read(task->points, piece->first, piece->rows, 0, d, piece->x, d, context);
  if (!status)
    status =
        task->values->read(task->values, piece->first, piece->rows, 0, task->width, piece->got, task->width, context);
  return status ? status : check_entries(piece, task, context);
}

/* ---- references ---- */

static int thread_count(const assay_context *context) {
  return context->threads > 0 ? context->threads : omp_get_max_threads();
}

static assay_status solve_rows(const check_piece *piece, check_task *task, size_t row, size_t rows,
                               assay_context *context) {
  assay_path_point point = point_of_row(task, piece->first + row);
  size_t escalated = 0;
  assay_status status = field_rounded(piece->reference + row * task->width, &escalated, task->format.reference,
                                      task->quantity, task->mixture, &point, piece->x + row * task->mixture->dimension,
                                      rows, piece->first + row, task->options->certify, context);
#pragma omp atomic
  task->escalated += escalated;
  return status;
}

/* Rows of equal time that follow each other share their tables; other times go to other threads. Of several failures
 * the one of the first row counts. */
static assay_status solve_times(const check_piece *piece, check_task *task, assay_context *context) {
  const double *time = task->times + piece->first;
  size_t failed = SIZE_MAX;
  assay_status status = ASSAY_OK;
#pragma omp parallel num_threads(mpfr_buildopt_tls_p() ? thread_count(context) : 1)
  {
    assay_context own = *context;
    own.threads = 1;
    own.progress = NULL;
#pragma omp for schedule(dynamic, 1)
    for (size_t i = 0; i < piece->rows; i++) {
      if (i > 0 && time[i] == time[i - 1]) continue;
      size_t end = i + 1;
      while (end < piece->rows && time[end] == time[i]) end++;
      assay_status result = solve_rows(piece, task, i, end - i, &own);
      if (!result) continue;
#pragma omp critical(assay_check)
      if (i < failed) {
        failed = i;
        status = assay_fail(context, result, "%s", own.message);
      }
    }
    if (omp_get_thread_num() != 0) mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE);
  }
  return status;
}

static void judge_row(const check_piece *piece, const check_task *task, size_t row) {
  const rounded *reference = piece->reference + row * task->width;
  const double *got = piece->got + row * task->width;
  size_t top = 0;
  for (size_t j = 1; j < task->width; j++)
    if (rounded_smaller(&reference[top], &reference[j])) top = j;
  const rounded largest = rounded_distance(reference[top], rounded_of_double(0));
  for (size_t j = 0; j < task->width; j++) {
    check_errors errors = check_errors_of(got[j], &reference[j], &largest, &task->format);
    size_t i = (piece->first + row) * task->width + j;
    task->columns.ulp[i] = errors.ulp;
    task->columns.relative[i] = errors.relative;
  }
}

static assay_status judge_piece(check_piece *piece, check_task *task, assay_context *context) {
  assay_status status = read_piece(piece, task, context);
  if (!status)
    status = task->times ? solve_times(piece, task, context) : solve_rows(piece, task, 0, piece->rows, context);
  if (status) return status;
#pragma omp parallel for num_threads(thread_count(context))
  for (size_t row = 0; row < piece->rows; row++) judge_row(piece, task, row);
  return ASSAY_OK;
}

static assay_status judge_all(check_task *task, assay_context *context) {
  size_t rows = task->points->rows;
  check_piece piece;
  assay_status status = piece_init(&piece, task, context);
  size_t most = piece.rows;
  for (size_t first = 0; !status && first < rows; first += most) {
    piece.first = first;
    piece.rows = rows - first < most ? rows - first : most;
    task->progress.from = (double)first / (double)rows;
    task->progress.part = (double)piece.rows / (double)rows;
    status = assay_progress(context, "check", 0);
    if (!status) status = judge_piece(&piece, task, context);
  }
  piece_clear(&piece);
  return status;
}

/* ---- the worst ---- */

static assay_status describe(assay_check_entry *out, const check_task *task, check_worst worst, double *x,
                             mpfi_ptr enclosures, assay_context *context) {
  enum { GOAL = 100 };
  size_t row = worst.index / task->width, column = worst.index % task->width, d = task->mixture->dimension;
  assay_path_point point = point_of_row(task, row);
  out->place = (assay_check_place){row, column};
  out->ulp = worst.ulp;
  out->relative = worst.relative;
  assay_status status = task->points->read(task->points, row, 1, 0, d, x, d, context);
  if (!status) status = task->values->read(task->values, row, 1, column, 1, &out->got, 1, context);
  if (!status) status = assay_reference_field(enclosures, task->quantity, task->mixture, &point, x, 1, GOAL, context);
  if (!status) status = check_condition(&out->condition, column, task->quantity, task->mixture, &point, x, context);
  if (!status) mpfi_swap(out->expected, &enclosures[column]);
  return status;
}

static assay_status describe_worst(assay_check_report *report, const check_task *task, const check_worst *worst,
                                   assay_context *context) {
  void *x = NULL;
  mpfi_ptr enclosures = NULL;
  assay_status status = assay_allocate(&x, task->mixture->dimension, sizeof(double), "check: point", context);
  if (!status) status = assay_enclosures_init(&enclosures, task->width, context);
  for (size_t i = 0; i < report->worst_count; i++) mpfi_init(report->worst[i].expected);
  int threads = context->threads;
  context->threads = 1; /* few points at a time: waking threads costs more than they do */
  for (size_t i = 0; !status && i < report->worst_count; i++)
    status = describe(&report->worst[i], task, worst[i], x, enclosures, context);
  context->threads = threads;
  assay_enclosures_clear(enclosures, task->width);
  free(x);
  return status;
}

/* ---- progress ---- */

static int show_progress(void *self, const char *what, double fraction) {
  (void)what;
  const check_progress *progress = self;
  return progress->show(progress->show_self, "check", progress->from + progress->part * fraction);
}

/* Until progress_end, what the context is told goes through task->progress. */
static void progress_begin(check_task *task, assay_context *context) {
  task->progress = (check_progress){.show = context->progress, .show_self = context->progress_self};
  if (!context->progress) return;
  context->progress = show_progress;
  context->progress_self = &task->progress;
}

static void progress_end(const check_task *task, assay_context *context) {
  context->progress = task->progress.show;
  context->progress_self = task->progress.show_self;
}

/* ---- the public function ---- */

static assay_status make_report(assay_check_report *out, check_task *task, assay_context *context) {
  assay_check_report report = {
      .rows = task->points->rows, .width = task->width, .entries = task->columns.entries, .escalated = task->escalated};
  assay_check_options options = *task->options;
  if (options.worst > report.entries) options.worst = report.entries;
  void *worst = NULL, *entries = NULL;
  assay_status status = assay_allocate(&worst, options.worst, sizeof(check_worst), "check: worst", context);
  if (!status) status = assay_allocate(&entries, options.worst, sizeof *report.worst, "check: worst", context);
  report.worst = entries;
  if (!status) {
    check_report_fill(&report, worst, &task->columns, &options);
    status = describe_worst(&report, task, worst, context);
    if (status) assay_check_report_clear(&report);
  } else {
    free(entries);
  }
  free(worst);
  if (!status) *out = report;
  return status;
}

static assay_status columns_init(check_columns *columns, assay_context *context) {
  void *ulp = NULL;
  assay_status status = assay_allocate(&ulp, columns->entries, 2 * sizeof(double), "check: errors", context);
  if (status) return status;
  columns->ulp = ulp;
  columns->relative = columns->ulp + columns->entries;
  return ASSAY_OK;
}

assay_status assay_reference_check(assay_check_report *out, assay_quantity quantity, const assay_mixture *mixture,
                                   const assay_path_point *point, const double *times, const assay_stream *points,
                                   const assay_stream *values, assay_format format, const assay_check_options *options,
                                   assay_context *context) {
  check_task task = {.quantity = quantity,
                     .mixture = mixture,
                     .point = point,
                     .times = times,
                     .points = points,
                     .values = values,
                     .options = options,
                     .format = check_format_of(format),
                     .width = assay_quantity_width(quantity, mixture->dimension)};
  assay_status status = check_arguments(&task, context);
  if (status) return status;
  task.columns.width = task.width;
  if (__builtin_mul_overflow(points->rows, task.width, &task.columns.entries))
    return assay_fail(context, ASSAY_MEMORY, "check: %zu x %zu entries exceed memory", points->rows, task.width);
  status = columns_init(&task.columns, context);
  progress_begin(&task, context);
  if (!status) status = judge_all(&task, context);
  task.progress.from = 1;
  task.progress.part = 0;
  if (!status) status = make_report(out, &task, context);
  progress_end(&task, context);
  free(task.columns.ulp);
  return status;
}
