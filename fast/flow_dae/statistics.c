/* Statistics of the generated samples, from their coefficients and products alone. */
#include "fast/flow_dae/transport.h"

/* Coordinates of P X_0 + A xb_0 + B xb_1 in the frame, given those of the projection of X_0. The rows of L are the
 * coordinates of mu, xb_0 and kt; xb_1 = k mu + kt. */
static void coordinates_of(ball out[FRAME], const ball start[FRAME], ball perp, ball a, ball b, const dae_span *span) {
  const dae_frame *frame = &span->frame;
  for (size_t r = 0; r < FRAME; r++) {
    ball mean1 = ball_add(ball_mul(span->share, frame->lower[0][r]), frame->lower[2][r]);
    out[r] = ball_add(ball_mul(perp, start[r]), ball_add(ball_mul(a, frame->lower[1][r]), ball_mul(b, mean1)));
    if (!frame->kept[r]) out[r] = ball_exact(0);
  }
}

/* Products of the mean of h_i X_0^i with mu, xb_0, kt. */
static void mean_products(ball out[FRAME], const assay_dae_flow *flow, const dae_span *span, const double *products,
                          double gamma, double mean) {
  for (size_t r = 0; r < FRAME; r++) out[r] = ball_exact(0);
  for (size_t i = 0; i < flow->count; i++) {
    ball with[FRAME];
    dae_start_balls(with, products + i * START_NUMBERS, span, gamma, mean, flow->dimension);
    for (size_t r = 0; r < FRAME; r++) out[r] = ball_add(out[r], ball_scale(with[r], flow->signs[i]));
  }
  for (size_t r = 0; r < FRAME; r++) out[r] = ball_div(out[r], ball_exact((double)flow->count));
}

/* Mean over i of |X_0^i|^2 outside the span, and of |span part of h_i X_K^i - its mean|^2. */
static void spreads(ball *outside, double *inside, const assay_dae_flow *flow, const ball mean_coordinates[FRAME],
                    const dae_span *span, const double *products, double gamma, double mean) {
  *outside = ball_exact(0);
  *inside = 0;
  for (size_t i = 0; i < flow->count; i++) {
    const double *own = products + i * START_NUMBERS;
    ball with[FRAME], start[FRAME], end[FRAME];
    double norm = dae_norm(own[START_SQUARE], gamma, flow->dimension);
    dae_start_balls(with, own, span, gamma, mean, flow->dimension);
    dae_frame_project(start, &span->frame, with);
    ball square = dae_dot(own[START_SQUARE], (dae_size){norm, 0}, (dae_size){norm, 0}, gamma, flow->dimension);
    *outside = ball_add(*outside, ball_sub(square, dae_frame_square(&span->frame, start)));
    coordinates_of(end, start, flow->perp[flow->steps], flow->a[i], flow->b[i], span);
    for (size_t r = 0; r < FRAME; r++) end[r] = ball_sub(ball_scale(end[r], flow->signs[i]), mean_coordinates[r]);
    *inside += dae_frame_square(&span->frame, end).value;
  }
  *outside = ball_div(*outside, ball_exact((double)flow->count));
  *inside /= (double)flow->count;
}

void dae_statistics(assay_dae_flow *flow, const ball *a_sums, const ball *b_sums, const dae_span *span,
                    const double *products, double gamma, const assay_dae_data *data,
                    const assay_dae_settings *settings) {
  const dae_frame *frame = &span->frame;
  double d = (double)flow->dimension, inside = 0;
  ball outside, count = ball_exact((double)flow->count), with[FRAME], start[FRAME], mean[FRAME];
  mean_products(with, flow, span, products, gamma, data->mean);
  dae_frame_project(start, frame, with);
  coordinates_of(mean, start, flow->perp[flow->steps], ball_div(a_sums[flow->steps], count),
                 ball_div(b_sums[flow->steps], count), span);
  spreads(&outside, &inside, flow, mean, span, products, gamma, data->mean);
  double left = d - (double)frame->rank, sigma = settings->sigma.nearest;
  ball rest = left > 0 ? ball_sqrt(ball_div(outside, ball_exact(left))) : ball_make(NAN, INFINITY);
  for (size_t j = 0; j <= flow->steps; j++) {
    ball at[FRAME], coefficients[FRAME];
    coordinates_of(at, start, flow->perp[j], ball_div(a_sums[j], count), ball_div(b_sums[j], count), span);
    dae_frame_coefficients(coefficients, frame, at);
    ball *out = flow->mean_flow + 4 * j;
    out[0] = coefficients[0];
    out[1] = ball_mul(coefficients[1], span->share);
    out[2] = ball_scale(ball_mul(coefficients[2], span->share), sigma);
    out[3] = ball_mul(flow->perp[j].value < 0 ? ball_neg(flow->perp[j]) : flow->perp[j], rest);
  }
  ball square = dae_frame_square(frame, mean);
  flow->cosine = square.value > 0 ? mean[0].value * sqrt(frame->pivot[0].value / square.value) : 0;
  double perp = flow->perp[flow->steps].value;
  flow->cluster_variance = (perp * perp * fmax(outside.value, 0) + inside) / d;
  mean[0] = ball_sub(mean[0], ball_exact(1));
  flow->mse = ball_div(dae_frame_square(frame, mean), ball_exact(d));
}
