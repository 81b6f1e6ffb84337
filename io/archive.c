#include "io/archive.h"

#include "io/gzip.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const infinite[2] = {"infinity", "-infinity"};

/* ---- writing ----------------------------------------------------------------------------------------------------- */

assay_archive_writer assay_archive_begin(const assay_archive_format *format, const char *path, assay_context *context) {
  return (assay_archive_writer){.format = format, .path = path, .context = context};
}

static void put_key(assay_archive_writer *writer, const char *key) {
  assay_text_format(&writer->text, "%s\n\"%s\": ", writer->text.length ? "," : "", key);
}

void assay_archive_put_number(assay_archive_writer *writer, const char *key, double value) {
  if (isnan(value)) {
    writer->status = assay_fail(writer->context, ASSAY_INVALID, "%s: %s is not a number", writer->path, key);
    return;
  }
  put_key(writer, key);
  if (isinf(value))
    assay_text_format(&writer->text, "\"%s\"", infinite[value < 0]);
  else
    assay_text_number(&writer->text, value);
}

void assay_archive_put_whole(assay_archive_writer *writer, const char *key, size_t value) {
  put_key(writer, key);
  assay_text_format(&writer->text, "%zu", value);
}

void assay_archive_put_text(assay_archive_writer *writer, const char *key, const char *value) {
  if (!assay_text_is_utf8(value)) {
    char quote[ASSAY_QUOTE_SIZE];
    assay_text_quote(quote, value, strlen(value));
    writer->status = assay_fail(writer->context, ASSAY_INVALID, "%s: %s is no UTF-8: %s", writer->path, key, quote);
    return;
  }
  json_t *string = json_string(value);
  char *text = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
  json_decref(string);
  put_key(writer, key);
  if (text)
    assay_text_add(&writer->text, text);
  else
    writer->text.status = ASSAY_MEMORY;
  free(text);
}

void assay_archive_put_array(assay_archive_writer *writer, const char *key, const double *values, const size_t *shape,
                             size_t axes) {
  size_t count = 1;
  put_key(writer, key);
  assay_text_add(&writer->text, "{\"shape\": [");
  for (size_t i = 0; i < axes; i++) {
    assay_text_format(&writer->text, "%s%zu", i ? ", " : "", shape[i]);
    count *= shape[i];
  }
  assay_text_add(&writer->text, "], \"values\": [");
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(values[i])) {
      writer->status = assay_fail(writer->context, ASSAY_INVALID, "%s: %s[%zu] is %g", writer->path, key, i, values[i]);
      return;
    }
    if (i) assay_text_add(&writer->text, ",");
    assay_text_number(&writer->text, values[i]);
  }
  assay_text_add(&writer->text, "]}");
}

