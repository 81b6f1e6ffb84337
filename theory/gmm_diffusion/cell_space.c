#include "theory/gmm_diffusion/cell_space.h"

#include <assay/reference.h>

#include <math.h>

enum { RESIDUAL_BITS = 40 };

/* With x = u + g', y = x + r xi, r the noise's factor: E[u | y] is linear in E[x | y], and Var(x | y) = r^2/v +
 * (r^2/v)^2 Var(u | y), v = 1 + r^2. */
static assay_status residual_of(iv *out, iv_scope *s, const assay_mixture *truth, double factor, iv variance,
                                assay_context *context) {
  mpfi_ptr denoising = iv_new(s);
  assay_path_point point = assay_path_point_of(assay_real_of(factor), assay_real_of(1));
  assay_status status = assay_reference_line_denoising(denoising, truth, &point, RESIDUAL_BITS, context);
  if (status) return status;
  iv share = iv_div(s, iv_sqr(s, iv_d(s, factor)), variance);
  *out = iv_div(s, iv_sub(s, denoising, share), iv_sqr(s, share));
  return ASSAY_OK;
}

assay_status noised_law_init(noised_law *out, iv_scope *s, const assay_mixture *truth, double tau,
                             assay_context *context) {
  if (truth->dimension != 1 || truth->count > LAW_MOST_ATOMS)
    return assay_fail(context, ASSAY_UNSUPPORTED, "truth: %zu components in dimension %zu", truth->count,
                      truth->dimension);
  double factor = sqrt(tau);
  iv total = iv_si(s, 0);
  out->atoms = truth->count;
  for (size_t k = 0; k < truth->count; k++) total = iv_add(s, total, iv_real(s, truth->components[k].weight));
  for (size_t k = 0; k < truth->count; k++) {
    out->weight[k] = iv_div(s, iv_real(s, truth->components[k].weight), total);
    out->place[k] = iv_d(s, truth->components[k].mean[0]);
  }
  out->variance = iv_add_si(s, iv_sqr(s, iv_d(s, factor)), 1);
  return residual_of(&out->residual, s, truth, factor, out->variance, context);
}

/* h_a+1 = (z h_a - sqrt(a) h_a-1)/sqrt(a + 1), in coefficients and in values. */
static void hermite_rows(iv out[CELL_SIZE][CELL_SIZE], iv_scope *s, size_t degree) {
  for (size_t a = 0; a <= degree; a++) {
    iv back = a > 0 ? iv_sqrt(s, iv_ui(s, a - 1)) : NULL, scale = a > 0 ? iv_sqrt(s, iv_ui(s, a)) : NULL;
    for (size_t i = 0; i <= a; i++) {
      iv value = i > 0 && a > 0 ? out[a - 1][i - 1] : iv_si(s, a == 0);
      if (a > 1 && i <= a - 2) value = iv_sub(s, value, iv_mul(s, back, out[a - 2][i]));
      out[a][i] = a > 0 ? iv_div(s, value, scale) : value;
    }
  }
}

void cell_space_values(iv *out, iv_scope *s, size_t degree, iv z) {
  out[0] = iv_si(s, 1);
  for (size_t a = 1; a <= degree; a++) {
    iv next = iv_mul(s, z, out[a - 1]);
    if (a > 1) next = iv_sub(s, next, iv_mul(s, iv_sqrt(s, iv_ui(s, a - 1)), out[a - 2]));
    out[a] = iv_div(s, next, iv_sqrt(s, iv_ui(s, a)));
  }
}

/* ---- moments ---- */

/* The normal law N(mean, deviation^2) of z without the cut. */
typedef struct {
  iv mean, deviation;
} line_law;

static iv below(iv_scope *s, const line_law *law, iv z) {
  return iv_normal_cdf(s, iv_div(s, iv_sub(s, z, law->mean), law->deviation));
}

static iv density(iv_scope *s, const line_law *law, iv z) {
  return iv_div(s, iv_normal_density(s, iv_div(s, iv_sub(s, z, law->mean), law->deviation)), law->deviation);
}

