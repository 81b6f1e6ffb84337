/* How far least squares is from the best function of its space.
 *
 * A sample's target is T = u + sigma' eta, eta ~ N(0, 1) independent of u and y: with y = u + g + r xi it is x - xi/r =
 * u + (g - xi/r), and g - xi/r is independent of g + r xi; sigma'^2 = 1 + 1/r^2. In functions phi orthonormal under y's
 * law (p of them), with the samples' Gram matrix H = (1/N) sum phi phi' (H = I on average), the fit is off by
 *   H^-1 (1/N) sum phi_i (sigma' eta_i + w_i),  w = u - U*(y), E w phi = 0.
 * With probability 1 - e^-x or more each,
 *   H >= 1 - epsilon, epsilon = sqrt(2 K (x + log p)/N), K >= the largest eigenvalue of E|phi|^2 phi phi' (the matrix
 *     Laplace transform of J. A. Tropp, Found. Comput. Math. 12, 2012, section 3, with exp(-X) <= 1 - X + X^2/2 for
 *     X >= 0: no sample makes H small, so that no bound of |phi| is needed),
 *   |H^-1 (sigma'/N) sum phi eta|^2 <= sigma'^2 (p + 2 sqrt(p x) + 2 x)/(N (1 - epsilon)), as it is normal given the
 *     ys (chi-square tail: B. Laurent, P. Massart, Ann. Statist. 28, 2000, lemma 1),
 *   |(1/N) sum phi w| <= m + sqrt(2 x (l + 2 B m)/N) + B x/(3 N), m = sqrt(tr M/N), M = E w^2 phi phi', l >= its
 * largest eigenvalue, |phi w| <= B (O. Bousquet, C. R. Acad. Sci. Paris 334, 2002). The cells depend on the samples. So
 * each holds for all cells at once: centres are doubles, of which there are 2^64, and a union over all lists of k
 * centres with their degrees adds log(2^64 (D + 1)) to x for each cell, and log 2 for each so that all k are covered.
 */
#include "theory/gmm_diffusion/level_fit.h"

#include <math.h>

enum { BITS = 128, EVENTS = 4 };

/* A polynomial of degree n on an interval is at most 1/cos(pi n/(2 m)) times its largest value at the m Chebyshev nodes
 * (H. Ehlich, K. Zeller, Math. Z. 86, 1964). */
enum { NODES_A_DEGREE = 16, MOST_NODES = NODES_A_DEGREE * 2 * CELL_MOST_DEGREE };

typedef struct {
  iv leverage; /* largest |phi|^2 */
  iv reach;    /* largest |u - U*| */
} cell_bounds;

/* Values of h at node i of m. */
static void values_at(iv values[CELL_SIZE], iv_scope *s, const cell_space *cell, size_t i, size_t m) {
  iv half = iv_mul_2si(s, iv_sub(s, cell->high, cell->low), -1);
  iv middle = iv_mul_2si(s, iv_add(s, cell->high, cell->low), -1);
  iv angle = iv_mul(s, iv_pi(s), iv_ratio(s, (long)(2 * i + 1), (long)(2 * m)));
  cell_space_values(values, s, cell->degree, iv_add(s, middle, iv_mul(s, half, iv_cos(s, angle))));
}

static iv leverage_of(iv_scope *s, const cell_space *cell, const iv values[CELL_SIZE]) {
  iv sum = iv_si(s, 0);
  for (size_t a = 0; a <= cell->degree; a++) {
    iv phi = iv_si(s, 0);
    for (size_t b = 0; b <= a; b++) phi = iv_add(s, phi, iv_mul(s, cell->inverse_factor[a][b], values[b]));
    sum = iv_add(s, sum, iv_sqr(s, phi));
  }
  return sum;
}

static iv reach_of(iv_scope *s, const cell_space *cell, const noised_law *law, const iv values[CELL_SIZE]) {
  iv best = cell->centre, reach = iv_si(s, 0);
  for (size_t a = 0; a <= cell->degree; a++) best = iv_add(s, best, iv_mul(s, cell->best[a], values[a]));
  for (size_t k = 0; k < law->atoms; k++) reach = iv_max(s, reach, iv_abs(s, iv_sub(s, law->place[k], best)));
  return reach;
}

