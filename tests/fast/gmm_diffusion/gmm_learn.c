/* The learner against a plain least squares in long double on the same noise, at every level and cell; the same bits
 * for every number of threads; what it finds on samples whose law is known. */
#include "gmm_samples.h"

#include <assay/fast.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the oracle -------------------------------------------------------------------------------------------------- */

/* He_a(x)/sqrt(a!) by He_a+1 = x He_a - a He_a-1, unnormalised until the end. */
static long double plain_hermite(size_t a, long double x) {
  long double before = 0, value = 1;
  for (size_t k = 0; k < a; k++) {
    long double next = x * value - (long double)k * before;
    before = value;
    value = next;
  }
  return value / sqrtl(tgammal((long double)a + 1));
}

/* Every product of total degree up to `degree`, in whatever order: what is compared is the function. */
static size_t plain_features(long double *out, const long double *z, size_t n, size_t degree) {
  size_t made = 0, alpha[4] = {0}, j = 0;
  do {
    size_t total = 0;
    long double product = 1;
    for (size_t l = 0; l < n; l++) total += alpha[l];
    for (size_t l = 0; l < n && total <= degree; l++) product *= plain_hermite(alpha[l], z[l]);
    if (total <= degree) out[made++] = product;
    for (j = 0; j < n && alpha[j] == degree; j++) alpha[j] = 0;
    if (j < n) alpha[j]++;
  } while (j < n);
  return made;
}

static size_t nearest(const assay_gmm_model *model, size_t level, const double *y) {
  size_t best = 0, n = model->dimension;
  long double least = INFINITY;
  for (size_t c = 0; c < model->level[level].cells; c++) {
    long double sum = 0;
    for (size_t j = 0; j < n; j++)
      sum += powl((long double)y[j] - model->centres[(model->level[level].first_cell + c) * n + j], 2);
    if (sum < least) {
      least = sum;
      best = c;
    }
  }
  return model->level[level].first_cell + best;
}

static void coordinates(long double *z, const assay_gmm_model *model, size_t level, size_t cell, const double *y) {
  size_t n = model->dimension;
  long double norm2 = 0;
  for (size_t j = 0; j < n; j++) {
    z[j] = ((long double)y[j] - model->centres[cell * n + j]) / sqrtl(1 + (long double)model->level[level].tau);
    norm2 += z[j] * z[j];
  }
  for (size_t j = 0; j < n && norm2 > model->clip * model->clip; j++) z[j] *= model->clip / sqrtl(norm2);
}

enum { MOST = 40 }; /* features */

/* Gaussian elimination with pivots on [a | b], `columns` right-hand sides. */
static void eliminate(long double *a, long double *b, size_t size, size_t columns) {
  for (size_t k = 0; k < size; k++) {
    size_t pivot = k;
    for (size_t r = k; r < size; r++)
      if (fabsl(a[r * MOST + k]) > fabsl(a[pivot * MOST + k])) pivot = r;
    for (size_t c = 0; c < size; c++) {
      long double t = a[k * MOST + c];
      a[k * MOST + c] = a[pivot * MOST + c];
      a[pivot * MOST + c] = t;
    }
    for (size_t c = 0; c < columns; c++) {
      long double t = b[k * columns + c];
      b[k * columns + c] = b[pivot * columns + c];
      b[pivot * columns + c] = t;
    }
    for (size_t r = 0; r < size; r++) {
      if (r == k) continue;
      long double factor = a[r * MOST + k] / a[k * MOST + k];
      for (size_t c = k; c < size; c++) a[r * MOST + c] -= factor * a[k * MOST + c];
      for (size_t c = 0; c < columns; c++) b[r * columns + c] -= factor * b[k * columns + c];
    }
  }
  for (size_t k = 0; k < size; k++)
    for (size_t c = 0; c < columns; c++) b[k * columns + c] /= a[k * MOST + k];
}

/* The normal equations of one cell from all samples: G + ridge diag G, b; and their size. */
static size_t plain_equations(long double *gram, long double *right, const assay_gmm_model *model, size_t level,
                              size_t cell, const double *x, const double *noise) {
  size_t n = model->dimension, draws = model->settings.draws, degree = model->cell[cell].degree, size = 0;
  memset(gram, 0, sizeof *gram * MOST * MOST);
  memset(right, 0, sizeof *right * MOST * n);
  for (size_t q = 0; q < model->samples * draws; q++) {
    double y[4];
    long double z[4] = {0}, phi[MOST] = {0};
    for (size_t j = 0; j < n; j++) y[j] = x[q / draws * n + j] + sqrt(model->level[level].tau) * noise[q * n + j];
    if (nearest(model, level, y) != cell) continue;
    coordinates(z, model, level, cell, y);
    size = plain_features(phi, z, n, degree);
    for (size_t k = 0; k < size; k++) {
      for (size_t l = 0; l < size; l++) gram[k * MOST + l] += phi[k] * phi[l];
      for (size_t j = 0; j < n; j++)
        right[k * n + j] += phi[k] * (x[q / draws * n + j] - noise[q * n + j] / sqrtl(model->level[level].tau) -
                                      model->centres[cell * n + j]);
    }
  }
  for (size_t k = 0; k < size; k++) gram[k * MOST + k] *= 1 + (long double)model->settings.ridge;
  return size;
}

