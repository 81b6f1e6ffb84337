/* The figure of basins: its lines against alternating minimisation on the limits of the Gram numbers, its points and
 * bars against binomial laws. */
#include "figure_data.h"
#include "testing.h"

#include <math.h>
#include <stdlib.h>

static const double sigma = 0.5, lambda = 0.1;
enum { STARTS = 60, TRIALS = 220, TIMES = 7, SIZES = 3, LINE = 49, MOST_SAMPLES = 64 };
static const size_t samples[SIZES] = {2, 8, 64};
static const double times[TIMES] = {0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98};

/* P(k successes or more in `of`): each term exactly but for roundings. */
static double at_least(size_t k, size_t of, double p) {
  double all = (double)of, sum = 0;
  if (k == 0 || p >= 1) return 1;
  if (p <= 0) return 0;
  for (size_t i = of + 1; i-- > k;) {
    double j = (double)i;
    sum += exp(lgamma(all + 1) - lgamma(j + 1) - lgamma(all - j + 1) + j * log(p) + (all - j) * log1p(-p));
  }
  return sum;
}

/* ---- alternating minimisation, d -> infinity ---- */

/* Products per dimension of s_i x_u^i and s_j x_v^j for u, v in {t, 1}. */
typedef struct {
  double tt, t1, one; /* i != j */
  double own_tt, own_t1, own_one;
} gram;

static gram gram_at(double t) {
  double sigma2 = sigma * sigma;
  return (gram){.tt = t * t,
                .t1 = t,
                .one = 1,
                .own_tt = t * t * (1 + sigma2) + (1 - t) * (1 - t),
                .own_t1 = t * (1 + sigma2),
                .own_one = 1 + sigma2};
}

/* A fit to pattern h and the signs that it gives (section 2), by sums over pairs. */
static void refit(double next[MOST_SAMPLES], const double h[MOST_SAMPLES], size_t n, const gram *g) {
  double with_t[MOST_SAMPLES], with_1[MOST_SAMPLES]; /* <S_t, x_t^i> and <S_1, x_t^i> */
  double st_s1 = 0, st_st = 0, k = lambda + (double)n;
  for (size_t i = 0; i < n; i++) {
    with_t[i] = with_1[i] = 0;
    for (size_t j = 0; j < n; j++) {
      with_t[i] += h[j] * (i == j ? g->own_tt : g->tt);
      with_1[i] += h[j] * (i == j ? g->own_t1 : g->t1);
    }
    st_st += h[i] * with_t[i], st_s1 += h[i] * with_1[i];
  }
  double c = ((double)n * g->own_t1 - st_s1 / k) / ((double)n * g->own_tt - st_st / k);
  for (size_t i = 0; i < n; i++) next[i] = with_1[i] - c * with_t[i] > 0 ? 1 : -1;
}

static bool all_alike(const double h[MOST_SAMPLES], size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += h[i];
  return fabs(sum) == (double)n;
}

/* By Box and Muller. */
static double normal(test_random *random) {
  double radius = sqrt(-2 * log1p(-test_uniform(random, 0, 1))), angle = test_uniform(random, 0, 1);
  return radius * cos(2 * acos(-1) * angle);
}

/* The pattern of a random w, then refits: does it end at the labels, and stay? */
static bool one_start(test_random *random, size_t n, double t, const gram *g) {
  enum { REFITS = 6 };
  double h[MOST_SAMPLES], next[MOST_SAMPLES];
  double common = t * normal(random), own = sqrt(g->own_tt - g->tt);
  for (size_t i = 0; i < n; i++) h[i] = common + own * normal(random) > 0 ? 1 : -1;
  for (size_t k = 0; k < REFITS; k++) {
    refit(next, h, n, g);
    for (size_t i = 0; i < n; i++) h[i] = next[i];
  }
  return all_alike(h, n);
}

/* The count has the binomial law of the line's share, which is good to 1e-7 (check_two): but for 1e-9 on either side it
 * lies within that law's reach. */
static void check_line(const assay_series *line, size_t n, double t) {
  const size_t at = (size_t)lround(t * 50) - 1, draws = test_cases(4000);
  test_random random = test_random_new(0xba51 + n);
  gram g = gram_at(t);
  size_t reached = 0;
  for (size_t i = 0; i < draws; i++) reached += one_start(&random, n, t, &g);
  const double share = line->y[at], known = 1e-7;
  test_check(at_least(reached, draws, share + known) > 1e-9 &&
                 at_least(draws - reached, draws, 1 - share + known) > 1e-9,
             "n = %zu, t = %g: line at %a, %zu of %zu starts", n, t, share, reached, draws);
}

