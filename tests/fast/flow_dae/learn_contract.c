/* What training by any solver promises beside its numbers: the same bits for every number of threads and instruction
 * set, fits that do not depend on their company, named refusals with outputs untouched. */
#include "testing.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 9, TIMES = 3 };
#define D ((size_t)3003)

static bool same_bytes(const void *a, const void *b, size_t count) { return memcmp(a, b, count) == 0; }

static const double times[TIMES] = {0.05, 0.5, 0.96};

static assay_dae_settings settings_here(void) {
  return assay_dae_settings_of(N, assay_real_of(0.5), assay_real_of(0.1));
}

static void start(assay_dae_data *data, assay_context *context) {
  assay_context_init(context);
  assay_dae_settings settings = settings_here();
  assert_int_equal(assay_fast_dae_data_init(data, &settings, D, 0.5, 3, context), ASSAY_OK);
}

/* Field by field: structures have padding. */
static bool same_fit(const assay_dae_learned *a, const assay_dae_learned *b) {
  return a->time == b->time && a->c == b->c && a->w_mu == b->w_mu && a->w_xi == b->w_xi && a->w_eta == b->w_eta &&
         a->w_rest == b->w_rest && a->label_distance == b->label_distance && a->loss == b->loss &&
         a->gradient_norm == b->gradient_norm && a->wrong_labels == b->wrong_labels && a->iterations == b->iterations &&
         a->stationary == b->stationary;
}

static assay_dae_learner learner_number(int k) {
  assay_dae_learner learner =
      k < 4 ? assay_dae_learner_stationary((assay_activation)(k % 3)) : assay_dae_learner_adam(ASSAY_TANH, 6);
  learner.start = k == 3 ? ASSAY_START_PREVIOUS : ASSAY_START_RANDOM;
  learner.seed = 11;
  if (learner.solver == ASSAY_SOLVER_ADAM) learner.iterations = 5;
  return learner;
}
enum { LEARNERS = 5 };

static void same_bits(void **state) {
  (void)state;
  assay_dae_data data;
  assay_context context;
  start(&data, &context);
  assay_dae_settings settings = settings_here();
  double *weights = malloc(2 * D * TIMES * sizeof *weights), *others = weights + D * TIMES;
  for (int k = 0; k < LEARNERS; k++) {
    assay_dae_learner learner = learner_number(k);
    assay_dae_learned first[TIMES], fits[TIMES];
    settings.noise = k == 1 ? ASSAY_NOISE_FRESH : ASSAY_NOISE_FIXED;
    context.threads = 1;
    context.isa = ASSAY_ISA_BEST;
    assert_int_equal(assay_fast_dae_learn(first, weights, times, TIMES, &data, &settings, &learner, &context), 0);
    const int threads[] = {2, 5, 1, 1};
    const assay_isa isas[] = {ASSAY_ISA_BEST, ASSAY_ISA_BEST, ASSAY_ISA_SSE2, ASSAY_ISA_AVX2};
    for (size_t j = 0; j < sizeof threads / sizeof *threads; j++) {
      context.threads = threads[j];
      context.isa = isas[j];
      assert_int_equal(assay_fast_dae_learn(fits, others, times, TIMES, &data, &settings, &learner, &context), 0);
      bool same = same_bytes(weights, others, TIMES * D * sizeof *weights);
      for (size_t t = 0; t < TIMES; t++) same = same && same_fit(&first[t], &fits[t]);
      test_check(same, "learner %d differs with %d threads, isa %d", k, threads[j], (int)isas[j]);
    }
  }
  free(weights);
  assay_fast_dae_data_clear(&data);
}

/* Starts belong to places: the same time twice has two starts; labels do not depend on what else is asked. */
static void company(void **state) {
  (void)state;
  assay_dae_data data;
  assay_context context;
  start(&data, &context);
  assay_dae_settings settings = settings_here();
  assay_dae_learner learner = assay_dae_learner_stationary(ASSAY_SIGN);
  assay_dae_learned many[TIMES], one;
  assert_int_equal(assay_fast_dae_learn(many, NULL, times, TIMES, &data, &settings, &learner, &context), ASSAY_OK);
  assert_int_equal(assay_fast_dae_learn(&one, NULL, times + 1, 1, &data, &settings, &learner, &context), ASSAY_OK);
  test_check(same_fit(&one, &many[1]), "time %g alone and in company", times[1]);
  const double twice[] = {0.02, 0.02};
  learner.start = ASSAY_START_RANDOM;
  learner.iterations = 1;
  assert_int_equal(assay_fast_dae_learn(many, NULL, twice, 2, &data, &settings, &learner, &context), ASSAY_OK);
  test_check(many[0].loss != many[1].loss, "the same start twice: loss %g", many[0].loss);
  learner = assay_dae_learner_adam(ASSAY_SIGN, 1);
  learner.iterations = 1;
  assert_int_equal(assay_fast_dae_learn(many, NULL, twice, 2, &data, &settings, &learner, &context), ASSAY_OK);
  test_check(many[0].loss != many[1].loss, "the same start twice: loss %g", many[0].loss);
  assay_fast_dae_data_clear(&data);
}

/* The previous start goes on where the last time ended: Adam for 3 + 0 epochs is not 3 + 3, and a stationary point of
 * the same time needs one look. */
