/* io/npy: files made by hand are read, or refused by name; what is written can be read back. */
#include "io/npy.h"

#include "npy_bytes.h"
#include "scratch.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DICT(descr, order, shape) "{'descr': '" descr "', 'fortran_order': " order ", 'shape': " shape ", }\n"

/* 1.0, -2.5, 0.1, DBL_MAX, -0.0, the smallest subnormal: little-endian by hand. */
static const unsigned char f8_bytes[48] = {0,    0,    0,    0,    0,    0,    0xf0, 0x3f, 0,    0,    0,    0,
                                           0,    0,    0x04, 0xc0, 0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f,
                                           0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xef, 0x7f, 0,    0,    0,    0,
                                           0,    0,    0,    0x80, 1,    0,    0,    0,    0,    0,    0,    0};
static const double f8_values[6] = {1.0, -2.5, 0.1, DBL_MAX, -0.0, 0x1p-1074};

/* 1.0, -2.5, 0.1f, the smallest subnormal float. */
static const unsigned char f4_bytes[16] = {0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0, 0xcd, 0xcc, 0xcc, 0x3d, 1, 0, 0, 0};
static const double f4_values[4] = {1.0, -2.5, 0x1.99999ap-4, 0x1p-149};

static const char *make(const scratch *place, unsigned major, const char *dict, const void *data, size_t size) {
  unsigned char bytes[NPY_BYTES_MAX];
  return scratch_file(place, "x.npy", bytes, npy_bytes(bytes, major, dict, data, size));
}

static void assert_array(scratch *place, const char *path, assay_npy_item item, size_t dimensions, size_t rows,
                         size_t columns, const double *values) {
  assay_npy_array array;
  assay_status status = assay_npy_read(&array, path, &place->context);
  test_check(status == ASSAY_OK, "%s", place->context.message);
  assert_int_equal(array.item, item);
  assert_int_equal(array.dimensions, dimensions);
  assert_int_equal(array.rows, rows);
  assert_int_equal(array.columns, columns);
  assert_memory_equal(array.data, values, rows * columns * sizeof(double));
  assay_npy_array_clear(&array);
}

static void reads_every_version(void **state) {
  scratch *place = *state;
  for (unsigned major = 1; major <= 3; major++) {
    const char *path = make(place, major, DICT("<f8", "False", "(2, 3)"), f8_bytes, sizeof f8_bytes);
    assert_array(place, path, ASSAY_NPY_F8, 2, 2, 3, f8_values);
    path = make(place, major, DICT("<f4", "False", "(4,)"), f4_bytes, sizeof f4_bytes);
    assert_array(place, path, ASSAY_NPY_F4, 1, 4, 1, f4_values);
  }
}

static void reads_every_way_to_write_the_dict(void **state) {
  scratch *place = *state;
  const char *const dicts[] = {
      "{'shape': (3, 2), 'fortran_order': False, 'descr': '<f8'}\n",
      "{'fortran_order': False, 'descr': '<f8', 'shape': (3, 2)}          \n",
      "{\"descr\":\"<f8\",\"fortran_order\":False,\"shape\":(3,2,)}\n",
      "  { 'descr' : '<f8' , 'fortran_order' : False , 'shape' : ( 3 , 2 ) , } \n",
  };
  for (size_t i = 0; i < sizeof dicts / sizeof *dicts; i++)
    assert_array(place, make(place, 1, dicts[i], f8_bytes, 48), ASSAY_NPY_F8, 2, 3, 2, f8_values);
}

typedef struct {
  const char *dict;
  assay_status status;
  const char *expected; /* part of the message */
} refusal;

