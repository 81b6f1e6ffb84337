/* assay_reference_check against a plain computation of the same definitions with MPFR, from enclosures of 600 bits; the
 * independence of its report from threads and from the way values were had. */
#include "check_case.h"
#include "field_examples.h"
#include "rounding_oracle.h"
#include "testing.h"

#include "reference/core/interval.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the definitions, plainly ---- */

typedef struct {
  int precision;
  long least, most;
} format_facts;

static const format_facts facts[] = {
    [ASSAY_BINARY16] = {11, -24, 15}, [ASSAY_BINARY32] = {24, -149, 127}, [ASSAY_BINARY64] = {53, -1074, 1023}};

typedef struct {
  double ulp, relative;
  size_t index;
} plain_error;

static double capped(mpfr_srcptr value) {
  double result = mpfr_get_d(value, MPFR_RNDN);
  return isinf(result) ? DBL_MAX : result;
}

/* NaN for what counts as nonfinite. reference: Q; largest: of |Q| in the row. */
static plain_error error_of(double got, mpfr_srcptr reference, mpfr_srcptr largest, format_facts f) {
  enum { EXACT = 5000 };
  plain_error out = {0, 0, 0};
  mpfr_t own, distance, denominator;
  mpfr_inits2(EXACT, own, distance, denominator, (mpfr_ptr)NULL);
  oracle_round(own, reference, f.precision, f.least);
  bool infinite = mpfr_regular_p(own) && mpfr_get_exp(own) > f.most + 1;
  long unit = mpfr_zero_p(own) ? f.least : mpfr_get_exp(own) - f.precision;
  if (unit < f.least) unit = f.least;
  if (infinite) unit = f.most + 1 - f.precision;
  if (!isfinite(got)) {
    bool right = isinf(got) && infinite && (got < 0) == (mpfr_sgn(reference) < 0);
    if (!right) out.ulp = out.relative = NAN;
  } else {
    mpfr_set_d(distance, got, MPFR_RNDN);
    mpfr_sub(distance, distance, reference, MPFR_RNDN);
    mpfr_abs(distance, distance, MPFR_RNDN);
    mpfr_set_prec(own, EXACT);
    mpfr_mul_2si(own, distance, -unit, MPFR_RNDN);
    out.ulp = capped(own);
    mpfr_abs(denominator, largest, MPFR_RNDN);
    mpfr_prec_round(denominator, 53, MPFR_RNDN);
    mpfr_prec_round(distance, 53, MPFR_RNDN);
    if (!mpfr_zero_p(distance)) {
      out.relative = INFINITY;
      mpfr_div(distance, distance, denominator, MPFR_RNDN);
      if (!mpfr_zero_p(denominator)) out.relative = capped(distance);
    }
  }
  mpfr_clears(own, distance, denominator, (mpfr_ptr)NULL);
  return out;
}

/* Q of a number that both ends of its enclosure must round to. */
static void reference_of(mpfr_ptr out, mpfi_srcptr truth, format_facts f) {
  mpfr_t other;
  mpfr_init2(other, 100);
  oracle_round(out, &truth->left, f.precision + 24, f.least - 24);
  oracle_round(other, &truth->right, f.precision + 24, f.least - 24);
  assert_true(mpfr_equal_p(out, other));
  mpfr_clear(other);
}

/* ---- a case ---- */

/* With what is to be expected of every entry. */
typedef struct {
  check_case given;
  plain_error *expected;
} drawn_case;

static assay_path_point point_of(const drawn_case *c, size_t row) {
  return c->given.times ? assay_path_point_at(c->given.point.schedule, assay_real_of(c->given.times[row]))
                        : c->given.point;
}

