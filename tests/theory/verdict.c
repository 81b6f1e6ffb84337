/* Verdicts on scripted evidence: true, false and undecidable claims, controls, budgets, and the account of delta. */
#include "script.h"
#include "testing.h"

#include <assay/theory.h>

#include <math.h>
#include <string.h>

static const script_range at_one = {1, 1 + 0x1p-50};

static void expect(const char *what, script_outcome outcome, assay_verdict verdict, const char *reason) {
  test_check(outcome.status == ASSAY_OK, "%s: %s", what, outcome.message);
  test_check(outcome.verdict == verdict, "%s: %s, expected %s: %s", what, assay_verdict_name(outcome.verdict),
             assay_verdict_name(verdict), outcome.reason);
  test_check(strstr(outcome.reason, reason), "%s: '%s' does not contain '%s'", what, outcome.reason, reason);
}

static void expect_internal(const char *what, script_outcome outcome, const char *message) {
  test_check(outcome.status == ASSAY_INTERNAL, "%s: %s", what, assay_status_name(outcome.status));
  test_check(outcome.verdict == ASSAY_UNDECIDED, "%s: %s", what, assay_verdict_name(outcome.verdict));
  test_check(strstr(outcome.message, message), "%s: '%s' does not contain '%s'", what, outcome.message, message);
}

static void true_claims(void **state) {
  (void)state;
  const script_item proofs[] = {script_agree(at_one, at_one, 2, 40), script_less((script_range){0, 1}, at_one, 0.5),
                                script_less((script_range){0, 0.5}, at_one, NAN)};
  expect("equality", script_verdict(ASSAY_PROOF, proofs, 1, false), ASSAY_PROVED, "1 excludes the control");
  expect("order", script_verdict(ASSAY_PROOF, &proofs[2], 1, false), ASSAY_UNDECIDED, "no item has a control");
  const script_item two[] = {proofs[0], proofs[2]};
  expect("two items, one control", script_verdict(ASSAY_PROOF, two, 2, false), ASSAY_PROVED, "every item holds (2)");
  const script_item measured[] = {script_measure(1, 2, 1.01, 0.1), script_measure(5, 5.01, 5, 0.1)};
  expect("measured", script_verdict(ASSAY_EXPERIMENT, measured, 1, false), ASSAY_CONFIRMED, "1 excludes the control");
  expect("two measured", script_verdict(ASSAY_EXPERIMENT, measured, 2, false), ASSAY_CONFIRMED, "1 excludes");
  const script_item mixed[] = {measured[0], proofs[0]};
  expect("measured and decided", script_verdict(ASSAY_EXPERIMENT, mixed, 2, false), ASSAY_CONFIRMED, "2 exclude the");
}

static void false_claims(void **state) {
  (void)state;
  const script_item proofs[] = {script_agree(at_one, at_one, 2, 40), script_agree(at_one, (script_range){2, 2}, 3, 40)};
  script_outcome outcome = script_verdict(ASSAY_PROOF, proofs, 2, false);
  expect("one of two items is false", outcome, ASSAY_REFUTED, "item 'agrees': left 1 = right 2");
  test_check(outcome.decisive == 1, "decisive %zu", outcome.decisive);
  const script_item wrong_order = script_less((script_range){2, 3}, at_one, 4);
  expect("order", script_verdict(ASSAY_PROOF, &wrong_order, 1, false), ASSAY_REFUTED, "left 2.5 < right 1");
  script_item measured[] = {script_measure(1, 2, 1, 0.1), script_measure(1, 2, 1.2, 0.1)};
  outcome = script_verdict(ASSAY_EXPERIMENT, measured, 2, false);
  expect("measured", outcome, ASSAY_REFUTED, "measured 1.2, predicted 1: off by 0.2, budget 0.1");
  test_check(outcome.decisive == 1, "decisive %zu", outcome.decisive);
  /* Nothing makes up for one item that is false: not an undecided one before it, not a control excluded. */
  const script_item after_open[] = {script_agree((script_range){0, 4}, at_one, NAN, 40), proofs[1]};
  expect("false after undecided", script_verdict(ASSAY_PROOF, after_open, 2, false), ASSAY_REFUTED, "right 2");
  const double bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < 3; i++) {
    measured[0].measured = bad[i];
    outcome = script_verdict(ASSAY_EXPERIMENT, measured, 1, false);
    expect("not finite", outcome, ASSAY_REFUTED, "not a finite number");
    test_check(!outcome.first_excludes, "%g excludes the control", bad[i]);
  }
}

