/* The exact theorem at finite d against the flow itself, simulated: at every Euler step the learner is fitted anew in
 * R^d, and the samples move by its velocity. */
#include "testing.h"

#include "tests/reference/arb_bridge.h"
#include "tests/reference/flow_dae/learner_oracle.h"

#include <assay/reference.h>

#include <arb_hypgeom.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GOAL = 100, MOST_SAMPLES = 5, MOST_DIMENSION = 7, COUNT = 3 };

typedef struct {
  assay_dae_settings settings;
  size_t d;
  double noise[MOST_SAMPLES * MOST_DIMENSION], data[MOST_SAMPLES * MOST_DIMENSION], start[COUNT * MOST_DIMENSION];
  signed char labels[MOST_SAMPLES], signs[COUNT];
  char text[120];
} transport_case;

static transport_case random_case(test_random *random, size_t steps) {
  transport_case c = {.d = test_integer(random, 3, MOST_DIMENSION)};
  size_t n = test_integer(random, 2, MOST_SAMPLES);
  double lambda = test_integer(random, 0, 2) ? test_uniform(random, 0.01, 2) : 0;
  c.settings = assay_dae_settings_of(n, assay_real_of(0.5), assay_real_of(lambda));
  c.settings.steps = steps;
  for (size_t i = 0; i < n * c.d; i++) c.noise[i] = test_normal(random), c.data[i] = 1 + test_normal(random);
  for (size_t i = 0; i < COUNT * c.d; i++) c.start[i] = test_normal(random);
  for (size_t i = 0; i < n; i++) c.labels[i] = test_integer(random, 0, 1) ? 1 : -1;
  for (size_t i = 0; i < COUNT; i++) c.signs[i] = test_integer(random, 0, 1) ? 1 : -1;
  (void)snprintf(c.text, sizeof c.text, "n %zu, d %zu, lambda %a, K %zu", n, c.d, lambda, steps);
  return c;
}

static assay_status run(mpfi_ptr out, mpfi_ptr perp, const transport_case *c, long goal, assay_context *context) {
  size_t n = c->settings.samples;
  assay_stream noise = assay_stream_of(c->noise, n, c->d), data = assay_stream_of(c->data, n, c->d),
               start = assay_stream_of(c->start, COUNT, c->d);
  return assay_reference_dae_transport(out, perp, &noise, &data, c->labels, &start, c->signs, &c->settings, goal,
                                       context);
}

static void load(learner_oracle *out, const transport_case *c) {
  learner_oracle_init(out, c->settings.samples, c->d);
  arb_set_d(out->lambda, c->settings.lambda.nearest);
  for (size_t i = 0; i < c->settings.samples; i++) {
    out->labels[i] = c->labels[i];
    for (size_t j = 0; j < c->d; j++) {
      arb_set_d(arb_mat_entry(out->noise, i, j), c->noise[i * c->d + j]);
      arb_set_d(arb_mat_entry(out->data, i, j), c->data[i * c->d + j]);
    }
  }
}

static void simulate(arb_ptr x, const learner_oracle *oracle, int h, size_t steps) {
  arb_t t;
  arb_init(t);
  for (size_t j = 0; j < steps; j++) {
    arb_set_ui(t, j);
    arb_div_ui(t, t, steps, ORACLE_BITS);
    path_oracle path;
    path_oracle_init(&path, assay_schedule_of(ASSAY_LINEAR), t);
    learner_oracle_step(x, oracle, &path, h, steps);
    path_oracle_clear(&path);
  }
  arb_clear(t);
}

