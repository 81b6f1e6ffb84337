/* Training by any solver: against the label solution, the plain loss, a plain Adam loop. */
#include "plain.h"
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  size_t n, d;
  double sigma, lambda;
  assay_schedule_kind schedule;
  uint64_t seed;
  bool no_skip;
} learn_case;

#define CASE "n %zu d %zu sigma %a lambda %a %s seed %llu no_skip %d activation %s solver %d start %d time %a"
#define OF(at, learner, time)                                                                                          \
  (at)->n, (at)->d, (at)->sigma, (at)->lambda, assay_schedule_name((at)->schedule), (unsigned long long)(at)->seed,    \
      (at)->no_skip, assay_activation_name((learner)->activation), (int)(learner)->solver, (int)(learner)->start, time

typedef struct {
  assay_dae_data data;
  assay_dae_settings settings;
  assay_context context;
} bench;

static void start(bench *b, const learn_case *at) {
  assay_context_init(&b->context);
  b->settings = assay_dae_settings_of(at->n, assay_real_of(at->sigma), assay_real_of(at->lambda));
  b->settings.schedule = plain_schedule(at->schedule);
  b->settings.skip = !at->no_skip;
  test_check(assay_fast_dae_data_init(&b->data, &b->settings, at->d, 0.5, at->seed, &b->context) == ASSAY_OK, "%s",
             b->context.message);
}

static learn_case draw_case(test_random *random, size_t k) {
  return (learn_case){.n = test_integer(random, 2, 9), /* with one sample w is orthogonal to it */
                      .d = test_integer(random, k % 4 ? 20 : 1, k % 4 ? 300 : 5),
                      .sigma = test_uniform(random, 0.2, 1.5),
                      .lambda = test_uniform(random, 0.01, 2),
                      .schedule = plain_kind(k / 3),
                      .seed = test_bits(random),
                      .no_skip = k % 5 == 4};
}

/* phi, apart from the library's. */
static long double phi(assay_activation activation, long double x) {
  if (activation == ASSAY_TANH) return tanhl(x);
  if (activation == ASSAY_ERF) return erfl(x);
  return (x > 0) - (x < 0);
}

static long double plain_loss_of(const plain_set *set, assay_activation activation, long double time, long double c,
                                 const long double *w) {
  size_t d = set->d;
  long double *x = plain_noisy(set, time), loss = set->lambda * plain_dot(w, w, d);
  for (size_t i = 0; i < set->n; i++) {
    long double p = phi(activation, plain_dot(w, x + i * d, d) / sqrtl(d));
    for (size_t j = 0; j < d; j++) loss += powl(set->x1[i * d + j] - c * x[i * d + j] - w[j] * p, 2);
  }
  free(x);
  return loss;
}

/* The gradient of that loss by central differences in every coordinate: truncation h^2/6 of third derivatives below
 * 1e3 d, rounding 2^-64 loss/h; h = 2^-20. For sign the pattern is held. */
static long double plain_gradient_norm(const plain_set *set, assay_activation activation, long double time,
                                       long double c, const long double *w) {
  size_t d = set->d;
  long double *moved = malloc(d * sizeof *moved), step = 0x1p-20L, square = 0, other;
  memcpy(moved, w, d * sizeof *moved);
  for (size_t k = 0; k < d; k++) {
    moved[k] = w[k] + step;
    other = plain_loss_of(set, activation, time, c, moved);
    moved[k] = w[k] - step;
    other -= plain_loss_of(set, activation, time, c, moved);
    moved[k] = w[k];
    square += powl(other / (2 * step), 2);
  }
  if (set->skip) {
    other = plain_loss_of(set, activation, time, c + step, w) - plain_loss_of(set, activation, time, c - step, w);
    square += powl(other / (2 * step), 2);
  }
  free(moved);
  return sqrtl(square);
}

static const double TIMES[] = {0.02, 0.3, 0.7, 0.97};
enum { TIME_COUNT = 4 };