static void undecidable_claims(void **state) {
  (void)state;
  const script_range bad[] = {{NAN, NAN}, {NAN, 1}, {1, NAN}, {-INFINITY, 1}, {1, INFINITY}, {-INFINITY, INFINITY}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    script_item items[] = {script_agree(bad[i], at_one, 2, 40), script_agree(at_one, bad[i], 2, 40),
                           script_less(bad[i], at_one, -5), script_less(at_one, bad[i], -5)};
    for (size_t j = 0; j < 4; j++)
      expect("proof without ends", script_verdict(ASSAY_PROOF, &items[j], 1, false), ASSAY_UNDECIDED,
             "precision: item");
    script_item measured = script_measure(1, 2, 1, 0.1);
    measured.predicted = bad[i];
    expect("prediction without ends", script_verdict(ASSAY_EXPERIMENT, &measured, 1, false), ASSAY_UNDECIDED,
           "an end that is not a finite number");
    measured = script_measure(1, 2, 1, 0.1);
    measured.control = (script_range){bad[i].lo, isnan(bad[i].lo) ? 0 : bad[i].hi};
    expect("control without ends", script_verdict(ASSAY_EXPERIMENT, &measured, 1, false), ASSAY_UNDECIDED,
           "resolution: no item tells the claim from its control");
  }
  const script_item wide = script_agree((script_range){0, 4}, at_one, 9, 40);
  expect("too wide", script_verdict(ASSAY_PROOF, &wide, 1, false), ASSAY_UNDECIDED, "precision: item 'agrees'");
  const script_item overlapping = script_less((script_range){0, 4}, at_one, -9);
  expect("overlap", script_verdict(ASSAY_PROOF, &overlapping, 1, false), ASSAY_UNDECIDED, "overlap");
  script_item crossing = script_measure(1, 9, 1, 0.1);
  crossing.predicted = (script_range){1, 1.2};
  expect("crossing the edge", script_verdict(ASSAY_EXPERIMENT, &crossing, 1, false), ASSAY_UNDECIDED, "crosses");
  const script_item same = script_agree(at_one, at_one, 1, 40);
  expect("control not told apart", script_verdict(ASSAY_PROOF, &same, 1, false), ASSAY_UNDECIDED,
         "no item tells the claim from its control");
}

/* Every item holds, but so would every item of the control: an over-wide budget confirms nothing. */
static void bloated_budgets(void **state) {
  (void)state;
  const script_item items[] = {script_measure(1, 2, 1, 1), script_measure(1, 2, 1.5, 0.5),
                               script_measure(1, 2, 1, INFINITY), script_measure(1, 1, 1, 0)};
  for (size_t i = 0; i < 4; i++)
    expect("bloated", script_verdict(ASSAY_EXPERIMENT, &items[i], 1, false), ASSAY_UNDECIDED,
           "would also admit the control");
  const script_item just = script_measure(1, 2, 1, nextafter(1, 0));
  expect("one ulp less", script_verdict(ASSAY_EXPERIMENT, &just, 1, false), ASSAY_CONFIRMED, "1 excludes");
  const script_item none = script_measure(1, NAN, 1, 0.1);
  expect("no control", script_verdict(ASSAY_EXPERIMENT, &none, 1, false), ASSAY_UNDECIDED, "no item has a control");
}

/* In a run of the controls the two change places, and items without a control are left out. */
static void controls_in_place(void **state) {
  (void)state;
  script_item measured[] = {script_measure(1, NAN, 1, 0.1), script_measure(1, 2, 1.01, 0.1)};
  script_outcome outcome = script_verdict(ASSAY_EXPERIMENT, measured, 2, true);
  expect("measured", outcome, ASSAY_REFUTED, "measured 1.01, predicted 2");
  test_check(outcome.count == 1, "%zu items", outcome.count);
  const script_item proof[] = {script_agree(at_one, at_one, 2, 40), script_less((script_range){0, 1}, at_one, -1)};
  expect("equality", script_verdict(ASSAY_PROOF, proof, 1, true), ASSAY_REFUTED, "right 2");
  expect("none", script_verdict(ASSAY_EXPERIMENT, measured, 1, true), ASSAY_UNDECIDED, "no item has a control");
  const script_item bloated = script_measure(1, 2, 1.5, 3);
  expect("bloated", script_verdict(ASSAY_EXPERIMENT, &bloated, 1, true), ASSAY_UNDECIDED, "would also admit");
  const script_item swapped = script_measure(2, 1, 1.01, 0.1);
  expect("the control is what is true", script_verdict(ASSAY_EXPERIMENT, &swapped, 1, true), ASSAY_CONFIRMED, "1 excl");
  const double bad[] = {NAN, INFINITY};
  for (size_t i = 0; i < 2; i++) {
    measured[1].measured = bad[i];
    expect("no number is no evidence against the control", script_verdict(ASSAY_EXPERIMENT, measured, 2, true),
           ASSAY_UNDECIDED, "not a finite number");
  }
}

