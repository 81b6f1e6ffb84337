/* The proved errors of the Gram products where rounding is as bad as it gets: data whose rows are constant, so that
 * every addition of a sum rounds the same way for long stretches. Random data, whose roundings cancel, cannot tell a
 * bound from one a hundred times too small; here the largest error seen must also reach a stated part of its bound. */
#include "testing.h"

#include "fast/core/schedule.h"
#include "fast/flow_dae/gram.h"

#include <math.h>
#include <mpfi_io.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 256 };

/* Row i of a stream of constants. */
static assay_status read_constant(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                                  double *out, size_t stride, assay_context *context) {
  (void)column;
  (void)context;
  const double *values = stream->self;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) out[i * stride + j] = values[row + i];
  return ASSAY_OK;
}

static double distance(assay_bounded got, mpfi_srcptr exact) {
  mpfi_t difference;
  mpfi_init2(difference, BITS);
  mpfi_sub_d(difference, exact, got.value);
  double most = fmax(fabs(mpfr_get_d(&difference->left, MPFR_RNDA)), fabs(mpfr_get_d(&difference->right, MPFR_RNDA)));
  mpfi_clear(difference);
  return most;
}

/* The error seen over the bound; fails above 1. */
static double used(assay_bounded got, mpfi_srcptr exact, const char *what, size_t n, size_t d) {
  double most = distance(got, exact);
  test_check(most <= got.error, "%s, %zu x %zu: %a is %g away, its error says %g", what, n, d, got.value, most,
             got.error);
  return got.error > 0 ? most / got.error : 0;
}

enum { Q00, Q01, Q11, G00, G01, G11, MEAN_S0, MEAN_T, S0_T, T_T, OVERLAP, NUMBERS };

static const char *const names[NUMBERS] = {"q00",     "q01",    "q11",  "g00", "g01",    "g11",
                                           "mean_s0", "mean_t", "s0_t", "tt",  "overlap"};

/* S_0, S_1, q_00, q_01, q_11 and T of one column, and a scratch number. */
typedef struct {
  mpfi_t s[2], q[3], t, term;
} exact_sums;

static void zero_number(mpfi_ptr number) {
  mpfi_init2(number, BITS);
  mpfi_set_d(number, 0);
}

static void exact_start(exact_sums *e) {
  memset(e, 0, sizeof *e);
  for (size_t u = 0; u < 2; u++) zero_number(e->s[u]);
  for (size_t k = 0; k < 3; k++) zero_number(e->q[k]);
  zero_number(e->t);
  zero_number(e->term);
}

static void exact_end(exact_sums *e) {
  for (size_t u = 0; u < 2; u++) mpfi_clear(e->s[u]);
  for (size_t k = 0; k < 3; k++) mpfi_clear(e->q[k]);
  mpfi_clear(e->t);
  mpfi_clear(e->term);
}

static void sum_exactly(exact_sums *e, const double *const values[2], const signed char *labels, size_t n,
                        double mean) {
  for (size_t i = 0; i < n; i++) {
    for (size_t u = 0; u < 2; u++) mpfi_add_d(e->s[u], e->s[u], labels[i] * values[u][i]);
    for (size_t u = 0, k = 0; u < 2; u++)
      for (size_t v = u; v < 2; v++, k++) {
        mpfi_set_d(e->term, values[u][i]);
        mpfi_mul_d(e->term, e->term, values[v][i]);
        mpfi_add(e->q[k], e->q[k], e->term);
      }
  }
  mpfi_set_d(e->t, mean);
  mpfi_mul_ui(e->t, e->t, n);
  mpfi_sub(e->t, e->s[1], e->t);
}

static double used_product(assay_bounded got, exact_sums *e, mpfi_srcptr a, mpfi_srcptr b, int name, size_t n,
                           size_t d) {
  mpfi_mul(e->term, a, b);
  mpfi_mul_ui(e->term, e->term, d);
  return used(got, e->term, names[name], n, d);
}

