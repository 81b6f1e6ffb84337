/* Adam with the activation sign: the lazy loop against the plain one, bit for bit. */
#include "fast/flow_dae/adam_sign.h"
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Training sets in memory: normal; of small whole numbers, with rows that repeat, are opposite or zero (ties); normal
 * and nearly orthogonal to the start (signs that rounding decides). */
typedef enum { NORMAL, WHOLE, ORTHOGONAL, KINDS } set_kind;

typedef struct {
  set_kind kind;
  size_t n, d, epochs;
  double time, rate;
  bool skip, at_labels;
  uint64_t seed;
} loop_case;

#define CASE "kind %d n %zu d %zu epochs %zu time %a rate %a skip %d at_labels %d seed %llu"
#define OF(at)                                                                                                         \
  (int)(at)->kind, (at)->n, (at)->d, (at)->epochs, (at)->time, (at)->rate, (at)->skip, (at)->at_labels,                \
      (unsigned long long)(at)->seed

typedef struct {
  double *noise, *rows, *start; /* n x d, n x d, d */
  assay_dae_data data;
} loop_set;

static bool same_bytes(const void *a, const void *b, size_t count) { return memcmp(a, b, count) == 0; }

static double inner(const double *a, const double *b, size_t d) {
  double sum = 0;
  for (size_t j = 0; j < d; j++) sum += a[j] * b[j];
  return sum;
}

static void fill_whole(double *out, size_t n, size_t d, test_random *random) {
  for (size_t k = 0; k < n * d; k++) out[k] = (double)test_integer(random, 0, 4) - 2;
  for (size_t i = 1; i < n; i++) {
    size_t which = test_integer(random, 0, 5);
    for (size_t j = 0; which < 3 && j < d; j++) out[i * d + j] = which == 0 ? 0 : (which == 1 ? 1 : -1) * out[j];
  }
}

/* The noise of each row becomes orthogonal to the start, up to rounding; for t = 0, where x_t is the noise. */
static void make_orthogonal(loop_set *set, size_t n, size_t d) {
  double square = inner(set->start, set->start, d);
  for (size_t i = 0; i < n; i++) {
    double *row = set->noise + i * d, by = inner(row, set->start, d) / square;
    for (size_t j = 0; j < d; j++) row[j] -= by * set->start[j];
  }
}

static loop_set set_of(const loop_case *at) {
  test_random random = test_random_new(at->seed);
  size_t n = at->n, d = at->d;
  loop_set set = {.noise = malloc((2 * n + 1) * d * sizeof(double))};
  set.rows = set.noise + n * d;
  set.start = set.rows + n * d;
  for (size_t k = 0; k < (2 * n + 1) * d; k++) set.noise[k] = test_normal(&random);
  if (at->kind == WHOLE) {
    fill_whole(set.noise, n, d, &random);
    fill_whole(set.rows, n, d, &random);
    for (size_t j = 0; j < d; j++) set.start[j] = (double)test_integer(&random, 0, 2) - 1;
  }
  if (at->kind == ORTHOGONAL) {
    for (size_t j = 0; j < d; j++) set.start[j] *= ldexp(1, -(int)test_integer(&random, 0, 8));
    make_orthogonal(&set, n, d);
  }
  for (size_t j = 0; at->at_labels && j < d; j++) { /* where a label start is, about */
    set.start[j] = 0;
    for (size_t i = 0; i < n; i++) set.start[j] += set.rows[i * d + j] / (double)n;
  }
  set.data = (assay_dae_data){.samples = n, .dimension = d, .sigma = 1, .mean = 1};
  set.data.noise = assay_stream_of(set.noise, n, d);
  set.data.data = assay_stream_of(set.rows, n, d);
  return set;
}

typedef struct {
  double c, *w;
  assay_status status;
} loop_end;

static loop_end end_of(const loop_case *at, bool lazy, int threads, assay_isa isa) {
  loop_set set = set_of(at);
  assay_context context;
  assay_context_init(&context);
  context.threads = threads;
  context.isa = isa;
  assay_dae_settings settings = assay_dae_settings_of(at->n, assay_real_of(1), assay_real_of(0.1));
  settings.skip = at->skip;
  assay_dae_learner learner = assay_dae_learner_adam(ASSAY_SIGN, 1);
  learner.iterations = at->epochs;
  learner.rate = at->rate;
  loop_end end = {1, malloc(at->d * sizeof(double)), ASSAY_OK};
  memcpy(end.w, set.start, at->d * sizeof *end.w);
  end.status = dae_adam_sign(&end.c, end.w, at->time, &set.data, &settings, &learner, lazy, 0, &context);
  test_check(end.status == ASSAY_OK, CASE ": %s", OF(at), context.message);
  free(set.noise);
  return end;
}

static void same_end(const loop_case *at, const loop_end *a, const loop_end *b, const char *what) {
  for (size_t j = 0; j < at->d; j++)
    test_check(same_bytes(&a->w[j], &b->w[j], sizeof(double)), CASE ": %s: w_%zu is %a and %a", OF(at), what, j,
               a->w[j], b->w[j]);
  test_check(same_bytes(&a->c, &b->c, sizeof(double)), CASE ": %s: c is %a and %a", OF(at), what, a->c, b->c);
}