/* A claim is CONFIRMED (PROVED) only if the run of its control is REFUTED, on whatever evidence. */
static void confirmed_means_control_refuted(void **state) {
  (void)state;
  test_random random = test_random_new(0xc0f1);
  size_t confirmed = 0;
  for (size_t i = 0; i < test_cases(300); i++) {
    script_item items[3] = {{0}};
    size_t count = test_integer(&random, 1, 3);
    for (size_t j = 0; j < count; j++)
      items[j] = script_measure(1, test_integer(&random, 0, 2) ? test_uniform(&random, 0, 2) : NAN,
                                test_uniform(&random, 0.8, 1.2), test_uniform(&random, 0, 0.5));
    script_outcome claim = script_verdict(ASSAY_EXPERIMENT, items, count, false);
    script_outcome control = script_verdict(ASSAY_EXPERIMENT, items, count, true);
    bool is = claim.verdict == ASSAY_CONFIRMED;
    confirmed += is;
    test_check(!is || control.verdict == ASSAY_REFUTED, "measured %a bound %a: control %s", items[0].measured,
               items[0].terms[0].bound, assay_verdict_name(control.verdict));
    bool all_hold = claim.verdict != ASSAY_REFUTED;
    test_check(is || !all_hold || control.verdict != ASSAY_REFUTED, "measured %a bound %a: control refuted, claim %s",
               items[0].measured, items[0].terms[0].bound, assay_verdict_name(claim.verdict));
  }
  test_check(confirmed > 20, "only %zu of the random claims were confirmed", confirmed);
}

static void rules_of_the_budget(void **state) {
  (void)state;
  const double bounds[] = {-1, -0x1p-1074, NAN, -INFINITY};
  for (size_t i = 0; i < 4; i++) {
    const script_item item = script_measure(1, 2, 1, bounds[i]);
    expect_internal("bound", script_verdict(ASSAY_EXPERIMENT, &item, 1, false), "must be a number >= 0");
  }
  const double deltas[] = {-1e-9, NAN, 1};
  script_item item = script_measure(1, 2, 1, 0.1);
  for (size_t i = 0; i < 3; i++) {
    item.terms[0].delta = deltas[i];
    expect_internal("delta", script_verdict(ASSAY_EXPERIMENT, &item, 1, false), "delta must be in [0, 1)");
  }
  item.terms[0].delta = 0;
  item.terms[0].basis = ASSAY_BASIS_QUANTILE;
  expect_internal("free quantile", script_verdict(ASSAY_EXPERIMENT, &item, 1, false), "a quantile must spend delta");
  item.terms[0].basis = ASSAY_BASIS_PROVED;
  item.terms[0].why = NULL;
  expect_internal("no reason", script_verdict(ASSAY_EXPERIMENT, &item, 1, false), "the reason (why) is missing");
  const script_item measured = script_measure(1, 2, 1, 0.1);
  expect_internal("measured proof", script_verdict(ASSAY_PROOF, &measured, 1, false), "a measurement proves nothing");
  script_item order = script_less((script_range){0, 0}, at_one, -1);
  order.relation = ASSAY_EQUAL;
  expect_internal("=", script_verdict(ASSAY_PROOF, &order, 1, false), "neither < nor >");
  const script_item free_bits = script_agree(at_one, at_one, 2, 0);
  expect_internal("bits", script_verdict(ASSAY_PROOF, &free_bits, 1, false), "bits = 0");
}

/* One comparison may spend 1e-6/5 when the paper declares one. */
static void delta_is_accounted(void **state) {
  (void)state;
  const double share = 1e-6 / 5;
  script_item item = script_measure(1, 2, 1, 0.1);
  item.count = 3;
  for (size_t i = 0; i < 3; i++)
    item.terms[i] = (assay_budget_term){ASSAY_TERM_SAMPLING, ASSAY_BASIS_QUANTILE, 0.1, share / 3 * (1 - 1e-12), "x"};
  expect("within", script_verdict(ASSAY_EXPERIMENT, &item, 1, false), ASSAY_CONFIRMED, "1 excludes");
  item.terms[2].delta *= 1 + 1e-9;
  expect_internal("overspent", script_verdict(ASSAY_EXPERIMENT, &item, 1, false), "the terms spend delta");
  item.terms[0].delta = item.terms[1].delta = item.terms[2].delta = share * 0.5;
  expect_internal("overspent in sum", script_verdict(ASSAY_EXPERIMENT, &item, 1, false), "its share is");
}

