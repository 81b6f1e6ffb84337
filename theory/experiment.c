#include "theory/experiment.h"

#include "theory/share.h"

#include <stdlib.h>
#include <string.h>

static assay_experiment *find(const assay_memo *memo, const char *key) {
  for (size_t i = 0; i < memo->count; i++)
    if (strcmp(memo->experiments[i].key, key) == 0) return &memo->experiments[i];
  return NULL;
}

static void forget(assay_experiment *experiment) {
  if (experiment->status == ASSAY_OK && experiment->release) experiment->release(experiment->value);
  free(experiment->key);
  free(experiment->message);
}

/* Room for one more before anything is made, so that nothing made is lost. */
static assay_status reserve(assay_memo *memo, const char *key, assay_experiment *fresh, assay_context *context) {
  assay_experiment *grown = realloc(memo->experiments, (memo->count + 1) * sizeof *grown);
  if (!grown) return assay_fail(context, ASSAY_MEMORY, "experiment '%s': no memory", key);
  memo->experiments = grown;
  fresh->key = strdup(key);
  fresh->message = calloc(sizeof context->message, 1);
  if (fresh->key && fresh->message) return ASSAY_OK;
  free(fresh->key);
  free(fresh->message);
  return assay_fail(context, ASSAY_MEMORY, "experiment '%s': no memory", key);
}

static assay_status make_one(assay_memo *memo, const char *key, assay_experiment *fresh, const void *argument,
                             assay_context *context) {
  assay_status status = reserve(memo, key, fresh, context);
  if (status) return status;
  fresh->status = fresh->make(&fresh->value, argument, assay_share_seed(memo->seed, "experiment", key), context);
  if (fresh->status == ASSAY_CANCELLED) {
    forget(fresh);
    return ASSAY_CANCELLED;
  }
  if (fresh->status) memcpy(fresh->message, context->message, sizeof context->message);
  memo->experiments[memo->count++] = *fresh;
  return ASSAY_OK;
}

assay_status assay_memo_get(void **out, assay_memo *memo, const char *key, assay_make *make, void (*release)(void *),
                            const void *argument, assay_context *context) {
  if (!find(memo, key)) {
    assay_experiment fresh = {.make = make, .release = release};
    assay_status status = make_one(memo, key, &fresh, argument, context);
    if (status) return status;
  }
  const assay_experiment *experiment = find(memo, key);
  if (experiment->make != make)
    return assay_fail(context, ASSAY_INTERNAL, "experiment '%s': the key belongs to two different functions", key);
  if (experiment->status) return assay_fail(context, experiment->status, "%s", experiment->message);
  *out = experiment->value;
  return ASSAY_OK;
}

void assay_memo_clear(assay_memo *memo) {
  for (size_t i = 0; i < memo->count; i++) forget(&memo->experiments[i]);
  free(memo->experiments);
  *memo = (assay_memo){.seed = memo->seed};
}