static void check_euler(const transport_case *c) {
  assay_context context;
  assay_context_init(&context);
  mpfi_ptr out = NULL;
  assert_int_equal(assay_enclosures_init(&out, COUNT * c->d + 1, &context), ASSAY_OK);
  mpfi_ptr perp = out + COUNT * c->d;
  assay_status status = run(out, perp, c, GOAL, &context);
  test_check(status == ASSAY_OK, "%s: %s", c->text, context.message);
  learner_oracle oracle;
  load(&oracle, c);
  arb_ptr x = _arb_vec_init((slong)c->d);
  for (size_t i = 0; i < COUNT; i++) {
    for (size_t j = 0; j < c->d; j++) arb_set_d(x + j, c->start[i * c->d + j]);
    simulate(x, &oracle, c->signs[i], c->settings.steps);
    for (size_t j = 0; j < c->d; j++) {
      mpfi_srcptr ours = &out[i * c->d + j];
      test_check(bridge_meets(ours, x + j), "%s: X[%zu][%zu] = %s, simulated %s", c->text, i, j, bridge_text(ours),
                 bridge_ball(x + j));
      test_check(bridge_narrow(ours, GOAL - 8), "%s: X[%zu][%zu] = %s is wide", c->text, i, j, bridge_text(ours));
    }
  }
  _arb_vec_clear(x, (slong)c->d);
  learner_oracle_clear(&oracle);
  assay_enclosures_clear(out, COUNT * c->d + 1);
}

static void test_euler(void **state) {
  (void)state;
  test_random random = test_random_new(61);
  for (size_t i = 0; i < test_cases(25); i++) {
    transport_case c = random_case(&random, test_integer(&random, 1, 6));
    check_euler(&c);
  }
}

/* ---- the ODE: P = exp int gamma dt, gamma the velocity's growth across the span, by Gauss-Legendre nodes ----
 * The integrand is analytic on [0, 1], so the rule converges geometrically: the error of 160 nodes is below the
 * difference between 80 and 160, which is the tolerance. */

/* d velocity/dx at fixed h: the velocity of x = (1, 0, ...) less that of x = 0, first coordinate. */
static void growth(arb_t out, const learner_oracle *oracle, const path_oracle *path) {
  arb_ptr x = _arb_vec_init((slong)oracle->dimension), v = _arb_vec_init((slong)oracle->dimension);
  learner_oracle_velocity(v, oracle, path, x, 1);
  arb_neg(out, v);
  arb_one(x);
  learner_oracle_velocity(v, oracle, path, x, 1);
  arb_add(out, out, v, ORACLE_BITS);
  _arb_vec_clear(x, (slong)oracle->dimension), _arb_vec_clear(v, (slong)oracle->dimension);
}

static void integrated_growth(arb_t out, const learner_oracle *oracle, assay_schedule schedule, ulong nodes) {
  arb_t node, weight, value;
  arb_init(node), arb_init(weight), arb_init(value);
  arb_zero(out);
  for (ulong k = 0; k < nodes; k++) {
    arb_hypgeom_legendre_p_ui_root(node, weight, nodes, k, ORACLE_BITS);
    arb_add_ui(node, node, 1, ORACLE_BITS);
    arb_mul_2exp_si(node, node, -1);
    path_oracle path;
    path_oracle_init(&path, schedule, node);
    growth(value, oracle, &path);
    arb_mul_2exp_si(weight, weight, -1);
    arb_addmul(out, value, weight, ORACLE_BITS);
    path_oracle_clear(&path);
  }
  arb_clear(node), arb_clear(weight), arb_clear(value);
}

static void check_ode(const transport_case *c) {
  assay_context context;
  assay_context_init(&context);
  mpfi_ptr out = NULL;
  assert_int_equal(assay_enclosures_init(&out, COUNT * c->d + 1, &context), ASSAY_OK);
  mpfi_ptr perp = out + COUNT * c->d;
  assay_status status = run(out, perp, c, GOAL, &context);
  test_check(status == ASSAY_OK, "%s: %s", c->text, context.message);
  learner_oracle oracle;
  load(&oracle, c);
  arb_t coarse, fine;
  arb_init(coarse), arb_init(fine);
  assay_schedule schedule = c->settings.schedule;
  integrated_growth(coarse, &oracle, schedule, 80);
  integrated_growth(fine, &oracle, schedule, 160);
  arb_sub(coarse, coarse, fine, ORACLE_BITS);
  arb_add_error(fine, coarse);
  test_check(mag_cmp_2exp_si(arb_radref(fine), -20) < 0, "%s: the oracle is wide, %s", c->text, bridge_ball(fine));
  arb_exp(fine, fine, ORACLE_BITS);
  test_check(bridge_meets(perp, fine), "%s: P = %s, oracle %s", c->text, bridge_text(perp), bridge_ball(fine));
  arb_clear(coarse), arb_clear(fine);
  learner_oracle_clear(&oracle);
  assay_enclosures_clear(out, COUNT * c->d + 1);
}

