/* Trainings on many training sets, one set to a thread. */
#include "fast/flow_dae/slabs.h"

#include <assay/fast.h>

#include <omp.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const double *time;
  size_t times, dimension, memory_cap;
  uint64_t seed;
  const assay_dae_settings *settings;
  const assay_dae_learner *learner;
  assay_dae_learned *fits;
} training_sets;

static size_t doubles_of(size_t times) {
  return (times * sizeof(assay_dae_learned) + sizeof(double) - 1) / sizeof(double);
}

/* The fits of one set, made in `scratch`, as bytes in `partial`. */
static assay_status train_set(void *self, size_t unit, double *partial, double *scratch, assay_context *context) {
  const training_sets *all = self;
  assay_context own = *context;
  own.threads = 1;
  own.memory_cap = all->memory_cap;
  assay_dae_learner learner = *all->learner;
  learner.seed += unit;
  assay_dae_data data;
  assay_status status = assay_fast_dae_data_init(&data, all->settings, all->dimension, 0.5, all->seed + unit, &own);
  if (!status) {
    status = assay_fast_dae_learn((void *)scratch, NULL, all->time, all->times, &data, all->settings, &learner, &own);
    assay_fast_dae_data_clear(&data);
  }
  if (status) return assay_fail(context, status, "set %zu: %s", unit, own.message);
  memcpy(partial, scratch, all->times * sizeof(assay_dae_learned));
  return ASSAY_OK;
}

static void keep_set(void *self, size_t unit, const double *partial) {
  const training_sets *all = self;
  memcpy(all->fits + unit * all->times, partial, all->times * sizeof *all->fits);
}

assay_status assay_fast_dae_learn_sets(assay_dae_learned *fits, size_t sets, const double *time, size_t times,
                                       size_t dimension, uint64_t seed, const assay_dae_settings *settings,
                                       const assay_dae_learner *learner, assay_context *context) {
  if (sets == 0) return assay_fail(context, ASSAY_INVALID, "sets: 0, but at least 1 is needed");
  size_t threads = (size_t)(context->threads > 0 ? context->threads : omp_get_max_threads());
  void *own = NULL;
  assay_status status = assay_allocate(&own, sets, times * sizeof *fits, "fits", context);
  if (status) return status;
  training_sets all = {.time = time,
                       .times = times,
                       .dimension = dimension,
                       .memory_cap = context->memory_cap / (threads < sets ? threads : sets),
                       .seed = seed,
                       .settings = settings,
                       .learner = learner,
                       .fits = own};
  dae_job job = {.what = "training sets",
                 .units = sets,
                 .partial = doubles_of(times),
                 .scratch = doubles_of(times),
                 .held = sets * times * sizeof *fits,
                 .self = &all,
                 .work = train_set,
                 .combine = keep_set};
  status = dae_job_run(&job, context);
  if (!status) memcpy(fits, own, sets * times * sizeof *fits);
  free(own);
  return status;
}
