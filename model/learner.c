/* How flow-dae's learner is trained. */
#include <assay/model.h>

#include <math.h>
#include <string.h>

const char *assay_activation_name(assay_activation activation) {
  switch (activation) {
#define CASE(code, name)                                                                                               \
  case code:                                                                                                           \
    return name;
    ASSAY_ACTIVATIONS(CASE)
#undef CASE
  }
  return "unknown";
}

assay_status assay_activation_parse(assay_activation *out, const char *text, assay_context *context) {
#define MATCH(code, name)                                                                                              \
  if (strcmp(text, (name)) == 0) {                                                                                     \
    *out = (code);                                                                                                     \
    return ASSAY_OK;                                                                                                   \
  }
  ASSAY_ACTIVATIONS(MATCH)
#undef MATCH
#define NAME(code, name) " " name
  return assay_fail(context, ASSAY_INVALID, "activation: '%s' is none of" ASSAY_ACTIVATIONS(NAME), text);
#undef NAME
}

enum { MOST_ITERATIONS = 1000, PUBLISHED_EPOCHS = 6000 };

assay_dae_learner assay_dae_learner_labels(void) {
  return (assay_dae_learner){.activation = ASSAY_SIGN, .solver = ASSAY_SOLVER_LABELS, .iterations = 1};
}

assay_dae_learner assay_dae_learner_stationary(assay_activation activation) {
  return (assay_dae_learner){
      .activation = activation, .solver = ASSAY_SOLVER_STATIONARY, .iterations = MOST_ITERATIONS};
}

assay_dae_learner assay_dae_learner_adam(assay_activation activation, uint64_t seed) {
  return (assay_dae_learner){.activation = activation,
                             .solver = ASSAY_SOLVER_ADAM,
                             .start = ASSAY_START_RANDOM,
                             .seed = seed,
                             .iterations = PUBLISHED_EPOCHS,
                             .rate = 0.04,
                             .beta1 = 0.9,
                             .beta2 = 0.999,
                             .epsilon = 1e-8};
}

assay_status assay_dae_learner_check(const assay_dae_learner *learner, assay_context *context) {
  if ((unsigned)learner->activation > ASSAY_ERF)
    return assay_fail(context, ASSAY_INVALID, "activation: %d is none of sign, tanh, erf", (int)learner->activation);
  if ((unsigned)learner->solver > ASSAY_SOLVER_ADAM)
    return assay_fail(context, ASSAY_INVALID, "solver: %d is none of labels, stationary, adam", (int)learner->solver);
  if ((unsigned)learner->start > ASSAY_START_PREVIOUS)
    return assay_fail(context, ASSAY_INVALID, "start: %d is none of labels, random, previous", (int)learner->start);
  if (learner->iterations < 1) return assay_fail(context, ASSAY_INVALID, "iterations: 0; at least 1 is expected");
  if (learner->solver != ASSAY_SOLVER_ADAM) return ASSAY_OK;
  if (!(learner->rate > 0 && isfinite(learner->rate)))
    return assay_fail(context, ASSAY_INVALID, "rate: %.17g must be positive and finite", learner->rate);
  if (!(learner->epsilon > 0 && isfinite(learner->epsilon)))
    return assay_fail(context, ASSAY_INVALID, "epsilon: %.17g must be positive and finite", learner->epsilon);
  if (!(learner->beta1 >= 0 && learner->beta1 < 1))
    return assay_fail(context, ASSAY_INVALID, "beta1: %.17g is outside [0, 1)", learner->beta1);
  if (!(learner->beta2 >= 0 && learner->beta2 < 1))
    return assay_fail(context, ASSAY_INVALID, "beta2: %.17g is outside [0, 1)", learner->beta2);
  return ASSAY_OK;
}