static void test_ode(void **state) {
  (void)state;
  test_random random = test_random_new(62);
  for (size_t i = 0; i < test_cases(4); i++) {
    transport_case c = random_case(&random, 0);
    if (i % 3 == 1) c.settings.schedule = assay_schedule_of(ASSAY_TRIGONOMETRIC);
    if (i % 3 == 2) c.settings.schedule = assay_schedule_polynomial(2);
    check_ode(&c);
  }
}

/* ---- X_1 of the ODE from P; tiles; inclusion ---- */

/* More rows and columns than a tile holds: the same numbers as a small problem whose columns are repeated. Repeating
 * all columns m times multiplies every a_uv by m and changes nothing else. */
static void test_tiles(void **state) {
  (void)state;
  enum { COLUMNS = 300, ROWS = 150, SAMPLES = 140 };
  test_random random = test_random_new(63);
  double *noise = test_malloc(sizeof(double) * SAMPLES * COLUMNS),
         *data = test_malloc(sizeof(double) * SAMPLES * COLUMNS), *start = test_malloc(sizeof(double) * ROWS * COLUMNS);
  signed char labels[SAMPLES], signs[ROWS];
  for (size_t i = 0; i < SAMPLES; i++) labels[i] = i % 3 ? 1 : -1;
  for (size_t i = 0; i < ROWS; i++) signs[i] = i % 2 ? 1 : -1;
  for (size_t i = 0; i < SAMPLES; i++)
    for (size_t j = 0; j < COLUMNS; j++) {
      noise[i * COLUMNS + j] = j < 2 ? test_normal(&random) : noise[i * COLUMNS + j % 2];
      data[i * COLUMNS + j] = j < 2 ? test_normal(&random) : data[i * COLUMNS + j % 2];
    }
  for (size_t i = 0; i < ROWS; i++)
    for (size_t j = 0; j < COLUMNS; j++)
      start[i * COLUMNS + j] = i < 2 && j < 2 ? test_normal(&random) : start[(i % 2) * COLUMNS + j % 2];
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = assay_dae_settings_of(SAMPLES, assay_real_of(1), (assay_real){0.1, "1/10"});
  settings.steps = 3;
  mpfi_ptr out = NULL;
  assert_int_equal(assay_enclosures_init(&out, (size_t)ROWS * COLUMNS + 1, &context), ASSAY_OK);
  assay_stream streams[3] = {assay_stream_of(noise, SAMPLES, COLUMNS), assay_stream_of(data, SAMPLES, COLUMNS),
                             assay_stream_of(start, ROWS, COLUMNS)};
  assert_int_equal(assay_reference_dae_transport(out, out + (size_t)ROWS * COLUMNS, &streams[0], &streams[1], labels,
                                                 &streams[2], signs, &settings, 60, &context),
                   ASSAY_OK);
  for (size_t i = 0; i < ROWS; i++)
    for (size_t j = 0; j < COLUMNS; j++) {
      mpfi_srcptr here = &out[i * COLUMNS + j], there = &out[(i % 2) * COLUMNS + j % 2];
      test_check(mpfr_equal_p(&here->left, &there->left) && mpfr_equal_p(&here->right, &there->right),
                 "row %zu, column %zu: %s and %s", i, j, bridge_text(here), bridge_text(there));
    }
  assay_enclosures_clear(out, (size_t)ROWS * COLUMNS + 1);
  test_free(noise), test_free(data), test_free(start);
}

static void test_inclusion(void **state) {
  (void)state;
  test_random random = test_random_new(64);
  assay_context context;
  assay_context_init(&context);
  for (size_t i = 0; i < test_cases(10); i++) {
    transport_case c = random_case(&random, i % 2 * 50);
    mpfi_ptr out = NULL;
    size_t count = COUNT * c.d + 1;
    assert_int_equal(assay_enclosures_init(&out, 2 * count, &context), ASSAY_OK);
    mpfi_ptr fine = out + count;
    assert_int_equal(run(out, out + count - 1, &c, 64, &context), ASSAY_OK);
    assert_int_equal(run(fine, fine + count - 1, &c, 256, &context), ASSAY_OK);
    for (size_t j = 0; j < count; j++)
      test_check(mpfi_is_inside(&fine[j], &out[j]) > 0, "%s: entry %zu: %s, finer %s", c.text, j, bridge_text(&out[j]),
                 bridge_text(&fine[j]));
    assay_enclosures_clear(out, 2 * count);
  }
}