static void previous_starts(void **state) {
  (void)state;
  assay_dae_data data;
  assay_context context;
  start(&data, &context);
  assay_dae_settings settings = settings_here();
  const double twice[] = {0.5, 0.5};
  for (int k = 0; k < 2; k++) {
    assay_dae_learner learner = assay_dae_learner_stationary(k ? ASSAY_TANH : ASSAY_SIGN);
    learner.start = ASSAY_START_PREVIOUS;
    assay_dae_learned fits[2];
    assert_int_equal(assay_fast_dae_learn(fits, NULL, twice, 2, &data, &settings, &learner, &context), ASSAY_OK);
    test_check(fits[1].iterations <= 1 && fabs(fits[1].loss - fits[0].loss) < 1e-13, "%zu iterations, loss %g after %g",
               fits[1].iterations, fits[1].loss, fits[0].loss);
  }
  /* fresh noise: another problem, where Adam goes on with the same w */
  settings.noise = ASSAY_NOISE_FRESH;
  assay_dae_learner learner = assay_dae_learner_adam(ASSAY_SIGN, 5);
  learner.start = ASSAY_START_PREVIOUS;
  learner.iterations = 2;
  assay_dae_learned fits[2];
  double *weights = malloc(2 * D * sizeof *weights), most = 0;
  assert_int_equal(assay_fast_dae_learn(fits, weights, twice, 2, &data, &settings, &learner, &context), ASSAY_OK);
  for (size_t k = 0; k < D; k++) most = fmax(most, fabs(weights[D + k] - weights[k]));
  /* two updates of at most the rate times the largest m/sqrt(v) of two epochs, (0.1 g/0.1)/sqrt(.001 g^2/.001) = 1 */
  test_check(most > 0 && most <= 2.1 * learner.rate, "w moved by %g", most);
  free(weights);
  assay_fast_dae_data_clear(&data);
}

static void refuses(const assay_dae_settings *settings, const assay_dae_learner *learner, const double *time,
                    size_t count, const assay_dae_data *data, assay_context *context, assay_status expected,
                    const char *field) {
  assay_dae_learned fits[TIMES], before[TIMES];
  static double weights[TIMES * D], kept[TIMES * D];
  memset(fits, 0x5a, sizeof fits);
  memcpy(before, fits, sizeof fits);
  memset(weights, 0x5a, sizeof weights);
  memcpy(kept, weights, sizeof weights);
  assay_status got = assay_fast_dae_learn(fits, weights, time, count, data, settings, learner, context);
  test_check(got == expected && strstr(context->message, field), "%s: %s, '%s'", field, assay_status_name(got),
             context->message);
  test_check(same_bytes(fits, before, sizeof fits) && same_bytes(weights, kept, sizeof kept), "%s: output touched",
             field);
}

static int stop(void *self, const char *what, double fraction) {
  (void)self;
  return fraction > 0.3 && (strcmp(what, "training") == 0 || strcmp(what, "Adam") == 0);
}

static void refusals(void **state) {
  (void)state;
  assay_dae_data data;
  assay_context context;
  start(&data, &context);
  assay_dae_settings settings = settings_here();
  assay_dae_learner good = assay_dae_learner_stationary(ASSAY_TANH), adam = assay_dae_learner_adam(ASSAY_TANH, 1);
  const double late[] = {0.5, 1.5};
  refuses(&settings, &good, late, 2, &data, &context, ASSAY_INVALID, "time[1]");
  refuses(&settings, &good, times, 0, &data, &context, ASSAY_INVALID, "times");
  const struct {
    const char *field;
    assay_dae_learner learner;
  } bad[] = {{"iterations", {.iterations = 0}},
             {"activation", {.activation = (assay_activation)7, .iterations = 1}},
             {"solver", {.solver = (assay_dae_solver)7, .iterations = 1}},
             {"start", {.start = (assay_dae_start)7, .iterations = 1}},
             {"rate", {.solver = ASSAY_SOLVER_ADAM, .iterations = 1, .rate = 0}},
             {"epsilon", {.solver = ASSAY_SOLVER_ADAM, .iterations = 1, .rate = 1, .epsilon = 0}},
             {"beta1", {.solver = ASSAY_SOLVER_ADAM, .iterations = 1, .rate = 1, .epsilon = 1, .beta1 = 1}},
             {"beta2", {.solver = ASSAY_SOLVER_ADAM, .iterations = 1, .rate = 1, .epsilon = 1, .beta2 = NAN}}};
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
    refuses(&settings, &bad[k].learner, times, 1, &data, &context, ASSAY_INVALID, bad[k].field);
  assay_dae_settings other = settings;
  other.samples = N + 1;
  refuses(&other, &good, times, 1, &data, &context, ASSAY_INVALID, "samples");
  other = settings;
  other.noise = ASSAY_NOISE_FRESH;
  good.start = ASSAY_START_PREVIOUS;
  refuses(&other, &good, times, TIMES, &data, &context, ASSAY_UNSUPPORTED, "start");
  adam.rate = 1e300;
  refuses(&settings, &adam, times, 1, &data, &context, ASSAY_PRECISION, "Adam");
  adam = assay_dae_learner_adam(ASSAY_TANH, 1);
  context.progress = stop;
  refuses(&settings, &good, times, TIMES, &data, &context, ASSAY_CANCELLED, "cancelled");
  refuses(&settings, &adam, times, TIMES, &data, &context, ASSAY_CANCELLED, "cancelled");
  context.progress = NULL;
  for (size_t cap = 10; cap < 1000000; cap *= 10) {
    context.memory_cap = cap;
    refuses(&settings, &adam, times, TIMES, &data, &context, ASSAY_MEMORY, "cap");
  }
  assay_fast_dae_data_clear(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits), cmocka_unit_test(company),
                                     cmocka_unit_test(previous_starts), cmocka_unit_test(refusals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
