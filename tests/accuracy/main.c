/* The accuracy of the fast path, measured against the reference and against exact arithmetic.
 *
 *   accuracy search OUT.json             the whole search: results/accuracy.json
 *   accuracy quick COMMITTED.json OUT.json
 *                                        its first problems, and the committed witnesses measured again
 *
 * Exit status 1: an error exceeds its bound (the cases are printed). */
#include "search.h"

#include <cblas.h>
#include <gnu/libc-version.h>
#include <mpfr.h>
#include <stdio.h>
#include <string.h>

test_random accuracy_random(const size_t *key, size_t count) {
  test_random random = test_random_new(0xacc);
  for (size_t i = 0; i < count; i++) {
    random.state += key[i] + 1;
    random.state = test_bits(&random);
  }
  return random;
}

static bool is(const json_t *row, const char *key, const char *text) {
  const char *value = json_string_value(json_object_get(row, key));
  return !strcmp(value ? value : "", text);
}

json_t *accuracy_row(const json_t *committed, const char *group, const char *quantity, const char *covariance,
                     const char *schedule) {
  const json_t *rows = json_object_get(committed, "rows");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    json_t *row = json_array_get(rows, i);
    if (is(row, "group", group) && is(row, "quantity", quantity) && is(row, "covariance", covariance) &&
        is(row, "schedule", schedule))
      return row;
  }
  return NULL;
}

json_t *accuracy_new_row(const char *group, const char *quantity, const char *covariance, const char *schedule,
                         size_t evaluations) {
  return json_pack("{s:s, s:s, s:s, s:s, s:I}", "group", group, "quantity", quantity, "covariance", covariance,
                   "schedule", schedule, "evaluations", (json_int_t)evaluations);
}

void accuracy_print_violation(const char *what, const char *quantity, accuracy_error error, const json_t *witness) {
  enum { MOST = 20 }; /* a broken kernel makes thousands */
  static int printed = 0;
  int before;
#pragma omp atomic capture
  before = printed++;
  if (before >= MOST) return;
  char *text = json_dumps(witness, JSON_COMPACT | JSON_SORT_KEYS);
  fprintf(stderr, "accuracy: %s, %s: error %a exceeds its bound %a at %s\n", what, quantity, error.error, error.bound,
          text ? text : "");
  free(text);
}

/* What the last bits of doubles depend on. */
static json_t *machine(void) {
  return json_pack("{s:s, s:s, s:s}", "blas", openblas_get_config(), "core", openblas_get_corename(), "libc",
                   gnu_get_libc_version());
}

int main(int count, char **arguments) {
  bool quick = count == 4 && !strcmp(arguments[1], "quick");
  if (!quick && !(count == 3 && !strcmp(arguments[1], "search"))) {
    fprintf(stderr, "usage: accuracy search OUT.json | accuracy quick COMMITTED.json OUT.json\n");
    return 2;
  }
  openblas_set_num_threads(1);
  json_object_seed(1); /* before there are threads */
  json_error_t error;
  json_t *committed = quick ? json_load_file(arguments[2], 0, &error) : NULL;
  if (quick && !committed) {
    fprintf(stderr, "accuracy: %s: %s\n", arguments[2], error.text);
    return 2;
  }
  accuracy_effort effort = quick ? SEARCH_QUICK : SEARCH_WHOLE;
  json_t *rows = json_array();
  size_t violations = accuracy_fields(rows, effort, committed);
  violations += accuracy_dae(rows, effort, committed);
  violations += accuracy_normals(rows, effort, committed);
  json_t *record = json_pack("{s:i, s:o, s:o}", "schema", 1, "machine", machine(), "rows", rows);
  int written = json_dump_file(record, arguments[count - 1], JSON_INDENT(1));
  json_decref(record);
  json_decref(committed);
  mpfr_free_cache();
  if (written) fprintf(stderr, "accuracy: %s could not be written\n", arguments[count - 1]);
  if (violations) fprintf(stderr, "accuracy: %zu errors exceed their bounds\n", violations);
  return written ? 3 : violations > 0;
}
