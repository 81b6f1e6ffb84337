/* io/mixture_json: what is not a mixture is refused with file, key, index and value. */
#include "io/mixture_json.h"

#include "io/npy.h"
#include "mixture_files.h"

#include <stdlib.h>
#include <string.h>

#define ONE(weight, mean, covariance)                                                                                  \
  "{\"dimension\": 2, \"components\": [{\"weight\": 1, \"mean\": [1, 2], \"covariance\": 1}, {\"weight\": " weight     \
  ", \"mean\": " mean ", \"covariance\": " covariance "}]}"
#define WEIGHT(weight) ONE(weight, "[1, 2]", "1")
#define MEAN(mean) ONE("1", mean, "1")
#define COVARIANCE(covariance) ONE("1", "[1, 2]", covariance)
#define DIMENSION(d) "{\"dimension\": " d ", \"components\": [{\"weight\": 1, \"mean\": [1, 2], \"covariance\": 1}]}"
#define BINARY(binary) "{\"binary\": " binary "}"

static const struct {
  const char *text, *expected;
} refused[] = {
    /* syntax */
    {"", "line 1, column 1: not valid JSON"},
    {"   ", "not valid JSON"},
    {"[1, 2]", "is a list, expected an object"},
    {"3", "line 1, column 1: not valid JSON: '[' or '{' expected at 3"},
    {"{\"dimension\": 2", "not valid JSON: '}' expected at the end of the file"},
    {"{\"dimension\": 2 \"components\": []}", "line 1, column 17: not valid JSON: '}' expected at \"components\""},
    {"{\"dimension\": 0.5 77 }", "line 1, column 19: not valid JSON: '}' expected at 77"},
    {"{\"a\": [10.5, 20.5,\n\n  30.5 40.5]}", "line 3, column 8: not valid JSON: ']' expected at 40.5"},
    {DIMENSION("2") " x", "not valid JSON: end of file expected at x"},
    {DIMENSION("2") "{}", "not valid JSON: end of file expected at {"},
    {DIMENSION("\"\xff\""), "unable to decode byte 0xff"},
    {DIMENSION("\"\xc0\x80\""), "unable to decode byte 0xc0"},
    {MEAN("[1, NaN]"), "not valid JSON: invalid token at NaN"},
    {MEAN("[1, nan]"), "not valid JSON: invalid token at nan"},
    {MEAN("[Infinity, 1]"), "not valid JSON: invalid token at Infinity"},
    {MEAN("[-Infinity, 1]"), "not valid JSON: invalid token at -Infinity"},
    {MEAN("[01, 2]"), "not valid JSON: invalid token at 01"},
    {MEAN("[.5, 2]"), "not valid JSON: invalid token at .5"},
    {MEAN("[5., 2]"), "not valid JSON: invalid token at 5."},
    {MEAN("[+5, 2]"), "not valid JSON: invalid token at +5"},
    {MEAN("[1e, 2]"), "not valid JSON: invalid token at 1e"},
    {MEAN("[0x10, 2]"), "not valid JSON"},
    {MEAN("[1, 2,]"), "not valid JSON: unexpected token at ]"},
    {MEAN("['1', 2]"), "not valid JSON: invalid token at '"},
    /* keys */
    {"{}", "key \"dimension\" is missing"},
    {"{\"dimension\": 2}", "key \"components\" is missing"},
    {"{\"components\": []}", "key \"dimension\" is missing"},
    {"{\"dimension\": 2, \"components\": [], \"extra\": 1}",
     "unknown key \"extra\", expected \"dimension\", \"compone"},
    {"{\"dimension\": 2, \"components\": [{\"mean\": [1, 2], \"covariance\": 1}]}",
     "components[0]: key \"weight\" is missing"},
    {"{\"dimension\": 2, \"components\": [{\"weight\": 1, \"covariance\": 1}]}",
     "components[0]: key \"mean\" is missing"},
    {"{\"dimension\": 2, \"components\": [{\"weight\": 1, \"mean\": [1, 2]}]}",
     "components[0]: key \"covariance\" is missing"},
    {ONE("1, \"wieght\": 1", "[1, 2]", "1"), "components[1]: unknown key \"wieght\""},
    {ONE("1, \"weight\": 1", "[1, 2]", "1"), "key \"weight\" appears twice"},
    {ONE("1", "[1, 2]",
         "1, \"a key that is longer than what jansson quotes\": 1, "
         "\"a key that is longer than what jansson quotes\": 2"),
     "key \"a key that is longer than what jansson quotes\" appears twice"},
    {"{\"dimension\": 2,\n \"components\": [], \"dimension\":\n 3}",
     "line 2, column 20: key \"dimension\" appears twice"},
    {"{\"a\\\"b\": 1, \"a\\\"b\": 2}", "key \"a\\\"b\" appears twice"},
    {BINARY("{\"variance\": 1}"), "binary: key \"mean\" is missing"},
    {BINARY("{\"mean\": [1]}"), "binary: key \"variance\" is missing"},
    {BINARY("{\"mean\": [1], \"variance\": 1, \"weight\": 1}"), "binary: unknown key \"weight\""},
    {"{\"binary\": {\"mean\": [1], \"variance\": 1}, \"components\": []}", "both \"binary\" and \"components\""},
    {"{\"binary\": {\"mean\": [1], \"variance\": 1}, \"size\": 1}", "unknown key \"size\""},
    {BINARY("3"), "binary: is the number 3, expected an object"},
    /* dimension and components */
    {DIMENSION("0"), "dimension: is 0, expected at least 1"},
    {DIMENSION("-2"), "dimension: is the number -2, expected a whole number"},
    {DIMENSION("2.0"), "dimension: is the number 2.0, expected a whole number"},
    {DIMENSION("2e0"), "dimension: is the number 2e0, expected a whole number"},
    {DIMENSION("\"2\""), "dimension: is the string \"2\", expected a whole number"},
    {DIMENSION("null"), "dimension: is null, expected a whole number"},
    {DIMENSION("[2]"), "dimension: is a list of 1, expected a whole number"},
    {DIMENSION("3"), "components[0].mean: has 2 entries, expected 3"},
    {DIMENSION("1000000000000"), "components[0].mean: has 2 entries, expected 1000000000000"},
    {DIMENSION("18446744073709551615"), "components[0].mean: has 2 entries, expected 18446744073709551615"},
    {DIMENSION("18446744073709551616"), "dimension: is the number 18446744073709551616, expected a number below 2^64"},
    {"{\"dimension\": 3, \"binary\": {\"mean\": [1, 2], \"variance\": 1}}", "binary.mean: has 2 entries, expected 3"},
    {"{\"dimension\": 2, \"components\": []}", "components: is a list of 0, expected a list of at least one"},
    {"{\"dimension\": 2, \"components\": {}}", "components: is an object, expected a list"},
    {"{\"dimension\": 2, \"components\": [7]}", "components[0]: is the number 7, expected an object"},
    {"{\"dimension\": 2, \"components\": [[]]}", "components[0]: is a list of 0, expected an object"},
    /* weights */
    {WEIGHT("0"), "components[1].weight: is the number 0, expected a positive number"},
    {WEIGHT("-0.5"), "components[1].weight: is the number -0.5, expected a positive number"},
    {WEIGHT("-0.0"), "components[1].weight: is the number -0.0, expected a positive number"},
    {WEIGHT("\"-1/3\""), "components[1].weight: is the string \"-1/3\", expected a positive number"},
    {WEIGHT("\"0/3\""), "components[1].weight: is the string \"0/3\", expected a positive number"},
    {WEIGHT("\"1/0\""), "components[1].weight: '1/0'"},
    {WEIGHT("\"1/3x\""), "components[1].weight: is the string \"1/3x\", expected a number, or a string like"},
    {WEIGHT("\"1//3\""), "components[1].weight: '1//3'"},
    {WEIGHT("\"\""), "components[1].weight: ''"},
    {WEIGHT("\"1\\n2\""), "components[1].weight: is the string \"1\\x0a2\", expected"},
    {WEIGHT("\"nan\""), "components[1].weight: is the string \"nan\", expected"},
    {WEIGHT("true"), "components[1].weight: is true, expected a number"},
    {WEIGHT("[1]"), "components[1].weight: is a list of 1, expected a number"},
    {WEIGHT("1e-400"), "components[1].weight: '1e-400'"},
    {WEIGHT("1e400"), "components[1].weight: '1e400'"},
    {WEIGHT("\"1e-400\""), "components[1].weight: '1e-400'"},
    /* means */
    {MEAN("[1]"), "components[1].mean: has 1 entries, expected 2"},
    {MEAN("[1, 2, 3]"), "components[1].mean: has 3 entries, expected 2"},
    {MEAN("[]"), "components[1].mean: has 0 entries, expected 2"},
    {MEAN("1"), "components[1].mean: is the number 1, expected a list of numbers"},
    {MEAN("\"1\""), "components[1].mean: is the string \"1\", expected a list of numbers"},
    {MEAN("[1, \"2\"]"), "components[1].mean[1]: is the string \"2\", expected a number"},
    {MEAN("[[1], 2]"), "components[1].mean[0]: is a list of 1, expected a number"},
    {MEAN("[[1, 2]]"), "components[1].mean: has 1 entries, expected 2"},
    {MEAN("[1, null]"), "components[1].mean[1]: is null, expected a number"},
    {MEAN("[1, 1e-400]"), "components[1].mean[1]: '1e-400'"},
    {MEAN("[-1e309, 2]"), "components[1].mean[0]: '-1e309'"},
    {MEAN("[1, 99999999999999999999e999]"), "components[1].mean[1]: '99999999999999999999e999'"},
    {BINARY("{\"mean\": [], \"variance\": 1}"), "binary.mean: has 0 entries, expected at least 1"},
    {BINARY("{\"mean\": 1, \"variance\": 1}"), "binary.mean: is the number 1, expected a list of numbers"},
    {BINARY("{\"mean\": [1, 1e-500], \"variance\": 1}"), "binary.mean[1]: '1e-500'"},
    /* covariances */
    {COVARIANCE("0"), "components[1].covariance: is the number 0, expected a positive number"},
    {COVARIANCE("-1"), "components[1].covariance: is the number -1, expected a positive number"},
    {COVARIANCE("\"-1/2\""), "components[1].covariance: is the string \"-1/2\", expected a positive number"},
    {COVARIANCE("null"), "components[1].covariance: is null, expected a number, a list of d numbers"},
    {COVARIANCE("[1]"), "components[1].covariance: has 1 entries, expected 2"},
    {COVARIANCE("[]"), "components[1].covariance: has 0 entries, expected 2"},
    {COVARIANCE("[1, 0]"), "components[1].covariance[1]: is 0, expected a positive variance"},
    {COVARIANCE("[-3, 1]"), "components[1].covariance[0]: is -3, expected a positive variance"},
    {COVARIANCE("[1, \"1/2\"]"), "components[1].covariance[1]: is the string \"1/2\", expected a number"},
    {COVARIANCE("[1, [2]]"), "components[1].covariance[1]: is a list of 1, expected a number"},
    {COVARIANCE("[[1, 0]]"), "components[1].covariance: has 1 rows, expected 2"},
    {COVARIANCE("[[1, 0], [0]]"), "components[1].covariance[1]: has 1 entries, expected 2"},
    {COVARIANCE("[[1], [0, 1]]"), "components[1].covariance[0]: has 1 entries, expected 2"},
    {COVARIANCE("[[1, 0], 5]"), "components[1].covariance[1]: is the number 5, expected a list of numbers"},
    {COVARIANCE("[[1, 0.5], [0.25, 1]]"), "components[1].covariance[1][0]: is 0.25, but [0][1] is 0.5: not symmetric"},
    {COVARIANCE("[[1, 0], [0, -1]]"), "components[1].covariance[1][1]: is -1, expected a positive variance"},
    {COVARIANCE("[[0, 0], [0, 1]]"), "components[1].covariance[0][0]: is 0, expected a positive variance"},
    {COVARIANCE("[[1, 0], [0, 1e-400]]"), "components[1].covariance[1][1]: '1e-400'"},
    {COVARIANCE("[[1, 0], [[0], 1]]"), "components[1].covariance[1][0]: is a list of 1, expected a number"},
    {BINARY("{\"mean\": [1], \"variance\": 0}"), "binary.variance: is the number 0, expected a positive number"},
    {BINARY("{\"mean\": [1], \"variance\": [1]}"), "binary.variance: is a list of 1, expected a number"},
    /* named arrays; "nan.npy", "rows.npy" (3 x 2), "square.npy", "skew.npy", "flat.npy" (2) stand beside the file */
    {MEAN("{}"), "components[1].mean: key \"npy\" is missing"},
    {MEAN("{\"npy\": 1}"), "components[1].mean.npy: is the number 1, expected the name of an NPY file"},
    {MEAN("{\"npy\": \"\"}"), "components[1].mean.npy: is the string \"\", expected the name"},
    {MEAN("{\"npy\": \"rows.npy\", \"column\": 1}"), "components[1].mean: unknown key \"column\""},
    {MEAN("{\"npy\": \"rows.npy\", \"row\": 3}"), "components[1].mean.row: is 3, but rows.npy has 3 rows"},
    {MEAN("{\"npy\": \"rows.npy\", \"row\": -1}"), "components[1].mean.row: is the number -1, expected a whole"},
    {MEAN("{\"npy\": \"rows.npy\", \"row\": \"1\"}"), "components[1].mean.row: is the string \"1\", expected a whole"},
    {MEAN("{\"npy\": \"flat.npy\", \"row\": 1}"), "components[1].mean.row: is 1, but flat.npy has 1 rows"},
    {MEAN("{\"npy\": \"rows.npy\"}"), "rows.npy is a 2-D array: key \"row\" is missing"},
    {MEAN("{\"npy\": \"square.npy\"}"), "square.npy is a 2-D array: key \"row\" is missing"},
    {BINARY("{\"mean\": {\"npy\": \"rows.npy\"}, \"variance\": 1}"), "rows.npy is a 2-D array: key \"row\" is missing"},
    {MEAN("{\"npy\": \"absent.npy\", \"row\": 1}"), "absent.npy: cannot open"},
    {MEAN("{\"npy\": \"m.json\"}"), "m.json: not an NPY file"},
    {MEAN("{\"npy\": \"nan.npy\", \"row\": 0}"), "nan.npy: row 0, column 1 is nan"},
    {COVARIANCE("{\"npy\": \"rows.npy\"}"), "rows.npy has shape (3, 2), expected (2, 2) or a \"row\""},
    {COVARIANCE("{\"npy\": \"skew.npy\"}"), "components[1].covariance[1][0]: is 1.5, but [0][1] is 1: not symmetric"},
    {"{\"dimension\": 3, \"binary\": {\"mean\": {\"npy\": \"flat.npy\"}, \"variance\": 1}}",
     "flat.npy has 2 entries, expected 3"},
    {"{\"dimension\": 3, \"binary\": {\"mean\": {\"npy\": \"rows.npy\", \"row\": 0}, \"variance\": 1}}",
     "rows.npy has 2 entries in a row, expected 3"},
};

