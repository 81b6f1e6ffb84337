/* The report of assay check for the eye. */
#include "cli/check_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decimals that tell numbers of the format apart, and those of the enclosure beside them: four more. */
static const struct {
  int own, exact;
} digits[] = {[ASSAY_BINARY16] = {5, 9}, [ASSAY_BINARY32] = {9, 13}, [ASSAY_BINARY64] = {17, 21}};

void check_path_text(assay_text *out, const check_job *job) {
  const assay_path_point *point = &job->point;
  if (point->schedule.kind == ASSAY_COEFFICIENTS) {
    assay_text_add(out, "alpha ");
    path_real_text(out, point->alpha);
    assay_text_add(out, ", beta ");
    path_real_text(out, point->beta);
    return;
  }
  path_schedule_text(out, &point->schedule);
  assay_text_add(out, " schedule, ");
  if (job->times_path) {
    assay_text_format(out, "times %s", job->times_path);
  } else {
    assay_text_add(out, "time ");
    path_real_text(out, point->time);
  }
}

static void put_judged(assay_text *out, const check_job *job, const assay_check_report *report) {
  assay_text_format(out, "%s: %zu x %zu of %s, %s of %s\n", job->values_path, report->rows, report->width,
                    assay_format_name(job->format), assay_quantity_name(job->quantity), job->mixture_path);
  assay_text_format(out, "at %s, ", job->points_path);
  check_path_text(out, job);
  assay_text_add(out, "\n\n");
}

static assay_status put_nonfinite(assay_text *out, const check_job *job, const assay_check_report *report,
                                  assay_context *context) {
  if (!report->nonfinite) return ASSAY_OK;
  assay_check_place place = report->first_nonfinite;
  double got;
  assay_status status = check_entry_got(&got, job, place, context);
  if (!status)
    assay_text_format(out, "%zu NaN or infinite, first %g at row %zu, column %zu\n\n", report->nonfinite, got,
                      place.row, place.column);
  return status;
}

/* ---- both errors ---- */

static void put_errors(assay_text *out, const char *name, const assay_check_errors *errors) {
  assay_text_format(out, "%-15s %10.4g %10.4g %10.4g %10.4g  row %zu, column %zu\n", name, errors->maximum, errors->p50,
                    errors->p99, errors->p999, errors->place.row, errors->place.column);
}

/* ---- the histogram ---- */

static void put_bound(char out[16], size_t bin) {
  if (bin == 0)
    (void)snprintf(out, 16, "1/2");
  else if (bin <= 20)
    (void)snprintf(out, 16, "%.0f", ldexp(1, (int)bin - 1));
  else
    (void)snprintf(out, 16, "2^%d", (int)bin - 1);
}

/* Bins first to last; the last of all has no upper bound. */
static void put_bins(assay_text *out, size_t first, size_t last, size_t count, size_t most) {
  enum { LONGEST = 50 };
  char bound[16], bar[LONGEST + 1] = "";
  bool open = last >= ASSAY_CHECK_BINS - 1;
  put_bound(bound, open ? first - 1 : last);
  /* Whatever is there shows. */
  size_t length = count ? 1 + (size_t)((double)(LONGEST - 1) * (double)count / (double)most) : 0;
  memset(bar, '#', length);
  bar[length] = '\0';
  assay_text_format(out, "%s %-6s %12zu%s%s\n", open ? " >" : "<=", bound, count, *bar ? "  " : "", bar);
}

/* A line for each bin that there is; for several together when there are many, but always one for <= 1/2. */
static void put_histogram(assay_text *out, const assay_check_report *report) {
  enum { MOST_LINES = 20 };
  size_t end = ASSAY_CHECK_BINS, most = 0, lines[ASSAY_CHECK_BINS] = {0};
  while (end > 1 && !report->histogram[end - 1]) end--;
  size_t together = end > 1 ? (end - 2) / MOST_LINES + 1 : 1;
  for (size_t i = 0; i < end; i++) {
    size_t line = i ? 1 + (i - 1) / together : 0;
    lines[line] += report->histogram[i];
    if (lines[line] > most) most = lines[line];
  }
  assay_text_add(out, "\nULPs           entries\n");
  put_bins(out, 0, 0, lines[0], most);
  for (size_t i = 1, line = 1; i < end; i += together, line++) put_bins(out, i, i + together - 1, lines[line], most);
}