/* The number of the format next to Q, or a few ulps away; sometimes NaN or an infinity. */
static double draw_value(test_random *random, mpfr_srcptr reference, format_facts f) {
  mpfr_t own;
  mpfr_init2(own, 100);
  oracle_round(own, reference, f.precision, f.least);
  double value = mpfr_get_d(own, MPFR_RNDN), largest = ldexp(2 - ldexp(1, 1 - f.precision), (int)f.most);
  mpfr_clear(own);
  if (fabs(value) > largest) return value > 0 ? INFINITY : -INFINITY;
  size_t what = test_integer(random, 0, 40);
  if (what == 40) return NAN;
  if (what == 39) return INFINITY;
  double unit =
      value == 0 ? ldexp(1, (int)f.least) : fmax(ldexp(1, ilogb(value) + 1 - f.precision), ldexp(1, (int)f.least));
  double moved = value + (what < 20 ? 0 : (double)test_integer(random, 0, 4) - 2) * unit;
  double fraction = moved / fmax(unit, moved == 0 ? unit : ldexp(1, ilogb(moved) + 1 - f.precision));
  return fabs(moved) <= largest && fraction == rint(fraction) ? moved : value;
}

static void fill_row(drawn_case *c, size_t row, test_random *random) {
  size_t d = c->given.mixture.dimension;
  format_facts f = facts[c->given.format];
  mpfi_ptr truth = example_field_of(c->given.quantity, &c->given.mixture, point_of(c, row), c->given.x + row * d, 600);
  mpfr_t reference, largest;
  mpfr_inits2(100, reference, largest, (mpfr_ptr)NULL);
  mpfr_set_zero(largest, 1);
  for (size_t j = 0; j < c->given.width; j++) {
    reference_of(reference, &truth[j], f);
    if (mpfr_cmpabs(reference, largest) > 0) mpfr_set(largest, reference, MPFR_RNDN);
  }
  for (size_t j = 0; j < c->given.width; j++) {
    size_t i = row * c->given.width + j;
    reference_of(reference, &truth[j], f);
    c->given.got[i] = draw_value(random, reference, f);
    c->expected[i] = error_of(c->given.got[i], reference, largest, f);
    c->expected[i].index = i;
  }
  mpfr_clears(reference, largest, (mpfr_ptr)NULL);
  assay_enclosures_clear(truth, c->given.width);
}

static void *fresh(size_t count, size_t size) {
  void *memory = calloc(count ? count : 1, size);
  assert_non_null(memory);
  return memory;
}

/* Scales that bring values to the ends of the format now and then: scores are -g. */
static void draw_case(drawn_case *c, test_random *random, size_t which) {
  size_t d = test_integer(random, 1, 4);
  c->given = (check_case){.quantity = (assay_quantity)(which % 6), .format = (assay_format)(which / 6 % 3), .rows = 13};
  c->given.width = assay_quantity_width(c->given.quantity, d);
  assert_int_equal(assay_mixture_init(&c->given.mixture, d, test_integer(random, 1, 3), &example_context), ASSAY_OK);
  double size =
      which / 18 % 2 ? 1 : ldexp(1, c->given.format == ASSAY_BINARY16 ? (int)test_integer(random, 0, 32) - 18 : 0);
  for (size_t k = 0; k < c->given.mixture.count; k++) {
    double entries[4];
    for (size_t j = 0; j < d; j++) c->given.mixture.components[k].mean[j] = size * test_normal(random);
    for (size_t j = 0; j < d; j++) entries[j] = size * size * test_uniform(random, 0.1, 2);
    if (test_integer(random, 0, 1)) example_set_covariance(&c->given.mixture, k, ASSAY_COVARIANCE_DIAGONAL, entries);
    if (which % 7 == 0 && k == 0) example_set_random_full(&c->given.mixture, k, random);
  }
  c->given.point = assay_path_point_at(assay_schedule_of(which % 2 ? ASSAY_LINEAR : ASSAY_TRIGONOMETRIC),
                                       assay_real_of(test_uniform(random, 0, 1)));
  c->given.x = fresh(c->given.rows * d, sizeof(double));
  c->given.got = fresh(c->given.rows * c->given.width, sizeof(double));
  c->expected = fresh(c->given.rows * c->given.width, sizeof *c->expected);
  if (which % 3 == 2) c->given.times = fresh(c->given.rows, sizeof(double));
  for (size_t i = 0; c->given.times && i < c->given.rows; i++)
    c->given.times[i] = i % 4 ? c->given.times[i - 1] : i == 8 ? 1 : i == 12 ? 0 : test_uniform(random, 0, 1);
  for (size_t i = 0; i < c->given.rows * d; i++)
    c->given.x[i] = test_integer(random, 0, 9) ? size * test_normal(random) : 0;
  for (size_t row = 0; row < c->given.rows; row++) fill_row(c, row, random);
}

