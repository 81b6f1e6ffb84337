/* A run as JSON. Schema: docs/report.md. */
#include "io/file.h"
#include "io/text.h"
#include "theory/ends.h"
#include "theory/run.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCHEMA = 1 };

/* An object or list being filled. A value that could not be made (NULL), or not be put, is remembered. */
typedef struct {
  json_t *root;
  bool failed;
} object;

static object object_new(void) { return (object){json_object(), false}; }

static void put(object *to, const char *key, json_t *value) {
  if (json_object_set_new(to->root, key, value)) to->failed = true;
}

static json_t *finish(object *of) {
  if (!of->failed) return of->root;
  json_decref(of->root);
  return NULL;
}

static void append(object *to, json_t *value) {
  if (json_array_append_new(to->root, value)) to->failed = true;
}

/* ---- values ---- */

/* JSON has no NaN and no infinity: null. */
static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

/* What is not UTF-8 (a file's name in a message) loses its bytes beyond ASCII. */
static json_t *string(const char *text) {
  if (assay_text_is_utf8(text)) return json_string(text);
  char *ascii = strdup(text);
  if (!ascii) return NULL;
  for (char *c = ascii; *c; c++)
    if ((unsigned char)*c >= 0x80) *c = '?';
  json_t *value = json_string(ascii);
  free(ascii);
  return value;
}

/* A seed beyond 2^63 - 1 does not fit a JSON integer as libraries read them. */
static json_t *seed_value(uint64_t seed) {
  if (seed <= INT64_MAX) return json_integer((json_int_t)seed);
  return json_sprintf("%llu", (unsigned long long)seed);
}

static json_t *enclosure(mpfi_srcptr value, assay_context *context) {
  char *lower = NULL, *upper = NULL;
  if (assay_ends_text(&lower, &upper, value, context)) return NULL;
  json_t *ends = json_pack("{s:s, s:s}", "lo", lower, "hi", upper);
  free(lower);
  free(upper);
  return ends;
}

/* ---- items ---- */

static json_t *budget_term(const assay_budget_term *term) {
  object o = object_new();
  put(&o, "term", string(assay_term_name(term->term)));
  put(&o, "bound", number(term->bound));
  put(&o, "basis", string(assay_basis_name(term->basis)));
  put(&o, "delta", number(term->delta));
  put(&o, "why", string(term->why));
  return finish(&o);
}

static json_t *budget(const assay_item *item) {
  object holder = {json_array(), false};
  for (size_t i = 0; i < item->terms; i++) append(&holder, budget_term(&item->budget[i]));
  return finish(&holder);
}

static json_t *item_value(const assay_item *item, assay_context *context) {
  object o = object_new();
  bool measured = item->method == ASSAY_MEASURE;
  put(&o, "name", string(item->name));
  put(&o, "method", string(assay_method_name(item->method)));
  put(&o, "relation", string(assay_relation_name(item->relation)));
  put(&o, "predicted", enclosure(item->predicted, context));
  put(&o, "control", item->has_control ? enclosure(item->control, context) : json_null());
  put(&o, "measured", number(item->measured));
  put(&o, "left", measured ? json_null() : enclosure(item->left, context));
  put(&o, "budget", budget(item));
  put(&o, "allowance", number(item->allowance));
  put(&o, "holds", json_boolean(item->holds));
  put(&o, "decided_against", json_boolean(item->decided_against));
  put(&o, "excludes_control", json_boolean(item->excludes_control));
  put(&o, "resolution", number(item->resolution));
  return finish(&o);
}

/* ---- claims and the run ---- */

static json_t *sizes(const assay_claim *claim) {
  object o = object_new();
  for (int level = 0; level < ASSAY_LEVEL_COUNT; level++)
    put(&o, assay_level_name((assay_level)level), string(claim->sizes[level]));
  return finish(&o);
}

static json_t *items_value(const assay_result *result, assay_context *context) {
  object holder = {json_array(), false};
  for (size_t i = 0; i < result->count; i++) append(&holder, item_value(&result->items[i], context));
  return finish(&holder);
}

static json_t *claim_value(const assay_result *result, assay_context *context) {
  const assay_claim *claim = result->claim;
  object o = object_new();
  put(&o, "id", string(claim->id));
  put(&o, "statement", string(result->control ? claim->control : claim->statement));
  put(&o, "source", string(claim->source));
  put(&o, "kind", string(assay_kind_name(claim->kind)));
  put(&o, "control", string(result->control ? claim->statement : claim->control));
  put(&o, "verdict", string(assay_verdict_name(result->verdict)));
  put(&o, "reason", string(result->reason));
  put(&o, "resolution", number(result->resolution));
  put(&o, "decisive", result->count ? string(result->items[result->decisive].name) : json_null());
  put(&o, "items", items_value(result, context));
  put(&o, "sizes", sizes(claim));
  put(&o, "seconds", number(result->seconds));
  return finish(&o);
}

static json_t *run_value(const assay_run *run, assay_context *context) {
  object o = object_new(), holder = {json_array(), false};
  for (size_t i = 0; i < run->count; i++) append(&holder, claim_value(&run->results[i], context));
  put(&o, "schema", json_integer(SCHEMA));
  put(&o, "seed", seed_value(run->options.seed));
  put(&o, "delta", number(run->options.delta));
  put(&o, "level", string(assay_level_name(run->options.level)));
  put(&o, "control", json_boolean(run->options.control));
  put(&o, "claims", finish(&holder));
  return finish(&o);
}

assay_status assay_report_json_text(char **out, const assay_run *run, assay_context *context) {
  json_t *value = run_value(run, context);
  char *text = value ? json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL;
  json_decref(value);
  if (!text) return assay_fail(context, ASSAY_MEMORY, "report: no memory for the JSON");
  *out = text;
  return ASSAY_OK;
}

assay_status assay_report_json(const char *path, const assay_run *run, assay_context *context) {
  char *text = NULL;
  assay_status status = assay_report_json_text(&text, run, context);
  if (status) return status;
  size_t length = strlen(text);
  text[length] = '\n'; /* in place of the zero byte: a file ends with a line's end */
  status = assay_file_write(path, text, length + 1, context);
  free(text);
  return status;
}
