/* Labels, coordinates and marginals against plain sums in long double; what rounding may do against what it does. */
#include "testing.h"

#include "fast/core/gram_sum.h"
#include "fast/core/marginal.h"
#include "fast/core/schedule.h"
#include "fast/core/whiten.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { D = 5, COMPONENTS = 4, ROWS = 700, DIRECTIONS = 3 };

static assay_mixture mixture;
static assay_context context;
static double rows[ROWS * D], directions[DIRECTIONS * D];
static const double ALPHA = 0.75, BETA = 0.5;

/* Isotropic, diagonal, full, full. */
static void make_mixture(test_random *random) {
  assert_int_equal(assay_mixture_init(&mixture, D, COMPONENTS, &context), ASSAY_OK);
  for (size_t k = 0; k < COMPONENTS; k++) {
    assay_component *c = &mixture.components[k];
    assay_covariance *s = &c->covariance;
    c->weight = assay_real_of(test_uniform(random, 0.5, 2));
    for (size_t j = 0; j < D; j++) c->mean[j] = test_uniform(random, -2, 2);
    s->kind = k == 0 ? ASSAY_COVARIANCE_ISOTROPIC : k == 1 ? ASSAY_COVARIANCE_DIAGONAL : ASSAY_COVARIANCE_FULL;
    s->variance = assay_real_of(test_uniform(random, 0.5, 2));
    if (k == 0) continue;
    s->entries = calloc((size_t)D * D, sizeof *s->entries);
    assert_non_null(s->entries);
    if (k == 1)
      for (size_t j = 0; j < D; j++) s->entries[j] = test_uniform(random, 0.25, 3);
    else
      for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j <= i; j++)
          s->entries[i * D + j] = s->entries[j * D + i] =
              i == j ? test_uniform(random, 2, 3) : test_uniform(random, -0.4, 0.4);
  }
  for (size_t i = 0; i < (size_t)ROWS * D; i++) rows[i] = 1.5 * test_normal(random);
  for (size_t i = 0; i < (size_t)DIRECTIONS * D; i++) directions[i] = test_normal(random);
}

/* V_k by definition. */
static void variance(long double v[D][D], size_t k) {
  const assay_covariance *s = &mixture.components[k].covariance;
  for (size_t i = 0; i < D; i++)
    for (size_t j = 0; j < D; j++) {
      long double entry = s->kind == ASSAY_COVARIANCE_FULL       ? s->entries[i * D + j]
                          : i != j                               ? 0.0L
                          : s->kind == ASSAY_COVARIANCE_DIAGONAL ? s->entries[j]
                                                                 : s->variance.nearest;
      v[i][j] = (long double)BETA * BETA * entry + (i == j ? (long double)ALPHA * ALPHA : 0.0L);
    }
}

/* y' V^{-1} y and det V by elimination. */
static long double quadratic(long double v[D][D], const long double y[D], long double *det) {
  long double a[D][D + 1], sum = 0;
  for (size_t i = 0; i < D; i++) {
    memcpy(a[i], v[i], sizeof v[i]);
    a[i][D] = y[i];
  }
  *det = 1;
  for (size_t p = 0; p < D; p++) {
    *det *= a[p][p];
    sum += a[p][D] * a[p][D] / a[p][p];
    for (size_t i = p + 1; i < D; i++)
      for (size_t j = D + 1; j-- > p;) a[i][j] -= a[p][j] * (a[i][p] / a[p][p]);
  }
  return sum;
}

/* |z_k|^2 and the posterior of one row. */
static void plain(long double square[COMPONENTS], long double posterior[COMPONENTS], const double *x) {
  long double sum = 0;
  for (size_t k = 0; k < COMPONENTS; k++) {
    long double v[D][D], y[D], det;
    variance(v, k);
    for (size_t j = 0; j < D; j++) y[j] = x[j] - (long double)BETA * mixture.components[k].mean[j];
    square[k] = quadratic(v, y, &det);
    posterior[k] = mixture.components[k].weight.nearest * expl(-square[k] / 2) / sqrtl(det);
    sum += posterior[k];
  }
  for (size_t k = 0; k < COMPONENTS; k++) posterior[k] /= sum;
}

typedef struct {
  whitening source;
  whiten_block block;
  assay_stream stream;
} case_data;

