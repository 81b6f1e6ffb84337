#include "theory/gmm_diffusion/known_truth.h"

#include <math.h>
#include <string.h>

static const double weights[] = {3, 4, 3};
static const double line[] = {-4, 0.5, 5};
static const double plane[] = {-5, -3, 5, -3, 0, 5};
static const double five[] = {-5, -3, 1, 0, 0, 5, -3, 0, 1, 0, 0, 5, 0, 0, 1};
static const double ten[] = {-5, -3, 1, 0, 0, 0, 0, 0, 1, 0, 5, -3, 0, 1, 0,
                             0,  0,  0, 0, 1, 0, 5, 0, 0, 1, 0, 0,  0, 0, 0};

const known_truth known_truth_line = {"three on a line", 1, 3, weights, line};
const known_truth known_truth_plane = {"three in a plane", 2, 3, weights, plane};
const known_truth known_truth_five = {"three in n=5", 5, 3, weights, five};
const known_truth known_truth_ten = {"three in n=10", 10, 3, weights, ten};

assay_status known_truth_mixture(assay_mixture *out, const known_truth *truth, assay_context *context) {
  size_t n = truth->dimension;
  assay_status status = assay_mixture_init(out, n, truth->count, context);
  for (size_t i = 0; !status && i < truth->count; i++) {
    out->components[i].weight = assay_real_of(truth->weights[i]);
    memcpy(out->components[i].mean, truth->means + i * n, n * sizeof(double));
  }
  return status;
}

static double squared_distance(const double *x, const double *y, size_t n) {
  double sum = 0;
  for (size_t j = 0; j < n; j++) sum += (x[j] - y[j]) * (x[j] - y[j]);
  return sum;
}

/* Exponents relative to the largest. */
static void posterior_weights(double *weight, const known_truth *truth, double variance, const double *y) {
  double largest = -INFINITY, sum = 0;
  for (size_t i = 0; i < truth->count; i++) {
    weight[i] = -squared_distance(y, truth->means + i * truth->dimension, truth->dimension) / (2 * variance);
    largest = fmax(largest, weight[i]);
  }
  for (size_t i = 0; i < truth->count; i++) sum += weight[i] = truth->weights[i] * exp(weight[i] - largest);
  for (size_t i = 0; i < truth->count; i++) weight[i] /= sum;
}

void known_truth_posterior(double *mean, double *weight, const known_truth *truth, double variance, const double *y,
                           size_t points) {
  size_t n = truth->dimension;
  memset(mean, 0, points * n * sizeof *mean);
  for (size_t p = 0; p < points; p++, y += n, mean += n, weight += truth->count) {
    posterior_weights(weight, truth, variance, y);
    for (size_t i = 0; i < truth->count; i++)
      for (size_t j = 0; j < n; j++) mean[j] += weight[i] * truth->means[i * n + j];
  }
}

void known_truth_moments(double *mean, double *covariance, const known_truth *truth) {
  size_t n = truth->dimension;
  double total = 0;
  memset(mean, 0, n * sizeof *mean);
  memset(covariance, 0, n * n * sizeof *covariance);
  for (size_t i = 0; i < truth->count; i++) total += truth->weights[i];
  for (size_t i = 0; i < truth->count; i++)
    for (size_t j = 0; j < n; j++) mean[j] += truth->weights[i] / total * truth->means[i * n + j];
  for (size_t j = 0; j < n; j++)
    for (size_t l = 0; l < n; l++) {
      covariance[j * n + l] = j == l;
      for (size_t i = 0; i < truth->count; i++)
        covariance[j * n + l] +=
            truth->weights[i] / total * (truth->means[i * n + j] - mean[j]) * (truth->means[i * n + l] - mean[l]);
    }
}
