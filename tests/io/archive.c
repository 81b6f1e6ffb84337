/* io/archive and io/gzip: what is written reads back bit by bit; what was cut short, altered or is something else is
 * refused with file, key, index and value. */
#include "io/archive.h"

#include "io/file.h"
#include "io/gzip.h"
#include "scratch.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const keys[] = {"number", "whole", "text", "array", NULL};
static const assay_archive_format format = {"test numbers", 3, keys};
enum { ROWS = 2, COLUMNS = 3, ENTRIES = ROWS * COLUMNS };
static const size_t shape[2] = {ROWS, COLUMNS};

typedef struct {
  double number, array[ENTRIES];
  size_t whole;
  const char *text;
} contents;

static assay_status save(scratch *place, const char *name, const contents *in) {
  assay_archive_writer writer = assay_archive_begin(&format, scratch_path(place, name), &place->context);
  assay_archive_put_number(&writer, "number", in->number);
  assay_archive_put_whole(&writer, "whole", in->whole);
  assay_archive_put_text(&writer, "text", in->text);
  assay_archive_put_array(&writer, "array", in->array, shape, 2);
  return assay_archive_write(&writer);
}

/* Everything the archive holds; `text` into a buffer of the caller. */
static assay_status load(scratch *place, const char *path, contents *out, char text[256]) {
  assay_archive archive = {0};
  double *array = NULL;
  assay_status status = assay_archive_read(&archive, &format, path, &place->context);
  if (status) {
    test_check(!archive.contents && !archive.reader.path, "the output of a refusal is touched");
    return status;
  }
  status = assay_archive_number(&out->number, &archive, "number");
  if (!status) status = assay_archive_whole(&out->whole, &archive, "whole");
  if (!status) status = assay_archive_text(&out->text, &archive, "text");
  if (!status) (void)snprintf(text, 256, "%s", out->text);
  out->text = text;
  if (!status) status = assay_archive_array(&array, &archive, "array", shape, 2);
  if (array) memcpy(out->array, array, sizeof out->array);
  free(array);
  assay_archive_clear(&archive);
  return status;
}

static uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static void check_same(const contents *in, const contents *out) {
  test_check(bits_of(in->number) == bits_of(out->number), "number %a, read %a", in->number, out->number);
  test_check(in->whole == out->whole, "whole %zu, read %zu", in->whole, out->whole);
  test_check(strcmp(in->text, out->text) == 0, "text \"%s\", read \"%s\"", in->text, out->text);
  for (size_t i = 0; i < ENTRIES; i++)
    test_check(bits_of(in->array[i]) == bits_of(out->array[i]), "entry %zu: %a, read %a", i, in->array[i],
               out->array[i]);
}

static void check_round_trip(scratch *place, const contents *in) {
  contents out;
  char text[256];
  test_check(save(place, "x.assay", in) == ASSAY_OK, "%s", place->context.message);
  test_check(load(place, scratch_path(place, "x.assay"), &out, text) == ASSAY_OK, "%s", place->context.message);
  check_same(in, &out);
}

static const contents some = {.number = 0.1, .array = {1, 2, 3, 4, 5, 1.0 / 3}, .whole = 7, .text = "a text"};

static void reads_what_was_written(void **state) {
  scratch *place = *state;
  contents in = {.number = INFINITY,
                 .array = {0.0, -0.0, DBL_MAX, -DBL_MIN, 0x1p-1074, 0x1.fffffffffffffp-1023},
                 .whole = SIZE_MAX,
                 .text = "\"quoted\\\" \n \xc3\xa9 ]}"};
  check_round_trip(place, &in);
  in.number = -INFINITY, in.whole = 0, in.text = "";
  check_round_trip(place, &in);
  test_random random = test_random_new(1);
  for (size_t k = 0; k < test_cases(20); k++) {
    for (size_t i = 0; i < ENTRIES; i++) {
      do {
        uint64_t bits = test_bits(&random);
        memcpy(&in.array[i], &bits, sizeof bits);
      } while (!isfinite(in.array[i]));
    }
    in.number = in.array[0];
    in.whole = (size_t)test_bits(&random);
    check_round_trip(place, &in);
  }
  assert_int_equal(scratch_count(place), 1);
}