static void refuses_by_name(void **state) {
  scratch *place = *state;
  mixture_arrays(place);
  place->context.memory_cap = 65536; /* none of these may ask for what it claims */
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    const char *path = mixture_file(place, refused[i].text);
    assay_mixture mixture = {77, 78, (assay_component *)state};
    assay_status status = assay_mixture_read_json(&mixture, path, &place->context);
    assay_status wanted = strstr(refused[i].expected, "cannot open") ? ASSAY_IO : ASSAY_INVALID;
    test_check(status == wanted, "accepted, or another status: %s", refused[i].text);
    scratch_refused(place, status, wanted, path, refused[i].expected);
    assert_true(mixture.dimension == 77 && mixture.count == 78 && mixture.components == (assay_component *)state);
  }
}

static void refuses_files_by_name(void **state) {
  scratch *place = *state;
  assay_mixture mixture;
  const char *path = scratch_path(place, "absent.json");
  scratch_refused(place, assay_mixture_read_json(&mixture, path, &place->context), ASSAY_IO, path, "cannot open");
  path = scratch_file(place, "zero.json", "{\"a\0b\": 1}", 10);
  scratch_refused(place, assay_mixture_read_json(&mixture, path, &place->context), ASSAY_INVALID, path,
                  "not valid JSON");
  /* Far beyond the depth any mixture has. */
  enum { DEPTH = 100000 };
  char *deep = malloc(DEPTH);
  assert_non_null(deep);
  memset(deep, '[', DEPTH);
  path = scratch_file(place, "deep.json", deep, DEPTH);
  free(deep);
  scratch_refused(place, assay_mixture_read_json(&mixture, path, &place->context), ASSAY_INVALID, path,
                  "maximum parsing depth");
}

