/* Radii and covariance of the samples in the coordinates in which their component is N(0, I). */
#include "theory/samples/comparisons.h"

#include "theory/samples/limits.h"
#include "theory/samples/tails.h"

#include <assay/fast.h>

#include <stdlib.h>
#include <string.h>

/* ---- radii ------------------------------------------------------------------------------------------------------- */

/* Sum of |z|^2 over `seen` samples, any number from least to most being possible. */
static void compare_sum(comparisons *c, assay_samples_test *test, double sum, double second, uint64_t seen,
                        uint64_t uncertain) {
  const tally *t = c->seen;
  uint64_t least = seen > uncertain ? seen - uncertain : 0, most = seen + uncertain;
  double scale = seen ? (double)seen * (double)t->dimension : 1.0, d = (double)t->dimension;
  test->statistic = sum / scale;
  test->expected = seen ? 1.0 : 0.0;
  test->allowance = (second + (double)uncertain * d) / scale;
  if (seen == 0) {
    test->high = INFINITY;
    comparisons_decide(c, test, 1.0);
    return;
  }
  limits_chi2(&test->low, &test->high, seen * t->dimension, c->share);
  double lower = least ? tail_chi2_lower(least * t->dimension, sum + second) : 1.0;
  comparisons_decide(c, test, comparisons_two_sided(lower, tail_chi2_upper(most * t->dimension, sum - second)));
}

static void compare_law(comparisons *c, assay_samples_test *test, const law *exact, const uint64_t *counts,
                        uint64_t uncertain) {
  law_distance distance = law_distance_of(exact, counts);
  if (distance.total <= uncertain) {
    test->high = INFINITY;
    comparisons_decide(c, test, 1.0);
    return;
  }
  uint64_t sure = distance.total - uncertain;
  test->statistic = fmax(distance.above, distance.below);
  test->allowance = ball_up(exact->error + tally_shift(&c->seen->errors, 1.0, exact->steepest, sure));
  test->high = comparisons_band(distance.total, c->share);
  comparisons_decide(c, test, tail_kolmogorov(sure, test->statistic - test->allowance));
}

static void compare_largest(comparisons *c) {
  const tally *t = c->seen;
  assay_samples_test *test = comparisons_next(c, ASSAY_SAMPLES_LARGEST_RADIUS, false, 0);
  double n = (double)t->samples, square = t->largest * t->largest * (1.0 - 0x1p-50);
  test->statistic = t->largest;
  test->high = sqrt(limits_chi2_upper(t->dimension, c->share / n));
  comparisons_decide(c, test, n * tail_chi2_upper(t->dimension, square));
}

void comparisons_radii(comparisons *c) {
  const tally *t = c->seen;
  double sum = 0.0;
  for (size_t k = 0; k < t->components; k++) sum += t->radii[k];
  compare_sum(c, comparisons_next(c, ASSAY_SAMPLES_RADII, false, 0), sum, t->second, t->samples, 0);
  for (size_t k = 0; t->components > 1 && k < t->components; k++)
    compare_sum(c, comparisons_next(c, ASSAY_SAMPLES_RADII, true, k), t->radii[k], t->component_second[k], t->labels[k],
                t->component_uncertain[k]);
  compare_law(c, comparisons_next(c, ASSAY_SAMPLES_RADII_LAW, false, 0), &t->radius, t->radius_tally, 0);
  for (size_t k = 0; t->components > 1 && k < t->components; k++)
    compare_law(c, comparisons_next(c, ASSAY_SAMPLES_RADII_LAW, true, k), &t->component_radius,
                t->component_tally + k * (t->component_radius.count + 1), t->component_uncertain[k]);
  compare_largest(c);
}

/* ---- coordinates ------------------------------------------------------------------------------------------------- */