static void case_clear(drawn_case *c) {
  assay_mixture_clear(&c->given.mixture);
  free(c->given.times);
  free(c->given.x);
  free(c->given.got);
  free(c->expected);
}

/* ---- the report, plainly ---- */

static int by_number(const void *left, const void *right) {
  const double *a = left, *b = right;
  return (*a > *b) - (*a < *b);
}

static int by_error(const void *left, const void *right) {
  const plain_error *a = left, *b = right;
  if (a->ulp != b->ulp) return a->ulp < b->ulp ? 1 : -1;
  return (a->index > b->index) - (a->index < b->index);
}

static void check_errors(const assay_check_errors *got, double *values, size_t count, const char *what) {
  qsort(values, count, sizeof *values, by_number);
  const double shares[] = {0.5, 0.99, 0.999}, found[] = {got->p50, got->p99, got->p999};
  for (size_t i = 0; i < 3 && count; i++) {
    size_t rank = 0; /* first whose entries up to it are the share */
    while ((double)(rank + 1) < shares[i] * (double)count) rank++;
    test_check(found[i] == values[rank], "%s, share %g: %a, expected %a", what, shares[i], found[i], values[rank]);
  }
  if (count) test_check(got->maximum == values[count - 1], "%s: maximum %a", what, got->maximum);
}

static void check_worst(const assay_check_report *report, plain_error *kept, size_t count, const drawn_case *c) {
  qsort(kept, count, sizeof *kept, by_error);
  assert_int_equal(report->worst_count, count < 5 ? count : 5);
  for (size_t i = 0; i < report->worst_count; i++) {
    const assay_check_entry *entry = &report->worst[i];
    size_t index = entry->place.row * c->given.width + entry->place.column;
    test_check(index == kept[i].index && entry->ulp == kept[i].ulp && entry->relative == kept[i].relative,
               "worst %zu: entry %zu of %a ULP, expected entry %zu of %a", i, index, entry->ulp, kept[i].index,
               kept[i].ulp);
    assert_true(entry->got == c->given.got[index]);
  }
  if (count) {
    assert_int_equal(report->ulp.place.row * c->given.width + report->ulp.place.column, kept[0].index);
    assert_true(report->ulp.maximum == kept[0].ulp);
  }
}

static void check_report(const assay_check_report *report, const drawn_case *c, const assay_check_options *options) {
  size_t entries = c->given.rows * c->given.width, count = 0, beyond = 0, histogram[ASSAY_CHECK_BINS] = {0},
         first = SIZE_MAX;
  plain_error *kept = fresh(entries, sizeof *kept);
  double *ulp = fresh(entries, sizeof *ulp), *relative = fresh(entries, sizeof *relative);
  for (size_t i = 0; i < entries; i++) {
    plain_error e = c->expected[i];
    if (isnan(e.ulp) && first == SIZE_MAX) first = i;
    beyond += isnan(e.ulp) || e.ulp > options->tolerance_ulp || e.relative > options->tolerance_relative;
    if (isnan(e.ulp)) continue;
    int bin = e.ulp <= 0.5 ? 0 : (int)ceil(log2(e.ulp)) + 1;
    histogram[bin < ASSAY_CHECK_BINS ? bin : ASSAY_CHECK_BINS - 1]++;
    ulp[count] = e.ulp;
    relative[count] = e.relative;
    kept[count++] = e;
  }
  assert_int_equal(report->entries, entries);
  assert_int_equal(report->rows, c->given.rows);
  assert_int_equal(report->nonfinite, entries - count);
  if (first != SIZE_MAX)
    assert_int_equal(report->first_nonfinite.row * c->given.width + report->first_nonfinite.column, first);
  assert_int_equal(report->beyond, beyond);
  assert_memory_equal(report->histogram, histogram, sizeof histogram);
  check_worst(report, kept, count, c);
  check_errors(&report->ulp, ulp, count, "ulp");
  check_errors(&report->relative, relative, count, "relative");
  free(kept);
  free(ulp);
  free(relative);
}

