/* Claim flow-dae/self-consistency-margin: how far the label solution is from mislabelling a training sample.
 *
 * s_i x_t^i = v + alpha (y_i - xi) + beta sigma (z_i - eta) with v = alpha xi + beta (mu + sigma eta) the samples'
 * mean. The mean margin is <w, v>/d; a sample's deviation from it has, for u in {mu, xi, eta}, <u, alpha (y_i - xi) +
 * beta sigma (z_i - eta)> ~ |u| sqrt((1 - 1/n)(alpha^2 + beta^2 sigma^2)) N(0,1), three normals a sample, as xi and eta
 * are independent of the deviations from them (w is not: its coefficients are left in their intervals). */
#include "theory/flow_dae/fluctuation.h"
#include "theory/flow_dae/paper.h"
#include "theory/flow_dae/training.h"

#include <math.h>
#include <stdio.h>

enum { WORKING_BITS = 128, NAME = 64 };
enum { SIZES_QUICK = 3, SIZES_FULL = 5, MARGINS = 2, CONTROL_UP_TO = 32 };
enum { ITEMS_QUICK = SIZES_QUICK * TRAINING_TIMES * MARGINS, ITEMS_FULL = SIZES_FULL * TRAINING_TIMES * MARGINS };

/* The control moves the margin by 1/(n-1) of itself; the mean margin fluctuates by about 7/sqrt(n d) of itself. */
static const training_sizes sizes[SIZES_FULL] = {
    {2, 400000, 0.5, 1}, {8, 1000000, 0.5, 1}, {32, 200000, 0.5, 0.1}, {256, 50000, 0.5, 0.1}, {1024, 50000, 0.5, 0.1},
};

/* r beta alpha^2 (n-1)/D; `factor` is n-1, or n for the control. */
static iv limit_of(iv_scope *s, const fluctuation *f, iv alpha, iv beta, size_t factor) {
  iv sigma2 = iv_sqr(s, f->sigma), before = iv_add_si(s, f->n, -1);
  iv A = iv_add(s, f->lambda, before);
  iv B = iv_add(s, iv_mul(s, f->lambda, iv_add(s, f->norm2, sigma2)), iv_mul(s, before, sigma2));
  iv D = iv_add(s, iv_mul(s, iv_sqr(s, alpha), A), iv_mul(s, iv_sqr(s, beta), B));
  iv top = iv_mul(s, iv_mul(s, f->norm2, beta), iv_mul(s, iv_sqr(s, alpha), iv_ui(s, factor)));
  return iv_div(s, top, D);
}

static iv mean_margin(iv_scope *s, const fluctuation *f, const fluctuation_fit *fit, iv alpha, iv beta) {
  iv sigma = f->sigma;
  iv with_mu = iv_add(s, iv_mul(s, alpha, f->xi_mu), iv_mul(s, beta, iv_add(s, f->norm2, iv_mul(s, sigma, f->eta_mu))));
  iv with_xi = iv_add(s, iv_mul(s, alpha, f->xi2), iv_mul(s, beta, iv_add(s, f->xi_mu, iv_mul(s, sigma, f->xi_eta))));
  iv with_eta =
      iv_add(s, iv_mul(s, alpha, f->xi_eta), iv_mul(s, beta, iv_add(s, f->eta_mu, iv_mul(s, sigma, f->eta2))));
  return fluctuation_weight_overlap(s, fit, f, with_mu, with_xi, with_eta);
}

/* <w, alpha (y_i - xi) + beta sigma (z_i - eta)>/d for all i together, each of 3 n normals at delta/(3 n). */
static iv deviation(iv_scope *s, const fluctuation *f, const fluctuation_fit *fit, iv alpha, iv beta, double delta) {
  enum { NORMALS = 3 };
  iv normal = fluctuation_normal(s, delta / (NORMALS * (double)f->samples));
  iv spread = iv_sqrt(s, iv_div(s, iv_sub(s, iv_si(s, 1), iv_inv(s, f->n)), f->d));
  iv root = iv_sqrt(s, iv_add(s, iv_sqr(s, alpha), iv_sqr(s, iv_mul(s, beta, f->sigma))));
  iv unit = iv_mul(s, iv_mul(s, spread, normal), root);
  return fluctuation_weight_overlap(s, fit, f, iv_mul(s, unit, iv_sqrt(s, f->norm2)),
                                    iv_mul(s, unit, iv_sqrt(s, f->xi2)), iv_mul(s, unit, iv_sqrt(s, f->eta2)));
}

