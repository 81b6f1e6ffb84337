/* Hermite coefficients and tails: against the derivative formula m_d = E m^(d)(Z)/sqrt(d!) of Tweedie's mean, in Arb;
 * against tanh's poles for degrees up to 1199; and against the law's own symmetries. */
#include "testing.h"

#include "reference/core/interval.h"
#include "tests/reference/arb_bridge.h"
#include "tests/reference/gmm_diffusion/oracle.h"

#include <assay/reference.h>

#include <arb_hypgeom.h>
#include <math.h>
#include <string.h>

enum { GOAL = 40, ROUGH_GOAL = 20, DEGREES = 6, BITS = 400 };

typedef struct {
  mpfi_ptr coefficient;
  mpfi_t norm2;
  size_t count;
} expansion;

static void expand(expansion *out, const assay_gmm_line *line, size_t count, long goal) {
  assay_context context;
  assay_context_init(&context);
  out->count = count;
  mpfi_init(out->norm2);
  assert_int_equal(assay_enclosures_init(&out->coefficient, count, &context), ASSAY_OK);
  assay_status status = assay_reference_gmm_hermite(out->coefficient, out->norm2, line, count, goal, &context);
  test_check(status == ASSAY_OK, "%zu coefficients: %s", count, context.message);
}

static void clear(expansion *e) {
  assay_enclosures_clear(e->coefficient, e->count);
  mpfi_clear(e->norm2);
}

/* ---- the derivative formula ---- */

static void derivatives(void **state) {
  (void)state;
  const unsigned orders[] = {0, 1, 2, 5};
  arb_t truth, factor;
  arb_init(truth), arb_init(factor);
  for (size_t i = 0; i < ORACLE_LAWS; i++) {
    const oracle_law *law = &oracle_laws[i];
    oracle_line line;
    oracle_line_set(&line, law);
    expansion own;
    expand(&own, &line.line, DEGREES, GOAL);
    for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
      oracle_derivative(truth, law, orders[k], 1);
      arb_set_d(factor, law->sigma);
      arb_mul(truth, truth, factor, ORACLE_BITS);
      arb_fac_ui(factor, orders[k], ORACLE_BITS);
      arb_sqrt(factor, factor, ORACLE_BITS);
      arb_div(truth, truth, factor, ORACLE_BITS);
      mpfi_srcptr coefficient = &own.coefficient[orders[k]];
      test_check(bridge_meets(coefficient, truth), "law %zu, d = %u: %s, Arb %s", i, orders[k],
                 bridge_text(coefficient), bridge_ball(truth));
      test_check(iv_reached(coefficient, GOAL, 8), "law %zu, d = %u: %s", i, orders[k], bridge_text(coefficient));
    }
    oracle_derivative(truth, law, 0, 2);
    arb_set_d(factor, law->sigma * law->sigma);
    arb_mul(truth, truth, factor, ORACLE_BITS);
    test_check(bridge_meets(own.norm2, truth) && iv_reached(own.norm2, GOAL, 16), "law %zu, E m^2: %s, Arb %s", i,
               bridge_text(own.norm2), bridge_ball(truth));
    clear(&own);
  }
  arb_clear(truth), arb_clear(factor);
}

/* ---- the poles of tanh ---- */

/* int_0^inf s^d exp(-s y - s^2/2) ds = d! 2^{-(d+1)/2} U((d+1)/2, 1/2, y^2/2) */
static void pole_integral(arb_t out, unsigned long d, const arb_t y) {
  arb_t a, b, x;
  arb_init(a), arb_init(b), arb_init(x);
  arb_set_ui(a, d + 1), arb_mul_2exp_si(a, a, -1);
  arb_set_d(b, 0.5);
  arb_sqr(x, y, BITS), arb_mul_2exp_si(x, x, -1);
  arb_hypgeom_u(out, a, b, x, BITS);
  arb_set_ui(x, 2), arb_pow(x, x, a, BITS);
  arb_div(out, out, x, BITS);
  arb_fac_ui(x, d, BITS);
  arb_mul(out, out, x, BITS);
  arb_clear(a), arb_clear(b), arb_clear(x);
}

/* a tanh(az) = sum_k 2z/(z^2 + y_k^2), y_k = (2k+1) pi/(2a), whose coefficient of h_d, d odd, is (-1)^{(d-1)/2}
 * 2/sqrt(d!) times that integral. For a = 2 and d >= 61, poles from k = 60 on (y_k > 94) add less than 4
 * sqrt(d!)/94^{d+1} sum_j (1 + j/60)^{-d-1} < 1e-75. */
