#include "theory/gmm_diffusion/figures.h"

#include "theory/gmm_diffusion/degree_law.h"
#include "theory/gmm_diffusion/two_atoms.h"

#include <math.h>

enum { WORKING_BITS = 160, FIRST = 1, LAST = 8, FIRST_FITTED = 4, POINTS = LAST - FIRST + 1 };
static const atom_place shown = {2, 1};

static assay_status bound_line(assay_plot *plot, const char *label, assay_gmm_bound bound, const assay_gmm_line *line,
                               assay_context *context) {
  assay_series *series = NULL;
  assay_status status = assay_plot_add(&series, plot, label, true, POINTS, false, context);
  for (int i = 0; i < POINTS && !status; i++) {
    size_t degree = 0;
    status = assay_reference_gmm_degree_bound(&degree, bound, line, degree_law_error(FIRST + i), context);
    series->x[i] = FIRST + i, series->y[i] = (double)degree;
  }
  return status;
}

/* exp(offset) log(1/epsilon)^exponent */
static assay_status fitted_line(assay_plot *plot, const size_t *degrees, assay_context *context) {
  assay_series *series = NULL;
  assay_status status = assay_plot_add(&series, plot, "fitted power of log(1/epsilon)", true, POINTS, false, context);
  if (status) return status;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  degree_fit fit = degree_law_fit(s, degrees + (FIRST_FITTED - FIRST), FIRST_FITTED, LAST);
  for (int i = 0; i < POINTS; i++) {
    double x = FIRST + i;
    series->x[i] = x;
    series->y[i] = exp(iv_mid_d(fit.offset)) * pow(x * log(10), iv_mid_d(fit.exponent));
  }
  iv_scope_free(s);
  return ASSAY_OK;
}

static assay_status draw_degrees(assay_plot *plot, assay_trial *trial, assay_context *context) {
  (void)trial;
  two_atoms atoms;
  two_atoms_set(&atoms, shown);
  size_t degrees[POINTS];
  assay_status status = degree_law_measure(degrees, FIRST, LAST, &atoms.line, context);
  if (!status) status = bound_line(plot, "bound by cumulants", ASSAY_GMM_BOUND_CUMULANTS, &atoms.line, context);
  if (!status) status = bound_line(plot, "bound on the line", ASSAY_GMM_BOUND_LINE, &atoms.line, context);
  if (!status) status = fitted_line(plot, degrees, context);
  assay_series *measured = NULL;
  if (!status) status = assay_plot_add(&measured, plot, "degree", false, POINTS, false, context);
  for (int i = 0; i < POINTS && !status; i++) measured->x[i] = FIRST + i, measured->y[i] = (double)degrees[i];
  return status;
}

const assay_figure assay_gmm_diffusion_figures[] = {
    {.id = "degree-law",
     .title = "Degree that approximates the posterior mean to relative error epsilon; u = +-2, sigma = 1",
     .x_label = "decimal digits, log10(1/epsilon)",
     .y_label = "degree",
     .log_y = true,
     .caption =
         "Points: the first Hermite degree that may be left out, from enclosed coefficients. Lines: the power of "
         "log(1/epsilon) fitted from 1e-4 on, and the degrees that the bounds on derivatives promise: on a line, and "
         "in "
         "any dimension by cumulants.",
     .claim = "gmm-diffusion/degree-law",
     .draw = draw_degrees},
    {.id = "value-of-cells",
     .title = "Error of the learned posterior mean; three components on a line",
     .x_label = "variance of the noise, tau",
     .y_label = "E|U_hat - U|^2",
     .log_x = true,
     .log_y = true,
     .caption = "Points: learned from 400 000 samples with one polynomial, from 1 000 000 with cells. Lines: the least "
                "that polynomials of that degree allow, in one cell or in the learned ones.",
     .claim = "gmm-diffusion/value-of-cells",
     .draw = figure_value_of_cells},
    {.id = "cells-found",
     .title = "Centres of the cells as the noise falls; three components on a line",
     .x_label = "variance of the noise, tau",
     .y_label = "centre",
     .log_x = true,
     .caption = "Points: centres of the learner's cells, from 20 000 samples. Lines: means of the components.",
     .claim = "gmm-diffusion/k-discovered",
     .draw = figure_cells_found},
    {.id = "distance-samples",
     .title = "Distance of the learned law from the truth; three components on a line",
     .x_label = "samples N",
     .y_label = "total variation distance",
     .log_x = true,
     .log_y = true,
     .caption = "Points: of the SDE's outputs over 64 cells, with what chance adds; bars reach down to their lower "
                "bounds at 97.5 %. A fixed degree and fixed steps leave a floor. EM knows more and wins where that is "
                "right; its distance is integrated.",
     .claim = "gmm-diffusion/end-to-end-1d",
     .draw = figure_distance_samples},
    {.id = NULL},
};
