/* alpha, beta and their derivatives (flow-dae section 1). Adding a schedule touches this file only. */
#include "fast/core/schedule.h"

/* pi/2 - its double is 6.2e-17 < 2^-53. */
static const ball HALF_PI = {0x1.921fb54442d18p0, 0x1.2p-54};

static schedule_coefficients linear(ball t) {
  ball one = ball_exact(1.0);
  schedule_coefficients at = {ball_sub(one, t), t, ball_exact(-1.0), one, one};
  return at;
}

/* Each of sin and cos is taken of the smaller of pi t/2 and pi (1-t)/2, so that small coefficients keep their relative
 * accuracy and both ends are exact. */
static schedule_coefficients trigonometric(ball t) {
  bool late = t.value > 0.5;
  ball angle = ball_mul(HALF_PI, late ? ball_sub(ball_exact(1.0), t) : t);
  ball small = ball_sin(angle), large = ball_cos(angle);
  schedule_coefficients at = {.alpha = late ? small : large, .beta = late ? large : small, .rotation = HALF_PI};
  at.alpha_rate = ball_neg(ball_mul(HALF_PI, at.beta));
  at.beta_rate = ball_mul(HALF_PI, at.alpha);
  return at;
}

schedule_coefficients schedule_coefficients_at(const assay_path_point *point) {
  switch (point->schedule) {
  case ASSAY_LINEAR:
    return linear(ball_real(point->time));
  case ASSAY_TRIGONOMETRIC:
    return trigonometric(ball_real(point->time));
  case ASSAY_COEFFICIENTS:
    break;
  }
  ball zero = ball_exact(0.0);
  schedule_coefficients at = {ball_real(point->alpha), ball_real(point->beta), zero, zero, zero};
  return at;
}
