/* The schedules of flow-dae at a ratio of two doubles. */
#include "fast/flow_dae/path.h"

static dae_path linear(ball time, ball rest) {
  return (dae_path){.alpha = rest, .beta = time, .alpha_slope = ball_exact(-1), .kappa = ball_exact(1)};
}

/* sin and cos of angles up to pi/4 only: the smaller of alpha and beta keeps its relative accuracy near both ends. */
static dae_path trigonometric(ball time, ball rest) {
  const ball half_pi = {0x1.921fb54442d18p+0, BALL_UNIT};
  bool early = time.value <= 0.5;
  ball angle = ball_mul(half_pi, early ? time : rest);
  ball sine = ball_sin(angle), cosine = ball_cos(angle);
  ball beta = early ? sine : cosine;
  return (dae_path){
      .alpha = early ? cosine : sine, .beta = beta, .alpha_slope = ball_neg(ball_mul(half_pi, beta)), .kappa = half_pi};
}

dae_path dae_path_at(assay_schedule schedule, double p, double q) {
  ball whole = ball_exact(q), time = ball_div(ball_exact(p), whole);
  ball rest = ball_div(ball_sub(whole, ball_exact(p)), whole);
  return schedule == ASSAY_LINEAR ? linear(time, rest) : trigonometric(time, rest);
}