static const refusal refused_dicts[] = {
    {DICT("<f8", "True", "(2, 3)"), ASSAY_UNSUPPORTED, "fortran_order is True"},
    {DICT(">f8", "False", "(2, 3)"), ASSAY_UNSUPPORTED, "dtype '>f8' is big-endian"},
    {DICT("<f2", "False", "(2, 3)"), ASSAY_UNSUPPORTED, "dtype '<f2', expected '<f8' or '<f4'"},
    {DICT("<i8", "False", "(2, 3)"), ASSAY_UNSUPPORTED, "dtype '<i8'"},
    {DICT("<c16", "False", "(2, 3)"), ASSAY_UNSUPPORTED, "dtype '<c16'"},
    {DICT("<f16", "False", "(2, 3)"), ASSAY_UNSUPPORTED, "dtype '<f16'"},
    {DICT("|O", "False", "(2, 3)"), ASSAY_UNSUPPORTED, "dtype '|O'"},
    {DICT("", "False", "(2, 3)"), ASSAY_UNSUPPORTED, "dtype ''"},
    {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (6,)}\n", ASSAY_UNSUPPORTED, "structured dtype"},
    {DICT("<f8", "False", "()"), ASSAY_UNSUPPORTED, "shape has 0 dimensions"},
    {DICT("<f8", "False", "(1, 2, 3)"), ASSAY_UNSUPPORTED, "shape has 3 dimensions"},
    {DICT("<f8", "False", "(1, 1, 1, 6)"), ASSAY_UNSUPPORTED, "shape has 4 dimensions"},
    {DICT("<f8", "False", "(0, 3)"), ASSAY_INVALID, "shape[0] = 0"},
    {DICT("<f8", "False", "(3, 0)"), ASSAY_INVALID, "shape[1] = 0"},
    {DICT("<f8", "False", "(6)"), ASSAY_INVALID, "a tuple for shape"},
    {DICT("<f8", "False", "[6]"), ASSAY_INVALID, "expected ( of the tuple shape"},
    {DICT("<f8", "False", "(2 3)"), ASSAY_INVALID, "expected , or ) in shape"},
    {DICT("<f8", "False", "(-2, 3)"), ASSAY_INVALID, "expected a whole number in shape"},
    {DICT("<f8", "False", "(02, 3)"), ASSAY_INVALID, "expected a whole number in shape"},
    {DICT("<f8", "False", "(2.0, 3)"), ASSAY_INVALID, "expected , or ) in shape"},
    {DICT("<f8", "False", "(,)"), ASSAY_INVALID, "expected a whole number in shape"},
    {DICT("<f8", "False", "(99999999999999999999999, 3)"), ASSAY_INVALID, "shape[0] = 99999999999999999999999 is too"},
    {DICT("<f8", "False", "(1000000000000,)"), ASSAY_INVALID, "truncated data: shape (1000000000000,) needs 8000"},
    {DICT("<f8", "False", "(4294967296, 4294967296)"), ASSAY_INVALID, "too large for any file"},
    {DICT("<f8", "False", "(2305843009213693952, 1)"), ASSAY_INVALID, "too large for any file"},
    {DICT("<f8", "False", "(2, 4)"), ASSAY_INVALID, "truncated data: shape (2, 4) needs 64 bytes, 48 are there"},
    {DICT("<f8", "False", "(5,)"), ASSAY_INVALID, "trailing data: shape (5,) needs 40 bytes, 48 are there"},
    {DICT("<f8", "0", "(2, 3)"), ASSAY_INVALID, "expected True or False"},
    {DICT("<f8", "false", "(2, 3)"), ASSAY_INVALID, "expected True or False"},
    {"{'descr': '<f8', 'shape': (6,)}\n", ASSAY_INVALID, "lacks the key 'fortran_order'"},
    {"{'descr': '<f8', 'fortran_order': False}\n", ASSAY_INVALID, "lacks the key 'shape'"},
    {"{'shape': (6,), 'fortran_order': False}\n", ASSAY_INVALID, "lacks the key 'descr'"},
    {"{}\n", ASSAY_INVALID, "lacks the key 'descr'"},
    {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (6,)}\n", ASSAY_INVALID, "'descr' twice"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (6,), 'more': 1}\n", ASSAY_INVALID, "unknown key 'more'"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (6,)} x\n", ASSAY_INVALID, "expected nothing after }"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (6,)\n", ASSAY_INVALID, "expected , or }"},
    {"{'descr': '<f8' 'fortran_order': False, 'shape': (6,)}\n", ASSAY_INVALID, "expected , or }"},
    {"{'descr' '<f8', 'fortran_order': False, 'shape': (6,)}\n", ASSAY_INVALID, "expected : after a key"},
    {"{descr: '<f8', 'fortran_order': False, 'shape': (6,)}\n", ASSAY_INVALID, "expected a key in quotes"},
    {"{, 'descr': '<f8', 'fortran_order': False, 'shape': (6,)}\n", ASSAY_INVALID, "expected a key in quotes"},
    {"{'descr': '<f8, 'fortran_order': False, 'shape': (6,)}\n", ASSAY_UNSUPPORTED, "dtype '<f8, '"},
    {"{'descr': '<f8\n", ASSAY_INVALID, "expected a string for descr"},
    {"{'descr': <f8, 'fortran_order': False, 'shape': (6,)}\n", ASSAY_INVALID, "expected a string for descr"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (6,)}", ASSAY_INVALID, "does not end with a newline"},
    {"", ASSAY_INVALID, "does not end with a newline"},
    {"\n", ASSAY_INVALID, "expected {"},
    {"descr\n", ASSAY_INVALID, "expected { at byte 0"},
};

