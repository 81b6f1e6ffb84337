#include "io/json_array.h"

#include "io/npy.h"
#include "io/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- messages ---------------------------------------------------------------------------------------------------- */

void assay_json_key(char out[ASSAY_JSON_KEY], const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(out, ASSAY_JSON_KEY, format, arguments);
  va_end(arguments);
}

assay_status assay_json_refuse(const assay_json_reader *reader, const char *key, const char *format, ...) {
  char reason[320];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(reason, sizeof reason, format, arguments);
  va_end(arguments);
  return assay_fail(reader->context, ASSAY_INVALID, "%s: %s%s%s", reader->path, key, *key ? ": " : "", reason);
}

assay_status assay_json_refuse_value(const assay_json_reader *reader, const char *key, const json_t *value,
                                     const char *expected) {
  char description[ASSAY_JSON_DESCRIPTION];
  assay_json_describe(description, &reader->document, value);
  return assay_json_refuse(reader, key, "is %s, expected %s", description, expected);
}

static bool is_known(const char *name, const char *const *known) {
  while (*known && strcmp(*known, name) != 0) known++;
  return *known != NULL;
}

static assay_status refuse_unknown(const assay_json_reader *reader, const char *key, const char *name,
                                   const char *const *known) {
  char quote[ASSAY_QUOTE_SIZE];
  assay_text_quote(quote, name, strlen(name));
  assay_text list = {0};
  for (size_t i = 0; known[i]; i++) assay_text_format(&list, "%s\"%s\"", i ? ", " : "", known[i]);
  assay_status status =
      assay_json_refuse(reader, key, "unknown key \"%s\", expected %s", quote, assay_text_string(&list));
  assay_text_clear(&list);
  return status;
}

