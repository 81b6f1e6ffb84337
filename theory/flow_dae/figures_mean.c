/* Figures mse and cosine: the mean of generated samples against n, from the experiments of generated-mean and
 * fresh-noise. Lines are the limit of many steps; what finitely many change, and what N generated samples add, is known
 * exactly and taken off what was measured. */
#include "theory/flow_dae/cluster_mean.h"
#include "theory/flow_dae/figures.h"
#include "theory/flow_dae/fresh_noise.h"
#include "theory/flow_dae/generated_mean.h"

#include <math.h>

enum { GOAL_BITS = 60, WORKING_BITS = 160 };

assay_status figure_line_over_samples(assay_plot *plot, const char *label, const assay_dae_settings *like,
                                      figure_value *value, assay_context *context) {
  enum { LAST = 18 };
  assay_series *line = NULL;
  assay_status status = assay_plot_add(&line, plot, label, true, LAST + 1, false, context);
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  for (size_t i = 0; !status && i <= LAST; i++) {
    assay_dae_settings settings = *like;
    settings.samples = (size_t)lround(2 * exp2((double)i / 2));
    status = assay_reference_dae_theory(&limit, &settings, assay_real_of(1), GOAL_BITS, context);
    if (status) break;
    line->x[i] = (double)settings.samples;
    line->y[i] = value(&limit, &settings);
  }
  assay_dae_theory_clear(&limit);
  return status;
}

static size_t sizes_at(const assay_trial *trial) {
  return assay_trial_level(trial) == ASSAY_LEVEL_FULL ? GENERATED_MEAN_FULL : GENERATED_MEAN_QUICK;
}

/* In continuous time. */
static assay_dae_settings learner_of(assay_noise_protocol noise) {
  generation_sizes sizes = generated_mean_sizes[0];
  assay_dae_settings settings = assay_dae_settings_of(sizes.training.samples, assay_real_of(sizes.training.sigma),
                                                      assay_real_of(sizes.training.lambda));
  settings.noise = noise;
  return settings;
}

/* What steps and N add to the error of the mean, and what steps add to its cosine. */
typedef struct {
  double error, cosine;
} finite_part;

static assay_status finite_part_of(finite_part *out, const assay_dae_settings *settings, size_t count,
                                   assay_context *context) {
  assay_dae_settings in_time = *settings;
  in_time.steps = 0;
  assay_dae_theory limit[2];
  for (size_t i = 0; i < 2; i++) assay_dae_theory_init(&limit[i]);
  assay_status status = assay_reference_dae_theory(&limit[0], settings, assay_real_of(1), GOAL_BITS, context);
  if (!status) status = assay_reference_dae_theory(&limit[1], &in_time, assay_real_of(1), GOAL_BITS, context);
  if (!status) {
    double spread = iv_mid_d(limit[0].cluster_variance) / (double)count;
    out->error = iv_mid_d(limit[0].mse) - iv_mid_d(limit[1].mse) + spread;
    out->cosine = iv_mid_d(limit[0].cosine) - iv_mid_d(limit[1].cosine);
  }
  for (size_t i = 0; i < 2; i++) assay_dae_theory_clear(&limit[i]);
  return status;
}

static size_t fresh_sizes_at(const assay_trial *trial) {
  return assay_trial_level(trial) == ASSAY_LEVEL_FULL ? FRESH_NOISE_FULL : FRESH_NOISE_QUICK;
}

/* Those of fresh-noise's sizes that have this lambda go to `list`; returns how many. */
static size_t fresh_with(const fresh_sizes *list[FRESH_NOISE_FULL], const assay_trial *trial, double lambda) {
  size_t count = 0;
  for (size_t i = 0; i < fresh_sizes_at(trial); i++)
    if (fresh_noise_sizes[i].lambda == lambda) list[count++] = &fresh_noise_sizes[i];
  return count;
}

static const double bayes_lambda = 0.25; /* sigma^2: there fresh noise is Bayes optimal */

/* ---- squared error ---- */

static double scaled_mse(const assay_dae_theory *limit, const assay_dae_settings *settings) {
  return (double)settings->samples * iv_mid_d(limit->mse);
}

static double scaled_bayes(const assay_dae_theory *limit, const assay_dae_settings *settings) {
  return (double)settings->samples * iv_mid_d(limit->mse_bayes);
}

