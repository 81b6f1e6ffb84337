/* Coefficients of outputs (flow-dae section 1). */
#include "fast/core/field_output.h"

field_output field_output_of(assay_quantity quantity, const schedule_coefficients *at) {
  ball zero = ball_exact(0.0);
  field_output output = {zero, zero, zero, zero};
  switch (quantity) {
  case ASSAY_SCORE:
    output.of_identity = ball_exact(-1.0);
    output.tau = at->beta;
    break;
  case ASSAY_NOISE:
    output.of_identity = at->alpha;
    output.tau = ball_neg(ball_mul(at->alpha, at->beta));
    break;
  case ASSAY_DENOISER:
    output.keep = ball_exact(1.0);
    output.of_covariance = at->beta;
    output.tau = at->alpha_square;
    break;
  case ASSAY_VELOCITY:
  case ASSAY_DIVERGENCE:
    output.keep = at->beta_rate;
    output.of_covariance = ball_mul(at->beta_rate, at->beta);
    output.of_identity = at->alpha_decay;
    output.tau = at->turn;
    break;
  case ASSAY_LOG_DENSITY:
    break;
  }
  return output;
}