/* Raises most[] to what one data set uses of each bound. */
static void one_set(double most[NUMBERS], size_t n, size_t d, double mean, test_random *random) {
  double *values[2] = {malloc(n * sizeof(double)), malloc(n * sizeof(double))};
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = assay_dae_settings_of(n, assay_real_of(0.5), assay_real_of(0.1));
  assay_dae_data data;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, d, 1, 1, &context), ASSAY_OK);
  double base[2] = {test_uniform(random, 0.5, 1), test_uniform(random, 0.5, 1)};
  for (size_t u = 0; u < 2; u++)
    for (size_t i = 0; i < n; i++) values[u][i] = base[u];
  data.noise = (assay_stream){n, d, values[0], read_constant};
  data.data = (assay_stream){n, d, values[1], read_constant};
  data.mean = mean;
  dae_gram gram;
  assert_int_equal(dae_gram_init(&gram, NULL, NULL, &data, 0, &context), ASSAY_OK);
  exact_sums e;
  exact_start(&e);
  sum_exactly(&e, (const double *const *)values, data.labels, n, mean);
  double part[NUMBERS];
  const assay_bounded q[] = {gram.q00, gram.q01, gram.q11};
  for (size_t k = 0; k < 3; k++) {
    mpfi_mul_ui(e.q[k], e.q[k], d);
    part[Q00 + k] = used(q[k], e.q[k], names[Q00 + k], n, d);
  }
  mpfi_t constant;
  mpfi_init2(constant, BITS);
  mpfi_set_d(constant, mean);
  part[G00] = used_product(gram.g00, &e, e.s[0], e.s[0], G00, n, d);
  part[G01] = used_product(gram.g01, &e, e.s[0], e.s[1], G01, n, d);
  part[G11] = used_product(gram.g11, &e, e.s[1], e.s[1], G11, n, d);
  part[MEAN_S0] = used_product(gram.mean_s0, &e, constant, e.s[0], MEAN_S0, n, d);
  part[MEAN_T] = used_product(gram.mean_t, &e, constant, e.t, MEAN_T, n, d);
  part[S0_T] = used_product(gram.s0_t, &e, e.s[0], e.t, S0_T, n, d);
  part[T_T] = used_product(gram.tt, &e, e.t, e.t, T_T, n, d);
  mpfi_set_d(constant, values[1][n - 1]);
  part[OVERLAP] = used_product(dae_overlap(&gram, n - 1, ROW_S01), &e, e.s[0], constant, OVERLAP, n, d);
  for (size_t k = 0; k < NUMBERS; k++) most[k] = fmax(most[k], part[k]);
  mpfi_clear(constant);
  exact_end(&e);
  dae_gram_clear(&gram);
  assay_fast_dae_data_clear(&data);
  free(values[0]);
  free(values[1]);
}

/* At most a term's roundings are all half an ulp and all upwards; a sum of constants has errors spread evenly over
 * [-1/2, 1/2] ulp from one binade to the next, of relative size 1/2 to 1 u: a twentieth of the bound is what a
 * few hundred sets reach with a wide margin. */
static const double REACHED = 0.05;

static void worst_roundings(void **state) {
  (void)state;
  test_random random = test_random_new(0x40d);
  const size_t shapes[][2] = {{1024, 1}, {1, 60000}, {64, 4099}, {33, 7}, {512, 20011}};
  double best[NUMBERS] = {0};
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
    for (size_t set = 0; set < test_cases(shapes[k][0] * shapes[k][1] < 5000 ? 200 : 10); set++)
      one_set(best, shapes[k][0], shapes[k][1], test_uniform(&random, 0.1, 1), &random);
  for (size_t k = 0; k < NUMBERS; k++)
    test_check(best[k] >= REACHED, "%s: the largest error seen is %g of its bound", names[k], best[k]);
}

/* The vectors' own errors, apart from those of the products: in one dimension the sum of n constants. */
static void sums_of_rows(void **state) {
  (void)state;
  test_random random = test_random_new(0x50d);
  double best = 0;
  for (size_t set = 0; set < test_cases(300); set++) {
    enum { N = 1024 };
    double values[N], sums[2], base = test_uniform(&random, 0.5, 1);
    for (size_t i = 0; i < N; i++) values[i] = base;
    assay_context context;
    assay_context_init(&context);
    assay_dae_settings settings = assay_dae_settings_of(N, assay_real_of(0.5), assay_real_of(0.1));
    assay_dae_data data;
    assert_int_equal(assay_fast_dae_data_init(&data, &settings, 1, 1, 1, &context), ASSAY_OK);
    data.noise = data.data = (assay_stream){N, 1, values, read_constant};
    dae_gram gram;
    assert_int_equal(dae_gram_init(&gram, &sums[0], &sums[1], &data, 0, &context), ASSAY_OK);
    double error = fabs(fma(-(double)N, base, sums[0])); /* N base is exact, and so is the difference of near numbers */
    test_check(error <= gram.s0.error && error <= gram.s0_entry_error, "sum of %d %a: error %g, bounds %g %g", N, base,
               error, gram.s0.error, gram.s0_entry_error);
    test_check(gram.s0_entry >= sums[0] && gram.s0.norm >= sums[0], "sum %a, bounds %a %a", sums[0], gram.s0_entry,
               gram.s0.norm);
    best = fmax(best, error / gram.s0.error);
    dae_gram_clear(&gram);
    assay_fast_dae_data_clear(&data);
  }
  test_check(best >= REACHED, "the largest error seen is %g of its bound", best);
}

/* The mean's error with a start of constants v and every other number exact: (P v - mean)^2 in each of the dimensions,
 * mean close to P v so that the sum over the samples is what counts. */
