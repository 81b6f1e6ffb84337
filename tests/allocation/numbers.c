/* Mixtures, fields, training and flows when memory runs out: outputs stay as they were, or are those made in plenty. */
#include "allocation.h"

#include <assay/check.h>
#include <assay/fast.h>
#include <assay/gmm_em.h>
#include <assay/gmm_fast.h>
#include <assay/reference.h>
#include <assay/samples.h>
#include <assay/variation.h>

#include <stdlib.h>
#include <string.h>

/* The binary mixture of the fields, in two dimensions, and its points. */
static const double mean[2] = {1, -0.5};
static const double points[4] = {0.25, 2, -1, 0.5};

/* ---- model ------------------------------------------------------------------------------------------------------- */

static assay_status make_mixture(void *self, assay_context *context) {
  (void)self;
  assay_mixture mixture = {0};
  assay_status status = assay_mixture_binary(&mixture, 2, mean, (assay_real){0.1, "1/10"}, context);
  if (status != ASSAY_OK)
    allocation_untouched(&mixture, sizeof mixture, "mixture");
  else
    assay_mixture_clear(&mixture);
  return status;
}

/* ---- reference --------------------------------------------------------------------------------------------------- */

static assay_status write_decimals(void *self, assay_context *context) {
  (void)self;
  mpfi_t third;
  mpfi_init2(third, 200);
  mpfi_set_ui(third, 1);
  mpfi_div_ui(third, third, 3);
  char *text = NULL, *lower = NULL, *upper = NULL;
  assay_status status = assay_enclosure_decimal(&text, third, 5, context);
  if (status == ASSAY_OK) status = assay_enclosure_outward(&lower, &upper, third, 3, context);
  if (status == ASSAY_OK)
    test_check(strcmp(text, "0.33333") == 0 && strcmp(lower, "0.333") == 0 && strcmp(upper, "0.334") == 0,
               "%s in [%s, %s]", text, lower, upper);
  else
    test_check(!lower && !upper, "ends are touched");
  allocation_release(text);
  allocation_release(lower);
  allocation_release(upper);
  mpfi_clear(third);
  return status;
}

static assay_status enclose_field(void *self, assay_context *context) {
  const assay_mixture *mixture = self;
  const assay_path_point at = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  allocation_pause();
  mpfi_ptr out = NULL;
  test_check(assay_enclosures_init(&out, 4, context) == ASSAY_OK, "%s", context->message);
  allocation_resume();
  for (size_t i = 0; i < 4; i++) mpfi_set_d(&out[i], 0);
  assay_status status = assay_reference_field(out, ASSAY_VELOCITY, mixture, &at, points, 2, 60, context);
  for (size_t i = 0; i < 4; i++)
    test_check((status == ASSAY_OK) != mpfi_is_zero(&out[i]), "component %zu, status %s", i, assay_status_name(status));
  assay_enclosures_clear(out, 4);
  return status;
}

static assay_status round_field(void *self, assay_context *context) {
  const assay_mixture *mixture = self;
  const assay_path_point at = assay_path_point_of(assay_real_of(0.5), (assay_real){0.5, "1/2"});
  double out[4] = {0};
  assay_status status = assay_reference_field_double(out, ASSAY_SCORE, mixture, &at, points, 2, context);
  if (status != ASSAY_OK) allocation_untouched(out, sizeof out, "field");
  return status;
}