static void learn(bench *b, assay_dae_learned *fits, double *weights, const assay_dae_learner *learner,
                  const learn_case *at) {
  test_check(assay_fast_dae_learn(fits, weights, TIMES, TIME_COUNT, &b->data, &b->settings, learner, &b->context) ==
                 ASSAY_OK,
             CASE ": %s", OF(at, learner, 0.), b->context.message);
}

static long double *widened(const double *w, size_t d) {
  long double *out = malloc(d * sizeof *out);
  for (size_t k = 0; k < d; k++) out[k] = w[k];
  return out;
}

/* The label solution by coordinates is the one by Gram products, whose numbers have proved errors. Coordinates lose a
 * few units in the last place of |w|, of the sums' sizes (n + lambda)/lambda and of eta's 1/sigma: 1e-12 at these
 * sizes. */
static void label_solution(void **state) {
  (void)state;
  test_random random = test_random_new(0x1ab);
  assay_dae_learner learner = assay_dae_learner_labels();
  for (size_t k = 0; k < test_cases(40); k++) {
    learn_case at = draw_case(&random, k);
    bench b;
    start(&b, &at);
    if (k % 6 == 5) b.settings.noise = ASSAY_NOISE_FRESH;
    assay_dae_learned got[TIME_COUNT];
    assay_dae_fit expected[TIME_COUNT];
    learn(&b, got, NULL, &learner, &at);
    assert_int_equal(assay_fast_dae_train(expected, TIMES, TIME_COUNT, &b.data, &b.settings, &b.context), ASSAY_OK);
    for (size_t t = 0; t < TIME_COUNT; t++) {
      const assay_dae_fit *e = &expected[t];
      bool same =
          fabs(got[t].c - e->c.value) <= 1e-12 + e->c.error && fabs(got[t].loss - e->loss) <= 1e-12 * (1 + e->loss);
      if (at.d >= 20)
        same = same && fabs(got[t].w_mu - e->w_mu.value) <= 1e-12 && fabs(got[t].w_xi - e->w_xi.value) <= 1e-12 &&
               fabs(got[t].w_eta - e->w_eta.value) <= 1e-12;
      /* with most labels wrong w is turned around */
      if (2 * e->wrong_labels < at.n)
        same = same && got[t].wrong_labels == e->wrong_labels &&
               fabs(got[t].gradient_norm - e->gradient_norm) <= 1e-12 && got[t].label_distance <= 1e-12 &&
               got[t].stationary == (e->wrong_labels == 0);
      test_check(same || 2 * e->wrong_labels >= at.n,
                 CASE ": c %.17g (%.17g) w %.17g %.17g %.17g (%.17g %.17g %.17g) loss %.17g (%.17g) gradient %g (%g) "
                      "wrong %zu (%zu) distance %g",
                 OF(&at, &learner, TIMES[t]), got[t].c, e->c.value, got[t].w_mu, got[t].w_xi, got[t].w_eta,
                 e->w_mu.value, e->w_xi.value, e->w_eta.value, got[t].loss, e->loss, got[t].gradient_norm,
                 e->gradient_norm, got[t].wrong_labels, e->wrong_labels, got[t].label_distance);
    }
    assay_fast_dae_data_clear(&b.data);
  }
}

/* Whatever solver and start made it: the numbers said of a fit are those of its w. Loss and coefficients to 1e-11 (they
 * come by coordinates), the gradient to that of central differences. */
