/* The polynomials of a level from its normal equations, and what is wrong with them.
 *
 * Graded order makes the features of every lower degree a prefix, and the Cholesky factor of a prefix is the prefix of
 * the factor: the fits of all degrees cost one factorisation. The two halves of the samples, fitted apart, judge each
 * other at every degree. */
#include "fast/gmm_diffusion/learner.h"

#include "fast/gmm_diffusion/moments.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Draws a feature below which a cell's degree is lowered. */
enum { DRAWS_A_FEATURE = 10 };

/* One half's equations, or both together. */
typedef struct {
  const double *gram, *right; /* p x p (lower), p x n */
  double squares, draws;
} equations;

/* sizes and memory that the cells share */
typedef struct {
  const gmm_features *features;
  double ridge;
  size_t p, n;
  double *factor[2], *forward[2], *scale[2]; /* of the halves: p x p, p x n, p */
  double *solution[2], *product;             /* p x n each */
  double *bias, *variance;         /* degree + 1: of one cell, summed over its draws, bias but for a constant */
  double degree_error, data_error; /* sums over the level's cells */
} fitter;

static equations equations_at(const fitter *f, const double *sums) {
  const double *right = sums + f->p * f->p, *scalars = right + f->p * f->n;
  return (equations){sums, right, scalars[0], scalars[1]};
}

/* Factor and forward solution of (G + ridge diag G) c = b, scaled to diagonal 1: with S = diag(G)^-1/2, (S G S +
 * ridge) = L L', L forward = S b. A feature that is 0 everywhere gets coefficient 0. */
static bool factorise(const fitter *f, const equations *e, size_t half) {
  size_t p = f->p, n = f->n;
  double *factor = f->factor[half], *forward = f->forward[half], *scale = f->scale[half];
  for (size_t k = 0; k < p; k++) {
    double diagonal = e->gram[k * p + k];
    scale[k] = diagonal > 0 ? 1 / sqrt(diagonal) : 0;
    for (size_t l = 0; l < k; l++) factor[k * p + l] = e->gram[k * p + l] * scale[k] * scale[l];
    factor[k * p + k] = 1 + f->ridge;
    for (size_t j = 0; j < n; j++) forward[k * n + j] = e->right[k * n + j] * scale[k];
  }
  if (!gmm_cholesky(factor, p)) return false;
  cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, (blasint)p, (blasint)n, 1, factor,
              (blasint)p, forward, (blasint)n);
  return true;
}

/* The coefficients of the fit with the first q features into `out` (q x n). */
static void solve(double *out, const fitter *f, size_t half, size_t q) {
  size_t n = f->n;
  memcpy(out, f->forward[half], q * n * sizeof *out);
  cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, (blasint)q, (blasint)n, 1,
              f->factor[half], (blasint)f->p, out, (blasint)n);
  for (size_t k = 0; k < q; k++)
    for (size_t j = 0; j < n; j++) out[k * n + j] *= f->scale[half][k];
}

/* tr c' G c, c of q features. */
static double quadratic(const fitter *f, const double *gram, const double *c, size_t q) {
  size_t n = f->n;
  cblas_dsymm(CblasRowMajor, CblasLeft, CblasLower, (blasint)q, (blasint)n, 1, gram, (blasint)f->p, c, (blasint)n, 0,
              f->product, (blasint)n);
  return cblas_ddot((blasint)(q * n), c, 1, f->product, 1);
}

/* sum |target - c' phi|^2 over the draws of e. */
static double risk(const fitter *f, const equations *e, const double *c, size_t q) {
  return e->squares - 2 * cblas_ddot((blasint)(q * f->n), c, 1, e->right, 1) + quadratic(f, e->gram, c, q);
}

/* Degree d: the variance of a half's fit, (c_A - c_B)' (G_A + G_B) (c_A - c_B)/2, and what the fits leave on the other
 * half less that variance. */
static void judge(const fitter *f, const equations half[2], size_t d) {
  size_t q = f->features->prefix[d];
  for (size_t h = 0; h < 2; h++) solve(f->solution[h], f, h, q);
  double cross = risk(f, &half[1], f->solution[0], q) + risk(f, &half[0], f->solution[1], q);
  for (size_t k = 0; k < q * f->n; k++) f->solution[0][k] -= f->solution[1][k];
  f->variance[d] = (quadratic(f, half[0].gram, f->solution[0], q) + quadratic(f, half[1].gram, f->solution[0], q)) / 2;
  f->bias[d] = cross - f->variance[d];
}

static size_t affordable_degree(const gmm_features *features, double draws) {
  size_t degree = features->degree;
  while (degree > 0 && DRAWS_A_FEATURE * (double)features->prefix[degree] > draws) degree--;
  return degree;
}

/* The degree with the least risk, bias + variance of the fit to both halves (half of that of one half's). */
static size_t best_degree(const fitter *f, size_t most) {
  size_t best = 0;
  for (size_t d = 1; d <= most; d++)
    if (f->bias[d] + f->variance[d] / 2 < f->bias[best] + f->variance[best] / 2) best = d;
  return best;
}

