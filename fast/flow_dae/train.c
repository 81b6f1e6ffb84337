/* The label solution at many times, from one pass over the data; a second one where labels are wrong. */
#include "fast/flow_dae/gradient.h"
#include "fast/flow_dae/label_solution.h"
#include "fast/flow_dae/training_set.h"

#include <stdlib.h>
#include <string.h>

/* What a fit leaves for the gradient: delta_i = s_i (s_i - sign<w, x_t^i>), 0 where the label is right. */
typedef struct {
  double *delta;      /* n */
  double zeros;       /* samples with sign 0 */
  double data, noise; /* w = data xb_1 - noise xb_0 */
  double gradient_c;
} residue;

/* s_i <w, x_t^i>/d = sum_uv factor_uv o_uv^i, with xb_u = S_u/(lambda+n). */
typedef struct {
  ball s00, s01, s10, s11;
} margin_factors;

static margin_factors margin_factors_of(const dae_solution *solution, const schedule_coefficients *path, ball weight,
                                        double d) {
  ball scale = ball_mul(weight, ball_exact(d));
  ball data = ball_div(solution->data, scale), noise = ball_neg(ball_div(solution->noise, scale));
  return (margin_factors){.s00 = ball_mul(noise, path->alpha),
                          .s01 = ball_mul(noise, path->beta),
                          .s10 = ball_mul(data, path->alpha),
                          .s11 = ball_mul(data, path->beta)};
}

static ball margin_of(const dae_gram *gram, size_t i, const margin_factors *factors) {
  ball noise = ball_add(ball_mul(factors->s00, dae_overlap(gram, i, ROW_S00)),
                        ball_mul(factors->s01, dae_overlap(gram, i, ROW_S01)));
  ball data = ball_add(ball_mul(factors->s10, dae_overlap(gram, i, ROW_S10)),
                       ball_mul(factors->s11, dae_overlap(gram, i, ROW_S11)));
  return ball_add(noise, data);
}

/* Margins, wrong labels, and what those add to the loss and to its derivative in c. With
 * V = sum delta_i s_i (x_1^i - c x_t^i) and z samples of sign 0, sum h_i (x_1^i - c x_t^i) = (lambda+n) w - V, so
 *   loss = least value + 2 <w, V> - z |w|^2,  d/dc = -2 (a_t1 - c a_tt) - 2 sum delta_i s_i <w, x_t^i>,
 *   d/dw = 2 (V - z w). */
static void fit_margins(assay_dae_fit *fit, residue *left, double *w_dot_v, const dae_gram *gram,
                        const dae_solution *solution, const margin_factors *factors, ball weight, bool skip) {
  double sum = 0, d = (double)gram->dimension, overlaps = 0;
  fit->margin_min = INFINITY;
  fit->margin_max = -INFINITY;
  for (size_t i = 0; i < gram->samples; i++) {
    ball margin = margin_of(gram, i, factors);
    fit->margin_min = fmin(fit->margin_min, margin.value);
    fit->margin_max = fmax(fit->margin_max, margin.value);
    fit->margin_error = fmax(fit->margin_error, margin.error);
    sum += margin.value;
    if (fabs(margin.value) <= margin.error && margin.error > 0) fit->doubtful_labels++;
    if (margin.value > 0) continue;
    fit->wrong_labels++;
    left->delta[i] = margin.value < 0 ? 2 : 1;
    left->zeros += margin.value == 0;
    const double *row = gram->rows + i * ROW_NUMBERS;
    double w_x1 = (solution->data.value * row[ROW_S11] - solution->noise.value * row[ROW_S01]) / weight.value;
    *w_dot_v += left->delta[i] * (w_x1 - fit->c.value * margin.value * d);
    overlaps += left->delta[i] * margin.value * d;
  }
  fit->margin_mean = sum / (double)gram->samples;
  fit->margin_error = ball_up_add(
      fit->margin_error, ball_up_mul(ball_gamma((double)gram->samples + 1), fmax(-fit->margin_min, fit->margin_max)));
  left->gradient_c = skip ? -2 * (solution->slope + overlaps) : 0;
}

static void fit_at(assay_dae_fit *out, residue *left, double time, const dae_gram *gram, const dae_metric *metric,
                   const assay_dae_settings *settings) {
  schedule_coefficients path = schedule_coefficients_at_ratio(settings->schedule, time, 1);
  dae_solution solution = dae_solve(metric, &path);
  double n = (double)gram->samples, d = (double)gram->dimension, w_dot_v = 0;
  ball share = ball_div(ball_exact(n), metric->weight);
  margin_factors factors = margin_factors_of(&solution, &path, metric->weight, d);
  assay_dae_fit fit = {.time = time, .c = solution.c, .w_mu = ball_mul(share, solution.data)};
  fit.w_xi = ball_neg(ball_mul(share, solution.noise));
  fit.w_eta = ball_mul(ball_real(settings->sigma), fit.w_mu);
  *left = (residue){.delta = left->delta, .data = solution.data.value, .noise = solution.noise.value};
  fit_margins(&fit, left, &w_dot_v, gram, &solution, &factors, metric->weight, metric->skip);
  double weight = metric->weight.value;
  double w2 = (left->data * left->data * gram->g11.value - 2 * left->data * left->noise * gram->g01.value +
               left->noise * left->noise * gram->g00.value) /
              (weight * weight);
  fit.loss = (solution.least + 2 * w_dot_v - left->zeros * w2) / d;
  fit.gradient_norm = fabs(left->gradient_c) / d;
  *out = fit;
}

