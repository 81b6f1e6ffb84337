#include "io/json.h"

#include "io/file.h"
#include "io/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  size_t begin, length;
} span;

/* ---- number literals --------------------------------------------------------------------------------------------- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* What numbers and words are made of: two of them never touch in JSON. */
static bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.';
}

static const char *skip_digits(const char *text) {
  while (is_digit(*text)) text++;
  return text;
}

/* RFC 8259, section 6: [-] int [frac] [exp]. `text` ends with a zero byte somewhere behind the word. */
static bool is_number(const char *text, size_t length) {
  const char *end = text + length;
  const char *next = text + (*text == '-');
  const char *digits = next;
  next = skip_digits(next);
  if (next == digits || (*digits == '0' && next - digits > 1)) return false;
  if (*next == '.') {
    digits = ++next;
    next = skip_digits(next);
    if (next == digits) return false;
  }
  if (*next == 'e' || *next == 'E') {
    next++;
    if (*next == '+' || *next == '-') next++;
    digits = next;
    next = skip_digits(next);
    if (next == digits) return false;
  }
  return next == end;
}

/* The place behind the string that begins at `begin`; the end of the text for one that never ends. */
static size_t end_of_string(const char *text, size_t size, size_t begin) {
  size_t i = begin + 1;
  while (i < size && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
  return i < size ? i + 1 : size;
}

/* The next string, word or single byte at `begin`. */
static span next_token(const char *text, size_t size, size_t begin) {
  size_t end = begin + 1;
  if (text[begin] == '"')
    end = end_of_string(text, size, begin);
  else if (is_word(text[begin]))
    while (end < size && is_word(text[end])) end++;
  return (span){begin, end - begin};
}

static bool is_literal(const char *text, span token) {
  return text[token.begin] != '"' && is_word(text[token.begin]) && is_number(text + token.begin, token.length);
}

static assay_status find_literals(span **out, size_t *count, const char *text, size_t size, const char *path,
                                  assay_context *context) {
  size_t found = 0;
  for (size_t i = 0; i < size;) {
    span token = next_token(text, size, i);
    found += is_literal(text, token);
    i += token.length;
  }
  void *memory;
  assay_status status = assay_allocate(&memory, found, sizeof(span), path, context);
  if (status != ASSAY_OK) return status;
  *out = memory;
  *count = 0;
  for (size_t i = 0; i < size;) {
    span token = next_token(text, size, i);
    if (is_literal(text, token)) (*out)[(*count)++] = token;
    i += token.length;
  }
  return ASSAY_OK;
}

/* The text with literal number k written as k. Malformed numbers stay as they are: jansson refuses them. */
static void replace_literals(assay_text *out, const char *text, size_t size, const span *literals, size_t count) {
  size_t done = 0;
  for (size_t k = 0; k < count; k++) {
    assay_text_bytes(out, text + done, literals[k].begin - done);
    assay_text_format(out, "%zu", k);
    done = literals[k].begin + literals[k].length;
  }
  assay_text_bytes(out, text + done, size - done);
}

/* ---- syntax errors ----------------------------------------------------------------------------------------------- */

/* The place in the file that belongs to a place in the replaced text; never inside a number: jansson stops behind
 * tokens. */
static size_t original_position(size_t position, const span *literals, size_t count) {
  size_t before = 0; /* where the current stretch begins in the replaced text */
  size_t behind = 0; /* and in the file */
  for (size_t k = 0; k < count; k++) {
    size_t ordinal = before + (literals[k].begin - behind);
    if (position <= ordinal) break;
    size_t width = (size_t)snprintf(NULL, 0, "%zu", k);
    before = ordinal + width;
    behind = literals[k].begin + literals[k].length;
  }
  return behind + (position - before);
}

/* The token that ends at `position`, or the byte before it. */
static span token_before(const char *text, size_t size, size_t position) {
  span token = {0, 0};
  for (size_t i = 0; i < size && i < position; i += token.length) token = next_token(text, size, i);
  return token;
}

static assay_status fail_syntax(const json_error_t *error, size_t position, const char *text, size_t size,
                                const char *path, assay_context *context) {
  if (position > size) position = size;
  span token = token_before(text, size, position);
  size_t line = 1, column = 1;
  for (size_t i = 0; i < token.begin; i++) {
    column = text[i] == '\n' ? 1 : column + 1;
    line += text[i] == '\n';
  }
  char quote[ASSAY_QUOTE_SIZE];
  assay_text_quote(quote, text + token.begin, token.length);
  if (json_error_code(error) == json_error_duplicate_key)
    return assay_fail(context, ASSAY_INVALID, "%s: line %zu, column %zu: key %s appears twice", path, line, column,
                      quote);
  bool at_end = json_error_code(error) == json_error_premature_end_of_input;
  /* jansson quotes the replaced text behind "near": left out for the file's own. */
  const char *near = strstr(error->text, " near ");
  int length = (int)(near ? (size_t)(near - error->text) : strlen(error->text));
  return assay_fail(context, ASSAY_INVALID, "%s: line %zu, column %zu: not valid JSON: %.*s at %s", path, line, column,
                    length, error->text, at_end ? "the end of the file" : quote);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static assay_status parse(assay_json *out, char *text, size_t size, const char *path, assay_context *context) {
  span *literals = NULL;
  size_t count = 0;
  assay_status status = find_literals(&literals, &count, text, size, path, context);
  if (status != ASSAY_OK) return status;
  assay_text replaced = {0};
  replace_literals(&replaced, text, size, literals, count);
  json_error_t error;
  json_t *root = NULL;
  void *places = NULL;
  if (replaced.status != ASSAY_OK)
    status = assay_fail(context, ASSAY_MEMORY, "%s: no memory to read it", path);
  else if (!(root = json_loadb(assay_text_string(&replaced), replaced.length, JSON_REJECT_DUPLICATES, &error)))
    status = error.text[0] == '\0' /* jansson finds no word for it when memory runs out */
                 ? assay_fail(context, ASSAY_MEMORY, "%s: no memory to read it", path)
                 : fail_syntax(&error, original_position((size_t)error.position, literals, count), text, size, path,
                               context);
  if (status == ASSAY_OK) status = assay_allocate(&places, count, sizeof(size_t), path, context);
  if (status == ASSAY_OK) {
    *out = (assay_json){root, text, places, count};
    for (size_t k = 0; k < count; k++) {
      out->literals[k] = literals[k].begin;
      text[literals[k].begin + literals[k].length] = '\0'; /* a literal never touches what follows it */
    }
  } else {
    json_decref(root);
  }
  assay_text_clear(&replaced);
  free(literals);
  return status;
}

assay_status assay_json_parse(assay_json *out, char *text, size_t size, const char *path, assay_context *context) {
  assay_status status = parse(out, text, size, path, context);
  if (status != ASSAY_OK) free(text);
  return status;
}

assay_status assay_json_read(assay_json *out, const char *path, assay_context *context) {
  char *text;
  size_t size;
  assay_status status = assay_file_read(&text, &size, path, context);
  if (status != ASSAY_OK) return status;
  return assay_json_parse(out, text, size, path, context);
}

void assay_json_clear(assay_json *json) {
  json_decref(json->root);
  free(json->text);
  free(json->literals);
  *json = (assay_json){0};
}

const char *assay_json_literal(const assay_json *json, const json_t *value) {
  if (!json_is_integer(value)) return NULL;
  size_t place = (size_t)json_integer_value(value);
  return place < json->count ? json->text + json->literals[place] : NULL;
}

void assay_json_describe(char out[ASSAY_JSON_DESCRIPTION], const assay_json *json, const json_t *value) {
  char quote[ASSAY_QUOTE_SIZE];
  const char *literal = assay_json_literal(json, value);
  if (literal) {
    assay_text_quote(quote, literal, strlen(literal));
    (void)snprintf(out, ASSAY_JSON_DESCRIPTION, "the number %s", quote);
  } else if (json_is_string(value)) {
    assay_text_quote(quote, json_string_value(value), json_string_length(value));
    (void)snprintf(out, ASSAY_JSON_DESCRIPTION, "the string \"%s\"", quote);
  } else if (json_is_array(value)) {
    (void)snprintf(out, ASSAY_JSON_DESCRIPTION, "a list of %zu", json_array_size(value));
  } else if (json_is_object(value)) {
    (void)snprintf(out, ASSAY_JSON_DESCRIPTION, "an object");
  } else {
    (void)snprintf(out, ASSAY_JSON_DESCRIPTION, "%s",
                   json_is_true(value)    ? "true"
                   : json_is_false(value) ? "false"
                                          : "null");
  }
}