static void from_poles(arb_t out, unsigned long d, double a) {
  enum { POLES = 60 };
  mag_t rest;
  arb_t y, term;
  mag_init(rest), arb_init(y), arb_init(term);
  arb_zero(out);
  for (unsigned long k = 0; k < POLES; k++) {
    arb_const_pi(y, BITS);
    arb_mul_ui(y, y, 2 * k + 1, BITS);
    arb_set_d(term, 2 * a);
    arb_div(y, y, term, BITS);
    pole_integral(term, d, y);
    arb_add(out, out, term, BITS);
  }
  arb_fac_ui(y, d, BITS), arb_sqrt(y, y, BITS);
  arb_div(out, out, y, BITS);
  arb_mul_si(out, out, d % 4 == 1 ? 2 : -2, BITS);
  mag_set_ui_2exp_si(rest, 1, -200);
  arb_add_error_mag(out, rest);
  mag_clear(rest), arb_clear(y), arb_clear(term);
}

static void poles(void **state) {
  (void)state;
  enum { COUNT = 1200 };
  const unsigned long degrees[] = {61, 203, 599, 1199};
  const oracle_law law = {2, {1, 1}, {-2, 2}, {-2, 2}, 1, 0};
  oracle_line line;
  oracle_line_set(&line, &law);
  expansion own;
  expand(&own, &line.line, COUNT, GOAL);
  arb_t truth;
  arb_init(truth);
  for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++) {
    mpfi_srcptr coefficient = &own.coefficient[degrees[i]];
    from_poles(truth, degrees[i], 2);
    test_check(arb_rel_accuracy_bits(truth) > 30, "the oracle failed at d = %lu: %s", degrees[i], bridge_ball(truth));
    test_check(bridge_meets(coefficient, truth), "d = %lu: %s, poles %s", degrees[i], bridge_text(coefficient),
               bridge_ball(truth));
    test_check(iv_reached(coefficient, GOAL, 2), "d = %lu: %s", degrees[i], bridge_text(coefficient));
  }
  arb_clear(truth);
  clear(&own);
}

/* ---- what the law says of itself ---- */

/* Even coefficients of laws that mirror themselves are exactly 0, others are not. */
static void symmetry(void **state) {
  (void)state;
  const bool symmetric[ORACLE_LAWS] = {true, false, false, true, false, false};
  for (size_t i = 0; i < ORACLE_LAWS; i++) {
    oracle_line line;
    oracle_line_set(&line, &oracle_laws[i]);
    expansion own;
    expand(&own, &line.line, 4, ROUGH_GOAL);
    for (size_t d = 0; d < 4; d += 2)
      test_check(iv_is_zero(&own.coefficient[d]) == symmetric[i], "law %zu, d = %zu: %s", i, d,
                 bridge_text(&own.coefficient[d]));
    clear(&own);
  }
}

/* More bits: inside. */
static void inclusion(void **state) {
  (void)state;
  for (size_t i = 0; i < ORACLE_LAWS; i += 2) {
    oracle_line line;
    oracle_line_set(&line, &oracle_laws[i]);
    expansion rough, fine;
    expand(&rough, &line.line, DEGREES, ROUGH_GOAL), expand(&fine, &line.line, DEGREES, GOAL);
    for (size_t d = 0; d < DEGREES; d++)
      test_check(iv_contains(&rough.coefficient[d], &fine.coefficient[d]), "law %zu, d = %zu: %s misses %s", i, d,
                 bridge_text(&rough.coefficient[d]), bridge_text(&fine.coefficient[d]));
    clear(&rough), clear(&fine);
  }
}

/* A segment 2^-50 wide is an atom, nearly. */
static void narrow_segment(void **state) {
  (void)state;
  const oracle_law atoms = {2, {1, 3}, {-1, 2}, {-1, 2}, 1, 0};
  oracle_law segments = atoms;
  segments.right[0] += 0x1p-50;
  oracle_line line[2];
  oracle_line_set(&line[0], &atoms), oracle_line_set(&line[1], &segments);
  expansion own[2];
  for (int i = 0; i < 2; i++) expand(&own[i], &line[i].line, DEGREES, GOAL);
  for (size_t d = 0; d < DEGREES; d++) {
    mpfi_t difference;
    mpfi_init2(difference, 200);
    mpfi_sub(difference, &own[0].coefficient[d], &own[1].coefficient[d]);
    /* atoms move by at most 2^-50 and m with it, times the posterior's sensitivity, below R^2 = 4 */
    test_check(iv_magnitude_d(difference) < 0x1p-46, "d = %zu: %s and %s", d, bridge_text(&own[0].coefficient[d]),
               bridge_text(&own[1].coefficient[d]));
    mpfi_clear(difference);
  }
  clear(&own[0]), clear(&own[1]);
}

