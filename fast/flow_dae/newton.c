/* tanh and erf: Newton's method on (c, w) with a damping that makes every step a descent.
 *
 * With the data of one time, H/2 is
 *   ww: (sum p_i^2 + lambda) I - sum s phi'_i [(r_i - p_i w) x_t^i' + x_t^i (r_i - p_i w)']
 *       + sum s^2 (phi'_i^2 |w|^2 - phi''_i <w, r_i>) x_t^i x_t^i',
 *   wc: sum (p_i + s phi'_i <w, x_t^i>) x_t^i,   cc: sum |x_t^i|^2.
 * Why Newton: where phi saturates, H is close to (sum p^2 + lambda) I and any method works; where it does not, the last
 * sum is of size d in n directions, which first-order methods cannot follow. H + damping I is factored by Cholesky; the
 * damping grows until that succeeds and the loss falls, and shrinks after every step taken. */
#include "fast/flow_dae/problem.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Variables are w and, last, c. */
typedef struct {
  const dae_problem *problem;
  size_t size;            /* m + 1, or m without skip connection */
  double *hessian;        /* size x size, lower triangle, of F/2 */
  double *factor;         /* its Cholesky factor with damping */
  double *slope, *step;   /* size: gradient of F/2; Newton's step */
  double *trial, *turned; /* size */
  double *rest, *work;    /* m */
} newton;

static double skip_of(const newton *n, const double *at) { return n->problem->skip ? at[n->problem->rank] : 0; }

/* F/2 and its gradient. */
static double evaluate(const newton *n, const double *at, double *slope) {
  double slope_c, loss = dae_loss(&slope_c, slope, n->problem, skip_of(n, at), at, n->work);
  if (n->problem->skip) slope[n->problem->rank] = slope_c;
  for (size_t k = 0; k < n->size; k++) slope[k] /= 2;
  return loss / 2;
}

/* hessian += a x x' (lower triangle). */
static void add_square(const newton *n, double a, const double *x) {
  for (size_t k = 0; k < n->problem->rank; k++) dae_add(n->hessian + k * n->size, a * x[k], x, k + 1);
}

/* hessian += a (x y' + y x'). */
static void add_pair(const newton *n, double a, const double *x, const double *y) {
  for (size_t k = 0; k < n->problem->rank; k++) {
    dae_add(n->hessian + k * n->size, a * x[k], y, k + 1);
    dae_add(n->hessian + k * n->size, a * y[k], x, k + 1);
  }
}

static void fill_hessian(const newton *n, const double *at) {
  const dae_problem *problem = n->problem;
  size_t m = problem->rank;
  double diagonal = problem->lambda, c = skip_of(n, at), w2 = dae_inner(at, at, m), s = problem->scale;
  memset(n->hessian, 0, n->size * n->size * sizeof(double));
  for (size_t i = 0; i < problem->samples; i++) {
    const double *xt = problem->xt + i * m, *x1 = problem->x1 + i * m;
    double slope, bend, overlap = dae_inner(at, xt, m);
    double p = dae_activation(problem->activation, s * overlap, &slope, &bend);
    for (size_t k = 0; k < m; k++) n->rest[k] = x1[k] - c * xt[k] - at[k] * p;
    double along = dae_inner(at, n->rest, m);
    diagonal += p * p;
    if (slope > 0) {
      dae_add(n->rest, -p, at, m);
      add_pair(n, -s * slope, n->rest, xt);
      add_square(n, s * s * (slope * slope * w2 - bend * along), xt);
    }
    if (problem->skip) dae_add(n->hessian + m * n->size, p + s * slope * overlap, xt, m);
  }
  for (size_t k = 0; k < m; k++) n->hessian[k * n->size + k] += diagonal;
  if (problem->skip) n->hessian[m * n->size + m] = problem->tt;
}

/* L L' = H + damping I; false when that is not positive definite. */
static bool factorise(const newton *n, double damping) {
  size_t size = n->size;
  for (size_t k = 0; k < size; k++) {
    double *row = n->factor + k * size;
    for (size_t l = 0; l <= k; l++) {
      const double *other = n->factor + l * size;
      double sum = n->hessian[k * size + l] - dae_inner(row, other, l);
      if (l < k)
        row[l] = sum / other[l];
      else if (!(sum + damping > 0))
        return false;
      else
        row[k] = sqrt(sum + damping);
    }
  }
  return true;
}

