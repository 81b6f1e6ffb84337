#include "theory/engine.h"

#include "reference/core/interval.h"
#include "theory/compare.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One line of UTF-8, cut before a character that does not fit. */
__attribute__((format(printf, 3, 4))) static void conclude(assay_result *result, assay_verdict verdict,
                                                           const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(result->reason, sizeof result->reason, format, arguments);
  va_end(arguments);
  result->verdict = verdict;
  if (length < (int)sizeof result->reason) return;
  size_t end = sizeof result->reason - 1;
  while (end > 0 && ((unsigned char)result->reason[end - 1] & 0xC0) == 0x80) end--;
  if (end > 0 && (unsigned char)result->reason[end - 1] >= 0xC0) end--;
  result->reason[end] = '\0';
}

/* ---- why an item went against the statement, or nowhere ---- */

static void refute(assay_result *result, const assay_item *item) {
  if (item->method == ASSAY_MEASURE && !isfinite(item->measured)) {
    conclude(result, ASSAY_REFUTED, "item '%s': measured %g, not a finite number", item->name, item->measured);
  } else if (item->method == ASSAY_MEASURE) {
    double predicted = iv_mid_d(item->predicted), distance = fabs(item->measured - predicted);
    int digits = (int)fmin(fmax(ceil(log10(fabs(predicted) / distance)) + 2, 6), 17); /* enough to see the distance */
    conclude(result, ASSAY_REFUTED, "item '%s': measured %.*g, predicted %.*g: off by %.3g, budget %.3g", item->name,
             digits, item->measured, digits, predicted, distance, item->allowance);
  } else {
    double left = iv_mid_d(item->left), right = iv_mid_d(item->predicted);
    conclude(result, ASSAY_REFUTED, "item '%s': left %.6g %s right %.6g is decided against: they differ by %.3g",
             item->name, left, assay_relation_name(item->relation), right, left - right);
  }
}

static bool has_ends(const assay_item *item) {
  return assay_enclosure_usable(item->predicted) &&
         (item->method == ASSAY_MEASURE || assay_enclosure_usable(item->left));
}

static void leave_open(assay_result *result, const assay_item *item) {
  double width = iv_width_d(item->predicted);
  if (item->method == ASSAY_MEASURE && !isfinite(item->measured))
    conclude(result, ASSAY_UNDECIDED, "item '%s': measured %g, not a finite number", item->name, item->measured);
  else if (!has_ends(item))
    conclude(result, ASSAY_UNDECIDED, "precision: item '%s': an enclosure has an end that is not a finite number",
             item->name);
  else if (item->method == ASSAY_MEASURE)
    conclude(result, ASSAY_UNDECIDED,
             "precision: item '%s': the prediction's enclosure, %.3g wide, crosses the edge of the budget %.3g",
             item->name, width, item->allowance);
  else if (item->method == ASSAY_AGREE)
    conclude(result, ASSAY_UNDECIDED, "precision: item '%s': left %.3g wide, right %.3g wide; their sum must be < %.3g",
             item->name, iv_width_d(item->left), width, item->allowance);
  else
    conclude(result, ASSAY_UNDECIDED, "precision: item '%s': left (%.3g wide) and right (%.3g wide) overlap",
             item->name, iv_width_d(item->left), width);
}

/* ---- the control ---- */

/* |measured - control| over the allowance: the item where this is largest came nearest to excluding the control. */
static double control_ratio(const assay_item *item) {
  if (item->method != ASSAY_MEASURE || !item->has_control || !assay_enclosure_usable(item->control)) return -1;
  return fabs(item->measured - iv_mid_d(item->control)) / item->allowance;
}

static void miss_control(assay_result *result) {
  size_t nearest = 0, controls = 0;
  for (size_t i = 0; i < result->count; i++) {
    controls += result->items[i].has_control;
    if (control_ratio(&result->items[i]) > control_ratio(&result->items[nearest])) nearest = i;
  }
  const assay_item *item = &result->items[nearest];
  result->decisive = nearest;
  if (controls == 0)
    conclude(result, ASSAY_UNDECIDED, "resolution: no item has a control");
  else if (control_ratio(item) < 0)
    conclude(result, ASSAY_UNDECIDED, "resolution: no item tells the claim from its control");
  else
    conclude(result, ASSAY_UNDECIDED, "resolution: budget %.3g would also admit the control, %.3g away (item '%s')",
             item->allowance, fabs(item->measured - iv_mid_d(item->control)), item->name);
}

/* ---- resolution ---- */

/* Relative to the smallest |prediction| of the enclosure, rounded up; as it is when that may be 0. */
static double relative_resolution(const assay_item *item) {
  if (!isfinite(item->resolution)) return item->resolution;
  iv_scope *s = iv_scope_new(64);
  iv size = iv_abs(s, item->predicted);
  double resolution = item->resolution;
  if (iv_positive(size) == IV_TRUE) resolution = iv_upper_d(iv_div(s, iv_d(s, resolution), size));
  iv_scope_free(s);
  return resolution;
}

/* Items known exactly, and predictions that may be 0, have no scale to compare with: they count only when there are no
 * others. */
static bool has_scale(const assay_item *item) {
  return item->resolution > 0 && (mpfr_sgn(&item->predicted->left) > 0 || mpfr_sgn(&item->predicted->right) < 0);
}

static void find_resolution(assay_result *result) {
  bool scaled = false;
  for (size_t i = 0; i < result->count; i++) scaled = scaled || has_scale(&result->items[i]);
  result->resolution = NAN;
  for (size_t i = 0; i < result->count; i++) {
    double resolution = relative_resolution(&result->items[i]);
    if (isnan(resolution) || resolution >= result->resolution || (scaled && !has_scale(&result->items[i]))) continue;
    result->resolution = resolution + 0.0; /* no -0 */
    result->decisive = i;
  }
}

void assay_judge(assay_result *result, const char *failure) {
  size_t excluded = 0, open = result->count;
  result->decisive = 0;
  find_resolution(result);
  for (size_t i = result->count; i-- > 0;) {
    excluded += result->items[i].excludes_control;
    if (!result->items[i].holds) open = i;
  }
  for (size_t i = 0; i < result->count; i++) {
    if (!result->items[i].decided_against) continue;
    result->decisive = i;
    refute(result, &result->items[i]);
    return;
  }
  if (failure) {
    conclude(result, ASSAY_UNDECIDED, "%s", failure);
  } else if (result->count == 0) {
    conclude(result, ASSAY_UNDECIDED, "resolution: no item has a control");
  } else if (open < result->count) {
    result->decisive = open;
    leave_open(result, &result->items[open]);
  } else if (excluded == 0) {
    miss_control(result);
  } else {
    conclude(result, result->claim->kind == ASSAY_PROOF ? ASSAY_PROVED : ASSAY_CONFIRMED,
             "every item holds (%zu); %zu exclude%s the control", result->count, excluded, excluded == 1 ? "s" : "");
  }
}
