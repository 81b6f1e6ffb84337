/* The intervals of theory/flow_dae/fluctuation.h and cluster_mean.h against plain simulation: they miss no more often
 * than they say, are no wider than they need, and lie around what they enclose. */
#include "plain_flow.h"
#include "testing.h"

#include "theory/flow_dae/cluster_mean.h"

#include <math.h>
#include <stdlib.h>

enum { DRAWS = 300, CASES = 4, DIRECTIONS = 3, WORKING_BITS = 128 };

/* delta: of the training set, and of the generated samples. */
static const double chance = 0.025;

/* The first two make the terms of a_11 and of w_0 that are small elsewhere stand out: <eta, mu>, and eta. */
static const plain_sizes cases[CASES] = {{2, 4000, 10, 24, 0.1, 8, 1.5},
                                         {2, 1000, 10, 24, 2, 1, 1},
                                         {5, 600, 10, 24, 0.7, 0.3, 1.5},
                                         {24, 400, 10, 24, 0.5, 0.1, 1}};

typedef struct {
  double low[PLAIN_COUNT], high[PLAIN_COUNT];
} intervals;

static void put(intervals *out, size_t which, iv image) {
  out->low[which] = iv_lower_d(image), out->high[which] = iv_upper_d(image);
}

/* What follows from the Gram numbers. */
static void put_training(intervals *out, iv_scope *s, const cluster_mean *mean, size_t steps) {
  const fluctuation *f = mean->f;
  enum { GRAM_NUMBERS = PLAIN_A11 - PLAIN_XI2 + 1 };
  const iv gram[GRAM_NUMBERS] = {f->xi2, f->eta2, f->xi_eta, f->xi_mu, f->eta_mu, f->a00, f->a01, f->a11};
  for (size_t k = 0; k < GRAM_NUMBERS; k++) put(out, PLAIN_XI2 + k, gram[k]);
  iv half = iv_ratio(s, 1, 2);
  fluctuation_fit fit = fluctuation_fit_at(s, f, half, half);
  put(out, PLAIN_C, fit.c);
  put(out, PLAIN_W_MU, fluctuation_weight_overlap(s, &fit, f, f->norm2, f->xi_mu, f->eta_mu));
  put(out, PLAIN_W_XI, fluctuation_weight_overlap(s, &fit, f, f->xi_mu, f->xi2, f->xi_eta));
  put(out, PLAIN_W_ETA, fluctuation_weight_overlap(s, &fit, f, f->eta_mu, f->xi_eta, f->eta2));
  iv perp = fluctuation_perp(s, f, steps, steps);
  put(out, PLAIN_PERP_HALF, fluctuation_perp(s, f, steps, steps / 2));
  put(out, PLAIN_PERP, perp);
  put(out, PLAIN_CENTER, cluster_error_of(s, mean, perp).center);
}

/* What also depends on the start of the generated samples. */
static void put_cluster(intervals *out, iv_scope *s, const cluster_mean *mean, size_t steps) {
  iv half = iv_ratio(s, 1, 2);
  cluster_overlaps at = cluster_overlaps_at(s, mean, fluctuation_perp(s, mean->f, steps, steps / 2), half, half);
  put(out, PLAIN_M, at.mu), put(out, PLAIN_Q, at.xi), put(out, PLAIN_E, at.eta), put(out, PLAIN_P, at.perp);
  cluster_error error = cluster_error_of(s, mean, fluctuation_perp(s, mean->f, steps, steps));
  put(out, PLAIN_ERROR, iv_add(s, error.center, error.noise));
}

/* The Gram numbers of one draw in the place of their intervals. */
static fluctuation known(iv_scope *s, const fluctuation *like, const double value[PLAIN_COUNT]) {
  fluctuation f = *like;
  f.xi2 = iv_d(s, value[PLAIN_XI2]), f.eta2 = iv_d(s, value[PLAIN_ETA2]), f.xi_eta = iv_d(s, value[PLAIN_XI_ETA]);
  f.xi_mu = iv_d(s, value[PLAIN_XI_MU]), f.eta_mu = iv_d(s, value[PLAIN_ETA_MU]);
  f.a00 = iv_d(s, value[PLAIN_A00]), f.a01 = iv_d(s, value[PLAIN_A01]), f.a11 = iv_d(s, value[PLAIN_A11]);
  return f;
}

/* What is allowed to each statistic: the chance of a miss; how many random numbers besides gbar its image is made of,
 * and how often one of them occurs in it to first order; whether gbar is in it, whose interval starts at 0; whether the
 * image lies around the statistic (nonlinear ones are curved, but checked given the Gram numbers). */