/* The resolution of the claim is its items' smallest, relative to the prediction; a run with the prediction moved by a
 * little less stands, by a little more is refuted. */
static void resolution(void **state) {
  (void)state;
  const script_item items[] = {script_measure(4, 9, 4.25, 1), script_measure(0, 9, 0.25, 0.75),
                               script_measure(-2, 9, -2, 0.5)};
  script_outcome outcome = script_verdict(ASSAY_EXPERIMENT, items, 3, false);
  test_check(outcome.first_resolution == 0.75, "%a", outcome.first_resolution);
  test_check(outcome.resolution == 0.75 / 4 && outcome.decisive == 0, "%a %zu", outcome.resolution, outcome.decisive);
  outcome = script_verdict(ASSAY_EXPERIMENT, &items[1], 2, false);
  test_check(outcome.resolution == 0.25 && outcome.decisive == 1, "%a %zu", outcome.resolution, outcome.decisive);
  outcome = script_verdict(ASSAY_EXPERIMENT, &items[1], 1, false);
  test_check(outcome.resolution == 0.5, "a prediction of 0 is not divided by: %a", outcome.resolution);
  double step = outcome.first_resolution;
  const script_item under = script_measure(0 - step * (1 - 1e-12), 9, 0.25, 0.75),
                    over = script_measure(0 - step * (1 + 1e-12), 9, 0.25, 0.75);
  expect("under", script_verdict(ASSAY_EXPERIMENT, &under, 1, false), ASSAY_CONFIRMED, "");
  expect("over", script_verdict(ASSAY_EXPERIMENT, &over, 1, false), ASSAY_REFUTED, "off by");

  const script_range left = {1, 1 + 0x1p-40};
  const script_item proof = script_agree(left, left, 9, 30);
  step = script_verdict(ASSAY_PROOF, &proof, 1, false).first_resolution;
  test_check(step == 0x1p-40, "%a", step);
  for (int sign = -1; sign <= 1; sign += 2) {
    double less = sign * step * (1 - 0x1p-10), more = sign * step * (1 + 0x1p-10);
    const script_item stands = script_agree(left, (script_range){left.lo + less, left.hi + less}, 9, 30),
                      falls = script_agree(left, (script_range){left.lo + more, left.hi + more}, 9, 30);
    expect("proof, under", script_verdict(ASSAY_PROOF, &stands, 1, false), ASSAY_PROVED, "");
    expect("proof, over", script_verdict(ASSAY_PROOF, &falls, 1, false), ASSAY_REFUTED, "");
  }
  const script_item none = script_agree((script_range){NAN, 1}, left, 9, 30);
  test_check(isnan(script_verdict(ASSAY_PROOF, &none, 1, false).resolution), "no ends, no resolution");
}

/* A reason that is too long is cut between characters. */
static void reasons_are_cut_between_characters(void **state) {
  (void)state;
  enum { CHARACTERS = 150 };
  char name[2 * CHARACTERS + 2];
  for (size_t shift = 0; shift < 2; shift++) {
    memset(name, 'x', shift);
    for (size_t i = 0; i < CHARACTERS; i++) memcpy(name + shift + 2 * i, "\xce\xbb", 2);
    name[shift + 2 * (size_t)CHARACTERS] = '\0';
    script_item item = script_measure(1, 2, 3, 0.1);
    item.name = name;
    script_outcome outcome = script_verdict(ASSAY_EXPERIMENT, &item, 1, false);
    size_t leads = 0, continuations = 0, length = strlen(outcome.reason);
    for (size_t i = 0; i < length; i++) {
      leads += (outcome.reason[i] & 0xff) == 0xce;
      continuations += (outcome.reason[i] & 0xff) == 0xbb;
    }
    test_check(outcome.verdict == ASSAY_REFUTED && leads == continuations && length > 250, "%zu bytes, %zu %zu", length,
               leads, continuations);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(true_claims),         cmocka_unit_test(false_claims),
      cmocka_unit_test(undecidable_claims),  cmocka_unit_test(bloated_budgets),
      cmocka_unit_test(controls_in_place),   cmocka_unit_test(confirmed_means_control_refuted),
      cmocka_unit_test(rules_of_the_budget), cmocka_unit_test(delta_is_accounted),
      cmocka_unit_test(resolution),          cmocka_unit_test(reasons_are_cut_between_characters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
