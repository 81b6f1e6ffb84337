#include "theory/run.h"

#include "theory/engine.h"
#include "theory/item.h"
#include "theory/registry.h"
#include "theory/share.h"
#include "theory/trial.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

assay_run_options assay_run_options_default(void) {
  return (assay_run_options){.level = ASSAY_LEVEL_QUICK, .delta = 1e-6, .seed = 1};
}

size_t assay_run_count(const assay_run *run) { return run->count; }
const assay_result *assay_run_result(const assay_run *run, size_t index) { return &run->results[index]; }
const assay_run_options *assay_run_settings(const assay_run *run) { return &run->options; }

/* ---- selection ---- */

static bool matches(const assay_run_options *options, const char *id) {
  for (size_t i = 0; i < options->pattern_count; i++)
    if (fnmatch(options->patterns[i], id, 0) == 0) return true;
  return options->pattern_count == 0;
}

/* Fills the run's results when it has room for them; returns how many claims match. */
static size_t select_claims(assay_run *run) {
  size_t count = 0;
  for (const assay_paper *const *paper = run->papers; *paper; paper++) {
    for (const assay_claim *const *claim = (*paper)->claims; *claim; claim++) {
      if (!matches(&run->options, (*claim)->id)) continue;
      if (run->results) {
        run->owners[count] = *paper;
        run->results[count] = (assay_result){.claim = *claim,
                                             .level = run->options.level,
                                             .control = run->options.control,
                                             .verdict = ASSAY_UNDECIDED,
                                             .reason = "not run",
                                             .resolution = NAN};
      }
      count++;
    }
  }
  return count;
}

static assay_status check_patterns(const assay_run *run, assay_context *context) {
  for (size_t i = 0; i < run->options.pattern_count; i++) {
    assay_run one = {.options = run->options, .papers = run->papers};
    one.options.patterns = &run->options.patterns[i];
    one.options.pattern_count = 1;
    if (select_claims(&one) == 0)
      return assay_fail(context, ASSAY_INVALID, "pattern %zu: no claim's id matches '%s'", i, run->options.patterns[i]);
  }
  return ASSAY_OK;
}

static assay_status check_options(const assay_run *run, assay_context *context) {
  if (!(run->options.delta > 0 && run->options.delta < 1))
    return assay_fail(context, ASSAY_INVALID, "delta: %g is not in (0, 1)", run->options.delta);
  if (run->options.level != ASSAY_LEVEL_QUICK && run->options.level != ASSAY_LEVEL_FULL)
    return assay_fail(context, ASSAY_INVALID, "level: %d is neither quick nor full", (int)run->options.level);
  assay_status status = assay_papers_check(run->papers, context);
  return status ? status : check_patterns(run, context);
}

static assay_status allocate_results(assay_run *run, assay_context *context) {
  size_t count = select_claims(run);
  void *owners = NULL, *results = NULL;
  assay_status status = assay_allocate(&owners, count, sizeof(const assay_paper *), "claims", context);
  if (!status) status = assay_allocate(&results, count, sizeof *run->results, "results", context);
  run->owners = owners;
  run->results = results;
  if (!status) run->count = select_claims(run);
  return status;
}

assay_status assay_run_init(assay_run **out, const assay_run_options *options, assay_context *context) {
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, 1, sizeof(assay_run), "run", context);
  if (status) return status;
  assay_run *run = memory;
  run->options = *options;
  run->papers = options->papers ? options->papers : assay_papers;
  run->memo.seed = options->seed;
  status = check_options(run, context);
  if (!status) status = allocate_results(run, context);
  if (status)
    assay_run_clear(run);
  else
    *out = run;
  return status;
}

static void clear_items(assay_result *result) {
  assay_items_clear(result->items, result->count);
  result->items = NULL;
  result->count = 0;
}

void assay_run_clear(assay_run *run) {
  if (!run) return;
  for (size_t i = 0; run->results && i < run->count; i++) clear_items(&run->results[i]);
  free(run->results);
  free((void *)run->owners);
  assay_memo_clear(&run->memo);
  free(run);
}

/* ---- running ---- */

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static assay_trial trial_of(assay_run *run, const assay_paper *paper, const char *use, const char *name,
                            assay_context *context) {
  return (assay_trial){.level = run->options.level,
                       .control = run->options.control,
                       .seed = assay_share_seed(run->options.seed, use, name),
                       .share = assay_share_limit(paper, run->options.level, run->options.delta),
                       .memo = &run->memo,
                       .context = context};
}

/* The end of the run when the claim broke a rule; else OK. */
static assay_status audit(const assay_trial *trial, assay_status gathered, assay_context *context) {
  if (trial->broken) return assay_fail(context, ASSAY_INTERNAL, "%s", trial->message);
  if (gathered == ASSAY_CANCELLED || gathered == ASSAY_INTERNAL) return gathered;
  if (gathered == ASSAY_OK && trial->compared != trial->declared)
    return assay_fail(context, ASSAY_INTERNAL, "%s: made %zu comparisons, but %zu are declared at level %s",
                      trial->claim->id, trial->compared, trial->declared, assay_level_name(trial->level));
  return ASSAY_OK;
}

static assay_status gather(assay_result *result, assay_trial *trial, assay_context *context) {
  void *items = NULL;
  trial->claim = result->claim;
  trial->declared = result->claim->comparisons[result->level];
  assay_status status = assay_allocate(&items, trial->declared, sizeof *trial->items, "items", context);
  if (status) return status;
  trial->items = items;
  status = result->claim->gather(trial, context);
  result->items = trial->items;
  result->count = trial->count;
  return status;
}

static assay_status verify_one(assay_run *run, size_t index, assay_context *context) {
  assay_result *result = &run->results[index];
  clear_items(result);
  context->message[0] = '\0';
  double start = seconds_now();
  assay_trial trial = trial_of(run, run->owners[index], "claim", result->claim->id, context);
  assay_status gathered = gather(result, &trial, context);
  result->seconds = seconds_now() - start;
  assay_status status = audit(&trial, gathered, context);
  const char *message = context->message[0] ? context->message : assay_status_meaning(gathered);
  assay_judge(result, status || gathered ? message : NULL);
  return status;
}

assay_status assay_run_verify(assay_run *run, void (*done)(void *self, const assay_result *result), void *self,
                              assay_context *context) {
  for (size_t i = 0; i < run->count; i++) {
    const char *id = run->results[i].claim->id;
    assay_status status = assay_progress(context, id, (double)i / (double)run->count);
    if (!status) status = verify_one(run, i, context);
    if (status) return status;
    if (done) done(self, &run->results[i]);
  }
  return ASSAY_OK;
}

assay_status assay_run_figure(assay_plot *out, assay_run *run, const assay_figure *figure, assay_context *context) {
  const assay_paper *paper = assay_papers_find_figure(run->papers, figure);
  if (!paper) return assay_fail(context, ASSAY_INVALID, "figure '%s': none of the run's papers has it", figure->id);
  assay_trial trial = trial_of(run, paper, "figure", figure->id, context);
  assay_plot plot = {NULL, 0};
  assay_status status = figure->draw(&plot, &trial, context);
  if (!status && trial.broken) status = assay_fail(context, ASSAY_INTERNAL, "%s", trial.message);
  if (status)
    assay_plot_clear(&plot);
  else
    *out = plot;
  return status;
}