static assay_status measure(assay_trial *trial, const char *item, iv predicted, iv control, double bound,
                            double measured, double error) {
  const assay_budget_term terms[] = {
      {ASSAY_TERM_DIMENSION, ASSAY_BASIS_QUANTILE, bound, assay_trial_delta(trial),
       "chi-square and normal laws of the Gram numbers at this d"},
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, error, 0, "running error bound of the Gram sums"},
  };
  return assay_trial_measure(trial, item, predicted, control, measured, terms, 2);
}

static assay_status at_time(assay_trial *trial, iv_scope *s, const training *t, size_t i) {
  double share = assay_trial_delta(trial), half = share / 2;
  size_t n = t->settings.samples;
  iv beta = iv_real(s, training_times[i]), alpha = iv_sub(s, iv_si(s, 1), beta);
  fluctuation all = fluctuation_of(s, &t->settings, t->dimension, share);
  fluctuation part = fluctuation_of(s, &t->settings, t->dimension, half);
  iv limit = limit_of(s, &all, alpha, beta, n - 1);
  iv control = n <= CONTROL_UP_TO ? limit_of(s, &all, alpha, beta, n) : NULL;
  fluctuation_fit fit = fluctuation_fit_at(s, &all, alpha, beta), part_fit = fluctuation_fit_at(s, &part, alpha, beta);
  iv mean = mean_margin(s, &all, &fit, alpha, beta);
  iv each = iv_add(s, mean_margin(s, &part, &part_fit, alpha, beta), deviation(s, &part, &part_fit, alpha, beta, half));

  fluctuation still = fluctuation_limit(s, &t->settings, t->dimension);
  fluctuation_fit still_fit = fluctuation_fit_at(s, &still, alpha, beta);
  iv center = mean_margin(s, &still, &still_fit, alpha, beta);

  const assay_dae_fit *measured = &t->fits[i];
  char item[NAME];
  snprintf(item, sizeof item, "mean margin n=%zu t=%g", n, training_times[i].nearest);
  assay_status status = measure(trial, item, limit, control, fluctuation_bound(s, mean, center), measured->margin_mean,
                                measured->margin_error);
  double middle = iv_mid_d(limit);
  bool low = middle - measured->margin_min > measured->margin_max - middle;
  snprintf(item, sizeof item, "margin farthest off n=%zu t=%g", n, training_times[i].nearest);
  if (!status)
    status = measure(trial, item, limit, NULL, fluctuation_bound(s, each, center),
                     low ? measured->margin_min : measured->margin_max, measured->margin_error);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_FULL ? SIZES_FULL : SIZES_QUICK;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < count; i++) {
    const training *t = NULL;
    status = training_get(&t, trial, sizes[i], context);
    for (size_t j = 0; !status && j < TRAINING_TIMES; j++) {
      size_t mark = iv_mark(s);
      status = at_time(trial, s, t, j);
      iv_release(s, mark);
    }
  }
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_self_consistency_margin = {
    .id = "flow-dae/self-consistency-margin",
    .statement = "The label solution reproduces the labels it was fitted to: s_i <w, x_t^i>/d tends to "
                 "r beta alpha^2 (n-1)/D > 0 for every training sample at 0 < t < 1; D = alpha^2 A + beta^2 B, "
                 "A = lambda + n - 1, B = r lambda + sigma^2 A.",
    .source = "derived here; the self-consistency behind arXiv:2310.03575's learned parameters",
    .control = "the same with n in the place of n-1 in the numerator",
    .sizes = {"sigma = 0.5, (n, d, lambda) = (2, 4e5, 1), (8, 1e6, 1), (32, 2e5, 0.1), t = 1/4, 1/2, 3/4: mean over i, "
              "and the sample farthest off",
              "the same, and lambda = 0.1, n = 256, 1024 at d = 5e4 (without control)"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {ITEMS_QUICK, ITEMS_FULL},
    .gather = gather,
};
