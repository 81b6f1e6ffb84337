#include "io/mixture_json.h"

#include "io/json_array.h"
#include "io/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- weights and variances --------------------------------------------------------------------------------------- */

/* The literal of a number or the content of a string that is to hold an exact one; NULL for anything else. */
static const char *scalar_text(const assay_json_reader *reader, const json_t *value) {
  if (!json_is_string(value)) return assay_json_literal(&reader->document, value);
  const char *text = json_string_value(value);
  return text[strspn(text, "+-.0123456789eE/")] == '\0' ? text : NULL;
}

/* A positive real; *out owns its string. */
static assay_status read_positive(assay_real *out, const assay_json_reader *reader, const json_t *value,
                                  const char *key) {
  const char *text = scalar_text(reader, value);
  if (!text) return assay_json_refuse_value(reader, key, value, "a number, or a string like \"0.1\" or \"1/10\"");
  assay_real real;
  assay_status status = assay_json_parse_real(&real, reader, text, json_is_string(value), key);
  if (status != ASSAY_OK) return status;
  if (!(real.nearest > 0)) return assay_json_refuse_value(reader, key, value, "a positive number");
  return assay_real_copy(out, real, reader->context);
}

/* ---- covariances ------------------------------------------------------------------------------------------------- */

static assay_status check_variance(const assay_json_reader *reader, double value, const char *key) {
  return value > 0 ? ASSAY_OK : assay_json_refuse(reader, key, "is %.17g, expected a positive variance", value);
}

static assay_status check_diagonal(const assay_json_reader *reader, const double *entries, size_t d, const char *key) {
  for (size_t i = 0; i < d; i++) {
    char part[ASSAY_JSON_KEY];
    assay_json_key(part, "%s[%zu]", key, i);
    assay_status status = check_variance(reader, entries[i], part);
    if (status != ASSAY_OK) return status;
  }
  return ASSAY_OK;
}

static assay_status check_full(const assay_json_reader *reader, const double *entries, size_t d, const char *key) {
  char part[ASSAY_JSON_KEY];
  for (size_t i = 0; i < d; i++) {
    assay_json_key(part, "%s[%zu][%zu]", key, i, i);
    assay_status status = check_variance(reader, entries[i * d + i], part);
    if (status != ASSAY_OK) return status;
    for (size_t j = 0; j < i; j++) {
      double below = entries[i * d + j], above = entries[j * d + i];
      if (below == above) continue;
      assay_json_key(part, "%s[%zu][%zu]", key, i, j);
      return assay_json_refuse(reader, part, "is %.17g, but [%zu][%zu] is %.17g: not symmetric", below, j, i, above);
    }
  }
  return ASSAY_OK;
}

static assay_status read_covariance(assay_covariance *out, const assay_json_reader *reader, const json_t *value,
                                    size_t d, const char *key) {
  if (json_is_number(value) || json_is_string(value)) return read_positive(&out->variance, reader, value, key);
  if (!json_is_array(value) && !json_is_object(value))
    return assay_json_refuse_value(reader, key, value, "a number, a list of d numbers or d lists of d numbers");
  bool full = false;
  double *entries = NULL;
  assay_status status = assay_json_read_vector_or_matrix(&entries, &full, reader, value, d, key);
  if (status != ASSAY_OK) return status;
  status = full ? check_full(reader, entries, d, key) : check_diagonal(reader, entries, d, key);
  if (status != ASSAY_OK) {
    free(entries);
    return status;
  }
  out->kind = full ? ASSAY_COVARIANCE_FULL : ASSAY_COVARIANCE_DIAGONAL;
  out->entries = entries;
  return ASSAY_OK;
}

/* ---- mixtures ---------------------------------------------------------------------------------------------------- */

static assay_status read_component(assay_component *out, const assay_json_reader *reader, const json_t *value, size_t d,
                                   size_t index) {
  static const char *const keys[] = {"weight", "mean", "covariance", NULL};
  char key[ASSAY_JSON_KEY], part[ASSAY_JSON_KEY];
  assay_json_key(key, "components[%zu]", index);
  assay_status status = assay_json_check_keys(reader, value, key, keys, 3);
  if (status != ASSAY_OK) return status;
  assay_json_key(part, "%s.weight", key);
  status = read_positive(&out->weight, reader, json_object_get(value, "weight"), part);
  if (status != ASSAY_OK) return status;
  assay_json_key(part, "%s.mean", key);
  status = assay_json_read_vector(&out->mean, reader, json_object_get(value, "mean"), d, part);
  if (status != ASSAY_OK) return status;
  assay_json_key(part, "%s.covariance", key);
  return read_covariance(&out->covariance, reader, json_object_get(value, "covariance"), d, part);
}