static assay_status transport(void *self, assay_context *context) {
  (void)self;
  static const double noise[8] = {1, 2, -1, 0.5, 3, 1, 0, -2}, start[4] = {1, 1, -1, 2};
  static const signed char labels[4] = {1, -1, 1, -1}, signs[2] = {1, -1};
  const assay_dae_settings settings = assay_dae_settings_of(4, assay_real_of(0.5), assay_real_of(0.1));
  const assay_stream x0 = assay_stream_of(noise, 4, 2), x1 = assay_stream_of(noise, 4, 2);
  const assay_stream from = assay_stream_of(start, 2, 2);
  mpfi_t perp;
  mpfi_init(perp);
  mpfi_set_ui(perp, 0);
  allocation_pause();
  mpfi_ptr out = NULL;
  test_check(assay_enclosures_init(&out, 4, context) == ASSAY_OK, "%s", context->message);
  allocation_resume();
  for (size_t i = 0; i < 4; i++) mpfi_set_d(&out[i], 0);
  assay_status status =
      assay_reference_dae_transport(out, perp, &x0, &x1, labels, &from, signs, &settings, 60, context);
  if (status != ASSAY_OK) {
    test_check(mpfi_is_zero(perp), "P is touched");
    for (size_t i = 0; i < 4; i++) test_check(mpfi_is_zero(&out[i]), "component %zu is touched", i);
  }
  assay_enclosures_clear(out, 4);
  mpfi_clear(perp);
  return status;
}

/* What components leave open and what tells them apart: panels are integrated. */
static assay_status denoise_line(void *self, assay_context *context) {
  (void)self;
  const assay_path_point at = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  allocation_pause();
  assay_mixture mixture;
  test_check(assay_mixture_binary(&mixture, 1, mean, assay_real_of(0.25), context) == ASSAY_OK, "%s", context->message);
  allocation_resume();
  mpfi_t out;
  mpfi_init(out);
  mpfi_set_ui(out, 7);
  assay_status status = assay_reference_line_denoising(out, &mixture, &at, 60, context);
  test_check((status == ASSAY_OK) != (mpfi_cmp_ui(out, 7) == 0), "status %s", assay_status_name(status));
  mpfi_clear(out);
  assay_mixture_clear(&mixture);
  return status;
}

/* Rows of their own times, one entry described, on one thread. */
static assay_status judge_values(void *self, assay_context *context) {
  const assay_mixture *mixture = self;
  const assay_path_point at = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0));
  static const double times[2] = {0.25, 0.5}, values[4] = {0, 0, 0, 0};
  const assay_stream x = assay_stream_of(points, 2, 2), got = assay_stream_of(values, 2, 2);
  assay_check_options options = assay_check_options_default();
  options.worst = 1;
  options.tolerance_relative = 0.5;
  assay_check_report report;
  memset(&report, 0, sizeof report);
  assay_status status =
      assay_reference_check(&report, ASSAY_SCORE, mixture, &at, times, &x, &got, ASSAY_BINARY64, &options, context);
  if (status != ASSAY_OK) {
    allocation_untouched(&report, sizeof report, "report");
    return status;
  }
  test_check(report.entries == 4 && report.beyond > 0 && report.worst_count == 1, "%zu entries", report.entries);
  assay_check_report_clear(&report);
  return status;
}

/* ---- samples ----------------------------------------------------------------------------------------------------- */

static assay_status judge_samples(void *self, assay_context *context) {
  const assay_mixture *mixture = self;
  const assay_path_point at = assay_path_point_of(assay_real_of(0.5), assay_real_of(0.5));
  const assay_stream samples = assay_stream_of(points, 2, 2);
  assay_samples_options options = assay_samples_options_default();
  assay_samples_report report = {0};
  context->threads = 1;
  assay_status status = assay_check_samples(&report, &samples, mixture, &at, &options, context);
  if (status != ASSAY_OK) {
    allocation_untouched(&report, sizeof report, "report");
    return status;
  }
  test_check(report.comparisons == 35 && report.failed == 0, "%zu of %zu fail", report.failed, report.comparisons);
  assay_samples_report_clear(&report);
  return status;
}

/* ---- fast -------------------------------------------------------------------------------------------------------- */

static assay_status fast_field(void *self, assay_context *context) {
  const assay_mixture *mixture = self;
  const assay_path_point at = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  double out[4] = {0}, bound[2] = {0};
  assay_status status = assay_fast_field(out, bound, ASSAY_DENOISER, mixture, &at, points, 2, context);
  if (status != ASSAY_OK) {
    allocation_untouched(out, sizeof out, "field");
    allocation_untouched(bound, sizeof bound, "bound");
  }
  return status;
}

enum { SAMPLES = 8, DIMENSION = 300, GENERATED = 5, STEPS = 4 };

