/* theory/gmm_diffusion/cell_space.h and level_fit.h against the midpoint rule: the learned field as the library
 * evaluates it, the posterior mean by its definition, and least squares in Chebyshev polynomials. */
#include "testing.h"

#include "theory/gmm_diffusion/k_discovered.h"
#include "theory/gmm_diffusion/learned_line.h"
#include "theory/gmm_diffusion/level_fit.h"

#include <assay/variation.h>

#include <math.h>
#include <stdlib.h>

enum { PIECES = 3 * LEVEL_MOST_CELLS, NODES = 1000, MOST = CELL_SIZE, BITS = 320 };

/* ---- models ---- */

typedef struct {
  assay_context context;
  assay_mixture truth;
  assay_gmm_model model;
} learned;

static void learn(learned *out, size_t samples, assay_gmm_settings settings, uint64_t seed) {
  assay_context_init(&out->context);
  out->context.threads = 1;
  assert_int_equal(known_truth_mixture(&out->truth, &line_truth, &out->context), ASSAY_OK);
  assay_mixture_draws draws = {&out->truth, seed, 0};
  assay_stream stream = assay_fast_mixture_draws(&draws, samples);
  settings.seed = seed;
  assay_status status = assay_fast_gmm_learn(&out->model, &stream, &settings, &out->context);
  test_check(status == ASSAY_OK, "%s", out->context.message);
}

static void forget(learned *l) {
  assay_gmm_model_clear(&l->model);
  assay_mixture_clear(&l->truth);
}

/* ---- plain arithmetic ---- */

/* Density of y, its posterior mean of u and of u^2. */
typedef struct {
  double density, mean, square;
} plain_posterior;

