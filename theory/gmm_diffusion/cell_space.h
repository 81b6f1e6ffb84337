/* theory/gmm_diffusion/cell_space.h: the functions that the learner chooses from in one cell on a line, U(y) = centre +
 * a polynomial in z = (y - centre)/sigma cut to |z| <= clip (assay/gmm_fast.h), with enclosed inner products under the
 * law of y, and the best of them.
 *
 * y = u + g sqrt(variance), u from the atoms of a mixture of unit Gaussians. As E[u | y] is the projection of u,
 *   E|E[u | y] - f(y)|^2 = E|u - f(y)|^2 - E Var(u | y),
 * and E|u - f(y)|^2 is a sum of moments of normal laws on intervals: nothing is integrated numerically. */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_CELL_SPACE_H
#define ASSAY_THEORY_GMM_DIFFUSION_CELL_SPACE_H

#include "reference/core/interval.h"

#include <assay/gmm_fast.h>

enum { CELL_MOST_DEGREE = 12, CELL_SIZE = CELL_MOST_DEGREE + 1, CELL_MOMENTS = 4 * CELL_MOST_DEGREE + 1 };
enum { LAW_MOST_ATOMS = 4 };

/* residual: E Var(u | y). */
typedef struct {
  size_t atoms;
  iv weight[LAW_MOST_ATOMS], place[LAW_MOST_ATOMS];
  iv variance, residual;
} noised_law;

/* y as the learner makes it at level tau: its noise is multiplied by the double next to sqrt(tau), exactly. truth:
 * components of variance 1 on a line. */
assay_status noised_law_init(noised_law *out, iv_scope *s, const assay_mixture *truth, double tau,
                             assay_context *context);

/* Where a cell is: y between `left` and `right` (doubles or infinite; the learner's own decision at the border is the
 * same but for roundings), and how z is made. */
typedef struct {
  size_t degree;
  double centre, sigma, clip;
  iv left, right; /* NULL: unbounded */
} cell_place;

/* h_a below are normalised probabilists' Hermite polynomials of the cut z. Lower triangles. */
typedef struct {
  size_t degree;
  iv centre, low, high;                    /* z goes from low to high */
  iv moment[LAW_MOST_ATOMS][CELL_MOMENTS]; /* weight E[z^i; y in the cell | u at the atom], i <= 4 degree */
  iv hermite[CELL_SIZE][CELL_SIZE];        /* h_a = sum_i hermite[a][i] z^i */
  iv gram[CELL_SIZE][CELL_SIZE];           /* E[h_a h_b; cell] */
  iv right[CELL_SIZE], square;             /* E[(u - centre) h_a; cell], E[(u - centre)^2; cell] */
  iv inverse_factor[CELL_SIZE][CELL_SIZE]; /* of gram's Cholesky factor: its rows give orthonormal functions */
  iv best[CELL_SIZE];                      /* coefficients of the best f - centre */
  iv best_error;                           /* E[(u - f)^2; cell] of the best */
} cell_space;

/* ASSAY_PRECISION: the scope's bits do not suffice for a factor. */
assay_status cell_space_init(cell_space *out, iv_scope *s, const noised_law *law, const cell_place *place,
                             assay_context *context);

/* E[(u - f)^2; cell] for coefficients (degree + 1 of them). */
iv cell_space_error(iv_scope *s, const cell_space *cell, const double *coefficients);

/* E[(u - best)^2 phi phi'; cell] for the orthonormal functions phi: the full matrix. */
void cell_space_noise(iv out[CELL_SIZE][CELL_SIZE], iv_scope *s, const cell_space *cell, const noised_law *law);

/* E[|phi|^2 phi phi'; cell], likewise. */
void cell_space_spread(iv out[CELL_SIZE][CELL_SIZE], iv_scope *s, const cell_space *cell, const noised_law *law);

/* h_0, ..., h_degree at z. */
void cell_space_values(iv *out, iv_scope *s, size_t degree, iv z);

#endif