static assay_dae_settings learner(void) {
  assay_dae_settings settings = assay_dae_settings_of(SAMPLES, assay_real_of(0.25), assay_real_of(0.1));
  settings.steps = STEPS;
  return settings;
}

static assay_status make_data(void *self, assay_context *context) {
  (void)self;
  const assay_dae_settings settings = learner();
  assay_dae_data data;
  memset(&data, 0, sizeof data);
  assay_status status = assay_fast_dae_data_init(&data, &settings, DIMENSION, 0.5, 1, context);
  if (status != ASSAY_OK)
    allocation_untouched(&data, sizeof data, "data");
  else
    assay_fast_dae_data_clear(&data);
  return status;
}

/* t = 1 has wrong labels, so the second pass, with its weights, is made too. */
static assay_status train(void *self, assay_context *context) {
  const assay_dae_data *data = self;
  const assay_dae_settings settings = learner();
  static const double times[3] = {0, 0.5, 1};
  assay_dae_fit fits[3];
  memset(fits, 0, sizeof fits);
  assay_status status = assay_fast_dae_train(fits, times, 3, data, &settings, context);
  if (status != ASSAY_OK)
    allocation_untouched(fits, sizeof fits, "fits");
  else
    test_check(fits[2].wrong_labels == SAMPLES, "%zu wrong labels at the end", fits[2].wrong_labels);
  return status;
}

static assay_status flow(void *self, assay_context *context) {
  const assay_dae_data *data = self;
  const assay_dae_settings settings = learner();
  assay_dae_flow made;
  memset(&made, 0, sizeof made);
  assay_status status = assay_fast_dae_flow_init(&made, data, &settings, GENERATED, 2, context);
  if (status != ASSAY_OK) {
    allocation_untouched(&made, sizeof made, "flow");
    return status;
  }
  assay_bounded error = {0, 0};
  status = assay_fast_dae_flow_mean_error(&error, &made, data, context);
  if (status != ASSAY_OK) allocation_untouched(&error, sizeof error, "mean error");
  double row[DIMENSION];
  if (status == ASSAY_OK) status = made.generated.read(&made.generated, 1, 1, 0, DIMENSION, row, DIMENSION, context);
  assay_fast_dae_flow_clear(&made);
  return status;
}

/* By Adam, with an activation; on one thread, so that the same allocation is refused every time. */
static assay_status learn_sets(void *self, assay_context *context) {
  const assay_activation *activation = self;
  const assay_dae_settings settings = learner();
  assay_dae_learner adam = assay_dae_learner_adam(*activation, 1);
  adam.iterations = 2;
  context->threads = 1;
  static const double time = 0.5;
  assay_dae_learned fits[2];
  memset(fits, 0, sizeof fits);
  assay_status status = assay_fast_dae_learn_sets(fits, 2, &time, 1, DIMENSION, 1, &settings, &adam, context);
  if (status != ASSAY_OK)
    allocation_untouched(fits, sizeof fits, "fits");
  else
    test_check(fits[1].iterations == 2, "%zu epochs", fits[1].iterations);
  return status;
}

/* Learned from 60 samples of two components in one dimension, and two new samples. */
static assay_status learn_mixture(void *self, assay_context *context) {
  (void)self;
  static double x[60];
  for (size_t i = 0; i < 30; i++) {
    x[2 * i] = -4 + (double)i / 15;
    x[2 * i + 1] = 2 + (double)i / 15;
  }
  const assay_stream samples = assay_stream_of(x, 60, 1);
  assay_gmm_settings quick = assay_gmm_settings_default();
  quick.degree = 2;
  quick.ratio = 4;
  context->threads = 1;
  assay_gmm_model model = {0};
  double made[2] = {0, 0};
  assay_status status = assay_fast_gmm_learn(&model, &samples, &quick, context);
  if (status != ASSAY_OK) {
    allocation_untouched(&model, sizeof model, "model");
    return status;
  }
  status = assay_fast_gmm_sample(made, &model, ASSAY_GMM_ODE, 0, 2, 1, context);
  if (status == ASSAY_OK) status = assay_fast_gmm_score(made, &model, 0, made, 2, context);
  if (status != ASSAY_OK && made[0] == 0) allocation_untouched(made, sizeof made, "samples");
  assay_gmm_model_clear(&model);
  return status;
}

