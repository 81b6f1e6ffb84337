/* Runs: selection, shares of delta, seeds, shared experiments, declared comparisons, cancelling, and the rules of
 * papers. */
#include "script.h"
#include "testing.h"

#include <assay/theory.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const script_item good = {.name = "measured",
                                 .method = ASSAY_MEASURE,
                                 .predicted = {1, 1},
                                 .control = {2, 2},
                                 .measured = 1.01,
                                 .terms = {{ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, 0.1, 0, "given by the test"}},
                                 .count = 1};

/* Four claims: two measured ones that share an experiment, one with three comparisons, one in another family. */
typedef struct {
  script_item items[3];
  script_claim claims[4];
  assay_context context;
} fixture;

static void set_up(fixture *f) {
  for (size_t i = 0; i < 3; i++) f->items[i] = good;
  f->claims[0] = script_of("test/mean", ASSAY_EXPERIMENT, f->items, 1);
  f->claims[1] = script_of("test/mean-square", ASSAY_EXPERIMENT, f->items, 1);
  f->claims[2] = script_of("test/shape", ASSAY_EXPERIMENT, f->items, 3);
  f->claims[3] = script_of("test/sub/shape", ASSAY_EXPERIMENT, f->items, 1);
  f->claims[0].key = f->claims[1].key = "training n=4";
  assay_context_init(&f->context);
  script_made = script_released = 0;
  script_make_fails = ASSAY_OK;
}

static assay_run *start(fixture *f, const assay_run_options *options) {
  assay_run *run = NULL;
  assay_status status = script_run(&run, f->claims, 4, options, &f->context);
  test_check(status == ASSAY_OK, "%s", f->context.message);
  return run;
}

/* The names, without the paper, in the order in which they were done. */
enum { SEEN = 128 };

static void collect(void *self, const assay_result *result) {
  char *seen = self;
  size_t used = strlen(seen);
  (void)snprintf(seen + used, SEEN - used, "%s ", result->claim->id + strlen("test/"));
}

static void runs_every_claim_in_order(void **state) {
  (void)state;
  fixture f;
  set_up(&f);
  char seen[SEEN] = "";
  assay_run *run = start(&f, NULL);
  test_check(assay_run_result(run, 0)->verdict == ASSAY_UNDECIDED, "before it is run");
  test_check(strcmp(assay_run_result(run, 0)->reason, "not run") == 0, "%s", assay_run_result(run, 0)->reason);
  test_check(assay_run_verify(run, collect, seen, &f.context) == ASSAY_OK, "%s", f.context.message);
  test_check(strcmp(seen, "mean mean-square shape sub/shape ") == 0, "%s", seen);
  for (size_t i = 0; i < assay_run_count(run); i++)
    test_check(assay_run_result(run, i)->verdict == ASSAY_CONFIRMED, "%s", assay_run_result(run, i)->reason);
  test_check(assay_run_result(run, 2)->count == 3 && assay_run_result(run, 2)->seconds >= 0, "result 2");
  test_check(assay_run_verify(run, NULL, NULL, &f.context) == ASSAY_OK && f.claims[0].calls == 2, "a second time");
  assay_run_clear(run);
  assay_run_clear(NULL);
}

static void patterns_select(void **state) {
  (void)state;
  const struct {
    const char *patterns[2];
    size_t count;
    const char *selected;
  } cases[] = {{{"test/mean"}, 1, "mean "},          {{"test/mean*"}, 1, "mean mean-square "},
               {{"*shape"}, 1, "shape sub/shape "},  {{"test/sub/*", "test/mean"}, 2, "mean sub/shape "},
               {{"test/mean", "*mean"}, 2, "mean "}, {{"test/[ms]*e"}, 1, "mean-square shape sub/shape "},
               {{"test/shap?"}, 1, "shape "}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    fixture f;
    set_up(&f);
    char seen[SEEN] = "";
    assay_run_options options = assay_run_options_default();
    options.patterns = cases[i].patterns;
    options.pattern_count = cases[i].count;
    assay_run *run = start(&f, &options);
    test_check(assay_run_verify(run, collect, seen, &f.context) == ASSAY_OK, "%s", f.context.message);
    test_check(strcmp(seen, cases[i].selected) == 0, "'%s': %s", cases[i].patterns[0], seen);
    assay_run_clear(run);
  }
}

