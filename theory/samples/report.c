/* A report on samples as JUnit XML and as a plot. */
#include <assay/samples.h>

#include "io/file.h"
#include "io/junit.h"
#include "io/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE = 192 };

static void describe(char message[MESSAGE], const assay_samples_report *report, const assay_samples_test *test) {
  (void)snprintf(message, MESSAGE, "%s: %.9g, expected %.9g, accepted %.9g to %.9g; p <= %.2g, share of delta %.2g",
                 test->name, test->statistic, test->expected, test->low - test->allowance, test->high + test->allowance,
                 test->p, report->share);
}

assay_status assay_samples_junit(const char *path, const assay_samples_report *report, assay_context *context) {
  assay_junit_case *cases = NULL;
  assay_status status =
      assay_allocate((void **)&cases, report->comparisons, sizeof *cases + MESSAGE, "report", context);
  if (status) return status;
  char(*messages)[MESSAGE] = (char(*)[MESSAGE])(cases + report->comparisons);
  for (size_t i = 0; i < report->comparisons; i++) {
    const assay_samples_test *test = &report->tests[i];
    cases[i] = (assay_junit_case){
        .suite = "check-samples", .name = test->name, .seconds = report->seconds / (double)report->comparisons};
    if (test->fails) {
      describe(messages[i], report, test);
      cases[i].outcome = ASSAY_JUNIT_FAILURE;
      cases[i].type = "REFUTED";
      cases[i].message = messages[i];
    } else if (report->undecided) {
      cases[i].outcome = ASSAY_JUNIT_ERROR;
      cases[i].type = "UNDECIDED";
      cases[i].message = "rounding leaves open what the tests measure";
    }
  }
  status = assay_junit_write(path, cases, report->comparisons, context);
  free(cases);
  return status;
}

/* Empirical minus exact, in the frame of what is accepted. */
assay_status assay_samples_svg(const char *path, const assay_samples_report *report, assay_context *context) {
  const assay_samples_projection *p = &report->projection;
  char title[2 * sizeof p->name], label[sizeof p->name];
  double *y = NULL;
  assay_status status = assay_allocate((void **)&y, p->count, sizeof *y, "plot", context);
  if (status) return status;
  for (size_t i = 0; i < p->count; i++) y[i] = p->empirical[i] - p->exact[i];
  const double first = p->place[0], last = p->place[p->count - 1], band = p->band;
  const double frame_x[] = {first, last, last, first, first}, frame_y[] = {band, band, -band, -band, band};
  (void)snprintf(title, sizeof title, "%s, %zu samples", p->name, report->samples);
  (void)snprintf(label, sizeof label, "accepted (delta %g)", report->delta);
  const assay_plot_series series[] = {
      {.label = "samples - exact", .line = true, .count = p->count, .x = p->place, .y = y},
      {.label = label, .line = true, .count = sizeof frame_x / sizeof *frame_x, .x = frame_x, .y = frame_y},
  };
  const assay_plot_table table = {.title = title,
                                  .x_label = "place along the direction",
                                  .y_label = "difference of distribution functions",
                                  .series = series,
                                  .count = sizeof series / sizeof *series};
  char *svg = NULL;
  status = assay_plot_svg(&svg, &table, context);
  if (!status) status = assay_file_write(path, svg, strlen(svg), context);
  free(svg);
  free(y);
  return status;
}
