/* The least-squares fit with the labels as pattern. */
#include "fast/flow_dae/label_solution.h"

static ball metric_entry(ball q, ball g, ball weight) { return ball_sub(q, ball_div(g, weight)); }

dae_metric dae_metric_of(const dae_gram *gram, const assay_dae_settings *settings) {
  ball weight = ball_add(ball_real(settings->lambda), ball_exact((double)gram->samples));
  return (dae_metric){.a00 = metric_entry(gram->q00, gram->g00, weight),
                      .a01 = metric_entry(gram->q01, gram->g01, weight),
                      .a11 = metric_entry(gram->q11, gram->g11, weight),
                      .weight = weight,
                      .skip = settings->skip};
}

static dae_solution without_skip(const dae_metric *metric, const schedule_coefficients *path) {
  return (dae_solution){.c = ball_exact(0),
                        .data = ball_exact(1),
                        .noise = ball_exact(0),
                        .data_rate = ball_div(ball_exact(1), path->alpha),
                        .noise_rate = ball_exact(0),
                        .least = metric->a11.value};
}

dae_solution dae_solve(const dae_metric *metric, const schedule_coefficients *path) {
  if (!metric->skip) return without_skip(metric, path);
  ball alpha = path->alpha, beta = path->beta, one = ball_exact(1);
  ball a_t0 = ball_add(ball_mul(alpha, metric->a00), ball_mul(beta, metric->a01));
  ball a_t1 = ball_add(ball_mul(alpha, metric->a01), ball_mul(beta, metric->a11));
  ball a_tt = ball_add(ball_mul(alpha, a_t0), ball_mul(beta, a_t1));
  ball data_rate = ball_div(a_t0, a_tt), noise_rate = ball_div(a_t1, a_tt);
  ball data = ball_div(ball_mul(alpha, a_t0), a_tt), noise = ball_div(ball_mul(alpha, a_t1), a_tt);
  ball c = beta.value < 0.5 ? noise_rate : ball_div(ball_sub(one, data), beta);
  double determinant = metric->a00.value * metric->a11.value - metric->a01.value * metric->a01.value;
  return (dae_solution){.c = c,
                        .data = data,
                        .noise = noise,
                        .data_rate = data_rate,
                        .noise_rate = noise_rate,
                        .slope = a_t1.value - c.value * a_tt.value,
                        .least = alpha.value * alpha.value * determinant / a_tt.value};
}

assay_status dae_check_data(const assay_dae_data *data, const assay_dae_settings *settings, assay_context *context) {
  assay_status status = assay_dae_settings_check(settings, context);
  if (status) return status;
  if (settings->samples != data->samples)
    return assay_fail(context, ASSAY_INVALID, "samples: settings have %zu, data %zu", settings->samples, data->samples);
  if (settings->sigma.nearest != data->sigma)
    return assay_fail(context, ASSAY_INVALID, "sigma: settings have %.17g, data %.17g", settings->sigma.nearest,
                      data->sigma);
  if (settings->norm2.nearest != data->mean * data->mean)
    return assay_fail(context, ASSAY_INVALID, "norm2: settings have %.17g, data %.17g", settings->norm2.nearest,
                      data->mean * data->mean);
  return ASSAY_OK;
}

assay_status dae_check_training(const assay_dae_data *data, const assay_dae_settings *settings,
                                assay_context *context) {
  assay_status status = dae_check_data(data, settings, context);
  if (!status && settings->noise != ASSAY_NOISE_FIXED)
    status = assay_fail(context, ASSAY_UNSUPPORTED, "noise: fresh; these closed forms need fixed noise");
  return status;
}

assay_status dae_check_times(const double *time, size_t times, assay_context *context) {
  if (times < 1 || times >= (size_t)1 << 31)
    return assay_fail(context, ASSAY_INVALID, "times: %zu; 1 to 2^31 - 1 are expected", times);
  for (size_t t = 0; t < times; t++)
    if (!(time[t] >= 0 && time[t] <= 1))
      return assay_fail(context, ASSAY_INVALID, "time[%zu]: %.17g is outside [0, 1]", t, time[t]);
  return ASSAY_OK;
}
