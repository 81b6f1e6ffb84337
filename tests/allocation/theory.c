/* Runs and reports when memory runs out: a claim that could not be gathered is undecided and says so, a report is
 * written whole or not at all. */
#include "allocation.h"
#include "io/file.h"
#include "io/scratch.h"
#include "theory/run.h"
#include "theory/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  scratch *place;
  assay_run *run;
  assay_status (*write)(const char *path, assay_run *run, assay_context *context);
  char *baseline; /* the report made in plenty */
} task;

static script_item items[2];
static script_claim claim;

static assay_status draw(assay_plot *plot, assay_trial *trial, assay_context *context) {
  (void)trial;
  assay_series *theory = NULL, *points = NULL;
  assay_status status = assay_plot_add(&theory, plot, "theory", true, 2, false, context);
  if (!status) status = assay_plot_add(&points, plot, "measured", false, 2, true, context);
  if (status) return status;
  theory->x[1] = theory->y[1] = points->x[1] = points->y[1] = 1;
  return ASSAY_OK;
}

/* The experiment must be released even when its claim is not gathered. */
static assay_status make_run(assay_run **out, bool verify, assay_context *context) {
  static const assay_claim *list[] = {&claim.claim, NULL};
  static const assay_figure figures[] = {{.id = "mse", .title = "MSE", .x_label = "n", .y_label = "MSE", .draw = draw},
                                         {.id = NULL}};
  static const assay_paper paper = {.key = "test", .title = "A paper", .claims = list, .figures = figures};
  static const assay_paper *const papers[] = {&paper, NULL};
  assay_run_options options = assay_run_options_default();
  options.papers = papers;
  assay_run *run = NULL;
  assay_status status = assay_run_init(&run, &options, context);
  if (status) {
    test_check(!run, "the run is touched");
    return status;
  }
  if (verify) status = assay_run_verify(run, NULL, NULL, context);
  if (status)
    assay_run_clear(run);
  else
    *out = run;
  return status;
}

static assay_status verify(void *self, assay_context *context) {
  (void)self;
  assay_run *run = NULL;
  size_t made = script_made, released = script_released;
  assay_status status = make_run(&run, true, context);
  if (!status) {
    const assay_result *result = assay_run_result(run, 0);
    if (result->verdict == ASSAY_UNDECIDED) {
      test_check(strstr(result->reason, "no memory") != NULL, "undecided: %s", result->reason);
      status = ASSAY_MEMORY;
    } else {
      test_check(result->verdict == ASSAY_CONFIRMED && result->count == 2, "verdict %s of %zu items",
                 assay_verdict_name(result->verdict), result->count);
    }
    assay_run_clear(run);
  }
  test_check(script_made - made == script_released - released, "%zu experiments made, %zu released", script_made - made,
             script_released - released);
  return status;
}

/* ---- reports ----------------------------------------------------------------------------------------------------- */

static assay_status write_json(const char *path, assay_run *run, assay_context *context) {
  return assay_report_json(path, run, context);
}

static assay_status write_junit(const char *path, assay_run *run, assay_context *context) {
  return assay_report_junit(path, run, context);
}

/* Figures are files of a folder; this paper has one. */
static assay_status write_figures(const char *path, assay_run *run, assay_context *context) {
  char folder[512];
  (void)snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
  return assay_report_figures(folder, run, context);
}

static assay_status report(void *self, assay_context *context) {
  task *of = self;
  const char *path = scratch_path(of->place, "test-mse.svg");
  assay_status status = of->write(path, of->run, context);
  allocation_pause();
  test_check(scratch_count(of->place) == (status == ASSAY_OK), "%zu files after status %s", scratch_count(of->place),
             assay_status_name(status));
  if (status == ASSAY_OK) {
    char *bytes = NULL;
    size_t size = 0;
    assay_context other;
    assay_context_init(&other);
    test_check(assay_file_read(&bytes, &size, path, &other) == ASSAY_OK, "%s", other.message);
    if (of->baseline)
      test_check(strcmp(bytes, of->baseline) == 0, "a report differs from the one made in plenty");
    else
      of->baseline = strdup(bytes);
    allocation_release(bytes);
    (void)unlink(path);
  }
  return status;
}

static void check_report(task *of, const char *what, assay_status (*write)(const char *, assay_run *, assay_context *),
                         size_t fewest) {
  of->write = write;
  of->baseline = NULL;
  assay_status status = report(of, &of->place->context);
  test_check(status == ASSAY_OK || status == ASSAY_UNSUPPORTED, "%s: %s", what, of->place->context.message);
  if (status == ASSAY_OK) allocation_check(what, report, of, ASSAY_OK, fewest); /* else: no gnuplot */
  free(of->baseline);
}

void theory_survives(void **state) {
  (void)state;
  items[0] = script_measure(0.1, 0.3, 0.11, 0.05);
  items[1] = script_measure(1, 2, 1, 0.25);
  claim = script_of("test/one", ASSAY_EXPERIMENT, items, 2);
  claim.claim.statement = "For \xce\xbb < 1.";
  claim.key = "experiment";
  script_make_fails = ASSAY_OK;
  allocation_check("run", verify, NULL, ASSAY_OK, 12);
  void *made = NULL;
  assert_int_equal(scratch_make(&made), 0);
  task of = {.place = made};
  assert_int_equal(make_run(&of.run, true, &of.place->context), ASSAY_OK);
  check_report(&of, "JSON report", write_json, 50);
  check_report(&of, "JUnit report", write_junit, 5);
  check_report(&of, "HTML report", assay_report_html, 10);
  check_report(&of, "figures", write_figures, 10);
  assay_run_clear(of.run);
  assert_int_equal(scratch_remove(&made), 0);
}