/* int_low^high z^i rho(z) dz by z rho = mean rho - deviation^2 rho' and parts. */
static void inner_moments(iv *out, iv_scope *s, const line_law *law, iv low, iv high, size_t count) {
  iv variance = iv_sqr(s, law->deviation), at_low = density(s, law, low), at_high = density(s, law, high);
  out[0] = iv_sub(s, below(s, law, high), below(s, law, low));
  for (size_t i = 0; i + 1 < count; i++) {
    iv parts = iv_sub(s, at_low, at_high); /* -[z^i rho] */
    if (i > 0) parts = iv_add(s, parts, iv_mul_si(s, out[i - 1], (long)i));
    out[i + 1] = iv_add(s, iv_mul(s, law->mean, out[i]), iv_mul(s, variance, parts));
    at_low = iv_mul(s, at_low, low);
    at_high = iv_mul(s, at_high, high);
  }
}

/* Beyond the cut z stays at its ends. */
static void atom_moments(iv *out, iv_scope *s, const cell_space *cell, const cell_place *place, const line_law *law,
                         iv weight) {
  size_t count = 4 * cell->degree + 1;
  iv sigma = iv_d(s, place->sigma), one = iv_si(s, 1), none = iv_si(s, 0);
  iv from = place->left ? below(s, law, iv_div(s, iv_sub(s, place->left, cell->centre), sigma)) : none;
  iv to = place->right ? below(s, law, iv_div(s, iv_sub(s, place->right, cell->centre), sigma)) : one;
  iv before = iv_sub(s, below(s, law, cell->low), from), after = iv_sub(s, to, below(s, law, cell->high));
  inner_moments(out, s, law, cell->low, cell->high, count);
  for (size_t i = 0; i < count; i++) {
    out[i] = iv_mul(s, weight, iv_add(s, out[i], iv_add(s, before, after)));
    before = iv_mul(s, before, cell->low);
    after = iv_mul(s, after, cell->high);
  }
}

static void place_moments(cell_space *cell, iv_scope *s, const noised_law *law, const cell_place *place) {
  iv sigma = iv_d(s, place->sigma), clip = iv_d(s, place->clip);
  cell->centre = iv_d(s, place->centre);
  cell->low = iv_neg(s, clip);
  cell->high = clip;
  if (place->left) cell->low = iv_max(s, cell->low, iv_div(s, iv_sub(s, place->left, cell->centre), sigma));
  if (place->right) cell->high = iv_min(s, cell->high, iv_div(s, iv_sub(s, place->right, cell->centre), sigma));
  for (size_t k = 0; k < law->atoms; k++) {
    line_law of_z = {iv_div(s, iv_sub(s, law->place[k], cell->centre), sigma),
                     iv_div(s, iv_sqrt(s, law->variance), sigma)};
    atom_moments(cell->moment[k], s, cell, place, &of_z, law->weight[k]);
  }
}

/* ---- inner products ---- */

/* T M T', M_ij = moment[i + j], T lower triangular: the lower triangle. */
static void transformed(iv out[CELL_SIZE][CELL_SIZE], iv_scope *s, const iv moment[CELL_MOMENTS],
                        iv rows[CELL_SIZE][CELL_SIZE], size_t degree) {
  for (size_t a = 0; a <= degree; a++)
    for (size_t b = 0; b <= a; b++) {
      iv sum = iv_si(s, 0);
      for (size_t i = 0; i <= a; i++)
        for (size_t j = 0; j <= b; j++)
          sum = iv_add(s, sum, iv_mul(s, iv_mul(s, rows[a][i], rows[b][j]), moment[i + j]));
      out[a][b] = sum;
    }
}