assay_status assay_archive_write(assay_archive_writer *writer) {
  assay_status status = writer->status;
  assay_text file = {0};
  char *text = NULL;
  if (!status) {
    assay_text_format(&file, "{\"format\": \"%s\",\n\"version\": %zu,\n\"contents\": {", writer->format->name,
                      writer->format->version);
    assay_text_bytes(&file, assay_text_string(&writer->text), writer->text.length);
    assay_text_add(&file, "}}\n");
    if (writer->text.status) file.status = writer->text.status;
    size_t length = file.length;
    status = assay_text_take(&text, &file, writer->path, writer->context);
    if (!status) status = assay_gzip_write(writer->path, text, length, writer->context);
  }
  free(text);
  assay_text_clear(&writer->text);
  *writer = (assay_archive_writer){0};
  return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static assay_status check_format(assay_archive *archive, const assay_archive_format *format) {
  static const char *const keys[] = {"format", "version", "contents", NULL};
  const assay_json_reader *reader = &archive->reader;
  const json_t *root = reader->document.root;
  assay_status status = assay_json_check_keys(reader, root, "", keys, 3);
  if (status) return status;
  const char *name = json_string_value(json_object_get(root, "format"));
  if (!name || strcmp(name, format->name) != 0) {
    char expected[ASSAY_QUOTE_SIZE + 16];
    (void)snprintf(expected, sizeof expected, "the string \"%s\"", format->name);
    return assay_json_refuse_value(reader, "format", json_object_get(root, "format"), expected);
  }
  size_t version = 0;
  status = assay_json_read_whole(&version, reader, json_object_get(root, "version"), "version");
  if (!status && version != format->version)
    return assay_json_refuse(reader, "version", "is %zu, but this program reads version %zu", version, format->version);
  size_t count = 0;
  while (format->keys[count]) count++;
  archive->contents = json_object_get(root, "contents");
  return status ? status : assay_json_check_keys(reader, archive->contents, "contents", format->keys, count);
}

assay_status assay_archive_read(assay_archive *out, const assay_archive_format *format, const char *path,
                                assay_context *context) {
  assay_archive archive = {.reader = {.path = path, .context = context}};
  char *text = NULL;
  size_t size = 0;
  assay_status status = assay_gzip_read(&text, &size, path, context);
  if (!status) status = assay_json_parse(&archive.reader.document, text, size, path, context);
  if (status) return status;
  status = check_format(&archive, format);
  if (status)
    assay_archive_clear(&archive);
  else
    *out = archive;
  return status;
}

void assay_archive_clear(assay_archive *archive) {
  assay_json_clear(&archive->reader.document);
  *archive = (assay_archive){0};
}

assay_status assay_archive_number(double *out, const assay_archive *archive, const char *key) {
  const json_t *value = json_object_get(archive->contents, key);
  const char *string = json_string_value(value), *text = assay_json_literal(&archive->reader.document, value);
  for (int negative = 0; string && negative < 2; negative++)
    if (strcmp(string, infinite[negative]) == 0) {
      *out = negative ? -INFINITY : INFINITY;
      return ASSAY_OK;
    }
  if (!text) return assay_json_refuse_value(&archive->reader, key, value, "a number");
  assay_real real;
  assay_status status = assay_json_parse_real(&real, &archive->reader, text, false, key);
  if (!status) *out = real.nearest;
  return status;
}

assay_status assay_archive_whole(size_t *out, const assay_archive *archive, const char *key) {
  return assay_json_read_whole(out, &archive->reader, json_object_get(archive->contents, key), key);
}

assay_status assay_archive_text(const char **out, const assay_archive *archive, const char *key) {
  const json_t *value = json_object_get(archive->contents, key);
  if (!json_is_string(value)) return assay_json_refuse_value(&archive->reader, key, value, "a string");
  *out = json_string_value(value);
  return ASSAY_OK;
}

/* *count: the product of the shape, which is the one expected. */
static assay_status check_shape(size_t *count, const assay_json_reader *reader, const json_t *list, const char *key,
                                const size_t *shape, size_t axes) {
  char part[ASSAY_JSON_KEY];
  assay_json_key(part, "%s.shape", key);
  if (!json_is_array(list) || json_array_size(list) != axes) {
    char expected[ASSAY_JSON_KEY];
    assay_json_key(expected, "a list of %zu", axes);
    return assay_json_refuse_value(reader, part, list, expected);
  }
  *count = 1;
  for (size_t i = 0; i < axes; i++) {
    size_t length = 0;
    assay_json_key(part, "%s.shape[%zu]", key, i);
    assay_status status = assay_json_read_whole(&length, reader, json_array_get(list, i), part);
    if (status) return status;
    if (length != shape[i]) return assay_json_refuse(reader, part, "is %zu, expected %zu", length, shape[i]);
    if (length && *count > SIZE_MAX / length) return assay_json_refuse(reader, key, "has more than 2^64 entries");
    *count *= length;
  }
  return ASSAY_OK;
}

assay_status assay_archive_array(double **out, const assay_archive *archive, const char *key, const size_t *shape,
                                 size_t axes) {
  static const char *const keys[] = {"shape", "values", NULL};
  const assay_json_reader *reader = &archive->reader;
  const json_t *value = json_object_get(archive->contents, key);
  size_t count = 0;
  assay_status status = assay_json_check_keys(reader, value, key, keys, 2);
  if (!status) status = check_shape(&count, reader, json_object_get(value, "shape"), key, shape, axes);
  if (status) return status;
  const json_t *values = json_object_get(value, "values");
  /* An object would be a file named beside this one: an archive is whole. */
  if (!json_is_array(values)) return assay_json_refuse_value(reader, key, values, "a list of numbers");
  return assay_json_read_vector(out, reader, values, count, key);
}