typedef struct {
  double chance, numbers, occurrences;
  bool folded, centered;
} promise;

static promise promise_of(size_t which) {
  const double one = chance / 8, other = chance / (DIRECTIONS + 3);
  if (which <= PLAIN_ETA_MU) return (promise){one, 1, 1, false, true};
  if (which == PLAIN_A00) return (promise){2 * one, 2, 1, false, true};
  if (which == PLAIN_A01) return (promise){3 * one, 4, 1, false, true};
  if (which == PLAIN_A11) return (promise){3 * one, 3, 1, false, true};
  if (which <= PLAIN_CENTER) return (promise){chance, 8, 2, false, false};
  if (which == PLAIN_P) return (promise){other, 1, 1, false, true};
  if (which == PLAIN_ERROR) return (promise){3 * other, 2, 1, true, false};
  return (promise){2 * other, 1, 1, true, which == PLAIN_Q};
}

/* The least m with P(Bin(draws, p) > m) <= 1e-9/(all checks): each term exactly but for roundings, summed from the far
 * end. */
static size_t most_misses(size_t draws, double p) {
  const double allowed = 1e-9 / (CASES * PLAIN_COUNT);
  double tail = 0, all = (double)draws;
  for (size_t m = draws; m > 0; m--) {
    double k = (double)m;
    tail += exp(lgamma(all + 1) - lgamma(k + 1) - lgamma(all - k + 1) + k * log(p) + (all - k) * log1p(-p));
    if (tail > allowed) return m;
  }
  return 0;
}

typedef struct {
  size_t misses;
  double sum, squares, width; /* of the distance from the interval's middle; of the interval */
} record;

static void add_to(record *r, double value, double low, double high) {
  double off = value - (low + high) / 2;
  r->misses += value < low || value > high;
  r->sum += off, r->squares += off * off, r->width += high - low;
}

/* With known Gram numbers what follows from them is exact: the simulation's sums of n d products are off by n d 2^-53
 * parts of the sum of sizes; a thousand times that leaves room for its ten steps and divisions. */
static void check_known(const plain_sizes *z, const intervals *at, const double value[PLAIN_COUNT]) {
  double allowed = 1000 * (double)(z->samples * z->dimension) * 0x1p-53;
  for (size_t i = PLAIN_C; i <= PLAIN_CENTER; i++)
    test_check(fabs(at->low[i] - value[i]) <= allowed && fabs(at->high[i] - value[i]) <= allowed,
               "%s n=%zu d=%zu: [%a, %a] by the Gram numbers, %a simulated", plain_names[i], z->samples, z->dimension,
               at->low[i], at->high[i], value[i]);
}

/* Training against its intervals; generated samples given the training set. */
static void simulate(record records[PLAIN_COUNT], const plain_sizes *z, iv_scope *s, const fluctuation *f,
                     size_t draws) {
  test_random random = test_random_new(0x666c7563 + z->samples);
  cluster_mean mean = cluster_mean_of(s, f, z->count, DIRECTIONS, chance);
  intervals within, at;
  put_training(&within, s, &mean, z->steps);
  for (size_t k = 0; k < draws; k++) {
    double value[PLAIN_COUNT];
    size_t mark = iv_mark(s);
    test_check(plain_flow_draw(value, z, &random), "n=%zu d=%zu, draw %zu: a sample changed its sign", z->samples,
               z->dimension, k);
    fluctuation exact = known(s, f, value);
    mean.f = &exact;
    put_training(&at, s, &mean, z->steps);
    check_known(z, &at, value);
    put_cluster(&at, s, &mean, z->steps);
    for (size_t i = 0; i < PLAIN_COUNT; i++) {
      const intervals *due = i <= PLAIN_CENTER ? &within : &at;
      add_to(&records[i], value[i], due->low[i], due->high[i]);
    }
    iv_release(s, mark);
  }
}

/* Wide enough: misses as promised. Narrow enough: k independent numbers of spreads s_1..s_k give an image of width 2 q
 * (s_1 + ... + s_k) <= 2 q sqrt(k) times the statistic's spread, q the normal quantile of one number's share, times the
 * occurrences; to gbar, of spread sqrt((1 - 2/pi)/N), belongs [0, 1 + q/sqrt(2 N)]. Half as much again for the shape of
 * chi-square, second-order terms and the spread's own fluctuation. Centered: 6/sqrt(draws) spreads of sampling (a
 * chance of 2e-9), 1/4 for the skewness of chi-square, (q^2 - 1)/6 sqrt(8/d). */
