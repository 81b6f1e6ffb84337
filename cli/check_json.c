/* The report of assay check as JSON, schema 1 (docs/check.md). */
#include "cli/check_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* JSON has no infinity and no NaN: strings that float() of Python and Number-like readers of other languages take. */
static json_t *number(double value) {
  if (isnan(value)) return json_string("nan");
  if (isinf(value)) return json_string(value > 0 ? "inf" : "-inf");
  return json_real(value);
}

/* Names of files need not be UTF-8, JSON must. */
static json_t *name(const char *path) {
  if (assay_text_is_utf8(path)) return json_string(path);
  char quote[ASSAY_QUOTE_SIZE];
  assay_text_quote(quote, path, strlen(path));
  return json_string(quote);
}

static json_t *count(size_t value) { return json_integer((json_int_t)value); }

/* As the user gave it: a number, or the string of an exact ratio. */
static json_t *real(assay_real value) { return value.exact ? json_string(value.exact) : json_real(value.nearest); }

static json_t *path(const check_job *job) {
  const assay_path_point *point = &job->point;
  if (point->schedule.kind == ASSAY_COEFFICIENTS)
    return json_pack("{s:o, s:o}", "alpha", real(point->alpha), "beta", real(point->beta));
  assay_text text = {0};
  path_schedule_text(&text, &point->schedule);
  json_t *schedule = text.status ? NULL : json_string(assay_text_string(&text));
  assay_text_clear(&text);
  if (job->times_path) return json_pack("{s:o, s:o}", "schedule", schedule, "times", name(job->times_path));
  return json_pack("{s:o, s:o}", "schedule", schedule, "time", real(point->time));
}

static json_t *tolerance(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static json_t *place(assay_check_place at) {
  return json_pack("{s:o, s:o}", "row", count(at.row), "column", count(at.column));
}

static json_t *errors(const assay_check_errors *e, bool any) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o}", "maximum", number(e->maximum), "p50", number(e->p50), "p99",
                   number(e->p99), "p999", number(e->p999), "place", any ? place(e->place) : json_null());
}

static json_t *first_nonfinite(const check_job *job, const assay_check_report *report, assay_context *context) {
  if (!report->nonfinite) return json_null();
  double got;
  if (check_entry_got(&got, job, report->first_nonfinite, context)) return NULL;
  return json_pack("{s:o, s:o, s:o}", "row", count(report->first_nonfinite.row), "column",
                   count(report->first_nonfinite.column), "got", number(got));
}

/* [bound, entries] up to the last that has any; the bound is the largest error that falls there. */
static json_t *histogram(const assay_check_report *report) {
  size_t end = ASSAY_CHECK_BINS;
  while (end > 0 && !report->histogram[end - 1]) end--;
  json_t *list = json_array();
  for (size_t i = 0; list && i < end; i++) {
    double bound = i + 1 == ASSAY_CHECK_BINS ? INFINITY : ldexp(1, (int)i - 1);
    if (json_array_append_new(list,
                              json_pack("{s:o, s:o}", "to", number(bound), "entries", count(report->histogram[i])))) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

static json_t *coordinates(const check_job *job, size_t row, assay_context *context) {
  double *x = NULL;
  if (check_entry_point(&x, job, row, context)) return NULL;
  json_t *list = json_array();
  for (size_t j = 0; list && j < job->mixture.dimension; j++)
    if (json_array_append_new(list, json_real(x[j]))) {
      json_decref(list);
      list = NULL;
    }
  free(x);
  return list;
}

static json_t *explained(check_blame blame) {
  return blame == CHECK_NO_CONDITION ? json_null() : json_boolean(blame == CHECK_WITHIN_ROUNDING);
}

static json_t *entry(const check_job *job, const assay_check_entry *e, assay_context *context) {
  check_sensitivity sensitivity = check_entry_sensitivity(e, job->format);
  json_t *time = job->times.data ? json_real(job->times.data[e->place.row]) : json_null();
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "row", count(e->place.row), "column",
                   count(e->place.column), "got", number(e->got), "expected", cli_json_enclosure(e->expected, context),
                   "ulp", number(e->ulp), "relative", number(e->relative), "condition", number(e->condition),
                   "rounding_ulp", number(sensitivity.rounding_ulp), "explained", explained(sensitivity.blame), "time",
                   time, "x", coordinates(job, e->place.row, context));
}

static json_t *worst(const check_job *job, const assay_check_report *report, assay_context *context) {
  json_t *list = json_array();
  for (size_t i = 0; list && i < report->worst_count; i++)
    if (json_array_append_new(list, entry(job, &report->worst[i], context))) {
      json_decref(list);
      list = NULL;
    }
  return list;
}

assay_status check_print_json(const check_job *job, const assay_check_report *report, assay_context *context) {
  bool any = report->nonfinite < report->entries;
  context->message[0] = '\0';
  json_t *object = json_pack(
      "{s:i, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:{s:o, s:o}, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
      "schema", 1, "quantity", assay_quantity_name(job->quantity), "mixture", name(job->mixture_path), "points",
      name(job->points_path), "values", name(job->values_path), "path", path(job), "format",
      assay_format_name(job->format), "rows", count(report->rows), "width", count(report->width), "entries",
      count(report->entries), "tolerance", "ulp", tolerance(job->options.tolerance_ulp), "relative",
      tolerance(job->options.tolerance_relative), "holds", (int)(report->beyond == 0), "beyond", count(report->beyond),
      "nonfinite", count(report->nonfinite), "first_nonfinite", first_nonfinite(job, report, context), "escalated",
      count(report->escalated), "ulp", errors(&report->ulp, any), "relative", errors(&report->relative, any),
      "histogram", histogram(report), "worst", worst(job, report, context));
  if (!object && context->message[0]) return ASSAY_IO; /* a file changed since it was judged */
  assay_status status = cli_print_json(object, JSON_INDENT(1), context);
  if (!status) putchar('\n');
  return status;
}
