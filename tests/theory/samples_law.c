/* Tabulated distribution functions against MPFR, counted distances against sorted samples. */
#include "testing.h"

#include "theory/samples/law.h"
#include "theory/samples/tally.h"

#include <math.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 200, LEVELS = 512, COMPONENTS = 3, VALUES = 2000 };

static marginal_component components[COMPONENTS];
static double quantiles[LEVELS];

static void draw_components(test_random *random) {
  double sum = 0;
  for (size_t k = 0; k < COMPONENTS; k++) {
    components[k] = (marginal_component){
        {test_uniform(random, 0.1, 1), 0}, {test_uniform(random, -9, 9), 0}, {exp(test_uniform(random, -6, 2)), 0}};
    sum += components[k].weight.value;
  }
  for (size_t k = 0; k < COMPONENTS; k++) components[k].weight.value /= sum;
  law_normal_quantiles(quantiles, LEVELS);
}

/* sum w Phi((x - m)/s) */
static double exact_cdf(double x) {
  mpfr_t sum, z, root;
  mpfr_inits2(BITS, sum, z, root, (mpfr_ptr)NULL);
  mpfr_set_ui(sum, 0, MPFR_RNDN);
  mpfr_sqrt_ui(root, 2, MPFR_RNDN);
  for (size_t k = 0; k < COMPONENTS; k++) {
    mpfr_set_d(z, components[k].mean.value, MPFR_RNDN);
    mpfr_sub_d(z, z, x, MPFR_RNDN);
    mpfr_div_d(z, z, components[k].deviation.value, MPFR_RNDN);
    mpfr_div(z, z, root, MPFR_RNDN);
    mpfr_erfc(z, z, MPFR_RNDN);
    mpfr_mul_d(z, z, components[k].weight.value / 2, MPFR_RNDN);
    mpfr_add(sum, sum, z, MPFR_RNDN);
  }
  double value = mpfr_get_d(sum, MPFR_RNDN);
  mpfr_clears(sum, z, root, (mpfr_ptr)NULL);
  return value;
}

static void mixtures_are_tabulated(void **state) {
  (void)state;
  test_random random = test_random_new(11);
  assay_context context;
  assay_context_init(&context);
  for (size_t i = 0; i < test_cases(5); i++) {
    law table;
    draw_components(&random);
    assert_int_equal(law_mixture_init(&table, components, COMPONENTS, quantiles, LEVELS, &context), ASSAY_OK);
    assert_in_range(table.count, LEVELS, LEVELS + 16 * COMPONENTS);
    double before = 0, steepest = 0;
    for (size_t e = 0; e < table.count; e++) {
      double exact = exact_cdf(table.edge[e]);
      test_check(fabs(table.cdf[e] - exact) <= table.error, "edge %a: %a not %a", table.edge[e], table.cdf[e], exact);
      /* between edges: each component has 1/512 of itself at most 16 times over, as w 512 edges are placed in it */
      test_check(exact - before <= COMPONENTS * 1.01 / LEVELS + 1e-12, "edge %zu: step %a", e, exact - before);
      before = exact;
      steepest = fmax(steepest, law_mixture_density(components, COMPONENTS, table.edge[e]));
    }
    assert_true(table.error < 1e-13 && table.steepest >= steepest);
    law_clear(&table);
  }
}

/* Hundreds of components that lie on each other are one: edges are as many and as even as one's, within a few steps. */
static void overlapping_components_share_no_edges(void **state) {
  (void)state;
  enum { MANY = 300 };
  static marginal_component same[MANY];
  assay_context context;
  assay_context_init(&context);
  law_normal_quantiles(quantiles, LEVELS);
  for (size_t k = 0; k < MANY; k++) same[k] = (marginal_component){{1.0 / MANY, 0}, {2, 0}, {3, 0}};
  law table;
  double before = 0;
  assert_int_equal(law_mixture_init(&table, same, MANY, quantiles, LEVELS, &context), ASSAY_OK);
  assert_in_range(table.count, LEVELS / 2, 2 * LEVELS + 1);
  for (size_t e = 0; e < table.count; e++) {
    test_check(table.cdf[e] - before <= 4.0 / LEVELS, "edge %zu: step %a", e, table.cdf[e] - before);
    before = table.cdf[e];
  }
  test_check(1 - before <= 4.0 / LEVELS, "last edge: %a", before);
  law_clear(&table);
}

