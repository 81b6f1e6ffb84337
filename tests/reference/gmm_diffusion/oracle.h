/* tests/reference/gmm_diffusion/oracle.h: the posterior mean on a line by Tweedie's formula, m = x + (log p)'(x), with
 * p the density of y in units of sigma about the centre, as power series and integrals of Arb. */
#ifndef ASSAY_TESTS_REFERENCE_GMM_DIFFUSION_ORACLE_H
#define ASSAY_TESTS_REFERENCE_GMM_DIFFUSION_ORACLE_H

#include <acb_poly.h>
#include <arb.h>
#include <assay/gmm_reference.h>

enum { ORACLE_BITS = 128, ORACLE_PIECES = 4 };

/* A law of dyadic numbers, and the line that says the same. */
typedef struct {
  size_t count;
  double weight[ORACLE_PIECES], left[ORACLE_PIECES], right[ORACLE_PIECES], sigma, centre;
} oracle_law;

typedef struct {
  assay_gmm_piece piece[ORACLE_PIECES];
  assay_gmm_line line;
} oracle_line;
void oracle_line_set(oracle_line *out, const oracle_law *law); /* points into itself */

enum { ORACLE_LAWS = 6 };
extern const oracle_law oracle_laws[ORACLE_LAWS];

/* Series of piece i's part of p (i = count: of p) around x, `length` coefficients. */
void oracle_density(acb_poly_t out, const oracle_law *law, size_t i, const acb_t x, slong length, slong prec);

/* E f over x ~ N(0, 1): a coefficient of m's series (power 1), or its square (power 2), times order!. To about
 * 2^-64, in units of sigma. */
void oracle_derivative(arb_t out, const oracle_law *law, unsigned order, unsigned power);

/* 1 - int sum_i p_i^2/p. */
void oracle_far_mass(arb_t out, const oracle_law *law);

/* The posterior mean at x in double, plainly; atoms only. */
double oracle_mean(const oracle_law *law, double x);

#endif
