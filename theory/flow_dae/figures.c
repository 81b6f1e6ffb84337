#include "theory/flow_dae/figures.h"

/* Error bars, where nothing else is said, are the error budget of the claim. */
const assay_figure assay_flow_dae_figures[] = {
    {.id = "overlaps",
     .title = "A generated sample along the flow: theory (lines), trained (points); n = 4, d = 200 000",
     .x_label = "time t, from noise to data",
     .y_label = "coefficient in the sample",
     .caption =
         "A generated sample is M mu + Q xi + E eta + P X_0: its coefficients along the cluster's mean, the mean "
         "noise and the mean deviation of the training set, and what is left of its start. Lines: the closed "
         "summary equations (R4); points: the trained flow, with the error budget as bars; 100 steps, sigma = "
         "0.5, lambda = 0.1.",
     .claim = "flow-dae/summary-flow",
     .draw = figure_overlaps},
    {.id = "mse",
     .title = "n times the squared error of the generated mean: the rate 1/n is flat",
     .x_label = "training samples n",
     .y_label = "n x squared error per dimension",
     .log_x = true,
     .caption =
         "Trained with the same noise at every step, as published, the flow misses the cluster's mean by twice "
         "the Bayes-optimal squared error; with noise redrawn at every step it is all but optimal, and optimal at "
         "lambda = sigma^2. Lines: theory for many steps, sigma = 0.5, lambda = 0.1; points: trained flows, d = "
         "20 000 to 1 000 000, less what finitely many steps and generated samples add, with the error budget as "
         "bars.",
     .claim = "flow-dae/fresh-noise",
     .draw = figure_mse},
    {.id = "cosine",
     .title = "Cosine of the generated mean with the cluster's mean",
     .x_label = "training samples n",
     .y_label = "cosine",
     .log_x = true,
     .caption =
         "Direction of the same generated means. Bars contain the measured cosine with the probability that error "
         "budgets do; those of fresh noise are not computed.",
     .claim = "flow-dae/fresh-noise",
     .draw = figure_cosine},
    {.id = "resolution-mean",
     .title = "What generated-mean would refute: relative change of its prediction; d = 50 000",
     .x_label = "training samples n",
     .y_label = "relative change of the predicted error",
     .log_x = true,
     .log_y = true,
     .caption =
         "Points: the smallest relative change of the prediction that this run's evidence would have refuted. "
         "Solid line: the whole error budget. Dashed line: how far away the control, the Bayes-optimal error, is; "
         "where points lie below it, the evidence tells the two apart.",
     .claim = "flow-dae/generated-mean",
     .draw = figure_resolution_mean},
    {.id = "resolution-parameters",
     .title = "What learned-parameters would refute: relative change of its prediction; t = 1/2",
     .x_label = "training samples n",
     .y_label = "relative change of the prediction",
     .log_x = true,
     .log_y = true,
     .caption =
         "Points: the smallest relative change of c and of w's coefficient along mu (that along xi is "
         "proportional to c) that this run's evidence would have refuted; d = 400 000 (n = 2, 4), 1 000 000 (n = "
         "8), 50 000 (beyond). Line: how far away the control's c is, with n in the place of n - 1.",
     .claim = "flow-dae/learned-parameters",
     .draw = figure_resolution_parameters},
    {.id = "basins",
     .title = "Random starts that end at the labels: alternating minimisation (d = 2000), Adam",
     .x_label = "time t, from noise to data",
     .y_label = "share of starts",
     .caption =
         "Alternating between the pattern of signs and the fit for it, from 60 random starts w ~ N(0, I) at each "
         "t, on one training set for each n: not all end at the labels. Lines: the limit of infinite d; towards "
         "t = 0 the labels' margin drowns in fluctuations of the size of 1/sqrt(d). Adam, trained as published in "
         "220 trials at each t, reaches them where d is large enough for its t (n = 4, d = 500 at t = 0.1, d = 300 "
         "later; at t = 0.02, n = 8, d = 100 it is not; n = 16 and 64 too at the full level). sigma = 0.5, lambda = "
         "0.1; bars: Clopper and Pearson's 95 % intervals.",
     .claim = "flow-dae/adam-reaches-labels",
     .draw = figure_basins},
    {.id = "budget-dimension",
     .title = "Error budget of generated-mean against d; n = 16, K = 100, N = 400",
     .x_label = "dimension d",
     .y_label = "part of the predicted error",
     .log_x = true,
     .log_y = true,
     .caption =
         "The terms of the budget (lines; rounding, below 1e-9, is left out) and how far three runs were from the "
         "prediction (points). Discretisation is what finite steps change: the claim predicts it (R4), so that "
         "its budget needs no term for it.",
     .claim = "flow-dae/generated-mean",
     .draw = figure_budget_dimension},
    {.id = "budget-steps",
     .title = "Error budget of generated-mean against K; n = 16, d = 50 000, N = 400",
     .x_label = "steps K",
     .y_label = "part of the predicted error",
     .log_x = true,
     .log_y = true,
     .caption = "As before: with fewer than about 15 steps, taking Euler's steps for the exact flow would be refuted.",
     .claim = "flow-dae/generated-mean",
     .draw = figure_budget_steps},
    {.id = "budget-samples",
     .title = "Error budget of generated-mean against N; n = 16, d = 50 000, K = 100",
     .x_label = "generated samples N",
     .y_label = "part of the predicted error",
     .log_x = true,
     .log_y = true,
     .caption =
         "As before: from about 20 generated samples on the training set's own fluctuation, which only a larger d "
         "lowers, is the larger part.",
     .claim = "flow-dae/generated-mean",
     .draw = figure_budget_samples},
    {.id = NULL},
};
