/* Claim flow-dae/learned-parameters: the label solution on sampled data against R1. Its w is in the span exactly, with
 * coefficients that are functions of c; so the items at one time stand or fall together. */
#include "theory/flow_dae/learned_parameters.h"
#include "theory/flow_dae/fluctuation.h"
#include "theory/flow_dae/paper.h"

#include <math.h>
#include <stdio.h>

enum { GOAL_BITS = 80, WORKING_BITS = 128, NAME = 64 };
enum { CONTROL_UP_TO = 8 };
enum {
  ITEMS_QUICK = LEARNED_PARAMETERS_QUICK * TRAINING_TIMES * LEARNED_PARAMETERS + LEARNED_SATURATED_ITEMS,
  ITEMS_FULL = LEARNED_PARAMETERS_FULL * TRAINING_TIMES * LEARNED_PARAMETERS + LEARNED_SATURATED_ITEMS
};

/* lambda = 1: the control (n for n-1) moves b = B/A by r lambda/(A (A+1)), so a larger lambda tells them apart at a
 * smaller d; d(n) makes the fluctuation, about 7 sqrt(2/(n d)), a fraction of that. */
const training_sizes learned_parameters_sizes[LEARNED_PARAMETERS_FULL] = {
    {2, 400000, 0.5, 1},   {4, 400000, 0.5, 1},    {8, 1000000, 0.5, 1},
    {64, 50000, 0.5, 0.1}, {256, 50000, 0.5, 0.1}, {1024, 50000, 0.5, 0.1},
};

/* n for n-1 in A and B: A' = lambda + n, B' = lambda (r + sigma^2) + n sigma^2. */
static fluctuation_fit control_of(iv_scope *s, const fluctuation *f, iv alpha, iv beta) {
  iv sigma2 = iv_sqr(s, f->sigma), A = iv_add(s, f->lambda, f->n);
  iv B = iv_add(s, iv_mul(s, f->lambda, iv_add(s, f->norm2, sigma2)), iv_mul(s, f->n, sigma2));
  fluctuation wrong = *f;
  wrong.a00 = A, wrong.a01 = iv_si(s, 0), wrong.a11 = B;
  return fluctuation_fit_at(s, &wrong, alpha, beta);
}

void learned_parameters_of(learned_parameter out[LEARNED_PARAMETERS], iv_scope *s, const assay_dae_settings *settings,
                           size_t dimension, assay_real time, const assay_dae_theory *limit, double delta) {
  fluctuation f = fluctuation_of(s, settings, dimension, delta), still = fluctuation_limit(s, settings, dimension);
  iv beta = iv_real(s, time), alpha = iv_sub(s, iv_si(s, 1), beta);
  fluctuation_fit image = fluctuation_fit_at(s, &f, alpha, beta), center = fluctuation_fit_at(s, &still, alpha, beta);
  fluctuation_fit wrong = control_of(s, &f, alpha, beta);
  const assay_bounded none = {NAN, 0};
  out[0] = (learned_parameter){"c", limit->c, wrong.c, fluctuation_bound(s, image.c, center.c), none};
  out[1] = (learned_parameter){"w_mu", limit->w_mu, wrong.mu, fluctuation_bound(s, image.mu, center.mu), none};
  out[2] = (learned_parameter){"w_xi", limit->w_xi, wrong.xi, fluctuation_bound(s, image.xi, center.xi), none};
}

void learned_parameters_at(learned_parameter out[LEARNED_PARAMETERS], iv_scope *s, const training *t, size_t i,
                           const assay_dae_theory *limit, double delta) {
  learned_parameters_of(out, s, &t->settings, t->dimension, training_times[i], limit, delta);
  out[0].measured = t->fits[i].c;
  out[1].measured = t->fits[i].w_mu;
  out[2].measured = t->fits[i].w_xi;
}

static assay_status measure(assay_trial *trial, const learned_parameter *p, const training *t, size_t i) {
  char item[NAME];
  snprintf(item, sizeof item, "%s n=%zu t=%g", p->name, t->settings.samples, training_times[i].nearest);
  const assay_budget_term terms[] = {
      {ASSAY_TERM_DIMENSION, ASSAY_BASIS_QUANTILE, p->bound, assay_trial_delta(trial),
       "chi-square and normal laws of the Gram numbers at this d"},
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, p->measured.error, 0, "running error bound of the Gram sums"},
  };
  bool controlled = t->settings.samples <= CONTROL_UP_TO;
  return assay_trial_measure(trial, item, p->predicted, controlled ? p->control : NULL, p->measured.value, terms, 2);
}

static assay_status at_time(assay_trial *trial, iv_scope *s, const training *t, size_t i,
                            const assay_dae_theory *limit) {
  learned_parameter parameters[LEARNED_PARAMETERS];
  learned_parameters_at(parameters, s, t, i, limit, assay_trial_delta(trial));
  assay_status status = ASSAY_OK;
  for (size_t p = 0; !status && p < LEARNED_PARAMETERS; p++) status = measure(trial, &parameters[p], t, i);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_FULL ? LEARNED_PARAMETERS_FULL : LEARNED_PARAMETERS_QUICK;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < count; i++) {
    const training *t = NULL;
    status = training_get(&t, trial, learned_parameters_sizes[i], context);
    for (size_t j = 0; !status && j < TRAINING_TIMES; j++) {
      size_t mark = iv_mark(s);
      status = assay_reference_dae_theory(&limit, &t->settings, training_times[j], GOAL_BITS, context);
      if (!status) status = at_time(trial, s, t, j, &limit);
      iv_release(s, mark);
    }
  }
  assay_dae_theory_clear(&limit);
  if (!status) status = learned_saturated(trial, s, context);
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_learned_parameters = {
    .id = "flow-dae/learned-parameters",
    .statement =
        "Fitted to n labelled samples, the auto-encoder has skip strength c = beta B/D and w = m (mu + sigma eta) + l "
        "xi with m = n alpha^2 A/((lambda+n) D), l = -n alpha c/(lambda+n), A = lambda + n - 1, B = r lambda + sigma^2 "
        "A, D = alpha^2 A + beta^2 B, up to fluctuations that vanish as d grows; so has a stationary point with tanh "
        "or erf where "
        "sqrt(d) times the margin <w, x_t>/d saturates them.",
    .source = "arXiv:2310.03575, the sharp characterisation of the learned parameters; any lambda and r derived here",
    .control = "n in the place of n-1 in A and B",
    .sizes = {"sign, sigma = 0.5, lambda = 1, (n, d) = (2, 4e5), (4, 4e5), (8, 1e6), t = 1/4, 1/2, 3/4; "
              "(2, 4e5) with tanh at t = 1/2, 7/8 and with erf at 7/8",
              "the same, and lambda = 0.1, n = 64, 256, 1024 at d = 5e4 (without control)"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {ITEMS_QUICK, ITEMS_FULL},
    .gather = gather,
};
