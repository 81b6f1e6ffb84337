/* Schedules: their domains, their names and back. */
#include <assay/model.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEGREE_MOST = 1000 };

assay_schedule assay_schedule_of(assay_schedule_kind kind) { return (assay_schedule){.kind = kind}; }

assay_schedule assay_schedule_polynomial(unsigned degree) {
  return (assay_schedule){.kind = ASSAY_POLYNOMIAL, .degree = degree};
}

assay_schedule assay_schedule_vp(assay_real beta_min, assay_real beta_max) {
  return (assay_schedule){.kind = ASSAY_VP, .beta_min = beta_min, .beta_max = beta_max};
}

/* ---- domains ---- */

static assay_status check_vp(double low, double high, assay_context *context) {
  if (!(low >= 0 && isfinite(low)))
    return assay_fail(context, ASSAY_INVALID, "beta_min: %.17g must be finite and at least 0", low);
  if (!(high > 0 && isfinite(high)))
    return assay_fail(context, ASSAY_INVALID, "beta_max: %.17g must be positive and finite", high);
  if (low > high) return assay_fail(context, ASSAY_INVALID, "beta_min: %.17g exceeds beta_max, %.17g", low, high);
  return ASSAY_OK;
}

assay_status assay_schedule_check(const assay_schedule *schedule, assay_context *context) {
  switch (schedule->kind) {
  case ASSAY_LINEAR:
  case ASSAY_TRIGONOMETRIC:
  case ASSAY_COEFFICIENTS:
  case ASSAY_LINEAR_VP:
    return ASSAY_OK;
  case ASSAY_POLYNOMIAL:
    if (schedule->degree < 1 || schedule->degree > DEGREE_MOST)
      return assay_fail(context, ASSAY_INVALID, "degree: %u is outside 1 to %d", schedule->degree, DEGREE_MOST);
    return ASSAY_OK;
  case ASSAY_VP:
    return check_vp(schedule->beta_min.nearest, schedule->beta_max.nearest, context);
  }
  return assay_fail(context, ASSAY_INVALID, "schedule: unknown code %d", (int)schedule->kind);
}

/* ---- names ---- */

typedef struct {
  assay_schedule_kind kind;
  const char *name, *parameters;
} schedule_name;

#define ROW(code, name, parameters) {code, name, parameters},
static const schedule_name names[] = {ASSAY_SCHEDULES(ROW)};
#undef ROW
enum { NAMES = sizeof names / sizeof *names };

const char *assay_schedule_name(assay_schedule_kind kind) {
  return (size_t)kind < NAMES ? names[kind].name : "unknown";
}

/* "coefficients" is not a name that users give: alpha and beta say it. */
static bool is_given(const schedule_name *row) { return row->kind != ASSAY_COEFFICIENTS; }

/* The row named by the first `length` characters. */
static const schedule_name *find_name(const char *text, size_t length) {
  for (size_t i = 0; i < NAMES; i++)
    if (is_given(&names[i]) && strlen(names[i].name) == length && memcmp(text, names[i].name, length) == 0)
      return &names[i];
  return NULL;
}

static assay_status unknown_name(const char *text, assay_context *context) {
  char known[256] = "";
  for (size_t i = 0, length = 0; i < NAMES && length < sizeof known; i++)
    if (is_given(&names[i]))
      length += (size_t)snprintf(known + length, sizeof known - length, "%s %s%s", length ? "," : "", names[i].name,
                                 names[i].parameters);
  return assay_fail(context, ASSAY_INVALID, "schedule: '%s' is none of%s", text, known);
}

static assay_status parse_degree(assay_schedule *out, const char *text, assay_context *context) {
  size_t digits = strspn(text, "0123456789");
  enum { MOST_DIGITS = 9 };
  if (!digits || text[digits] || digits > MOST_DIGITS)
    return assay_fail(context, ASSAY_INVALID, "degree: '%s' is not an integer from 1 to %d", text, DEGREE_MOST);
  *out = assay_schedule_polynomial((unsigned)strtoul(text, NULL, 10));
  return ASSAY_OK;
}

/* "BMIN:BMAX" in memory of its own. */
static assay_status parse_range(assay_schedule *out, char *text, assay_context *context) {
  char *colon = strchr(text, ':');
  if (!colon) return assay_fail(context, ASSAY_INVALID, "schedule: 'vp:%s' lacks BMAX; vp:BMIN:BMAX is expected", text);
  *colon = 0;
  assay_real low = {0}, high = {0};
  assay_status status = assay_real_parse(&low, text, false, "beta_min", context);
  if (!status) status = assay_real_parse(&high, colon + 1, false, "beta_max", context);
  if (!status) *out = assay_schedule_vp(low, high);
  return status;
}

static assay_status parse_parameters(assay_schedule *out, assay_schedule_kind kind, const char *text, char *storage,
                                     assay_context *context) {
  if (kind == ASSAY_POLYNOMIAL) return parse_degree(out, text, context);
  memcpy(storage, text, strlen(text) + 1);
  return parse_range(out, storage, context);
}

assay_status assay_schedule_parse(assay_schedule *out, const char *text, char *storage, assay_context *context) {
  size_t length = strcspn(text, ":");
  const schedule_name *row = find_name(text, length);
  if (!row) return unknown_name(text, context);
  if (!*row->parameters != !text[length])
    return assay_fail(context, ASSAY_INVALID, "schedule: '%s' where %s%s is expected", text, row->name,
                      row->parameters);
  assay_schedule schedule = assay_schedule_of(row->kind);
  assay_status status = ASSAY_OK;
  if (text[length]) status = parse_parameters(&schedule, row->kind, text + length + 1, storage, context);
  if (!status) status = assay_schedule_check(&schedule, context);
  if (!status) *out = schedule;
  return status;
}
