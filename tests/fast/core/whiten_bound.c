/* What rounding may do to labels and coordinates, against its formulas (fast/core/whiten.h; M2, M3 and S8 of
 * docs/fast-field-bound.md), evaluated in long double from constants of the components that are drawn: each term is
 * large somewhere. */
#include "fast/core/whiten.h"

#include "testing.h"

#include <math.h>
#include <stdlib.h>

enum { D = 4, COMPONENTS = 3, PADDED = 8, ROWS = 64 };

static const double first_axis[D] = {1};
static const long double U = 0x1p-53L, INFLATE = 1 + 0x1p-18L, FLOOR = 0x1p-1000L;

typedef struct {
  assay_mixture mixture;
  double x[ROWS * D];
  assay_stream stream;
  whitening source;
  whiten_block block;
} problem;

static void check(const char *what, double got, long double formula, size_t number) {
  test_check(fabsl(got - formula) <= 0x1p-40L * fabsl(formula), "case %zu, %s: %a, the formula gives %La", number, what,
             got, formula);
}

/* From `least` to 1, or 0. */
static double any(double least, test_random *random) {
  return test_integer(random, 0, 3) ? test_log_uniform(random, least, 1) : 0.0;
}

static void draw_mixture(problem *p, size_t count, test_random *random, assay_context *context) {
  assert_int_equal(assay_mixture_init(&p->mixture, D, count, context), ASSAY_OK);
  for (size_t k = 0; k < count; k++) {
    assay_covariance *s = &p->mixture.components[k].covariance;
    for (size_t j = 0; j < D; j++) p->mixture.components[k].mean[j] = test_normal(random);
    s->kind = test_bits(random) % 2 ? ASSAY_COVARIANCE_DIAGONAL : ASSAY_COVARIANCE_FULL;
    s->entries = calloc((size_t)D * D, sizeof *s->entries);
    assert_non_null(s->entries);
    if (s->kind == ASSAY_COVARIANCE_FULL)
      test_covariance(s->entries, D, 2, 8, random);
    else
      for (size_t j = 0; j < D; j++) s->entries[j] = test_uniform(random, 0.25, 2);
  }
}

/* Radii of about the same size or 0, on top of a mixture's own coordinates. */
static void draw(problem *p, test_random *random, assay_context *context) {
  const assay_path_point point = assay_path_point_of(assay_real_of(0.75), assay_real_of(0.5));
  double error = exp2(test_uniform(random, -56, -1));
  *p = (problem){.x = {0}}; /* the first row stays so */
  draw_mixture(p, test_integer(random, 1, COMPONENTS), random, context);
  for (size_t i = D; i < (size_t)ROWS * D; i++) p->x[i] = test_normal(random);
  p->stream = assay_stream_of(p->x, ROWS, D);
  double rounding = error * any(0x1p-8, random);
  assert_int_equal(
      whiten_init(&p->source, &p->mixture, &point, &p->stream, first_axis, 1, rounding, test_bits(random), context),
      ASSAY_OK);
  p->source.plan.gamma_lanes = error * any(0x1p-8, random);
  for (size_t k = 0; k < p->source.count; k++) {
    field_metric *c = &p->source.plan.components[k];
    c->base_error = error * any(0x1p-8, random);
    c->relative = error * any(0x1p-8, random);
    c->fixed = error * any(0x1p-8, random);
    c->stray = error * any(0x1p-8, random);
    c->defect = fmin(error, 0.5) * any(0x1p-8, random);
    c->inverse = any(0x1p-8, random);
  }
}

static void read(problem *p, assay_context *context) {
  assert_int_equal(whiten_block_init(&p->block, &p->source, context), ASSAY_OK);
  assert_int_equal(whiten_read(&p->block, &p->source, 0, ROWS, context), ASSAY_OK);
}

static void clear(problem *p) {
  whiten_block_clear(&p->block);
  whiten_clear(&p->source);
  assay_mixture_clear(&p->mixture);
}

static long double norm_of(const long double *row) {
  long double sum = 0;
  for (size_t j = 0; j < D; j++) sum += row[j] * row[j];
  return sqrtl(sum);
}

static long double largest_of(const long double *row) {
  long double largest = 0;
  for (size_t j = 0; j < D; j++) largest = fmaxl(largest, fabsl(row[j]));
  return largest;
}

static bool overflows(long double size) { return size * size >= 0x1p1024L; }

