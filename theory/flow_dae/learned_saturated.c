/* The part of flow-dae/learned-parameters that is about tanh and erf: stationary points from the labels, as a solver
 * leaves them, against R1. What they differ from the label solution by is proved (saturated.h), rounding and all: with
 * v = w_mu mu + w_xi xi + w_eta eta of the reported coefficients, v and w_L are in the span, so the coefficients differ
 * by no more than |v - w_L| <= |v - w| + |w - w_L| times the length of the dual vector: with rho bounding the row sums
 * of the off-diagonal of the Gram matrix of mu, xi, eta scaled to a unit diagonal, that of a vector a is at most 1/(|a|
 * sqrt(1 - rho)).
 */
#include "theory/flow_dae/fluctuation.h"
#include "theory/flow_dae/learned_parameters.h"
#include "theory/flow_dae/saturated.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { GOAL_BITS = 80, NAME = 64, WHY = 128, CASES = 3 };

/* sqrt(d) times the margin is 90 at t = 1/2 and 7.3 at t = 7/8, where tanh is off by about 1e-6. */
static const training_sizes size = {2, 400000, 0.5, 1};
static const struct {
  assay_activation activation;
  double time;
} cases[CASES] = {{ASSAY_TANH, 0.5}, {ASSAY_TANH, 0.875}, {ASSAY_ERF, 0.875}};

typedef struct {
  assay_activation activation;
  assay_dae_settings settings;
  size_t dimension;
  assay_dae_learned fit;
  saturated_bounds off;
} saturated_fit;

/* Bounds of the lengths of the dual vectors of mu and of xi. */
static void dual_lengths(double *of_mu, double *of_xi, iv_scope *s, const fluctuation *f) {
  iv mu_xi = iv_div(s, iv_abs(s, f->xi_mu), iv_sqrt(s, iv_mul(s, f->norm2, f->xi2)));
  iv mu_eta = iv_div(s, iv_abs(s, f->eta_mu), iv_sqrt(s, iv_mul(s, f->norm2, f->eta2)));
  iv xi_eta = iv_div(s, iv_abs(s, f->xi_eta), iv_sqrt(s, iv_mul(s, f->xi2, f->eta2)));
  iv rho = iv_add(s, mu_xi, iv_add(s, mu_eta, xi_eta)), rest = iv_sub(s, iv_si(s, 1), iv_upper(s, rho));
  *of_mu = iv_upper_d(iv_inv(s, iv_sqrt(s, iv_mul(s, f->norm2, rest))));
  *of_xi = iv_upper_d(iv_inv(s, iv_sqrt(s, iv_mul(s, f->xi2, rest))));
}

static assay_status measure(assay_trial *trial, const learned_parameter *p, const saturated_fit *t, double measured,
                            double off) {
  char item[NAME], why[WHY];
  (void)snprintf(item, sizeof item, "%s %s n=%zu t=%g", p->name, assay_activation_name(t->activation),
                 t->settings.samples, t->fit.time);
  (void)snprintf(why, sizeof why, "gradient norm %.1e with rounding, phi off sign as at its smallest argument, %.1f",
                 t->off.gradient, t->off.least);
  const assay_budget_term terms[] = {
      {ASSAY_TERM_DIMENSION, ASSAY_BASIS_QUANTILE, p->bound, assay_trial_delta(trial),
       "chi-square and normal laws of the Gram numbers at this d"},
      {ASSAY_TERM_OPTIMISATION, ASSAY_BASIS_MEASURED, off, 0, why},
  };
  return assay_trial_measure(trial, item, p->predicted, p->control, measured, terms, 2);
}

static assay_status judge(assay_trial *trial, iv_scope *s, const saturated_fit *t, assay_context *context) {
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  assay_real time = assay_real_of(t->fit.time);
  assay_status status = assay_reference_dae_theory(&limit, &t->settings, time, GOAL_BITS, context);
  if (!status) {
    double delta = assay_trial_delta(trial), of_mu, of_xi;
    fluctuation f = fluctuation_of(s, &t->settings, t->dimension, delta);
    learned_parameter parameters[LEARNED_PARAMETERS];
    learned_parameters_of(parameters, s, &t->settings, t->dimension, time, &limit, delta);
    dual_lengths(&of_mu, &of_xi, s, &f);
    const double away = t->off.rest + t->off.w;
    const double measured[LEARNED_PARAMETERS] = {t->fit.c, t->fit.w_mu, t->fit.w_xi};
    const double off[LEARNED_PARAMETERS] = {t->off.c, away * of_mu, away * of_xi};
    for (size_t p = 0; !status && p < LEARNED_PARAMETERS; p++)
      status = measure(trial, &parameters[p], t, measured[p], off[p]);
  }
  assay_dae_theory_clear(&limit);
  return status;
}

static assay_status train(saturated_fit *out, double time, const assay_dae_data *data, assay_context *context) {
  assay_dae_learner learner = assay_dae_learner_stationary(out->activation);
  double *w = NULL;
  assay_status status = assay_allocate((void **)&w, data->dimension, sizeof *w, "weights", context);
  if (!status) status = assay_fast_dae_learn(&out->fit, w, &time, 1, data, &out->settings, &learner, context);
  if (!status) status = saturated_bounds_of(&out->off, &out->fit, w, data, &out->settings, out->activation, context);
  free(w);
  return status;
}

assay_status learned_saturated(assay_trial *trial, iv_scope *s, assay_context *context) {
  saturated_fit t = {.settings =
                         assay_dae_settings_of(size.samples, assay_real_of(size.sigma), assay_real_of(size.lambda)),
                     .dimension = size.dimension};
  assay_dae_data data;
  assay_status status =
      assay_fast_dae_data_init(&data, &t.settings, size.dimension, 0.5, assay_trial_seed(trial), context);
  if (status) return status;
  for (size_t i = 0; !status && i < CASES; i++) {
    size_t mark = iv_mark(s);
    t.activation = cases[i].activation;
    status = train(&t, cases[i].time, &data, context);
    if (!status) status = judge(trial, s, &t, context);
    iv_release(s, mark);
  }
  assay_fast_dae_data_clear(&data);
  return status;
}
