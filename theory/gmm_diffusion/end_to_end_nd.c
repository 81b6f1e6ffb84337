/* Claim gmm-diffusion/end-to-end-nd: the same in 2, 5 and 10 dimensions, seen along the lines through two means and
 * along the axes. */
#include "theory/gmm_diffusion/end_to_end.h"
#include "theory/gmm_diffusion/paper.h"

#include <stdlib.h>

enum { SIZES_QUICK = 2, SIZES_FULL = 5, ITEMS = 2, BITS = 128 };

static const chain_size sizes[SIZES_FULL] = {
    {&known_truth_plane, 20000, 4, 1.25, 0, false, 100000, 50000, 10},
    {&known_truth_five, 20000, 3, 1.25, 0, false, 100000, 50000, 10},
    {&known_truth_plane, 200000, 8, 1.1, 0, false, 500000, 200000, 10},
    {&known_truth_five, 200000, 4, 1.25, 0, false, 500000, 200000, 10},
    {&known_truth_ten, 200000, 2, 1.25, 0, false, 500000, 200000, 10},
};

/* Differences of means, then axes; returns how many. */
static size_t fill_directions(double *out, const known_truth *truth) {
  size_t n = truth->dimension, count = 0;
  for (size_t i = 0; i < truth->count; i++)
    for (size_t j = 0; j < i; j++, count++)
      for (size_t c = 0; c < n; c++) out[count * n + c] = truth->means[i * n + c] - truth->means[j * n + c];
  for (size_t c = 0; c < n; c++, count++) out[count * n + c] = 1;
  return count;
}

/* The line along which the Gaussian with the truth's moments is farthest from it. */
static const double *line_of_control(const double *directions, size_t count, const known_truth *truth) {
  iv_scope *s = iv_scope_new(BITS);
  size_t best = 0;
  double most = 0;
  for (size_t i = 0; i < count; i++) {
    double distance = iv_mid_d(moment_matched_distance(s, truth, directions + i * truth->dimension));
    if (distance > most) most = distance, best = i;
  }
  iv_scope_free(s);
  return directions + best * truth->dimension;
}

static assay_status at_size(assay_trial *trial, const chain_size *size, assay_context *context) {
  size_t n = size->truth->dimension, most = size->truth->count * size->truth->count + n;
  void *directions = NULL;
  const learned_chain *chain = NULL;
  assay_status status = assay_allocate(&directions, most, n * sizeof(double), "directions", context);
  if (!status) status = learned_chain_get(&chain, trial, size, context);
  if (!status) {
    size_t count = fill_directions(directions, size->truth);
    status = end_to_end_measure(trial, chain, directions, count, context);
    if (!status) status = end_to_end_measure(trial, chain, line_of_control(directions, count, size->truth), 1, context);
  }
  free(directions);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_FULL ? SIZES_FULL : SIZES_QUICK;
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < count; i++) status = at_size(trial, &sizes[i], context);
  return status;
}

const assay_claim assay_gmm_diffusion_end_to_end_nd = {
    .id = "gmm-diffusion/end-to-end-nd",
    .statement =
        "In 2, 5 and 10 dimensions too the SDE's outputs, learned from N samples of a mixture of three unit Gaussians "
        "without their number, have the samples' law: along every line through two of the means and along every axis "
        "their total variation distance, over 64 cells, is within sqrt(KL/2) and chance.",
    .source = "arXiv:2404.18869, as end-to-end-1d",
    .control =
        "the distance of the Gaussian with the truth's mean and covariance, along the one of these lines where it is "
        "largest",
    .sizes = {"three components 8 to 11 apart; N = 20 000, ratio 1.25, 100 000 outputs: n = 2 with D = 4, n = 5 with D "
              "= 3",
              "the same; and N = 200 000, 500 000 outputs: n = 2 with D = 8 and ratio 1.1, n = 5 with D = 4, n = 10 "
              "with D = 2"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {(size_t)ITEMS * SIZES_QUICK, (size_t)ITEMS *SIZES_FULL},
    .gather = gather,
};
