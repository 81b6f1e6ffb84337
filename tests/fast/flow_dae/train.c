/* The label solution against the plain oracle, and against finite differences of its loss. */
#include "plain.h"
#include "testing.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  size_t n, d;
  double sigma, lambda, norm2;
  assay_schedule_kind schedule;
  uint64_t seed;
  bool no_skip;
} training_case;

static void start(assay_dae_data *data, assay_dae_settings *settings, const training_case *at) {
  assay_context context;
  assay_context_init(&context);
  *settings = assay_dae_settings_of(at->n, assay_real_of(at->sigma), assay_real_of(at->lambda));
  settings->norm2 = assay_real_of(at->norm2);
  settings->schedule = plain_schedule(at->schedule);
  settings->skip = !at->no_skip;
  test_check(assay_fast_dae_data_init(data, settings, at->d, 0.5, at->seed, &context) == ASSAY_OK, "%s",
             context.message);
}

#define CASE "n %zu d %zu sigma %a lambda %a norm2 %a %s seed %llu no_skip %d time %a"
#define OF(at, time)                                                                                                   \
  (at)->n, (at)->d, (at)->sigma, (at)->lambda, (at)->norm2, assay_schedule_name((at)->schedule),                       \
      (unsigned long long)(at)->seed, (at)->no_skip, time

static bool within(assay_bounded got, long double expected) {
  return fabsl(got.value - expected) <= PLAIN_SLACK * got.error;
}

/* The oracle subtracts S_1 - c S_t, which loses all its figures near t = 1: an absolute error of the size of the sums'
 * entries times that of c, whose own differences cost a factor (1 + r/sigma^2) (16: a handful of such operations). */
static long double oracle_error(const plain_set *set) {
  long double scale = 1 + set->mean * set->mean + set->sigma * set->sigma;
  return 16 * 0x1p-64L * (long double)(set->n + set->d) * scale * (1 + powl(set->mean / set->sigma, 2));
}

/* c, the coefficients of w and the margins, each within its own proved error. */
static void check_fit(const assay_dae_fit *fit, const plain_set *set, const training_case *at) {
  size_t n = set->n, d = set->d;
  long double c = 0, *w = calloc(4 * d, sizeof *w), *xi = w + d, *eta = w + 2 * d, *built = w + 3 * d;
  plain_fit(&c, w, set, fit->time);
  test_check(within(fit->c, c), CASE ": c %.17g error %g expected %.21Lg", OF(at, fit->time), fit->c.value,
             fit->c.error, c);
  plain_directions(xi, eta, set);
  for (size_t j = 0; j < d; j++) {
    built[j] = fit->w_mu.value * set->mean + fit->w_xi.value * xi[j] + fit->w_eta.value * eta[j];
    long double error = fit->w_mu.error * set->mean + fit->w_xi.error * fabsl(xi[j]) + fit->w_eta.error * fabsl(eta[j]);
    test_check(fabsl(built[j] - w[j]) <= PLAIN_SLACK * error + oracle_error(set),
               CASE ": w[%zu] %.17Lg error %Lg expected %.21Lg", OF(at, fit->time), j, built[j], error, w[j]);
  }
  long double *x = plain_noisy(set, fit->time), low = INFINITY, high = -INFINITY, sum = 0;
  size_t wrong = 0;
  for (size_t i = 0; i < n; i++) {
    long double margin = set->labels[i] * plain_dot(w, x + i * d, d) / d;
    low = fminl(low, margin);
    high = fmaxl(high, margin);
    sum += margin;
    wrong += (fit->time == 1 && set->skip) || margin <= 0;
  }
  long double slack = PLAIN_SLACK * fit->margin_error + oracle_error(set);
  test_check(fabsl(fit->margin_min - low) <= slack && fabsl(fit->margin_max - high) <= slack &&
                 fabsl(fit->margin_mean - sum / n) <= slack,
             CASE ": margins %.17g %.17g %.17g error %g expected %.17Lg %.17Lg %.17Lg", OF(at, fit->time),
             fit->margin_min, fit->margin_mean, fit->margin_max, fit->margin_error, low, sum / n, high);
  test_check(fit->doubtful_labels > 0 || fit->wrong_labels == wrong, CASE ": wrong labels %zu expected %zu",
             OF(at, fit->time), fit->wrong_labels, wrong);
  free(x);
  free(w);
}

/* Whether every sign of <w, x_t^i> survives a change of one entry of w by `step`. */
static bool no_sign_flips(const plain_set *set, long double time, const long double *w, long double step) {
  long double *x = plain_noisy(set, time);
  bool survive = true;
  for (size_t i = 0; i < set->n; i++)
    for (size_t j = 0; j < set->d; j++)
      survive = survive && fabsl(plain_dot(w, x + i * set->d, set->d)) > 2 * step * fabsl(x[i * set->d + j]);
  free(x);
  return survive;
}

/* The loss is quadratic in (c, w) where no sign flips, so central differences have no truncation error; their rounding
 * is 2^-64 n d loss/step. */