static void read_case(case_data *out, const double *x, double rounding) {
  const assay_path_point point = assay_path_point_of(assay_real_of(ALPHA), assay_real_of(BETA));
  out->stream = assay_stream_of(x, ROWS, D);
  assert_int_equal(
      whiten_init(&out->source, &mixture, &point, &out->stream, directions, DIRECTIONS, rounding, 42, &context),
      ASSAY_OK);
  assert_int_equal(whiten_block_init(&out->block, &out->source, &context), ASSAY_OK);
  assert_int_equal(whiten_read(&out->block, &out->source, 0, ROWS, &context), ASSAY_OK);
}

static void clear_case(case_data *out) {
  whiten_block_clear(&out->block);
  whiten_clear(&out->source);
}

/* u of the header: words 0 and 1 of the block, low first. */
static long double uniform_of(uint64_t row) {
  const uint32_t counter[4] = {(uint32_t)row, (uint32_t)(row >> 32), 0, WHITEN_STREAM}, key[2] = {42, 0};
  uint32_t words[4];
  assay_fast_philox(words, counter, key);
  return (long double)(((uint64_t)words[1] << 32 | words[0]) >> 11) * 0x1p-53L + 0x1p-54L;
}

static void rows_are_as_defined(void **state) {
  (void)state;
  case_data got;
  read_case(&got, rows, 0);
  const whiten_block *b = &got.block;
  size_t seen[COMPONENTS] = {0};
  for (size_t i = 0; i < ROWS; i++) {
    long double square[COMPONENTS], posterior[COMPONENTS], below = 0, norm = 0, size = 0, u = uniform_of(i);
    plain(square, posterior, rows + i * D);
    size_t label = 0;
    while (label + 1 < COMPONENTS && u >= below + posterior[label]) below += posterior[label++];
    test_check(b->label[i] == label && b->open_first[i] == label && b->open_last[i] == label, "row %zu", i);
    seen[label]++;
    for (size_t j = 0; j < D; j++) {
      size += (long double)b->z[i * D + j] * b->z[i * D + j];
      norm += (long double)rows[i * D + j] * rows[i * D + j];
    }
    double error = b->error[i];
    test_check(error > 0 && error < 1e-12 && fabsl(sqrtl(size) - sqrtl(square[label])) <= error,
               "row %zu: |z| %La not %La, error %a", i, sqrtl(size), sqrtl(square[label]), error);
    test_check(fabs(b->size[i] - (double)sqrtl(size)) <= error, "row %zu: size %a", i, b->size[i]);
    test_check(b->norm[i] >= (double)sqrtl(norm) && b->norm[i] < 1.00001 * (double)sqrtl(norm), "row %zu", i);
    test_check(b->least[i] <= sqrtl(square[label]) && b->least[i] > 0.9999L * sqrtl(square[label]), "row %zu", i);
    test_check(b->farthest[i] >= sqrtl(square[label]), "row %zu", i);
    for (size_t r = 0; r < DIRECTIONS; r++) {
      long double along = 0;
      for (size_t j = 0; j < D; j++) along += (long double)directions[r * D + j] * rows[i * D + j];
      test_check(fabsl(along - b->projection[i * DIRECTIONS + r]) < 1e-13L, "row %zu direction %zu", i, r);
    }
  }
  for (size_t k = 0; k < COMPONENTS; k++) assert_true(seen[k] > 20);
  clear_case(&got);
}

/* z are coordinates, not only lengths: the quadratic form holds between rows of one component too. */
static void coordinates_keep_angles(void **state) {
  (void)state;
  case_data got;
  read_case(&got, rows, 0);
  for (size_t k = 0; k < COMPONENTS; k++) {
    long double v[D][D], y[D], det;
    variance(v, k);
    size_t a = 0, pairs = 0;
    while (got.block.label[a] != k) a++;
    for (size_t i = a + 1; i < ROWS; i++) {
      if (got.block.label[i] != k) continue;
      long double square = 0;
      for (size_t j = 0; j < D; j++) {
        long double z = (long double)got.block.z[a * D + j] - got.block.z[i * D + j];
        y[j] = (long double)rows[a * D + j] - rows[i * D + j];
        square += z * z;
      }
      test_check(fabsl(square - quadratic(v, y, &det)) < 1e-11L, "component %zu, rows %zu and %zu", k, a, i);
      pairs++;
    }
    assert_true(pairs > 10);
  }
  clear_case(&got);
}