static void check_case(const loop_case *at) {
  loop_end plain = end_of(at, false, 1, ASSAY_ISA_BEST), lazy = end_of(at, true, 1, ASSAY_ISA_BEST);
  same_end(at, &plain, &lazy, "plain and lazy");
  free(plain.w), free(lazy.w);
}

static loop_case case_of(size_t k, test_random *random) {
  static const double times[] = {0, 0.02, 0.1, 0.5, 0.9, 0.98, 1};
  loop_case at = {.kind = (set_kind)(k % KINDS),
                  .n = test_integer(random, 1, k % 2 ? 9 : 40),
                  .d = test_integer(random, 1, k % 4 ? 9 : 150),
                  .epochs = test_integer(random, 1, 250),
                  .time = times[test_integer(random, 0, 6)],
                  .rate = test_log_uniform(random, 1e-3, 0.5),
                  .skip = k % 5 != 0,
                  .at_labels = k % 7 == 0,
                  .seed = test_bits(random)};
  if (at.kind == ORTHOGONAL) {
    at.d = test_integer(random, 20, 150);
    at.time = 0;
    at.rate = test_log_uniform(random, 1e-18, 1e-15); /* w moves by units in the last place */
  }
  return at;
}

static void plain_and_lazy(void **state) {
  (void)state;
  test_random random = test_random_new(0x1a2);
  for (size_t k = 0; k < test_cases(1500); k++) {
    loop_case at = case_of(k, &random);
    check_case(&at);
  }
  for (int k = 400; k < 509; k += 12) { /* squares and products near overflow */
    loop_case at = {NORMAL, 9, 5, 20, 0.5, ldexp(1, k), true, false, 1};
    check_case(&at);
  }
}

/* Several slabs, ragged, and groups of rows, short jobs and long ones: the same bits for every number of threads and
 * instruction set. */
static void slabs(void **state) {
  (void)state;
  const loop_case cases[] = {
      {NORMAL, 1, 16385, 100, 0.5, 0.04, true, false, 1},   {NORMAL, 40, 33003, 60, 0.02, 0.04, true, false, 2},
      {NORMAL, 12, 20011, 100, 0.98, 0.04, true, true, 3},  {NORMAL, 400, 50, 100, 0.98, 0.04, true, false, 6},
      {NORMAL, 2, 220001, 12, 0.9, 0.04, true, false, 7},   {WHOLE, 9, 16500, 100, 0.9, 0.04, false, false, 4},
      {ORTHOGONAL, 30, 17000, 30, 0, 1e-16, true, false, 5}};
  const assay_isa isas[] = {ASSAY_ISA_SSE2, ASSAY_ISA_AVX2, ASSAY_ISA_AVX512};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    loop_end plain = end_of(&cases[k], false, 1, ASSAY_ISA_BEST);
    for (size_t i = 0; i < 3; i++) {
      loop_end lazy = end_of(&cases[k], true, (int)i + 1, isas[i]),
               other = end_of(&cases[k], false, 3 - (int)i, isas[i]);
      same_end(&cases[k], &plain, &lazy, "plain and lazy");
      same_end(&cases[k], &plain, &other, "plain and plain");
      free(lazy.w), free(other.w);
    }
    free(plain.w);
  }
}

static int stop(void *self, const char *what, double fraction) {
  (void)self;
  return fraction >= 0.5 && strcmp(what, "Adam") == 0;
}

static void refuses(const loop_case *at, assay_context *context, assay_status expected, const char *says) {
  loop_set set = set_of(at);
  assay_dae_settings settings = assay_dae_settings_of(at->n, assay_real_of(1), assay_real_of(0.1));
  assay_dae_learner learner = assay_dae_learner_adam(ASSAY_SIGN, 1);
  learner.iterations = at->epochs;
  learner.rate = at->rate;
  double *w = malloc(at->d * sizeof *w), c = 1;
  for (int lazy = 0; lazy < 2; lazy++) {
    memcpy(w, set.start, at->d * sizeof *w);
    assay_status got = dae_adam_sign(&c, w, at->time, &set.data, &settings, &learner, lazy, 0, context);
    test_check(got == expected && strstr(context->message, says), CASE ": lazy %d: %s, '%s' has no '%s'", OF(at), lazy,
               assay_status_name(got), context->message, says);
    test_check(c == 1 && same_bytes(w, set.start, at->d * sizeof *w), CASE ": lazy %d: output touched", OF(at), lazy);
  }
  free(w), free(set.noise);
}

/* Both loops, in one slab and in several: cancelled in the middle, out of memory, and diverged, in the same epoch. */
static void refusals(void **state) {
  (void)state;
  for (size_t k = 0; k < 2; k++) {
    loop_case at = {NORMAL, 5, k ? 20000 : 50, 8, 0.5, 0.04, true, false, 1};
    assay_context context;
    assay_context_init(&context);
    context.progress = stop;
    refuses(&at, &context, ASSAY_CANCELLED, "cancelled");
    context.progress = NULL;
    size_t data = 2 * at.n * at.d * sizeof(double);
    for (size_t cap = 16; cap < data + (k ? 7 * at.d * sizeof(double) : 0); cap *= 2) {
      context.memory_cap = cap;
      refuses(&at, &context, ASSAY_MEMORY, "cap");
    }
    context.memory_cap = 0;
    at.rate = 1e160;
    refuses(&at, &context, ASSAY_PRECISION, "epoch 1:");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(plain_and_lazy), cmocka_unit_test(slabs),
                                     cmocka_unit_test(refusals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
