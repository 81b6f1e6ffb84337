/* The rendering of JSON and of enclosures. */
#include "cli/command.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

assay_status cli_print_json(json_t *value, size_t flags, assay_context *context) {
  char *text = value ? json_dumps(value, flags | JSON_REAL_PRECISION(17)) : NULL;
  json_decref(value);
  if (!text) return assay_fail(context, ASSAY_MEMORY, "no memory for the JSON output");
  (void)fputs(text, stdout);
  free(text);
  return ASSAY_OK;
}

json_t *cli_json_number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

/* Digits that show where the two ends part, and two more. */
static size_t telling_digits(mpfi_srcptr enclosure) {
  enum { FEWEST = 17 };
  mpfr_t width, magnitude;
  mpfr_init2(width, 53), mpfr_init2(magnitude, 53);
  mpfi_diam_abs(width, enclosure);
  mpfi_mag(magnitude, enclosure);
  double digits = FEWEST;
  if (mpfr_number_p(width) && mpfr_number_p(magnitude) && mpfr_sgn(width) > 0)
    digits = (double)(mpfr_get_exp(magnitude) - mpfr_get_exp(width)) * log10(2) + 3;
  mpfr_clear(width), mpfr_clear(magnitude);
  return digits < FEWEST ? FEWEST : (size_t)digits;
}

json_t *cli_json_enclosure(mpfi_srcptr enclosure, assay_context *context) {
  char *lower = NULL, *upper = NULL;
  if (assay_enclosure_outward(&lower, &upper, enclosure, telling_digits(enclosure), context)) return NULL;
  json_t *object = json_pack("{s:s, s:s}", "lo", lower, "hi", upper);
  free(lower), free(upper);
  return object;
}

long cli_goal_bits(size_t digits) {
  enum { GUARD = 16 }; /* a correct rounding is in doubt once in 2^16 */
  return (long)ceil((double)digits * log2(10)) + GUARD;
}

/* All texts, or a status: ASSAY_PRECISION when one of them needs a higher goal. */
static assay_status format_all(char **texts, const cli_named *values, size_t count, size_t digits, long goal_bits,
                               assay_context *context) {
  for (size_t i = 0; i < count; i++) {
    free(texts[i]);
    texts[i] = NULL;
    assay_status status = assay_enclosure_decimal(&texts[i], values[i].value, digits, context);
    if (status == ASSAY_PRECISION)
      return assay_fail(context, status, "%s: %ld bits do not decide its rounding to %zu digits", values[i].name,
                        goal_bits, digits);
    if (status) return status;
  }
  return ASSAY_OK;
}

/* The values, and their texts unless JSON is wanted, raising the goal while a rounding is undecided. */
static assay_status decide_all(char **texts, const cli_named *values, size_t count, cli_compute compute, void *self,
                               size_t digits, bool json, assay_context *context) {
  long goal = cli_goal_bits(digits);
  if (goal > context->max_bits)
    return assay_fail(context, ASSAY_PRECISION, "%zu digits need %ld bits, --max-bits is %ld", digits, goal,
                      context->max_bits);
  for (;; goal *= 2) {
    assay_status status = compute(self, goal, context);
    if (status || json) return status;
    status = format_all(texts, values, count, digits, goal, context);
    if (status != ASSAY_PRECISION || goal > context->max_bits / 2) return status;
  }
}

static json_t *json_of(const cli_named *values, size_t count, assay_context *context) {
  json_t *object = json_object();
  for (size_t i = 0; object && i < count; i++)
    if (json_object_set_new(object, values[i].name, cli_json_enclosure(values[i].value, context))) {
      json_decref(object);
      return NULL;
    }
  return object;
}

int cli_print_enclosures(const cli_command *command, const cli_named *values, size_t count, cli_compute compute,
                         void *self, size_t digits, bool json, assay_context *context) {
  char **texts = NULL;
  assay_status status = assay_allocate((void **)&texts, count, sizeof *texts, "decimals", context);
  if (status) return cli_failure(command, status, context);
  status = cli_precision_hint(decide_all(texts, values, count, compute, self, digits, json, context), context);
  if (!status) cli_progress_end();
  if (!status && json) status = cli_print_json(json_of(values, count, context), JSON_INDENT(1), context);
  if (!status && json) putchar('\n');
  for (size_t i = 0; !status && !json && i < count; i++) printf("%-17s %s\n", values[i].name, texts[i]);
  for (size_t i = 0; i < count; i++) free(texts[i]);
  free((void *)texts);
  return status ? cli_failure(command, status, context) : CLI_GOOD;
}
