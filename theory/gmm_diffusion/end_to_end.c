/* V, half the sum over cells of |n_c/N - p_c|, differs from what it is for the outputs' own masses q_c by at most W =
 * half the sum of |n_c/N - q_c|: E W <= sqrt((B - 1)/N)/2 by Cauchy and Schwarz, and one output moves W by at most 1/N
 * (McDiarmid). */
#include "theory/gmm_diffusion/end_to_end.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BITS = 160, NAME = CHAIN_NAME + 72, TERMS = 3, BISECTIONS = 64, MOST_DIMENSIONS = 10 };

/* More than rounding of the cells' masses, of the places of their edges and of the sums. */
static const double rounding = 0x1p-36;

/* ---- the control ---- */

/* Along a direction: the components' means, the root of their variance; the same of the Gaussian. */
typedef struct {
  const known_truth *truth;
  double mean[KNOWN_TRUTH_COUNT], deviation, total;
  double gaussian_mean, gaussian_deviation;
} projected;

static projected project(const known_truth *truth, const double *direction) {
  size_t n = truth->dimension;
  double mean[MOST_DIMENSIONS], covariance[MOST_DIMENSIONS * MOST_DIMENSIONS], variance = 0, length2 = 0;
  projected out = {.truth = truth};
  known_truth_moments(mean, covariance, truth);
  for (size_t j = 0; j < n; j++) {
    length2 += direction[j] * direction[j];
    out.gaussian_mean += direction[j] * mean[j];
    for (size_t l = 0; l < n; l++) variance += direction[j] * covariance[j * n + l] * direction[l];
  }
  for (size_t i = 0; i < truth->count; i++) {
    out.total += truth->weights[i];
    for (size_t j = 0; j < n; j++) out.mean[i] += direction[j] * truth->means[i * n + j];
  }
  out.deviation = sqrt(length2), out.gaussian_deviation = sqrt(variance);
  return out;
}

static double below(const projected *p, double y) {
  double sum = 0;
  for (size_t i = 0; i < p->truth->count; i++)
    sum += p->truth->weights[i] / p->total * erfc((p->mean[i] - y) / (p->deviation * sqrt(2))) / 2;
  return sum;
}

static double quantile(const projected *p, double share) {
  double low = p->gaussian_mean - 20 * p->gaussian_deviation, high = p->gaussian_mean + 20 * p->gaussian_deviation;
  for (int i = 0; i < BISECTIONS; i++) {
    double middle = (low + high) / 2;
    if (below(p, middle) < share)
      low = middle;
    else
      high = middle;
  }
  return high;
}

static iv cumulative(iv_scope *s, double mean, double deviation, double edge) {
  return iv_normal_cdf(s, iv_div(s, iv_sub(s, iv_d(s, edge), iv_d(s, mean)), iv_d(s, deviation)));
}

/* Mass of the Gaussian less that of the truth below the edge. */
static iv excess(iv_scope *s, const projected *p, double edge) {
  iv sum = iv_si(s, 0);
  for (size_t i = 0; i < p->truth->count; i++) {
    iv weight = iv_div(s, iv_d(s, p->truth->weights[i]), iv_d(s, p->total));
    sum = iv_add(s, sum, iv_mul(s, weight, cumulative(s, p->mean[i], p->deviation, edge)));
  }
  return iv_sub(s, cumulative(s, p->gaussian_mean, p->gaussian_deviation, edge), sum);
}

iv moment_matched_distance(iv_scope *s, const known_truth *truth, const double *direction) {
  projected p = project(truth, direction);
  iv before = iv_si(s, 0), sum = iv_si(s, 0);
  for (size_t c = 1; c <= END_TO_END_BINS; c++) {
    iv now = c < END_TO_END_BINS ? excess(s, &p, quantile(&p, (double)c / END_TO_END_BINS)) : iv_si(s, 0);
    sum = iv_add(s, sum, iv_abs(s, iv_sub(s, now, before)));
    before = now;
  }
  return iv_ball(s, iv_mul_2si(s, sum, -1), iv_d(s, rounding));
}

/* ---- an item ---- */

static assay_status judge(assay_trial *trial, const learned_chain *chain, const double *direction, size_t count,
                          double value) {
  double half = assay_trial_delta(trial) / 2, outputs = (double)chain->size.outputs;
  double chance = sqrt((END_TO_END_BINS - 1) / outputs) / 2 + sqrt(log((double)count / half) / (2 * outputs));
  const assay_budget_term terms[TERMS] = {
      {ASSAY_TERM_OPTIMISATION, ASSAY_BASIS_MEASURED, path_bounds_of(&chain->divergence, half).all, half,
       "sqrt(KL/2), KL that of the learned chain's paths from the truth's, measured on the truth's (empirical "
       "Bernstein inequality)"},
      {ASSAY_TERM_SAMPLING, ASSAY_BASIS_QUANTILE, chance * (1 + 0x1p-40), half,
       "mean and McDiarmid's inequality for the shares of the outputs in the cells, over all directions"},
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, rounding, 0, "cells' masses, edges and sums"},
  };
  char name[NAME], item[CHAIN_NAME];
  chain_name(item, &chain->size);
  if (count > 1)
    (void)snprintf(name, sizeof name, "distance from the truth, %s, most of %zu lines", item, count);
  else
    (void)snprintf(name, sizeof name, "distance from the truth, %s", item);
  iv_scope *s = iv_scope_new(BITS);
  iv control = count > 1 ? NULL : moment_matched_distance(s, chain->size.truth, direction);
  assay_status status = assay_trial_measure(trial, name, iv_si(s, 0), control, value, terms, TERMS);
  iv_scope_free(s);
  return status;
}

assay_status end_to_end_measure(assay_trial *trial, const learned_chain *chain, const double *directions, size_t count,
                                assay_context *context) {
  size_t n = chain->size.truth->dimension, best = 0;
  assay_mixture mixture;
  assay_status status = known_truth_mixture(&mixture, chain->size.truth, context);
  if (status) return status;
  assay_stream outputs = assay_stream_of(chain->outputs, chain->size.outputs, n);
  assay_variation variation;
  status = assay_fast_variation_sliced(&variation, &best, &outputs, &mixture, directions, count, END_TO_END_BINS,
                                       assay_trial_delta(trial) / 2, context);
  assay_mixture_clear(&mixture);
  return status ? status : judge(trial, chain, directions + best * n, count, variation.value);
}
