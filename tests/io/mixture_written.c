/* io/mixture_json: a mixture that is written reads back as it was. */
#include "io/mixture_json.h"

#include "scratch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIMENSION = 4, MOST_COMPONENTS = 3 };

/* A double with all its digits; every tenth one among the smallest. */
static double any_number(test_random *random) {
  double size = test_integer(random, 0, 9) ? test_log_uniform(random, 1e-30, 1e30) : 0x1p-1070;
  return test_integer(random, 0, 1) ? size : -size;
}

static assay_real any_positive(test_random *random) {
  static const char *const exact[] = {"1/3", "0.1", "12345678901234567890.5e-3", "+7/2"};
  assay_context context;
  assay_context_init(&context);
  size_t at = test_integer(random, 0, 7);
  if (at >= sizeof exact / sizeof *exact) return assay_real_of(fabs(any_number(random)));
  assay_real parsed, real;
  assert_int_equal(assay_real_parse(&parsed, exact[at], true, "number", &context), ASSAY_OK);
  assert_int_equal(assay_real_copy(&real, parsed, &context), ASSAY_OK);
  return real;
}

static void fill_component(assay_component *component, size_t d, test_random *random) {
  assay_covariance *covariance = &component->covariance;
  component->weight = any_positive(random);
  for (size_t i = 0; i < d; i++) component->mean[i] = any_number(random);
  covariance->kind = (assay_covariance_kind)test_integer(random, 0, 2);
  if (covariance->kind == ASSAY_COVARIANCE_ISOTROPIC) {
    covariance->variance = any_positive(random);
    return;
  }
  covariance->entries = calloc((size_t)MOST_DIMENSION * MOST_DIMENSION, sizeof(double));
  assert_non_null(covariance->entries);
  if (covariance->kind == ASSAY_COVARIANCE_FULL)
    test_covariance(covariance->entries, d, 2.0, 10.0, random);
  else
    for (size_t i = 0; i < d; i++) covariance->entries[i] = fabs(any_number(random));
}

static uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static void check_bits(const double *left, const double *right, size_t count, const char *what) {
  for (size_t i = 0; i < count; i++)
    test_check(bits_of(left[i]) == bits_of(right[i]), "%s[%zu]: %a, read %a", what, i, left[i], right[i]);
}

static void check_real(assay_real left, assay_real right, const char *what) {
  test_check(left.nearest == right.nearest, "%s: %a, read %a", what, left.nearest, right.nearest);
  test_check(!left.exact == !right.exact && (!left.exact || strcmp(left.exact, right.exact) == 0),
             "%s: exact string %s, read %s", what, left.exact ? left.exact : "-", right.exact ? right.exact : "-");
}

static void check_same(const assay_mixture *left, const assay_mixture *right) {
  size_t d = left->dimension;
  test_check(d == right->dimension && left->count == right->count, "%zu components of dimension %zu", right->count,
             right->dimension);
  for (size_t k = 0; k < left->count; k++) {
    const assay_component *one = &left->components[k], *other = &right->components[k];
    check_real(one->weight, other->weight, "weight");
    check_bits(one->mean, other->mean, d, "mean");
    test_check(one->covariance.kind == other->covariance.kind, "kind %d", (int)other->covariance.kind);
    if (one->covariance.kind == ASSAY_COVARIANCE_ISOTROPIC)
      check_real(one->covariance.variance, other->covariance.variance, "variance");
    else
      check_bits(one->covariance.entries, other->covariance.entries,
                 one->covariance.kind == ASSAY_COVARIANCE_FULL ? d * d : d, "covariance");
  }
}

static void reads_what_was_written(void **state) {
  scratch *place = *state;
  test_random random = test_random_new(3);
  for (size_t k = 0; k < test_cases(20); k++) {
    assay_mixture in, out = {0};
    size_t d = test_integer(&random, 1, MOST_DIMENSION), count = test_integer(&random, 1, MOST_COMPONENTS);
    assert_int_equal(assay_mixture_init(&in, d, count, &place->context), ASSAY_OK);
    for (size_t i = 0; i < count; i++) fill_component(&in.components[i], d, &random);
    const char *path = scratch_path(place, "m.json");
    test_check(assay_mixture_write_json(path, &in, &place->context) == ASSAY_OK, "%s", place->context.message);
    test_check(assay_mixture_read_json(&out, path, &place->context) == ASSAY_OK, "%s", place->context.message);
    check_same(&in, &out);
    assay_mixture_clear(&in);
    assay_mixture_clear(&out);
  }
}

static void writes_no_false_mixture(void **state) {
  scratch *place = *state;
  assay_mixture mixture;
  assert_int_equal(assay_mixture_init(&mixture, 2, 1, &place->context), ASSAY_OK);
  mixture.components[0].mean[1] = NAN;
  assert_int_equal(assay_mixture_write_json(scratch_path(place, "m.json"), &mixture, &place->context), ASSAY_INVALID);
  assert_non_null(strstr(place->context.message, "components[0].mean[1]"));
  assert_int_equal(scratch_count(place), 0);
  assay_mixture_clear(&mixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_what_was_written, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(writes_no_false_mixture, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
