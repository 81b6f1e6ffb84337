/* Fast's schedules against the reference's: every coefficient within its radius, and radii of a few units in the last
 * place, near both ends and at exact strings too. */
#include "testing.h"

#include "fast/core/schedule.h"
#include "reference/core/schedule.h"

#include <stdio.h>

enum { BITS = 400, WIDE = 800, NUMBERS = 8 };

static assay_context context;

/* `units`: what a radius may be, in 2^-53 of the number. A power costs log2 N squarings and as many products, each of
 * which doubles what was lost before or adds its own: 4 N; an exponential its exponent's own error, E times a handful.
 * All else is a handful of operations. */
static const struct {
  const char *text;
  double units;
} listed[] = {{"linear", 16},       {"trigonometric", 16}, {"polynomial:1", 16},     {"polynomial:2", 16},
              {"polynomial:7", 64}, {"linear-vp", 16},     {"polynomial:1000", 8e3}, {"vp:1/10:20", 128},
              {"vp:0:1/3", 32},     {"vp:3/7:3/7", 32},    {"vp:2:700", 4096}};
enum { LISTED = sizeof listed / sizeof *listed };

/* The distance from the nearest point of the enclosure, which is narrow: the least error the value can have. */
static double distance(double value, iv exact) {
  if (iv_contains_d(exact, value)) return 0;
  mpfr_t off;
  mpfr_init2(off, WIDE);
  mpfr_sub_d(off, &exact->left, value, MPFR_RNDN);
  double left = fabs(mpfr_get_d(off, MPFR_RNDD));
  mpfr_sub_d(off, &exact->right, value, MPFR_RNDN);
  double right = fabs(mpfr_get_d(off, MPFR_RNDD));
  mpfr_clear(off);
  return fmin(left, right);
}

static void compare(const schedule_coefficients *got, const schedule_path *path, double units, const char *where) {
  iv_scope *s = iv_scope_new(BITS);
  schedule_values v = schedule_at(s, path);
  bool open = !iv_is_zero(v.alpha); /* where alpha' is finite for sure */
  const char *const names[NUMBERS] = {"alpha",        "alpha^2", "beta",   "beta'",
                                      "alpha alpha'", "turn",    "alpha'", "rotation"};
  const ball numbers[NUMBERS] = {got->alpha,       got->alpha_square, got->beta,       got->beta_rate,
                                 got->alpha_decay, got->turn,         got->alpha_rate, got->rotation};
  const iv exact[NUMBERS] = {v.alpha,
                             v.alpha_square,
                             v.beta,
                             v.beta_rate,
                             v.alpha_decay,
                             v.turn,
                             open ? schedule_alpha_rate(s, &v) : NULL,
                             open ? schedule_wronskian(s, &v) : NULL};
  for (size_t k = 0; k < NUMBERS; k++) {
    if (!exact[k]) continue;
    double off = distance(numbers[k].value, exact[k]), size = iv_magnitude_d(exact[k]);
    test_check(off <= numbers[k].error, "%s, %s: %a +- %a is %a off", where, names[k], numbers[k].value,
               numbers[k].error, off);
    test_check(numbers[k].error <= units * 0x1p-53 * size + 0x1p-1060, "%s, %s: radius %a of %a", where, names[k],
               numbers[k].error, numbers[k].value);
  }
  iv_scope_free(s);
}

/* A time as users give it. `loose`: the string's own rounding, relative to 1 - t. */
static void check_point(size_t which, assay_real time, double loose) {
  char storage[64], where[128];
  assay_schedule schedule;
  assert_int_equal(assay_schedule_parse(&schedule, listed[which].text, storage, &context), ASSAY_OK);
  assay_path_point point = assay_path_point_at(schedule, time);
  (void)snprintf(where, sizeof where, "%s at %a (%s)", listed[which].text, time.nearest,
                 time.exact ? time.exact : "exact");
  schedule_path path;
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_OK);
  schedule_coefficients got = schedule_coefficients_at(&point);
  compare(&got, &path, listed[which].units * (1 + loose), where);
  schedule_path_clear(&path);
}