assay_status assay_json_check_keys(const assay_json_reader *reader, const json_t *value, const char *key,
                                   const char *const *known, size_t required) {
  if (!json_is_object(value)) return assay_json_refuse_value(reader, key, value, "an object");
  const char *name;
  json_t *member;
  json_object_foreach((json_t *)value, name, member) {
    if (!is_known(name, known)) return refuse_unknown(reader, key, name, known);
  }
  for (size_t i = 0; i < required; i++)
    if (!json_object_get(value, known[i])) return assay_json_refuse(reader, key, "key \"%s\" is missing", known[i]);
  return ASSAY_OK;
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

assay_status assay_json_parse_real(assay_real *out, const assay_json_reader *reader, const char *text,
                                   bool keep_decimal, const char *key) {
  assay_status status = assay_real_parse(out, text, keep_decimal, key, reader->context);
  if (status == ASSAY_OK) return status;
  char reason[sizeof reader->context->message];
  memcpy(reason, reader->context->message, sizeof reason);
  return assay_fail(reader->context, status, "%s: %.400s", reader->path, reason);
}

assay_status assay_json_read_whole(size_t *out, const assay_json_reader *reader, const json_t *value, const char *key) {
  const char *text = assay_json_literal(&reader->document, value);
  if (!text || text[strspn(text, "0123456789")] != '\0')
    return assay_json_refuse_value(reader, key, value, "a whole number written with digits alone");
  size_t whole = 0;
  for (; *text; text++) {
    size_t digit = (size_t)(*text - '0');
    if (whole > (SIZE_MAX - digit) / 10) return assay_json_refuse_value(reader, key, value, "a number below 2^64");
    whole = whole * 10 + digit;
  }
  *out = whole;
  return ASSAY_OK;
}

static assay_status check_list(const assay_json_reader *reader, const json_t *list, size_t d, const char *key) {
  if (!json_is_array(list)) return assay_json_refuse_value(reader, key, list, "a list of numbers");
  if (json_array_size(list) != d)
    return assay_json_refuse(reader, key, "has %zu entries, expected %zu", json_array_size(list), d);
  return ASSAY_OK;
}

/* The numbers of a list of d. */
static assay_status read_list(double *out, const assay_json_reader *reader, const json_t *list, size_t d,
                              const char *key) {
  for (size_t i = 0; i < d; i++) {
    const json_t *entry = json_array_get(list, i);
    const char *text = assay_json_literal(&reader->document, entry);
    char part[ASSAY_JSON_KEY];
    assay_json_key(part, "%s[%zu]", key, i);
    if (!text) return assay_json_refuse_value(reader, part, entry, "a number");
    assay_real real;
    assay_status status = assay_json_parse_real(&real, reader, text, false, part);
    if (status != ASSAY_OK) return status;
    out[i] = real.nearest;
  }
  return ASSAY_OK;
}

/* ---- named arrays ------------------------------------------------------------------------------------------------ */

typedef struct {
  assay_npy_file file;
  bool whole; /* no row was asked for */
  size_t row;
} named_array;

/* Puts file and key before the message of a failure in the array's own file. */
static assay_status fail_named(const assay_json_reader *reader, const char *key, assay_status status) {
  char reason[sizeof reader->context->message];
  memcpy(reason, reader->context->message, sizeof reason);
  return assay_fail(reader->context, status, "%s: %s: %.400s", reader->path, key, reason);
}

/* The array's name beside the JSON file, unless it is absolute. */
static assay_status open_beside(assay_npy_file *out, const assay_json_reader *reader, const char *name,
                                const char *key) {
  const char *slash = strrchr(reader->path, '/');
  assay_text path = {0};
  if (slash && *name != '/') assay_text_bytes(&path, reader->path, (size_t)(slash - reader->path) + 1);
  assay_text_add(&path, name);
  assay_status status = path.status;
  if (status == ASSAY_OK)
    status = assay_npy_open(out, assay_text_string(&path), reader->context);
  else
    (void)assay_fail(reader->context, status, "no memory for its path");
  assay_text_clear(&path);
  return status == ASSAY_OK ? status : fail_named(reader, key, status);
}

static assay_status open_named(named_array *out, const assay_json_reader *reader, const json_t *value,
                               const char *key) {
  static const char *const keys[] = {"npy", "row", NULL};
  assay_status status = assay_json_check_keys(reader, value, key, keys, 1);
  if (status != ASSAY_OK) return status;
  char part[ASSAY_JSON_KEY];
  assay_json_key(part, "%s.npy", key);
  const json_t *name = json_object_get(value, "npy");
  if (!json_is_string(name) || json_string_length(name) == 0)
    return assay_json_refuse_value(reader, part, name, "the name of an NPY file");
  named_array array = {.whole = true};
  const json_t *row = json_object_get(value, "row");
  if (row) {
    assay_json_key(part, "%s.row", key);
    array.whole = false;
    status = assay_json_read_whole(&array.row, reader, row, part);
    if (status != ASSAY_OK) return status;
  }
  status = open_beside(&array.file, reader, json_string_value(name), key);
  if (status != ASSAY_OK) return status;
  const assay_npy_header *header = &array.file.header;
  if (header->dimensions == 1 && row && array.row == 0) array.whole = true; /* a 1-D array is its own row 0 */
  size_t rows = header->dimensions == 1 ? 1 : header->rows;
  if (!array.whole && array.row >= rows) {
    status = assay_json_refuse(reader, part, "is %zu, but %s has %zu rows", array.row, json_string_value(name), rows);
    assay_npy_close(&array.file);
    return status;
  }
  *out = array;
  return ASSAY_OK;
}

/* Numbers in the row asked for, or in the 1-D array; 0 for a whole 2-D array. */
static size_t named_length(const named_array *array) {
  if (array->file.header.dimensions == 1) return array->file.header.rows;
  return array->whole ? 0 : array->file.header.columns;
}

static assay_status check_named_shape(const named_array *array, size_t d, bool matrix, const assay_json_reader *reader,
                                      const char *key) {
  const assay_npy_header *header = &array->file.header;
  size_t length = named_length(array);
  if (length == d) return ASSAY_OK;
  if (length > 0)
    return assay_json_refuse(reader, key, "%s has %zu entries%s, expected %zu", array->file.path, length,
                             array->whole ? "" : " in a row", d);
  if (!matrix) return assay_json_refuse(reader, key, "%s is a 2-D array: key \"row\" is missing", array->file.path);
  if (header->rows != d || header->columns != d)
    return assay_json_refuse(reader, key, "%s has shape (%zu, %zu), expected (%zu, %zu) or a \"row\"", array->file.path,
                             header->rows, header->columns, d, d);
  return ASSAY_OK;
}

/* d numbers, or, when allowed, d x d. */
static assay_status read_named(double **out, bool *full, bool matrix, const assay_json_reader *reader,
                               const json_t *value, size_t d, const char *key) {
  named_array array = {.whole = true};
  assay_status status = open_named(&array, reader, value, key);
  if (status != ASSAY_OK) return status;
  status = check_named_shape(&array, d, matrix, reader, key);
  bool square = named_length(&array) == 0;
  void *memory = NULL;
  /* d, or d x d, is the length of something in the file: no overflow. */
  if (status == ASSAY_OK) status = assay_allocate(&memory, square ? d * d : d, sizeof(double), key, reader->context);
  if (status == ASSAY_OK) {
    assay_stream stream = assay_npy_stream(&array.file);
    bool one_row = !array.whole;
    size_t rows = one_row ? 1 : stream.rows;
    status =
        stream.read(&stream, one_row ? array.row : 0, rows, 0, stream.columns, memory, stream.columns, reader->context);
    if (status != ASSAY_OK) status = fail_named(reader, key, status);
  }
  assay_npy_close(&array.file);
  if (status != ASSAY_OK) {
    free(memory);
    return status;
  }
  *out = memory;
  *full = square;
  return ASSAY_OK;
}

/* ---- vectors and matrices ---------------------------------------------------------------------------------------- */

assay_status assay_json_vector_length(size_t *out, const assay_json_reader *reader, const json_t *value,
                                      const char *key) {
  if (json_is_array(value)) {
    *out = json_array_size(value);
    return ASSAY_OK;
  }
  if (!json_is_object(value)) return assay_json_refuse_value(reader, key, value, "a list of numbers");
  named_array array = {.whole = true};
  assay_status status = open_named(&array, reader, value, key);
  if (status != ASSAY_OK) return status;
  size_t length = named_length(&array);
  /* A whole 2-D array has no length: as many as it has columns, for the reader of the vector to refuse it. */
  *out = length ? length : array.file.header.columns;
  assay_npy_close(&array.file);
  return ASSAY_OK;
}

static assay_status read_vector(double **out, const assay_json_reader *reader, const json_t *list, size_t d,
                                const char *key) {
  assay_status status = check_list(reader, list, d, key);
  if (status != ASSAY_OK) return status;
  void *memory = NULL;
  status = assay_allocate(&memory, d, sizeof(double), key, reader->context);
  if (status != ASSAY_OK) return status;
  status = read_list(memory, reader, list, d, key);
  if (status == ASSAY_OK)
    *out = memory;
  else
    free(memory);
  return status;
}

/* All lengths are checked before d x d numbers are asked for. */
static assay_status read_matrix(double **out, const assay_json_reader *reader, const json_t *lists, size_t d,
                                const char *key) {
  if (json_array_size(lists) != d)
    return assay_json_refuse(reader, key, "has %zu rows, expected %zu", json_array_size(lists), d);
  char part[ASSAY_JSON_KEY];
  for (size_t i = 0; i < d; i++) {
    assay_json_key(part, "%s[%zu]", key, i);
    assay_status status = check_list(reader, json_array_get(lists, i), d, part);
    if (status != ASSAY_OK) return status;
  }
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, d * d, sizeof(double), key, reader->context);
  double *entries = memory;
  for (size_t i = 0; i < d && status == ASSAY_OK; i++) {
    assay_json_key(part, "%s[%zu]", key, i);
    status = read_list(entries + i * d, reader, json_array_get(lists, i), d, part);
  }
  if (status == ASSAY_OK)
    *out = entries;
  else
    free(entries);
  return status;
}

assay_status assay_json_read_vector(double **out, const assay_json_reader *reader, const json_t *value, size_t d,
                                    const char *key) {
  bool full = false;
  if (json_is_object(value)) return read_named(out, &full, false, reader, value, d, key);
  return read_vector(out, reader, value, d, key);
}

assay_status assay_json_read_vector_or_matrix(double **out, bool *full, const assay_json_reader *reader,
                                              const json_t *value, size_t d, const char *key) {
  if (json_is_object(value)) return read_named(out, full, true, reader, value, d, key);
  bool nested = json_is_array(json_array_get(value, 0));
  assay_status status = nested ? read_matrix(out, reader, value, d, key) : read_vector(out, reader, value, d, key);
  if (status == ASSAY_OK) *full = nested;
  return status;
}