/* Two starts, of which each may be the better one. */
static assay_status fit_mixture(void *self, assay_context *context) {
  (void)self;
  static const double rows[12] = {0, 0.5, 1, -0.5, 0, 1, 9, 8, 9.5, 8.5, 10, 8};
  const assay_stream samples = assay_stream_of(rows, 6, 2);
  assay_gmm_em_settings settings = assay_gmm_em_settings_default(2);
  settings.kind = ASSAY_GMM_EM_OWN;
  settings.restarts = 2;
  assay_gmm_em_fit fit = {.trace = NULL};
  assay_status status = assay_fast_gmm_em(&fit, &samples, &settings, context);
  if (status == ASSAY_OK)
    assay_gmm_em_fit_clear(&fit);
  else
    allocation_untouched(&fit, sizeof fit, "fit");
  return status;
}

static assay_status bound_variation(void *self, assay_context *context) {
  const assay_mixture *mixture = self;
  const assay_stream samples = assay_stream_of(points, 2, 2);
  assay_variation cells = {0}, sliced = {0}, held_out = {0};
  assay_status status = assay_fast_variation_cells(&cells, &samples, mixture, 4, 0.1, context);
  if (status != ASSAY_OK) allocation_untouched(&cells, sizeof cells, "cells");
  if (status == ASSAY_OK) {
    status = assay_fast_variation_sliced(&sliced, NULL, &samples, mixture, points, 2, 4, 0.1, context);
    if (status != ASSAY_OK) allocation_untouched(&sliced, sizeof sliced, "projections");
  }
  if (status == ASSAY_OK) {
    status = assay_fast_variation_held_out(&held_out, &samples, mixture, mixture, 3, 1, 0.1, context);
    if (status != ASSAY_OK) allocation_untouched(&held_out, sizeof held_out, "held out");
  }
  return status;
}

void numbers_survive(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  assay_mixture mixture;
  assay_dae_data data;
  const assay_dae_settings settings = learner();
  assert_int_equal(assay_mixture_binary(&mixture, 2, mean, (assay_real){0.1, "1/10"}, &context), ASSAY_OK);
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, DIMENSION, 0.5, 1, &context), ASSAY_OK);
  allocation_check("mixture", make_mixture, NULL, ASSAY_OK, 5);
  allocation_check("decimals", write_decimals, NULL, ASSAY_OK, 3);
  allocation_check("field enclosed", enclose_field, &mixture, ASSAY_OK, 5);
  allocation_check("field rounded", round_field, &mixture, ASSAY_OK, 5);
  allocation_check("exact transport", transport, NULL, ASSAY_OK, 3);
  allocation_check("line denoising", denoise_line, NULL, ASSAY_OK, 5);
  allocation_check("values judged", judge_values, &mixture, ASSAY_OK, 15);
  allocation_check("field in double", fast_field, &mixture, ASSAY_OK, 1);
  allocation_check("samples judged", judge_samples, &mixture, ASSAY_OK, 50);
  allocation_check("training set", make_data, NULL, ASSAY_OK, 1);
  allocation_check("training", train, &data, ASSAY_OK, 6);
  allocation_check("flow", flow, &data, ASSAY_OK, 10);
  assay_activation slopes = ASSAY_TANH, signs = ASSAY_SIGN;
  allocation_check("trainings side by side", learn_sets, &slopes, ASSAY_OK, 20);
  allocation_check("trainings side by side, sign", learn_sets, &signs, ASSAY_OK, 24);
  allocation_check("mixture learned", learn_mixture, NULL, ASSAY_OK, 50);
  allocation_check("mixture fitted", fit_mixture, NULL, ASSAY_OK, 15);
  allocation_check("variation", bound_variation, &mixture, ASSAY_OK, 20);
  assay_fast_dae_data_clear(&data);
  assay_mixture_clear(&mixture);
}
