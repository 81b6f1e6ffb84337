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
  const char *schedule; /* as users write it */
  char storage[LINE];
  double x[MAX_DIMENSION];
} example;

static const char *const schedules[] = {"linear", "trigonometric", "polynomial:3", "linear-vp", "vp:1/10:20"};
enum { SCHEDULES = sizeof schedules / sizeof *schedules };

/* Full: correlations below 1/d of the smallest variance, so that it is positive definite. */
static void draw_covariance(assay_covariance *out, test_random *random, size_t d, size_t kind) {
  out->kind = (assay_covariance_kind)kind;
  out->variance = assay_real_of(test_uniform(random, 0.1, 2));
  if (kind == ASSAY_COVARIANCE_ISOTROPIC) return;
  bool full = kind == ASSAY_COVARIANCE_FULL;
  out->entries = calloc(full ? d * d : d, sizeof *out->entries);
  assert_non_null(out->entries);
  for (size_t i = 0; i < d; i++) out->entries[full ? i * d + i : i] = test_uniform(random, 0.1, 2);
  for (size_t i = 0; full && i < d; i++)
    for (size_t j = 0; j < i; j++)
      out->entries[i * d + j] = out->entries[j * d + i] = test_uniform(random, -0.1, 0.1) / (double)d;
}

/* Components take the first `kinds` kinds in turn. */
static void draw(example *e, test_random *random, size_t dimension, size_t kinds, const char *schedule,
                 assay_context *context) {
  assay_schedule parsed;
  assert_int_equal(assay_schedule_parse(&parsed, schedule, e->storage, context), ASSAY_OK);
  e->schedule = schedule;
  assert_int_equal(assay_mixture_init(&e->mixture, dimension, 1 + test_bits(random) % COUNT, context), ASSAY_OK);
  e->point = assay_path_point_at(parsed, assay_real_of(test_uniform(random, 0.02, 0.98)));
  for (size_t k = 0; k < e->mixture.count; k++) {
    assay_component *component = &e->mixture.components[k];
    component->weight = assay_real_of(test_uniform(random, 0.1, 2));
    draw_covariance(&component->covariance, random, dimension, (kinds - 1 + k) % kinds);
    for (size_t j = 0; j < dimension; j++) component->mean[j] = 0.3 * test_normal(random);
  }
  for (size_t j = 0; j < dimension; j++) e->x[j] = test_normal(random);
}

static void write_case(FILE *file, const example *e, assay_quantity quantity) {
  size_t d = e->mixture.dimension;
  (void)fprintf(file, "%s %s %a %zu %zu\n", assay_quantity_name(quantity), e->schedule, e->point.time.nearest, d,
                e->mixture.count);
  for (size_t k = 0; k < e->mixture.count; k++) {
    const assay_component *component = &e->mixture.components[k];
    const assay_covariance *covariance = &component->covariance;
    (void)fprintf(file, "%a", component->weight.nearest);
    for (size_t j = 0; j < d; j++) (void)fprintf(file, " %a", component->mean[j]);
    (void)fputc('\n', file);
    if (covariance->kind == ASSAY_COVARIANCE_ISOTROPIC) (void)fprintf(file, "%a", covariance->variance.nearest);
    size_t entries = covariance->kind == ASSAY_COVARIANCE_FULL ? d * d : d;
    for (size_t i = 0; covariance->entries && i < entries; i++) (void)fprintf(file, " %a", covariance->entries[i]);
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
               assay_quantity_name(quantity), e->schedule, e->point.time.nearest, e->mixture.dimension,
               e->mixture.count, j, ours[j], theirs[j]);
}

typedef struct {
  size_t dimension, kinds;
} size;

/* The script differentiates d times for the divergence, and inverts matrices in 400 digits. */
static void doubles_are_those_of_mpmath(void **state) {
  (void)state;
  static const size sizes[] = {{1, 1}, {2, 1}, {7, 1}, {100, 1}, {1, 3}, {2, 3}, {3, 3}, {5, 2}, {100, 2}, {30, 3}};
  assay_context context;
  assay_context_init(&context);
  test_random random = test_random_new(201);
  for (size_t i = 0; i < test_cases(1) * sizeof sizes / sizeof *sizes; i++)
    for (int q = ASSAY_VELOCITY; q <= ASSAY_DIVERGENCE; q++) {
      size s = sizes[i % (sizeof sizes / sizeof *sizes)];
      if (q == ASSAY_DIVERGENCE && s.dimension > 7) continue;
      if (s.dimension == 30 && q != ASSAY_DENOISER) continue;
      example e;
      draw(&e, &random, s.dimension, s.kinds, schedules[(i + (size_t)q) % SCHEDULES], &context);
      check(&e, (assay_quantity)q, &context);
      assay_mixture_clear(&e.mixture);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(doubles_are_those_of_mpmath)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
