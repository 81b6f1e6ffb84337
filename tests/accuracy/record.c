/* Witnesses to JSON and back. */
#include "record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double accuracy_ratio(accuracy_error error) { return error.bound > 0.0 ? error.error / error.bound : 0.0; }

double accuracy_ulps(double error, double value) {
  int exponent;
  frexp(value, &exponent);
  return value != 0.0 ? ldexp(error, 53 - exponent) : 0.0;
}

json_t *accuracy_record(accuracy_error error, json_t *witness) {
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:o}", "error", error.error, "bound", error.bound, "ratio",
                   accuracy_ratio(error), "ulps", error.ulps, "units", error.units, "witness", witness);
}

json_t *accuracy_hex(const double *values, size_t count) {
  enum { WIDTH = 32 };
  char *text = calloc(count + 1, WIDTH), *end = text;
  if (!text) exit(3);
  for (size_t i = 0; i < count; i++) end += snprintf(end, WIDTH, "%s%a", i ? " " : "", values[i]);
  json_t *out = json_string(text);
  free(text);
  return out;
}

static void corrupt(const char *what) {
  fprintf(stderr, "accuracy: the record's %s is not what this program writes\n", what);
  exit(2);
}

void accuracy_unhex(double *out, size_t count, const json_t *text) {
  const char *at = json_string_value(text);
  if (!at) corrupt("list of numbers");
  for (size_t i = 0; i < count; i++) {
    char *end;
    out[i] = strtod(at, &end);
    if (end == at) corrupt("list of numbers");
    at = end;
  }
  if (*at) corrupt("list of numbers");
}

/* "0x1.8p+0", or "0x1.5555555555555p-2 = 1/3" where it stands for an exact string. */
static json_t *real_text(assay_real real) {
  return real.exact ? json_sprintf("%a = %s", real.nearest, real.exact) : json_sprintf("%a", real.nearest);
}

static assay_real real_of(const json_t *text) {
  const char *string = json_string_value(text);
  if (!string) corrupt("number");
  const char *exact = strstr(string, " = ");
  return (assay_real){strtod(string, NULL), exact ? exact + 3 : NULL};
}

static size_t entries_of(const assay_covariance *s, size_t d) { return s->kind == ASSAY_COVARIANCE_FULL ? d * d : d; }

static json_t *component_text(const assay_component *c, size_t d) {
  const assay_covariance *s = &c->covariance;
  bool isotropic = s->kind == ASSAY_COVARIANCE_ISOTROPIC;
  return json_pack("{s:o, s:o, s:s, s:o}", "weight", real_text(c->weight), "mean", accuracy_hex(c->mean, d), "kind",
                   accuracy_kind_name((int)s->kind), "covariance",
                   isotropic ? real_text(s->variance) : accuracy_hex(s->entries, entries_of(s, d)));
}

json_t *accuracy_witness(const accuracy_problem *problem, const double *x, accuracy_family family) {
  size_t d = problem->mixture.dimension;
  json_t *components = json_array(), *out;
  for (size_t k = 0; k < problem->mixture.count; k++)
    json_array_append_new(components, component_text(&problem->mixture.components[k], d));
  out = json_pack("{s:s, s:I, s:s, s:o, s:o}", "family", accuracy_family_name(family), "dimension", (json_int_t)d,
                  "schedule", assay_schedule_name(problem->point.schedule.kind), "x", accuracy_hex(x, d), "components",
                  components);
  if (problem->point.schedule.kind == ASSAY_COEFFICIENTS) {
    json_object_set_new(out, "alpha", real_text(problem->point.alpha));
    json_object_set_new(out, "beta", real_text(problem->point.beta));
  } else
    json_object_set_new(out, "time", real_text(problem->point.time));
  return out;
}

static void read_component(assay_component *out, size_t d, const json_t *in, assay_context *context) {
  const char *kind = json_string_value(json_object_get(in, "kind"));
  if (!kind) corrupt("covariance kind");
  out->weight = real_of(json_object_get(in, "weight"));
  accuracy_unhex(out->mean, d, json_object_get(in, "mean"));
  for (int k = 0; k < KIND_MIXED; k++)
    if (!strcmp(kind, accuracy_kind_name(k))) out->covariance.kind = (assay_covariance_kind)k;
  const json_t *covariance = json_object_get(in, "covariance");
  if (out->covariance.kind == ASSAY_COVARIANCE_ISOTROPIC) {
    if (assay_real_copy(&out->covariance.variance, real_of(covariance), context)) exit(3);
    return;
  }
  out->covariance.entries = calloc(entries_of(&out->covariance, d) + 1, sizeof(double));
  if (!out->covariance.entries) exit(3);
  accuracy_unhex(out->covariance.entries, entries_of(&out->covariance, d), covariance);
}

void accuracy_witness_read(accuracy_problem *out, double **x, const json_t *witness) {
  assay_context context;
  assay_context_init(&context);
  const json_t *components = json_object_get(witness, "components"), *time = json_object_get(witness, "time");
  size_t d = (size_t)json_integer_value(json_object_get(witness, "dimension"));
  const char *schedule = json_string_value(json_object_get(witness, "schedule"));
  *x = calloc(d + 1, sizeof **x);
  char storage[64];
  assay_schedule code = assay_schedule_of(ASSAY_COEFFICIENTS);
  if (!*x || !schedule || strlen(schedule) >= sizeof storage ||
      (time && assay_schedule_parse(&code, schedule, storage, &context)) ||
      assay_mixture_init(&out->mixture, d, json_array_size(components), &context))
    corrupt("witness");
  accuracy_unhex(*x, d, json_object_get(witness, "x"));
  for (size_t k = 0; k < out->mixture.count; k++)
    read_component(&out->mixture.components[k], d, json_array_get(components, k), &context);
  out->point =
      time ? assay_path_point_at(code, real_of(time))
           : assay_path_point_of(real_of(json_object_get(witness, "alpha")), real_of(json_object_get(witness, "beta")));
}
