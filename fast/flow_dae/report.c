/* What is said of a fit: its coefficients, how far it is from the label solution, loss and gradient. */
#include "fast/flow_dae/report.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECTIONS = 3 };

/* mu, xi = S_0/n, eta = (S_1/n - mu)/sigma, m coordinates each. */
static void fill_directions(double *out, const dae_problem *problem, const dae_truth *truth) {
  size_t n = problem->samples, m = problem->rank;
  double *mu = out, *xi = out + m, *eta = out + 2 * m;
  memcpy(mu, truth->mu, m * sizeof *mu);
  memset(xi, 0, 2 * m * sizeof *xi);
  for (size_t i = 0; i < n; i++) {
    dae_add(xi, truth->labels[i] / (double)n, problem->x0 + i * m, m);
    dae_add(eta, truth->labels[i] / (double)n, problem->x1 + i * m, m);
  }
  for (size_t k = 0; k < m; k++) eta[k] = (eta[k] - mu[k]) / truth->sigma;
}

/* Least squares by modified Gram-Schmidt; w becomes the rest. A direction that rounding cannot tell from one in the
 * span of those before is left out: coefficient 0. */
static void project(double coefficients[DIRECTIONS], double *w, double *directions, size_t m) {
  double triangle[DIRECTIONS][DIRECTIONS] = {{0}};
  bool kept[DIRECTIONS] = {false};
  for (size_t k = 0; k < DIRECTIONS; k++) {
    double *q = directions + k * m, square = dae_inner(q, q, m);
    for (size_t l = 0; l < k; l++) {
      if (!kept[l]) continue;
      triangle[l][k] = dae_inner(directions + l * m, q, m);
      dae_add(q, -triangle[l][k], directions + l * m, m);
    }
    double rest = dae_inner(q, q, m);
    kept[k] = rest > 64 * (double)m * DBL_EPSILON * square;
    coefficients[k] = 0;
    if (!kept[k]) continue;
    triangle[k][k] = sqrt(rest);
    for (size_t j = 0; j < m; j++) q[j] /= triangle[k][k];
    coefficients[k] = dae_inner(q, w, m);
    dae_add(w, -coefficients[k], q, m);
  }
  for (size_t k = DIRECTIONS; k-- > 0;) {
    if (!kept[k]) continue;
    for (size_t l = k + 1; l < DIRECTIONS; l++) coefficients[k] -= triangle[k][l] * coefficients[l];
    coefficients[k] /= triangle[k][k];
  }
}

/* The labels that w reproduces, after turning it so that more are right than are wrong. */
static size_t wrong_labels(double *w, bool *turned, const dae_problem *problem, const signed char *labels) {
  size_t n = problem->samples, m = problem->rank, right = 0, opposite = 0;
  for (size_t i = 0; i < n; i++) {
    double overlap = labels[i] * dae_inner(w, problem->xt + i * m, m);
    right += overlap > 0;
    opposite += overlap < 0;
  }
  *turned = opposite > right;
  for (size_t k = 0; *turned && k < m; k++) w[k] = -w[k];
  return n - (*turned ? opposite : right);
}

static double distance_to_labels(const double *w, double *solution, const dae_problem *problem,
                                 const signed char *labels, double *work) {
  double c, square = 0;
  dae_pattern_fit(&c, solution, problem, labels, work);
  double size = dae_inner(solution, solution, problem->rank);
  for (size_t k = 0; k < problem->rank; k++) square += (w[k] - solution[k]) * (w[k] - solution[k]);
  return sqrt(square / size);
}

assay_status dae_report(assay_dae_learned *out, bool *turned, double c, double *w, const dae_problem *problem,
                        const dae_truth *truth, assay_context *context) {
  size_t m = problem->rank;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, (DIRECTIONS + 3) * m, sizeof(double), "report", context);
  if (status) return status;
  double *directions = memory, *vector = directions + DIRECTIONS * m, *work = vector + m, slope_c, coefficients[3];
  out->c = c;
  out->wrong_labels = wrong_labels(w, turned, problem, truth->labels);
  out->loss = dae_loss(&slope_c, vector, problem, c, w, work);
  out->gradient_norm = dae_gradient_norm(problem, slope_c, vector);
  out->label_distance = distance_to_labels(w, vector, problem, truth->labels, work);
  fill_directions(directions, problem, truth);
  memcpy(vector, w, m * sizeof *w);
  project(coefficients, vector, directions, m);
  out->w_mu = coefficients[0];
  out->w_xi = coefficients[1];
  out->w_eta = coefficients[2];
  out->w_rest = sqrt(dae_inner(vector, vector, m));
  free(memory);
  return ASSAY_OK;
}