static assay_status mse_points(assay_plot *plot, assay_trial *trial, assay_context *context) {
  size_t count = sizes_at(trial);
  assay_series *points = NULL;
  assay_status status = assay_plot_add(&points, plot, "flow, measured", false, count, true, context);
  iv_scope *s = iv_scope_new(WORKING_BITS);
  for (size_t i = 0; !status && i < count; i++) {
    generation *g = NULL;
    finite_part finite;
    status = generation_get(&g, trial, generated_mean_sizes[i], context);
    if (!status) status = finite_part_of(&finite, &g->settings, g->flow.count, context);
    if (status) break;
    double n = (double)g->settings.samples;
    assay_budget_term terms[GENERATED_MEAN_TERMS];
    points->x[i] = n;
    points->y[i] = n * (g->mean_error.value - finite.error);
    points->error[i] = n * generated_mean_budget(terms, s, g, assay_trial_delta(trial));
  }
  iv_scope_free(s);
  return status;
}

static assay_status fresh_mse_points(assay_plot *plot, const char *label, double lambda, assay_trial *trial,
                                     assay_context *context) {
  const fresh_sizes *list[FRESH_NOISE_FULL];
  size_t count = fresh_with(list, trial, lambda);
  assay_series *points = NULL;
  assay_status status = assay_plot_add(&points, plot, label, false, count, true, context);
  iv_scope *s = iv_scope_new(WORKING_BITS);
  for (size_t i = 0; !status && i < count; i++) {
    const fresh_measured *m = NULL;
    finite_part finite;
    status = fresh_measured_get(&m, trial, list[i], context);
    if (!status) status = finite_part_of(&finite, &m->settings, list[i]->count, context);
    if (status) break;
    double n = (double)list[i]->samples;
    assay_budget_term terms[FRESH_NOISE_TERMS];
    fresh_noise_budget(terms, s, list[i], m, assay_trial_delta(trial));
    points->x[i] = n;
    points->y[i] = n * (m->error.value - finite.error);
    for (size_t k = 0; k < FRESH_NOISE_TERMS; k++) points->error[i] += n * terms[k].bound;
  }
  iv_scope_free(s);
  return status;
}

assay_status figure_mse(assay_plot *plot, assay_trial *trial, assay_context *context) {
  assay_dae_settings fixed = learner_of(ASSAY_NOISE_FIXED), fresh = learner_of(ASSAY_NOISE_FRESH);
  double lambda = fresh.lambda.nearest;
  assay_status status = figure_line_over_samples(plot, "flow", &fixed, scaled_mse, context);
  if (!status) status = figure_line_over_samples(plot, "fresh noise", &fresh, scaled_mse, context);
  if (!status) status = figure_line_over_samples(plot, "Bayes", &fixed, scaled_bayes, context);
  if (!status) status = mse_points(plot, trial, context);
  if (!status) status = fresh_mse_points(plot, "fresh noise, measured", lambda, trial, context);
  if (!status) status = fresh_mse_points(plot, "the same, lambda = 0.25", bayes_lambda, trial, context);
  return status;
}

/* ---- cosine ---- */

static double cosine(const assay_dae_theory *limit, const assay_dae_settings *settings) {
  (void)settings;
  return iv_mid_d(limit->cosine);
}

/* The cosine of M mu + Q xi + E eta with mu: 1/sqrt(1 + |rest|^2/|along|^2), where the parts of xi and eta orthogonal
 * to mu make the rest. */
static iv cosine_of(iv_scope *s, const cluster_mean *mean, iv perp) {
  const fluctuation *f = mean->f;
  cluster_overlaps at = cluster_overlaps_at(s, mean, perp, iv_si(s, 0), iv_si(s, 1));
  iv along = iv_add(s, iv_mul(s, at.mu, f->norm2), iv_add(s, iv_mul(s, at.xi, f->xi_mu), iv_mul(s, at.eta, f->eta_mu)));
  iv xi2 = iv_sub(s, f->xi2, iv_div(s, iv_sqr(s, f->xi_mu), f->norm2));
  iv eta2 = iv_sub(s, f->eta2, iv_div(s, iv_sqr(s, f->eta_mu), f->norm2));
  iv xi_eta = iv_sub(s, f->xi_eta, iv_div(s, iv_mul(s, f->xi_mu, f->eta_mu), f->norm2));
  iv rest = iv_add(s, iv_mul(s, iv_sqr(s, at.xi), xi2), iv_mul(s, iv_sqr(s, at.eta), eta2));
  rest = iv_add(s, rest, iv_mul_2si(s, iv_mul(s, iv_mul(s, at.xi, at.eta), xi_eta), 1));
  iv tangent2 = iv_div(s, iv_mul(s, rest, f->norm2), iv_sqr(s, along));
  return iv_inv(s, iv_sqrt(s, iv_add_si(s, tangent2, 1)));
}

