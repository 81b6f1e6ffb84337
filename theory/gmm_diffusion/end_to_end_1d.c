/* Claim gmm-diffusion/end-to-end-1d: learned from samples alone, the SDE's outputs have the samples' law. */
#include "theory/gmm_diffusion/end_to_end.h"
#include "theory/gmm_diffusion/paper.h"

static const struct {
  size_t samples, degree;
} sizes[END_TO_END_LINES_FULL] = {{1000, 8},  {10000, 8},  {100000, 8},  {1000, 3},
                                  {10000, 3}, {100000, 3}, {1000000, 3}, {1000000, 8}};

static const double ratio = 1.15, cut = 0.5;

chain_size end_to_end_line(size_t index, assay_level level) {
  bool full = level == ASSAY_LEVEL_FULL;
  return (chain_size){.truth = &known_truth_line,
                      .samples = sizes[index].samples,
                      .degree = sizes[index].degree,
                      .ratio = ratio,
                      .outputs = full ? 1000000 : 200000,
                      .paths = full ? 100000 : 20000,
                      .cut = cut};
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  static const double along[] = {1};
  assay_level level = assay_trial_level(trial);
  size_t count = level == ASSAY_LEVEL_FULL ? END_TO_END_LINES_FULL : END_TO_END_LINES_QUICK;
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < count; i++) {
    chain_size size = end_to_end_line(i, level);
    const learned_chain *chain = NULL;
    status = learned_chain_get(&chain, trial, &size, context);
    if (!status) status = end_to_end_measure(trial, chain, along, 1, context);
  }
  return status;
}

const assay_claim assay_gmm_diffusion_end_to_end_1d = {
    .id = "gmm-diffusion/end-to-end-1d",
    .statement =
        "Learned from N samples of a mixture of three unit Gaussians on a line, without their number, the SDE's "
        "outputs have the samples' law: over 64 cells their total variation distance is within sqrt(KL/2), KL that of "
        "the learned chain from the true one, and chance.",
    .source = "arXiv:2404.18869: a mixture's law is learned by diffusion; the learner's constants and the bound are "
              "this project's (gmm-diffusion sections 2 and 3)",
    .control = "the distance of the Gaussian with the truth's mean and variance",
    .sizes = {"weights 3:4:3 at -4, 1/2, 5; ratio 1.15; D = 8 with N = 1000, 10 000, 100 000, D = 3 with N = 1000, 10 "
              "000; 200 000 outputs",
              "the same with N = 1000, 10 000, 100 000, 1 000 000 each; 1 000 000 outputs"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {END_TO_END_LINES_QUICK, END_TO_END_LINES_FULL},
    .gather = gather,
};
