#include "io/text.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void assay_text_clear(assay_text *text) {
  free(text->data);
  *text = (assay_text){0};
}

/* Room for `more` bytes and the zero byte behind them. */
static bool reserve(assay_text *text, size_t more) {
  if (text->status != ASSAY_OK) return false;
  if (more < text->capacity - text->length) return true;
  size_t capacity = text->capacity ? text->capacity : 64;
  while (capacity - text->length <= more && capacity <= SIZE_MAX / 2) capacity *= 2;
  char *data = capacity - text->length > more ? realloc(text->data, capacity) : NULL;
  if (!data) {
    text->status = ASSAY_MEMORY;
    return false;
  }
  text->data = data;
  text->capacity = capacity;
  return true;
}

void assay_text_bytes(assay_text *text, const char *bytes, size_t count) {
  if (!reserve(text, count)) return;
  if (count) memcpy(text->data + text->length, bytes, count);
  text->length += count;
  text->data[text->length] = '\0';
}

void assay_text_add(assay_text *text, const char *string) { assay_text_bytes(text, string, strlen(string)); }

void assay_text_format(assay_text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length < 0) {
    text->status = ASSAY_MEMORY; /* longer than INT_MAX: the only way these formats can fail */
    return;
  }
  if (!reserve(text, (size_t)length)) return;
  va_start(arguments, format);
  (void)vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
  va_end(arguments);
  text->length += (size_t)length;
}

void assay_text_number(assay_text *text, double value) {
  char digits[64];
  for (int precision = 15; precision <= 17; precision++) {
    (void)snprintf(digits, sizeof digits, "%.*g", precision, value);
    if (strtod(digits, NULL) == value) break;
  }
  const char *point = localeconv()->decimal_point;
  const char *found = strcmp(point, ".") != 0 ? strstr(digits, point) : NULL;
  if (!found) {
    assay_text_add(text, digits);
    return;
  }
  assay_text_bytes(text, digits, (size_t)(found - digits));
  assay_text_add(text, ".");
  assay_text_add(text, found + strlen(point));
}

/* Bytes of the UTF-8 sequence that starts at `bytes`, 0 when it is not one (overlong, surrogate, beyond U+10FFFF, cut
 * short: RFC 3629, section 4). */
static size_t utf8_length(const unsigned char *bytes, size_t available) {
  unsigned char lead = bytes[0];
  if (lead < 0x80) return 1;
  size_t length = lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || length > available) return 0;
  for (size_t i = 1; i < length; i++)
    if ((bytes[i] & 0xc0) != 0x80) return 0;
  bool overlong = (lead == 0xe0 && bytes[1] < 0xa0) || (lead == 0xf0 && bytes[1] < 0x90);
  bool surrogate = lead == 0xed && bytes[1] > 0x9f;
  bool beyond = lead == 0xf4 && bytes[1] > 0x8f;
  return overlong || surrogate || beyond ? 0 : length;
}

bool assay_text_is_utf8(const char *string) {
  size_t left = strlen(string), length = 1;
  for (; left > 0 && length > 0; string += length, left -= length)
    length = utf8_length((const unsigned char *)string, left);
  return length > 0;
}

void assay_text_escape(assay_text *text, const char *string) {
  size_t left = strlen(string);
  while (left > 0) {
    size_t length = utf8_length((const unsigned char *)string, left);
    bool control = (unsigned char)*string < 0x20 && !strchr("\t\n\r", *string);
    if (length == 0 || control)
      assay_text_add(text, "\xef\xbf\xbd");
    else if (*string == '&')
      assay_text_add(text, "&amp;");
    else if (*string == '<')
      assay_text_add(text, "&lt;");
    else if (*string == '>')
      assay_text_add(text, "&gt;");
    else if (*string == '"')
      assay_text_add(text, "&quot;");
    else if (*string == '\'')
      assay_text_add(text, "&#39;");
    else
      assay_text_bytes(text, string, length);
    size_t step = length ? length : 1;
    string += step;
    left -= step;
  }
}

const char *assay_text_string(const assay_text *text) { return text->data ? text->data : ""; }

assay_status assay_text_take(char **out, assay_text *text, const char *what, assay_context *context) {
  assay_text_bytes(text, "", 0); /* an empty string is a string too */
  if (text->status != ASSAY_OK) {
    assay_text_clear(text);
    return assay_fail(context, ASSAY_MEMORY, "%s: no memory", what);
  }
  *out = text->data;
  *text = (assay_text){0};
  return ASSAY_OK;
}

void assay_text_quote(char out[ASSAY_QUOTE_SIZE], const char *bytes, size_t count) {
  const size_t room = ASSAY_QUOTE_SIZE - sizeof "...";
  size_t used = 0, taken = 0;
  while (taken < count) {
    unsigned char first = (unsigned char)bytes[taken];
    size_t length = utf8_length((const unsigned char *)bytes + taken, count - taken);
    bool printable = length > 0 && first >= 0x20 && first != 0x7f;
    size_t needed = printable ? length : 4;
    if (used + needed > room) break;
    if (printable)
      memcpy(out + used, bytes + taken, length);
    else
      (void)snprintf(out + used, 5, "\\x%02x", first);
    used += needed;
    taken += printable ? length : 1;
  }
  memcpy(out + used, taken < count ? "..." : "", taken < count ? 4 : 1);
}