static void refuse(const assay_run_options *options, script_claim *claims, assay_status status, const char *message) {
  assay_context context;
  assay_context_init(&context);
  assay_run *run = NULL;
  assay_status got = script_run(&run, claims, 4, options, &context);
  test_check(got == status && run == NULL, "%s instead of %s: %s", assay_status_name(got), assay_status_name(status),
             context.message);
  test_check(strstr(context.message, message), "'%s' does not contain '%s'", context.message, message);
}

static void bad_options(void **state) {
  (void)state;
  fixture f;
  set_up(&f);
  const char *patterns[] = {"test/mean", "test/nothing*"};
  assay_run_options options = assay_run_options_default();
  options.patterns = patterns;
  options.pattern_count = 2;
  refuse(&options, f.claims, ASSAY_INVALID, "pattern 1: no claim's id matches 'test/nothing*'");
  const double deltas[] = {0, 1, -1, 2, NAN};
  for (size_t i = 0; i < 5; i++) {
    options = assay_run_options_default();
    options.delta = deltas[i];
    refuse(&options, f.claims, ASSAY_INVALID, "is not in (0, 1)");
  }
  options = assay_run_options_default();
  options.level = ASSAY_LEVEL_COUNT;
  refuse(&options, f.claims, ASSAY_INVALID, "level");
}

static void rules_of_papers(void **state) {
  (void)state;
  fixture f;
  set_up(&f);
  f.claims[3].claim.id = "test/mean";
  refuse(NULL, f.claims, ASSAY_INTERNAL, "'test/mean': two claims have this id");
  const char *ids[] = {"other/mean", "test", "test/", "testing/mean", NULL};
  for (size_t i = 0; i < 5; i++) {
    set_up(&f);
    f.claims[2].claim.id = ids[i];
    refuse(NULL, f.claims, ASSAY_INTERNAL, "its id must be 'test/' and a name");
  }
  for (int level = 0; level < ASSAY_LEVEL_COUNT; level++) {
    set_up(&f);
    f.claims[1].claim.comparisons[level] = 0;
    refuse(NULL, f.claims, ASSAY_INTERNAL, "'test/mean-square': declares 0 comparisons at level");
    set_up(&f);
    f.claims[1].claim.sizes[level] = NULL;
    refuse(NULL, f.claims, ASSAY_INTERNAL, "its sizes at level");
  }
  set_up(&f);
  f.claims[0].claim.control = NULL;
  refuse(NULL, f.claims, ASSAY_INTERNAL, "is missing");
  set_up(&f);
  f.claims[0].claim.kind = (assay_kind)7;
  refuse(NULL, f.claims, ASSAY_INTERNAL, "neither proof nor experiment");
  /* The rules hold for all claims, whatever is selected. */
  set_up(&f);
  f.claims[1].claim.comparisons[0] = 0;
  const char *only = "test/shape";
  assay_run_options options = assay_run_options_default();
  options.patterns = &only;
  options.pattern_count = 1;
  refuse(&options, f.claims, ASSAY_INTERNAL, "declares 0 comparisons");
}

/* The paper declares 1 + 1 + 3 + 1 = 6 comparisons: each gets delta/30, rounded down. */
static void delta_and_seeds_do_not_depend_on_selection(void **state) {
  (void)state;
  fixture all, one;
  set_up(&all);
  assay_run_options options = assay_run_options_default();
  options.delta = 0.003;
  options.seed = 77;
  assay_run *run = start(&all, &options);
  test_check(assay_run_verify(run, NULL, NULL, &all.context) == ASSAY_OK, "%s", all.context.message);
  assay_run_clear(run);
  uint64_t experiment_seed = script_experiment_seed;

  set_up(&one);
  const char *pattern = "test/mean-square";
  options.patterns = &pattern;
  options.pattern_count = 1;
  run = start(&one, &options);
  test_check(assay_run_verify(run, NULL, NULL, &one.context) == ASSAY_OK, "%s", one.context.message);
  assay_run_clear(run);
  double delta = one.claims[1].seen_delta;
  test_check(delta == all.claims[1].seen_delta, "%a %a", delta, all.claims[1].seen_delta);
  test_check(delta <= 0.003 / 30 && delta > 0.003 / 30 * (1 - 1e-11), "%a", delta);
  test_check(one.claims[1].seen_seed == all.claims[1].seen_seed, "the claim's seed");
  test_check(script_experiment_seed == experiment_seed, "the experiment's seed");
  test_check(one.claims[0].calls == 0, "a claim that is not selected runs");
  test_check(all.claims[0].seen_seed != all.claims[1].seen_seed, "two claims share a seed");

  set_up(&one);
  options.seed = 78;
  options.level = ASSAY_LEVEL_FULL;
  one.claims[2].claim.comparisons[ASSAY_LEVEL_QUICK] = 30;
  run = start(&one, &options);
  test_check(assay_run_verify(run, NULL, NULL, &one.context) == ASSAY_OK, "%s", one.context.message);
  assay_run_clear(run);
  test_check(one.claims[1].seen_seed != all.claims[1].seen_seed && script_experiment_seed != experiment_seed,
             "another run's seed gives the same seeds");
  test_check(one.claims[1].seen_level == ASSAY_LEVEL_FULL && one.claims[1].seen_delta == delta,
             "only the declarations at the run's level count");
}

