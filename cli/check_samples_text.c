/* The report of assay check-samples for the eye. */
#include "cli/check_samples_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_WHEN_RIGHT = 5, SHOWN_WHEN_REFUTED = 20 };

static bool comes_before(const assay_samples_report *report, size_t i, size_t j) {
  double x = report->tests[i].p, y = report->tests[j].p;
  return x < y || (x == y && i < j);
}

/* The comparison after `last` by p, then by place; with last = comparisons the first of all. */
static size_t next_by_p(const assay_samples_report *report, size_t last) {
  size_t best = report->comparisons;
  for (size_t i = 0; i < report->comparisons; i++)
    if ((last == report->comparisons || comes_before(report, last, i)) &&
        (best == report->comparisons || comes_before(report, i, best)))
      best = i;
  return best;
}

static void put_test(assay_text *out, const assay_samples_test *test) {
  char accepted[64];
  double low = fmax(test->low - test->allowance, 0.0), high = test->high + test->allowance;
  (void)snprintf(accepted, sizeof accepted, "%.6g to %.6g", low, high);
  assay_text_format(out, "%-32s %11.6g %11.6g  %-24s %10.2g%s\n", test->name, test->statistic, test->expected, accepted,
                    test->p, test->fails ? "  fails" : "");
}

static void put_tests(assay_text *out, const assay_samples_report *report) {
  size_t shown = report->failed ? report->failed : SHOWN_WHEN_RIGHT;
  if (shown > SHOWN_WHEN_REFUTED) shown = SHOWN_WHEN_REFUTED;
  if (shown > report->comparisons) shown = report->comparisons;
  assay_text_format(out, "%-32s %11s %11s  %-24s %10s\n", "", "statistic", "expected", "accepted", "p at most");
  size_t next = report->comparisons;
  for (size_t i = 0; i < shown; i++) {
    next = next_by_p(report, next);
    put_test(out, &report->tests[next]);
  }
  if (shown < report->comparisons) assay_text_format(out, "(%zu more: --json)\n", report->comparisons - shown);
}

static void put_point(assay_text *out, const assay_path_point *point) {
  bool direct = point->schedule.kind == ASSAY_COEFFICIENTS;
  if (direct) {
    assay_text_add(out, "alpha ");
    path_real_text(out, point->alpha);
    assay_text_add(out, ", beta ");
    path_real_text(out, point->beta);
    return;
  }
  path_schedule_text(out, &point->schedule);
  assay_text_add(out, " schedule, time ");
  path_real_text(out, point->time);
}

static void put_distances(assay_text *out, const assay_samples_report *report) {
  if (report->total_variation > 0.0)
    assay_text_format(out, "total variation distance: at least %.3g (by %s), at confidence 1 - delta\n",
                      report->total_variation, report->tests[report->total_variation_by].name);
  else
    assay_text_add(out, "total variation distance: no lower bound above 0\n");
  assay_text_format(out, "sliced W2, an estimate from %zu samples: %.4g", report->sliced_samples, report->sliced_w2);
  if (isfinite(report->sliced_w2_error)) assay_text_format(out, " +- %.2g", report->sliced_w2_error);
  assay_text_format(out, "; as many exact draws give %.4g\n", report->sliced_w2_exact);
}

static void put_verdict(assay_text *out, const assay_samples_report *report) {
  const assay_samples_test *worst = &report->tests[report->worst];
  assay_text_format(out, "%s", samples_verdict(report));
  if (report->failed)
    assay_text_format(out, ": %zu of %zu comparisons fail, worst %s", report->failed, report->comparisons, worst->name);
  else if (report->undecided)
    assay_text_add(out, ": rounding leaves open what the tests measure (allowances in --json)");
  assay_text_format(out, " (delta %g, %zu comparisons at %.2g each)\n", report->delta, report->comparisons,
                    report->share);
}

assay_status samples_print_text(const samples_job *job, assay_context *context) {
  const assay_samples_report *report = &job->report;
  assay_text out = {0};
  assay_text_format(&out, "%s: %zu samples (%s) in dimension %zu; %s: %zu components\nat ", job->samples_path,
                    report->samples, samples_stored(job), report->dimension, job->mixture_path, report->components);
  put_point(&out, &job->point);
  assay_text_add(&out, "\n\n");
  put_tests(&out, report);
  assay_text_add(&out, "\n");
  put_distances(&out, report);
  put_verdict(&out, report);
  char *text = NULL;
  assay_status status = assay_text_take(&text, &out, "report", context);
  assay_text_clear(&out);
  if (!status) (void)fputs(text, stdout);
  free(text);
  return status;
}
