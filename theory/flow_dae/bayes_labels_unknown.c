/* Claim flow-dae/bayes-labels-unknown: not knowing the labels costs a Bayesian more than B1, the less the larger d
 * (B2).
 *
 * For two samples the average excess over B1 has a closed form in even d (reference/flow_dae/labels_unknown.h).
 * Measured is the average over data sets of the exact excess of each, cut off at c: in [0, c], so Maurer and Pontil's
 * empirical Bernstein inequality applies. What is cut off: the excess of a data set is at most |x_2|^2/((2 + sigma^2)^2
 * d), which is kappa chi^2_d with kappa = (1 + sigma^2)/((2 + sigma^2)^2 d), and (u)_+ <= exp(l u)/(e l) for every l >
 * 0, so E(excess - c)_+ <= 2 kappa/(e theta) exp(-theta c/(2 kappa)) (1 - theta)^(-d/2),  0 < theta = 2 kappa l < 1. */
#include "theory/empirical.h"
#include "theory/flow_dae/paper.h"

#include "reference/core/interval.h"
#include "reference/flow_dae/labels_unknown.h"

#include <assay/fast.h>
#include <assay/reference.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { GOAL_BITS = 80, WORKING_BITS = 160, NAME = 64, TERMS = 3 };
enum { SAMPLES = 2, DIMENSIONS = 4, ITEMS = 2 * DIMENSIONS - 1 };

/* sigma = 1. The excess is 0.096, 0.065, 0.032, 0.0083; 100 000 data sets resolve 0.0035, 0.0026, 0.0017, 0.0010. */
static const double sigma = 1;
static const size_t dimensions[DIMENSIONS] = {2, 4, 8, 16};
static const size_t draws[ASSAY_LEVEL_COUNT] = {100000, 2000000};

/* c/kappa: beyond it chi^2_d has mass below exp(-10) (Laurent and Massart's bound). */
static double reach(size_t dimension) {
  const double exponent = 10, d = (double)dimension;
  return d + 2 * sqrt(d * exponent) + 2 * exponent;
}

static iv kappa_of(iv_scope *s, size_t dimension) {
  iv sigma2 = iv_sqr(s, iv_d(s, sigma));
  iv per_dimension = iv_mul(s, iv_sqr(s, iv_add_si(s, sigma2, 2)), iv_ui(s, dimension));
  return iv_div(s, iv_add_si(s, sigma2, 1), per_dimension);
}

/* Bound of E(excess - c)_+, theta = 1 - d kappa/c. */
static iv beyond(iv_scope *s, size_t dimension, iv kappa, iv cut) {
  iv x = iv_div(s, cut, kappa), d = iv_ui(s, dimension), one = iv_ui(s, 1), rest = iv_div(s, d, x);
  iv theta = iv_sub(s, one, rest);
  iv exponent = iv_add(s, iv_add(s, iv_mul(s, theta, x), iv_mul(s, d, iv_log(s, rest))), iv_ui(s, 2));
  return iv_div(s, iv_mul(s, iv_mul_2si(s, kappa, 1), iv_exp(s, iv_mul_2si(s, iv_neg(s, exponent), -1))), theta);
}

static assay_status measure(assay_trial *trial, iv_scope *s, size_t dimension, iv excess, iv known, double *values,
                            size_t count, double rounding) {
  iv kappa = kappa_of(s, dimension);
  double cut = reach(dimension) * iv_mid_d(kappa), delta = assay_trial_delta(trial);
  for (size_t k = 0; k < count; k++) values[k] = fmin(fmax(values[k], 0), cut);
  empirical_moments moments = empirical_moments_of(values, count);
  const assay_budget_term terms[TERMS] = {
      {ASSAY_TERM_SAMPLING, ASSAY_BASIS_QUANTILE, empirical_bernstein(moments.variance, cut, count, delta), delta,
       "empirical Bernstein inequality of Maurer and Pontil for the excess cut off at c"},
      {ASSAY_TERM_SAMPLING, ASSAY_BASIS_PROVED, iv_upper_d(beyond(s, dimension, kappa, iv_d(s, cut))), 0,
       "mean of what is cut off, by the exponential moments of chi-square"},
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, rounding, 0, "bounds of the posteriors' rounding errors, averaged"},
  };
  char item[NAME];
  snprintf(item, sizeof item, "error of the posterior mean, n=%d d=%zu", SAMPLES, dimension);
  return assay_trial_measure(trial, item, iv_add(s, known, excess), known, iv_mid_d(known) + moments.mean, terms,
                             TERMS);
}

static assay_status at_dimension(assay_trial *trial, iv_scope *s, size_t index, iv excess, iv known,
                                 assay_context *context) {
  size_t dimension = dimensions[index], count = draws[assay_trial_level(trial)];
  double *values = NULL;
  assay_bayes_estimate estimate = {{0, 0}, 0};
  assay_status status = assay_allocate((void **)&values, count, sizeof *values, "excesses", context);
  if (!status)
    status = assay_fast_bayes_estimation_unknown(&estimate, values, SAMPLES, dimension, sigma, count,
                                                 assay_trial_seed(trial) + index, context);
  /* values are below 10, and there are fewer than 2^21: averaging them again adds less than 10 2^21 2^-53 */
  if (!status) status = measure(trial, s, dimension, excess, known, values, count, estimate.mean.error + 0x1p-28);
  free(values);
  return status;
}

static assay_status gather_in(assay_trial *trial, iv_scope *s, assay_context *context) {
  mpfi_ptr known = iv_new(s), excess[DIMENSIONS];
  assay_status status =
      assay_reference_bayes_estimation(known, SAMPLES, assay_real_of(sigma), assay_real_of(1), GOAL_BITS, context);
  for (size_t i = 0; !status && i < DIMENSIONS; i++) {
    excess[i] = iv_new(s);
    status = labels_unknown_pair(excess[i], dimensions[i], assay_real_of(sigma), GOAL_BITS, context);
    if (!status) status = at_dimension(trial, s, i, excess[i], known, context);
  }
  for (size_t i = 1; !status && i < DIMENSIONS; i++) {
    char item[NAME];
    snprintf(item, sizeof item, "excess at d=%zu below that at d=%zu", dimensions[i], dimensions[i - 1]);
    status = assay_trial_decide(trial, item, excess[i], ASSAY_LESS, excess[i - 1], NULL);
  }
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_status status = gather_in(trial, s, context);
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_bayes_labels_unknown = {
    .id = "flow-dae/bayes-labels-unknown",
    .statement =
        "With labels unknown, in finite dimension d, the Bayes-optimal error of the mean exceeds its value with "
        "labels known, sigma^2/(n + sigma^2), by a positive amount that decreases in d; for n = 2 it is known "
        "in closed form.",
    .source = "derived here (B2); the Bayes-optimal baseline of arXiv:2310.03575 is the limit d -> infinity",
    .control = "no excess: the error is that with labels known",
    .sizes = {"n = 2, sigma = 1, d = 2, 4, 8, 16, 100 000 data sets each", "the same, 2 000 000 data sets each"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {ITEMS, ITEMS},
    .gather = gather,
};
