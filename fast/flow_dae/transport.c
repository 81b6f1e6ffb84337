/* Generated samples along the trained flow, each by its coefficients. */
#include "fast/flow_dae/transport.h"

#include <stdlib.h>

static int sign_of(double x) { return (x > 0) - (x < 0); }

static ball signed_ball(ball a, int sign) { return sign > 0 ? a : sign < 0 ? ball_neg(a) : ball_exact(0); }

/* Moves sample i; adds h_i A_ij and h_i B_ij, h_i its first sign, to the sums. */
static void move_sample(assay_dae_flow *flow, size_t i, ball *a_sums, ball *b_sums, const dae_step *steps,
                        ball with_mean0, ball with_mean1) {
  ball a = ball_exact(0), b = ball_exact(0);
  int first = 0;
  bool changed = false, doubtful = false;
  for (size_t j = 0; j < flow->steps; j++) {
    const dae_step *step = &steps[j];
    ball from_start = ball_add(ball_mul(step->from_mean0, with_mean0), ball_mul(step->from_mean1, with_mean1));
    ball overlap = ball_add(from_start, ball_add(ball_mul(step->from_a, a), ball_mul(step->from_b, b)));
    int sign = sign_of(overlap.value);
    if (j == 0) first = sign;
    changed = changed || sign != first;
    doubtful = doubtful || fabs(overlap.value) <= overlap.error;
    a = ball_add(ball_mul(step->grow, a), signed_ball(step->a_step, sign));
    b = ball_add(ball_mul(step->grow, b), signed_ball(step->b_step, sign));
    a_sums[j + 1] = ball_add(a_sums[j + 1], signed_ball(a, first));
    b_sums[j + 1] = ball_add(b_sums[j + 1], signed_ball(b, first));
  }
  flow->a[i] = a;
  flow->b[i] = b;
  flow->signs[i] = (signed char)first;
  flow->steady[i] = !changed;
  flow->sign_changes += changed;
  flow->doubtful_signs += doubtful;
}

assay_status dae_transport(assay_dae_flow *flow, const dae_step *steps, const dae_span *span, const double *products,
                           double gamma, const assay_dae_data *data, const assay_dae_settings *settings,
                           assay_context *context) {
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, flow->steps + 1, 2 * sizeof(ball), "flow", context);
  if (status) return status;
  ball *a_sums = memory, *b_sums = a_sums + flow->steps + 1;
  for (size_t i = 0; i < flow->count; i++) {
    ball with[FRAME];
    dae_start_balls(with, products + i * START_NUMBERS, span, gamma, data->mean, flow->dimension);
    ball with_mean1 = ball_add(ball_mul(span->share, with[0]), with[2]);
    move_sample(flow, i, a_sums, b_sums, steps, with[1], with_mean1);
  }
  dae_statistics(flow, a_sums, b_sums, span, products, gamma, data, settings);
  free(memory);
  return ASSAY_OK;
}
