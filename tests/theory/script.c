#include "script.h"

#include "theory/trial.h"

#include <math.h>
#include <string.h>

const script_range script_none = {NAN, NAN};
size_t script_made, script_released;
uint64_t script_experiment_seed;
assay_status script_make_fails;

enum { BITS = 53, CLAIMS = 8 };

static mpfi_srcptr set_range(mpfi_ptr out, script_range range) {
  mpfr_set_d(&out->left, range.lo, MPFR_RNDD);
  mpfr_set_d(&out->right, range.hi, MPFR_RNDU);
  return out;
}

static assay_status report(assay_trial *trial, const script_item *item) {
  mpfi_t predicted, control, left;
  mpfi_init2(predicted, BITS);
  mpfi_init2(control, BITS);
  mpfi_init2(left, BITS);
  bool none = isnan(item->control.lo) && isnan(item->control.hi);
  mpfi_srcptr against = none ? NULL : set_range(control, item->control);
  set_range(predicted, item->predicted);
  set_range(left, item->left);
  assay_status status = ASSAY_OK;
  switch (item->method) {
  case ASSAY_MEASURE:
    status = assay_trial_measure(trial, item->name, predicted, against, item->measured, item->terms, item->count);
    break;
  case ASSAY_DECIDE:
    status = assay_trial_decide(trial, item->name, left, item->relation, predicted, against);
    break;
  case ASSAY_AGREE:
    status = assay_trial_agree(trial, item->name, left, predicted, against, item->bits);
    break;
  }
  mpfi_clear(predicted);
  mpfi_clear(control);
  mpfi_clear(left);
  return status;
}

static assay_status make(void **out, const void *argument, uint64_t seed, assay_context *context) {
  script_made++;
  script_experiment_seed = seed;
  if (script_make_fails) return assay_fail(context, script_make_fails, "the experiment failed");
  *out = (void *)argument;
  return ASSAY_OK;
}

static assay_status make_otherwise(void **out, const void *argument, uint64_t seed, assay_context *context) {
  return make(out, argument, seed, context);
}

static void release(void *made) {
  (void)made;
  script_released++;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  script_claim *script = (script_claim *)trial->claim;
  script->calls++;
  script->seen_seed = assay_trial_seed(trial);
  script->seen_delta = assay_trial_delta(trial);
  script->seen_level = assay_trial_level(trial);
  if (script->key) {
    script->experiment_status =
        assay_trial_experiment(&script->made, trial, script->key, script->made_otherwise ? make_otherwise : make,
                               release, &script_made, context);
    if (script->experiment_status) return script->experiment_status;
  }
  for (size_t i = 0; i < script->count; i++) {
    assay_status status = report(trial, &script->items[i]);
    if (status && !script->ignores) return status;
  }
  return script->ends_with ? assay_fail(context, script->ends_with, "the script ends") : ASSAY_OK;
}

script_item script_measure(double predicted, double control, double measured, double bound) {
  return (script_item){.name = "measured",
                       .method = ASSAY_MEASURE,
                       .predicted = {predicted, predicted},
                       .control = {control, control},
                       .measured = measured,
                       .terms = {{ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, bound, 0, "given by the test"}},
                       .count = 1};
}

script_item script_agree(script_range left, script_range right, double control, long bits) {
  return (script_item){.name = "agrees",
                       .method = ASSAY_AGREE,
                       .left = left,
                       .predicted = right,
                       .control = {control, control},
                       .bits = bits};
}

script_item script_less(script_range left, script_range right, double control) {
  return (script_item){.name = "ordered",
                       .method = ASSAY_DECIDE,
                       .relation = ASSAY_LESS,
                       .left = left,
                       .predicted = right,
                       .control = {control, control}};
}

script_claim script_of(const char *id, assay_kind kind, const script_item *items, size_t count) {
  return (script_claim){.claim = {.id = id,
                                  .statement = "The statement.",
                                  .source = "The source",
                                  .control = "The control.",
                                  .sizes = {"small", "large"},
                                  .kind = kind,
                                  .comparisons = {count, count},
                                  .gather = gather},
                        .items = items,
                        .count = count};
}

assay_status script_run(assay_run **out, script_claim *claims, size_t count, const assay_run_options *options,
                        assay_context *context) {
  static const assay_claim *list[CLAIMS + 1];
  static const assay_paper paper = {.key = "test", .title = "A paper of the tests", .claims = list};
  static const assay_paper *const papers[] = {&paper, NULL};
  for (size_t i = 0; i < count; i++) list[i] = &claims[i].claim;
  list[count] = NULL;
  assay_run_options own = options ? *options : assay_run_options_default();
  if (!own.papers) own.papers = papers;
  return assay_run_init(out, &own, context);
}

script_outcome script_verdict(assay_kind kind, const script_item *items, size_t count, bool control) {
  script_outcome outcome = {.first_resolution = NAN};
  assay_context context;
  assay_context_init(&context);
  static script_claim claim; /* the paper keeps pointing to it */
  claim = script_of("test/one", kind, items, count);
  assay_run_options options = assay_run_options_default();
  options.control = control;
  assay_run *run = NULL;
  outcome.status = script_run(&run, &claim, 1, &options, &context);
  if (!outcome.status) outcome.status = assay_run_verify(run, NULL, NULL, &context);
  if (run) {
    const assay_result *result = assay_run_result(run, 0);
    outcome.verdict = result->verdict;
    outcome.resolution = result->resolution;
    outcome.decisive = result->decisive;
    outcome.count = result->count;
    if (result->count) outcome.first_resolution = result->items[0].resolution;
    if (result->count) outcome.first_excludes = result->items[0].excludes_control;
    memcpy(outcome.reason, result->reason, sizeof outcome.reason);
  }
  memcpy(outcome.message, context.message, sizeof outcome.message);
  assay_run_clear(run);
  return outcome;
}