/* |row| from above, from its largest entry where its square overflows in double. */
static long double size_above(const long double *row) {
  long double norm = norm_of(row);
  return overflows(norm) ? INFLATE * sqrtl(D) * largest_of(row) : INFLATE * norm + 0x1p-500L;
}

/* One row and one component: |z|, its largest entry, |x - beta m| where it matters. */
typedef struct {
  long double size, largest, reach;
} distance;

static distance distance_of(const problem *p, size_t row, size_t k) {
  const field_metric *c = &p->source.plan.components[k];
  long double y[D], z[D] = {0};
  distance out = {0};
  for (size_t j = 0; j < D; j++) y[j] = (long double)p->x[row * D + j] - c->shift[j];
  for (size_t i = 0; i < D; i++) {
    if (!c->full) z[i] = y[i] * c->root[i];
    for (size_t j = 0; c->full && j < D; j++) z[i] += c->root[i * D + j] * y[j];
  }
  out.size = norm_of(z);
  out.largest = largest_of(z);
  if (c->full) out.reach = size_above(y);
  return out;
}

static long double norm_above(const problem *p, size_t row) {
  long double x[D];
  for (size_t j = 0; j < D; j++) x[j] = p->x[row * D + j];
  return size_above(x);
}

/* How far the sample may lie from its draw: `rounding` |x| and 2^-140. */
static long double moved_of(const problem *p, size_t row) {
  return p->source.rounding > 0 ? p->source.rounding * norm_above(p, row) + 0x1p-140L : 0;
}

typedef struct {
  long double size, delta;
  double log_weight, error;
} weighed;

static weighed weigh(const problem *p, size_t row, size_t k) {
  const field_metric *c = &p->source.plan.components[k];
  distance far = distance_of(p, row, k);
  long double square = far.size * far.size, size = INFLATE * far.size + 0x1p-500L;
  long double delta = INFLATE * (c->relative * size + c->fixed + c->stray * far.reach +
                                 (1 + (long double)c->defect) * c->inverse * moved_of(p, row));
  long double off = p->source.plan.gamma_lanes * square + 2 * size * delta + delta * delta +
                    c->defect * (size + delta) * (size + delta);
  return (weighed){size, INFLATE * (delta + c->defect * (size + delta)), (double)(c->base - square / 2),
                   (double)(INFLATE * (c->base_error + off / 2 + U * (fabsl(c->base) + square) + FLOOR))};
}

static long double uniform_of(uint64_t seed, uint64_t row) {
  const uint32_t counter[4] = {(uint32_t)row, (uint32_t)(row >> 32), 0, WHITEN_STREAM};
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  uint32_t words[4];
  assay_fast_philox(words, counter, key);
  return (long double)(((uint64_t)words[1] << 32 | words[0]) >> 11) * 0x1p-53L + 0x1p-54L;
}

/* So near to a border that roundings decide. */
static bool near(long double a, long double b) { return fabsl(a - b) <= 0x1p-46L + 0x1p-38L * fabsl(a - 1); }

/* Which rows can be judged: counts those with more than one label left open. */
static bool check_row(const problem *p, size_t row, size_t number, size_t *open_rows) {
  size_t count = p->source.count, first = count, last = 0, label = count - 1;
  double share[PADDED], doubts[PADDED] = {0}, weights[PADDED] = {0}, errors[PADDED] = {0};
  weighed w[COMPONENTS];
  for (size_t k = 0; k < count; k++) {
    w[k] = weigh(p, row, k);
    weights[k] = w[k].log_weight, errors[k] = w[k].error;
  }
  field_posterior posterior = {.share = share, .doubt = doubts, .weights = weights, .errors = errors};
  field_posterior_normalise(&posterior, field_rows_for(ASSAY_ISA_SSE2), count);
  long double doubt = 2 * INFLATE * posterior.total_doubt * posterior.stretch + (long double)(count + 2) * U;
  doubt = count == 1 ? 0 : fminl(doubt, 1);
  if (near(posterior.total_doubt, 0.25L) || near(posterior.log_doubt, 0.5L)) return false;
  check("doubt", p->block.doubt[row], doubt, number);
  long double u = uniform_of(p->source.seed, row), below = 0, least = INFINITY, farthest = 0;
  bool found = false;
  for (size_t k = 0; k < count; k++) {
    long double above = below + share[k];
    bool end = k + 1 == count;
    if (!end && (near(u, above) || near(u, above + doubt) || near(u + doubt, above))) return false;
    if (!found && (u < above || end)) label = k, found = true;
    if ((k == 0 || u >= below - doubt) && (end || u <= above + doubt)) {
      first = k < first ? k : first;
      last = k;
      least = fminl(least, w[k].size / (INFLATE * INFLATE) - w[k].delta);
      farthest = fmaxl(farthest, w[k].size + w[k].delta);
    }
    below = above;
  }
  const whiten_block *b = &p->block;
  test_check(b->label[row] == label && b->open_first[row] == first && b->open_last[row] == last,
             "case %zu, row %zu: %u of %u to %u", number, row, b->label[row], b->open_first[row], b->open_last[row]);
  assert_true(b->projection[row] == p->x[row * D]);
  check("norm", b->norm[row], norm_above(p, row), number);
  check("size", b->size[row], distance_of(p, row, label).size, number);
  check("error", b->error[row], w[label].delta, number);
  test_check(fabsl(b->least[row] - fmaxl(least, 0)) <= 0x1p-40L * farthest, "case %zu: least %a, not %La", number,
             b->least[row], least);
  check("farthest", b->farthest[row], farthest, number);
  *open_rows += first < last;
  return true;
}

