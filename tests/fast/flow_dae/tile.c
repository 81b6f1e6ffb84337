/* The loops over tiles: exact where nothing is rounded, the same bits whatever the instruction set, and sums over rows
 * within their roundings. */
#include "testing.h"

#include "fast/flow_dae/tile.h"

#include <assay/fast.h>

#include <math.h>

enum { ROWS_MOST = 70, STRIDE_MOST = 48, TILE_MOST = ROWS_MOST * STRIDE_MOST };

typedef struct {
  size_t rows, stride;
  double x[TILE_MOST], y[TILE_MOST], a[STRIDE_MOST], b[STRIDE_MOST];
  signed char signs[ROWS_MOST];
} tile_case;

typedef struct {
  double dots[4], pair_dots[7], sum[STRIDE_MOST], magnitude[STRIDE_MOST], placed[STRIDE_MOST], added[STRIDE_MOST];
} tile_results;

/* Integers up to `most`, or any numbers when it is 0. */
static double number(test_random *random, size_t most) {
  if (most) return (double)test_integer(random, 0, 2 * most) - (double)most;
  return test_uniform(random, -1, 1) * ldexp(1, (int)test_integer(random, 0, 20));
}

static void draw(tile_case *at, test_random *random, size_t most) {
  at->rows = test_integer(random, 1, ROWS_MOST);
  at->stride = TILE_LANES * test_integer(random, 1, STRIDE_MOST / TILE_LANES);
  for (size_t k = 0; k < at->rows * at->stride; k++) {
    at->x[k] = number(random, most);
    at->y[k] = number(random, most);
  }
  for (size_t j = 0; j < at->stride; j++) {
    at->a[j] = number(random, most);
    at->b[j] = number(random, most);
  }
  for (size_t i = 0; i < at->rows; i++) at->signs[i] = test_integer(random, 0, 1) ? 1 : -1;
}

/* Every output starts from numbers of its own. placed: of stride - 3 columns. */
static tile_results run(const tile_case *at, const tile_kernel *kernel) {
  tile_results out = {0};
  for (size_t k = 0; k < 4; k++) out.dots[k] = (double)k + 1;
  for (size_t k = 0; k < 7; k++) out.pair_dots[k] = (double)k + 5;
  for (size_t j = 0; j < at->stride; j++) {
    out.sum[j] = (double)j;
    out.magnitude[j] = (double)(2 * j);
    out.placed[j] = out.added[j] = at->x[j];
  }
  kernel->dots(out.dots, at->x, at->y, at->a, at->b, at->stride);
  kernel->pair_dots(out.pair_dots, at->x, at->y, at->a, at->b, at->stride);
  kernel->add_rows(out.sum, out.magnitude, at->x, at->signs, at->rows, at->stride);
  kernel->place(out.placed, 3, at->a[0], at->stride - 3);
  kernel->add(out.added, at->b[0], at->y, at->stride);
  return out;
}

static double dot(const double *x, const double *y, size_t count) {
  double sum = 0;
  for (size_t j = 0; j < count; j++) sum += x[j] * y[j];
  return sum;
}

/* Integers whose sums stay below 2^53. */
static tile_results expected(const tile_case *at) {
  const double *left[] = {at->x, at->x, at->x, at->x, at->y, at->y, at->y};
  const double *right[] = {at->x, at->y, at->a, at->b, at->y, at->a, at->b};
  tile_results out = {0};
  for (size_t k = 0; k < 4; k++) out.dots[k] = (double)k + 1 + dot(left[k], right[k], at->stride);
  for (size_t k = 0; k < 7; k++) out.pair_dots[k] = (double)k + 5 + dot(left[k], right[k], at->stride);
  for (size_t j = 0; j < at->stride; j++) {
    out.sum[j] = (double)j;
    out.magnitude[j] = (double)(2 * j);
    for (size_t i = 0; i < at->rows; i++) {
      out.sum[j] += at->signs[i] * at->x[i * at->stride + j];
      out.magnitude[j] += fabs(at->x[i * at->stride + j]);
    }
    out.placed[j] = j + 3 < at->stride ? 3 + at->a[0] * at->x[j] : at->x[j];
    out.added[j] = at->x[j] + at->b[0] * at->y[j];
  }
  return out;
}

