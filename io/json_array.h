/* io/json_array.h: numbers and arrays of them inside a JSON file, each refusal naming file, key, index and value. */
#ifndef ASSAY_IO_JSON_ARRAY_H
#define ASSAY_IO_JSON_ARRAY_H

#include "io/json.h"

typedef struct {
  const char *path; /* of the JSON file */
  assay_json document;
  assay_context *context;
} assay_json_reader;

/* Key paths like components[1].mean[3]. */
enum { ASSAY_JSON_KEY = 96 };
void assay_json_key(char out[ASSAY_JSON_KEY], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "<file>: <key>: ...", ASSAY_INVALID. The key "" is the whole file. */
assay_status assay_json_refuse(const assay_json_reader *reader, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "... is <value>, expected <expected>". */
assay_status assay_json_refuse_value(const assay_json_reader *reader, const char *key, const json_t *value,
                                     const char *expected);

/* `value` is an object with the first `required` of `known` keys and none but `known` (NULL at the end). */
assay_status assay_json_check_keys(const assay_json_reader *reader, const json_t *value, const char *key,
                                   const char *const *known, size_t required);

/* assay_real_parse with file and key as name. */
assay_status assay_json_parse_real(assay_real *out, const assay_json_reader *reader, const char *text,
                                   bool keep_decimal, const char *key);

/* A whole number >= 0, written with digits alone. */
assay_status assay_json_read_whole(size_t *out, const assay_json_reader *reader, const json_t *value, const char *key);

/* How many numbers a list or named array holds, before anything is read. */
assay_status assay_json_vector_length(size_t *out, const assay_json_reader *reader, const json_t *value,
                                      const char *key);

/* d numbers from a list or a named array; free() them. */
assay_status assay_json_read_vector(double **out, const assay_json_reader *reader, const json_t *value, size_t d,
                                    const char *key);

/* d numbers, or d lists of d (full: true), from lists or a named array. */
assay_status assay_json_read_vector_or_matrix(double **out, bool *full, const assay_json_reader *reader,
                                              const json_t *value, size_t d, const char *key);

#endif
