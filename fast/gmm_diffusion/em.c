/* Spherical EM: starts, iterations, and the fit that is kept. */
#include "fast/gmm_diffusion/em.h"

#include <stdlib.h>
#include <string.h>

/* One component at the first row: its sums give the variance. */
assay_status em_data_variance(double *variance, const assay_stream *data, assay_context *context) {
  em_state state = {0};
  assay_status status = em_state_init(&state, 1, data->columns, context);
  if (status) return status;
  state.weight[0] = state.variance[0] = 1.0;
  status = data->read(data, 0, 1, 0, data->columns, state.mean, data->columns, context);
  if (!status) status = em_expect(&state, data, context);
  if (!status) {
    assay_gmm_em_settings own = {.kind = ASSAY_GMM_EM_OWN};
    bool equal = state.squares[0] == 0.0;
    em_maximise(&state, &own, 0x1p-1022);
    *variance = equal ? 0.0 : state.variance[0];
  }
  em_state_clear(&state);
  return status;
}

/* One start and what came of it. */
typedef struct {
  em_state state;
  double *trace;
  size_t iterations;
  assay_gmm_em_stop stop;
} em_run;

typedef struct {
  const assay_stream *data;
  const assay_gmm_em_settings *settings;
  double lowest;
  em_candidates candidates;
  em_state next; /* one iteration ahead */
  em_run run, best;
  size_t best_start;
} em_search;

static assay_status iterate(em_search *search, size_t start, assay_context *context) {
  const assay_gmm_em_settings *settings = search->settings;
  em_run *run = &search->run;
  em_start(&run->state, &search->candidates, settings, start, search->lowest);
  assay_status status = em_expect(&run->state, search->data, context);
  if (status) return status;
  run->trace[0] = run->state.log_likelihood;
  run->stop = ASSAY_GMM_EM_ITERATIONS;
  for (run->iterations = 0; run->iterations < settings->iterations;) {
    double done = ((double)start + (double)run->iterations / (double)settings->iterations) / (double)settings->restarts;
    status = assay_progress(context, "em", done);
    em_state *next = &search->next;
    em_state_copy(next, &run->state);
    em_maximise(next, settings, search->lowest);
    if (!status) status = em_expect(next, search->data, context);
    if (status) return status;
    double gain = next->log_likelihood - run->state.log_likelihood;
    if (gain <= 0.0) { /* the last parameters are as good */
      run->stop = ASSAY_GMM_EM_CONVERGED;
      return ASSAY_OK;
    }
    em_state_copy(&run->state, next);
    run->trace[++run->iterations] = run->state.log_likelihood;
    if (gain <= settings->tolerance || gain <= 2.0 * run->state.rounding) {
      run->stop = ASSAY_GMM_EM_CONVERGED;
      return ASSAY_OK;
    }
  }
  return ASSAY_OK;
}

static void keep_better(em_search *search, size_t start) {
  if (start && !(search->run.state.log_likelihood > search->best.state.log_likelihood)) return;
  em_run better = search->run;
  search->run = search->best;
  search->best = better;
  search->best_start = start;
}

static assay_status search_starts(em_search *search, assay_context *context) {
  for (size_t start = 0; start < search->settings->restarts; start++) {
    assay_status status = iterate(search, start, context);
    if (status) return status;
    keep_better(search, start);
  }
  return ASSAY_OK;
}

static assay_status run_init(em_run *run, size_t n, const assay_gmm_em_settings *settings, assay_context *context) {
  void *memory = NULL;
  if (settings->iterations == SIZE_MAX)
    return assay_fail(context, ASSAY_MEMORY, "em.iterations: %zu values to keep", settings->iterations);
  assay_status status = assay_allocate(&memory, settings->iterations + 1, sizeof(double), "em: trace", context);
  run->trace = memory;
  return status ? status : em_state_init(&run->state, settings->components, n, context);
}

static void run_clear(em_run *run) {
  free(run->trace);
  em_state_clear(&run->state);
}

static assay_status search_init(em_search *search, assay_context *context) {
  size_t n = search->data->columns;
  assay_status status = run_init(&search->run, n, search->settings, context);
  if (!status) status = run_init(&search->best, n, search->settings, context);
  if (!status) status = em_state_init(&search->next, search->settings->components, n, context);
  if (!status) status = em_candidates_init(&search->candidates, search->data, context);
  return status;
}

static void search_clear(em_search *search) {
  run_clear(&search->run);
  run_clear(&search->best);
  em_state_clear(&search->next);
  em_candidates_clear(&search->candidates);
}

/* The mixture of the best run; takes its trace. */
static assay_status report(assay_gmm_em_fit *out, em_search *search, assay_context *context) {
  em_run *best = &search->best;
  const em_state *state = &best->state;
  size_t n = state->dimension, kept = 0;
  for (size_t j = 0; j < state->components; j++) kept += state->weight[j] > 0.0;
  assay_gmm_em_fit fit = {.log_likelihood = state->log_likelihood,
                          .rounding = state->rounding,
                          .iterations = best->iterations,
                          .stop = best->stop,
                          .start = search->best_start};
  assay_status status = assay_mixture_init(&fit.mixture, n, kept, context);
  if (status) return status;
  assay_component *component = fit.mixture.components;
  for (size_t j = 0; j < state->components; j++) {
    if (state->weight[j] == 0.0) continue;
    component->weight = assay_real_of(state->weight[j]);
    component->covariance.variance = assay_real_of(state->variance[j]);
    memcpy(component->mean, state->mean + j * n, n * sizeof(double));
    if (search->settings->kind != ASSAY_GMM_EM_FIXED) fit.floored += state->variance[j] <= search->lowest;
    component++;
  }
  fit.trace = best->trace;
  best->trace = NULL;
  *out = fit;
  return ASSAY_OK;
}

static assay_status check(const assay_stream *data, const assay_gmm_em_settings *settings, assay_context *context) {
  assay_status status = assay_gmm_em_settings_check(settings, context);
  if (status) return status;
  if (data->columns < 1) return assay_fail(context, ASSAY_INVALID, "data: 0 columns; at least 1 is expected");
  if (data->rows < settings->components)
    return assay_fail(context, ASSAY_INVALID, "data: %zu rows; at least the %zu components are expected", data->rows,
                      settings->components);
  return ASSAY_OK;
}

assay_status assay_fast_gmm_em(assay_gmm_em_fit *out, const assay_stream *data, const assay_gmm_em_settings *settings,
                               assay_context *context) {
  em_search search = {.data = data, .settings = settings};
  double variance = 0.0;
  assay_status status = check(data, settings, context);
  if (!status) status = em_data_variance(&variance, data, context);
  if (status) return status;
  if (settings->kind != ASSAY_GMM_EM_FIXED) {
    search.lowest = settings->floor * variance;
    if (!(search.lowest >= 0x1p-1000))
      return assay_fail(context, ASSAY_INVALID, "data: its variance, %g, is too small for a floor", variance);
  }
  status = search_init(&search, context);
  if (!status) status = search_starts(&search, context);
  if (!status) status = report(out, &search, context);
  search_clear(&search);
  return status;
}

void assay_gmm_em_fit_clear(assay_gmm_em_fit *fit) {
  assay_mixture_clear(&fit->mixture);
  free(fit->trace);
  memset(fit, 0, sizeof *fit);
}
