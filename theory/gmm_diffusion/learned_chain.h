/* theory/gmm_diffusion/learned_chain.h: an experiment that claims and figures share: samples of a known truth, a model
 * learned from them, new samples by its SDE, and the divergence of its paths. */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_LEARNED_CHAIN_H
#define ASSAY_THEORY_GMM_DIFFUSION_LEARNED_CHAIN_H

#include "theory/gmm_diffusion/path_divergence.h"

#include <assay/gmm_fast.h>
#include <assay/theory.h>
#include <assay/variation.h>

typedef struct {
  const known_truth *truth;
  size_t samples, degree; /* to learn from; of the polynomials */
  double ratio, radius;   /* of levels; R, 0: from the samples */
  bool one_cell;          /* at every level */
  size_t outputs, paths;  /* to generate; for the divergence */
  double cut;             /* for the divergence */
} chain_size;

typedef struct {
  chain_size size;
  assay_gmm_model model;
  double *outputs; /* outputs x n */
  path_divergence divergence;
} learned_chain;

/* Of the experiment's seed: samples are streams 0 and 1. */
assay_status learned_chain_get(const learned_chain **out, assay_trial *trial, const chain_size *size,
                               assay_context *context);

/* Of the outputs' law from the truth, by cells of a line or a plane (assay/variation.h). */
assay_status learned_chain_variation(assay_variation *out, const learned_chain *chain, size_t bins, double delta,
                                     assay_context *context);

/* "line N=1000 D=3", and what differs from the learner's defaults. */
enum { CHAIN_NAME = 96 };
void chain_name(char out[CHAIN_NAME], const chain_size *size);

#endif