static void compare(const tile_results *got, const tile_results *want, const tile_case *at, assay_isa isa) {
  const double *g = got->dots, *w = want->dots; /* nothing but doubles in the struct */
  for (size_t k = 0; k < sizeof *got / sizeof(double); k++)
    test_check(g[k] == w[k], "%s, %zu rows of %zu: number %zu is %a, expected %a", assay_fast_isa_name(isa), at->rows,
               at->stride, k, g[k], w[k]);
}

static void integers_are_exact(void **state) {
  (void)state;
  static tile_case at;
  test_random random = test_random_new(0x711e);
  for (size_t k = 0; k < test_cases(100); k++) {
    draw(&at, &random, 1000);
    tile_results want = expected(&at);
    for (assay_isa isa = ASSAY_ISA_SSE2; isa <= ASSAY_ISA_AVX512; isa++) {
      tile_results got = run(&at, tile_kernel_of(isa));
      compare(&got, &want, &at, isa);
    }
  }
}

static void kernels_agree(void **state) {
  (void)state;
  static tile_case at;
  test_random random = test_random_new(0x711f);
  for (size_t k = 0; k < test_cases(200); k++) {
    draw(&at, &random, 0);
    tile_results want = run(&at, &tile_kernel_sse2);
    for (assay_isa isa = ASSAY_ISA_AVX2; isa <= ASSAY_ISA_AVX512; isa++) {
      tile_results got = run(&at, tile_kernel_of(isa));
      compare(&got, &want, &at, isa);
    }
  }
}

/* |computed - exact| <= p u/(1 - p u) sum |x|, p = tile_sum_roundings. */
static void check_sum(const tile_case *at, const char *what) {
  double sum[STRIDE_MOST] = {0}, magnitude[STRIDE_MOST] = {0}, roundings = tile_sum_roundings(at->rows);
  long double gamma = roundings * 0x1p-53L / (1 - roundings * 0x1p-53L);
  tile_kernel_of(ASSAY_ISA_BEST)->add_rows(sum, magnitude, at->x, at->signs, at->rows, at->stride);
  for (size_t j = 0; j < at->stride; j++) {
    long double exact = 0, size = 0;
    for (size_t i = 0; i < at->rows; i++) {
      exact += (long double)at->signs[i] * at->x[i * at->stride + j];
      size += fabsl(at->x[i * at->stride + j]);
    }
    test_check(fabsl(sum[j] - exact) <= gamma * size && fabsl(magnitude[j] - size) <= gamma * size,
               "%s, %zu rows: %a (%a of sizes), exactly %La (%La), %g roundings", what, at->rows, sum[j], magnitude[j],
               exact, size, roundings);
  }
}

/* A one, and wherever a sum that holds it meets another one, that is u = 2^-53, which is lost: the error is u a
 * rounding. long double holds these numbers exactly. */
static void draw_losses(tile_case *at, size_t rows) {
  *at = (tile_case){.rows = rows, .stride = TILE_LANES};
  size_t fours = rows < TILE_GROUP ? rows / 4 * 4 : TILE_GROUP;
  for (size_t i = 0; i < rows; i++) {
    double part = i >= TILE_GROUP ? 0x1p-57 : i == 1 || i >= fours ? 0x1p-53 : i < 4 ? 0x1p-54 : 0x1p-55;
    at->signs[i] = 1;
    for (size_t j = 0; j < at->stride; j++) at->x[i * at->stride + j] = i == 0 ? 1 : part;
  }
}

static void sums_within_roundings(void **state) {
  (void)state;
  static tile_case at;
  test_random random = test_random_new(0x7120);
  for (size_t k = 0; k < test_cases(100); k++) {
    draw(&at, &random, 0);
    check_sum(&at, "random");
  }
  for (size_t rows = 1; rows <= ROWS_MOST; rows++) {
    draw_losses(&at, rows);
    check_sum(&at, "losses");
  }
}

/* The roundings are not fewer: 15 rows lose all seven. */
static void losses_are_lost(void **state) {
  (void)state;
  static tile_case at;
  double sum[TILE_LANES] = {0}, magnitude[TILE_LANES] = {0};
  draw_losses(&at, 15);
  tile_kernel_of(ASSAY_ISA_BEST)->add_rows(sum, magnitude, at.x, at.signs, at.rows, at.stride);
  test_check(sum[0] == 1 && tile_sum_roundings(15) == 7, "%a, %g roundings", sum[0], tile_sum_roundings(15));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(integers_are_exact), cmocka_unit_test(kernels_agree),
                                     cmocka_unit_test(sums_within_roundings), cmocka_unit_test(losses_are_lost)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