/* Each tail is what the squares from there on, and what is beyond them, add up to. */
static void tails(void **state) {
  (void)state;
  enum { COUNT = 60 };
  assay_context context;
  assay_context_init(&context);
  mpfi_ptr tail = NULL;
  assert_int_equal(assay_enclosures_init(&tail, COUNT, &context), ASSAY_OK);
  for (size_t i = 0; i < ORACLE_LAWS; i++) {
    oracle_line line;
    oracle_line_set(&line, &oracle_laws[i]);
    expansion own;
    expand(&own, &line.line, COUNT, ROUGH_GOAL);
    assay_status status = assay_reference_gmm_tails(tail, &line.line, COUNT, ROUGH_GOAL, &context);
    test_check(status == ASSAY_OK, "law %zu: %s", i, context.message);
    test_check(iv_overlap(&tail[0], own.norm2) == IV_TRUE, "law %zu: tail_0 %s, E m^2 %s", i, bridge_text(&tail[0]),
               bridge_text(own.norm2));
    for (size_t d = COUNT - 1; d-- > 0;) {
      mpfi_t sum;
      mpfi_init2(sum, 300);
      mpfi_sqr(sum, &own.coefficient[d]);
      mpfi_add(sum, sum, &tail[d + 1]);
      test_check(iv_overlap(sum, &tail[d]) == IV_TRUE, "law %zu, tail_%zu: %s and %s", i, d, bridge_text(&tail[d]),
                 bridge_text(sum));
      test_check(iv_reached(&tail[d], ROUGH_GOAL, 16), "law %zu, tail_%zu: %s", i, d, bridge_text(&tail[d]));
      mpfi_clear(sum);
    }
    clear(&own);
  }
  assay_enclosures_clear(tail, COUNT);
}

/* ---- degenerate and refused ---- */

static void one_atom(void **state) {
  (void)state;
  const oracle_law at_centre = {1, {1}, {0.5}, {0.5}, 1, 0.5}, beside = {1, {1}, {2}, {2}, 1, 0.5};
  oracle_line line;
  expansion own;
  oracle_line_set(&line, &at_centre);
  expand(&own, &line.line, 3, GOAL);
  test_check(iv_is_zero(own.norm2) && iv_is_zero(&own.coefficient[0]) && iv_is_zero(&own.coefficient[1]), "%s",
             bridge_text(own.norm2));
  clear(&own);
  oracle_line_set(&line, &beside);
  expand(&own, &line.line, 3, GOAL);
  test_check(iv_contains_d(&own.coefficient[0], 1.5) && iv_contains_d(&own.coefficient[1], 0) &&
                 iv_contains_d(own.norm2, 2.25),
             "%s", bridge_text(&own.coefficient[0]));
  clear(&own);
}

static void refused(const char *word, oracle_line *line, size_t count, long goal, long max_bits,
                    assay_status expected) {
  assay_context context;
  assay_context_init(&context);
  if (max_bits) context.max_bits = max_bits;
  mpfi_t out;
  mpfi_init2(out, 53);
  mpfi_set_si(out, 77);
  assay_status status = assay_reference_gmm_hermite(out, NULL, &line->line, count, goal, &context);
  test_check(status == expected && strstr(context.message, word), "%s: %s: %s", word, assay_status_name(status),
             context.message);
  test_check(iv_contains_d(out, 77) && mpfi_get_prec(out) == 53, "%s: the output is touched", word);
  mpfi_clear(out);
}

static void refusals(void **state) {
  (void)state;
  oracle_line line;
  oracle_line_set(&line, &oracle_laws[1]);
  refused("goal_bits", &line, 1, 0, 0, ASSAY_INVALID);
  refused("max_bits", &line, 1, 100, 64, ASSAY_PRECISION);
  line.piece[1].weight = assay_real_of(0);
  refused("pieces[1].weight", &line, 1, GOAL, 0, ASSAY_INVALID);
  line.piece[1].weight = (assay_real){0.1, "one"};
  refused("pieces[1].weight", &line, 1, GOAL, 0, ASSAY_INVALID);
  oracle_line_set(&line, &oracle_laws[1]);
  line.piece[0].right = assay_real_of(-2);
  refused("pieces[0].left", &line, 1, GOAL, 0, ASSAY_INVALID);
  line.piece[0].right = assay_real_of(NAN);
  refused("pieces[0].right", &line, 1, GOAL, 0, ASSAY_INVALID);
  oracle_line_set(&line, &oracle_laws[1]);
  line.line.sigma = assay_real_of(-1);
  refused("sigma", &line, 1, GOAL, 0, ASSAY_INVALID);
  oracle_line_set(&line, &oracle_laws[1]);
  line.line.centre = assay_real_of(INFINITY);
  refused("centre", &line, 1, GOAL, 0, ASSAY_INVALID);
  oracle_line_set(&line, &oracle_laws[1]);
  line.line.sigma = assay_real_of(0x1p-40);
  refused("nodes", &line, 1, GOAL, 0, ASSAY_PRECISION);
  line.line.count = 0;
  refused("pieces", &line, 1, GOAL, 0, ASSAY_INVALID);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(derivatives), cmocka_unit_test(poles),    cmocka_unit_test(symmetry),
      cmocka_unit_test(inclusion),   cmocka_unit_test(tails),    cmocka_unit_test(narrow_segment),
      cmocka_unit_test(one_atom),    cmocka_unit_test(refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
