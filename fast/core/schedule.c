/* alpha, beta and their derivatives (flow-dae section 1). Adding a schedule touches this file only. Each takes t and
 * 1 - t, so that what is small near either end keeps its relative accuracy there. */
#include "fast/core/schedule.h"

/* pi/2 - its double is 6.2e-17 < 2^-53. */
static const ball HALF_PI = {0x1.921fb54442d18p0, 0x1.2p-54};

/* alpha + beta = 1: alpha' = -beta'. */
static schedule_coefficients straight(ball alpha, ball beta, ball beta_rate) {
  ball turn = ball_mul(alpha, beta_rate);
  return (schedule_coefficients){.alpha = alpha,
                                 .alpha_square = ball_sqr(alpha),
                                 .beta = beta,
                                 .beta_rate = beta_rate,
                                 .alpha_decay = ball_neg(turn),
                                 .turn = turn,
                                 .alpha_rate = ball_neg(beta_rate),
                                 .rotation = beta_rate};
}

/* alpha^2 + beta^2 = 1: alpha alpha' = -beta beta'. */
static schedule_coefficients circular(ball alpha, ball alpha_square, ball beta, ball beta_rate, ball rotation) {
  return (schedule_coefficients){.alpha = alpha,
                                 .alpha_square = alpha_square,
                                 .beta = beta,
                                 .beta_rate = beta_rate,
                                 .alpha_decay = ball_neg(ball_mul(beta, beta_rate)),
                                 .turn = beta_rate,
                                 .alpha_rate = ball_neg(ball_mul(rotation, beta)),
                                 .rotation = rotation};
}

static schedule_coefficients linear(ball t, ball rest) { return straight(rest, t, ball_exact(1.0)); }

/* 1 + t + ... + t^(n-1), n >= 1, by S_2m = S_m (1 + t^m) and S_(m+1) = 1 + t S_m from the top bit of n: positive terms.
 */
static ball geometric_sum(ball t, unsigned n) {
  unsigned bit = 1;
  while (bit <= n / 2) bit <<= 1;
  ball one = ball_exact(1.0), sum = one, power = t;
  for (bit >>= 1; bit; bit >>= 1) {
    sum = ball_mul(sum, ball_add(one, power));
    power = ball_sqr(power);
    if (!(n & bit)) continue;
    sum = ball_add(one, ball_mul(t, sum));
    power = ball_mul(power, t);
  }
  return sum;
}

/* 1 - t^N = (1 - t)(1 + t + ... + t^(N-1)). */
static schedule_coefficients polynomial(ball t, ball rest, unsigned degree) {
  ball below = ball_power(t, degree - 1);
  return straight(ball_mul(rest, geometric_sum(t, degree)), ball_mul(below, t), ball_scale(below, (double)degree));
}

/* Each of sin and cos is taken of the smaller of pi t/2 and pi (1-t)/2, so that small coefficients keep their relative
 * accuracy and both ends are exact. */
static schedule_coefficients trigonometric(ball t, ball rest) {
  bool late = t.value > 0.5;
  ball angle = ball_mul(HALF_PI, late ? rest : t);
  ball small = ball_sin(angle), large = ball_cos(angle);
  ball alpha = late ? small : large, beta = late ? large : small;
  return circular(alpha, ball_sqr(alpha), beta, ball_mul(HALF_PI, alpha), HALF_PI);
}

static schedule_coefficients linear_vp(ball t, ball rest) {
  ball one = ball_exact(1.0), square = ball_mul(rest, ball_add(one, t)), alpha = ball_sqrt(square);
  return circular(alpha, square, t, one, ball_div(one, alpha));
}

/* e = u (u D + 2 BMIN)/4 with u = 1 - t and D = BMAX - BMIN: beta = exp(-e), alpha^2 = -expm1(-2 e), beta' = beta (u D
 * + BMIN)/2. */
static schedule_coefficients vp(const assay_schedule *schedule, ball rest) {
  ball low = ball_real(schedule->beta_min), growth = ball_sub(ball_real(schedule->beta_max), low);
  ball speed = ball_add(ball_mul(rest, growth), low);
  ball down = ball_scale(ball_mul(rest, ball_add(speed, low)), -0.25);
  ball square = ball_neg(ball_expm1(ball_scale(down, 2.0))), alpha = ball_sqrt(square), beta = ball_exp(down);
  ball beta_rate = ball_scale(ball_mul(beta, speed), 0.5);
  return circular(alpha, square, beta, beta_rate, ball_div(beta_rate, alpha));
}

static schedule_coefficients at_time(const assay_schedule *schedule, ball t, ball rest) {
  switch (schedule->kind) {
  case ASSAY_LINEAR:
    return linear(t, rest);
  case ASSAY_TRIGONOMETRIC:
    return trigonometric(t, rest);
  case ASSAY_POLYNOMIAL:
    return polynomial(t, rest, schedule->degree);
  case ASSAY_LINEAR_VP:
    return linear_vp(t, rest);
  case ASSAY_VP:
    return vp(schedule, rest);
  case ASSAY_COEFFICIENTS:
    break;
  }
  return (schedule_coefficients){.alpha = ball_exact(0.0)};
}

schedule_coefficients schedule_coefficients_at(const assay_path_point *point) {
  if (point->schedule.kind == ASSAY_COEFFICIENTS) {
    ball alpha = ball_real(point->alpha);
    return (schedule_coefficients){.alpha = alpha, .alpha_square = ball_sqr(alpha), .beta = ball_real(point->beta)};
  }
  ball t = ball_real(point->time);
  return at_time(&point->schedule, t, ball_sub(ball_exact(1.0), t));
}

schedule_coefficients schedule_coefficients_at_ratio(assay_schedule schedule, double p, double q) {
  ball whole = ball_exact(q), exact = ball_exact(p);
  return at_time(&schedule, ball_div(exact, whole), ball_div(ball_sub(whole, exact), whole));
}

/* The angle between the points on the linear path and on the trigonometric one is the step's. */
ball schedule_chord(assay_schedule schedule, const schedule_coefficients *s, const schedule_coefficients *t,
                    ball step) {
  if (schedule.kind == ASSAY_LINEAR) return step;
  if (schedule.kind == ASSAY_TRIGONOMETRIC) return ball_sin(ball_mul(HALF_PI, step));
  return ball_sub(ball_mul(s->alpha, t->beta), ball_mul(t->alpha, s->beta));
}
