/* Claim gmm-diffusion/degree-law: how many degrees a polynomial needs to approximate the posterior mean.
 *
 * With u = +-a, m(z) = a tanh(a z) has its next pole at i pi/(2a), and coefficients that fall like exp(-pi sqrt(2
 * d)/(2a)): the degree for a relative error epsilon in L^2 grows like (2a log(1/epsilon)/pi)^2. The bounds on
 * derivatives give tail_D <= min_L b_L^2 R^{2L+2}/(D ... (D-L+1)), which is (2R log(1/epsilon)/pi)^2 too to leading
 * order with the line's b_L, and (R log(1/epsilon)/log 2)^2 with cumulants' in any dimension. */
#include "theory/gmm_diffusion/degree_law.h"
#include "theory/gmm_diffusion/paper.h"
#include "theory/gmm_diffusion/two_atoms.h"

#include "reference/gmm_diffusion/derivative_bound.h"

#include <assay/reference.h>

#include <stdio.h>

enum { GOAL_BITS = 40, WORKING_BITS = 160, NAME = 96 };

enum { PLACES_QUICK = 3, PLACES_FULL = 5 };
static const atom_place places[PLACES_FULL] = {{1, 2}, {1, 1}, {2, 1}, {1, 4}, {3, 1}};

enum { FITTED_QUICK = 2, FITTED_FULL = 3, FIRST_ERROR = 4, LAST_ERROR = 8 };
static const atom_place fitted[FITTED_FULL] = {{3, 2}, {2, 1}, {3, 1}};

enum { ERRORS = 3, BOUNDS = 2, ITEMS_PER_PLACE = ERRORS * BOUNDS + BOUNDS, ITEMS_PER_FIT = 2 };
static const int errors[ERRORS] = {2, 4, 8};
static const assay_gmm_bound bounds[BOUNDS] = {ASSAY_GMM_BOUND_CUMULANTS, ASSAY_GMM_BOUND_LINE};
static const char *const bound_names[BOUNDS] = {"bound by cumulants", "bound on the line"};

assay_real degree_law_error(int k) {
  static const assay_real powers[] = {{1e-1, "1e-1"}, {1e-2, "1e-2"}, {1e-3, "1e-3"}, {1e-4, "1e-4"},
                                      {1e-5, "1e-5"}, {1e-6, "1e-6"}, {1e-7, "1e-7"}, {1e-8, "1e-8"}};
  return powers[k - 1];
}

assay_status degree_law_measure(size_t *degrees, int first, int last, const assay_gmm_line *line,
                                assay_context *context) {
  assay_status status = ASSAY_OK;
  for (int k = first; k <= last && !status; k++)
    status = assay_reference_gmm_degree(&degrees[k - first], line, degree_law_error(k), context);
  return status;
}

/* x = log(k log 10), y = log D. */
degree_fit degree_law_fit(iv_scope *s, const size_t *degrees, int first, int last) {
  mpfi_ptr sum_x = iv_new(s), sum_y = iv_new(s), sum_xx = iv_new(s), sum_xy = iv_new(s);
  iv ten = iv_log(s, iv_ui(s, 10));
  for (int k = first; k <= last; k++) {
    iv x = iv_log(s, iv_mul_si(s, ten, k)), y = iv_log(s, iv_ui(s, degrees[k - first]));
    mpfi_add(sum_x, sum_x, x), mpfi_add(sum_y, sum_y, y);
    mpfi_add(sum_xx, sum_xx, iv_sqr(s, x)), mpfi_add(sum_xy, sum_xy, iv_mul(s, x, y));
  }
  iv count = iv_si(s, last - first + 1);
  iv above = iv_sub(s, iv_mul(s, count, sum_xy), iv_mul(s, sum_x, sum_y));
  iv below = iv_sub(s, iv_mul(s, count, sum_xx), iv_sqr(s, sum_x));
  degree_fit fit = {.exponent = iv_div(s, above, below)};
  fit.offset = iv_div(s, iv_sub(s, sum_y, iv_mul(s, fit.exponent, sum_x)), count);
  return fit;
}

/* ---- degrees against bounds ---- */

static assay_status compare_degrees(assay_trial *trial, iv_scope *s, const two_atoms *atoms, int k, size_t *largest,
                                    assay_context *context) {
  size_t degree = 0, bounded = 0;
  assay_real epsilon = degree_law_error(k);
  assay_status status = assay_reference_gmm_degree(&degree, &atoms->line, epsilon, context);
  for (size_t b = 0; b < BOUNDS && !status; b++) {
    char name[NAME];
    (void)snprintf(name, sizeof name, "%s epsilon=%s degree < %s", atoms->name, epsilon.exact, bound_names[b]);
    status = assay_reference_gmm_degree_bound(&bounded, bounds[b], &atoms->line, epsilon, context);
    if (!status) status = assay_trial_decide(trial, name, iv_ui(s, degree), ASSAY_LESS, iv_ui(s, bounded), NULL);
  }
  *largest = degree > *largest ? degree : *largest;
  return status;
}