static cell_bounds bounds_of(iv_scope *s, const cell_space *cell, const noised_law *law) {
  size_t m = cell->degree > 0 ? (size_t)NODES_A_DEGREE * 2 * cell->degree : 1;
  mpfi_ptr leverage = iv_new(s), reach = iv_new(s);
  for (size_t i = 0; i < m; i++) {
    size_t mark = iv_mark(s);
    iv values[CELL_SIZE];
    values_at(values, s, cell, i, m);
    mpfi_set(leverage, iv_max(s, leverage, leverage_of(s, cell, values)));
    mpfi_set(reach, iv_max(s, reach, reach_of(s, cell, law, values)));
    iv_release(s, mark);
  }
  iv worst = iv_inv(s, iv_cos(s, iv_div(s, iv_pi(s), iv_ui(s, (unsigned long)2 * NODES_A_DEGREE))));
  return (cell_bounds){iv_mul(s, leverage, worst), iv_mul(s, reach, worst)};
}

/* An upper bound of a positive matrix's largest eigenvalue: |M^8|_F^(1/8). Its trace, too. */
static iv largest_eigenvalue(iv_scope *s, iv M[CELL_SIZE][CELL_SIZE], size_t size, iv *trace) {
  enum { SQUARINGS = 3 };
  iv power[CELL_SIZE][CELL_SIZE], next[CELL_SIZE][CELL_SIZE], sum = iv_si(s, 0);
  *trace = iv_si(s, 0);
  for (size_t a = 0; a < size; a++) {
    *trace = iv_add(s, *trace, M[a][a]);
    for (size_t b = 0; b < size; b++) power[a][b] = M[a][b];
  }
  for (int k = 0; k < SQUARINGS; k++) {
    for (size_t a = 0; a < size; a++)
      for (size_t b = 0; b < size; b++) {
        next[a][b] = iv_si(s, 0);
        for (size_t i = 0; i < size; i++) next[a][b] = iv_add(s, next[a][b], iv_mul(s, power[a][i], power[i][b]));
      }
    for (size_t a = 0; a < size; a++)
      for (size_t b = 0; b < size; b++) power[a][b] = next[a][b];
  }
  for (size_t a = 0; a < size; a++)
    for (size_t b = 0; b < size; b++) sum = iv_add(s, sum, iv_sqr(s, power[a][b]));
  for (int k = 0; k <= SQUARINGS; k++) sum = iv_sqrt(s, sum);
  return sum;
}

/* ---- the learner's arithmetic ---- */

/* With every h_a at most H_a (the recurrence with all signs positive), sums of N products and all roundings of features
 * and factorisation move the normal equations by at most omega H_a H_b and omega H_a times the targets' root mean
 * square: gamma_N of the sums, 5 roundings for each step of the recurrence, 4 p^2 of the factorisation, in units of
 * 2^-53, twice as many for products of these; and the ridge. That moves the fit by L^-1 of omega H (rms + sum H |c|).
 */
static iv rounding_of(iv_scope *s, const cell_space *cell, const double *coefficients, iv clip, iv omega, iv rms) {
  size_t size = cell->degree + 1;
  iv H[CELL_SIZE], sum = rms, norm2 = iv_si(s, 0);
  for (size_t a = 0; a < size; a++) {
    H[a] = iv_si(s, 1);
    if (a > 0) H[a] = iv_mul(s, clip, H[a - 1]);
    if (a > 1) H[a] = iv_add(s, H[a], iv_mul(s, iv_sqrt(s, iv_ui(s, a - 1)), H[a - 2]));
    if (a > 0) H[a] = iv_div(s, H[a], iv_sqrt(s, iv_ui(s, a)));
    sum = iv_add(s, sum, iv_mul(s, H[a], iv_abs(s, iv_d(s, coefficients[a]))));
  }
  for (size_t a = 0; a < size; a++) {
    iv entry = iv_si(s, 0);
    for (size_t b = 0; b <= a; b++) entry = iv_add(s, entry, iv_mul(s, iv_abs(s, cell->inverse_factor[a][b]), H[b]));
    norm2 = iv_add(s, norm2, iv_sqr(s, entry));
  }
  return iv_mul(s, iv_mul(s, omega, sum), iv_sqrt(s, norm2));
}

/* ---- all together ---- */

typedef struct {
  iv spread, product, trace, largest; /* K, B, tr M, l */
  iv reach;                           /* largest |u - centre| */
} level_bounds;

