/* The report of assay check as JUnit XML: one test case, whose failure names the first NaN or the worst entry. */
#include "cli/check_job.h"

#include "io/junit.h"

#include <stdio.h>
#include <stdlib.h>

static assay_status put_failure(assay_text *out, const check_job *job, const assay_check_report *report,
                                assay_context *context) {
  assay_text_format(out, "%zu of %zu entries beyond tolerance", report->beyond, report->entries);
  if (report->nonfinite) {
    double got;
    assay_check_place place = report->first_nonfinite;
    assay_status status = check_entry_got(&got, job, place, context);
    if (status) return status;
    assay_text_format(out, "; %zu NaN or infinite, first %g at row %zu, column %zu", report->nonfinite, got, place.row,
                      place.column);
  }
  if (report->nonfinite < report->entries)
    assay_text_format(out, "; largest errors %.3g relative at row %zu, column %zu and %.4g ULP at row %zu, column %zu",
                      report->relative.maximum, report->relative.place.row, report->relative.place.column,
                      report->ulp.maximum, report->ulp.place.row, report->ulp.place.column);
  if (!report->worst_count) return ASSAY_OK;
  const assay_check_entry *worst = &report->worst[0];
  char *lower = NULL, *upper = NULL;
  assay_status status = assay_enclosure_outward(&lower, &upper, worst->expected, 21, context);
  if (!status) assay_text_format(out, ": got %.17g, expected [%s, %s]", worst->got, lower, upper);
  free(lower), free(upper);
  return status;
}

assay_status check_write_junit(const check_job *job, const assay_check_report *report, double seconds,
                               assay_context *context) {
  assay_text name = {0}, message = {0};
  assay_junit_case one = {.suite = "check", .seconds = seconds};
  assay_text_format(&name, "%s of %s at %s, ", assay_quantity_name(job->quantity), job->mixture_path, job->points_path);
  check_path_text(&name, job);
  assay_text_format(&name, ": %s", job->values_path);
  assay_status status = ASSAY_OK;
  if (!report) {
    one.outcome = ASSAY_JUNIT_ERROR;
    one.type = "UNDECIDED";
    assay_text_add(&message, context->message);
  } else if (report->beyond) {
    one.outcome = ASSAY_JUNIT_FAILURE;
    one.type = "FAILS";
    status = put_failure(&message, job, report, context);
  }
  if (!status && (name.status || message.status)) status = assay_fail(context, ASSAY_MEMORY, "no memory for JUnit XML");
  one.name = assay_text_string(&name);
  one.message = assay_text_string(&message);
  if (!status) status = assay_junit_write(job->junit_path, &one, 1, context);
  assay_text_clear(&name);
  assay_text_clear(&message);
  return status;
}