static void refuses_what_no_file_can_hold(void **state) {
  scratch *place = *state;
  contents in = some;
  in.number = NAN;
  scratch_refused(place, save(place, "x.assay", &in), ASSAY_INVALID, "x.assay", "number is not a number");
  in = some, in.array[4] = -INFINITY;
  scratch_refused(place, save(place, "x.assay", &in), ASSAY_INVALID, "x.assay", "array[4] is -inf");
  in = some, in.text = "\xff";
  scratch_refused(place, save(place, "x.assay", &in), ASSAY_INVALID, "x.assay", "text is no UTF-8: \\xff");
  scratch_refused(place, save(place, "none/x.assay", &some), ASSAY_IO, "none/x.assay", "cannot write");
  assert_int_equal(scratch_count(place), 0);
}

/* Any byte changed in any bit, any end missing: refused, or the same contents (gzip's header holds a time and the name
 * of a system, which mean nothing here, and its last byte of data, before length and CRC-32, a few idle bits). */
static void finds_what_was_altered(void **state) {
  scratch *place = *state;
  contents out;
  char text[256], *bytes = NULL;
  enum { HEADER = 10, TRAILER = 8, LONGEST = 1024 };
  size_t size = 0;
  assert_int_equal(save(place, "x.assay", &some), ASSAY_OK);
  assert_int_equal(assay_file_read(&bytes, &size, scratch_path(place, "x.assay"), &place->context), ASSAY_OK);
  test_check(size > HEADER && size < LONGEST, "%zu bytes", size);
  for (size_t i = 0; i < size; i++)
    for (int bit = 0; bit < 8; bit++) {
      bytes[i] = (char)(bytes[i] ^ (1 << bit));
      const char *path = scratch_file(place, "y.assay", bytes, size);
      assay_status status = load(place, path, &out, text);
      if (status == ASSAY_OK) {
        test_check(i < HEADER || i + 1 + TRAILER == size, "byte %zu, bit %d: not seen", i, bit);
        check_same(&some, &out);
      } else {
        scratch_refused(place, status, ASSAY_INVALID, path, "");
      }
      bytes[i] = (char)(bytes[i] ^ (1 << bit));
    }
  for (size_t length = 0; length < size; length++) {
    const char *path = scratch_file(place, "y.assay", bytes, length);
    scratch_refused(place, load(place, path, &out, text), ASSAY_INVALID, path,
                    length < 2 ? "is not compressed by gzip" : "is truncated: ends at byte");
  }
  char longer[LONGEST + 1];
  memcpy(longer, bytes, size);
  longer[size] = 0;
  const char *path = scratch_file(place, "y.assay", longer, size + 1);
  scratch_refused(place, load(place, path, &out, text), ASSAY_INVALID, path, "was altered: 1 bytes behind its end");
  free(bytes);
}

#define FILE_OF(start, inner) "{" start ", \"contents\": {" inner "}}"
#define HEAD "\"format\": \"test numbers\", \"version\": 3"
#define HOLDS(number, whole, text, array)                                                                              \
  FILE_OF(HEAD, "\"number\": " number ", \"whole\": " whole ", \"text\": " text ", \"array\": " array)
#define SHAPED(of, values) HOLDS("1", "1", "\"\"", "{\"shape\": " of ", \"values\": " values "}")

