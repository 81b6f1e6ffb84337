/* Contexts with a progress line, failures, and the rendering of enclosures. */
#include "cli/command.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int show_progress(void *self, const char *what, double fraction) {
  (void)self;
  fprintf(stderr, "\r\033[K%3.0f %%  %s", 100 * fraction, what);
  return 0;
}

assay_context cli_context(const cli_common *common) {
  assay_context context;
  assay_context_init(&context);
  context.threads = (int)common->threads;
  context.max_bits = (long)common->max_bits;
  if (!common->quiet && isatty(STDERR_FILENO)) context.progress = show_progress;
  return context;
}

void cli_progress_end(const assay_context *context) {
  if (context->progress) fputs("\r\033[K", stderr);
}

int cli_failure(const cli_command *command, assay_status status, const assay_context *context) {
  cli_progress_end(context);
  cli_error(command, "%s", context->message[0] ? context->message : assay_status_meaning(status));
  switch (status) {
  case ASSAY_INVALID:
  case ASSAY_UNSUPPORTED:
  case ASSAY_IO:
    return CLI_USAGE;
  default:
    return CLI_UNDECIDED;
  }
}

int cli_print_json(const cli_command *command, json_t *object) {
  char *text = object ? json_dumps(object, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : NULL;
  json_decref(object);
  if (!text) {
    cli_error(command, "no memory for the JSON output");
    return CLI_UNDECIDED;
  }
  puts(text);
  free(text);
  return CLI_GOOD;
}

/* Digits that show where the two ends part, and two more. */
static size_t telling_digits(mpfi_srcptr enclosure) {
  enum { FEWEST = 17, MOST = 2000 };
  mpfr_t width, magnitude;
  mpfr_init2(width, 53), mpfr_init2(magnitude, 53);
  mpfi_diam_abs(width, enclosure);
  mpfi_mag(magnitude, enclosure);
  double digits = FEWEST;
  if (mpfr_number_p(width) && mpfr_number_p(magnitude) && mpfr_sgn(width) > 0)
    digits = (double)(mpfr_get_exp(magnitude) - mpfr_get_exp(width)) * log10(2) + 3;
  mpfr_clear(width), mpfr_clear(magnitude);
  return digits < FEWEST ? FEWEST : digits > MOST ? MOST : (size_t)digits;
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
static assay_status format_all(char **texts, const cli_named *values, size_t count, size_t digits,
                               assay_context *context) {
  for (size_t i = 0; i < count; i++) {
    free(texts[i]);
    texts[i] = NULL;
    assay_status status = assay_enclosure_decimal(&texts[i], values[i].value, digits, context);
    if (status) return status;
  }
  return ASSAY_OK;
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
  char **texts = calloc(count, sizeof *texts);
  if (!texts) return cli_failure(command, ASSAY_MEMORY, context);
  assay_status status = ASSAY_PRECISION;
  for (long goal = cli_goal_bits(digits); status == ASSAY_PRECISION && goal <= context->max_bits; goal *= 2) {
    status = compute(self, goal, context);
    if (!status) status = json ? ASSAY_OK : format_all(texts, values, count, digits, context);
  }
  int exit_status = CLI_GOOD;
  if (status)
    exit_status = cli_failure(command, status, context);
  else if (json)
    exit_status = cli_print_json(command, json_of(values, count, context));
  else
    for (size_t i = 0; i < count; i++) printf("%-17s %s\n", values[i].name, texts[i]);
  for (size_t i = 0; i < count; i++) free(texts[i]);
  free((void *)texts);
  return exit_status;
}
