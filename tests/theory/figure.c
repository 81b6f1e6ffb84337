/* The data of figures: series that stay where they are, and no comparisons on the side. */
#include "script.h"
#include "testing.h"

#include <assay/theory.h>

#include <string.h>

static assay_status draw(assay_plot *plot, assay_trial *trial, assay_context *context) {
  assay_series *theory = NULL, *points = NULL;
  assay_status status = assay_plot_add(&theory, plot, "theory", true, 3, false, context);
  if (!status) status = assay_plot_add(&points, plot, "measured", false, 2, true, context);
  if (status) return status;
  theory->x[2] = 7; /* still there after the second was added */
  points->error[1] = assay_trial_delta(trial);
  return ASSAY_OK;
}

static assay_status draw_and_compare(assay_plot *plot, assay_trial *trial, assay_context *context) {
  assay_series *series = NULL;
  mpfi_t one;
  mpfi_init(one);
  mpfi_set_ui(one, 1);
  assay_status status = assay_plot_add(&series, plot, "theory", true, 3, false, context);
  assay_trial_measure(trial, "sneaked in", one, NULL, 1, NULL, 0);
  mpfi_clear(one);
  return status;
}

static void figures(void **state) {
  (void)state;
  script_claim claim = script_of("test/one", ASSAY_EXPERIMENT, NULL, 1);
  const assay_claim *list[] = {&claim.claim, NULL};
  const assay_figure drawn[] = {{.id = "good", .title = "t", .x_label = "x", .y_label = "y", .draw = draw},
                                {.id = "bad", .title = "t", .x_label = "x", .y_label = "y", .draw = draw_and_compare},
                                {.id = NULL}};
  const assay_figure stranger = drawn[0];
  const assay_paper paper = {.key = "test", .title = "", .claims = list, .figures = drawn};
  const assay_paper *const papers[] = {&paper, NULL};
  assay_run_options options = assay_run_options_default();
  options.papers = papers;
  assay_context context;
  assay_context_init(&context);
  assay_run *run = NULL;
  test_check(assay_run_init(&run, &options, &context) == ASSAY_OK, "%s", context.message);
  assay_plot plot = {NULL, 0};
  test_check(assay_run_figure(&plot, run, &drawn[0], &context) == ASSAY_OK, "%s", context.message);
  test_check(plot.count == 2 && plot.series[0]->x[2] == 7 && plot.series[0]->line && !plot.series[1]->line, "series");
  test_check(!plot.series[0]->error && plot.series[1]->error[1] > 0, "errors where asked");
  test_check(strcmp(plot.series[1]->label, "measured") == 0, "%s", plot.series[1]->label);
  assay_plot_clear(&plot);
  test_check(assay_run_figure(&plot, run, &drawn[1], &context) == ASSAY_INTERNAL && !plot.series, "%s",
             context.message);
  test_check(strstr(context.message, "a figure makes no comparisons"), "%s", context.message);
  test_check(assay_run_figure(&plot, run, &stranger, &context) == ASSAY_INVALID, "%s", context.message);
  assay_run_clear(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(figures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