static void sums_of_start(void **state) {
  (void)state;
  enum { COUNT = 4000, D = 3 };
  test_random random = test_random_new(0x3e0);
  double best = 0;
  for (size_t set = 0; set < test_cases(300); set++) {
    double values[COUNT], vectors[2][D];
    signed char signs[COUNT];
    assay_bounded a[COUNT], b[COUNT], perp[2] = {{1, 0}, {test_uniform(&random, 0.5, 1), 0}}, got;
    double base = test_uniform(&random, 0.5, 1);
    for (size_t i = 0; i < COUNT; i++) {
      values[i] = base;
      signs[i] = 1;
      a[i] = b[i] = (assay_bounded){0, 0};
    }
    for (size_t j = 0; j < D; j++) vectors[0][j] = vectors[1][j] = 0.5;
    assay_dae_flow flow = {.samples = 1, .dimension = D, .count = COUNT, .steps = 1};
    flow.perp = perp;
    flow.a = a;
    flow.b = b;
    flow.signs = signs;
    flow.xb0 = vectors[0];
    flow.xb1 = vectors[1];
    flow.start = (assay_stream){COUNT, D, values, read_constant};
    assay_dae_data data = {.samples = 1, .dimension = D, .mean = 0.999 * base * perp[1].value};
    assay_context context;
    assay_context_init(&context);
    assert_int_equal(assay_fast_dae_flow_mean_error(&got, &flow, &data, &context), ASSAY_OK);
    mpfi_t exact;
    mpfi_init2(exact, BITS);
    mpfi_set_d(exact, base);
    mpfi_mul_d(exact, exact, perp[1].value);
    mpfi_sub_d(exact, exact, data.mean);
    mpfi_sqr(exact, exact);
    best = fmax(best, used(got, exact, "mean error", COUNT, D));
    mpfi_clear(exact);
  }
  test_check(best >= REACHED, "the largest error seen is %g of its bound", best);
}

static void check_path(assay_schedule_kind schedule, double p, double q) {
  schedule_coefficients path = schedule_coefficients_at_ratio(assay_schedule_of(schedule), p, q);
  mpfi_t time, alpha, beta, kappa, slope;
  mpfi_ptr all[] = {time, alpha, beta, kappa, slope};
  for (size_t k = 0; k < 5; k++) mpfi_init2(all[k], BITS);
  mpfi_set_d(time, p);
  mpfi_div_d(time, time, q);
  if (schedule == ASSAY_LINEAR) {
    mpfi_set(beta, time);
    mpfi_ui_sub(alpha, 1, time);
    mpfi_set_si(slope, -1);
    mpfi_set_si(kappa, 1);
  } else {
    mpfi_const_pi(kappa);
    mpfi_div_ui(kappa, kappa, 2);
    mpfi_mul(time, time, kappa);
    mpfi_sin(beta, time);
    mpfi_cos(alpha, time);
    mpfi_mul(slope, kappa, beta);
    mpfi_neg(slope, slope);
  }
  const assay_bounded got[] = {path.alpha, path.beta, path.alpha_rate, path.rotation};
  mpfi_ptr exact[] = {alpha, beta, slope, kappa};
  for (size_t k = 0; k < 4; k++) {
    /* cos(pi/2) at 256 bits is an interval of width 2^-256 around the exact 0 */
    double most = p == q && k == 0 ? fabs(got[k].value) : distance(got[k], exact[k]);
    test_check(most <= fmax(got[k].error, 0x1p-250), "%s at %a/%a, number %zu: %a +- %g is %g away",
               assay_schedule_name(schedule), p, q, k, got[k].value, got[k].error, most);
    test_check(got[k].error <= 0x1p-49 * fabs(got[k].value), "%s at %a/%a, number %zu: error %g of %g",
               assay_schedule_name(schedule), p, q, k, got[k].error, got[k].value);
  }
  for (size_t k = 0; k < 5; k++) mpfi_clear(all[k]);
}

static void paths(void **state) {
  (void)state;
  test_random random = test_random_new(0x9a7);
  for (int schedule = 0; schedule < 2; schedule++) {
    assay_schedule_kind which = schedule ? ASSAY_TRIGONOMETRIC : ASSAY_LINEAR;
    const double ends[] = {0, 0x1p-1000, 0x1p-30, 0.5, 1 - 0x1p-53, 1};
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) check_path(which, ends[k], 1);
    for (size_t k = 0; k < test_cases(2000); k++) {
      double q = (double)test_integer(&random, 1, 100000);
      check_path(which, (double)test_integer(&random, 0, (size_t)q), q);
      check_path(which, test_uniform(&random, 0, 1), 1);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(worst_roundings), cmocka_unit_test(sums_of_rows),
                                     cmocka_unit_test(sums_of_start), cmocka_unit_test(paths)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