static plain_posterior plain_at(double y, double variance) {
  plain_posterior p = {0, 0, 0};
  for (size_t k = 0; k < line_truth.count; k++) {
    double u = line_truth.means[k], part = line_truth.weights[k] / 10 * exp(-(y - u) * (y - u) / (2 * variance));
    p.density += part, p.mean += part * u, p.square += part * u * u;
  }
  p.mean /= p.density, p.square /= p.density;
  p.density /= sqrt(2 * acos(-1) * variance);
  return p;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* One cell's stretch of the line, cut where its functions have kinks. */
typedef struct {
  double centre, sigma, clip, left, right;
  size_t degree;
} plain_cell;

static size_t plain_pieces(double *ends, const plain_cell *cell) {
  double at[4] = {cell->left, cell->right, cell->centre - cell->clip * cell->sigma,
                  cell->centre + cell->clip * cell->sigma};
  for (size_t i = 2; i < 4; i++) at[i] = fmin(fmax(at[i], cell->left), cell->right);
  qsort(at, 4, sizeof *at, ascending);
  for (size_t i = 0; i < 4; i++) ends[i] = at[i];
  return 3;
}

/* Numbers of one cell by the midpoint rule with `nodes` nodes on each piece. */
typedef struct {
  double learned, best;   /* E(u - f)^2 of the learned f and of the best */
  double residual;        /* E Var(u | y) */
  double noise, noise2;   /* trace and sum of squares of E (u - best)^2 phi phi' */
  double spread, spread2; /* of E |phi|^2 phi phi' */
} plain_numbers;

typedef struct {
  size_t count;
  double *weight, *mean, *square, *field; /* field: the learned one */
  double (*basis)[MOST];
} plain_nodes;

static void make_nodes(plain_nodes *out, const plain_cell *cell, learned *l, size_t level, size_t nodes) {
  double ends[4], variance = 1 + l->model.level[level].tau;
  size_t pieces = plain_pieces(ends, cell), all = pieces * nodes;
  double *y = calloc(all, sizeof *y);
  *out = (plain_nodes){all,
                       calloc(all, sizeof(double)),
                       calloc(all, sizeof(double)),
                       calloc(all, sizeof(double)),
                       calloc(all, sizeof(double)),
                       calloc(all, sizeof *out->basis)};
  for (size_t i = 0; i < all; i++) {
    size_t piece = i / nodes;
    double step = (ends[piece + 1] - ends[piece]) / (double)nodes;
    y[i] = ends[piece] + ((double)(i % nodes) + 0.5) * step;
    plain_posterior p = plain_at(y[i], variance);
    out->weight[i] = step * p.density, out->mean[i] = p.mean, out->square[i] = p.square;
    double x = fmin(fmax((y[i] - cell->centre) / cell->sigma / cell->clip, -1), 1);
    for (size_t a = 0; a <= cell->degree; a++) out->basis[i][a] = cos((double)a * acos(x));
  }
  assert_int_equal(assay_fast_gmm_posterior_mean(out->field, &l->model, level, y, all, &l->context), ASSAY_OK);
  free(y);
}

static void free_nodes(plain_nodes *n) {
  free(n->weight), free(n->mean), free(n->square), free(n->field), free(n->basis);
}

/* Gram and Schmidt, twice over. */
static void orthonormalise(plain_nodes *n, size_t degree) {
  for (size_t a = 0; a <= degree; a++) {
    for (size_t b = 0; b < 2 * a; b++) {
      double along = 0;
      for (size_t i = 0; i < n->count; i++) along += n->weight[i] * n->basis[i][a] * n->basis[i][b % a];
      for (size_t i = 0; i < n->count; i++) n->basis[i][a] -= along * n->basis[i][b % a];
    }
    double norm2 = 0;
    for (size_t i = 0; i < n->count; i++) norm2 += n->weight[i] * n->basis[i][a] * n->basis[i][a];
    for (size_t i = 0; i < n->count; i++) n->basis[i][a] /= sqrt(norm2);
  }
}

/* Trace and sum of squares of sum_i weight_i value_i phi phi'. */
static void matrix_numbers(double *trace, double *squares, const plain_nodes *n, const double *value, size_t degree) {
  for (size_t a = 0; a <= degree; a++)
    for (size_t b = 0; b <= degree; b++) {
      double entry = 0;
      for (size_t i = 0; i < n->count; i++) entry += n->weight[i] * value[i] * n->basis[i][a] * n->basis[i][b];
      *trace += a == b ? entry : 0;
      *squares += entry * entry;
    }
}

static plain_numbers plain_cell_numbers(const plain_cell *cell, learned *l, size_t level, size_t nodes) {
  plain_nodes n;
  plain_numbers out = {0};
  make_nodes(&n, cell, l, level, nodes);
  orthonormalise(&n, cell->degree);
  double along[MOST] = {0}, *value = calloc(n.count, sizeof *value);
  for (size_t a = 0; a <= cell->degree; a++)
    for (size_t i = 0; i < n.count; i++) along[a] += n.weight[i] * n.mean[i] * n.basis[i][a];
  for (size_t i = 0; i < n.count; i++) {
    double best = 0, variance = n.square[i] - n.mean[i] * n.mean[i];
    for (size_t a = 0; a <= cell->degree; a++) best += along[a] * n.basis[i][a];
    value[i] = variance + (n.mean[i] - best) * (n.mean[i] - best);
    out.residual += n.weight[i] * variance;
    out.best += n.weight[i] * value[i];
    out.learned += n.weight[i] * (variance + (n.mean[i] - n.field[i]) * (n.mean[i] - n.field[i]));
  }
  matrix_numbers(&out.noise, &out.noise2, &n, value, cell->degree);
  for (size_t i = 0; i < n.count; i++) {
    value[i] = 0;
    for (size_t a = 0; a <= cell->degree; a++) value[i] += n.basis[i][a] * n.basis[i][a];
  }
  matrix_numbers(&out.spread, &out.spread2, &n, value, cell->degree);
  free(value);
  free_nodes(&n);
  return out;
}

/* The midpoint rule's error falls by four when its step is halved: the difference of two is three times the finer's.
 * 1e-10 covers roundings, and 13 deviations where the outer cells end. */
static void same(const char *what, size_t level, double got, double coarse, double fine) {
  test_check(fabs(got - fine) <= fabs(coarse - fine) + 1e-10 * (1 + fabs(fine)), "level %zu, %s: %a, by midpoints %a",
             level, what, got, fine);
}

static void norms(double *trace, double *squares, iv M[CELL_SIZE][CELL_SIZE], size_t size) {
  *trace = *squares = 0;
  for (size_t a = 0; a < size; a++)
    for (size_t b = 0; b < size; b++) {
      double entry = iv_mid_d(M[a][b]);
      *trace += a == b ? entry : 0;
      *squares += entry * entry;
    }
}

static void check_cell(iv_scope *s, const level_space *space, size_t c, const plain_cell *cell, learned *l,
                       size_t level, const size_t *index, double sums[2][3]) {
  plain_numbers coarse = plain_cell_numbers(cell, l, level, NODES);
  plain_numbers fine = plain_cell_numbers(cell, l, level, (size_t)2 * NODES);
  iv M[CELL_SIZE][CELL_SIZE];
  double trace = 0, squares = 0;
  same("error of the best", level, iv_mid_d(space->cell[c].best_error), coarse.best, fine.best);
  same("learned error", level,
       iv_mid_d(cell_space_error(s, &space->cell[c], l->model.coefficients + index[c] * l->model.features)),
       coarse.learned, fine.learned);
  cell_space_noise(M, s, &space->cell[c], &space->law);
  norms(&trace, &squares, M, cell->degree + 1);
  same("trace of the noise", level, trace, coarse.noise, fine.noise);
  same("squares of the noise", level, squares, coarse.noise2, fine.noise2);
  cell_space_spread(M, s, &space->cell[c], &space->law);
  norms(&trace, &squares, M, cell->degree + 1);
  same("trace of the spread", level, trace, coarse.spread, fine.spread);
  same("squares of the spread", level, squares, coarse.spread2, fine.spread2);
  const plain_numbers both[2] = {coarse, fine};
  for (size_t i = 0; i < 2; i++)
    sums[i][0] += both[i].residual, sums[i][1] += both[i].best, sums[i][2] += both[i].learned;
}

static void check_level(learned *l, size_t level) {
  iv_scope *s = iv_scope_new(BITS);
  level_space *space = malloc(sizeof *space);
  cell_place places[LEVEL_MOST_CELLS];
  size_t index[LEVEL_MOST_CELLS], count = 0;
  double tau = l->model.level[level].tau, sums[2][3] = {{0}}, reach = 5 + 13 * sqrt(1 + tau);
  assert_int_equal(level_places(places, index, &count, &l->model, level, &l->context), ASSAY_OK);
  assert_int_equal(count, l->model.level[level].cells);
  assert_int_equal(level_space_init(space, s, &l->truth, tau, places, count, &l->context), ASSAY_OK);
  for (size_t c = 0; c < count; c++) {
    double left = c > 0 ? (places[c - 1].centre + places[c].centre) / 2 : -reach;
    double right = c + 1 < count ? (places[c].centre + places[c + 1].centre) / 2 : reach;
    plain_cell cell = {places[c].centre, sqrt(1 + tau), l->model.clip, left, right, places[c].degree};
    check_cell(s, space, c, &cell, l, level, index, sums);
  }
  same("E Var(u | y)", level, iv_mid_d(space->law.residual), sums[0][0], sums[1][0]);
  same("least E|f - U|^2", level, iv_mid_d(space->best), sums[0][1] - sums[0][0], sums[1][1] - sums[1][0]);
  same("E|U_hat - U|^2", level, iv_mid_d(level_error(s, space, &l->model, index)), sums[0][2] - sums[0][0],
       sums[1][2] - sums[1][0]);
  test_check(iv_width_d(space->best) < 1e-10, "level %zu: width %a", level, iv_width_d(space->best));
  free(space);
  iv_scope_free(s);
}

static void against_midpoints(void **state) {
  (void)state;
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.radius = 4, settings.ratio = 2, settings.degree = 4;
  learned l;
  learn(&l, 3000, settings, 11);
  const size_t levels[] = {0, 6, l.model.levels - 1}; /* one cell, two, three */
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) check_level(&l, levels[i]);
  forget(&l);
}

