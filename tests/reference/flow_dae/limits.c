/* The limits over whole ranges: the formulas as printed in the paper's notation, at points inside. */
#include "testing.h"

#include "reference/flow_dae/euler.h"
#include "tests/reference/arb_bridge.h"

#include <math.h>

enum { BITS = 300 };

/* ---- n MSE, cosine, n MSE* and n (MSE - MSE*) from n, A and B ---- */

typedef struct {
  arb_t n, lambda, r, sigma2, a, b; /* A, B */
} printed;

static void printed_init(printed *p, double n, double lambda, double r, double sigma2) {
  arb_init(p->n), arb_init(p->lambda), arb_init(p->r), arb_init(p->sigma2), arb_init(p->a), arb_init(p->b);
  arb_set_d(p->n, n), arb_set_d(p->lambda, lambda), arb_set_d(p->r, r), arb_set_d(p->sigma2, sigma2);
  arb_add(p->a, p->lambda, p->n, BITS);
  arb_sub_ui(p->a, p->a, 1, BITS);
  arb_add(p->b, p->r, p->sigma2, BITS);
  arb_mul(p->b, p->b, p->lambda, BITS);
  arb_t less;
  arb_init(less);
  arb_sub_ui(less, p->n, 1, BITS);
  arb_addmul(p->b, less, p->sigma2, BITS);
  arb_clear(less);
}

static void printed_clear(printed *p) {
  arb_clear(p->n), arb_clear(p->lambda), arb_clear(p->r), arb_clear(p->sigma2), arb_clear(p->a), arb_clear(p->b);
}

/* n [r lambda^2 + n sigma^2 + n B/A]/(lambda+n)^2, without B/A unless `memory`. */
static void printed_mse(arb_t out, const printed *p, bool memory) {
  arb_t t;
  arb_init(t);
  arb_mul(out, p->lambda, p->lambda, BITS);
  arb_mul(out, out, p->r, BITS);
  arb_addmul(out, p->n, p->sigma2, BITS);
  arb_div(t, p->b, p->a, BITS);
  if (memory) arb_addmul(out, t, p->n, BITS);
  arb_add(t, p->lambda, p->n, BITS);
  arb_div(out, out, t, BITS);
  arb_div(out, out, t, BITS);
  arb_mul(out, out, p->n, BITS);
  arb_clear(t);
}

/* n r sigma^2/(n r + sigma^2). */
static void printed_bayes(arb_t out, const printed *p) {
  arb_t t;
  arb_init(t);
  arb_mul(t, p->n, p->r, BITS);
  arb_add(t, t, p->sigma2, BITS);
  arb_mul(out, p->n, p->r, BITS);
  arb_mul(out, out, p->sigma2, BITS);
  arb_div(out, out, t, BITS);
  arb_clear(t);
}

/* (1 + sigma^2/(n r) + B/(n r A))^(-1/2), likewise. */
static void printed_cosine(arb_t out, const printed *p, bool memory) {
  arb_div(out, p->b, p->a, BITS);
  if (!memory) arb_zero(out);
  arb_add(out, out, p->sigma2, BITS);
  arb_div(out, out, p->n, BITS);
  arb_div(out, out, p->r, BITS);
  arb_add_ui(out, out, 1, BITS);
  arb_rsqrt(out, out, BITS);
}

/* ---- boxes of arguments with a point inside ---- */

typedef struct {
  double low, high, inside;
} range;

static range random_range(test_random *random, double low, double high) {
  double a = test_uniform(random, low, high), width = test_integer(random, 0, 2) ? test_uniform(random, 0, 0.5) : 0;
  range r = {a, a + width * (high - a), 0};
  r.inside = test_uniform(random, r.low, r.high);
  r.inside = fmin(fmax(r.inside, r.low), r.high);
  size_t place = test_integer(random, 0, 2); /* corners are where a wrong monotonicity shows */
  if (place) r.inside = place == 1 ? r.low : r.high;
  return r;
}

static iv hull(iv_scope *s, range r) { return iv_hull(s, iv_d(s, r.low), iv_d(s, r.high)); }

/* u = 1/n over a hull of exact inverses. */
static iv inverse_hull(iv_scope *s, range n) {
  return iv_hull(s, iv_inv(s, iv_d(s, n.high)), iv_inv(s, iv_d(s, n.low)));
}

static void check_inside(iv ours, const arb_t exact, const char *name, bool point) {
  test_check(bridge_meets(ours, exact), "%s = %s, exact %s", name, bridge_text(ours), bridge_ball(exact));
  test_check(!point || bridge_narrow(ours, 150), "%s = %s is wide for a point", name, bridge_text(ours));
}

static void check_closed_forms(iv_scope *s, const dae_limits *limits, const printed *p, bool memory, bool point) {
  arb_t value, bayes;
  arb_init(value), arb_init(bayes);
  printed_cosine(value, p, memory);
  check_inside(dae_cosine(s, limits), value, "cosine", point);
  printed_bayes(bayes, p);
  check_inside(dae_scaled_bayes_mse(s, limits), bayes, "n MSE*", point);
  printed_mse(value, p, memory);
  check_inside(dae_scaled_mse(s, limits), value, "n MSE", point);
  arb_sub(value, value, bayes, BITS);
  check_inside(dae_scaled_bayes_gap(s, limits), value, "n (MSE - MSE*)", point);
  arb_div(bayes, bayes, p->n, BITS);
  check_inside(dae_bayes_mse(s, limits), bayes, "MSE*", point);
  arb_clear(value), arb_clear(bayes);
}

