#include "tests.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void mixture_binary_is_symmetric(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  const double mean[3] = {1, -2, 0.5};
  assay_mixture mixture;
  assay_real variance = {.nearest = 0.1, .exact = "1/10"};
  assert_int_equal(assay_mixture_binary(&mixture, 3, mean, variance, &context), ASSAY_OK);
  assert_int_equal(mixture.count, 2);
  for (size_t j = 0; j < 3; j++) {
    assert_true(mixture.components[0].mean[j] == mean[j]);
    assert_true(mixture.components[1].mean[j] == -mean[j]);
  }
  assert_string_equal(mixture.components[1].covariance.variance.exact, "1/10");
  assert_int_equal(assay_mixture_check(&mixture, &context), ASSAY_OK);
  assay_mixture_clear(&mixture);
}

static void break_weight(assay_mixture *m) { m->components[1].weight = assay_real_of(-0.25); }
static void break_weight_nan(assay_mixture *m) { m->components[1].weight = assay_real_of(NAN); }
static void break_mean(assay_mixture *m) { m->components[1].mean[1] = INFINITY; }
static void break_variance(assay_mixture *m) { m->components[0].covariance.variance = assay_real_of(0); }

static void use_entries(assay_mixture *m, assay_covariance_kind kind, size_t count) {
  assay_covariance *covariance = &m->components[1].covariance;
  covariance->kind = kind;
  covariance->entries = malloc(count * sizeof(double));
  assert_non_null(covariance->entries);
  for (size_t i = 0; i < count; i++) covariance->entries[i] = 1;
}

static void break_diagonal(assay_mixture *m) {
  use_entries(m, ASSAY_COVARIANCE_DIAGONAL, 2);
  m->components[1].covariance.entries[1] = -1;
}

static void break_symmetry(assay_mixture *m) {
  use_entries(m, ASSAY_COVARIANCE_FULL, 4);
  m->components[1].covariance.entries[1] = 0.5;
}

void mixture_refuses_by_name(void **state) {
  (void)state;
  const struct {
    void (*damage)(assay_mixture *);
    const char *message;
  } cases[] = {
      {break_weight, "components[1].weight: -0.25"},       {break_weight_nan, "components[1].weight: nan"},
      {break_mean, "components[1].mean[1]: inf"},          {break_variance, "components[0].covariance: 0"},
      {break_diagonal, "components[1].covariance[1]: -1"}, {break_symmetry, "components[1].covariance[0][1]: 0.5"},
  };
  assay_context context;
  assay_context_init(&context);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assay_mixture mixture;
    assert_int_equal(assay_mixture_init(&mixture, 2, 2, &context), ASSAY_OK);
    assert_int_equal(assay_mixture_check(&mixture, &context), ASSAY_OK);
    cases[i].damage(&mixture);
    assert_int_equal(assay_mixture_check(&mixture, &context), ASSAY_INVALID);
    test_check(strstr(context.message, cases[i].message), "message: %s", context.message);
    assay_mixture_clear(&mixture);
  }
}

void mixture_respects_the_memory_cap(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  context.memory_cap = 1000;
  assay_mixture mixture = {.dimension = 77};
  assert_int_equal(assay_mixture_init(&mixture, 1000, 2, &context), ASSAY_MEMORY);
  assert_int_equal(assay_mixture_init(&mixture, SIZE_MAX / 4, 2, &context), ASSAY_MEMORY);
  assert_int_equal(mixture.dimension, 77);
}
