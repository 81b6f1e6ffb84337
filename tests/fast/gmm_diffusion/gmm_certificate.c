/* The certificate's parts against integrals over a known law, and the whole against the distance it is to bound. */
#include "gmm_samples.h"

#include <math.h>
#include <stdlib.h>

static const double weights[2] = {0.2, 0.8}, means[2] = {-2, 1};

/* The two components with the given variance. */
static double density(double y, double variance) {
  double sum = 0;
  for (size_t c = 0; c < 2; c++) sum += weights[c] * exp(-(y - means[c]) * (y - means[c]) / (2 * variance));
  return sum / sqrt(6.283185307179586 * variance);
}

/* sum over a fine grid: every integrand here is smooth and vanishes at the ends. */
enum { GRID = 20000 };
static const double reach = 12; /* standard deviations */

/* KL(p_tau || N(mean, variance of p_tau)) */
static double start_divergence(double tau) {
  double mean = weights[0] * means[0] + weights[1] * means[1], variance = 1 + tau, sum = 0;
  for (size_t c = 0; c < 2; c++) variance += weights[c] * (means[c] - mean) * (means[c] - mean);
  double step = 2 * reach * sqrt(variance) / GRID;
  for (size_t i = 0; i < GRID; i++) {
    double y = mean - reach * sqrt(variance) + ((double)i + 0.5) * step, p = density(y, 1 + tau);
    double q = exp(-(y - mean) * (y - mean) / (2 * variance)) / sqrt(6.283185307179586 * variance);
    if (p > 0) sum += p * log(p / q) * step;
  }
  return sum;
}

/* E KL(true step || Gaussian with its mean and variance v) from tau to next: the step's law given y is the mixture,
 * with the posterior weights r, of N(r-dependent means a apart, v), a = dtau (m_1 - m_0)/(1 + tau). Integrated over
 * both. */
static double step_divergence(double tau, double next) {
  double v = (tau - next) * (1 + next) / (1 + tau), a = (tau - next) * (means[1] - means[0]) / (1 + tau), total = 0;
  enum { POSTERIOR = 400, STEP = 400 };
  double low = -2 - 8 * sqrt(1 + tau), width = (3 + 16 * sqrt(1 + tau)) / POSTERIOR;
  for (size_t i = 0; i < POSTERIOR; i++) {
    double y = low + ((double)i + 0.5) * width, p = density(y, 1 + tau);
    double one = weights[1] * exp(-(y - means[1]) * (y - means[1]) / (2 * (1 + tau))) / p;
    double r = one / sqrt(6.283185307179586 * (1 + tau)), sum = 0, step = (16 * sqrt(v) + a) / STEP;
    for (size_t k = 0; k < STEP; k++) {
      double x = -8 * sqrt(v) + ((double)k + 0.5) * step; /* from the lower mean on */
      double exact = ((1 - r) * exp(-x * x / (2 * v)) + r * exp(-(x - a) * (x - a) / (2 * v)));
      double gauss = exp(-(x - r * a) * (x - r * a) / (2 * v));
      if (exact > 0) sum += exact * log(exact / gauss) * step;
    }
    total += p * sum / sqrt(6.283185307179586 * v) * width;
  }
  return total;
}

/* What that is to leading order: E rho^2/4, rho = dtau Var(u | y)/((1 + tau) (1 + tau')), Var = r (1 - r) (m_1 -
 * m_0)^2.
 */
static double leading_divergence(double tau, double next) {
  enum { POINTS = 2000 };
  double low = -2 - 8 * sqrt(1 + tau), width = (3 + 16 * sqrt(1 + tau)) / POINTS, total = 0;
  double distance = means[1] - means[0];
  for (size_t i = 0; i < POINTS; i++) {
    double y = low + ((double)i + 0.5) * width,
           away = (y - means[1]) * (y - means[1]) - (y - means[0]) * (y - means[0]);
    double r = 1 / (1 + weights[0] / weights[1] * exp(away / (2 * (1 + tau))));
    double rho = (tau - next) * r * (1 - r) * distance * distance / ((1 + tau) * (1 + next));
    total += density(y, 1 + tau) * rho * rho / 4 * width;
  }
  return total;
}

