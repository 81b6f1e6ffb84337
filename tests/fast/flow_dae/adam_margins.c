/* What Adam with the activation sign knows without a product (adam_margins.h): never a sign that a product would
 * contradict, and not much less than the bound allows. Walks of w are made up, harsher than Adam's. */
#include "fast/flow_dae/adam_margins.h"
#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  size_t n, d;
  double *x0, *x1;
  assay_dae_data data;
  adam_rows rows;
  adam_margins margins;
  double *w, *products, square;
  const double **vectors;
  size_t *list;
  signed char *signs;
} walker;

static assay_context context;

static walker *walker_of(size_t n, size_t d) {
  walker *a = calloc(1, sizeof *a);
  assay_context_init(&context);
  context.threads = 1;
  a->n = n, a->d = d;
  a->x0 = calloc(2 * n * d, sizeof(double));
  a->x1 = a->x0 + n * d;
  a->data = (assay_dae_data){.samples = n, .dimension = d};
  a->data.noise = assay_stream_of(a->x0, n, d);
  a->data.data = assay_stream_of(a->x1, n, d);
  a->w = calloc(d + 8, sizeof(double));
  a->products = malloc(n * sizeof(double));
  a->vectors = malloc(n * sizeof *a->vectors);
  a->list = malloc(n * sizeof *a->list);
  a->signs = calloc(n, 1);
  return a;
}

/* x_t is x_0. */
static void begin(walker *a) {
  assert_int_equal(adam_rows_init(&a->rows, 1, 0, &a->data, 0, &context), ASSAY_OK);
  assert_int_equal(adam_margins_init(&a->margins, &a->rows, a->w, &context), ASSAY_OK);
}

static void end(walker *a) {
  adam_margins_clear(&a->margins);
  adam_rows_clear(&a->rows);
  free(a->x0), free(a->w), free(a->products), free(a->vectors), free(a->list), free(a->signs), free(a);
}

static void products_of(walker *a, size_t count) {
  for (size_t k = 0; k < count; k++) a->vectors[k] = a->rows.xt + a->list[k] * a->rows.stride;
  assert_int_equal(adam_rows_products(a->products, &a->square, a->w, a->vectors, count, &a->rows, &context), 0);
}

/* Number of rows listed; signs of all others must be as they were. */
static size_t look(walker *a, const char *what, uint64_t seed) {
  size_t count = 0;
  for (size_t i = 0; i < a->n; i++) a->list[i] = i;
  products_of(a, a->n);
  double *all = malloc(a->n * sizeof *all);
  memcpy(all, a->products, a->n * sizeof *all);
  assert_int_equal(adam_margins_list(a->list, &count, &a->margins, a->signs, a->square, &context), ASSAY_OK);
  signed char *known = malloc(a->n);
  memset(known, 1, a->n);
  for (size_t k = 0; k < count; k++) known[a->list[k]] = 0;
  for (size_t i = 0; i < a->n; i++) {
    int sign = (all[i] > 0) - (all[i] < 0);
    test_check(!known[i] || sign == a->signs[i],
               "%s n %zu d %zu seed %llu: row %zu: sign %d taken for known: product %a", what, a->n, a->d,
               (unsigned long long)seed, i, a->signs[i], all[i]);
    a->signs[i] = (signed char)sign;
  }
  products_of(a, count);
  assert_int_equal(adam_margins_note(&a->margins, a->list, count, a->products, a->square, &context), ASSAY_OK);
  free(all), free(known);
  return count;
}

/* w goes to `to`. */
static void go(walker *a, const double *to) {
  double moved = 0;
  for (size_t j = 0; j < a->d; j++) {
    double by = to[j] - a->w[j];
    moved += by * by;
    a->w[j] = to[j];
  }
  adam_margins_move(&a->margins, moved);
}

/* Walks: in a plane or space of some directions, to and fro, with steps from 1e-17 to 1 of w; rows are random, or
 * nearly orthogonal to where w goes. */
static void walk(uint64_t seed) {
  test_random random = test_random_new(seed);
  enum { MOST = 3 };
  size_t n = test_integer(&random, 1, 40), d = test_integer(&random, 1, seed % 2 ? 4 : 100);
  size_t directions = test_integer(&random, 1, MOST);
  walker *a = walker_of(n, d);
  double *space = malloc((MOST + 2) * d * sizeof *space), *to = space + MOST * d, *base = to + d;
  for (size_t k = 0; k < n * d; k++) a->x0[k] = test_normal(&random);
  for (size_t k = 0; k < (MOST + 2) * d; k++) space[k] = test_normal(&random);
  double reach = test_log_uniform(&random, 1e-17, 1), near = seed % 3 ? test_log_uniform(&random, 1e-17, 1) : 1,
         square = 0;
  for (size_t j = 0; j < d; j++) square += base[j] * base[j];
  for (size_t i = 0; i < n; i++) {
    double by = 0;
    for (size_t j = 0; j < d; j++) by += a->x0[i * d + j] * base[j] / square;
    for (size_t j = 0; j < d; j++) a->x0[i * d + j] -= (1 - near) * by * base[j];
  }
  memcpy(a->w, base, d * sizeof *base);
  begin(a);
  for (size_t k = 0; k < 150; k++) {
    (void)look(a, "walk", seed);
    memcpy(to, base, d * sizeof *base);
    for (size_t u = 0; u < directions; u++) {
      double by = test_normal(&random) * reach;
      for (size_t j = 0; j < d; j++) to[j] += by * space[u * d + j];
    }
    go(a, to);
  }
  free(space);
  end(a);
}

