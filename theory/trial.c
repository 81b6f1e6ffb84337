#include "theory/trial.h"

#include "theory/budget.h"
#include "theory/compare.h"
#include "theory/item.h"
#include "theory/share.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

assay_level assay_trial_level(const assay_trial *trial) { return trial->level; }
uint64_t assay_trial_seed(const assay_trial *trial) { return trial->seed; }
double assay_trial_delta(const assay_trial *trial) { return assay_share_offered(trial->share); }

assay_status assay_trial_experiment(void **out, assay_trial *trial, const char *key, assay_make *make,
                                    void (*release)(void *), const void *argument, assay_context *context) {
  return assay_memo_get(out, trial->memo, key, make, release, argument, context);
}

/* A broken rule is remembered: the run ends even if the claim ignores the status. */
__attribute__((format(printf, 2, 3))) static assay_status broken(assay_trial *trial, const char *format, ...) {
  char message[sizeof trial->message];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  if (!trial->broken) (void)snprintf(trial->message, sizeof trial->message, "%s", message);
  trial->broken = true;
  return assay_fail(trial->context, ASSAY_INTERNAL, "%s", message);
}

static assay_status count_comparison(assay_trial *trial, const char *item) {
  if (!trial->claim) return broken(trial, "item '%s': a figure makes no comparisons", item);
  trial->compared++;
  if (trial->compared <= trial->declared) return ASSAY_OK;
  return broken(trial, "%s: item '%s' is comparison %zu, but %zu are declared at level %s", trial->claim->id, item,
                trial->compared, trial->declared, assay_level_name(trial->level));
}

static assay_status check_budget(assay_trial *trial, const char *item, const assay_budget_term *terms, size_t count) {
  size_t at = 0;
  const char *rule = assay_budget_broken_rule(&at, terms, count);
  if (rule)
    return broken(trial, "%s: item '%s': term %zu (%s), bound %g, delta %g: %s", trial->claim->id, item, at,
                  assay_term_name(terms[at].term), terms[at].bound, terms[at].delta, rule);
  double spent = assay_budget_delta(terms, count);
  if (spent <= trial->share) return ASSAY_OK;
  return broken(trial, "%s: item '%s': the terms spend delta %.17g, its share is %.17g", trial->claim->id, item, spent,
                trial->share);
}

/* What the item is compared with. In a run of the controls the two change places; false: the item has no control and is
 * left out. */
static bool take_sides(const assay_trial *trial, mpfi_srcptr *predicted, mpfi_srcptr *control) {
  if (!trial->control) return true;
  mpfi_srcptr statement = *predicted;
  *predicted = *control;
  *control = statement;
  return *predicted != NULL;
}

static void judge_item(assay_item *item, assay_comparison statement, assay_comparison control) {
  item->holds = statement.holds;
  item->decided_against = statement.against;
  item->resolution = statement.resolution;
  item->excludes_control = item->has_control && control.against;
}

/* A measured value that is not a finite number lies outside the budget of the claim; but it is no evidence against the
 * control, neither beside the claim nor in its place. */
static void judge_measurement(assay_item *item, bool control_stands) {
  assay_comparison statement = assay_compare_distance(item->measured, item->predicted, item->allowance);
  assay_comparison control = {false, false, NAN};
  if (!isfinite(item->measured) && control_stands) statement = control;
  if (isfinite(item->measured) && item->has_control)
    control = assay_compare_distance(item->measured, item->control, item->allowance);
  judge_item(item, statement, control);
}

assay_status assay_trial_measure(assay_trial *trial, const char *item, mpfi_srcptr predicted, mpfi_srcptr control,
                                 double measured, const assay_budget_term *terms, size_t count) {
  assay_status status = count_comparison(trial, item);
  if (status) return status;
  if (trial->claim->kind == ASSAY_PROOF)
    return broken(trial, "%s: item '%s': a measurement proves nothing", trial->claim->id, item);
  status = check_budget(trial, item, terms, count);
  if (status || !take_sides(trial, &predicted, &control)) return status;
  assay_item *entry = &trial->items[trial->count];
  status = assay_item_init(entry, item, predicted, control, NULL, terms, count, trial->context);
  if (status) return status;
  trial->count++;
  entry->method = ASSAY_MEASURE;
  entry->relation = ASSAY_EQUAL;
  entry->measured = measured;
  entry->allowance = assay_budget_bound(terms, count);
  judge_measurement(entry, trial->control);
  return ASSAY_OK;
}

assay_status assay_trial_decide(assay_trial *trial, const char *item, mpfi_srcptr left, assay_relation relation,
                                mpfi_srcptr right, mpfi_srcptr control) {
  assay_status status = count_comparison(trial, item);
  if (status) return status;
  if (relation != ASSAY_LESS && relation != ASSAY_GREATER)
    return broken(trial, "%s: item '%s': the relation is neither < nor >", trial->claim->id, item);
  if (!take_sides(trial, &right, &control)) return ASSAY_OK;
  assay_item *entry = &trial->items[trial->count];
  status = assay_item_init(entry, item, right, control, left, NULL, 0, trial->context);
  if (status) return status;
  trial->count++;
  entry->method = ASSAY_DECIDE;
  entry->relation = relation;
  judge_item(entry, assay_compare_order(left, relation, right),
             control ? assay_compare_order(left, relation, control) : (assay_comparison){false, false, NAN});
  return ASSAY_OK;
}

assay_status assay_trial_agree(assay_trial *trial, const char *item, mpfi_srcptr left, mpfi_srcptr right,
                               mpfi_srcptr control, long bits) {
  assay_status status = count_comparison(trial, item);
  if (status) return status;
  if (bits < 1) return broken(trial, "%s: item '%s': bits = %ld, must be at least 1", trial->claim->id, item, bits);
  if (!take_sides(trial, &right, &control)) return ASSAY_OK;
  assay_item *entry = &trial->items[trial->count];
  status = assay_item_init(entry, item, right, control, left, NULL, 0, trial->context);
  if (status) return status;
  trial->count++;
  entry->method = ASSAY_AGREE;
  entry->relation = ASSAY_EQUAL;
  entry->allowance = fmax(ldexp(1, bits > INT32_MAX ? INT32_MIN : -(int)bits), 0x1p-1074); /* rounded up */
  judge_item(entry, assay_compare_equality(left, right, bits),
             control ? assay_compare_equality(left, control, bits) : (assay_comparison){false, false, NAN});
  return ASSAY_OK;
}