/* What degree d + 1 adds to the cross-validated risk of a function that has none of it has mean 0 and this standard
 * deviation: a product of both halves' coefficient for each of Q, when the variance of all of them is Q times that. The
 * degree is chosen by that very risk, so what is left of d + 1 may well be as large. */
static double unseen_bias(const fitter *f, size_t d) {
  size_t coefficients = (f->features->prefix[d + 1] - f->features->prefix[d]) * f->n;
  return fmax(f->variance[d + 1] - f->variance[d], 0) / sqrt((double)coefficients);
}

/* Squared bias of degree d. Where higher degrees were tried, what they would have gained and what that cannot tell;
 * else extrapolated from lower ones. Odd or even degrees may add nothing, by symmetry, so degrees are taken in pairs;
 * what the next pairs would add is a geometric series, its ratio at most 0.9 (1/2 where two pairs cannot be
 * compared). */
static double remaining_bias(const fitter *f, size_t d, size_t most) {
  const double *bias = f->bias;
  double gain = 0;
  for (size_t higher = d + 1; higher <= most; higher++) gain = fmax(gain, bias[d] - bias[higher]);
  if (d < most) return gain + unseen_bias(f, d);
  double last = fmax(bias[d >= 2 ? d - 2 : 0] - bias[d], 0);
  if (d < 4) return last;
  double before = bias[d - 4] - bias[d - 2], ratio = before > 0 ? fmin(last / before, 0.9) : 0.9;
  return last * ratio / (1 - ratio);
}

/* One cell: its degree, the fit of both halves together, its share of the level's errors. `sums`: half 0, then 1. */
static assay_status fit_cell(fitter *f, gmm_piece *piece, size_t cell, double *sums, size_t size,
                             assay_context *context) {
  const equations half[2] = {equations_at(f, sums), equations_at(f, sums + size)};
  assay_gmm_cell *out = &piece->cell[cell];
  double draws = half[0].draws + half[1].draws;
  size_t most = affordable_degree(f->features, draws);
  bool solved = factorise(f, &half[0], 0) && factorise(f, &half[1], 1);
  for (size_t d = 0; solved && d <= most; d++) judge(f, half, d);
  for (size_t k = 0; k < size; k++) sums[k] += sums[size + k];
  equations all = equations_at(f, sums);
  solved = solved && factorise(f, &all, 0);
  if (!solved)
    return assay_fail(context, ASSAY_PRECISION,
                      "level tau = %.17g, cell %zu: normal equations without Cholesky factor (ridge %g)",
                      piece->level.tau, cell, f->ridge);
  out->weight = draws; /* a share once all are known */
  out->degree = best_degree(f, most);
  f->degree_error += remaining_bias(f, out->degree, most);
  f->data_error += fmax(f->variance[out->degree], 0) / 2;
  solve(piece->coefficients + cell * f->p * f->n, f, 0, f->features->prefix[out->degree]);
  return ASSAY_OK;
}

static assay_status fitter_init(fitter *f, void **memory, const gmm_problem *problem, assay_context *context) {
  size_t p = problem->features.count, n = problem->features.dimension, degrees = problem->features.degree + 1;
  size_t matrix = p * p, block = p * n, numbers = 2 * matrix + 5 * block + 2 * p + 2 * degrees;
  assay_status status = assay_allocate(memory, numbers, sizeof(double), "fit", context);
  if (status) return status;
  double *next = *memory;
  *f = (fitter){.features = &problem->features, .ridge = problem->settings.ridge, .p = p, .n = n};
  for (size_t h = 0; h < 2; h++) {
    f->factor[h] = next + h * (matrix + 2 * block + p);
    f->forward[h] = f->factor[h] + matrix;
    f->solution[h] = f->forward[h] + block;
    f->scale[h] = f->solution[h] + block;
  }
  f->product = f->scale[1] + p;
  f->bias = f->product + block;
  f->variance = f->bias + degrees;
  return ASSAY_OK;
}

assay_status gmm_fit(gmm_piece *piece, double *sums, const gmm_problem *problem, assay_context *context) {
  void *memory = NULL;
  fitter f;
  assay_status status = fitter_init(&f, &memory, problem, context);
  if (status) return status;
  size_t size = gmm_equations_size(&problem->features);
  for (size_t c = 0; !status && c < piece->level.cells; c++)
    status = fit_cell(&f, piece, c, sums + 2 * c * size, size, context);
  double draws = (double)problem->samples->rows * (double)problem->settings.draws;
  for (size_t c = 0; c < piece->level.cells; c++) piece->cell[c].weight /= draws;
  /* of E|s_hat - s|^2 = E|U_hat - U|^2/sigma^4 */
  double scale = draws * (1 + piece->level.tau) * (1 + piece->level.tau);
  piece->level.degree_error = f.degree_error / scale;
  piece->level.data_error = f.data_error / scale;
  free(memory);
  return status;
}