static void assert_refused(scratch *place, const char *path, assay_status wanted, const char *expected) {
  assay_npy_array array = {ASSAY_NPY_F4, 77, 78, 79, NULL};
  assay_status status = assay_npy_read(&array, path, &place->context);
  scratch_refused(place, status, wanted, path, expected);
  assert_true(array.dimensions == 77 && array.rows == 78 && array.columns == 79 && array.data == NULL);
}

static void refuses_dicts_by_name(void **state) {
  scratch *place = *state;
  place->context.memory_cap = 4096; /* none of these may ask for what its shape claims */
  for (size_t i = 0; i < sizeof refused_dicts / sizeof *refused_dicts; i++)
    for (unsigned major = 1; major <= 3; major++)
      assert_refused(place, make(place, major, refused_dicts[i].dict, f8_bytes, sizeof f8_bytes),
                     refused_dicts[i].status, refused_dicts[i].expected);
}

static void refuses_starts_by_name(void **state) {
  scratch *place = *state;
  static const struct {
    size_t size;
    const char *bytes;
    assay_status status;
    const char *expected;
  } cases[] = {
      {0, "", ASSAY_INVALID, "not an NPY file"},
      {5, "\x93NUMP", ASSAY_INVALID, "not an NPY file"},
      {12, "\x93NUMPX\x01\0\x02\0{}", ASSAY_INVALID, "not an NPY file"},
      {12, "PK\x03\x04\x14\0\0\0\0\0\0\0", ASSAY_INVALID, "not an NPY file"},
      {7, "\x93NUMPY\x01", ASSAY_INVALID, "no version"},
      {12, "\x93NUMPY\0\0\x02\0{}", ASSAY_UNSUPPORTED, "NPY version 0.0"},
      {12, "\x93NUMPY\x04\0\x02\0{}", ASSAY_UNSUPPORTED, "NPY version 4.0, expected 1.0, 2.0 or 3.0"},
      {12, "\x93NUMPY\x01\x01\x02\0{}", ASSAY_UNSUPPORTED, "NPY version 1.1"},
      {9, "\x93NUMPY\x01\0\x02", ASSAY_INVALID, "truncated header: no length"},
      {11, "\x93NUMPY\x02\0\x02\0\0", ASSAY_INVALID, "truncated header: no length"},
      {12, "\x93NUMPY\x01\0\x40\0{}", ASSAY_INVALID, "truncated header: 64 bytes announced, 2 there"},
      {14, "\x93NUMPY\x01\0\x04\0{}\0\n", ASSAY_INVALID, "expected nothing after } at byte 2"},
      {14, "\x93NUMPY\x03\0\x40\0\0\0{}", ASSAY_INVALID, "truncated header: 64 bytes announced, 2 there"},
      {14, "\x93NUMPY\x02\0\xff\xff\xff\xff{}", ASSAY_UNSUPPORTED, "header of 4294967295 bytes"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_refused(place, scratch_file(place, "x.npy", cases[i].bytes, cases[i].size), cases[i].status,
                   cases[i].expected);
  const char *path = scratch_path(place, "absent.npy");
  assert_refused(place, path, ASSAY_IO, "cannot open");
  assert_refused(place, place->directory, ASSAY_IO, "is a directory");
}

static void refuses_entries_by_row_and_column(void **state) {
  scratch *place = *state;
  double values[6];
  memcpy(values, f8_values, sizeof values);
  values[5] = NAN;
  assert_refused(place, make(place, 1, DICT("<f8", "False", "(2, 3)"), values, 48), ASSAY_INVALID,
                 "row 1, column 2 is nan");
  values[1] = -INFINITY;
  assert_refused(place, make(place, 1, DICT("<f8", "False", "(3, 2)"), values, 48), ASSAY_INVALID,
                 "row 0, column 1 is -inf");
  assert_refused(place, make(place, 1, DICT("<f8", "False", "(6,)"), values, 48), ASSAY_INVALID, "entry 1 is -inf");
  const float narrow[2] = {1, INFINITY};
  assert_refused(place, make(place, 1, DICT("<f4", "False", "(2,)"), narrow, 8), ASSAY_INVALID, "entry 1 is inf");
}

static void respects_the_memory_cap(void **state) {
  scratch *place = *state;
  const char *path = make(place, 1, DICT("<f4", "False", "(4,)"), f4_bytes, sizeof f4_bytes);
  place->context.memory_cap = 100; /* the dict fits, */
  assert_array(place, path, ASSAY_NPY_F4, 1, 4, 1, f4_values);
  enum { COUNT = 1000 };
  double *zeros = calloc(COUNT, sizeof *zeros);
  assert_non_null(zeros);
  path = scratch_path(place, "y.npy");
  assert_int_equal(assay_npy_write(path, zeros, COUNT, 1, &place->context), ASSAY_OK);
  free(zeros);
  place->context.memory_cap = 7999; /* one byte less than the entries need */
  assert_refused(place, path, ASSAY_MEMORY, "memory cap");
}

/* Values of every kind, finite: random bit patterns. */
static double *random_array(test_random *random, size_t count) {
  double *values = malloc(count * sizeof *values);
  assert_non_null(values);
  for (size_t i = 0; i < count; i++) do {
      uint64_t bits = test_bits(random);
      memcpy(&values[i], &bits, sizeof bits);
    } while (!isfinite(values[i]));
  return values;
}

static void written_arrays_read_back(void **state) {
  scratch *place = *state;
  test_random random = test_random_new(3);
  const char *path = scratch_path(place, "x.npy");
  for (size_t round = 0; round < test_cases(8); round++) {
    size_t rows = test_integer(&random, 1, 90), columns = test_integer(&random, 1, 90);
    double *values = random_array(&random, rows * columns);
    assert_int_equal(assay_npy_write(path, values, rows, columns, &place->context), ASSAY_OK);
    assert_array(place, path, ASSAY_NPY_F8, 2, rows, columns, values);
    free(values);
  }
  assert_int_equal(scratch_count(place), 1);
}

/* Tiles written in any order give the whole; a stream gives any tile back. */
static void tiles_are_parts_of_the_whole(void **state) {
  scratch *place = *state;
  enum { ROWS = 37, COLUMNS = 53, STRIDE = 60 };
  test_random random = test_random_new(4);
  double *values = random_array(&random, (size_t)ROWS * COLUMNS);
  const char *path = scratch_path(place, "x.npy");
  assay_npy_writer writer = {0};
  assert_int_equal(assay_npy_create(&writer, path, ROWS, COLUMNS, &place->context), ASSAY_OK);
  for (size_t row = ROWS; row > 0;) { /* upwards, 10 x 20 at a time, the uneven ones first */
    size_t rows = row % 10 ? row % 10 : 10;
    row -= rows;
    for (size_t column = 0; column < COLUMNS; column += 20) {
      size_t columns = COLUMNS - column < 20 ? COLUMNS - column : 20;
      assert_int_equal(assay_npy_write_tile(&writer, row, rows, column, columns, values + row * COLUMNS + column,
                                            COLUMNS, &place->context),
                       ASSAY_OK);
    }
  }
  assert_int_equal(assay_npy_commit(&writer, &place->context), ASSAY_OK);
  assert_array(place, path, ASSAY_NPY_F8, 2, ROWS, COLUMNS, values);

  assay_npy_file file;
  assert_int_equal(assay_npy_open(&file, path, &place->context), ASSAY_OK);
  assay_stream stream = assay_npy_stream(&file);
  assert_true(stream.rows == ROWS && stream.columns == COLUMNS);
  for (size_t i = 0; i < test_cases(100); i++) {
    double tile[ROWS * STRIDE];
    size_t row = test_integer(&random, 0, ROWS - 1), rows = test_integer(&random, 1, ROWS - row);
    size_t column = test_integer(&random, 0, COLUMNS - 1), columns = test_integer(&random, 1, COLUMNS - column);
    if (i % 4 == 0) { /* whole rows, apart in the tile */
      column = 0;
      columns = COLUMNS;
    }
    assert_int_equal(stream.read(&stream, row, rows, column, columns, tile, STRIDE, &place->context), ASSAY_OK);
    for (size_t k = 0; k < rows; k++)
      assert_memory_equal(tile + k * STRIDE, values + (row + k) * COLUMNS + column, columns * sizeof(double));
  }
  assay_npy_close(&file);
  assay_npy_close(&file);
  free(values);
}

static void incomplete_arrays_do_not_appear(void **state) {
  scratch *place = *state;
  const char *path = scratch_path(place, "x.npy");
  const double row[3] = {1, 2, 3};
  assay_npy_writer writer = {0};
  assert_int_equal(assay_npy_create(&writer, path, 2, 3, &place->context), ASSAY_OK);
  scratch_refused(place, assay_npy_write_tile(&writer, 1, 2, 0, 3, row, 3, &place->context), ASSAY_INTERNAL, path,
                  "leaves the array");
  scratch_refused(place, assay_npy_write_tile(&writer, 0, 1, 1, 3, row, 3, &place->context), ASSAY_INTERNAL, path,
                  "leaves the array");
  assert_int_equal(assay_npy_write_tile(&writer, 0, 1, 0, 3, row, 3, &place->context), ASSAY_OK);
  scratch_refused(place, assay_npy_commit(&writer, &place->context), ASSAY_INTERNAL, path, "3 entries were never");
  assert_int_equal(scratch_count(place), 0);
  assert_int_equal(assay_npy_create(&writer, path, 2, 3, &place->context), ASSAY_OK);
  assay_npy_abort(&writer);
  assert_int_equal(scratch_count(place), 0);
  scratch_refused(place, assay_npy_create(&writer, path, SIZE_MAX / 4, 8, &place->context), ASSAY_INVALID, path,
                  "too large");
  scratch_refused(place, assay_npy_create(&writer, path, SIZE_MAX / 256, 2, &place->context), ASSAY_IO, path,
                  "are free there"); /* 2^60 bytes: more than any file system here */
  assert_int_equal(scratch_count(place), 0);
}

/* Whatever the bytes, the reader accepts a file whose every entry is finite or refuses it with its name; it never
 * crashes (run under AddressSanitizer), hangs or takes more memory than the file could fill. */
static void judge(scratch *place, const unsigned char *bytes, size_t size) {
  const char *path = scratch_file(place, "x.npy", bytes, size);
  place->context.message[0] = '\0';
  assay_npy_array array;
  if (assay_npy_read(&array, path, &place->context) != ASSAY_OK) {
    assert_non_null(strstr(place->context.message, path));
    return;
  }
  assert_true(array.rows >= 1 && array.columns >= 1 && array.rows * array.columns <= size);
  for (size_t i = 0; i < array.rows * array.columns; i++) assert_true(isfinite(array.data[i]));
  assay_npy_array_clear(&array);
}

static void survives_mutations(void **state) {
  scratch *place = *state;
  place->context.memory_cap = NPY_BYTES_MAX;
  test_random random = test_random_new(5);
  unsigned char original[NPY_BYTES_MAX], bytes[NPY_BYTES_MAX];
  for (unsigned major = 1; major <= 3; major += 2) {
    size_t size = npy_bytes(original, major, DICT("<f8", "False", "(2, 3)"), f8_bytes, sizeof f8_bytes);
    for (size_t i = 0; i < size; i++) {
      judge(place, original, i);
      for (size_t k = 0; k < test_cases(12); k++) {
        memcpy(bytes, original, size);
        bytes[i] = (unsigned char)(k < 8 ? bytes[i] ^ (1u << k) : test_bits(&random));
        judge(place, bytes, size);
      }
      memcpy(bytes, original, size);
      memmove(bytes + i, bytes + i + 1, size - i - 1);
      judge(place, bytes, size - 1);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_every_version, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(reads_every_way_to_write_the_dict, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(refuses_dicts_by_name, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(refuses_starts_by_name, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(refuses_entries_by_row_and_column, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(respects_the_memory_cap, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(written_arrays_read_back, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(tiles_are_parts_of_the_whole, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(incomplete_arrays_do_not_appear, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(survives_mutations, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
