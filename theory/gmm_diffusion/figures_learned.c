/* Figure distance-samples: how far the learned law is from the truth, against the number of samples, with EM beside it.
 */
#include "theory/gmm_diffusion/end_to_end.h"
#include "theory/gmm_diffusion/figures.h"

#include <assay/gmm_em.h>

#include <math.h>
#include <stdlib.h>

static size_t lines_at(assay_level level) {
  return level == ASSAY_LEVEL_FULL ? END_TO_END_LINES_FULL : END_TO_END_LINES_QUICK;
}

/* Bars reach down to what is certain but for a chance of 2.5 %. */
static assay_status degree_points(assay_plot *plot, const char *label, size_t degree, assay_trial *trial,
                                  assay_context *context) {
  const double delta = 0.025;
  assay_level level = assay_trial_level(trial);
  size_t count = 0;
  for (size_t i = 0; i < lines_at(level); i++) count += end_to_end_line(i, level).degree == degree;
  assay_series *points = NULL;
  assay_status status = assay_plot_add(&points, plot, label, false, count, true, context);
  if (!status) status = assay_series_skew(points, context); /* nothing above: distances are bounded from below only */
  for (size_t i = 0, at = 0; !status && i < lines_at(level); i++) {
    chain_size size = end_to_end_line(i, level);
    if (size.degree != degree) continue;
    const learned_chain *chain = NULL;
    assay_variation variation;
    status = learned_chain_get(&chain, trial, &size, context);
    if (!status) status = learned_chain_variation(&variation, chain, END_TO_END_BINS, delta, context);
    if (status) break;
    points->x[at] = (double)size.samples;
    points->y[at] = variation.value;
    points->error[at++] = variation.value - variation.lower;
  }
  return status;
}

/* ---- EM ---- */

static double density(const assay_mixture *mixture, double x) {
  const double root_two_pi = 2.5066282746310002;
  double sum = 0, total = 0;
  for (size_t i = 0; i < mixture->count; i++) {
    const assay_component *at = &mixture->components[i];
    double deviation = sqrt(at->covariance.variance.nearest), z = (x - at->mean[0]) / deviation;
    total += at->weight.nearest;
    sum += at->weight.nearest * exp(-z * z / 2) / (root_two_pi * deviation);
  }
  return sum / total;
}

/* Half the integral of |p - q| by the trapezoidal rule; the means lie within 6 of 0. */
static double distance_of(const assay_mixture *p, const assay_mixture *q) {
  enum { END = 16, PARTS = 512 };
  double sum = 0;
  for (int i = -END * PARTS; i <= END * PARTS; i++) {
    double x = (double)i / PARTS;
    sum += fabs(density(p, x) - density(q, x));
  }
  return sum / PARTS / 2;
}

static assay_status make_distance(void **out, const void *argument, uint64_t seed, assay_context *context) {
  const size_t *samples = argument;
  assay_mixture truth;
  void *made = NULL;
  assay_status status = known_truth_mixture(&truth, &known_truth_line, context);
  if (status) return status;
  assay_mixture_draws draws = {&truth, seed, 0};
  assay_stream data = assay_fast_mixture_draws(&draws, *samples);
  assay_gmm_em_settings settings = assay_gmm_em_settings_default(known_truth_line.count);
  assay_gmm_em_fit fit;
  settings.seed = seed;
  settings.restarts = 4;
  status = assay_fast_gmm_em(&fit, &data, &settings, context);
  if (!status) {
    status = assay_allocate(&made, 1, sizeof(double), "distance", context);
    if (!status) *(double *)made = distance_of(&fit.mixture, &truth);
    assay_gmm_em_fit_clear(&fit);
  }
  assay_mixture_clear(&truth);
  if (!status) *out = made;
  return status;
}

static assay_status em_points(assay_plot *plot, assay_trial *trial, assay_context *context) {
  static const size_t samples[] = {1000, 10000, 100000, 1000000};
  static const char *const keys[] = {"gmm-diffusion EM N=1000", "gmm-diffusion EM N=10000", "gmm-diffusion EM N=100000",
                                     "gmm-diffusion EM N=1000000"};
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_FULL ? 4 : 3;
  assay_series *points = NULL;
  assay_status status = assay_plot_add(&points, plot, "EM, told k and the variance", false, count, false, context);
  for (size_t i = 0; !status && i < count; i++) {
    void *made = NULL;
    status = assay_trial_experiment(&made, trial, keys[i], make_distance, free, &samples[i], context);
    if (status) break;
    points->x[i] = (double)samples[i];
    points->y[i] = *(const double *)made;
  }
  return status;
}

assay_status figure_distance_samples(assay_plot *plot, assay_trial *trial, assay_context *context) {
  assay_status status = degree_points(plot, "learned, D = 3", 3, trial, context);
  if (!status) status = degree_points(plot, "learned, D = 8", 8, trial, context);
  return status ? status : em_points(plot, trial, context);
}
