/* fast/flow_dae/problem.h: the fit at one time in orthonormal coordinates of the span that w stays in.
 *
 * Coordinates are those of dae_subspace: vectors over sqrt(d), so that with phi's argument <w, x>_d/sqrt(d) = s <w, x>,
 * s = sqrt(d), the loss per dimension is
 *   F(c, w) = sum_i |r_i|^2 + lambda |w|^2,  r_i = x_1^i - c x_t^i - w p_i,  p_i = phi(s <w, x_t^i>).
 * Its derivatives: with k_i = s phi'_i <w, r_i>,
 *   dF/dw = 2 (lambda w - sum (p_i r_i + k_i x_t^i)),  dF/dc = -2 sum <x_t^i, r_i>. */
#ifndef ASSAY_FAST_FLOW_DAE_PROBLEM_H
#define ASSAY_FAST_FLOW_DAE_PROBLEM_H

#include <assay/fast.h>

typedef struct {
  size_t samples, rank;  /* n, m */
  const double *x0, *x1; /* n x m */
  double *xt;            /* n x m at the time set */
  double alpha, beta;    /* likewise */
  double tt, t1;         /* sum |x_t|^2, sum <x_t, x_1> */
  double scale;          /* s */
  double lambda;
  bool skip;
  assay_activation activation;
} dae_problem;

void dae_problem_at(dae_problem *problem, assay_schedule schedule, double time);

/* phi and its first two derivatives; sign has derivatives 0. */
double dae_activation(assay_activation activation, double x, double *first, double *second);

double dae_inner(const double *a, const double *b, size_t length);
void dae_add(double *y, double factor, const double *x, size_t length);

/* pattern: sign of <w, x_t^i>; an overlap of 0 leaves its entry as it is. Returns whether any entry changed. */
bool dae_pattern_of(signed char *pattern, const dae_problem *problem, const double *w);

/* The least squares fit for a pattern h (flow-dae section 2), in the form without cancellation near the ends (see
 * label_solution.h). work: 2 m. */
void dae_pattern_fit(double *c, double *w, const dae_problem *problem, const signed char *pattern, double *work);

/* The best c for this w; 0 without skip connection. */
double dae_best_skip(const dae_problem *problem, const double *w);

/* F, and dF/dc and dF/dw (m). work: m. */
double dae_loss(double *slope_c, double *slope_w, const dae_problem *problem, double c, const double *w, double *work);

/* The norm of the d-dimensional loss' gradient, over d: that of w's d entries is sqrt(d) times that of its coordinates.
 */
double dae_gradient_norm(const dae_problem *problem, double slope_c, const double *slope_w);

/* Descents from (c, w) in place; both return whether they ended at a stationary point, and count their iterations.
 * alternate: pattern, fit, pattern, ... until the pattern stays or is that of the fit before last; starts from
 * `pattern`, where it leaves the last one.
 * newton: for tanh and erf. */
assay_status dae_alternate(double *c, double *w, signed char *pattern, bool *stationary, size_t *iterations,
                           const dae_problem *problem, size_t most, assay_context *context);
assay_status dae_newton(double *c, double *w, bool *stationary, size_t *iterations, const dae_problem *problem,
                        size_t most, assay_context *context);

#endif
