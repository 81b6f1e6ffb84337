/* Figures budget-dimension, budget-steps and budget-samples: what the measured error of the generated mean may differ
 * from its prediction by, as one of d, K and N grows and the others stay as in generated-mean; all relative to the
 * prediction. */
#include "theory/flow_dae/figures.h"
#include "theory/flow_dae/generated_mean.h"

#include <math.h>

enum { BASE = 1, WORKING_BITS = 160, MOST_SIZES = 8 };
enum { DIMENSION, SAMPLING, DISCRETISATION, PARTS };
static const char *const part_labels[PARTS] = {"dimension", "sampling", "discretisation"};

/* generated_mean_sizes[BASE] but for one size: the budget is computed for each, and measured where it is `made`. */
typedef struct {
  void (*set)(generation_sizes *sizes, size_t value);
  size_t count, sizes[MOST_SIZES];
  bool made[MOST_SIZES];
} budget_axis;

typedef struct {
  double part[PARTS], deviation;
} budget_parts;

/* Error of the mean of N samples, in K steps and in continuous time: what steps change is known exactly, so that the
 * claim predicts it instead of allowing for it. */
static assay_status predict(double *in_steps, double *in_time, const generation *g, assay_context *context) {
  assay_dae_theory limit;
  assay_dae_theory_init(&limit);
  generation still = {.settings = g->settings};
  assay_status status = generated_mean_limit(&limit, g, context);
  double N = (double)g->flow.count;
  if (!status) *in_steps = iv_mid_d(limit.mse) + iv_mid_d(limit.cluster_variance) / N;
  still.settings.steps = 0;
  if (!status) status = generated_mean_limit(&limit, &still, context);
  if (!status) *in_time = iv_mid_d(limit.mse) + iv_mid_d(limit.cluster_variance) / N;
  assay_dae_theory_clear(&limit);
  return status;
}

static assay_status parts_of(budget_parts *out, const generation *g, double delta, assay_context *context) {
  double in_steps = 0, in_time = 0;
  assay_status status = predict(&in_steps, &in_time, g, context);
  if (status) return status;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_budget_term terms[GENERATED_MEAN_TERMS];
  (void)generated_mean_budget(terms, s, g, delta);
  iv_scope_free(s);
  *out = (budget_parts){.deviation = fabs(g->mean_error.value - in_steps) / in_steps};
  for (size_t i = 0; i < GENERATED_MEAN_TERMS; i++) {
    if (terms[i].term == ASSAY_TERM_DIMENSION) out->part[DIMENSION] += terms[i].bound / in_steps;
    if (terms[i].term == ASSAY_TERM_SAMPLING) out->part[SAMPLING] += terms[i].bound / in_steps;
  }
  out->part[DISCRETISATION] = fabs(in_steps - in_time) / in_steps;
  return ASSAY_OK;
}

/* A generation with these sizes before it is made: all of its budget but rounding is known. */
static generation planned(generation_sizes sizes) {
  generation g = {.flow = {.dimension = sizes.training.dimension, .count = sizes.count}};
  g.settings = assay_dae_settings_of(sizes.training.samples, assay_real_of(sizes.training.sigma),
                                     assay_real_of(sizes.training.lambda));
  g.settings.steps = sizes.steps;
  return g;
}

static assay_status parts_at(budget_parts *out, const budget_axis *axis, size_t i, assay_trial *trial,
                             assay_context *context) {
  generation_sizes sizes = generated_mean_sizes[BASE];
  axis->set(&sizes, axis->sizes[i]);
  generation before = planned(sizes), *g = &before;
  assay_status status = axis->made[i] ? generation_get(&g, trial, sizes, context) : ASSAY_OK;
  return status ? status : parts_of(out, g, assay_trial_delta(trial), context);
}

static assay_status draw(assay_plot *plot, const budget_axis *axis, assay_trial *trial, assay_context *context) {
  assay_series *lines[PARTS] = {NULL}, *points = NULL;
  size_t runs = 0;
  for (size_t i = 0; i < axis->count; i++) runs += axis->made[i];
  assay_status status = ASSAY_OK;
  for (size_t p = 0; !status && p < PARTS; p++)
    status = assay_plot_add(&lines[p], plot, part_labels[p], true, axis->count, false, context);
  if (!status) status = assay_plot_add(&points, plot, "measured: off by", false, runs, false, context);
  for (size_t i = 0, run = 0; !status && i < axis->count; i++) {
    budget_parts parts;
    status = parts_at(&parts, axis, i, trial, context);
    if (status) break;
    for (size_t p = 0; p < PARTS; p++) lines[p]->x[i] = (double)axis->sizes[i], lines[p]->y[i] = parts.part[p];
    if (axis->made[i]) points->x[run] = (double)axis->sizes[i], points->y[run++] = parts.deviation;
  }
  return status;
}

static void set_dimension(generation_sizes *sizes, size_t d) { sizes->training.dimension = d; }
static void set_steps(generation_sizes *sizes, size_t K) { sizes->steps = K; }
static void set_count(generation_sizes *sizes, size_t N) { sizes->count = N; }

assay_status figure_budget_dimension(assay_plot *plot, assay_trial *trial, assay_context *context) {
  static const budget_axis axis = {
      set_dimension, 8, {100, 200, 500, 1600, 5000, 16000, 50000, 1000000}, {[2] = true, [4] = true, [6] = true}};
  return draw(plot, &axis, trial, context);
}

assay_status figure_budget_steps(assay_plot *plot, assay_trial *trial, assay_context *context) {
  static const budget_axis axis = {set_steps, 5, {2, 10, 32, 100, 1000}, {[1] = true, [3] = true, [4] = true}};
  return draw(plot, &axis, trial, context);
}

assay_status figure_budget_samples(assay_plot *plot, assay_trial *trial, assay_context *context) {
  static const budget_axis axis = {
      set_count, 8, {1, 2, 4, 10, 40, 100, 400, 4000}, {[2] = true, [4] = true, [6] = true}};
  return draw(plot, &axis, trial, context);
}
