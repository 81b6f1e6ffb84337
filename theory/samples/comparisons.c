/* Labels, means, projections, and what all tests share. */
#include "theory/samples/comparisons.h"

#include "theory/samples/limits.h"
#include "theory/samples/tails.h"

#include <stdio.h>
#include <string.h>

size_t comparisons_count(size_t dimension, size_t components, size_t directions) {
  size_t several = components > 1 ? components : 0;
  size_t wide = dimension > 1 ? (dimension <= TALLY_WIDEST_GRAM ? 4 : 2) : 0;
  return 4 + 4 * several + wide + directions; /* labels, radii, their laws, means; largest radius */
}

assay_samples_test *comparisons_next(comparisons *c, assay_samples_kind kind, bool indexed, size_t index) {
  assay_samples_test *test = &c->tests[c->count++];
  memset(test, 0, sizeof *test);
  test->kind = kind;
  if (indexed)
    (void)snprintf(test->name, sizeof test->name, "%s[%zu]", assay_samples_kind_name(kind), index);
  else
    (void)snprintf(test->name, sizeof test->name, "%s", assay_samples_kind_name(kind));
  return test;
}

void comparisons_decide(const comparisons *c, assay_samples_test *test, double p) {
  test->p = p <= 1.0 ? p : 1.0; /* NaN: 1 */
  test->fails = test->p <= c->share;
}

double comparisons_two_sided(double lower, double upper) {
  double p = 2.0 * (lower < upper ? lower : upper);
  return p < 1.0 ? p : 1.0;
}

double comparisons_band(uint64_t samples, double share) {
  return sqrt(log(2.0 / share) / (2.0 * (double)samples)) * (1.0 + 0x1p-40);
}

/* ---- labels ------------------------------------------------------------------------------------------------------ */

/* Counts may be off by every uncertain label. */
void comparisons_labels(comparisons *c) {
  const tally *t = c->seen;
  for (size_t k = 0; t->components > 1 && k < t->components; k++) {
    assay_samples_test *test = comparisons_next(c, ASSAY_SAMPLES_LABELS, true, k);
    ball w = c->marginals[k].weight;
    double n = (double)t->samples, high = fmin(ball_upper(w), 1.0), low = ball_lower(w);
    uint64_t seen = t->labels[k], doubt = t->component_uncertain[k], least = seen > doubt ? seen - doubt : 0;
    uint64_t most = t->samples - seen > doubt ? seen + doubt : t->samples;
    test->statistic = (double)seen / n;
    test->expected = w.value;
    test->allowance = (double)doubt / n;
    limits_binomial(&test->low, &test->high, t->samples, w.value, c->share);
    comparisons_decide(c, test,
                       comparisons_two_sided(tail_binomial_lower(t->samples, most, low),
                                             tail_binomial_upper(t->samples, least, high)));
  }
}

/* ---- means ------------------------------------------------------------------------------------------------------- */

/* |sum|^2/n is chi-square with d degrees, n being `most` at most; the sum may be off by `first`. */
static void compare_mean(comparisons *c, assay_samples_test *test, double norm, double first, uint64_t seen,
                         uint64_t most) {
  const tally *t = c->seen;
  double n = seen ? (double)seen : 1.0, degrees = (double)t->dimension, surely = fmax(norm - first, 0.0);
  test->statistic = norm * norm / n;
  test->expected = degrees;
  test->allowance = test->statistic - surely * surely / (most ? (double)most : 1.0);
  test->high = limits_chi2_upper(t->dimension, c->share);
  comparisons_decide(c, test, seen ? tail_chi2_upper(t->dimension, surely * surely / (double)most) : 1.0);
}

static double norm_of(const double *sum, size_t d) {
  double square = 0.0;
  for (size_t j = 0; j < d; j++) square += sum[j] * sum[j];
  return sqrt(square);
}

/* Over all components: whatever their order, one more component's worth of `sum` would be needed for a total; it goes
 * coordinate by coordinate. */
static double total_norm(const tally *t, double *largest) {
  double square = 0.0;
  *largest = 0.0;
  for (size_t j = 0; j < t->dimension; j++) {
    double sum = 0.0;
    for (size_t k = 0; k < t->components; k++) sum += t->sums[k * t->dimension + j];
    square += sum * sum;
    *largest = fmax(*largest, fabs(sum));
  }
  return sqrt(square);
}

void comparisons_means(comparisons *c) {
  const tally *t = c->seen;
  double largest = 0.0, whole = total_norm(t, &largest), root = sqrt((double)t->samples);
  compare_mean(c, comparisons_next(c, ASSAY_SAMPLES_MEAN, false, 0), whole, t->first, t->samples, t->samples);
  for (size_t k = 0; t->components > 1 && k < t->components; k++)
    compare_mean(c, comparisons_next(c, ASSAY_SAMPLES_MEAN, true, k), norm_of(t->sums + k * t->dimension, t->dimension),
                 t->component_first[k], t->labels[k], t->labels[k] + t->component_uncertain[k]);
  if (t->dimension == 1) return;
  assay_samples_test *test = comparisons_next(c, ASSAY_SAMPLES_MEAN_COORDINATE, false, 0);
  double d = (double)t->dimension;
  test->statistic = largest / root;
  test->allowance = t->first / root;
  test->high = limits_normal(c->share / d);
  comparisons_decide(c, test, d * tail_normal(test->statistic - test->allowance));
}

/* ---- projections ------------------------------------------------------------------------------------------------- */

/* An inner product of unit u with x is within gamma_(d+2) |x| of exact, and x within rounding |x| of its draw. */
double comparisons_projection_shift(const comparisons *c, size_t direction) {
  const tally *t = c->seen;
  const law *exact = &t->projections[direction];
  double scale = ball_up(c->rounding + ball_gamma((double)t->dimension + 4.0)) * 1.000001;
  return ball_up(exact->error + tally_shift(&t->reach, scale, exact->steepest, t->samples));
}

void comparisons_projections(comparisons *c) {
  const tally *t = c->seen;
  for (size_t u = 0; u < c->along->count; u++) {
    assay_samples_test *test = comparisons_next(c, ASSAY_SAMPLES_PROJECTION, false, 0);
    (void)snprintf(test->name, sizeof test->name, "projection %.48s", c->along->names[u]);
    law_distance distance = law_distance_of(&t->projections[u], t->projection_tally[u]);
    test->statistic = fmax(distance.above, distance.below);
    test->allowance = comparisons_projection_shift(c, u);
    test->high = comparisons_band(t->samples, c->share);
    comparisons_decide(c, test, tail_kolmogorov(t->samples, test->statistic - test->allowance));
  }
}