/* d/dw = 2 (V - z w) = 2 sum_i (delta_i - z/(lambda+n)) s_i (data x_1^i - noise x_0^i), for the fits with wrong labels
 * and w other than 0. */
static assay_status add_gradients(assay_dae_fit *fits, const residue *left, size_t times, const assay_dae_data *data,
                                  double weight, assay_context *context) {
  size_t n = data->samples, wrong = 0;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, times, (n + 3) * sizeof(double), "gradient weights", context);
  if (status) return status;
  double *weights = memory, *factors = weights + times * n, *squares = factors + 2 * times;
  for (size_t t = 0; t < times; t++) {
    if (!fits[t].wrong_labels || (left[t].data == 0 && left[t].noise == 0)) continue;
    for (size_t i = 0; i < n; i++) weights[wrong * n + i] = left[t].delta[i] - left[t].zeros / weight;
    factors[wrong] = left[t].data;
    factors[times + wrong++] = left[t].noise;
  }
  dae_vectors vectors = {.times = wrong, .weights = weights, .data = factors, .noise = factors + times};
  if (wrong) status = dae_vector_norms(squares, &vectors, data, 2 * times * (n + 3) * sizeof(double), context);
  for (size_t t = 0, k = 0; !status && t < times; t++) {
    if (!fits[t].wrong_labels || (left[t].data == 0 && left[t].noise == 0)) continue;
    fits[t].gradient_norm = hypot(left[t].gradient_c, 2 * sqrt(squares[k++])) / (double)data->dimension;
  }
  free(memory);
  return status;
}

static assay_status fit_all(assay_dae_fit *fits, residue *left, const double *time, size_t times, const dae_gram *gram,
                            const dae_metric *metric, const assay_dae_settings *settings, assay_context *context) {
  for (size_t t = 0; t < times; t++) {
    fit_at(&fits[t], &left[t], time[t], gram, metric, settings);
    if (!isfinite(fits[t].c.error))
      return assay_fail(context, ASSAY_PRECISION,
                        "time[%zu]: %.17g: rounding cannot tell the noisy data's spread from 0", t, time[t]);
  }
  return ASSAY_OK;
}

/* Times that share their noise. */
static assay_status train_together(assay_dae_fit *fits, const double *time, size_t times, const assay_dae_data *data,
                                   const assay_dae_settings *settings, assay_context *context) {
  dae_gram gram = {0};
  void *residues = NULL, *delta = NULL;
  assay_status status = assay_allocate(&residues, times, sizeof(residue), "fits", context);
  if (!status) status = assay_allocate(&delta, times, data->samples * sizeof(double), "margins", context);
  residue *left = residues;
  for (size_t t = 0; !status && t < times; t++) left[t].delta = (double *)delta + t * data->samples;
  if (!status) status = dae_gram_init(&gram, NULL, NULL, data, times * data->samples * sizeof(double), context);
  if (!status) {
    dae_metric metric = dae_metric_of(&gram, settings);
    status = fit_all(fits, left, time, times, &gram, &metric, settings, context);
    if (!status) status = add_gradients(fits, left, times, data, metric.weight.value, context);
  }
  dae_gram_clear(&gram);
  free(residues);
  free(delta);
  return status;
}

assay_status assay_fast_dae_train(assay_dae_fit *fits, const double *time, size_t times, const assay_dae_data *data,
                                  const assay_dae_settings *settings, assay_context *context) {
  assay_status status = dae_check_data(data, settings, context);
  if (!status) status = dae_check_times(time, times, context);
  if (status) return status;
  void *memory = NULL;
  status = assay_allocate(&memory, times, sizeof(assay_dae_fit), "fits", context);
  assay_dae_fit *own = memory;
  size_t together = settings->noise == ASSAY_NOISE_FRESH ? 1 : times;
  for (size_t t = 0; !status && t < times; t += together) {
    assay_dae_data drawn = *data;
    assay_normals normals;
    drawn.noise = dae_noise_at(&normals, data, settings, t);
    status = train_together(own + t, time + t, together, &drawn, settings, context);
  }
  if (!status) memcpy(fits, own, times * sizeof *fits);
  free(memory);
  return status;
}