static void products(cell_space *cell, iv_scope *s, const noised_law *law) {
  size_t count = 2 * cell->degree + 1;
  iv all[CELL_MOMENTS], with_u[CELL_SIZE];
  for (size_t i = 0; i < count; i++) {
    all[i] = iv_si(s, 0);
    for (size_t k = 0; k < law->atoms; k++) all[i] = iv_add(s, all[i], cell->moment[k][i]);
  }
  cell->square = iv_si(s, 0);
  for (size_t i = 0; i <= cell->degree; i++) with_u[i] = iv_si(s, 0);
  for (size_t k = 0; k < law->atoms; k++) {
    iv apart = iv_sub(s, law->place[k], cell->centre);
    cell->square = iv_add(s, cell->square, iv_mul(s, iv_sqr(s, apart), cell->moment[k][0]));
    for (size_t i = 0; i <= cell->degree; i++) with_u[i] = iv_add(s, with_u[i], iv_mul(s, apart, cell->moment[k][i]));
  }
  for (size_t a = 0; a <= cell->degree; a++) {
    cell->right[a] = iv_si(s, 0);
    for (size_t i = 0; i <= a; i++)
      cell->right[a] = iv_add(s, cell->right[a], iv_mul(s, cell->hermite[a][i], with_u[i]));
  }
  transformed(cell->gram, s, all, cell->hermite, cell->degree);
}

/* Rows of the inverse of the Cholesky factor, by Gram and Schmidt: row a of L^-1 gives a function orthogonal to those
 * before. */
static bool invert_factor(cell_space *cell, iv_scope *s) {
  size_t size = cell->degree + 1;
  iv factor[CELL_SIZE][CELL_SIZE];
  for (size_t a = 0; a < size; a++) {
    for (size_t b = 0; b <= a; b++) {
      iv left = cell->gram[a][b];
      for (size_t i = 0; i < b; i++) left = iv_sub(s, left, iv_mul(s, factor[a][i], factor[b][i]));
      if (a == b && iv_positive(left) != IV_TRUE) return false;
      factor[a][b] = a == b ? iv_sqrt(s, left) : iv_div(s, left, factor[b][b]);
    }
    for (size_t b = 0; b <= a; b++) {
      iv sum = iv_si(s, a == b);
      for (size_t i = b; i < a; i++) sum = iv_sub(s, sum, iv_mul(s, factor[a][i], cell->inverse_factor[i][b]));
      cell->inverse_factor[a][b] = iv_div(s, sum, factor[a][a]);
    }
  }
  return true;
}

static void project(cell_space *cell, iv_scope *s) {
  size_t size = cell->degree + 1;
  cell->best_error = cell->square;
  for (size_t a = 0; a < size; a++) cell->best[a] = iv_si(s, 0);
  for (size_t a = 0; a < size; a++) {
    iv along = iv_si(s, 0);
    for (size_t i = 0; i <= a; i++) along = iv_add(s, along, iv_mul(s, cell->inverse_factor[a][i], cell->right[i]));
    for (size_t i = 0; i <= a; i++)
      cell->best[i] = iv_add(s, cell->best[i], iv_mul(s, along, cell->inverse_factor[a][i]));
    cell->best_error = iv_sub(s, cell->best_error, iv_sqr(s, along));
  }
}

assay_status cell_space_init(cell_space *out, iv_scope *s, const noised_law *law, const cell_place *place,
                             assay_context *context) {
  if (place->degree > CELL_MOST_DEGREE)
    return assay_fail(context, ASSAY_UNSUPPORTED, "degree: %zu; at most %d is expected", place->degree,
                      CELL_MOST_DEGREE);
  out->degree = place->degree;
  hermite_rows(out->hermite, s, out->degree);
  place_moments(out, s, law, place);
  products(out, s, law);
  if (!invert_factor(out, s))
    return assay_fail(context, ASSAY_PRECISION, "cell at %.17g: no Cholesky factor with %ld bits", place->centre,
                      iv_bits(s));
  project(out, s);
  return ASSAY_OK;
}

iv cell_space_error(iv_scope *s, const cell_space *cell, const double *coefficients) {
  iv sum = cell->square;
  for (size_t a = 0; a <= cell->degree; a++) {
    iv at_a = iv_d(s, coefficients[a]), twice = iv_mul_2si(s, at_a, 1);
    sum = iv_sub(s, sum, iv_mul(s, twice, cell->right[a]));
    for (size_t b = 0; b < a; b++)
      sum = iv_add(s, sum, iv_mul(s, iv_mul(s, twice, iv_d(s, coefficients[b])), cell->gram[a][b]));
    sum = iv_add(s, sum, iv_mul(s, iv_sqr(s, at_a), cell->gram[a][a]));
  }
  return sum;
}