/* ---- the budget ---- */

/* One level's excess over the least error, N times; and what it is on average as N grows, with its variance:
 * (sigma'^2 + M) in orthonormal functions. */
static double excess(double *mean, double *variance, double *budget, learned *l, size_t level) {
  iv_scope *s = iv_scope_new(BITS);
  level_space *space = malloc(sizeof *space);
  cell_place places[LEVEL_MOST_CELLS];
  size_t index[LEVEL_MOST_CELLS], count = 0;
  double tau = l->model.level[level].tau;
  assert_int_equal(level_places(places, index, &count, &l->model, level, &l->context), ASSAY_OK);
  assert_int_equal(level_space_init(space, s, &l->truth, tau, places, count, &l->context), ASSAY_OK);
  iv M[CELL_SIZE][CELL_SIZE];
  cell_space_noise(M, s, &space->cell[0], &space->law);
  size_t size = space->cell[0].degree + 1;
  for (size_t a = 0; a < size; a++) M[a][a] = iv_add(s, M[a][a], iv_d(s, 1 + 1 / tau));
  norms(mean, variance, M, size);
  *variance *= 2;
  fit_budget b = fit_budget_of(space, &l->model, index, 1e-3);
  *budget = (b.sampling + b.rounding) * (double)l->model.samples;
  double out = iv_mid_d(iv_sub(s, level_error(s, space, &l->model, index), space->best)) * (double)l->model.samples;
  free(space);
  iv_scope_free(s);
  return out;
}