/* The learned U at points of the cell against the oracle's. The Gram matrix of Hermite features of degree up to 3 on a
 * cell at least as wide as here has, with its diagonal scaled to 1, a condition below 1e4; its entries are sums of a
 * few thousand terms, so coefficients are good to 1e4 5000 2^-53 < 1e-8 relative to the largest, and so are values. */
static void compare_cell(const assay_gmm_model *model, size_t level, size_t cell, const double *x, const double *noise,
                         test_random *random) {
  static long double gram[MOST * MOST], right[MOST * 4];
  size_t n = model->dimension, size = plain_equations(gram, right, model, level, cell, x, noise);
  eliminate(gram, right, size, n);
  assay_context context;
  assay_context_init(&context);
  for (size_t i = 0; i < 20; i++) {
    double y[4], got[4];
    long double z[4] = {0}, phi[MOST] = {0};
    for (size_t j = 0; j < n; j++)
      y[j] = model->centres[cell * n + j] + sqrt(1 + model->level[level].tau) * test_uniform(random, -4, 4);
    if (nearest(model, level, y) != cell) continue;
    assert_int_equal(assay_fast_gmm_posterior_mean(got, model, level, y, 1, &context), ASSAY_OK);
    coordinates(z, model, level, cell, y);
    plain_features(phi, z, n, model->cell[cell].degree);
    long double expected[4], scale[4], norm2 = 0;
    for (size_t j = 0; j < n; j++) {
      expected[j] = model->centres[cell * n + j];
      scale[j] = fabsl(expected[j]);
      for (size_t k = 0; k < size; k++) {
        expected[j] += right[k * n + j] * phi[k];
        scale[j] += fabsl(right[k * n + j] * phi[k]);
      }
      norm2 += powl(expected[j] - model->mean[j], 2);
    }
    long double cut = fminl(1, model->limit / sqrtl(norm2));
    for (size_t j = 0; j < n; j++) {
      expected[j] = model->mean[j] + cut * (expected[j] - model->mean[j]);
      test_check(fabsl(got[j] - expected[j]) <= 1e-8L * scale[j], "level %zu cell %zu y[%zu] = %a: %a, expected %a",
                 level, cell, j, y[j], got[j], (double)expected[j]);
    }
  }
}

static void plain_least_squares(void **state) {
  (void)state;
  static const struct {
    size_t n, k, degree, samples, draws;
    double spread, ridge;
  } cases[] = {
      {1, 3, 3, 2500, 4, 6, 0}, {2, 2, 2, 500, 3, 4, 1e-9}, {3, 2, 2, 600, 1, 3, 0.25}, {2, 1, 3, 60, 2, 0, 0}};
  test_random random = test_random_new(0x1ea4);
  for (size_t s = 0; s < sizeof cases / sizeof *cases; s++) {
    assay_context context;
    assay_context_init(&context);
    assay_mixture mixture = gmm_test_mixture(cases[s].n, cases[s].k, cases[s].spread, &random);
    double *x = gmm_test_samples(&mixture, cases[s].samples, &random);
    assay_gmm_settings settings = assay_gmm_settings_default();
    settings.degree = cases[s].degree;
    settings.draws = cases[s].draws;
    settings.ridge = cases[s].ridge;
    settings.ratio = 4;
    settings.seed = 5 + s;
    assay_stream samples = assay_stream_of(x, cases[s].samples, cases[s].n);
    assay_gmm_model model;
    assert_int_equal(assay_fast_gmm_learn(&model, &samples, &settings, &context), ASSAY_OK);
    size_t width = settings.draws * cases[s].n;
    double *noise = malloc(cases[s].samples * width * sizeof *noise);
    for (size_t level = 0; level < model.levels; level++) {
      assay_normals normals = {settings.seed, (uint32_t)(0x1000 + level)};
      assay_stream stream = assay_fast_normals(&normals, cases[s].samples, width);
      assert_int_equal(stream.read(&stream, 0, cases[s].samples, 0, width, noise, width, &context), ASSAY_OK);
      for (size_t c = 0; c < model.level[level].cells; c++)
        compare_cell(&model, level, model.level[level].first_cell + c, x, noise, &random);
    }
    free(noise);
    free(x);
    assay_gmm_model_clear(&model);
    assay_mixture_clear(&mixture);
  }
}

/* ---- threads ----------------------------------------------------------------------------------------------------- */

