#include "theory/vectors/choice.h"

const vectors_table *vectors_choices_of(assay_quantity quantity) {
  switch (quantity) {
  case ASSAY_VELOCITY:
    return &vectors_choice_velocity;
  case ASSAY_SCORE:
    return &vectors_choice_score;
  case ASSAY_DENOISER:
    return &vectors_choice_denoiser;
  case ASSAY_NOISE:
    return &vectors_choice_noise;
  case ASSAY_LOG_DENSITY:
    return &vectors_choice_log_density;
  case ASSAY_DIVERGENCE:
    return &vectors_choice_divergence;
  }
  return NULL;
}