static void respects_the_memory_cap(void **state) {
  scratch *place = *state;
  enum { ROWS = 1, COLUMNS = 5000 };
  double *zeros = calloc(COLUMNS, sizeof *zeros);
  assert_non_null(zeros);
  const char *array = scratch_path(place, "wide.npy");
  assert_int_equal(assay_npy_write(array, zeros, ROWS, COLUMNS, &place->context), ASSAY_OK);
  free(zeros);
  const char *path =
      mixture_file(place, "{\"binary\": {\"mean\": {\"npy\": \"wide.npy\", \"row\": 0}, \"variance\": 1}}");
  assay_mixture mixture;
  place->context.memory_cap = 39999;
  assert_int_equal(assay_mixture_read_json(&mixture, path, &place->context), ASSAY_MEMORY);
  assert_non_null(strstr(place->context.message, "binary.mean"));
  place->context.memory_cap = 40000;
  assert_int_equal(assay_mixture_read_json(&mixture, path, &place->context), ASSAY_OK);
  assert_int_equal(mixture.dimension, COLUMNS);
  assay_mixture_clear(&mixture);
}

/* ---- mutations --------------------------------------------------------------------------------------------------- */

/* Whatever the bytes: a mixture inside its domain, or a refusal with the file's name. */
static void judge(scratch *place, const char *bytes, size_t size) {
  const char *path = scratch_file(place, "m.json", bytes, size);
  place->context.message[0] = '\0';
  assay_mixture mixture;
  if (assay_mixture_read_json(&mixture, path, &place->context) != ASSAY_OK) {
    assert_non_null(strstr(place->context.message, path));
    assert_null(strchr(place->context.message, '\n'));
    return;
  }
  test_check(assay_mixture_check(&mixture, &place->context) == ASSAY_OK, "%s: %.*s", place->context.message, (int)size,
             bytes);
  assay_mixture_clear(&mixture);
}

