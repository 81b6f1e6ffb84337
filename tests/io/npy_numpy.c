/* io/npy against NumPy: its files are read bit for bit, ours are read by it. */
#include "io/npy.h"

#include "scratch.h"

#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

/* posix_spawn's arguments are char *, though it changes none. */
static void run_script(char *command, char *path, char *rows, char *columns) {
  char python[] = ASSAY_PYTHON, script[] = ASSAY_NUMPY_SCRIPT;
  char *const arguments[] = {python, script, command, path, rows, columns, NULL};
  pid_t child;
  assert_int_equal(posix_spawn(&child, ASSAY_PYTHON, NULL, NULL, arguments, environ), 0);
  int result;
  assert_int_equal(waitpid(child, &result, 0), child);
  test_check(WIFEXITED(result) && WEXITSTATUS(result) == 0, "%s %s %s %s failed", ASSAY_NUMPY_SCRIPT, command, path,
             rows ? rows : "");
}

/* The script's formula: the products by 2^(i-j) and signs are exact, the division rounds once. */
static double entry(size_t i, size_t j) {
  double value = ldexp((double)(1 + i + 1000 * j) / 7, (int)i - (int)j);
  return (i + j) % 2 ? -value : value;
}

static void check_file(scratch *place, const char *item, const char *kind, int version, size_t rows, size_t columns) {
  char name[64];
  (void)snprintf(name, sizeof name, "%s_%s_v%d.npy", item, kind, version);
  assay_npy_array array;
  assay_status status = assay_npy_read(&array, scratch_path(place, name), &place->context);
  test_check(status == ASSAY_OK, "%s", place->context.message);
  bool narrow = item[1] == '4';
  assert_int_equal(array.item, narrow ? ASSAY_NPY_F4 : ASSAY_NPY_F8);
  assert_int_equal(array.dimensions, kind[0] == '1' ? 1 : 2);
  assert_true(array.rows == rows && array.columns == columns);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      double expected = narrow ? (double)(float)entry(i, j) : entry(i, j);
      test_check(array.data[i * columns + j] == expected, "%s: (%zu, %zu) is %a, expected %a", name, i, j,
                 array.data[i * columns + j], expected);
    }
  assay_npy_array_clear(&array);
}

static void reads_what_numpy_writes(void **state) {
  scratch *place = *state;
  char command[] = "write";
  run_script(command, place->directory, NULL, NULL);
  for (int version = 1; version <= 3; version++)
    for (int wide = 0; wide < 2; wide++) {
      const char *item = wide ? "f8" : "f4";
      check_file(place, item, "2d", version, 5, 7);
      check_file(place, item, "1d", version, 9, 1);
      check_file(place, item, "row", version, 1, 6);
    }
}

static void refuses_what_numpy_writes(void **state) {
  scratch *place = *state;
  char command[] = "write";
  run_script(command, place->directory, NULL, NULL);
  static const struct {
    const char *name;
    assay_status status;
    const char *expected;
  } cases[] = {
      {"refused_fortran.npy", ASSAY_UNSUPPORTED, "fortran_order is True"},
      {"refused_big.npy", ASSAY_UNSUPPORTED, "'>f8' is big-endian"},
      {"refused_half.npy", ASSAY_UNSUPPORTED, "dtype '<f2'"},
      {"refused_int.npy", ASSAY_UNSUPPORTED, "dtype '<i8'"},
      {"refused_bool.npy", ASSAY_UNSUPPORTED, "dtype '|b1'"},
      {"refused_structured.npy", ASSAY_UNSUPPORTED, "structured dtype"},
      {"refused_scalar.npy", ASSAY_UNSUPPORTED, "0 dimensions"},
      {"refused_3d.npy", ASSAY_UNSUPPORTED, "3 dimensions"},
      {"refused_empty.npy", ASSAY_INVALID, "shape[0] = 0"},
      {"refused_nan.npy", ASSAY_INVALID, "row 1, column 1 is nan"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *path = scratch_path(place, cases[i].name);
    assay_npy_array array;
    scratch_refused(place, assay_npy_read(&array, path, &place->context), cases[i].status, path, cases[i].expected);
  }
}

static void assert_same_entries(const double *got, const double *expected, size_t count) {
  for (size_t i = 0; i < count; i++)
    test_check(isnan(expected[i]) ? isnan(got[i]) : got[i] == expected[i] && !signbit(got[i]) == !signbit(expected[i]),
               "half 0x%04zx is %a, expected %a", i, got[i], expected[i]);
}

static void values_to_be_judged_are_halves_and_may_be_infinite(void **state) {
  enum { SIDE = 256 };
  scratch *place = *state;
  char command[] = "write";
  run_script(command, place->directory, NULL, NULL);
  double *entries[2];
  for (int wide = 0; wide < 2; wide++) {
    const char *path = scratch_path(place, wide ? "halves_f8.npy" : "halves.npy");
    assay_npy_file file;
    test_check(assay_npy_open_judged(&file, path, &place->context) == ASSAY_OK, "%s", place->context.message);
    assert_int_equal(file.header.item, wide ? ASSAY_NPY_F8 : ASSAY_NPY_F2);
    entries[wide] = malloc((size_t)SIDE * SIDE * sizeof(double));
    assert_non_null(entries[wide]);
    assay_stream stream = assay_npy_stream(&file);
    assert_true(stream.rows == SIDE && stream.columns == SIDE);
    assert_int_equal(stream.read(&stream, 0, SIDE, 0, SIDE, entries[wide], SIDE, &place->context), ASSAY_OK);
    assay_npy_close(&file);
  }
  assert_same_entries(entries[0], entries[1], (size_t)SIDE * SIDE);
  free(entries[0]);
  free(entries[1]);
  assay_npy_file file;
  const char *path = scratch_path(place, "refused_big.npy");
  scratch_refused(place, assay_npy_open_judged(&file, path, &place->context), ASSAY_UNSUPPORTED, path,
                  "expected '<f8', '<f4' or '<f2'");
}

static void numpy_reads_what_is_written(void **state) {
  scratch *place = *state;
  static const struct { size_t rows, columns; } shapes[] = {{1, 1}, {5, 7}, {300, 11}, {1, 1000}};
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
    size_t rows = shapes[k].rows, columns = shapes[k].columns;
    double *values = malloc(rows * columns * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < rows * columns; i++) values[i] = entry(i / columns, i % columns);
    const char *path = scratch_path(place, "ours.npy");
    assert_int_equal(assay_npy_write(path, values, rows, columns, &place->context), ASSAY_OK);
    free(values);
    char command[] = "verify", name[512], rows_text[24], columns_text[24];
    (void)snprintf(name, sizeof name, "%s", path);
    (void)snprintf(rows_text, sizeof rows_text, "%zu", rows);
    (void)snprintf(columns_text, sizeof columns_text, "%zu", columns);
    run_script(command, name, rows_text, columns_text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_what_numpy_writes, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(refuses_what_numpy_writes, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(values_to_be_judged_are_halves_and_may_be_infinite, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(numpy_reads_what_is_written, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
