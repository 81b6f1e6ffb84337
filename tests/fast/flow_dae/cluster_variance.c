/* P^2 of the exact flow against the vectors themselves, and against trained flows whose steps get finer. */
#include "plain.h"
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static assay_context context;

typedef struct {
  size_t n, d;
  double sigma, lambda;
  uint64_t seed;
} variance_case;

#define CASE "n %zu d %zu sigma %a lambda %a seed %llu"
#define OF(at) (at)->n, (at)->d, (at)->sigma, (at)->lambda, (unsigned long long)(at)->seed

static assay_bounded variance_of(const assay_dae_data *data, const assay_dae_settings *settings) {
  assay_bounded out = {0, 0};
  test_check(assay_fast_dae_cluster_variance(&out, data, settings, &context) == ASSAY_OK, "%s", context.message);
  return out;
}

static void start(assay_dae_data *data, assay_dae_settings *settings, const variance_case *at) {
  assay_context_init(&context);
  *settings = assay_dae_settings_of(at->n, assay_real_of(at->sigma), assay_real_of(at->lambda));
  test_check(assay_fast_dae_data_init(data, settings, at->d, 0.5, at->seed, &context) == ASSAY_OK, "%s",
             context.message);
}

/* a_uu is the least value over w of sum |s_i x_u^i - w|^2 + lambda |w|^2: a ridge regression on a constant, here
 * summed up at its minimum. Nothing cancels, so the oracle is right to (n + d) 2^-64 or so. */
static long double least_value(const plain_set *set, const long double *x) {
  long double sum = 0;
  for (size_t j = 0; j < set->d; j++) {
    long double w = 0;
    for (size_t i = 0; i < set->n; i++) w += set->labels[i] * x[i * set->d + j];
    w /= (long double)set->n + set->lambda;
    for (size_t i = 0; i < set->n; i++) sum += powl(set->labels[i] * x[i * set->d + j] - w, 2);
    sum += set->lambda * w * w;
  }
  return sum;
}

static void against_vectors(void **state) {
  (void)state;
  test_random random = test_random_new(0xc1a5);
  for (size_t k = 0; k < test_cases(200); k++) {
    variance_case at = {test_integer(&random, 2, 40), test_integer(&random, 1, 300), test_uniform(&random, 0.1, 2),
                        k % 2 ? 0 : test_uniform(&random, 0, 3), test_bits(&random)};
    assay_dae_data data;
    assay_dae_settings settings;
    start(&data, &settings, &at);
    assay_bounded got = variance_of(&data, &settings);
    plain_set set = plain_set_of(&data, &settings);
    long double expected = least_value(&set, set.x1) / least_value(&set, set.x0);
    test_check(fabsl(got.value - expected) <= PLAIN_SLACK * got.error, CASE ": %.17g error %g, not %.21Lg", OF(&at),
               got.value, got.error, expected);
    test_check(at.d < 10 || got.error <= 1e-9 * got.value, CASE ": %.17g +- %g says nothing", OF(&at), got.value,
               got.error);
    plain_set_free(&set);
    assay_fast_dae_data_clear(&data);
  }
}

/* Linear Euler's P_K is P times the product of the cosines of K angles (section 3), which lowers it, relatively, by the
 * half sum of their squares to first order in 1/K. In the limit of large d and sigma = 1, without penalty, u_t = (1-t,
 * t) in an orthonormal frame turns at the rate 1/((1-t)^2 + t^2), whose square integrates to 1 + pi/2: a loss
 * of 1.29/K. Twice that is allowed, for d = 400 and the penalty. */
static void against_flow(void **state) {
  (void)state;
  const variance_case at = {5, 400, 1, 0.3, 12};
  assay_dae_data data;
  assay_dae_settings settings;
  start(&data, &settings, &at);
  const assay_bounded variance = variance_of(&data, &settings);
  double P = sqrt(variance.value);
  for (size_t steps = 100; steps <= 10000; steps *= 10) {
    assay_dae_flow flow;
    settings.steps = steps;
    assert_int_equal(assay_fast_dae_flow_init(&flow, &data, &settings, 1, 1, &context), ASSAY_OK);
    double lost = 1 - flow.perp[steps].value / P;
    test_check(lost > 0 && lost <= 2.6 / (double)steps, "K %zu: P_K %a, P %a", steps, flow.perp[steps].value, P);
    test_check(variance_of(&data, &settings).value == variance.value, "K %zu changes the exact flow", steps);
    assay_fast_dae_flow_clear(&flow);
  }
  assay_fast_dae_data_clear(&data);
}

static assay_status zeros(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                          double *out, size_t stride, assay_context *own) {
  (void)stream, (void)row, (void)column, (void)own;
  for (size_t i = 0; i < rows; i++) memset(out + i * stride, 0, columns * sizeof *out);
  return ASSAY_OK;
}

static void check_refused(const assay_dae_data *data, const assay_dae_settings *settings, assay_status expected,
                          const char *field) {
  assay_bounded out = {7, 8};
  assay_status status = assay_fast_dae_cluster_variance(&out, data, settings, &context);
  test_check(status == expected && strstr(context.message, field), "%s: %s", assay_status_name(status),
             context.message);
  test_check(out.value == 7 && out.error == 8, "%s: output touched", field);
}

static void contract(void **state) {
  (void)state;
  const variance_case at = {3, 5, 0.5, 0.1, 4};
  assay_dae_data data;
  assay_dae_settings settings;
  start(&data, &settings, &at);
  assay_dae_settings other = settings;
  other.skip = false;
  assay_bounded none = variance_of(&data, &other);
  test_check(none.value == 0 && none.error == 0, "no skip: %a +- %a", none.value, none.error);
  other = settings;
  other.noise = ASSAY_NOISE_FRESH;
  check_refused(&data, &other, ASSAY_UNSUPPORTED, "noise");
  other = settings;
  other.samples = 4;
  check_refused(&data, &other, ASSAY_INVALID, "samples");
  data.noise.read = zeros;
  check_refused(&data, &settings, ASSAY_PRECISION, "noise");
  assay_fast_dae_data_clear(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(against_vectors), cmocka_unit_test(against_flow),
                                     cmocka_unit_test(contract)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