/* Whoever rounds the draws gets the same labels where they are certain, and z within the error. */
static void rounding_is_covered(void **state) {
  (void)state;
  static double rounded[ROWS * D];
  case_data exact, got;
  size_t uncertain = 0, changed = 0;
  for (size_t i = 0; i < (size_t)ROWS * D; i++) { /* coarsely, so that labels change */
    int exponent = 0;
    double part = frexp(rows[i], &exponent);
    rounded[i] = ldexp(nearbyint(part * 0x1p5), exponent - 5);
  }
  read_case(&exact, rows, 0);
  read_case(&got, rounded, 0x1p-5);
  for (size_t i = 0; i < ROWS; i++) {
    const whiten_block *a = &exact.block, *b = &got.block;
    test_check(a->label[i] >= b->open_first[i] && a->label[i] <= b->open_last[i], "row %zu: %u not in %u to %u", i,
               a->label[i], b->open_first[i], b->open_last[i]);
    test_check(a->size[i] <= b->farthest[i] && a->size[i] >= b->least[i], "row %zu", i);
    uncertain += b->open_first[i] < b->open_last[i];
    changed += a->label[i] != b->label[i];
    if (a->label[i] != b->label[i]) continue;
    double square = 0;
    for (size_t j = 0; j < D; j++) square += pow(a->z[i * D + j] - b->z[i * D + j], 2);
    test_check(sqrt(square) <= b->error[i] && b->error[i] < 0.5, "row %zu: %a > %a", i, sqrt(square), b->error[i]);
  }
  test_check(changed > 0 && uncertain >= changed && uncertain < ROWS, "%zu changed, %zu uncertain", changed, uncertain);
  clear_case(&exact);
  clear_case(&got);
}

static void threads_and_blocks_change_nothing(void **state) {
  (void)state;
  case_data one, two;
  context.threads = 1;
  read_case(&one, rows, 0x1p-24);
  context.threads = 3;
  read_case(&two, rows, 0x1p-24);
  size_t kept = sizeof *rows * ROWS;
  assert_memory_equal(one.block.z, two.block.z, kept * D);
  assert_memory_equal(one.block.error, two.block.error, kept);
  assert_memory_equal(one.block.projection, two.block.projection, kept * DIRECTIONS);
  assert_memory_equal(one.block.label, two.block.label, ROWS * sizeof *one.block.label);
  for (size_t i = (size_t)ROWS * D; i < two.block.capacity * D; i++) assert_true(two.block.z[i] == 0);
  size_t first = two.source.tile * 3; /* elsewhere in its block, the same numbers */
  assert_int_equal(whiten_read(&two.block, &two.source, first, ROWS - first, &context), ASSAY_OK);
  assert_memory_equal(one.block.z + first * D, two.block.z, (ROWS - first) * D * sizeof *rows);
  assert_memory_equal(one.block.label + first, two.block.label, (ROWS - first) * sizeof *one.block.label);
  context.threads = 0;
  clear_case(&one);
  clear_case(&two);
}

static void far_samples_are_known_to_be_far(void **state) {
  (void)state;
  static double wild[ROWS * D];
  case_data got;
  memcpy(wild, rows, sizeof wild);
  wild[3 * D + 1] = 1e200; /* its square overflows */
  wild[(size_t)5 * D] = 1e12;
  read_case(&got, wild, 0x1p-24);
  assert_true(got.block.least[3] > 1e100 && isinf(got.block.error[3]) && got.block.doubt[3] == 1);
  assert_true(got.block.open_first[3] == 0 && got.block.open_last[3] == COMPONENTS - 1);
  assert_true(got.block.z[3 * D + 1] == 0);
  assert_true(got.block.least[5] > 1e11 && got.block.least[5] < 1e13);
  clear_case(&got);
  wild[6 * D + 2] = NAN;
  got.stream = assay_stream_of(wild, ROWS, D);
  const assay_path_point point = assay_path_point_of(assay_real_of(ALPHA), assay_real_of(BETA));
  assert_int_equal(whiten_init(&got.source, &mixture, &point, &got.stream, NULL, 0, 0, 1, &context), ASSAY_OK);
  assert_int_equal(whiten_block_init(&got.block, &got.source, &context), ASSAY_OK);
  assert_int_equal(whiten_read(&got.block, &got.source, 0, ROWS, &context), ASSAY_INVALID);
  assert_string_equal(context.message, "samples: row 6, column 2 is nan; finite numbers are expected");
  clear_case(&got);
}