/* The mean over seeds is that of the law of large N, within six deviations; each is within its budget. At N = 20 000
 * the spread (below 80 here) moves means by 80/20000. */
static void chance(void **state) {
  (void)state;
  enum { SEEDS = 30, SAMPLES = 20000 };
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.radius = 1, settings.ratio = 2, settings.degree = 3, settings.draws = 1, settings.tau_min = 1;
  settings.cover = INFINITY;
  double sum = 0, expected = 0, spread = 0;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    learned l;
    learn(&l, SAMPLES, settings, 500 + seed);
    double mean = 0, variance = 0, budget = 0, got = excess(&mean, &variance, &budget, &l, l.model.levels - 1);
    test_check(got >= 0 && got <= budget, "seed %d: excess %a, budget %a", (int)seed, got, budget);
    sum += got, expected += mean, spread += variance;
    forget(&l);
  }
  test_check(fabs(sum - expected) <= 6 * sqrt(spread) + 0.01 * expected, "excess %a on average, expected %a, off by %g",
             sum / SEEDS, expected / SEEDS, (sum - expected) / sqrt(spread));
}

/* ---- the budget's formula ---- */

/* A space whose numbers are known: degree 0, so that phi = 1 and U* = E u. M = Var u, K = 1, B = largest |u - E u|, but
 * for the factors that the bounds of eigenvalues and of polynomials may add (none at size 1; 1/cos(pi/32)). */
