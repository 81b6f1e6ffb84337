/* How often true claims raise false alarms, and how often their controls are refuted, over many seeds. */
#include "theory/clopper_pearson.h"
#include "theory/run.h"

#include <stdlib.h>

typedef struct {
  assay_calibration *list;
  size_t count, seeds;
  size_t *alarms, *refuted, *open;
} tally;

/* A control is refuted when an item excludes it: what a run with controls in their statements' places would say. */
static void add_run(tally *t, const assay_run *run) {
  for (size_t i = 0; i < t->count; i++) {
    const assay_result *result = assay_run_result(run, i);
    bool excluded = false;
    for (size_t j = 0; j < result->count; j++) excluded = excluded || result->items[j].excludes_control;
    t->alarms[i] += result->verdict == ASSAY_REFUTED;
    t->open[i] += result->verdict == ASSAY_UNDECIDED;
    t->refuted[i] += excluded;
    t->list[i].claim = result->claim;
  }
}

static assay_status one_seed(tally *t, const assay_run_options *options, size_t seed, assay_context *context) {
  assay_run_options own = *options;
  own.seed = options->seed + seed;
  own.control = false;
  assay_context quiet = *context; /* progress counts seeds, not claims */
  quiet.progress = NULL;
  assay_run *run = NULL;
  assay_status status = assay_run_init(&run, &own, &quiet);
  if (!status) status = assay_run_verify(run, NULL, NULL, &quiet);
  if (!status)
    add_run(t, run);
  else
    assay_fail(context, status, "%s", quiet.message);
  assay_run_clear(run);
  return status ? status : assay_progress(context, "seeds", (double)(seed + 1) / (double)t->seeds);
}

/* Rows for as many claims as the options select. */
static assay_status prepare(tally *t, const assay_run_options *options, assay_context *context) {
  assay_run *run = NULL;
  assay_status status = assay_run_init(&run, options, context);
  if (status) return status;
  t->count = assay_run_count(run);
  assay_run_clear(run);
  status = assay_allocate((void **)&t->list, t->count, sizeof *t->list, "calibration", context);
  if (!status) status = assay_allocate((void **)&t->alarms, 3 * t->count, sizeof *t->alarms, "calibration", context);
  if (status) return status;
  t->refuted = t->alarms + t->count;
  t->open = t->refuted + t->count;
  return ASSAY_OK;
}

assay_status assay_calibrate(assay_calibration **out, size_t *count, const assay_run_options *options, size_t seeds,
                             assay_context *context) {
  if (seeds < 1) return assay_fail(context, ASSAY_INVALID, "seeds: 0; at least 1 is expected");
  tally t = {.seeds = seeds};
  assay_status status = prepare(&t, options, context);
  for (size_t seed = 0; !status && seed < seeds; seed++) status = one_seed(&t, options, seed, context);
  for (size_t i = 0; !status && i < t.count; i++) {
    t.list[i].false_alarms = assay_rate_of(t.alarms[i], seeds);
    t.list[i].controls_refuted = assay_rate_of(t.refuted[i], seeds);
    t.list[i].undecided = assay_rate_of(t.open[i], seeds);
  }
  free(t.alarms);
  if (status) {
    free(t.list);
    return status;
  }
  *out = t.list;
  *count = t.count;
  return ASSAY_OK;
}