/* How far the measured cosine may be from its limit, but for delta. */
static double cosine_bound(iv_scope *s, const generation *g, double delta) {
  enum { DIRECTIONS = 3 };
  size_t mark = iv_mark(s), steps = g->settings.steps;
  fluctuation f = fluctuation_of(s, &g->settings, g->flow.dimension, delta / 2);
  cluster_mean mean = cluster_mean_of(s, &f, g->flow.count, DIRECTIONS, delta / 2);
  fluctuation still = fluctuation_limit(s, &g->settings, g->flow.dimension);
  cluster_mean still_mean = cluster_mean_limit(s, &still, g->flow.count);
  iv image = cosine_of(s, &mean, fluctuation_perp(s, &f, steps, steps));
  iv center = cosine_of(s, &still_mean, fluctuation_perp(s, &still, steps, steps));
  double bound = fluctuation_bound(s, image, center);
  iv_release(s, mark);
  return bound;
}

static assay_status cosine_points(assay_plot *plot, assay_trial *trial, assay_context *context) {
  size_t count = sizes_at(trial);
  assay_series *points = NULL;
  assay_status status = assay_plot_add(&points, plot, "flow, measured", false, count, true, context);
  iv_scope *s = iv_scope_new(WORKING_BITS);
  for (size_t i = 0; !status && i < count; i++) {
    generation *g = NULL;
    finite_part finite;
    status = generation_get(&g, trial, generated_mean_sizes[i], context);
    if (!status) status = finite_part_of(&finite, &g->settings, g->flow.count, context);
    if (status) break;
    points->x[i] = (double)g->settings.samples;
    points->y[i] = g->flow.cosine - finite.cosine;
    points->error[i] = cosine_bound(s, g, assay_trial_delta(trial));
  }
  iv_scope_free(s);
  return status;
}

/* Whatever lambda. Without bars: no claim has a budget for these. */
static assay_status fresh_cosine_points(assay_plot *plot, assay_trial *trial, assay_context *context) {
  size_t count = fresh_sizes_at(trial);
  assay_series *points = NULL;
  assay_status status = assay_plot_add(&points, plot, "fresh noise, measured", false, count, false, context);
  for (size_t i = 0; !status && i < count; i++) {
    const fresh_sizes *at = &fresh_noise_sizes[i];
    const fresh_measured *m = NULL;
    finite_part finite;
    status = fresh_measured_get(&m, trial, at, context);
    if (!status) status = finite_part_of(&finite, &m->settings, at->count, context);
    if (status) break;
    points->x[i] = (double)at->samples;
    points->y[i] = m->cosine - finite.cosine;
  }
  return status;
}

/* The posterior mean is along mu + sigma eta, and so is the mean with fresh noise, whatever lambda. */
static double bayes_cosine(const assay_dae_theory *limit, const assay_dae_settings *settings) {
  (void)limit;
  double sigma = settings->sigma.nearest;
  return 1 / sqrt(1 + sigma * sigma / ((double)settings->samples * settings->norm2.nearest));
}

assay_status figure_cosine(assay_plot *plot, assay_trial *trial, assay_context *context) {
  assay_dae_settings fixed = learner_of(ASSAY_NOISE_FIXED);
  assay_status status = figure_line_over_samples(plot, "flow", &fixed, cosine, context);
  if (!status) status = figure_line_over_samples(plot, "Bayes and fresh noise", &fixed, bayes_cosine, context);
  if (!status) status = cosine_points(plot, trial, context);
  if (!status) status = fresh_cosine_points(plot, trial, context);
  return status;
}