static level_bounds level_bounds_of(iv_scope *s, const level_space *space) {
  iv zero = iv_si(s, 0);
  level_bounds out = {zero, zero, zero, zero, zero};
  for (size_t c = 0; c < space->cells; c++) {
    const cell_space *cell = &space->cell[c];
    iv noise[CELL_SIZE][CELL_SIZE], trace = NULL;
    cell_bounds at = bounds_of(s, cell, &space->law);
    cell_space_noise(noise, s, cell, &space->law);
    out.largest = iv_max(s, out.largest, largest_eigenvalue(s, noise, cell->degree + 1, &trace));
    out.trace = iv_add(s, out.trace, trace);
    cell_space_spread(noise, s, cell, &space->law);
    out.spread = iv_max(s, out.spread, largest_eigenvalue(s, noise, cell->degree + 1, &trace));
    out.product = iv_max(s, out.product, iv_mul(s, iv_sqrt(s, at.leverage), at.reach));
    for (size_t k = 0; k < space->law.atoms; k++)
      out.reach = iv_max(s, out.reach, iv_abs(s, iv_sub(s, space->law.place[k], cell->centre)));
  }
  return out;
}

/* p + 2 sqrt(p x) + 2 x */
static iv chi_square_reach(iv_scope *s, iv p, iv x) {
  return iv_add(s, iv_add(s, p, iv_mul_2si(s, iv_sqrt(s, iv_mul(s, p, x)), 1)), iv_mul_2si(s, x, 1));
}

static iv bounded_part(iv_scope *s, const level_bounds *b, iv N, iv x) {
  iv mean = iv_sqrt(s, iv_div(s, b->trace, N));
  iv variance = iv_add(s, b->largest, iv_mul_2si(s, iv_mul(s, b->product, mean), 1));
  iv spread = iv_sqrt(s, iv_div(s, iv_mul_2si(s, iv_mul(s, x, variance), 1), N));
  return iv_add(s, iv_add(s, mean, spread), iv_div(s, iv_mul(s, b->product, x), iv_mul_si(s, N, 3)));
}

fit_budget fit_budget_of(const level_space *space, const assay_gmm_model *model, const size_t *index, double delta) {
  iv_scope *s = iv_scope_new(BITS);
  level_bounds bounds = level_bounds_of(s, space);
  iv N = iv_ui(s, model->samples), p = iv_ui(s, space->features), two = iv_si(s, 2), one = iv_si(s, 1);
  iv choices = iv_log(s, iv_mul_2si(s, iv_ui(s, model->degree + 1), 65));
  iv x = iv_add(s, iv_log(s, iv_div(s, iv_si(s, EVENTS), iv_d(s, delta))), iv_mul_si(s, choices, (long)space->cells));
  iv squared = iv_div(s, iv_mul(s, iv_mul(s, two, bounds.spread), iv_add(s, x, iv_log(s, p))), N);
  fit_budget out = {INFINITY, 0};
  if (iv_less(squared, one) == IV_TRUE) {
    iv least = iv_sub(s, one, iv_sqrt(s, squared)); /* of H */
    iv r2 = iv_sub(s, space->law.variance, one), noise2 = iv_div(s, space->law.variance, r2);
    iv normal = iv_sqrt(s, iv_div(s, iv_mul(s, noise2, chi_square_reach(s, p, x)), iv_mul(s, N, least)));
    iv root = iv_add(s, normal, iv_div(s, bounded_part(s, &bounds, N, x), least));
    /* targets: at most `reach` and sigma' |eta|; sum eta^2 is chi-square with N degrees */
    iv eta = iv_sqrt(s, iv_mul(s, noise2, iv_div(s, chi_square_reach(s, N, x), N)));
    iv units = iv_add(s, iv_mul_si(s, N, 4), iv_add_si(s, iv_mul_si(s, iv_sqr(s, p), 8), 256));
    iv omega = iv_add(s, iv_mul_2si(s, units, -53), iv_d(s, model->settings.ridge)), moved = iv_si(s, 0);
    for (size_t c = 0; c < space->cells; c++)
      moved = iv_add(s, moved,
                     rounding_of(s, &space->cell[c], model->coefficients + index[c] * model->features,
                                 iv_d(s, model->clip), omega, iv_add(s, bounds.reach, eta)));
    moved = iv_div(s, moved, least);
    out.sampling = iv_upper_d(iv_sqr(s, root));
    out.rounding = iv_upper_d(iv_mul(s, moved, iv_add(s, iv_mul_2si(s, root, 1), moved)));
  }
  iv_scope_free(s);
  return out;
}
