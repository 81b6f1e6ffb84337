/* Candidates are the same bits everywhere, and what their families promise. */
#include "theory/vectors/candidate.h"

#include "testing.h"
#include "theory/vectors/choice.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const uint64_t HASH = 0xa9015dccad4d6e57;

typedef struct {
  const vectors_target *target;
  const vectors_schedule *schedule;
  unsigned n;
  vectors_candidate candidate;
} drawn;

/* Candidates 0 to 99 of every target and schedule. */
static void for_all(void (*visit)(void *self, const drawn *one), void *self) {
  assay_context context;
  assay_context_init(&context);
  for (size_t i = 0; i < vectors_target_count; i++) {
    assay_mixture mixture;
    assert_int_equal(vectors_target_mixture(&mixture, &vectors_targets[i], &context), ASSAY_OK);
    for (size_t j = 0; j < vectors_schedule_count; j++)
      for (unsigned n = 0; n < 100; n++) {
        drawn one = {.target = &vectors_targets[i], .schedule = &vectors_schedules[j], .n = n};
        vectors_candidate_make(&one.candidate, one.target, &mixture, one.schedule, n);
        visit(self, &one);
      }
    assay_mixture_clear(&mixture);
  }
}

static void hash_double(uint64_t *hash, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  *hash = (*hash ^ bits) * 0x100000001b3;
  *hash ^= *hash >> 29;
}

static void hash_one(void *self, const drawn *one) {
  hash_double(self, one->candidate.place.time);
  hash_double(self, one->candidate.place.alpha);
  hash_double(self, one->candidate.place.beta);
  for (size_t j = 0; j < one->target->dimension; j++) hash_double(self, one->candidate.x[j]);
}

/* The hash was taken once; gcc and clang, from -O0 to -O3, agree on it. */
static void bits_are_the_same_everywhere(void **state) {
  (void)state;
  uint64_t hash = 0xcbf29ce484222325;
  for_all(hash_one, &hash);
  test_check(hash == HASH, "candidates hash to %llx", (unsigned long long)hash);
}

static bool binary32(double value) {
  volatile float rounded = (float)value;
  return (double)rounded == value;
}

static void judge_one(void *self, const drawn *one) {
  (void)self;
  const vectors_candidate *c = &one->candidate;
  vectors_place at = c->place;
  vectors_family family = (vectors_family)(one->n % VECTORS_FAMILIES);
  char what[128];
  (void)snprintf(what, sizeof what, "candidate %u of %s-%s, %s", one->n, one->target->kind, one->target->name,
                 one->schedule->name);
  for (size_t j = 0; j < one->target->dimension; j++)
    test_check(isfinite(c->x[j]) && (!c->binary32 || binary32(c->x[j])), "%s: x[%zu] = %a", what, j, c->x[j]);
  test_check(c->binary32 == (one->n / VECTORS_FAMILIES % 2 == 0), "%s", what);
  test_check(!c->binary32 || (binary32(at.time) && binary32(at.alpha) && binary32(at.beta)), "%s: %a %a %a", what,
             at.time, at.alpha, at.beta);
  double noise = one->schedule->timed ? at.time : at.beta / at.alpha,
         data = one->schedule->timed ? 1 - at.time : at.alpha / at.beta;
  switch (family) {
  case VECTORS_NEAR_NOISE:
    test_check(noise > 0 && noise < 0.03, "%s: %g", what, noise);
    return;
  case VECTORS_NEAR_DATA:
    test_check(data > 0 && data < 0.03, "%s: %g", what, data);
    return;
  case VECTORS_END:
    test_check(noise == 0 || data == 0, "%s: %g %g", what, noise, data);
    return;
  case VECTORS_INSIDE:
  case VECTORS_FAR:
  case VECTORS_FAMILIES:
    break;
  }
  test_check(noise > 0 && data > 0, "%s: %g %g", what, noise, data);
}

static void families_keep_their_promise(void **state) {
  (void)state;
  for_all(judge_one, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bits_are_the_same_everywhere),
      cmocka_unit_test(families_keep_their_promise),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
