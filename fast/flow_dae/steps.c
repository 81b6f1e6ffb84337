/* The span of the training means, and the Euler steps in it. */
#include "fast/flow_dae/transport.h"

/* An array fl(S_j/W) - shift of d doubles against (S - shift)/W exactly: S known to `s`, W a ball; one rounding for the
 * quotient, one for the difference, and the shift's own error. */
static dae_size quotient_size(dae_size s, dae_size result, ball weight) {
  double least = ball_lower(weight);
  double relative = ball_up_add(ball_up_add(2 * BALL_UNIT, 0), ball_up(2 * weight.error / least));
  double error = ball_up(ball_up_add(s.error, ball_up_mul(relative, ball_up_add(s.norm, s.error))) / least);
  double norm = ball_up(ball_up_add(result.norm, result.error) / least);
  return (dae_size){ball_up_add(norm, error), error};
}

static double entry_error(double entry, double error, ball weight) {
  double relative = ball_up_add(2 * BALL_UNIT, ball_up(2 * weight.error / ball_lower(weight)));
  return ball_up(ball_up_add(error, ball_up_mul(relative, entry)) / ball_lower(weight));
}

dae_span dae_span_of(const dae_gram *gram, const dae_metric *metric, double mean) {
  ball weight = metric->weight, weight2 = ball_sqr(weight);
  double d = (double)gram->dimension, root = ball_up(sqrt(d));
  dae_span span = {.share = ball_div(ball_exact((double)gram->samples), weight)};
  ball shift = ball_scale(span.share, mean);
  span.shift = shift.value;
  span.b00 = ball_div(gram->g00, weight2);
  span.b01 = ball_div(gram->g01, weight2);
  span.b11 = ball_div(gram->g11, weight2);
  span.mean0 = quotient_size(gram->s0, gram->s0, weight);
  span.kt = quotient_size(gram->s1, gram->t, weight);
  double subtracted = ball_up_add(ball_up_mul(shift.error, root), ball_up_mul(2 * BALL_UNIT, span.kt.norm));
  span.kt = (dae_size){ball_up_add(span.kt.norm, subtracted), ball_up_add(span.kt.error, subtracted)};
  span.mean0_entry_error = entry_error(gram->s0_entry, gram->s0_entry_error, weight);
  span.mean1_entry_error = entry_error(gram->s1_entry, gram->s1_entry_error, weight);
  ball vectors[FRAME][FRAME] = {
      {ball_mul(ball_sqr(ball_exact(mean)), ball_exact(d))},
      {ball_div(gram->mean_s0, weight), span.b00},
      {ball_div(gram->mean_t, weight), ball_div(gram->s0_t, weight2), ball_div(gram->tt, weight2)}};
  span.frame = dae_frame_of(vectors);
  return span;
}

dae_stride dae_stride_at(const assay_dae_settings *settings, size_t step) {
  double k = (double)settings->steps, parts = settings->grid == ASSAY_GRID_PUBLISHED ? k + 1 : k;
  schedule_coefficients path = schedule_coefficients_at_ratio(settings->schedule, (double)step, k);
  ball whole = ball_exact(parts);
  if (settings->rule == ASSAY_STEP_EULER)
    return (dae_stride){.path = path,
                        .stretch = ball_div(path.rotation, whole),
                        .alpha_end = ball_add(path.alpha, ball_div(path.alpha_rate, whole))};
  schedule_coefficients end = schedule_coefficients_at_ratio(settings->schedule, (double)(step + 1), k);
  ball chord = schedule_chord(settings->schedule, &path, &end, ball_div(ball_exact(1), ball_exact(k)));
  return (dae_stride){.path = path, .stretch = chord, .alpha_end = end.alpha};
}

static dae_step step_of(const dae_stride *stride, const dae_solution *solution, const dae_span *span, ball perp) {
  ball data = solution->data, noise = ball_neg(solution->noise);
  ball grow = ball_div(ball_add(ball_mul(solution->c, stride->stretch), stride->alpha_end), stride->path.alpha);
  return (dae_step){.grow = grow,
                    .a_step = ball_neg(ball_mul(stride->stretch, solution->noise_rate)),
                    .b_step = ball_mul(stride->stretch, solution->data_rate),
                    .from_mean0 = ball_mul(noise, perp),
                    .from_mean1 = ball_mul(data, perp),
                    .from_a = ball_add(ball_mul(data, span->b01), ball_mul(noise, span->b00)),
                    .from_b = ball_add(ball_mul(data, span->b11), ball_mul(noise, span->b01))};
}

assay_status dae_steps(dae_step *steps, assay_dae_flow *flow, const dae_metric *metric, const dae_span *span,
                       const assay_dae_settings *settings, assay_context *context) {
  flow->perp[0] = ball_exact(1);
  for (size_t j = 0; j < flow->steps; j++) {
    dae_stride stride = dae_stride_at(settings, j);
    dae_solution solution = dae_solve(metric, &stride.path);
    flow->c[j] = solution.c;
    if (!isfinite(solution.c.error))
      return assay_fail(context, ASSAY_PRECISION, "step %zu: rounding cannot tell the noisy data's spread from 0", j);
    steps[j] = step_of(&stride, &solution, span, flow->perp[j]);
    flow->perp[j + 1] = ball_mul(flow->perp[j], steps[j].grow);
  }
  return ASSAY_OK;
}
