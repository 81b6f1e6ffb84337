#include "theory/flow_dae/rate.h"

static const size_t sizes_listed[RATE_SIZES_FULL] = {2, 5, 1000000, 3, 64, 1000000000};

const range_side rate_all_sizes = {0, 0.5};

static assay_status at_size(assay_trial *trial, const rate *of, iv_scope *s, const assay_dae_settings *settings,
                            assay_dae_theory *theory, assay_context *context) {
  assay_status status = assay_reference_dae_theory(theory, settings, assay_real_of(1), RATE_GOAL_BITS, context);
  if (status != ASSAY_OK) return status;
  rate_point at = {.constants = learner_constants_of(s, settings),
                   .limits = dae_limits_of_settings(s, settings),
                   .theory = theory,
                   .n = iv_ui(s, settings->samples)};
  learner_name(at.name, settings);
  at.u = iv_inv(s, at.n);
  return of->at_size(trial, s, &at);
}

static assay_status for_learner(assay_trial *trial, const rate *of, iv_scope *s, assay_dae_settings settings,
                                assay_dae_theory *theory, assay_context *context) {
  size_t sizes = assay_trial_level(trial) == ASSAY_LEVEL_QUICK ? RATE_SIZES_QUICK : RATE_SIZES_FULL;
  assay_status status = of->for_all_sizes(trial, s, &settings);
  for (size_t i = 0; i < sizes && status == ASSAY_OK; i++) {
    settings.samples = sizes_listed[i];
    status = at_size(trial, of, s, &settings, theory, context);
  }
  return status;
}

assay_status rate_gather(assay_trial *trial, const rate *of, assay_context *context) {
  size_t learners = assay_trial_level(trial) == ASSAY_LEVEL_QUICK ? LEARNERS_QUICK : LEARNERS_FULL;
  iv_scope *s = iv_scope_new(RATE_WORKING_BITS);
  assay_dae_theory theory;
  assay_dae_theory_init(&theory);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < learners && status == ASSAY_OK; i++) {
    size_t mark = iv_mark(s);
    status = for_learner(trial, of, s, learner_settings(i), &theory, context);
    iv_release(s, mark);
    if (status == ASSAY_OK) status = assay_progress(context, of->task, (double)(i + 1) / (double)learners);
  }
  assay_dae_theory_clear(&theory);
  iv_scope_free(s);
  return status;
}
