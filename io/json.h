/* io/json.h: a JSON file whose numbers keep their text. jansson parses the structure; it would turn 1e-400 into 0 and
 * forget how a number was written, so each number literal is replaced by its place in a list before jansson sees it. */
#ifndef ASSAY_IO_JSON_H
#define ASSAY_IO_JSON_H

#include <assay/model.h>

#include <jansson.h>

typedef struct {
  json_t *root;
  char *text;       /* the file, with a zero byte behind each number literal */
  size_t *literals; /* where each begins in the text */
  size_t count;
} assay_json;

/* Refuses, with line and column, whatever is not one JSON object or list in UTF-8, and objects with a key twice (the
 * key is named). When memory runs out inside jansson's parser, it may take that for such a mistake or lose a byte of a
 * string longer than 15 bytes. */
assay_status assay_json_read(assay_json *out, const char *path, assay_context *context);
void assay_json_clear(assay_json *json);

/* The same of a text in memory, `size` bytes and a zero byte; `path` is for messages. It takes the text over, and frees
 * it on failure too. */
assay_status assay_json_parse(assay_json *out, char *text, size_t size, const char *path, assay_context *context);

/* The text of a number of this file, as written; NULL when `value` is no number. */
const char *assay_json_literal(const assay_json *json, const json_t *value);

/* What a value is, in a few words for a message: "a list of 3", "the string \"x\"", "the number 1e5". */
enum { ASSAY_JSON_DESCRIPTION = 128 };
void assay_json_describe(char out[ASSAY_JSON_DESCRIPTION], const assay_json *json, const json_t *value);

#endif