static void survives_mutations(void **state) {
  scratch *place = *state;
  mixture_arrays(place);
  place->context.memory_cap = 65536;
  static const char original[] = "{\"dimension\": 2, \"components\": [{\"weight\": \"1/3\", \"mean\": [1e2, -0.5], "
                                 "\"covariance\": [[2, 1], [1, 3]]}, {\"weight\": 7, \"mean\": "
                                 "{\"npy\": \"rows.npy\", \"row\": 2}, \"covariance\": [1, 0.25]}]}";
  static const char alphabet[] = "0123456789.eE+-,:[]{}\"\\ \n/ntNu\x01\xff\x80";
  const size_t size = sizeof original - 1;
  test_random random = test_random_new(7);
  char bytes[sizeof original];
  for (size_t i = 0; i < size; i++) {
    judge(place, original, i);
    for (size_t k = 0; k < test_cases(12); k++) {
      memcpy(bytes, original, size);
      if (k < 4)
        bytes[i] = (char)(bytes[i] ^ (1 << test_integer(&random, 0, 7)));
      else
        bytes[i] = alphabet[test_integer(&random, 0, sizeof alphabet - 2)];
      judge(place, bytes, size);
    }
    memcpy(bytes, original, size);
    memmove(bytes + i, bytes + i + 1, size - i - 1);
    judge(place, bytes, size - 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(refuses_by_name, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(refuses_files_by_name, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(respects_the_memory_cap, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(survives_mutations, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