static void test_closed_forms(void **state) {
  (void)state;
  test_random random = test_random_new(45);
  for (size_t i = 0; i < test_cases(600); i++) {
    range n = random_range(&random, 2, 50), lambda = random_range(&random, 0, i % 3 ? 5 : 60),
          r = random_range(&random, 0.1, 3), sigma2 = random_range(&random, 0.05, 4);
    if (i % 2) sigma2 = (range){1e-9, 1e-9, 1e-9}; /* lets the bias show */
    bool point = n.low == n.high && lambda.low == lambda.high && r.low == r.high && sigma2.low == sigma2.high;
    iv_scope *s = iv_scope_new(200);
    printed p;
    printed_init(&p, n.inside, lambda.inside, r.inside, sigma2.inside);
    dae_limits limits = dae_limits_of(s, inverse_hull(s, n), hull(s, lambda), hull(s, r), hull(s, sigma2));
    check_closed_forms(s, &limits, &p, true, point);
    dae_limits fresh = limits;
    fresh.fresh = true;
    check_closed_forms(s, &fresh, &p, false, point);
    dae_limits plain = dae_limits_without_skip(s, &limits);
    check_closed_forms(s, &plain, &p, false, point);
    printed_clear(&p);
    iv_scope_free(s);
  }
}

/* n MSE over all n >= 2 and lambda in [0, 1/2], sigma = r = 1, in 64 x 64 cells: the range is known from the corners up
 * to the cells' size, so ranges are tight, u = 0 included. */
static void test_whole_range(void **state) {
  (void)state;
  const long cells = 64;
  double least = INFINITY, most = 0;
  for (long i = 0; i < cells; i++)
    for (long j = 0; j < cells; j++) {
      iv_scope *s = iv_scope_new(64);
      iv u = iv_hull(s, iv_ratio(s, i, 2 * cells), iv_ratio(s, i + 1, 2 * cells));
      iv lambda = iv_hull(s, iv_ratio(s, j, 2 * cells), iv_ratio(s, j + 1, 2 * cells));
      dae_limits limits = dae_limits_of(s, u, lambda, iv_ui(s, 1), iv_ui(s, 1));
      iv value = dae_scaled_mse(s, &limits);
      least = fmin(least, iv_lower_d(value)), most = fmax(most, iv_upper_d(value));
      iv_scope_free(s);
    }
  /* k^2 (2 + lambda/A) + u (lambda k)^2: 2 at u = 0; at n = 2, lambda = 1/2 (the least: falling in u and lambda there)
   * .64 (2 + 1/3) + .08 = 1.5733...; the largest is 2, at u = 0 or lambda = 0. Slopes are below 4, cells 1/128. */
  test_check(least <= 1.57334 && least > 1.57333 - 8.0 / 128, "least %a", least);
  test_check(most >= 2 && most < 2 + 8.0 / 128, "most %a", most);
}

/* ---- R4: the product formula on the linear schedule, P_K = sqrt(b) prod cos(angle between neighbours), angles by
 * atan2 of (beta sqrt(b), alpha): an independent route to prod (1 + dt gamma) ---- */

static void test_cosine_product(void **state) {
  (void)state;
  arb_t root, product, angle, previous, t;
  arb_init(root), arb_init(product), arb_init(angle), arb_init(previous), arb_init(t);
  for (size_t steps = 1; steps <= 12; steps++) {
    iv_scope *s = iv_scope_new(200);
    dae_limits limits = dae_limits_of(s, iv_ratio(s, 1, 4), iv_ratio(s, 1, 2), iv_ui(s, 2), iv_ratio(s, 1, 4));
    dae_euler euler;
    dae_euler_init(&euler, s, &limits, assay_schedule_of(ASSAY_LINEAR), steps);
    arb_set_ui(root, 15); /* b = 1/4 + 2 (1/2)/(7/2) = 15/28 */
    arb_div_ui(root, root, 28, BITS);
    arb_sqrt(root, root, BITS);
    arb_set(product, root);
    arb_zero(previous);
    for (size_t j = 1; j <= steps; j++) {
      dae_euler_step(&euler, s);
      arb_mul_ui(angle, root, j, BITS);
      arb_set_ui(t, steps - j);
      arb_atan2(angle, angle, t, BITS);
      arb_sub(t, angle, previous, BITS);
      arb_cos(t, t, BITS);
      arb_mul(product, product, t, BITS);
      arb_set(previous, angle);
    }
    check_inside(dae_euler_flow(&euler, s).perp, product, "P_K", true);
    dae_euler_clear(&euler);
    iv_scope_free(s);
  }
  arb_clear(root), arb_clear(product), arb_clear(angle), arb_clear(previous), arb_clear(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_closed_forms),
      cmocka_unit_test(test_whole_range),
      cmocka_unit_test(test_cosine_product),
  };
  return cmocka_run_group_tests_name("flow-dae limits", tests, NULL, NULL);
}