static void marginals_are_as_defined(void **state) {
  (void)state;
  const assay_path_point point = assay_path_point_of(assay_real_of(ALPHA), assay_real_of(BETA));
  marginal_component got[COMPONENTS];
  long double total = 0, square_norm = 0;
  for (size_t k = 0; k < COMPONENTS; k++) total += mixture.components[k].weight.nearest;
  for (size_t r = 0; r < DIRECTIONS; r++) {
    const double *u = directions + r * D;
    marginal_along(got, &mixture, &point, u);
    for (size_t k = 0; k < COMPONENTS; k++) {
      long double v[D][D], mean = 0, spread = 0, weight = mixture.components[k].weight.nearest / total, inner = 0;
      variance(v, k);
      for (size_t i = 0; i < D; i++) {
        mean += (long double)BETA * u[i] * mixture.components[k].mean[i];
        inner += (long double)BETA * BETA * mixture.components[k].mean[i] * mixture.components[k].mean[i] + v[i][i];
        for (size_t j = 0; j < D; j++) spread += u[i] * v[i][j] * u[j];
      }
      test_check(fabsl(got[k].mean.value - mean) <= got[k].mean.error && got[k].mean.error < 1e-14, "mean %zu", k);
      test_check(fabsl(got[k].deviation.value - sqrtl(spread)) <= got[k].deviation.error &&
                     got[k].deviation.error < 1e-13,
                 "deviation %zu", k);
      test_check(fabsl(got[k].weight.value - weight) <= got[k].weight.error && got[k].weight.error < 1e-15,
                 "weight %zu", k);
      if (r == 0) square_norm += weight * inner;
    }
  }
  double bound = marginal_square_norm(&mixture, &point);
  test_check(bound >= square_norm && bound < 1.0001L * square_norm, "%a, %La", bound, square_norm);
}

/* In two blocks, whatever the threads: the same bits, and plain sums within gamma_N. */
static void gram_sums_add_up(void **state) {
  (void)state;
  enum { WIDE = 50, LONG = ROWS * D / WIDE };
  static double one[WIDE * WIDE], two[WIDE * WIDE];
  memset(one, 0, sizeof one);
  memset(two, 0, sizeof two);
  for (int pass = 0; pass < 2; pass++) {
    context.threads = pass + 1;
    double *out = pass ? two : one;
    assert_int_equal(gram_add(out, rows, LONG / 2, WIDE, &context), ASSAY_OK);
    assert_int_equal(gram_add(out, rows + (size_t)LONG / 2 * WIDE, LONG - LONG / 2, WIDE, &context), ASSAY_OK);
  }
  context.threads = 0;
  assert_memory_equal(one, two, sizeof one);
  for (size_t i = 0; i < WIDE; i++)
    for (size_t j = 0; j < WIDE; j++) {
      long double sum = 0, size = 0;
      for (size_t r = 0; r < LONG; r++) {
        long double term = (long double)rows[r * WIDE + i] * rows[r * WIDE + j];
        sum += term;
        size += fabsl(term);
      }
      test_check(fabsl(one[i * WIDE + j] - sum) <= LONG * 0x1.01p-53L * size, "%zu %zu", i, j);
    }
}

int main(void) {
  test_random random = test_random_new(77);
  assay_context_init(&context);
  make_mixture(&random);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_as_defined),
      cmocka_unit_test(coordinates_keep_angles),
      cmocka_unit_test(rounding_is_covered),
      cmocka_unit_test(threads_and_blocks_change_nothing),
      cmocka_unit_test(far_samples_are_known_to_be_far),
      cmocka_unit_test(marginals_are_as_defined),
      cmocka_unit_test(gram_sums_add_up),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  assay_mixture_clear(&mixture);
  return failed;
}
