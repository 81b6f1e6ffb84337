/* Generated samples along the w's of a flow, each by its coefficients. */
#include "fast/flow_dae/problem.h"
#include "fast/flow_dae/samples.h"
#include "fast/flow_dae/transport.h"

#include <math.h>
#include <string.h>

static void fill_steps(assay_dae_samples *samples, dae_sample_steps *steps, const assay_dae_settings *settings) {
  samples->perp[0] = 1;
  for (size_t j = 0; j < samples->steps; j++) {
    dae_stride stride = dae_stride_at(settings, j);
    double alpha = stride.path.alpha.value;
    steps->grow[j] = (samples->fits[j].c * stride.stretch.value + stride.alpha_end.value) / alpha;
    steps->kick[j] = stride.stretch.value / alpha;
    steps->turn[j] = 0;
    samples->perp[j + 1] = samples->perp[j] * steps->grow[j];
  }
}

/* <w_j, X_j> = perp_j <w_j, X_0> + sum_k<j along_k <w_j, w_k>. */
static void move_sample(assay_dae_samples *samples, size_t i, dae_sample_steps *steps,
                        const dae_sample_products *products, assay_activation activation) {
  size_t rows = products->rows;
  double *along = samples->along + i * samples->steps, scale = sqrt((double)samples->dimension);
  int first = 0;
  bool steady = true;
  for (size_t j = 0; j < samples->steps; j++) {
    double overlap = samples->perp[j] * products->start[i * rows + j] + dae_inner(along, products->gram + j * rows, j);
    int sign = (overlap > 0) - (overlap < 0);
    double turn = dae_activation(activation, scale * overlap, NULL, NULL);
    if (j == 0) first = sign;
    steady = steady && sign == first;
    for (size_t k = 0; k < j; k++) along[k] *= steps->grow[j];
    along[j] = steps->kick[j] * turn;
    steps->turn[j] += first * turn / (double)samples->count;
  }
  samples->signs[i] = (signed char)first;
  samples->steady[i] = steady;
  samples->sign_changes += !steady;
}

assay_status dae_samples_move(assay_dae_samples *samples, dae_sample_steps *steps, const dae_sample_products *products,
                              const assay_dae_settings *settings, assay_activation activation, assay_context *context) {
  fill_steps(samples, steps, settings);
  for (size_t i = 0; i < samples->count; i++) {
    move_sample(samples, i, steps, products, activation);
    assay_status status = assay_progress(context, "generating", (double)(i + 1) / (double)samples->count);
    if (status) return status;
  }
  return ASSAY_OK;
}
