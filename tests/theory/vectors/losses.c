/* The digits that comments say are lost, lost again here: within one digit, since exp and log differ in their last bits
 * between C libraries. And the tables of choices are in order. */
#include "naive.h"

#include "testing.h"
#include "theory/vectors/candidate.h"
#include "theory/vectors/choice.h"

#include <assay/reference.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const vectors_target *target_named(const char *name) {
  for (size_t i = 0; i < vectors_target_count; i++) {
    char full[64];
    (void)snprintf(full, sizeof full, "%s-%s", vectors_targets[i].kind, vectors_targets[i].name);
    if (strcmp(full, name) == 0) return &vectors_targets[i];
  }
  fail_msg("no target is named %s", name);
  return NULL;
}

static void judge_choice(assay_quantity quantity, const vectors_group *group, const vectors_choice *choice,
                         const vectors_target *target, const assay_mixture *mixture, assay_context *context) {
  const vectors_schedule *schedule = vectors_schedule_named(group->schedule);
  vectors_candidate candidate;
  vectors_candidate_make(&candidate, target, mixture, schedule, choice->n);
  assay_path_point point = vectors_path_point(schedule, candidate.place);
  double exact[VECTORS_MOST_DIMENSION], got[VECTORS_MOST_DIMENSION];
  size_t width = assay_quantity_width(quantity, target->dimension);
  assert_int_equal(assay_reference_field_double(exact, quantity, mixture, &point, candidate.x, 1, context), 0);
  for (int i = 0; i < VECTORS_FORMULA_COUNT; i++) {
    vectors_formula formula = (vectors_formula)i;
    int said = choice->lost[i], lost = 0;
    if (vectors_formula_gives(formula, quantity)) {
      naive_field(
          got, quantity, formula, mixture,
          naive_path_at(group->schedule, formula, candidate.place.time, candidate.place.alpha, candidate.place.beta),
          candidate.x);
      lost = naive_lost(got, exact, width);
    }
    test_check(said == lost || (said != VECTORS_ALL && lost != VECTORS_ALL && abs(said - lost) <= 1),
               "%s/%s/%s/%u, %s: %d digits lost, the table says %d", assay_quantity_name(quantity), group->target,
               group->schedule, choice->n, vectors_formula_name(formula), lost, said);
  }
}

static void judge_group(assay_quantity quantity, const vectors_group *group, assay_context *context) {
  const vectors_target *target = target_named(group->target);
  assay_mixture mixture;
  assert_int_equal(vectors_target_mixture(&mixture, target, context), ASSAY_OK);
  for (size_t j = 0; j < group->count; j++) judge_choice(quantity, group, &group->list[j], target, &mixture, context);
  assay_mixture_clear(&mixture);
}

static void digits_are_lost_as_said(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  for (int quantity = ASSAY_VELOCITY; quantity <= ASSAY_DIVERGENCE; quantity++) {
    const vectors_table *table = vectors_choices_of((assay_quantity)quantity);
    for (size_t i = 0; i < table->count; i++) judge_group((assay_quantity)quantity, &table->groups[i], &context);
  }
}

/* Each formula has a case where it is to blame: it loses 3 digits that the guarded one keeps. The mildest are expanded
 * squares in denoisers: means of size 4096 and variances of 1/4 put 2^-53 4096^2/(1/4) = 10^-8 into log-weights, which
 * move weights by a tenth of that and f by 10^-9/4096, 3 digits above 2^-53. */
static void every_formula_fails_somewhere(void **state) {
  (void)state;
  for (int quantity = ASSAY_VELOCITY; quantity <= ASSAY_DIVERGENCE; quantity++)
    for (int formula = VECTORS_EXPANDED; formula < VECTORS_FORMULA_COUNT; formula++) {
      if (!vectors_formula_gives((vectors_formula)formula, (assay_quantity)quantity)) continue;
      const vectors_table *table = vectors_choices_of((assay_quantity)quantity);
      int more = 0;
      for (size_t i = 0; i < table->count; i++)
        for (size_t j = 0; j < table->groups[i].count; j++) {
          const unsigned char *lost = table->groups[i].list[j].lost;
          int here = lost[formula] - lost[VECTORS_GUARDED];
          if (here > more) more = here;
        }
      test_check(more >= 3, "%s by %s loses at most %d digits more than guarded",
                 assay_quantity_name((assay_quantity)quantity), vectors_formula_name((vectors_formula)formula), more);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(digits_are_lost_as_said),
      cmocka_unit_test(every_formula_fails_somewhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