/* Wrong means and deviations within their radii stay within the table's error. */
static void radii_of_components_are_in_the_error(void **state) {
  (void)state;
  test_random random = test_random_new(12);
  assay_context context;
  assay_context_init(&context);
  for (size_t i = 0; i < test_cases(6); i++) {
    law table;
    draw_components(&random);
    for (size_t k = 0; k < COMPONENTS; k++) {
      components[k].mean.error = components[k].deviation.value * test_uniform(&random, 0, 0.01);
      components[k].deviation.error = components[k].deviation.value * test_uniform(&random, 0, 0.01);
    }
    assert_int_equal(law_mixture_init(&table, components, COMPONENTS, quantiles, LEVELS, &context), ASSAY_OK);
    for (size_t k = 0; k < COMPONENTS; k++) {
      components[k].mean.value += components[k].mean.error * (test_bits(&random) & 1 ? 1 : -1);
      components[k].deviation.value += components[k].deviation.error * (test_bits(&random) & 1 ? 1 : -1);
    }
    for (size_t e = 0; e < table.count; e++)
      test_check(fabs(table.cdf[e] - exact_cdf(table.edge[e])) <= table.error, "edge %a", table.edge[e]);
    law_clear(&table);
  }
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The supremum over the line from sorted values; the table's is at most that, and less by at most a step. */
static void distances_are_those_of_sorted_values(void **state) {
  (void)state;
  test_random random = test_random_new(13);
  assay_context context;
  assay_context_init(&context);
  for (size_t i = 0; i < test_cases(5); i++) {
    law table;
    double values[2 * VALUES], above = 0, below = 0, step = 0;
    draw_components(&random);
    for (size_t v = 0; v < (size_t)2 * VALUES; v++) values[v] = test_uniform(&random, -12, 12);
    assert_int_equal(law_mixture_init(&table, components, COMPONENTS, quantiles, LEVELS, &context), ASSAY_OK);
    uint64_t *counts = calloc(table.count + 1, sizeof *counts);
    assert_non_null(counts);
    law_count(counts, &table, values, 2, VALUES);
    law_distance got = law_distance_of(&table, counts);
    for (size_t v = 0; v < VALUES; v++) values[v] = values[2 * v];
    qsort(values, VALUES, sizeof *values, compare);
    for (size_t v = 0; v < VALUES; v++) {
      double exact = exact_cdf(values[v]);
      above = fmax(above, (double)(v + 1) / VALUES - exact);
      below = fmax(below, exact - (double)v / VALUES);
    }
    for (size_t e = 0; e + 1 < table.count; e++) step = fmax(step, table.cdf[e + 1] - table.cdf[e]);
    assert_int_equal(got.total, VALUES);
    test_check(got.above <= above + 1e-12 && got.above >= above - step && got.below <= below + 1e-12 &&
                   got.below >= below - step,
               "%a of %a, %a of %a, step %a", got.above, above, got.below, below, step);
    for (size_t v = 0; v < VALUES; v++) { /* (edge before, edge] */
      size_t bin = law_bin(&table, values[v]);
      assert_true((bin == table.count || values[v] <= table.edge[bin]) &&
                  (bin == 0 || values[v] > table.edge[bin - 1]));
    }
    assert_int_equal(law_bin(&table, table.edge[7]), 7);
    free(counts);
    law_clear(&table);
  }
}

/* sqrt(chi^2_d): P(|z| <= r) for d = 1, 2 and 4 in closed form. */
static void radii_are_tabulated(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  law_normal_quantiles(quantiles, LEVELS);
  static const size_t dimensions[] = {1, 2, 4};
  for (size_t i = 0; i < 3; i++) {
    law table;
    assert_int_equal(law_chi_init(&table, dimensions[i], quantiles, LEVELS, &context), ASSAY_OK);
    assert_true(table.count > LEVELS / 2 && table.error < 0x1p-29);
    for (size_t e = 0; e < table.count; e++) {
      double r = table.edge[e], h = r * r / 2;
      double exact = i == 0 ? erf(r / sqrt(2)) : i == 1 ? -expm1(-h) : -expm1(-h) - h * exp(-h);
      test_check(fabs(table.cdf[e] - exact) <= table.error + 1e-15, "d %zu r %a: %a not %a", dimensions[i], r,
                 table.cdf[e], exact);
    }
    law_clear(&table);
  }
}

/* 1000 sizes of 2^-30, 10 of 1, one unknown: all small moves and 11 wrong samples is the best split for a density 1. */
static void shifts_leave_out_the_large(void **state) {
  (void)state;
  static tally_sizes sizes;
  memset(&sizes, 0, sizeof sizes);
  sizes.count[1100 - 29] = 1000; /* 2^-30 lies below 2^-29 */
  sizes.count[1101] = 10;
  sizes.count[TALLY_EXPONENTS - 1] = 1;
  double got = tally_shift(&sizes, 1, 1, 1011);
  test_check(fabs(got - (0x1p-29 + 11.0 / 1011)) < 1e-15, "%a", got);
  got = tally_shift(&sizes, 0x1p-20, 1, 1011); /* moves of 2^-19 cost less than ten samples */
  test_check(fabs(got - (0x1p-19 + 1.0 / 1011)) < 1e-15, "%a", got);
  assert_true(tally_shift(&sizes, INFINITY, 1, 1011) == 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mixtures_are_tabulated),
      cmocka_unit_test(overlapping_components_share_no_edges),
      cmocka_unit_test(radii_of_components_are_in_the_error),
      cmocka_unit_test(distances_are_those_of_sorted_values),
      cmocka_unit_test(radii_are_tabulated),
      cmocka_unit_test(shifts_leave_out_the_large),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