static assay_status read_components(assay_mixture *out, const assay_json_reader *reader, const json_t *root) {
  static const char *const keys[] = {"dimension", "components", NULL};
  size_t d = 0;
  assay_status status = assay_json_check_keys(reader, root, "", keys, 2);
  if (status == ASSAY_OK) status = assay_json_read_whole(&d, reader, json_object_get(root, "dimension"), "dimension");
  if (status != ASSAY_OK) return status;
  if (d == 0) return assay_json_refuse(reader, "dimension", "is 0, expected at least 1");
  const json_t *list = json_object_get(root, "components");
  if (!json_is_array(list) || json_array_size(list) == 0)
    return assay_json_refuse_value(reader, "components", list, "a list of at least one component");
  /* Not assay_mixture_init: it would allocate d numbers before any list of that length was seen. */
  assay_mixture mixture = {.dimension = d, .count = json_array_size(list)};
  void *memory;
  status = assay_allocate(&memory, mixture.count, sizeof *mixture.components, "components", reader->context);
  if (status != ASSAY_OK) return status;
  mixture.components = memory;
  for (size_t k = 0; k < mixture.count && status == ASSAY_OK; k++)
    status = read_component(&mixture.components[k], reader, json_array_get(list, k), d, k);
  if (status == ASSAY_OK)
    *out = mixture;
  else
    assay_mixture_clear(&mixture);
  return status;
}

static assay_status read_binary(assay_mixture *out, const assay_json_reader *reader, const json_t *root) {
  static const char *const root_keys[] = {"binary", "dimension", NULL};
  static const char *const keys[] = {"mean", "variance", NULL};
  const json_t *binary = json_object_get(root, "binary");
  if (json_object_get(root, "components"))
    return assay_json_refuse(reader, "", "has both \"binary\" and \"components\", expected one of them");
  assay_status status = assay_json_check_keys(reader, root, "", root_keys, 1);
  if (status == ASSAY_OK) status = assay_json_check_keys(reader, binary, "binary", keys, 2);
  size_t d = 0;
  const json_t *given = json_object_get(root, "dimension");
  const json_t *mean = json_object_get(binary, "mean");
  if (status == ASSAY_OK)
    status = given ? assay_json_read_whole(&d, reader, given, "dimension")
                   : assay_json_vector_length(&d, reader, mean, "binary.mean");
  if (status != ASSAY_OK) return status;
  if (d == 0)
    return given ? assay_json_refuse(reader, "dimension", "is 0, expected at least 1")
                 : assay_json_refuse(reader, "binary.mean", "has 0 entries, expected at least 1");
  assay_real variance = assay_real_of(0);
  double *entries = NULL;
  status = assay_json_read_vector(&entries, reader, mean, d, "binary.mean");
  if (status == ASSAY_OK)
    status = read_positive(&variance, reader, json_object_get(binary, "variance"), "binary.variance");
  if (status == ASSAY_OK) status = assay_mixture_binary(out, d, entries, variance, reader->context);
  assay_real_clear(&variance);
  free(entries);
  return status;
}

assay_status assay_mixture_read_json(assay_mixture *out, const char *path, assay_context *context) {
  assay_json_reader reader = {.path = path, .context = context};
  assay_status status = assay_json_read(&reader.document, path, context);
  if (status != ASSAY_OK) return status;
  const json_t *root = reader.document.root;
  assay_mixture mixture = {0};
  if (json_is_array(root))
    status = assay_json_refuse(&reader, "", "is a list, expected an object with \"components\" or \"binary\"");
  else if (json_object_get(root, "binary"))
    status = read_binary(&mixture, &reader, root);
  else
    status = read_components(&mixture, &reader, root);
  assay_json_clear(&reader.document);
  if (status == ASSAY_OK) *out = mixture;
  return status;
}
