/* What the reference takes it gives back, GMP's and MPFR's memory included: after a second run of an operation the heap
 * holds what it held after the first. The C library's count is exact without its caches of freed blocks: see mallopt
 * below and GLIBC_TUNABLES in CMakeLists.txt. */
#include "testing.h"

#include "reference/flow_dae/labels_unknown.h"

#include <assay/reference.h>

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { DIMENSION = 2, GOAL = 80 };

static assay_context context;
static const double points[] = {0.25, 2, -1, 0.5};

static size_t held(void) {
  mpfr_free_cache();
  return mallinfo2().uordblks;
}

static void set_covariance(assay_component *c, assay_covariance_kind kind) {
  static const double full[] = {2, 0.5, 0.5, 1}, diagonal[] = {0.5, 3};
  size_t size = kind == ASSAY_COVARIANCE_FULL ? sizeof full : sizeof diagonal;
  c->covariance.kind = kind;
  if (kind == ASSAY_COVARIANCE_ISOTROPIC) return;
  c->covariance.entries = malloc(size);
  memcpy(c->covariance.entries, kind == ASSAY_COVARIANCE_FULL ? full : diagonal, size);
}

/* kind 3: one of each. The means are such that positions differ by a rounding: goals are reached in a second try. */
static void all_fields(size_t kind) {
  assay_mixture mixture;
  assert_int_equal(assay_mixture_init(&mixture, DIMENSION, 3, &context), ASSAY_OK);
  for (size_t k = 0; k < 3; k++) {
    assay_component *c = &mixture.components[k];
    c->covariance.variance = assay_real_of(1);
    set_covariance(c, (assay_covariance_kind)(kind == 3 ? k : kind));
    c->mean[0] = k ? 0x1p60 : 1, c->mean[1] = k == 1 ? 0x1p-60 : -1;
  }
  const assay_path_point at = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), (assay_real){1.0 / 3, "1/3"});
  mpfi_ptr out = NULL;
  assert_int_equal(assay_enclosures_init(&out, 4, &context), ASSAY_OK);
  for (int q = 0; q <= ASSAY_LOG_DENSITY; q++)
    assert_int_equal(assay_reference_field(out, (assay_quantity)q, &mixture, &at, points, 2, GOAL, &context), ASSAY_OK);
  double nearest[4];
  assert_int_equal(assay_reference_field_double(nearest, ASSAY_VELOCITY, &mixture, &at, points, 2, &context), ASSAY_OK);
  assay_enclosures_clear(out, 4);
  assay_mixture_clear(&mixture);
}

static void labels(size_t samples) {
  mpfi_t out;
  mpfi_init(out);
  assert_int_equal(labels_unknown_excess(out, points, samples, 4 / samples, assay_real_of(0.5), GOAL, &context),
                   ASSAY_OK);
  assert_int_equal(labels_unknown_pair(out, 2 * samples, assay_real_of(0.5), GOAL, &context), ASSAY_OK);
  mpfi_clear(out);
}

static void bayes(size_t dimension) {
  mpfi_t out;
  mpfi_init(out);
  const assay_real one = assay_real_of(1), half = assay_real_of(0.5);
  const assay_path_point at = assay_path_point_at(assay_schedule_of(ASSAY_TRIGONOMETRIC), half);
  assert_int_equal(assay_reference_bayes_estimation(out, dimension, half, one, GOAL, &context), ASSAY_OK);
  assert_int_equal(assay_reference_bayes_denoising(out, dimension, one, half, &at, GOAL, &context), ASSAY_OK);
  assert_int_equal(assay_reference_bayes_classification(out, one, half, &at, GOAL, &context), ASSAY_OK);
  mpfi_clear(out);
}

static void line(size_t count) {
  mpfi_t out;
  mpfi_init(out);
  assay_mixture mixture;
  assert_int_equal(assay_mixture_init(&mixture, 1, count, &context), ASSAY_OK);
  for (size_t k = 0; k < count; k++) {
    mixture.components[k].mean[0] = 2 * (double)k;
    mixture.components[k].covariance.variance = assay_real_of(0.5);
  }
  const assay_path_point at = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.75));
  assert_int_equal(assay_reference_line_denoising(out, &mixture, &at, 40, &context), ASSAY_OK);
  assert_int_equal(assay_reference_line_classification(out, &mixture, &at, 40, &context), ASSAY_OK);
  assay_mixture_clear(&mixture);
  mpfi_clear(out);
}

static void nothing_is_kept(void **state) {
  (void)state;
  const struct {
    const char *what;
    void (*run)(size_t);
    size_t argument;
  } operations[] = {{"isotropic fields", all_fields, ASSAY_COVARIANCE_ISOTROPIC},
                    {"diagonal fields", all_fields, ASSAY_COVARIANCE_DIAGONAL},
                    {"full fields", all_fields, ASSAY_COVARIANCE_FULL},
                    {"mixed fields", all_fields, 3},
                    {"one label", labels, 1},
                    {"labels", labels, 4},
                    {"Bayes errors", bayes, 3},
                    {"errors on a line", line, 2}};
  for (size_t k = 0; k < sizeof operations / sizeof *operations; k++) {
    operations[k].run(operations[k].argument);
    size_t before = held();
    operations[k].run(operations[k].argument);
    size_t after = held();
    test_check(after == before, "%s: the heap holds %zu bytes, %zu after one run more", operations[k].what, before,
               after);
  }
}

int main(void) {
  assay_context_init(&context);
  context.threads = 1;
  assert_true(mallopt(M_MXFAST, 0));
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_kept)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