static void experiments_are_made_once(void **state) {
  (void)state;
  fixture f;
  set_up(&f);
  assay_run *run = start(&f, NULL);
  test_check(assay_run_verify(run, NULL, NULL, &f.context) == ASSAY_OK, "%s", f.context.message);
  test_check(script_made == 1 && f.claims[0].made == &script_made && f.claims[1].made == &script_made, "made %zu times",
             script_made);
  test_check(script_released == 0, "released before the run");
  assay_run_clear(run);
  test_check(script_released == 1, "released %zu times", script_released);
  set_up(&f);
  f.claims[1].key = "training n=8";
  run = start(&f, NULL);
  test_check(assay_run_verify(run, NULL, NULL, &f.context) == ASSAY_OK, "%s", f.context.message);
  assay_run_clear(run);
  test_check(script_made == 2 && script_released == 2, "two keys: made %zu", script_made);
  set_up(&f);
  f.claims[1].made_otherwise = true;
  run = start(&f, NULL);
  test_check(assay_run_verify(run, NULL, NULL, &f.context) == ASSAY_INTERNAL, "one key, two functions");
  test_check(strstr(f.context.message, "'training n=4': the key belongs to two"), "%s", f.context.message);
  assay_run_clear(run);
}

static void failed_experiments_are_remembered(void **state) {
  (void)state;
  fixture f;
  set_up(&f);
  script_make_fails = ASSAY_PRECISION;
  assay_run *run = start(&f, NULL);
  test_check(assay_run_verify(run, NULL, NULL, &f.context) == ASSAY_OK, "%s", f.context.message);
  for (size_t i = 0; i < 2; i++) {
    const assay_result *result = assay_run_result(run, i);
    test_check(result->verdict == ASSAY_UNDECIDED && strcmp(result->reason, "the experiment failed") == 0, "%s",
               result->reason);
  }
  test_check(assay_run_result(run, 2)->verdict == ASSAY_CONFIRMED, "%s", assay_run_result(run, 2)->reason);
  assay_run_clear(run);
  test_check(script_made == 1 && script_released == 0, "made %zu released %zu", script_made, script_released);
  set_up(&f);
  script_make_fails = ASSAY_CANCELLED;
  run = start(&f, NULL);
  test_check(assay_run_verify(run, NULL, NULL, &f.context) == ASSAY_CANCELLED, "%s", f.context.message);
  script_make_fails = ASSAY_OK;
  test_check(assay_run_verify(run, NULL, NULL, &f.context) == ASSAY_OK, "%s", f.context.message);
  test_check(script_made == 2, "a cancelled experiment is made again: %zu", script_made);
  assay_run_clear(run);
}

static assay_status verify(fixture *f, assay_result *first) {
  assay_run *run = start(f, NULL);
  assay_status status = assay_run_verify(run, NULL, NULL, &f->context);
  if (first) *first = *assay_run_result(run, 0);
  assay_run_clear(run);
  return status;
}