static void rows_by_formula(void **state) {
  (void)state;
  test_random random = test_random_new(0x520);
  assay_context context;
  assay_context_init(&context);
  size_t judged = 0, open_rows = 0, cases = test_cases(40);
  for (size_t number = 0; number < cases; number++) {
    problem p;
    draw(&p, &random, &context);
    read(&p, &context);
    for (size_t i = 0; i < ROWS; i++) judged += check_row(&p, i, number, &open_rows);
    clear(&p);
  }
  test_check(judged > cases * ROWS / 2 && open_rows > 20, "%zu rows, %zu open", judged, open_rows);
}

/* Squares overflow in some components or in all: how far the sample is at least, where what is lost is at most a
 * quarter of it. */
static void far_rows_by_formula(void **state) {
  (void)state;
  test_random random = test_random_new(0x521);
  assay_context context;
  assay_context_init(&context);
  size_t known = 0, unknown = 0;
  for (size_t number = 0; number < test_cases(40); number++) {
    problem p;
    draw(&p, &random, &context);
    double size = test_log_uniform(&random, 0x1p505, 0x1p900), lost = size * test_log_uniform(&random, 0x1p-4, 8);
    for (size_t i = 0; i < (size_t)ROWS * D; i++) p.x[i] *= size;
    for (size_t k = 0; k < p.source.count; k++) {
      field_metric *c = &p.source.plan.components[k];
      c->fixed = lost * any(0x1p-8, &random);
      for (size_t j = 0; j < D; j++) c->shift[j] *= size;
      if (c->full) c->root[0] *= number % 4 == 0 ? 0x1p-450 : 1; /* not in all components */
    }
    read(&p, &context);
    for (size_t i = 0; i < ROWS; i++) {
      long double least = INFINITY;
      bool over = false, undecided = false;
      for (size_t k = 0; k < p.source.count; k++) {
        const field_metric *c = &p.source.plan.components[k];
        distance far = distance_of(&p, i, k);
        undecided = undecided || near(far.size * far.size / 0x1p1023L, 2);
        long double length = overflows(far.size) ? far.largest : far.size;
        long double off = c->fixed + c->stray * far.reach + (1 + (long double)c->defect) * c->inverse * moved_of(&p, i);
        undecided = undecided || fabsl(off - length / 4) <= 0x1p-17L * length;
        least = fminl(least, off <= length / 4 ? length / 2 : 0);
        over = over || overflows(far.size);
      }
      if (undecided || !over) continue;
      check("norm", p.block.norm[i], norm_above(&p, i), number);
      check("least", p.block.least[i], least, number);
      assert_true(p.block.label[i] == 0 && p.block.open_first[i] == 0 && p.block.open_last[i] + 1 == p.source.count);
      assert_true(p.block.doubt[i] == 1 && isinf(p.block.error[i]) && isinf(p.block.farthest[i]));
      known += least > 0, unknown += least == 0;
    }
    clear(&p);
  }
  test_check(known > 50 && unknown > 50, "%zu known, %zu unknown", known, unknown);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(rows_by_formula), cmocka_unit_test(far_rows_by_formula)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
