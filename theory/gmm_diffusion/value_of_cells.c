/* Claim gmm-diffusion/value-of-cells: with a polynomial of its own in each cell the learner reaches errors that no
 * single polynomial of the same degree can. */
#include "theory/gmm_diffusion/learned_line.h"
#include "theory/gmm_diffusion/paper.h"

enum { TAUS = 2, SIZES_QUICK = 2, SIZES_FULL = 4 };
static const double taus[TAUS] = {0.5, 0.25};

/* The budget must hold for all cells that the learner might have chosen, two or three at these levels: at a million
 * samples it is .01 to .03, while one polynomial leaves .12 and .16 (D = 3) or .045 and .043 (D = 5). */
static const learned_sizes sizes[SIZES_FULL] = {
    {1000000, 3, true}, {1000000, 5, true}, {4000000, 3, true}, {4000000, 5, true}};

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_FULL ? SIZES_FULL : SIZES_QUICK;
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < count && !status; i++) {
    const learned_line *learned = NULL;
    line_control control = {.degree = sizes[i].degree, .one_cell = true};
    status = learned_line_get(&learned, trial, sizes[i], context);
    for (size_t t = 0; t < TAUS && !status; t++)
      status = learned_line_measure(trial, learned, taus[t], control, context);
  }
  return status;
}

const assay_claim assay_gmm_diffusion_value_of_cells = {
    .id = "gmm-diffusion/value-of-cells",
    .statement =
        "With a polynomial of degree D in each cell that the learner finds, E|U_hat - U|^2 is the least that these "
        "cells "
        "allow, but for chance that falls like 1/N: a fraction of what one polynomial of degree D must leave.",
    .source = "derived here for the Voronoi cells of arXiv:2404.18869; matrix Laplace transform (Tropp 2012), Bousquet "
              "2002",
    .control = "the least error of one polynomial of degree D: cells bring nothing",
    .sizes = {"weights .3, .4, .3 at -3, .5, 4; tau = 1/2, 1/4; D = 3, 5; N = 1e6", "the same, and with N = 4e6"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {(size_t)SIZES_QUICK * TAUS, (size_t)SIZES_FULL *TAUS},
    .gather = gather,
};