/* Two samples settle on the labels when both signs of the first pattern are right or both wrong. */
static void check_two(const assay_series *line) {
  for (size_t i = 0; i < LINE; i++) {
    double t = (double)(i + 1) / 50, v = (1 - t) * (1 - t) + sigma * sigma * t * t;
    double share = 0.5 + asin(t * t / (t * t + v)) / acos(-1);
    test_check(line->x[i] == t && fabs(line->y[i] - share) < 1e-7, "t = %g: %a, expected %a", t, line->y[i], share);
  }
}

/* ---- points ---- */

static size_t check_bars(const assay_series *points, size_t i, size_t of) {
  double successes = points->y[i] * (double)of, low = points->y[i] - points->error[i];
  double high = points->y[i] + points->above[i];
  size_t k = (size_t)lround(successes);
  test_check(fabs(successes - (double)k) < 1e-9 && k <= of, "%a successes", successes);
  test_check(k == 0 ? fabs(low) < 1e-12 : fabs(at_least(k, of, low) - 0.025) < 1e-9, "%zu successes: low %a", k, low);
  test_check(k == of ? fabs(high - 1) < 1e-12 : fabs(1 - at_least(k + 1, of, high) - 0.025) < 1e-9,
             "%zu successes: high %a", k, high);
  return k;
}

/* In the middle, where sqrt(2000) times the margin (about t) is large, the limit's law: but for 1e-9 within the
 * binomial's reach of it. At t = 0.02 no more than chance brings n = 64 there. */
static void check_points(const assay_series *points, const assay_series *line, size_t n) {
  test_check(points->count == TIMES && points->error && points->above, "%zu points", points->count);
  for (size_t i = 0; i < TIMES; i++) {
    test_check(points->x[i] == times[i], "x = %g", points->x[i]);
    size_t k = check_bars(points, i, STARTS);
    if (n == MOST_SAMPLES && i == 0) test_check(k == 0, "%zu of %d starts at t = %g", k, STARTS, times[i]);
    if (times[i] < 0.1 || times[i] > 0.9) continue;
    double share = line->y[(size_t)lround(times[i] * 50) - 1];
    test_check(at_least(k, STARTS, share) > 1e-9 && 1 - at_least(k + 1, STARTS, share) > 1e-9,
               "n = %zu, t = %g: %zu of %d, line %a", n, times[i], k, STARTS, share);
  }
}

/* The claim measured the same shares, but at t = .02, where it counts those that miss a label. */
static void check_adam(const figure_data *data, const assay_series *points) {
  static const struct {
    double time;
    const char *item;
  } items[] = {{0.1, "all labels reached, sign n=4 d=500 t=0.1"},
               {0.5, "all labels reached, sign n=4 d=300 t=0.5"},
               {0.9, "all labels reached, sign n=4 d=300 t=0.9"},
               {0.02, "a label missed, sign n=8 d=100 t=0.02"}};
  const size_t count = sizeof items / sizeof *items;
  test_check(points->count == count, "%zu points", points->count);
  for (size_t i = 0; i < count; i++) {
    double share = figure_data_item(data, "flow-dae/adam-reaches-labels", items[i].item)->measured;
    check_bars(points, i, TRIALS);
    test_check(points->x[i] == items[i].time, "x = %g", points->x[i]);
    test_check(fabs(points->y[i] - (i + 1 < count ? share : 1 - share)) < 1e-12, "%s: %a", items[i].item, points->y[i]);
  }
}

static void basins(void **state) {
  (void)state;
  static const char *const claims[] = {"flow-dae/adam-reaches-labels"};
  static const char *const labels[] = {"n = 2", "", "n = 8", "", "n = 64", "", "Adam"};
  figure_data data;
  figure_data_open(&data, claims, 1);
  figure_data_draw(&data, "basins", "lplplpp", labels);
  check_two(data.plot.series[0]);
  for (size_t k = 0; k < SIZES; k++) {
    const assay_series *line = data.plot.series[2 * k];
    test_check(line->count == LINE, "%zu", line->count);
    for (size_t i = 0; i < TIMES; i++) check_line(line, samples[k], times[i]);
    check_points(data.plot.series[2 * k + 1], line, samples[k]);
  }
  check_adam(&data, data.plot.series[6]);
  figure_data_close(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(basins),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
