/* fast/flow_dae/transport.h: the flow of generated samples in terms of a few numbers each, whatever d.
 *
 * Sample X_0 moves as X_j = P_j X_0 + A_j xb_0 + B_j xb_1: a step X <- ((c stretch + alpha_end) X + stretch h w)/alpha
 * with w = data xb_1 - noise xb_0, h = sign<w, X>, multiplies all three by (c stretch + alpha_end)/alpha and adds
 * -h stretch noise/alpha to A, h stretch data/alpha to B (steps.c: stretch and alpha_end of each rule). */
#ifndef ASSAY_FAST_FLOW_DAE_TRANSPORT_H
#define ASSAY_FAST_FLOW_DAE_TRANSPORT_H

#include "fast/flow_dae/frame.h"
#include "fast/flow_dae/label_solution.h"

/* Where the step from t_j leads: X <- ((c stretch + alpha_end) X + stretch h w)/alpha, alpha that of `path`, the
 * schedule at t_j. DDIM: stretch = alpha beta+ - alpha+ beta; Euler with step dt: stretch = dt times the rotation,
 * and alpha_end = alpha + alpha' dt. */
typedef struct {
  schedule_coefficients path;
  ball stretch, alpha_end;
} dae_stride;

dae_stride dae_stride_at(const assay_dae_settings *settings, size_t step);

/* One step. <w, X> = from_mean1 <X_0, xb_1> + from_mean0 <X_0, xb_0> + from_a A + from_b B. */
typedef struct {
  ball grow, a_step, b_step;
  ball from_mean0, from_mean1, from_a, from_b;
} dae_step;

/* What is known of the span of mu, xb_0 and kt = xb_1 - k mu, k = n/(lambda+n). */
typedef struct {
  ball share;         /* k */
  ball b00, b01, b11; /* <xb_u, xb_v> */
  dae_size mean0, kt; /* of the arrays xb_0 and xb_1 - k mu as doubles */
  double shift;       /* the double next to k mean, what is subtracted from xb_1 */
  dae_frame frame;    /* of mu, xb_0, kt */
  double mean0_entry_error, mean1_entry_error;
} dae_span;

dae_span dae_span_of(const dae_gram *gram, const dae_metric *metric, double mean);

/* Fills c and perp of `flow` and the K steps. ASSAY_PRECISION as for training. */
assay_status dae_steps(dae_step *steps, assay_dae_flow *flow, const dae_metric *metric, const dae_span *span,
                       const assay_dae_settings *settings, assay_context *context);

/* The products of X_0^i kept of each generated sample. */
enum { START_SQUARE, START_ONE, START_MEAN0, START_KT, START_NUMBERS };

/* |X_0|^2, <X_0, (1,...,1)>, <X_0, xb_0>, <X_0, kt> of each generated sample, from one pass; *gamma for their errors.
 */
assay_status dae_start_products(double *products, double *gamma, const assay_dae_flow *flow, const dae_span *span,
                                size_t held, assay_context *context);

/* Moves all samples: a, b, signs, steady, sign_changes, doubtful_signs; then the statistics. */
assay_status dae_transport(assay_dae_flow *flow, const dae_step *steps, const dae_span *span, const double *products,
                           double gamma, const assay_dae_data *data, const assay_dae_settings *settings,
                           assay_context *context);

/* <mu, X_0>, <xb_0, X_0>, <kt, X_0> of a generated sample. */
void dae_start_balls(ball out[FRAME], const double *products, const dae_span *span, double gamma, double mean,
                     size_t dimension);

/* mean_flow, mse, cosine, cluster_variance. a_sums, b_sums: K + 1 sums of h_i A_ij and h_i B_ij. */
void dae_statistics(assay_dae_flow *flow, const ball *a_sums, const ball *b_sums, const dae_span *span,
                    const double *products, double gamma, const assay_dae_data *data,
                    const assay_dae_settings *settings);

#endif