static void check_report(const assay_dae_learned *fit, const double *weights, const plain_set *set,
                         const assay_dae_learner *learner, const learn_case *at) {
  size_t d = set->d;
  long double *w = widened(weights, d), *x = plain_noisy(set, fit->time);
  long double loss = plain_loss_of(set, learner->activation, fit->time, fit->c, w);
  test_check(fabsl(fit->loss - loss / d) <= 1e-11L * (1 + loss / d), CASE ": loss %.17g, not %.17Lg",
             OF(at, learner, fit->time), fit->loss, loss / d);
  long double least = INFINITY;
  size_t wrong = 0;
  for (size_t i = 0; i < set->n; i++) {
    long double overlap = set->labels[i] * plain_dot(w, x + i * d, d) / d;
    wrong += overlap <= 0;
    least = fminl(least, fabsl(overlap));
  }
  if (least > 1e-12L) {
    test_check(fit->wrong_labels == wrong && 2 * wrong <= set->n, CASE ": %zu wrong, not %zu",
               OF(at, learner, fit->time), fit->wrong_labels, wrong);
    if (d < 100 && (learner->activation != ASSAY_SIGN || least > 1e-3L)) {
      long double norm = plain_gradient_norm(set, learner->activation, fit->time, fit->c, w);
      test_check(fabsl(fit->gradient_norm - norm / d) <= 1e-7L * (1 + norm / d), CASE ": gradient %.17g, not %.17Lg",
                 OF(at, learner, fit->time), fit->gradient_norm, norm / d);
    }
  }
  if (d >= 20) {
    long double *v = calloc(4 * d, sizeof *v), *xi = v + d, *eta = v + 2 * d, *mu = v + 3 * d, coefficients[3];
    plain_directions(xi, eta, set);
    for (size_t k = 0; k < d; k++) mu[k] = set->mean;
    memcpy(v, w, d * sizeof *v);
    const long double *vectors[] = {mu, xi, eta};
    plain_project(coefficients, v, vectors, 3, d);
    long double rest = sqrtl(plain_dot(v, v, d) / d);
    test_check(fabsl(fit->w_mu - coefficients[0]) <= 1e-11L && fabsl(fit->w_xi - coefficients[1]) <= 1e-11L &&
                   fabsl(fit->w_eta - coefficients[2]) <= 1e-11L && fabsl(fit->w_rest - rest) <= 1e-7L,
               CASE ": w %.17g %.17g %.17g rest %.17g, not %.17Lg %.17Lg %.17Lg %.17Lg", OF(at, learner, fit->time),
               fit->w_mu, fit->w_xi, fit->w_eta, fit->w_rest, coefficients[0], coefficients[1], coefficients[2], rest);
    free(v);
  }
  free(w);
  free(x);
}

static void reports(void **state) {
  (void)state;
  test_random random = test_random_new(0x4e9);
  for (size_t k = 0; k < test_cases(60); k++) {
    learn_case at = draw_case(&random, k);
    bench b;
    start(&b, &at);
    plain_set set = plain_set_of(&b.data, &b.settings);
    assay_activation activation = (assay_activation)(k % 3);
    assay_dae_learner learner = k % 4 == 3   ? assay_dae_learner_adam(activation, at.seed)
                                : k % 4 == 2 ? assay_dae_learner_labels()
                                             : assay_dae_learner_stationary(activation);
    learner.activation = activation;
    learner.start = (assay_dae_start)(k / 12 % 3);
    learner.seed = at.seed + 5;
    if (learner.solver == ASSAY_SOLVER_ADAM) learner.iterations = test_integer(&random, 1, 40);
    if (k % 5 == 0 && learner.solver == ASSAY_SOLVER_STATIONARY) learner.iterations = 2;
    assay_dae_learned fits[TIME_COUNT];
    double *weights = malloc(TIME_COUNT * at.d * sizeof *weights);
    learn(&b, fits, weights, &learner, &at);
    for (size_t t = 0; t < TIME_COUNT; t++) {
      test_check(fits[t].time == TIMES[t], "time %g", fits[t].time);
      check_report(&fits[t], weights + t * at.d, &set, &learner, &at);
    }
    free(weights);
    plain_set_free(&set);
    assay_fast_dae_data_clear(&b.data);
  }
}

