/* io/text.h: a growing string, for reports, plots and messages. */
#ifndef ASSAY_IO_TEXT_H
#define ASSAY_IO_TEXT_H

#include <assay/model.h>

/* Start from {0}. When memory runs out, `status` becomes ASSAY_MEMORY and stays: further appends do nothing, so that
 * only the end of a long report needs a check. */
typedef struct {
  char *data; /* NULL while nothing was appended, else ends with a zero byte */
  size_t length, capacity;
  assay_status status;
} assay_text;

void assay_text_clear(assay_text *text);

void assay_text_bytes(assay_text *text, const char *bytes, size_t count);
void assay_text_add(assay_text *text, const char *string);
void assay_text_format(assay_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The shortest of 15, 16 or 17 significant digits that reads back as the same double, with a point whatever the locale;
 * "nan", "inf", "-inf". */
void assay_text_number(assay_text *text, double value);

/* `string` as content or attribute value of XML and HTML: markup characters as entities, what XML cannot hold (control
 * characters, invalid UTF-8) as U+FFFD. */
void assay_text_escape(assay_text *text, const char *string);

bool assay_text_is_utf8(const char *string);

/* The string so far, "" at the start. */
const char *assay_text_string(const assay_text *text);

/* Hands the string over (free() it) and empties `text`; ASSAY_MEMORY, and *out untouched, when an append had failed.
 * `what` names the string in that message. */
assay_status assay_text_take(char **out, assay_text *text, const char *what, assay_context *context);

/* Room for a quoted excerpt. */
enum { ASSAY_QUOTE_SIZE = 96 };

/* `count` bytes of a user's file as one line for a message: what is not printable as \xNN, long ones cut with "...". */
void assay_text_quote(char out[ASSAY_QUOTE_SIZE], const char *bytes, size_t count);

#endif
