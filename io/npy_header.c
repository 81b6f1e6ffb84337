#include "io/npy_header.h"

#include "io/text.h"

#include <stdio.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";
enum { MAGIC_SIZE = 6 };

assay_status assay_npy_prefix_parse(size_t *start, size_t *length, const unsigned char *bytes, size_t size,
                                    const char *path, assay_context *context) {
  if (size < MAGIC_SIZE || memcmp(bytes, magic, MAGIC_SIZE) != 0)
    return assay_fail(context, ASSAY_INVALID, "%s: not an NPY file: it does not begin with \\x93NUMPY", path);
  if (size < MAGIC_SIZE + 2) return assay_fail(context, ASSAY_INVALID, "%s: truncated header: no version", path);
  unsigned major = bytes[6], minor = bytes[7];
  if (major < 1 || major > 3 || minor != 0)
    return assay_fail(context, ASSAY_UNSUPPORTED, "%s: NPY version %u.%u, expected 1.0, 2.0 or 3.0", path, major,
                      minor);
  size_t count = major == 1 ? 2 : 4;
  if (size < 8 + count) return assay_fail(context, ASSAY_INVALID, "%s: truncated header: no length", path);
  size_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | bytes[8 + i];
  if (value > ASSAY_NPY_DICT_MAX)
    return assay_fail(context, ASSAY_UNSUPPORTED, "%s: header of %zu bytes, at most %d are read", path, value,
                      ASSAY_NPY_DICT_MAX);
  *start = 8 + count;
  *length = value;
  return ASSAY_OK;
}

/* ---- the dict: {'key': value, ...} with a string, True or False, and a tuple of integers ------------------------- */

typedef struct {
  const char *next, *end, *begin;
  bool half; /* f2 is taken */
  const char *path;
  assay_context *context;
} reader;

typedef struct {
  const char *begin;
  size_t length;
} piece;

enum { KEY_DESCR, KEY_FORTRAN, KEY_SHAPE, KEY_COUNT };
static const char *const key_names[KEY_COUNT] = {"descr", "fortran_order", "shape"};

static void skip_space(reader *in) {
  while (in->next < in->end && strchr(" \t\r\n", *in->next) && *in->next) in->next++;
}

static bool take(reader *in, char wanted) {
  skip_space(in);
  if (in->next == in->end || *in->next != wanted) return false;
  in->next++;
  return true;
}

static assay_status malformed(const reader *in, const char *expected) {
  char quote[ASSAY_QUOTE_SIZE];
  assay_text_quote(quote, in->next, (size_t)(in->end - in->next));
  return assay_fail(in->context, ASSAY_INVALID, "%s: header is not a valid dict: expected %s at byte %zu, found \"%s\"",
                    in->path, expected, (size_t)(in->next - in->begin), quote);
}

static assay_status read_string(piece *out, reader *in, const char *expected) {
  skip_space(in);
  if (in->next == in->end || (*in->next != '\'' && *in->next != '"')) return malformed(in, expected);
  const char *first = in->next + 1;
  const char *last = first;
  while (last < in->end && *last != *in->next && *last != '\\' && *last != '\n') last++;
  if (last == in->end || *last != *in->next) return malformed(in, expected);
  *out = (piece){first, (size_t)(last - first)};
  in->next = last + 1;
  return ASSAY_OK;
}

static bool piece_is(piece text, const char *wanted) {
  return text.length == strlen(wanted) && memcmp(text.begin, wanted, text.length) == 0;
}

size_t assay_npy_item_size(assay_npy_item item) { return (size_t)2 << item; }

/* The descr of the items that are read; those of `half` from the first on, else from the second. */
static const char *const descrs[] = {[ASSAY_NPY_F2] = "<f2", [ASSAY_NPY_F4] = "<f4", [ASSAY_NPY_F8] = "<f8"};

static assay_status read_descr(assay_npy_item *out, reader *in) {
  const char *expected = in->half ? "'<f8', '<f4' or '<f2'" : "'<f8' or '<f4'";
  skip_space(in);
  if (in->next < in->end && *in->next == '[')
    return assay_fail(in->context, ASSAY_UNSUPPORTED, "%s: descr is a structured dtype, expected %s", in->path,
                      expected);
  piece descr = {"", 0};
  assay_status status = read_string(&descr, in, "a string for descr");
  if (status != ASSAY_OK) return status;
  for (int item = in->half ? ASSAY_NPY_F2 : ASSAY_NPY_F4; item <= ASSAY_NPY_F8; item++)
    if (piece_is(descr, descrs[item])) {
      *out = (assay_npy_item)item;
      return ASSAY_OK;
    }
  char quote[ASSAY_QUOTE_SIZE];
  assay_text_quote(quote, descr.begin, descr.length);
  return assay_fail(in->context, ASSAY_UNSUPPORTED, "%s: dtype '%s'%s, expected %s", in->path, quote,
                    descr.length > 0 && descr.begin[0] == '>' ? " is big-endian" : "", expected);
}

static assay_status read_fortran_order(reader *in) {
  skip_space(in);
  size_t left = (size_t)(in->end - in->next);
  if (left >= 4 && memcmp(in->next, "True", 4) == 0)
    return assay_fail(in->context, ASSAY_UNSUPPORTED, "%s: fortran_order is True, expected an array in C order",
                      in->path);
  if (left < 5 || memcmp(in->next, "False", 5) != 0) return malformed(in, "True or False for fortran_order");
  in->next += 5;
  return ASSAY_OK;
}