/* Newton ends where the gradient is rounding, and never above its start's loss. */
static void descents(void **state) {
  (void)state;
  test_random random = test_random_new(0xde5);
  for (size_t k = 0; k < test_cases(60); k++) {
    learn_case at = draw_case(&random, k);
    bench b;
    start(&b, &at);
    assay_dae_learner learner = assay_dae_learner_stationary(k % 2 ? ASSAY_TANH : ASSAY_ERF);
    learner.start = k % 3 ? ASSAY_START_RANDOM : ASSAY_START_LABELS;
    learner.seed = k;
    assay_dae_learned fits[TIME_COUNT], first[TIME_COUNT];
    learn(&b, fits, NULL, &learner, &at);
    assay_dae_learner labels = assay_dae_learner_labels();
    labels.activation = learner.activation;
    learn(&b, first, NULL, &labels, &at);
    for (size_t t = 0; t < TIME_COUNT; t++) {
      test_check(fits[t].stationary && fits[t].gradient_norm <= 1e-10 && fits[t].iterations < learner.iterations,
                 CASE ": gradient %g after %zu steps", OF(&at, &learner, TIMES[t]), fits[t].gradient_norm,
                 fits[t].iterations);
      if (learner.start == ASSAY_START_LABELS)
        test_check(fits[t].loss <= first[t].loss * (1 + 1e-13), CASE ": loss %.17g from %.17g",
                   OF(&at, &learner, TIMES[t]), fits[t].loss, first[t].loss);
    }
    assay_fast_dae_data_clear(&b.data);
  }
}

/* Cut short, from random starts: what w keeps of its start outside the span is part of w. */
static void unfinished(void **state) {
  (void)state;
  test_random random = test_random_new(0xdf);
  double most = 0;
  for (size_t k = 0; k < test_cases(40); k++) {
    learn_case at = draw_case(&random, 1 + k % 2);
    at.n = 2;
    at.d = 40;
    bench b;
    start(&b, &at);
    plain_set set = plain_set_of(&b.data, &b.settings);
    assay_dae_learner learner = assay_dae_learner_stationary(k % 2 ? ASSAY_TANH : ASSAY_ERF);
    learner.start = ASSAY_START_RANDOM;
    learner.iterations = 1;
    learner.seed = k;
    assay_dae_learned fits[TIME_COUNT];
    double *weights = malloc(TIME_COUNT * at.d * sizeof *weights);
    learn(&b, fits, weights, &learner, &at);
    for (size_t t = 0; t < TIME_COUNT; t++) {
      check_report(&fits[t], weights + t * at.d, &set, &learner, &at);
      most = fmax(most, fits[t].w_rest);
    }
    free(weights);
    plain_set_free(&set);
    assay_fast_dae_data_clear(&b.data);
  }
  test_check(most > 0.1, "w's rest %g: nothing was cut short", most);
}

/* Alternation ends at a pattern that reproduces itself, where the gradient is rounding, or says that it does not: from
 * random starts with two samples it often runs into two patterns that lead to each other, and stops there. */
static void alternation(void **state) {
  (void)state;
  size_t settled = 0, swapping = 0;
  for (uint64_t seed = 0; seed < test_cases(60); seed++) {
    learn_case at = {.n = 2, .d = 400, .sigma = 0.5, .lambda = 0.1, .schedule = ASSAY_LINEAR, .seed = seed};
    bench b;
    start(&b, &at);
    assay_dae_learner learner = assay_dae_learner_stationary(ASSAY_SIGN);
    learner.start = ASSAY_START_RANDOM;
    assay_dae_learned fits[TIME_COUNT];
    learn(&b, fits, NULL, &learner, &at);
    for (size_t t = 0; t < TIME_COUNT; t++) {
      settled += fits[t].stationary;
      swapping += !fits[t].stationary && fits[t].iterations < learner.iterations;
      test_check(fits[t].stationary == (fits[t].gradient_norm <= 1e-12), CASE ": stationary %d, gradient %g",
                 OF(&at, &learner, TIMES[t]), fits[t].stationary, fits[t].gradient_norm);
    }
    assay_fast_dae_data_clear(&b.data);
  }
  test_check(settled > 0 && swapping > 0, "%zu settled, %zu swapping", settled, swapping);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(label_solution), cmocka_unit_test(reports),
                                     cmocka_unit_test(descents), cmocka_unit_test(unfinished),
                                     cmocka_unit_test(alternation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