/* The largest tail_D/bound_D over D <= degree. */
static assay_status largest_share(mpfi_ptr out, iv_scope *s, mpfi_srcptr tails, assay_gmm_bound bound, atom_place a,
                                  size_t degree, assay_context *context) {
  derivative_bounds derivatives;
  iv ratio = iv_ratio(s, a.numerator, a.denominator), square = iv_sqr(s, ratio);
  assay_status status = derivative_bounds_init(&derivatives, s, bound, iv_mid_d(ratio), degree, 0, context);
  if (status) return status;
  mpfi_set_ui(out, 0);
  for (size_t D = 0; D <= degree; D++) {
    size_t mark = iv_mark(s);
    iv most = iv_mul(s, square, derivative_tail(s, &derivatives, ratio, D, 0));
    mpfi_set(out, iv_max(s, out, iv_div(s, &tails[D], most)));
    iv_release(s, mark);
  }
  derivative_bounds_clear(&derivatives);
  return ASSAY_OK;
}

static assay_status compare_tails(assay_trial *trial, iv_scope *s, const two_atoms *atoms, atom_place a, size_t degree,
                                  assay_context *context) {
  mpfi_ptr tails = NULL;
  assay_status status = assay_enclosures_init(&tails, degree + 1, context);
  if (status) return status;
  status = assay_reference_gmm_tails(tails, &atoms->line, degree + 1, GOAL_BITS, context);
  for (size_t b = 0; b < BOUNDS && !status; b++) {
    char name[NAME];
    (void)snprintf(name, sizeof name, "%s largest tail_D/%s, D <= %zu", atoms->name, bound_names[b], degree);
    mpfi_ptr share = iv_new(s);
    status = largest_share(share, s, tails, bounds[b], a, degree, context);
    if (!status) status = assay_trial_decide(trial, name, share, ASSAY_LESS, iv_ui(s, 1), NULL);
  }
  assay_enclosures_clear(tails, degree + 1);
  return status;
}

static assay_status at_place(assay_trial *trial, iv_scope *s, atom_place a, assay_context *context) {
  two_atoms atoms;
  two_atoms_set(&atoms, a);
  size_t largest = 0;
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < ERRORS && !status; i++)
    status = compare_degrees(trial, s, &atoms, errors[i], &largest, context);
  return status ? status : compare_tails(trial, s, &atoms, a, largest, context);
}

/* ---- the exponent ---- */

/* Within a tenth of 2; the control's, of 1. */
static assay_status fit_place(assay_trial *trial, iv_scope *s, atom_place a, assay_context *context) {
  two_atoms atoms;
  two_atoms_set(&atoms, a);
  size_t degrees[LAST_ERROR - FIRST_ERROR + 1];
  assay_status status = degree_law_measure(degrees, FIRST_ERROR, LAST_ERROR, &atoms.line, context);
  if (status) return status;
  iv exponent = degree_law_fit(s, degrees, FIRST_ERROR, LAST_ERROR).exponent;
  char name[NAME];
  (void)snprintf(name, sizeof name, "%s exponent of log(1/epsilon) > 1.8", atoms.name);
  status = assay_trial_decide(trial, name, exponent, ASSAY_GREATER, iv_ratio(s, 9, 5), iv_ratio(s, 4, 5));
  if (status) return status;
  (void)snprintf(name, sizeof name, "%s exponent of log(1/epsilon) < 2.2", atoms.name);
  return assay_trial_decide(trial, name, exponent, ASSAY_LESS, iv_ratio(s, 11, 5), iv_ratio(s, 6, 5));
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  bool quick = assay_trial_level(trial) == ASSAY_LEVEL_QUICK;
  size_t place_count = quick ? PLACES_QUICK : PLACES_FULL, fit_count = quick ? FITTED_QUICK : FITTED_FULL;
  assay_status status = ASSAY_OK;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  for (size_t i = 0; i < place_count + fit_count && !status; i++) {
    size_t mark = iv_mark(s);
    status = i < place_count ? at_place(trial, s, places[i], context)
                             : fit_place(trial, s, fitted[i - place_count], context);
    iv_release(s, mark);
  }
  iv_scope_free(s);
  return status;
}

const assay_claim assay_gmm_diffusion_degree_law = {
    .id = "gmm-diffusion/degree-law",
    .statement =
        "For u = +-a and unit noise, the least degree D of a polynomial that approximates the posterior mean to "
        "relative "
        "error epsilon in L^2(N(0, 1)) is below the bounds by cumulants (any dimension) and on the line, each tail at "
        "most its bound, and grows like log(1/epsilon) to a power in [1.8, 2.2] for epsilon from 1e-4 to 1e-8.",
    .source = "derived here (gmm-diffusion section 3) for the polynomial regression of arXiv:2404.18869",
    .control = "D grows like log(1/epsilon) to a power in [0.8, 1.2]",
    .sizes = {"a in {1/2, 1, 2}, epsilon in {1e-2, 1e-4, 1e-8}; powers for a in {3/2, 2}, 5 epsilon",
              "a in {1/4, 1/2, 1, 2, 3}, epsilon in {1e-2, 1e-4, 1e-8}; powers for a in {3/2, 2, 3}, 5 epsilon"},
    .kind = ASSAY_PROOF,
    .comparisons = {(size_t)PLACES_QUICK * ITEMS_PER_PLACE + (size_t)FITTED_QUICK * ITEMS_PER_FIT,
                    (size_t)PLACES_FULL *ITEMS_PER_PLACE + (size_t)FITTED_FULL *ITEMS_PER_FIT},
    .gather = gather,
};
