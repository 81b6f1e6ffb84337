/* Correctly rounded fields against 60 digits from mpmath (field_mpmath.py): the double nearest to those digits, by the
 * C library's correctly rounding strtod, must be ours bit for bit. */
#include "testing.h"

#include <assay/reference.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_DIMENSION = 100, COUNT = 3, LINE = 256 };

typedef struct {
  assay_mixture mixture;
  assay_path_point point;
  double x[MAX_DIMENSION];
} example;

static void draw(example *e, test_random *random, size_t dimension, assay_schedule schedule, assay_context *context) {
  assert_int_equal(assay_mixture_init(&e->mixture, dimension, 1 + test_bits(random) % COUNT, context), ASSAY_OK);
  e->point = assay_path_point_at(schedule, assay_real_of(test_uniform(random, 0.02, 0.98)));
  for (size_t k = 0; k < e->mixture.count; k++) {
    assay_component *component = &e->mixture.components[k];
    component->weight = assay_real_of(test_uniform(random, 0.1, 2));
    component->covariance.variance = assay_real_of(test_uniform(random, 0.1, 2));
    for (size_t j = 0; j < dimension; j++) component->mean[j] = 0.3 * test_normal(random);
  }
  for (size_t j = 0; j < dimension; j++) e->x[j] = test_normal(random);
}

static void write_case(FILE *file, const example *e, assay_quantity quantity) {
  size_t d = e->mixture.dimension;
  (void)fprintf(file, "%s %s %a %zu %zu\n", assay_quantity_name(quantity), assay_schedule_name(e->point.schedule),
                e->point.time.nearest, d, e->mixture.count);
  for (size_t k = 0; k < e->mixture.count; k++) {
    const assay_component *component = &e->mixture.components[k];
    (void)fprintf(file, "%a %a", component->weight.nearest, component->covariance.variance.nearest);
    for (size_t j = 0; j < d; j++) (void)fprintf(file, " %a", component->mean[j]);
    (void)fputc('\n', file);
  }
  for (size_t j = 0; j < d; j++) (void)fprintf(file, "%s%a", j ? " " : "", e->x[j]);
  (void)fputc('\n', file);
}

/* Runs the script on the case; its lines are read as doubles into `out`. */
static size_t ask_oracle(double *out, size_t capacity, const example *e, assay_quantity quantity) {
  const char *python = getenv("ASSAY_PYTHON"), *script = getenv("ASSAY_ORACLE");
  test_check(python && script, "ASSAY_PYTHON and ASSAY_ORACLE are not set; run through ctest");
  char input[] = "/tmp/assay-field-XXXXXX", command[2 * LINE + 1024], line[LINE];
  int descriptor = mkstemp(input);
  assert_true(descriptor >= 0);
  FILE *file = fdopen(descriptor, "w");
  assert_non_null(file);
  write_case(file, e, quantity);
  (void)fclose(file);
  (void)snprintf(command, sizeof command, "'%s' '%s' < '%s'", python, script, input);
  FILE *answer = popen(command, "r"); /* NOLINT(cert-env33-c): the test's own script, nothing from outside */
  assert_non_null(answer);
  size_t count = 0;
  while (count < capacity && fgets(line, sizeof line, answer)) out[count++] = strtod(line, NULL);
  int status = pclose(answer);
  unlink(input);
  assert_int_equal(status, 0);
  return count;
}

static void check(const example *e, assay_quantity quantity, assay_context *context) {
  double ours[MAX_DIMENSION] = {0}, theirs[MAX_DIMENSION] = {0};
  size_t width = assay_quantity_width(quantity, e->mixture.dimension);
  assert_int_equal(assay_reference_field_double(ours, quantity, &e->mixture, &e->point, e->x, 1, context), ASSAY_OK);
  assert_int_equal(ask_oracle(theirs, MAX_DIMENSION, e, quantity), width);
  for (size_t j = 0; j < width; j++)
    test_check(ours[j] == theirs[j], "%s, %s, t = %a, d = %zu, %zu components, entry %zu: ours %a, mpmath %a",
               assay_quantity_name(quantity), assay_schedule_name(e->point.schedule), e->point.time.nearest,
               e->mixture.dimension, e->mixture.count, j, ours[j], theirs[j]);
}

static void doubles_are_those_of_mpmath(void **state) {
  (void)state;
  static const size_t dimensions[] = {1, 2, 7, 100};
  assay_context context;
  assay_context_init(&context);
  test_random random = test_random_new(201);
  for (size_t i = 0; i < test_cases(1) * sizeof dimensions / sizeof *dimensions; i++)
    for (int q = ASSAY_VELOCITY; q <= ASSAY_DIVERGENCE; q++) {
      size_t d = dimensions[i % (sizeof dimensions / sizeof *dimensions)];
      if (q == ASSAY_DIVERGENCE && d > 7) continue; /* the script differentiates d times */
      example e;
      draw(&e, &random, d, (i + (size_t)q) % 2 ? ASSAY_LINEAR : ASSAY_TRIGONOMETRIC, &context);
      check(&e, (assay_quantity)q, &context);
      assay_mixture_clear(&e.mixture);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(doubles_are_those_of_mpmath)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