static void check_same(const assay_gmm_model *a, const assay_gmm_model *b) {
  assert_int_equal(a->levels, b->levels);
  assert_int_equal(a->cells, b->cells);
  assert_memory_equal(a->level, b->level, a->levels * sizeof *a->level);
  assert_memory_equal(a->cell, b->cell, a->cells * sizeof *a->cell);
  assert_memory_equal(a->centres, b->centres, a->cells * a->dimension * sizeof(double));
  assert_memory_equal(a->coefficients, b->coefficients, a->cells * a->features * a->dimension * sizeof(double));
  assert_memory_equal(a->mean, b->mean, (a->dimension + 1) * a->dimension * sizeof(double));
  assert_memory_equal(&a->certificate, &b->certificate, sizeof a->certificate);
}

static void threads(void **state) {
  (void)state;
  test_random random = test_random_new(0x7447);
  assay_mixture mixture = gmm_test_mixture(2, 3, 5, &random);
  enum { N = 5000 };
  double *x = gmm_test_samples(&mixture, N, &random);
  assay_stream samples = assay_stream_of(x, N, 2);
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.degree = 3;
  settings.ratio = 3;
  assay_gmm_model model[3];
  for (int t = 0; t < 3; t++) {
    assay_context context;
    assay_context_init(&context);
    context.threads = t + 1;
    assert_int_equal(assay_fast_gmm_learn(&model[t], &samples, &settings, &context), ASSAY_OK);
    if (t > 0) check_same(&model[0], &model[t]);
  }
  for (int t = 0; t < 3; t++) assay_gmm_model_clear(&model[t]);
  free(x);
  assay_mixture_clear(&mixture);
}

/* ---- samples of a known law -------------------------------------------------------------------------------------- */

/* Components 10 apart: one cell while noise hides them, one for each in the end, its centre within 0.3 of the mean
 * (0.02 from chance with 1300 samples each, and what the tails of the posterior mean add). */
static void cells_found(void **state) {
  (void)state;
  enum { N = 4000 };
  static const double means[3][2] = {{0, 0}, {10, 0}, {0, 10}};
  test_random random = test_random_new(0xce11);
  assay_mixture mixture = gmm_test_mixture(2, 3, 1, &random);
  for (size_t c = 0; c < 3; c++) memcpy(mixture.components[c].mean, means[c], sizeof means[c]);
  double *x = gmm_test_samples(&mixture, N, &random);
  assay_stream samples = assay_stream_of(x, N, 2);
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.degree = 3;
  settings.ratio = 2;
  assay_gmm_model model;
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_fast_gmm_learn(&model, &samples, &settings, &context), ASSAY_OK);
  const assay_gmm_level *last = &model.level[model.levels - 1];
  test_check(last->tau == settings.tau_min, "last level %a", last->tau);
  test_check(model.level[0].tau == 4 * model.radius * model.radius, "first level %a", model.level[0].tau);
  assert_int_equal(model.level[0].cells, 1);
  assert_int_equal(last->cells, 3);
  size_t highest = 0;
  for (size_t c = 0; c < model.cells; c++) highest = model.cell[c].degree > highest ? model.cell[c].degree : highest;
  assert_int_equal(highest, 3); /* no single degree below it follows three components from one cell */
  for (size_t c = 0; c < 3; c++) {
    double least = INFINITY;
    for (size_t k = 0; k < 3; k++) {
      const double *centre = model.centres + (last->first_cell + k) * 2;
      least = fmin(least, hypot(centre[0] - means[c][0], centre[1] - means[c][1]));
    }
    test_check(least < 0.3, "mean %zu: nearest centre %a away", c, least);
  }
  settings.cover = INFINITY;
  assay_gmm_model_clear(&model);
  assert_int_equal(assay_fast_gmm_learn(&model, &samples, &settings, &context), ASSAY_OK);
  assert_int_equal(model.cells, model.levels);
  assay_gmm_model_clear(&model);
  free(x);
  assay_mixture_clear(&mixture);
}

/* Ten draws a feature: 20 samples afford nothing but a constant with one draw each, degree 2 (6 features) with four. */
static void degree_afforded(void **state) {
  (void)state;
  test_random random = test_random_new(0xaff0);
  assay_mixture mixture = gmm_test_mixture(2, 2, 3, &random);
  double *x = gmm_test_samples(&mixture, 20, &random);
  assay_stream samples = assay_stream_of(x, 20, 2);
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.degree = 3;
  settings.cover = INFINITY;
  for (size_t draws = 1; draws <= 4; draws += 3) {
    settings.draws = draws;
    assay_gmm_model model;
    assay_context context;
    assay_context_init(&context);
    assert_int_equal(assay_fast_gmm_learn(&model, &samples, &settings, &context), ASSAY_OK);
    size_t highest = 0;
    for (size_t c = 0; c < model.cells; c++) highest = model.cell[c].degree > highest ? model.cell[c].degree : highest;
    test_check(draws == 1 ? highest == 0 : highest >= 1 && highest <= 2, "draws %zu: degree %zu", draws, highest);
    assay_gmm_model_clear(&model);
  }
  free(x);
  assay_mixture_clear(&mixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(plain_least_squares), cmocka_unit_test(threads),
                                     cmocka_unit_test(cells_found), cmocka_unit_test(degree_afforded)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