/* noise = data, so P = 1 and X_1 = h xb_1 + (X_0 - h xb_0) = X_0, tiny beside what cancels: the first precision tried
 * cannot do. */
static void test_cancelling_entries(void **state) {
  (void)state;
  test_random random = test_random_new(66);
  transport_case c = random_case(&random, 1);
  memcpy(c.data, c.noise, sizeof c.data);
  for (size_t j = 0; j < COUNT * c.d; j++) c.start[j] = ldexp((double)(j + 1), -80);
  assay_context context;
  assay_context_init(&context);
  mpfi_ptr out = NULL;
  assert_int_equal(assay_enclosures_init(&out, COUNT * c.d + 1, &context), ASSAY_OK);
  assert_int_equal(run(out, out + COUNT * c.d, &c, GOAL, &context), ASSAY_OK);
  for (size_t j = 0; j < COUNT * c.d; j++)
    test_check(mpfr_cmp_d(&out[j].left, c.start[j]) <= 0 && mpfr_cmp_d(&out[j].right, c.start[j]) >= 0 &&
                   bridge_narrow(&out[j], GOAL + 74), /* start < 2^-75, goal 2^-100 of it */
               "entry %zu: %s", j, bridge_text(&out[j]));
  assay_enclosures_clear(out, COUNT * c.d + 1);
}

/* No samples to move: P alone. With s_i x_0^i all equal but for one bit, a_00 loses about 104 bits by cancellation. */
static void test_cancelling_form(void **state) {
  (void)state;
  test_random random = test_random_new(67);
  transport_case c = random_case(&random, 1);
  const size_t n = 3; /* divisions by 3 are inexact */
  c.settings.samples = n;
  for (size_t i = 0; i < n; i++) c.labels[i] = i ? 1 : -1;
  c.settings.lambda = assay_real_of(0);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < c.d; j++) c.noise[i * c.d + j] = 1.1 * c.labels[i];
  c.noise[0] = nextafter(c.noise[0], 2 * c.noise[0]);
  assay_stream noise = assay_stream_of(c.noise, n, c.d), start = assay_stream_of(c.start, 0, c.d);
  assay_context context;
  assay_context_init(&context);
  mpfi_t out, perp;
  mpfi_init(out), mpfi_init(perp);
  assert_int_equal(
      assay_reference_dae_transport(out, perp, &noise, &noise, c.labels, &start, c.signs, &c.settings, GOAL, &context),
      ASSAY_OK);
  test_check(mpfr_cmp_ui(&perp->left, 1) <= 0 && mpfr_cmp_ui(&perp->right, 1) >= 0 && bridge_narrow(perp, GOAL),
             "P = %s", bridge_text(perp));
  mpfi_clear(out), mpfi_clear(perp);
}

/* ---- refusals ---- */

static void expect(const transport_case *c, const assay_context *context_in, assay_status status, const char *message) {
  assay_context context = *context_in;
  mpfi_ptr out = NULL;
  size_t count = COUNT * c->d + 1;
  assert_int_equal(assay_enclosures_init(&out, count, &context), ASSAY_OK);
  for (size_t j = 0; j < count; j++) mpfi_set_ui(&out[j], 77);
  context = *context_in;
  assay_status got = run(out, out + count - 1, c, GOAL, &context);
  test_check(got == status && strstr(context.message, message), "status %d, '%s'; expected %d, '%s'", (int)got,
             context.message, (int)status, message);
  for (size_t j = 0; j < count; j++) test_check(mpfi_cmp_ui(&out[j], 77) == 0, "output touched by '%s'", message);
  assay_enclosures_clear(out, count);
}

static int stop(void *self, const char *what, double fraction) {
  (void)self, (void)what, (void)fraction;
  return 1;
}