static assay_mixture two_atoms(void) {
  test_random random = test_random_new(1);
  assay_mixture mixture = gmm_test_mixture(1, 2, 1, &random);
  for (size_t c = 0; c < 2; c++) {
    mixture.components[c].weight = assay_real_of(weights[c]);
    mixture.components[c].mean[0] = means[c];
  }
  return mixture;
}

/* TV of samples from the mixture by 60 bins: their own fluctuation adds about sqrt(60/(2 pi count)) at most. */
static double histogram_distance(const double *x, size_t count) {
  enum { BINS = 60 };
  double counts[BINS + 2] = {0}, sum = 0, before = 0, low = -6, width = 11.0 / BINS;
  for (size_t i = 0; i < count; i++) {
    double bin = floor((x[i] - low) / width);
    counts[bin < 0 ? 0 : bin >= BINS ? BINS + 1 : (size_t)bin + 1]++;
  }
  for (size_t b = 0; b < BINS + 2; b++) {
    double edge = low + (double)b * width, below = b == BINS + 1 ? 1 : 0;
    for (size_t c = 0; b <= BINS && c < 2; c++) below += weights[c] * 0.5 * erfc(-(edge - means[c]) / sqrt(2));
    sum += fabs(counts[b] / (double)count - (below - before));
    before = below;
  }
  return sum / 2;
}

/* The start is estimated from 4096 points: its terms have about the size of their mean, so 10 % is 6 standard errors;
 * the bias of the density, at most chi-square divergence/4096, is far less than 10 % here. The steps: their leading
 * order with a learned slope at 4096 points; rho^2 varies by about its mean, so a level has a standard error of 2 %,
 * some 24 of them with noise of their own less, and 5 % is allowed. The leading order itself is off by about 2 rho/3
 * (as N(0, v (1 + rho)) against N(0, v) shows), rho at most 0.2. */
static void parts(void **state) {
  (void)state;
  enum { N = 40000, COUNT = 20000 };
  assay_mixture mixture = two_atoms();
  test_random random = test_random_new(0xce47);
  double *x = gmm_test_samples(&mixture, N, &random), *y = malloc(COUNT * sizeof *y), steps = 0, leading = 0;
  assay_stream samples = assay_stream_of(x, N, 1);
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.degree = 8;
  settings.radius = 1;
  assay_gmm_model model;
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_fast_gmm_learn(&model, &samples, &settings, &context), ASSAY_OK);
  const assay_gmm_certificate *c = &model.certificate;
  double start = start_divergence(model.level[0].tau);
  test_check(fabs(c->initial - start) < 0.1 * start, "initial %a, exactly %a", c->initial, start);
  for (size_t k = 0; k < model.levels; k++) {
    double next = k + 1 < model.levels ? model.level[k + 1].tau : 0;
    steps += step_divergence(model.level[k].tau, next);
    leading += leading_divergence(model.level[k].tau, next);
  }
  test_check(fabs(c->discretisation - leading) < 0.05 * leading, "discretisation %a, to leading order %a",
             c->discretisation, leading);
  test_check(fabs(c->discretisation - steps) < 0.2 * steps, "discretisation %a, exactly %a", c->discretisation, steps);
  double total = c->initial + c->degree + c->data + c->discretisation;
  test_check(fabs(c->total_variation - sqrt(total / 2)) < 1e-15, "%a of %a", c->total_variation, total);
  assert_int_equal(assay_fast_gmm_sample(y, &model, ASSAY_GMM_SDE, 0, COUNT, 3, &context), ASSAY_OK);
  double distance = histogram_distance(y, COUNT);
  test_check(distance < c->total_variation + 0.022, "distance %g, certified %g", distance, c->total_variation);
  assay_gmm_model_clear(&model);
  free(y);
  free(x);
  assay_mixture_clear(&mixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(parts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