static assay_status read_extent(size_t *out, reader *in, size_t index) {
  const char *first = in->next;
  size_t value = 0;
  bool fits = true;
  while (in->next < in->end && *in->next >= '0' && *in->next <= '9') {
    size_t digit = (size_t)(*in->next++ - '0');
    fits = fits && value <= (SIZE_MAX - digit) / 10;
    value = fits ? value * 10 + digit : 0;
  }
  size_t digits = (size_t)(in->next - first);
  if (digits == 0 || (digits > 1 && *first == '0')) {
    in->next = first;
    return malformed(in, "a whole number in shape");
  }
  if (!fits) {
    char quote[ASSAY_QUOTE_SIZE];
    assay_text_quote(quote, first, digits);
    return assay_fail(in->context, ASSAY_INVALID, "%s: shape[%zu] = %s is too large", in->path, index, quote);
  }
  *out = value;
  return ASSAY_OK;
}

/* "(3,)" or "(3, 4)"; any number of extents is read, so that the message can tell how many there are. */
static assay_status read_shape(assay_npy_header *out, reader *in) {
  size_t extent[2] = {1, 1};
  size_t count = 0;
  bool comma = true, empty = false;
  if (!take(in, '(')) return malformed(in, "( of the tuple shape");
  while (!take(in, ')')) {
    if (!comma) return malformed(in, ", or ) in shape");
    size_t value = 0;
    assay_status status = read_extent(&value, in, count);
    if (status != ASSAY_OK) return status;
    if (count < 2) extent[count] = value;
    empty = empty || value == 0;
    count++;
    comma = take(in, ',');
  }
  if (count == 1 && !comma) return malformed(in, "a tuple for shape (a comma after its one entry)");
  if (count == 0 || count > 2)
    return assay_fail(in->context, ASSAY_UNSUPPORTED, "%s: shape has %zu dimensions, expected 1 or 2", in->path, count);
  if (empty)
    return assay_fail(in->context, ASSAY_INVALID, "%s: shape[%d] = 0: the array has no entries", in->path,
                      extent[0] == 0 ? 0 : 1);
  out->dimensions = count;
  out->rows = extent[0];
  out->columns = extent[1];
  return ASSAY_OK;
}

static assay_status read_entry(assay_npy_header *out, bool seen[KEY_COUNT], reader *in) {
  piece key = {"", 0};
  assay_status status = read_string(&key, in, "a key in quotes, or }");
  if (status != ASSAY_OK) return status;
  size_t which = 0;
  while (which < KEY_COUNT && !piece_is(key, key_names[which])) which++;
  if (which == KEY_COUNT) {
    char quote[ASSAY_QUOTE_SIZE];
    assay_text_quote(quote, key.begin, key.length);
    return assay_fail(in->context, ASSAY_INVALID,
                      "%s: header has the unknown key '%s', expected descr, fortran_order, shape", in->path, quote);
  }
  if (seen[which])
    return assay_fail(in->context, ASSAY_INVALID, "%s: header has the key '%s' twice", in->path, key_names[which]);
  seen[which] = true;
  if (!take(in, ':')) return malformed(in, ": after a key");
  if (which == KEY_DESCR) return read_descr(&out->item, in);
  return which == KEY_FORTRAN ? read_fortran_order(in) : read_shape(out, in);
}

assay_status assay_npy_dict_parse(assay_npy_header *out, const char *dict, size_t length, bool half, const char *path,
                                  assay_context *context) {
  reader in = {dict, dict + length, dict, half, path, context};
  if (length == 0 || dict[length - 1] != '\n')
    return assay_fail(context, ASSAY_INVALID, "%s: header does not end with a newline", path);
  assay_npy_header header = {0};
  bool seen[KEY_COUNT] = {false};
  bool comma = true;
  if (!take(&in, '{')) return malformed(&in, "{");
  while (!take(&in, '}')) {
    if (!comma) return malformed(&in, ", or }");
    assay_status status = read_entry(&header, seen, &in);
    if (status != ASSAY_OK) return status;
    comma = take(&in, ',');
  }
  skip_space(&in);
  if (in.next != in.end) return malformed(&in, "nothing after }");
  for (size_t i = 0; i < KEY_COUNT; i++)
    if (!seen[i]) return assay_fail(context, ASSAY_INVALID, "%s: header lacks the key '%s'", path, key_names[i]);
  *out = header;
  return ASSAY_OK;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

void assay_npy_header_format(char out[ASSAY_NPY_WRITTEN], size_t rows, size_t columns) {
  enum { START = 10 }; /* magic, version 1.0, two bytes of length */
  const size_t length = ASSAY_NPY_WRITTEN - START;
  memset(out, ' ', ASSAY_NPY_WRITTEN);
  memcpy(out, magic, MAGIC_SIZE);
  out[6] = 1;
  out[7] = 0;
  out[8] = (char)(length & 0xff);
  out[9] = (char)(length >> 8);
  int written = snprintf(out + START, length, "{'descr': '<f8', 'fortran_order': False, 'shape': (%zu, %zu), }", rows,
                         columns); /* at most 97 characters: two extents of 20 digits */
  out[START + written] = ' ';
  out[ASSAY_NPY_WRITTEN - 1] = '\n';
}