static void test_refusals(void **state) {
  (void)state;
  test_random random = test_random_new(65);
  assay_context context;
  assay_context_init(&context);
  const transport_case good = random_case(&random, 4);
  transport_case bad = good;
  bad.settings.schedule = assay_schedule_of(ASSAY_TRIGONOMETRIC);
  expect(&bad, &context, ASSAY_UNSUPPORTED, "steps: 4 on the trigonometric schedule");
  bad = good, bad.settings.grid = ASSAY_GRID_PUBLISHED;
  expect(&bad, &context, ASSAY_UNSUPPORTED, "grid: published");
  bad = good, bad.settings.noise = ASSAY_NOISE_FRESH;
  expect(&bad, &context, ASSAY_UNSUPPORTED, "fresh");
  bad = good, bad.settings.skip = false;
  expect(&bad, &context, ASSAY_UNSUPPORTED, "skip");
  bad = good, bad.settings.lambda = assay_real_of(-1);
  expect(&bad, &context, ASSAY_INVALID, "lambda");
  bad = good, bad.labels[1] = 0;
  expect(&bad, &context, ASSAY_INVALID, "labels: entry 1 is 0");
  bad = good, bad.signs[2] = 3;
  expect(&bad, &context, ASSAY_INVALID, "signs: entry 2 is 3");
  bad = good, bad.noise[bad.d + 2] = INFINITY;
  expect(&bad, &context, ASSAY_INVALID, "noise: row 1, column 2 is inf");
  bad = good, bad.data[1] = NAN;
  expect(&bad, &context, ASSAY_INVALID, "data: row 0, column 1 is");
  bad = good, bad.start[2 * bad.d] = -INFINITY;
  expect(&bad, &context, ASSAY_INVALID, "start: row 2, column 0 is -inf");
  bad = good; /* all noises equal up to their labels and lambda = 0: a_00 = 0 */
  bad.settings.lambda = assay_real_of(0), bad.settings.steps = 0;
  for (size_t i = 0; i < bad.settings.samples; i++)
    for (size_t j = 0; j < bad.d; j++) bad.noise[i * bad.d + j] = bad.labels[i] * 0.3 * (double)(j + 1);
  expect(&bad, &context, ASSAY_PRECISION, "a_00");
  assay_context limited = context;
  limited.max_bits = 60;
  expect(&good, &limited, ASSAY_PRECISION, "max_bits = 60");
  limited = context, limited.progress = stop;
  expect(&good, &limited, ASSAY_CANCELLED, "cancelled");
  limited = context, limited.memory_cap = 5000;
  expect(&good, &limited, ASSAY_MEMORY, "164 bits exceed the memory cap");
  limited = context, limited.memory_cap = (1 << 18) + (1 << 14); /* tiles, and intervals of fewer than 4096 bits */
  expect(&bad, &limited, ASSAY_MEMORY, "bits exceed the memory cap");
}

static void test_shapes(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  double numbers[12] = {0};
  signed char signs[4] = {1, 1, 1, 1};
  assay_dae_settings settings = assay_dae_settings_of(2, assay_real_of(1), assay_real_of(1));
  const size_t shapes[][6] = {
      {3, 2, 2, 2, 1, 2}, {2, 2, 3, 2, 1, 2}, {2, 2, 2, 3, 1, 2}, {2, 2, 2, 2, 1, 3}, {2, 0, 2, 0, 1, 0}};
  mpfi_t out, perp;
  mpfi_init(out), mpfi_init(perp);
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
    const size_t *s = shapes[k];
    assay_stream noise = assay_stream_of(numbers, s[0], s[1]), data = assay_stream_of(numbers, s[2], s[3]),
                 start = assay_stream_of(numbers, s[4], s[5]);
    assert_int_equal(
        assay_reference_dae_transport(out, perp, &noise, &data, signs, &start, signs, &settings, 50, &context),
        ASSAY_INVALID);
    assert_non_null(strstr(context.message, k < 2 ? "rows" : "columns"));
  }
  mpfi_clear(out), mpfi_clear(perp);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_euler),           cmocka_unit_test(test_ode),
      cmocka_unit_test(test_tiles),           cmocka_unit_test(test_cancelling_entries),
      cmocka_unit_test(test_cancelling_form), cmocka_unit_test(test_inclusion),
      cmocka_unit_test(test_refusals),        cmocka_unit_test(test_shapes),
  };
  return cmocka_run_group_tests_name("flow-dae transport", tests, NULL, NULL);
}