static void check_loss(const assay_dae_fit *fit, const plain_set *set, const training_case *at) {
  size_t d = set->d;
  long double c = 0, *w = calloc(d, sizeof *w), step = 0x1p-20L, square = 0, label_square = 0;
  plain_fit(&c, w, set, fit->time);
  long double loss = plain_loss(set, fit->time, c, w, fit->time < 1 || !set->skip);
  test_check(fabsl(fit->loss - loss / d) <= 1e-12L * (fabsl(loss) / d + 1), CASE ": loss %.17g expected %.17Lg",
             OF(at, fit->time), fit->loss, loss / d);
  for (size_t k = 0; k < d + set->skip; k++) {
    long double *variable = k < d ? &w[k] : &c, kept = *variable, difference[2];
    for (int own = 0; own < 2; own++) {
      *variable = kept + step;
      difference[own] = plain_loss(set, fit->time, c, w, own);
      *variable = kept - step;
      difference[own] = (difference[own] - plain_loss(set, fit->time, c, w, own)) / (2 * step);
      *variable = kept;
    }
    label_square += difference[0] * difference[0];
    square += difference[1] * difference[1];
  }
  long double rounding = 0x1p-64L * (long double)(set->n + d) * (loss + 1) * 4 / step;
  test_check(sqrtl(label_square) <= rounding * sqrtl(d + 1), CASE ": not stationary with the labels: %Lg",
             OF(at, fit->time), sqrtl(label_square));
  if (no_sign_flips(set, fit->time, w, step))
    test_check(fabsl(fit->gradient_norm - sqrtl(square) / d) <= 1e-11L * (1 + sqrtl(square) / d) + rounding,
               CASE ": gradient norm %.17g expected %.17Lg", OF(at, fit->time), fit->gradient_norm, sqrtl(square) / d);
  free(w);
}

static void check_training(const training_case *at, bool with_loss) {
  assay_dae_data data;
  assay_dae_settings settings;
  start(&data, &settings, at);
  plain_set set = plain_set_of(&data, &settings);
  const double times[] = {0, 0x1p-20, 0.01, 0.1, 0.3, 0.5, 0.62, 0.9, 0.99, 1 - 0x1p-20, 1};
  enum { TIMES = sizeof times / sizeof *times };
  assay_dae_fit fits[TIMES];
  assay_context context;
  assay_context_init(&context);
  test_check(assay_fast_dae_train(fits, times, TIMES, &data, &settings, &context) == ASSAY_OK, CASE ": %s", OF(at, 0.),
             context.message);
  for (size_t t = 0; t < TIMES; t++) {
    check_fit(&fits[t], &set, at);
    if (with_loss) check_loss(&fits[t], &set, at);
  }
  plain_set_free(&set);
  assay_fast_dae_data_clear(&data);
}

static void small_cases(void **state) {
  (void)state;
  test_random random = test_random_new(0x7a1);
  for (size_t k = 0; k < test_cases(60); k++) {
    static const double norms[] = {1, 0.25, 4};
    training_case at = {.n = test_integer(&random, 2, 9),
                        .d = test_integer(&random, 1, k % 4 ? 12 : 300),
                        .sigma = test_uniform(&random, 0.1, 1.5),
                        .lambda = k % 3 ? test_uniform(&random, 0, 2) : 0,
                        .norm2 = norms[k % 3],
                        .schedule = plain_kind(k / 3),
                        .seed = test_bits(&random),
                        .no_skip = k % 5 == 4};
    check_training(&at, at.d <= 12);
  }
}

/* Several blocks and slabs, the last ones ragged. */
static void block_boundaries(void **state) {
  (void)state;
  const size_t shapes[][2] = {{64, 4801}, {700, 191}, {1, 7}, {2, 20011}, {33, 997}, {1030, 65}};
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
    training_case at = {shapes[k][0], shapes[k][1], 0.5, 0.1, 1, ASSAY_LINEAR, 5 + k, false};
    check_training(&at, false);
  }
}

/* The errors say something: below 1e-10 of the value at ordinary sizes. */
static void errors_are_small(void **state) {
  (void)state;
  training_case at = {256, 5000, 0.5, 0.1, 1, ASSAY_LINEAR, 1, false};
  assay_dae_data data;
  assay_dae_settings settings;
  start(&data, &settings, &at);
  const double times[] = {0.1, 0.5, 0.9};
  assay_dae_fit fits[3];
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_fast_dae_train(fits, times, 3, &data, &settings, &context), ASSAY_OK);
  for (size_t t = 0; t < 3; t++) {
    const assay_bounded *all[] = {&fits[t].c, &fits[t].w_mu, &fits[t].w_xi, &fits[t].w_eta};
    for (size_t k = 0; k < 4; k++)
      test_check(all[k]->error < 1e-10 * fabs(all[k]->value), "time %g number %zu: %g +- %g", times[t], k,
                 all[k]->value, all[k]->error);
    test_check(fits[t].margin_error < 1e-10 * fits[t].margin_mean, "margin error %g", fits[t].margin_error);
  }
  assay_fast_dae_data_clear(&data);
}

/* At t = 1 the fit is the identity: c = 1, w = 0, all overlaps 0. */
static void end_of_time(void **state) {
  (void)state;
  training_case at = {6, 40, 0.5, 0.3, 1, ASSAY_TRIGONOMETRIC, 3, false};
  assay_dae_data data;
  assay_dae_settings settings;
  start(&data, &settings, &at);
  const double one = 1;
  assay_dae_fit fit;
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_fast_dae_train(&fit, &one, 1, &data, &settings, &context), ASSAY_OK);
  test_check(fit.c.value == 1 && fit.c.error == 0 && fit.w_mu.value == 0 && fit.w_mu.error == 0, "c %.17g +- %g",
             fit.c.value, fit.c.error);
  test_check(fit.wrong_labels == 6 && fit.loss == 0 && fit.gradient_norm == 0, "wrong %zu loss %g gradient %g",
             fit.wrong_labels, fit.loss, fit.gradient_norm);
  assay_fast_dae_data_clear(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(small_cases), cmocka_unit_test(block_boundaries),
                                     cmocka_unit_test(errors_are_small), cmocka_unit_test(end_of_time)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