static void compare_coordinates(comparisons *c) {
  const tally *t = c->seen;
  double least = INFINITY, most = 0.0, n = (double)t->samples, d = (double)t->dimension;
  for (size_t j = 0; j < t->dimension; j++) {
    least = fmin(least, t->squares[j]);
    most = fmax(most, t->squares[j]);
  }
  assay_samples_test *test = comparisons_next(c, ASSAY_SAMPLES_VARIANCE_COORDINATE, false, 0);
  double lower = tail_chi2_lower(t->samples, least + t->second), upper = tail_chi2_upper(t->samples, most - t->second);
  test->statistic = (lower < upper ? least : most) / n;
  test->expected = 1.0;
  test->allowance = t->second / n;
  limits_chi2(&test->low, &test->high, t->samples, c->share / d);
  comparisons_decide(c, test, d * comparisons_two_sided(lower, upper));
}

/* ---- extreme directions ------------------------------------------------------------------------------------------ */

static double dot(const double *a, const double *b, size_t d) {
  double sum = 0.0;
  for (size_t j = 0; j < d; j++) sum += a[j] * b[j];
  return sum;
}

/* out = sign gram v + shift v */
static void multiply(double *out, const double *gram, const double *v, size_t d, double sign, double shift) {
  for (size_t i = 0; i < d; i++) out[i] = sign * dot(gram + i * d, v, d) + shift * v[i];
}

/* v' gram v/|v|^2 after power iteration on sign gram + shift I: whatever v became, it is |Z v|^2 of a unit vector. */
static double extreme(const tally *t, double *v, double *work, double sign, double shift) {
  enum { ROUNDS = 100 };
  size_t d = t->dimension;
  for (int round = 0; round < ROUNDS; round++) {
    multiply(work, t->gram, v, d, sign, shift);
    double norm = sqrt(dot(work, work, d));
    if (!(norm > 0.0 && norm < INFINITY)) break;
    for (size_t j = 0; j < d; j++) v[j] = work[j] / norm;
  }
  multiply(work, t->gram, v, d, 1.0, 0.0);
  return dot(work, v, d) / dot(v, v, d);
}

static assay_status start_vectors(double *v, size_t d, assay_context *context) {
  const assay_normals normals = {1, WHITEN_STREAM};
  assay_stream stream = assay_fast_normals(&normals, 2, d);
  return stream.read(&stream, 0, 2, 0, d, v, d, context);
}

static void compare_extreme(comparisons *c, assay_samples_kind kind, double square, double p) {
  const tally *t = c->seen;
  double n = (double)t->samples, reach = sqrt(2.0 * log(1.0 / c->share)) + sqrt((double)t->dimension), root = sqrt(n);
  assay_samples_test *test = comparisons_next(c, kind, false, 0);
  test->statistic = square / n;
  test->expected = 1.0;
  test->allowance = t->second / n;
  if (kind == ASSAY_SAMPLES_WIDEST)
    test->high = (root + reach) * (root + reach) / n;
  else {
    test->low = root > reach ? (root - reach) * (root - reach) / n : 0.0;
    test->high = INFINITY;
  }
  comparisons_decide(c, test, p);
}

/* Each search with the other end as shift, which sets the two ends of the spectrum apart from the rest. */
static void search(double *most, double *least, const tally *t, double *v, double *work) {
  enum { TIMES = 2 };
  size_t d = t->dimension;
  double *up = v, *down = v + d;
  *most = extreme(t, up, work, 1.0, 0.0);
  for (int i = 0; i < TIMES; i++) {
    *least = extreme(t, down, work, -1.0, *most);
    *most = extreme(t, up, work, 1.0, -*least);
  }
}

assay_status comparisons_covariance(comparisons *c, assay_context *context) {
  const tally *t = c->seen;
  size_t d = t->dimension;
  if (d == 1) return ASSAY_OK;
  compare_coordinates(c);
  if (!t->gram) return ASSAY_OK;
  double *v = NULL, most = 0.0, least = 0.0, off = t->second;
  assay_status status = assay_allocate((void **)&v, 3 * d, sizeof *v, "directions", context);
  if (status) return status;
  status = start_vectors(v, d, context);
  if (!status) {
    search(&most, &least, t, v, v + 2 * d);
    compare_extreme(c, ASSAY_SAMPLES_WIDEST, most, tail_widest(t->samples, d, sqrt(fmax(most - off, 0.0))));
    compare_extreme(c, ASSAY_SAMPLES_NARROWEST, least, tail_narrowest(t->samples, d, sqrt(fmax(least + off, 0.0))));
  }
  free(v);
  return status;
}