static void check_ratio(size_t which, size_t p, size_t q) {
  char storage[64], where[128], text[64];
  assay_schedule schedule;
  assert_int_equal(assay_schedule_parse(&schedule, listed[which].text, storage, &context), ASSAY_OK);
  (void)snprintf(text, sizeof text, "%zu/%zu", p, q);
  (void)snprintf(where, sizeof where, "%s at %s", listed[which].text, text);
  assay_path_point point = assay_path_point_at(schedule, (assay_real){(double)p / (double)q, text});
  schedule_path path;
  assert_int_equal(schedule_path_init(&path, &point, &context), ASSAY_OK);
  schedule_coefficients got = schedule_coefficients_at_ratio(schedule, (double)p, (double)q);
  compare(&got, &path, listed[which].units, where);
  schedule_path_clear(&path);
}

static void coefficients_lie_within_their_radii(void **state) {
  (void)state;
  static const double times[] = {0, 1, 0x1p-1074, 1e-300, 1e-9, 0x1p-20, 0.1, 0.5, 1 - 0x1p-20, 1 - 0x1p-53};
  test_random random = test_random_new(0x5cbd);
  for (size_t k = 0; k < LISTED; k++) {
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) check_point(k, assay_real_of(times[i]), 0);
    check_point(k, (assay_real){0.1, "1/10"}, 1);
    check_point(k, (assay_real){0.999, "0.999"}, 1000);
    check_point(k, (assay_real){1 - 0x1p-53, "0.99999999999999994"}, INFINITY); /* nothing is known of 1 - t */
    for (size_t i = 0; i < test_cases(300); i++) {
      check_point(k, assay_real_of(test_uniform(&random, 0, 1)), 0);
      size_t q = test_integer(&random, 1, 100000);
      check_ratio(k, test_integer(&random, 0, q), q);
    }
    check_ratio(k, 99999, 100000);
    check_ratio(k, 1, 100000);
  }
}

/* The chord of a DDIM step is alpha beta+ - alpha+ beta. */
static void chords_lie_within_their_radii(void **state) {
  (void)state;
  test_random random = test_random_new(0x5cbe);
  const assay_schedule schedules[] = {assay_schedule_of(ASSAY_LINEAR), assay_schedule_of(ASSAY_TRIGONOMETRIC),
                                      assay_schedule_polynomial(3), assay_schedule_of(ASSAY_LINEAR_VP)};
  for (size_t i = 0; i < test_cases(2000); i++) {
    assay_schedule schedule = schedules[i % 4];
    size_t q = test_integer(&random, 1, 10000), p = test_integer(&random, 0, q - 1);
    schedule_coefficients from = schedule_coefficients_at_ratio(schedule, (double)p, (double)q);
    schedule_coefficients to = schedule_coefficients_at_ratio(schedule, (double)(p + 1), (double)q);
    ball chord = schedule_chord(schedule, &from, &to, ball_div(ball_exact(1), ball_exact((double)q)));
    iv_scope *s = iv_scope_new(BITS);
    schedule_path path;
    schedule_path_start(&path, schedule);
    mpq_set_ui(path.time, p, q);
    mpq_canonicalize(path.time);
    schedule_values a = schedule_at(s, &path);
    mpq_set_ui(path.time, p + 1, q);
    mpq_canonicalize(path.time);
    schedule_values b = schedule_at(s, &path);
    iv exact = iv_sub(s, iv_mul(s, a.alpha, b.beta), iv_mul(s, b.alpha, a.beta));
    double off = distance(chord.value, exact);
    test_check(off <= chord.error && chord.error <= 0x1p-48, "%s, %zu/%zu: chord %a +- %a is %a off",
               assay_schedule_name(schedule.kind), p, q, chord.value, chord.error, off);
    schedule_path_clear(&path);
    iv_scope_free(s);
  }
}

int main(void) {
  assay_context_init(&context);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(coefficients_lie_within_their_radii),
      cmocka_unit_test(chords_lie_within_their_radii),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