static void judge(const plain_sizes *z, const record *r, size_t which, double q, size_t draws) {
  promise due = promise_of(which);
  double mean = r->sum / (double)draws, width = r->width / (double)draws;
  double spread = sqrt(r->squares / (double)draws - mean * mean);
  size_t most = most_misses(draws, due.chance);
  test_check(r->misses <= most, "%s n=%zu d=%zu: %zu of %zu outside, at most %zu expected", plain_names[which],
             z->samples, z->dimension, r->misses, draws, most);
  double N = (double)z->count, fold = due.folded ? (sqrt(N) + q / sqrt(2)) / sqrt(1 - 2 / acos(-1)) : 0;
  double widest = 1.5 * sqrt(pow(2 * q * due.occurrences, 2) * due.numbers + fold * fold) * spread;
  test_check(width <= widest, "%s n=%zu d=%zu: intervals %.3g spreads wide, %.3g allowed", plain_names[which],
             z->samples, z->dimension, width / spread, widest / spread);
  double shift = (6 / sqrt((double)draws) + 0.25) * spread;
  test_check(!due.centered || fabs(mean) <= shift, "%s n=%zu d=%zu: intervals lie %.3g spreads off, %.3g allowed",
             plain_names[which], z->samples, z->dimension, mean / spread, shift / spread);
}

static void intervals_hold(void **state) {
  (void)state;
  size_t draws = test_cases(DRAWS);
  iv_scope *s = iv_scope_new(WORKING_BITS);
  double q = iv_upper_d(fluctuation_normal(s, chance / 8));
  for (size_t k = 0; k < CASES; k++) {
    const plain_sizes *z = &cases[k];
    assay_dae_settings settings = assay_dae_settings_of(z->samples, assay_real_of(z->sigma), assay_real_of(z->lambda));
    settings.norm2 = assay_real_of(z->mean * z->mean);
    fluctuation f = fluctuation_of(s, &settings, z->dimension, chance);
    record records[PLAIN_COUNT] = {{0}};
    simulate(records, z, s, &f, draws);
    for (size_t i = 0; i < PLAIN_COUNT; i++) judge(z, &records[i], i, q, draws);
  }
  iv_scope_free(s);
}

/* With a single step w_0 and the noise that it leaves are at right angles in the limit: X_1 = c_0 X_0 + ..., c_0 =
 * a_01/a_00. */
static void one_step_is_finite(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  for (size_t k = 0; k < CASES; k++) {
    const plain_sizes *z = &cases[k];
    assay_dae_settings settings = assay_dae_settings_of(z->samples, assay_real_of(z->sigma), assay_real_of(z->lambda));
    fluctuation still = fluctuation_limit(s, &settings, z->dimension);
    iv none = fluctuation_perp(s, &still, 1, 1), start = fluctuation_perp(s, &still, 1, 0);
    test_check(iv_lower_d(none) == 0 && iv_upper_d(none) == 0 && iv_lower_d(start) == 1 && iv_upper_d(start) == 1,
               "n=%zu: P_0 in [%a, %a], P_1 in [%a, %a]", z->samples, iv_lower_d(start), iv_upper_d(start),
               iv_lower_d(none), iv_upper_d(none));
    still.a00 = iv_d(s, 1.5), still.a01 = iv_d(s, k % 2 ? 0.75 : -0.75);
    iv skip = fluctuation_perp(s, &still, 1, 1);
    test_check(iv_contains_d(skip, k % 2 ? 0.5 : -0.5) && iv_width_d(skip) < 0x1p-100, "n=%zu: P_1 in [%a, %a]",
               z->samples, iv_lower_d(skip), iv_upper_d(skip));
  }
  iv_scope_free(s);
}

/* P(|N(0,1)| > q) = erfc(q/sqrt 2): at most delta, and just so. */
static void normal_holds(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  double delta = 1;
  for (int sevenths = 0; sevenths < 14; sevenths++) {
    delta /= 7;
    iv normal = fluctuation_normal(s, delta);
    double low = iv_lower_d(normal), high = iv_upper_d(normal), tail = erfc(high / sqrt(2));
    test_check(low == -high, "delta=%a: [%a, %a]", delta, low, high);
    test_check(fabs(tail / delta - 1) < 1e-10, "delta=%a: tail %a beyond %a", delta, tail, high);
  }
  iv_scope_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(intervals_hold), cmocka_unit_test(normal_holds),
                                     cmocka_unit_test(one_step_is_finite)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