static void comparisons_are_declared(void **state) {
  (void)state;
  fixture f;
  for (int ignores = 0; ignores < 2; ignores++) {
    set_up(&f);
    f.claims[2].claim.comparisons[0] = 2;
    f.claims[2].ignores = ignores;
    test_check(verify(&f, NULL) == ASSAY_INTERNAL, "an undeclared comparison");
    const char *expected = "test/shape: item 'measured' is comparison 3, but 2 are declared at level quick";
    test_check(strcmp(f.context.message, expected) == 0, "%s", f.context.message);
    test_check(f.claims[3].calls == 0, "the run goes on");
  }
  set_up(&f); /* items that a run of the controls leaves out count too */
  for (size_t i = 0; i < 3; i++) f.items[i].control = script_none;
  f.claims[2].claim.comparisons[0] = 2;
  assay_run_options options = assay_run_options_default();
  options.control = true;
  assay_run *run = start(&f, &options);
  test_check(assay_run_verify(run, NULL, NULL, &f.context) == ASSAY_INTERNAL, "an undeclared one without control");
  test_check(strstr(f.context.message, "is comparison 3, but 2"), "%s", f.context.message);
  assay_run_clear(run);
  set_up(&f);
  f.claims[2].claim.comparisons[0] = 4;
  test_check(verify(&f, NULL) == ASSAY_INTERNAL, "a missing comparison");
  test_check(strcmp(f.context.message, "test/shape: made 3 comparisons, but 4 are declared at level quick") == 0, "%s",
             f.context.message);
}

static void gathering_fails(void **state) {
  (void)state;
  fixture f;
  assay_result first;
  const assay_status endings[] = {ASSAY_PRECISION, ASSAY_MEMORY, ASSAY_INVALID, ASSAY_UNSUPPORTED, ASSAY_IO};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    set_up(&f);
    f.claims[0].ends_with = endings[i];
    f.claims[0].claim.comparisons[0] = 2; /* the second never comes */
    test_check(verify(&f, &first) == ASSAY_OK, "%s", f.context.message);
    test_check(first.verdict == ASSAY_UNDECIDED && strcmp(first.reason, "the script ends") == 0, "%s", first.reason);
    test_check(f.claims[3].calls == 1, "the run stops");
  }
  const assay_status stopping[] = {ASSAY_CANCELLED, ASSAY_INTERNAL};
  for (size_t i = 0; i < 2; i++) {
    set_up(&f);
    f.claims[0].ends_with = stopping[i];
    test_check(verify(&f, &first) == stopping[i] && f.claims[1].calls == 0, "%s", f.context.message);
    test_check(first.verdict == ASSAY_UNDECIDED, "%s", first.reason);
  }
  set_up(&f); /* what was refuted stays so */
  f.items[0].measured = 3;
  f.claims[0].ends_with = ASSAY_PRECISION;
  test_check(verify(&f, &first) == ASSAY_OK && first.verdict == ASSAY_REFUTED, "%s", first.reason);
}

typedef struct {
  size_t calls, stop_at;
  char last[64];
} watcher;

static int watch(void *self, const char *what, double fraction) {
  watcher *w = self;
  strncpy(w->last, what, sizeof w->last - 1);
  test_check(fraction >= 0 && fraction <= 1, "fraction %g", fraction);
  return w->calls++ == w->stop_at;
}

static void cancel(void **state) {
  (void)state;
  fixture f;
  set_up(&f);
  watcher w = {0, 2, ""};
  assay_run *run = start(&f, NULL);
  f.context.progress = watch;
  f.context.progress_self = &w;
  test_check(assay_run_verify(run, NULL, NULL, &f.context) == ASSAY_CANCELLED, "%s", f.context.message);
  test_check(strcmp(w.last, "test/shape") == 0, "%s", w.last);
  test_check(f.claims[1].calls == 1 && f.claims[2].calls == 0, "the third claim ran");
  test_check(assay_run_result(run, 1)->verdict == ASSAY_CONFIRMED, "what was done stays");
  test_check(strcmp(assay_run_result(run, 2)->reason, "not run") == 0, "%s", assay_run_result(run, 2)->reason);
  assay_run_clear(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs_every_claim_in_order),
      cmocka_unit_test(patterns_select),
      cmocka_unit_test(bad_options),
      cmocka_unit_test(rules_of_papers),
      cmocka_unit_test(delta_and_seeds_do_not_depend_on_selection),
      cmocka_unit_test(experiments_are_made_once),
      cmocka_unit_test(failed_experiments_are_remembered),
      cmocka_unit_test(comparisons_are_declared),
      cmocka_unit_test(gathering_fails),
      cmocka_unit_test(cancel),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