static const struct {
  const char *text, *expected;
} refused[] = {
    {"", "not valid JSON"},
    {"[1]", "is a list of 1, expected an object"},
    {FILE_OF("\"version\": 3", ""), "key \"format\" is missing"},
    {"{" HEAD "}", "key \"contents\" is missing"},
    {"{" HEAD ", \"contents\": 1}", "contents: is the number 1, expected an object"},
    {FILE_OF("\"format\": \"other\", \"version\": 3", ""),
     "format: is the string \"other\", expected the string \"test numbers\""},
    {FILE_OF("\"format\": \"test numbers\", \"version\": 4", ""), "version: is 4, but this program reads version 3"},
    {FILE_OF(HEAD, "\"number\": 1"), "contents: key \"whole\" is missing"},
    {FILE_OF(HEAD, "\"colour\": 1"), "contents: unknown key \"colour\""},
    {HOLDS("\"1\"", "1", "\"\"", "1"), "number: is the string \"1\", expected a number"},
    {HOLDS("\"Infinity\"", "1", "\"\"", "1"), "number: is the string \"Infinity\", expected a number"},
    {HOLDS("1e999", "1", "\"\"", "1"), "number: '1e999'"},
    {HOLDS("1", "1.5", "\"\"", "1"), "whole: is the number 1.5, expected a whole number"},
    {HOLDS("1", "18446744073709551616", "\"\"", "1"),
     "whole: is the number 18446744073709551616, expected a number be"},
    {HOLDS("1", "1", "null", "1"), "text: is null, expected a string"},
    {HOLDS("1", "1", "\"\"", "[1, 2]"), "array: is a list of 2, expected an object"},
    {HOLDS("1", "1", "\"\"", "{\"shape\": [2, 3]}"), "array: key \"values\" is missing"},
    {SHAPED("6", "[1, 2, 3, 4, 5, 6]"), "array.shape: is the number 6, expected a list of 2"},
    {SHAPED("[6]", "[1, 2, 3, 4, 5, 6]"), "array.shape: is a list of 1, expected a list of 2"},
    {SHAPED("[3, 2]", "[1, 2, 3, 4, 5, 6]"), "array.shape[0]: is 3, expected 2"},
    {SHAPED("[2, \"3\"]", "[1, 2, 3, 4, 5, 6]"), "array.shape[1]: is the string \"3\", expected a whole number"},
    {SHAPED("[2, 3]", "[1, 2, 3, 4, 5]"), "array: has 5 entries, expected 6"},
    {SHAPED("[2, 3]", "{\"npy\": \"x.npy\"}"), "array: is an object, expected a list of numbers"},
    {SHAPED("[2, 3]", "[1, 2, 3, 4, null, 6]"), "array[4]: is null, expected a number"},
    {SHAPED("[2, 3]", "[1, 2, 3, 4, 5, 1e-400]"), "array[5]"},
};

static void refuses_other_contents(void **state) {
  scratch *place = *state;
  contents out;
  char text[256];
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    const char *path = scratch_path(place, "x.assay");
    assert_int_equal(assay_gzip_write(path, refused[i].text, strlen(refused[i].text), &place->context), ASSAY_OK);
    scratch_refused(place, load(place, path, &out, text), ASSAY_INVALID, path, refused[i].expected);
  }
  scratch_refused(place, load(place, scratch_path(place, "none.assay"), &out, text), ASSAY_IO, "none.assay", "open");
}

/* Through more than one piece of what gzip works on, incompressible, empty and highly compressible. */
static void compresses_any_length(void **state) {
  scratch *place = *state;
  test_random random = test_random_new(2);
  static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 200000};
  enum { MOST = 200000 };
  char *bytes = calloc(MOST, 1), *read = NULL;
  assert_non_null(bytes);
  for (int noise = 0; noise < 2; noise++) {
    for (size_t i = 0; noise && i < MOST; i++) bytes[i] = (char)test_bits(&random);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
      const char *path = scratch_path(place, "x.gz");
      size_t size = 0;
      assert_int_equal(assay_gzip_write(path, bytes, sizes[k], &place->context), ASSAY_OK);
      test_check(assay_gzip_read(&read, &size, path, &place->context) == ASSAY_OK, "%s", place->context.message);
      test_check(size == sizes[k] && memcmp(read, bytes, size) == 0 && read[size] == '\0', "%zu bytes: %zu come back",
                 sizes[k], size);
      free(read);
    }
  }
  free(bytes);
  char *untouched = NULL;
  size_t size = 0;
  place->context.memory_cap = 150000; /* more than the file, less than what it holds */
  static const char zeros[MOST];
  const char *path = scratch_path(place, "x.gz");
  assert_int_equal(assay_gzip_write(path, zeros, MOST, &place->context), ASSAY_OK);
  scratch_refused(place, assay_gzip_read(&untouched, &size, path, &place->context), ASSAY_MEMORY, path, "");
  test_check(!untouched && size == 0, "the output of a refusal is touched");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_what_was_written, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(refuses_what_no_file_can_hold, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(finds_what_was_altered, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(refuses_other_contents, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(compresses_any_length, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