/* ---- tests ---- */

enum { CASES = 54 };
static const assay_check_options plain_options = {.tolerance_ulp = 1, .tolerance_relative = 1e-6, .worst = 5};

static void reports_are_those_of_the_definitions(void **state) {
  (void)state;
  test_random random = test_random_new(7401);
  for (size_t i = 0; i < test_cases(CASES); i++) {
    drawn_case c;
    draw_case(&c, &random, i);
    assay_check_report report;
    test_check(!check_case_run(&report, &c.given, &plain_options), "case %zu: %s", i, example_context.message);
    check_report(&report, &c, &plain_options);
    assay_check_report_clear(&report);
    case_clear(&c);
  }
}

static bool same_errors(const assay_check_errors *a, const assay_check_errors *b) {
  return a->maximum == b->maximum && a->p50 == b->p50 && a->p99 == b->p99 && a->p999 == b->p999 &&
         a->place.row == b->place.row && a->place.column == b->place.column;
}

static void check_same(const assay_check_report *a, const assay_check_report *b, size_t i) {
  test_check(same_errors(&a->ulp, &b->ulp) && same_errors(&a->relative, &b->relative) &&
                 !memcmp(a->histogram, b->histogram, sizeof a->histogram) && a->beyond == b->beyond &&
                 a->nonfinite == b->nonfinite && a->worst_count == b->worst_count,
             "case %zu", i);
  for (size_t k = 0; k < a->worst_count; k++) {
    const assay_check_entry *p = &a->worst[k], *q = &b->worst[k];
    test_check(!memcmp(&p->place, &q->place, sizeof p->place) && p->ulp == q->ulp && p->relative == q->relative &&
                   p->got == q->got && p->condition == q->condition &&
                   mpfr_equal_p(&p->expected->left, &q->expected->left) &&
                   mpfr_equal_p(&p->expected->right, &q->expected->right),
               "case %zu, worst %zu", i, k);
  }
}

/* Threads, and intervals alone, change nothing but `escalated`. */
static void reports_do_not_depend_on_the_way(void **state) {
  (void)state;
  test_random random = test_random_new(7402);
  size_t quick_rows = 0, rows = 0;
  for (size_t i = 0; i < test_cases(CASES); i++) {
    drawn_case c;
    draw_case(&c, &random, i);
    assay_check_options certify = plain_options;
    certify.certify = true;
    assay_check_report reports[3];
    assert_int_equal(check_case_run(&reports[0], &c.given, &plain_options), ASSAY_OK);
    example_context.threads = i % 4 ? 1 : 2;
    assert_int_equal(check_case_run(&reports[1], &c.given, &plain_options), ASSAY_OK);
    example_context.threads = 1;
    assert_int_equal(check_case_run(&reports[2], &c.given, &certify), ASSAY_OK);
    assert_int_equal(reports[0].escalated, reports[1].escalated);
    assert_int_equal(reports[2].escalated, c.given.rows);
    quick_rows += c.given.rows - reports[0].escalated;
    rows += c.given.rows;
    check_same(&reports[0], &reports[1], i);
    check_same(&reports[0], &reports[2], i);
    for (size_t k = 0; k < 3; k++) assay_check_report_clear(&reports[k]);
    case_clear(&c);
  }
  test_check(quick_rows * 2 > rows, "%zu of %zu rows without intervals: this compared little", quick_rows, rows);
}

static int set_up(void **state) {
  (void)state;
  assay_context_init(&example_context);
  example_context.threads = 1; /* for many small regions on a busy machine */
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reports_are_those_of_the_definitions),
      cmocka_unit_test(reports_do_not_depend_on_the_way),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