static void walks(void **state) {
  (void)state;
  test_random random = test_random_new(0xa1b);
  for (size_t k = 0; k < test_cases(1500); k++) walk(test_bits(&random) & 0xffffffff);
}

/* M1 is sharp: in one dimension w goes straight towards 0, and its row is looked at when w is there, not before:
 * 1e-12 is far above what rounding takes of 1. */
static void straight(void **state) {
  (void)state;
  walker *a = walker_of(1, 1);
  a->x0[0] = 2;
  a->w[0] = 1;
  begin(a);
  assert_int_equal(look(a, "straight", 0), 1);
  const double stops[] = {0.5, 0x1p-20, 1e-12};
  for (size_t k = 0; k < sizeof stops / sizeof *stops; k++) {
    go(a, &stops[k]);
    test_check(look(a, "straight", k) == 0, "looked at before, at %a", stops[k]);
  }
  const double last = -1e-12;
  go(a, &last);
  test_check(look(a, "straight", 9) == 1, "not looked at after the sign changed");
  end(a);
}

/* Steps far below the last place of the path so far are counted all the same: w creeps across 0. */
static void creep(void **state) {
  (void)state;
  walker *a = walker_of(1, 1);
  a->x0[0] = 1;
  a->w[0] = 0x1p-8;
  begin(a);
  const double far = 0x1p40, back = 0x1p-8;
  go(a, &far);
  go(a, &back); /* the path is 2^41, whose last place is 2^-11 */
  for (int k = 0; k < 100; k++) {
    (void)look(a, "creep", (uint64_t)k);
    double to = a->w[0] - 0x1p-13;
    go(a, &to);
  }
  assert_true(a->signs[0] < 0);
  end(a);
}

/* M2 is sharp: w goes to and fro on a line, far beyond every margin, but across no row; once both ends have been
 * anchors, no product is needed for ever. */
static void to_and_fro(void **state) {
  (void)state;
  enum { N = 9, D = 40 };
  test_random random = test_random_new(7);
  walker *a = walker_of(N, D);
  double start[D], along[D], to[D], square = 0;
  for (size_t j = 0; j < D; j++) {
    start[j] = a->w[j] = test_normal(&random);
    along[j] = 10 * test_normal(&random);
    square += along[j] * along[j];
  }
  for (size_t i = 0; i < N; i++) {
    double *row = a->x0 + i * D, by = 0;
    for (size_t j = 0; j < D; j++) row[j] = test_normal(&random), by += row[j] * along[j] / square;
    for (size_t j = 0; j < D; j++) row[j] -= by * along[j];
  }
  begin(a);
  for (size_t k = 0; k < 1000; k++) {
    size_t listed = look(a, "to and fro", k);
    test_check(listed == (k < 2 ? N : 0), "%zu products at step %zu", listed, k);
    double by = k % 2 ? 0.1 * (double)(k % 10) - 0.2 : 1;
    for (size_t j = 0; j < D; j++) to[j] = start[j] + by * along[j];
    go(a, to);
  }
  end(a);
}

/* Anchors so near each other that M2's coefficients are huge, at the end of the range: |q|^2 overflows on the way. */
static void huge(void **state) {
  (void)state;
  enum { N = 4, D = 3 };
  const double at[][D] = {{0x1p499, 0x1p480, 0}, {0x1p499, 0x1p485 + 0x1p480, 0}, {0, 0x1p498, 0x1p498}};
  walker *a = walker_of(N, D);
  for (size_t i = 0; i < N; i++) a->x0[i * D + 1] = 1, a->x0[i * D + 2] = -2;
  memcpy(a->w, at[0], sizeof at[0]);
  begin(a);
  for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
    if (k > 0) go(a, at[k]);
    (void)look(a, "huge", k);
  }
  assert_true(a->signs[0] < 0);
  end(a);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(walks), cmocka_unit_test(straight), cmocka_unit_test(creep),
                                     cmocka_unit_test(to_and_fro), cmocka_unit_test(huge)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
