/* Calibration: rates counted over seeds, and their confidence intervals against published values. */
#include "testing.h"

#include <assay/theory.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t calls;
static uint64_t seeds_seen[64];

/* |measured - 0| <= 1 with a control at 3: every fourth run is a false alarm, every second excludes the control. */
static assay_status gather(assay_trial *trial, assay_context *context) {
  (void)context;
  static const double measured[] = {0, -0.5, 2.5, 0.9};
  const assay_budget_term term = {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, 1, 0, "given"};
  seeds_seen[calls] = assay_trial_seed(trial);
  mpfi_t predicted, control;
  mpfi_init_set_si(predicted, 0), mpfi_init_set_si(control, calls % 2 ? 1 : 3);
  assay_status status = assay_trial_measure(trial, "item", predicted, control, measured[calls % 4], &term, 1);
  mpfi_clear(predicted), mpfi_clear(control);
  calls++;
  return status;
}

static const assay_claim claim = {.id = "test/every-fourth",
                                  .statement = "statement",
                                  .source = "source",
                                  .control = "control",
                                  .sizes = {"quick", "full"},
                                  .kind = ASSAY_EXPERIMENT,
                                  .comparisons = {1, 1},
                                  .gather = gather};
static const assay_claim *const claims[] = {&claim, NULL};
static const assay_figure figures[] = {{.id = NULL}};
static const assay_paper paper = {.key = "test", .title = "title", .claims = claims, .figures = figures};
static const assay_paper *const papers[] = {&paper, NULL};

static assay_calibration *calibrate(size_t seeds, assay_status expected) {
  assay_context context;
  assay_context_init(&context);
  assay_run_options options = assay_run_options_default();
  options.papers = papers;
  calls = 0;
  assay_calibration *list = NULL;
  size_t count = 0;
  assert_int_equal(assay_calibrate(&list, &count, &options, seeds, &context), expected);
  if (!expected) assert_int_equal(count, 1);
  return list;
}

/* Runs 0, 1, 2, 3: held with control 3 away; -0.5 against control 1 is outside too; 2.5 is an alarm, and within 1 of
 * control 3; 0.9 is within 1 of control 1, so the run is undecided. */
static void verdicts_are_counted(void **state) {
  (void)state;
  assay_calibration *list = calibrate(40, ASSAY_OK);
  assert_int_equal(calls, 40);
  assert_int_equal(list->false_alarms.seen, 10);
  assert_int_equal(list->controls_refuted.seen, 20);
  assert_int_equal(list->undecided.seen, 10);
  assert_int_equal(list->false_alarms.of, 40);
  assert_ptr_equal(list->claim, &claim);
  for (size_t i = 0; i < 40; i++)
    for (size_t j = 0; j < i; j++) assert_true(seeds_seen[i] != seeds_seen[j]);
  free(list);
}

/* Clopper and Pearson at 95 %: 10 of 40 gives [0.1269, 0.4120]; 0 of n has the upper end 1 - 0.025^(1/n), n of n the
 * lower end 0.025^(1/n). */
static void intervals_are_exact(void **state) {
  (void)state;
  assay_calibration *list = calibrate(40, ASSAY_OK);
  test_check(fabs(list->false_alarms.low - 0.1269148) < 1e-5, "lower end %.9g", list->false_alarms.low);
  test_check(fabs(list->false_alarms.high - 0.4119620) < 1e-5, "upper end %.9g", list->false_alarms.high);
  free(list);
  list = calibrate(1, ASSAY_OK);
  assert_int_equal(list->false_alarms.seen, 0);
  test_check(list->false_alarms.low == 0 && fabs(list->false_alarms.high - 0.975) < 1e-9, "0 of 1: [%g, %.12g]",
             list->false_alarms.low, list->false_alarms.high);
  test_check(fabs(list->controls_refuted.low - 0.025) < 1e-9 && list->controls_refuted.high == 1, "1 of 1: [%.12g, %g]",
             list->controls_refuted.low, list->controls_refuted.high);
  free(list);
}

static void no_seeds_are_refused(void **state) {
  (void)state;
  assert_null(calibrate(0, ASSAY_INVALID));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(verdicts_are_counted), cmocka_unit_test(intervals_are_exact),
                                     cmocka_unit_test(no_seeds_are_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
