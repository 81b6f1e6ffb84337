/* Parameters and sums of spherical EM: memory, and the M-step. */
#include "fast/gmm_diffusion/em.h"

#include <stdlib.h>
#include <string.h>

static size_t doubles_of(size_t k, size_t n) { return 4 * k + 2 * k * n; }

assay_status em_state_init(em_state *out, size_t components, size_t dimension, assay_context *context) {
  size_t k = components, n = dimension;
  if (n > SIZE_MAX / 64 || k > SIZE_MAX / 64 / (n + 2))
    return assay_fail(context, ASSAY_MEMORY, "em: %zu components in %zu dimensions", k, n);
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, doubles_of(k, n), sizeof(double), "em", context);
  if (status) return status;
  double *next = memory;
  *out = (em_state){.components = k, .dimension = n, .memory = memory, .weight = next};
  out->variance = next += k;
  out->counts = next += k;
  out->squares = next += k;
  out->mean = next += k;
  out->moments = next + k * n;
  return ASSAY_OK;
}

void em_state_clear(em_state *state) {
  free(state->memory);
  memset(state, 0, sizeof *state);
}

void em_state_copy(em_state *to, const em_state *from) {
  memcpy(to->memory, from->memory, doubles_of(from->components, from->dimension) * sizeof(double));
  to->log_likelihood = from->log_likelihood;
  to->rounding = from->rounding;
}

/* m' = m + sum p (x - m)/N_j; returns sum p |x - m'|^2 = D_j - N_j |m' - m|^2. */
static double move_mean(em_state *state, size_t j) {
  size_t n = state->dimension;
  double step2 = 0.0, *mean = state->mean + j * n;
  for (size_t c = 0; c < n; c++) {
    double step = state->moments[j * n + c] / state->counts[j];
    mean[c] += step;
    step2 += step * step;
  }
  return state->squares[j] - state->counts[j] * step2;
}

static double at_least(double lowest, double value) { return value > lowest ? value : lowest; }

void em_maximise(em_state *state, const assay_gmm_em_settings *settings, double lowest) {
  /* Below this, quotients by the count would lose bits to underflow; such a share of the rows is 0 to any double. */
  const double vanishing = 0x1p-960;
  double n = (double)state->dimension, rows = 0.0, spread = 0.0;
  for (size_t j = 0; j < state->components; j++)
    if (!(state->counts[j] > vanishing)) state->counts[j] = 0.0;
  for (size_t j = 0; j < state->components; j++) rows += state->counts[j];
  for (size_t j = 0; j < state->components; j++) {
    state->weight[j] = state->counts[j] / rows;
    if (state->weight[j] == 0.0) continue;
    double square = move_mean(state, j);
    spread += square;
    if (settings->kind == ASSAY_GMM_EM_OWN) state->variance[j] = at_least(lowest, square / (n * state->counts[j]));
  }
  if (settings->kind == ASSAY_GMM_EM_COMMON)
    for (size_t j = 0; j < state->components; j++) state->variance[j] = at_least(lowest, spread / (n * rows));
}