/* step = -(L L')^-1 slope */
static void solve(const newton *n) {
  size_t size = n->size;
  for (size_t k = 0; k < size; k++)
    n->step[k] = (-n->slope[k] - dae_inner(n->factor + k * size, n->step, k)) / n->factor[k * size + k];
  for (size_t k = size; k-- > 0;) {
    n->step[k] /= n->factor[k * size + k];
    dae_add(n->step, -n->step[k], n->factor + k * size, k);
  }
}

static double norm(const double *x, size_t size) { return sqrt(dae_inner(x, x, size)); }

/* The gradient that rounding alone leaves: its terms are p r and k x_t, and an error of w by an ulp moves it by as much
 * as the curvature, whose trace bounds it; 64: a few dozen roundings in either. */
static double rounding_slope(const newton *n, const double *at) {
  double trace = 0;
  for (size_t k = 0; k < n->size; k++) trace += fabs(n->hessian[k * n->size + k]);
  double data = sqrt((double)n->problem->samples *
                     dae_inner(n->problem->x1, n->problem->x1, n->problem->samples * n->problem->rank));
  return 64 * DBL_EPSILON * (data + trace * norm(at, n->size));
}

/* Whether the step with this damping counts: the loss falls as its gradient says, or, where that is below the loss'
 * rounding `noise`, the gradient halves. */
static bool try_step(const newton *n, const double *at, double loss, double *reached, double damping, double slope,
                     double noise) {
  if (!factorise(n, damping)) return false;
  solve(n);
  for (size_t k = 0; k < n->size; k++) n->trial[k] = at[k] + n->step[k];
  double expected = -0.5 * dae_inner(n->slope, n->step, n->size);
  *reached = evaluate(n, n->trial, n->turned);
  if (expected > noise) return loss - *reached > 1e-4 * expected;
  return fabs(*reached - loss) <= noise && norm(n->turned, n->size) < 0.5 * slope;
}

/* One step that counts; false when no damping makes one. */
static bool take_step(const newton *n, double *at, double *loss, double *damping) {
  double size = norm(n->hessian, n->size * n->size) + 1, least = 1e-6 * size, most = 1e6 * size;
  double slope = norm(n->slope, n->size), noise = 16 * DBL_EPSILON * (double)n->problem->samples * fabs(*loss);
  double reached = *loss;
  while (!try_step(n, at, *loss, &reached, *damping, slope, noise)) {
    *damping = fmax(4 * *damping, least);
    if (*damping >= most) return false;
  }
  memcpy(at, n->trial, n->size * sizeof *at);
  memcpy(n->slope, n->turned, n->size * sizeof *at);
  *loss = reached;
  *damping = *damping > least ? *damping / 8 : 0;
  return true;
}

static void run(newton *n, double *at, bool *stationary, size_t *iterations, size_t most) {
  double loss = evaluate(n, at, n->slope), damping = 0;
  *stationary = false;
  for (*iterations = 0;; ++*iterations) {
    fill_hessian(n, at);
    *stationary = norm(n->slope, n->size) <= rounding_slope(n, at);
    if (*iterations == most || !take_step(n, at, &loss, &damping)) return;
  }
}

assay_status dae_newton(double *c, double *w, bool *stationary, size_t *iterations, const dae_problem *problem,
                        size_t most, assay_context *context) {
  size_t m = problem->rank, size = m + problem->skip;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, 2 * size + 7, size * sizeof(double), "Newton's method", context);
  if (status) return status;
  double *next = memory, *at = next + 2 * size * size;
  newton n = {.problem = problem, .size = size, .hessian = next, .factor = next + size * size};
  n.slope = at + size;
  n.step = at + 2 * size;
  n.trial = at + 3 * size;
  n.turned = at + 4 * size;
  n.rest = at + 5 * size;
  n.work = at + 6 * size;
  memcpy(at, w, m * sizeof *w);
  if (problem->skip) at[m] = *c;
  run(&n, at, stationary, iterations, most);
  memcpy(w, at, m * sizeof *w);
  *c = problem->skip ? at[m] : 0;
  free(memory);
  return ASSAY_OK;
}
