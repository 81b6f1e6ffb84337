/* The report of assay check-samples as JSON, schema 1 (docs/check-samples.md). */
#include "cli/check_samples_job.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Names of files need not be UTF-8, JSON must. */
static json_t *file_name(const char *path) {
  if (assay_text_is_utf8(path)) return json_string(path);
  char quote[ASSAY_QUOTE_SIZE];
  assay_text_quote(quote, path, strlen(path));
  return json_string(quote);
}

static json_t *count(size_t value) { return json_integer((json_int_t)value); }

static json_t *real(assay_real value) { return value.exact ? json_string(value.exact) : json_real(value.nearest); }

static json_t *path(const assay_path_point *point) {
  if (point->schedule.kind == ASSAY_COEFFICIENTS)
    return json_pack("{s:o, s:o}", "alpha", real(point->alpha), "beta", real(point->beta));
  assay_text text = {0};
  path_schedule_text(&text, &point->schedule);
  json_t *schedule = text.status ? NULL : json_string(assay_text_string(&text));
  assay_text_clear(&text);
  return json_pack("{s:o, s:o}", "schedule", schedule, "time", real(point->time));
}

static json_t *test_of(const assay_samples_test *test) {
  double low = fmax(test->low - test->allowance, 0.0), high = test->high + test->allowance;
  return json_pack("{s:s, s:s, s:o, s:o, s:[o, o], s:o, s:o, s:b}", "name", test->name, "kind",
                   assay_samples_kind_name(test->kind), "statistic", cli_json_number(test->statistic), "expected",
                   cli_json_number(test->expected), "accepted", cli_json_number(low), cli_json_number(high),
                   "allowance", cli_json_number(test->allowance), "p", cli_json_number(test->p), "fails",
                   (int)test->fails);
}

static json_t *tests_of(const assay_samples_report *report) {
  json_t *array = json_array();
  for (size_t i = 0; array && i < report->comparisons; i++)
    if (json_array_append_new(array, test_of(&report->tests[i]))) {
      json_decref(array);
      return NULL;
    }
  return array;
}

static json_t *distances_of(const assay_samples_report *report) {
  bool shown = report->total_variation_by < report->comparisons;
  json_t *by = shown ? json_string(report->tests[report->total_variation_by].name) : json_null();
  json_t *variation = json_pack("{s:o, s:o}", "at_least", cli_json_number(report->total_variation), "by", by);
  json_t *sliced = json_pack("{s:o, s:o, s:o, s:o}", "estimate", cli_json_number(report->sliced_w2), "standard_error",
                             cli_json_number(report->sliced_w2_error), "exact_draws",
                             cli_json_number(report->sliced_w2_exact), "samples", count(report->sliced_samples));
  return json_pack("{s:o, s:o}", "total_variation", variation, "sliced_w2", sliced);
}

assay_status samples_print_json(const samples_job *job, assay_context *context) {
  const assay_samples_report *report = &job->report;
  json_t *inputs = json_pack("{s:i, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "schema", 1, "samples",
                             file_name(job->samples_path), "stored", samples_stored(job), "mixture",
                             file_name(job->mixture_path), "path", path(&job->point), "rows", count(report->samples),
                             "dimension", count(report->dimension), "components", count(report->components));
  json_t *outcome = json_pack("{s:o, s:o, s:o, s:s, s:o, s:s, s:o}", "delta", json_real(report->delta), "comparisons",
                              count(report->comparisons), "share", json_real(report->share), "verdict",
                              samples_verdict(report), "failed", count(report->failed), "worst",
                              report->tests[report->worst].name, "uncertain_labels", count(report->uncertain));
  json_t *distances = distances_of(report), *tests = json_pack("{s:o}", "tests", tests_of(report));
  bool whole = inputs && outcome && distances && tests && !json_object_update(inputs, outcome) &&
               !json_object_update(inputs, distances) && !json_object_update(inputs, tests);
  json_decref(outcome), json_decref(distances), json_decref(tests);
  if (!whole) {
    json_decref(inputs);
    inputs = NULL;
  }
  assay_status status = cli_print_json(inputs, JSON_INDENT(1), context);
  if (!status) putchar('\n');
  return status;
}