/* ---- the noise of the bounded part ---- */

static void polynomial_of(iv out[CELL_SIZE], iv_scope *s, const cell_space *cell) {
  for (size_t i = 0; i <= cell->degree; i++) {
    out[i] = iv_si(s, 0);
    for (size_t a = i; a <= cell->degree; a++)
      out[i] = iv_add(s, out[i], iv_mul(s, cell->best[a], cell->hermite[a][i]));
  }
}

/* phi_a = sum_i rows[a][i] z^i. */
static void orthonormal_rows(iv rows[CELL_SIZE][CELL_SIZE], iv_scope *s, const cell_space *cell) {
  for (size_t a = 0; a <= cell->degree; a++)
    for (size_t i = 0; i <= a; i++) {
      rows[a][i] = iv_si(s, 0);
      for (size_t b = i; b <= a; b++)
        rows[a][i] = iv_add(s, rows[a][i], iv_mul(s, cell->inverse_factor[a][b], cell->hermite[b][i]));
    }
}

/* The matrix of E[weight phi phi'; cell] from moments of the weight times z^i. */
static void weighted_products(iv out[CELL_SIZE][CELL_SIZE], iv_scope *s, const cell_space *cell,
                              const iv moment[CELL_MOMENTS]) {
  iv rows[CELL_SIZE][CELL_SIZE];
  orthonormal_rows(rows, s, cell);
  transformed(out, s, moment, rows, cell->degree);
  for (size_t a = 0; a <= cell->degree; a++)
    for (size_t b = a + 1; b <= cell->degree; b++) out[a][b] = out[b][a];
}

/* Adds to moment[m], m <= 2 degree, those of polynomial(z)^2 z^m under the law of atom k. */
static void add_square(iv moment[CELL_MOMENTS], iv_scope *s, const cell_space *cell, const iv polynomial[CELL_SIZE],
                       size_t k) {
  for (size_t m = 0; m <= 2 * cell->degree; m++)
    for (size_t i = 0; i <= cell->degree; i++)
      for (size_t j = 0; j <= cell->degree; j++)
        moment[m] =
            iv_add(s, moment[m], iv_mul(s, iv_mul(s, polynomial[i], polynomial[j]), cell->moment[k][m + i + j]));
}

void cell_space_noise(iv out[CELL_SIZE][CELL_SIZE], iv_scope *s, const cell_space *cell, const noised_law *law) {
  iv best[CELL_SIZE], moment[CELL_MOMENTS];
  polynomial_of(best, s, cell);
  for (size_t m = 0; m <= 2 * cell->degree; m++) moment[m] = iv_si(s, 0);
  for (size_t k = 0; k < law->atoms; k++) {
    iv difference[CELL_SIZE];
    for (size_t i = 0; i <= cell->degree; i++) difference[i] = iv_neg(s, best[i]);
    difference[0] = iv_add(s, difference[0], iv_sub(s, law->place[k], cell->centre));
    add_square(moment, s, cell, difference, k);
  }
  weighted_products(out, s, cell, moment);
}

void cell_space_spread(iv out[CELL_SIZE][CELL_SIZE], iv_scope *s, const cell_space *cell, const noised_law *law) {
  iv rows[CELL_SIZE][CELL_SIZE], moment[CELL_MOMENTS];
  orthonormal_rows(rows, s, cell);
  for (size_t m = 0; m <= 2 * cell->degree; m++) moment[m] = iv_si(s, 0);
  for (size_t a = 0; a <= cell->degree; a++) {
    for (size_t i = a + 1; i <= cell->degree; i++) rows[a][i] = iv_si(s, 0);
    for (size_t k = 0; k < law->atoms; k++) add_square(moment, s, cell, rows[a], k);
  }
  weighted_products(out, s, cell, moment);
}