static void formula(void **state) {
  (void)state;
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.radius = 1, settings.ratio = 2, settings.degree = 1, settings.draws = 1, settings.tau_min = 1;
  learned l;
  learn(&l, 5000, settings, 3);
  iv_scope *s = iv_scope_new(BITS);
  level_space *space = malloc(sizeof *space);
  cell_place place = {.degree = 0, .centre = 0.25, .sigma = 2, .clip = 3.5};
  size_t index = 0;
  assert_int_equal(level_space_init(space, s, &l.truth, 4, &place, 1, &l.context), ASSAY_OK);
  l.model.samples = 100000;
  fit_budget got = fit_budget_of(space, &l.model, &index, 1e-6);
  const double mean = 0.5, variance = 0.3 * 12.25 + 0.3 * 12.25, N = 1e5, noise2 = 1.25; /* at -3, 1/2, 4; tau = 4 */
  double x = log(4e6) + log(2 * 2 * 0x1p64), largest = 3.5 / cos(acos(-1) / 32),
         width = largest / sqrt(cos(acos(-1) / 32));
  double least = 1 - sqrt(2 * x / N), normal = sqrt(noise2 * (1 + 2 * sqrt(x) + 2 * x) / (N * least));
  double average = sqrt(variance / N), product = width;
  double rest = average + sqrt(2 * x * (variance + 2 * product * average) / N) + product * x / (3 * N);
  double root = normal + rest / least;
  test_check(fabs(iv_mid_d(space->best) - (variance - iv_mid_d(space->law.residual))) < 1e-10, "best %a",
             iv_mid_d(space->best));
  test_check(fabs(iv_mid_d(space->cell[0].best[0]) - (mean - 0.25)) < 1e-12, "best %a",
             iv_mid_d(space->cell[0].best[0]));
  test_check(fabs(got.sampling - root * root) <= 1e-9 * root * root, "budget %a instead of %a", got.sampling,
             root * root);
  test_check(got.rounding > 0 && got.rounding < 1e-6, "rounding %a", got.rounding);
  l.model.samples = 100;
  assert_true(isinf(fit_budget_of(space, &l.model, &index, 1e-6).sampling)); /* too few to bound anything */
  free(space);
  iv_scope_free(s);
  forget(&l);
}

/* Without a cut the space does not depend on the unit of z, nor on the centre. */
static void units(void **state) {
  (void)state;
  learned l;
  assay_context_init(&l.context);
  assert_int_equal(known_truth_mixture(&l.truth, &line_truth, &l.context), ASSAY_OK);
  iv_scope *s = iv_scope_new(BITS);
  level_space *space = malloc(sizeof *space);
  cell_place places[2] = {{.degree = 3, .centre = 0.25, .sigma = 2, .clip = 100},
                          {.degree = 3, .centre = 1, .sigma = 3, .clip = 100}};
  iv best[2];
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(level_space_init(space, s, &l.truth, 4, &places[i], 1, &l.context), ASSAY_OK);
    best[i] = space->best;
  }
  double apart = iv_magnitude_d(iv_sub(s, best[0], best[1]));
  test_check(apart < 1e-10, "%a and %a", iv_mid_d(best[0]), iv_mid_d(best[1]));
  free(space);
  iv_scope_free(s);
  assay_mixture_clear(&l.truth);
}

/* ---- what counts as discovery ---- */

static cells_seen seen_in(size_t count, const size_t *cells, const double *tau) {
  assay_gmm_level levels[8] = {{0}};
  for (size_t k = 0; k < count; k++) levels[k].cells = cells[k], levels[k].tau = tau[k];
  assay_gmm_model model = {.levels = count, .level = levels};
  return cells_seen_in(&model, 3);
}

static void discovery(void **state) {
  (void)state;
  const double tau[] = {4, 1, 0.5, 0.1, 0.02};
  const size_t cells[][5] = {{1, 2, 2, 3, 3}, {1, 3, 3, 3, 3}, {1, 2, 1, 3, 3}, {1, 2, 3, 4, 3}, {1, 2, 3, 2, 3},
                             {1, 1, 2, 2, 3}, {1, 1, 2, 2, 2}, {1, 2, 4, 3, 3}, {2, 2, 2, 3, 3}, {1, 2, 3, 3, 4}};
  const cells_seen expected[] = {{true, true},  {false, true},  {false, true}, {false, false}, {false, false},
                                 {true, false}, {false, false}, {false, true}, {false, true},  {false, false}};
  for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
    cells_seen got = seen_in(5, cells[i], tau);
    test_check(got.in_turn == expected[i].in_turn && got.at_the_end == expected[i].at_the_end, "case %zu: %d %d", i,
               got.in_turn, got.at_the_end);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(against_midpoints), cmocka_unit_test(chance),
                                     cmocka_unit_test(formula), cmocka_unit_test(units), cmocka_unit_test(discovery)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