/* ---- the worst ---- */

static void put_sensitivity(assay_text *out, const assay_check_entry *entry, assay_format format) {
  check_sensitivity sensitivity = check_entry_sensitivity(entry, format);
  assay_text_format(out, "    condition %.3g: ", entry->condition);
  if (sensitivity.blame == CHECK_NO_CONDITION)
    assay_text_add(out, "the exact value is 0\n");
  else
    assay_text_format(
        out, "rounding x to %s makes up to %.3g ULP, %s\n", assay_format_name(format), sensitivity.rounding_ulp,
        sensitivity.blame == CHECK_WITHIN_ROUNDING ? "enough for this error" : "not enough for this error");
}

/* The row's own time; the first coordinates, and of a long row that of the entry's column. */
static assay_status put_point(assay_text *out, const check_job *job, assay_check_place place, assay_context *context) {
  enum { SHOWN = 3 };
  double *x = NULL;
  assay_status status = check_entry_point(&x, job, place.row, context);
  if (status) return status;
  size_t d = job->mixture.dimension;
  bool scalar = assay_quantity_width(job->quantity, d) == 1;
  if (job->times.data) assay_text_format(out, "    time      %a\n", job->times.data[place.row]);
  assay_text_add(out, "    x        ");
  for (size_t j = 0; j < d && j < SHOWN; j++) assay_text_format(out, " %a", x[j]);
  if (d > SHOWN && !scalar && place.column >= SHOWN)
    assay_text_format(out, " ... x_%zu = %a", place.column, x[place.column]);
  if (d > SHOWN) assay_text_format(out, " ... (all %zu: --json)", d);
  assay_text_add(out, "\n");
  free(x);
  return ASSAY_OK;
}

static assay_status put_worst(assay_text *out, const check_job *job, const assay_check_entry *entry, size_t number,
                              assay_context *context) {
  char *lower = NULL, *upper = NULL;
  assay_status status =
      assay_enclosure_outward(&lower, &upper, entry->expected, (size_t)digits[job->format].exact, context);
  if (status) return status;
  assay_text_format(out, "\n%zu. row %zu, column %zu: %.4g ULP, relative %.3g\n", number, entry->place.row,
                    entry->place.column, entry->ulp, entry->relative);
  assay_text_format(out, "    got       %.*g = %a\n", digits[job->format].own, entry->got, entry->got);
  assay_text_format(out, "    expected  [%s, %s]\n", lower, upper);
  free(lower), free(upper);
  put_sensitivity(out, entry, job->format);
  return put_point(out, job, entry->place, context);
}

/* ---- the verdict ---- */

static void put_verdict(assay_text *out, const check_job *job, const assay_check_report *report) {
  double ulp = job->options.tolerance_ulp, relative = job->options.tolerance_relative;
  assay_text_format(out, "\n%zu of %zu entries beyond tolerance (", report->beyond, report->entries);
  if (isfinite(ulp)) assay_text_format(out, "%g ULP", ulp);
  if (isfinite(ulp) && isfinite(relative)) assay_text_add(out, ", ");
  if (isfinite(relative)) assay_text_format(out, "relative %g", relative);
  if (!isfinite(ulp) && !isfinite(relative)) assay_text_add(out, "none but NaN and infinities");
  assay_text_format(out, "): %s\n", report->beyond ? "FAILS" : "holds");
}

assay_status check_print_text(const check_job *job, const assay_check_report *report, assay_context *context) {
  assay_text text = {0};
  put_judged(&text, job, report);
  assay_status status = put_nonfinite(&text, job, report, context);
  if (report->nonfinite < report->entries) {
    assay_text_format(&text, "%-15s %10s %10s %10s %10s  %s\n", "error", "maximum", "p50", "p99", "p99.9",
                      "maximum at");
    put_errors(&text, "ULPs", &report->ulp);
    put_errors(&text, "relative", &report->relative);
    put_histogram(&text, report);
  }
  for (size_t i = 0; !status && i < report->worst_count; i++)
    status = put_worst(&text, job, &report->worst[i], i + 1, context);
  put_verdict(&text, job, report);
  char *string = NULL;
  if (!status) status = assay_text_take(&string, &text, "the report", context);
  if (!status) (void)fputs(string, stdout);
  free(string);
  assay_text_clear(&text);
  return status;
}
