#include "theory/samples/distance.h"

#include "theory/samples/limits.h"

#include "fast/core/tiles.h"

#include <stdlib.h>
#include <string.h>

/* ---- total variation --------------------------------------------------------------------------------------------- */

/* Events {<u, x> <= s} and intervals. Under p_t, rounded, their chances differ from the exact ones by what lies within
 * rounding R of s, and by P(|x| > R) <= E|x|^2/R^2: R is chosen to make the sum small. A draw x moves by rounding times
 * the rounded one's size, that is rounding/(1 - rounding) |x| at most. */
static double of_projection(const comparisons *c, size_t u, double square_norm) {
  const tally *t = c->seen;
  law_distance distance = law_distance_of(&t->projections[u], t->projection_tally[u]);
  double density = t->projections[u].steepest * (c->rounding / (1.0 - c->rounding)) * 1.000001;
  double radius = cbrt(2.0 * square_norm / fmax(density, 0x1p-200));
  double rounded = c->rounding > 0.0 ? density * radius + square_norm / (radius * radius) : 0.0;
  double off = comparisons_band(t->samples, c->share) + comparisons_projection_shift(c, u) + rounded * 1.000001;
  return fmax(fmax(distance.above, distance.below) - off, distance.above + distance.below - 2.0 * off);
}

/* The label is a random function of x, and so is "the label, where it is doubtful by at most `doubt`, else none": under
 * p_t, rounded, the latter takes each set of labels with at most its weight and `doubt`. */
static double of_label(const comparisons *c, size_t k) {
  const tally *t = c->seen;
  uint64_t others = 0;
  for (size_t l = 0; l < t->components; l++) others += l == k ? 0 : t->clear[l];
  ball w = c->marginals[k].weight;
  double most = ball_upper(w), rest = 1.0 - ball_lower(w), more = 0.0, fewer = 0.0, n = (double)t->samples;
  if ((double)t->clear[k] > n * most) more = limits_rate_below(t->samples, t->clear[k], c->share / 2) - most;
  if ((double)others > n * rest) fewer = limits_rate_below(t->samples, others, c->share / 2) - rest;
  return fmax(more, fewer) - t->doubt - 0x1p-50;
}

double distance_total_variation(const comparisons *c, size_t index, double square_norm) {
  const assay_samples_test *test = &c->tests[index];
  double found = 0.0;
  if (test->kind == ASSAY_SAMPLES_LABELS) found = of_label(c, index); /* the first tests, in the components' order */
  if (test->kind == ASSAY_SAMPLES_PROJECTION) found = of_projection(c, index + c->along->count - c->count, square_norm);
  return found > 0.0 ? found : 0.0;
}

/* ---- sliced W2 --------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* int_{-inf}^{q} (x - centre) dF(x): each component's (m - centre) Phi(z) - s phi(z). */
static double partial_moment(const marginal_component *m, size_t count, double centre, double q) {
  double sum = 0.0;
  for (size_t k = 0; k < count; k++) {
    double s = m[k].deviation.value, z = (q - m[k].mean.value) / s;
    double phi = 0.39894228040143267794 * exp(-0.5 * z * z);
    sum += m[k].weight.value * ((m[k].mean.value - centre) * 0.5 * erfc(-z * 0.70710678118654752440) - s * phi);
  }
  return sum;
}

/* The u-quantile from a point below it: Newton's steps, kept in a bracket. Its error counts to second order. */
static double quantile(const marginal_component *m, size_t count, double u, double low, double high) {
  enum { STEPS = 60 };
  double x = low;
  for (int i = 0; i < STEPS; i++) {
    double f = law_mixture_cdf(m, count, x) - u;
    if (f < 0.0)
      low = x;
    else
      high = x;
    double step = f / law_mixture_density(m, count, x), next = x - step;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (fabs(next - x) <= 1e-8 * (high - low)) return next;
    x = next;
  }
  return x;
}

/* W_2^2 between n sorted numbers and the mixture: mean (s - centre)^2 + E (x - centre)^2 - 2 sum s_i (moment of the
 * mixture between its i/n and (i+1)/n quantiles). */
static double squared_w2(const double *sorted, size_t n, const marginal_component *m, size_t count) {
  double centre = 0.0, own = 0.0, exact = 0.0, cross = 0.0, low = INFINITY, high = -INFINITY, before = 0.0;
  for (size_t k = 0; k < count; k++) {
    centre += m[k].weight.value * m[k].mean.value;
    low = fmin(low, m[k].mean.value - 9.0 * m[k].deviation.value);
    high = fmax(high, m[k].mean.value + 9.0 * m[k].deviation.value);
  }
  for (size_t k = 0; k < count; k++) {
    double off = m[k].mean.value - centre;
    exact += m[k].weight.value * (m[k].deviation.value * m[k].deviation.value + off * off);
  }
  for (size_t i = 0; i < n; i++) {
    double s = sorted[i] - centre, above = 0.0;
    if (i + 1 < n) {
      low = quantile(m, count, (double)(i + 1) / (double)n, low, high);
      above = partial_moment(m, count, centre, low);
    }
    own += s * s;
    cross += s * (above - before);
    before = above;
  }
  double square = own / (double)n + exact - 2.0 * cross;
  return square < 0.0 ? 0.0 : square; /* NaN: beyond what squares can hold */
}

typedef struct {
  const comparisons *c;
  uint64_t seed;
  double *squares; /* two for each direction: of the samples, of draws */
  size_t n;
} sliced_job;

enum { DRAW_STREAM = 0x64726177 };

/* n draws of one direction's mixture: component by a uniform, then a normal. */
static assay_status draw(double *out, const sliced_job *job, size_t r, const marginal_component *m,
                         assay_context *context) {
  const assay_normals normals = {job->seed, DRAW_STREAM};
  const uint32_t key[2] = {(uint32_t)job->seed, (uint32_t)(job->seed >> 32)};
  assay_stream stream = assay_fast_normals(&normals, r + 1, job->n);
  assay_status status = stream.read(&stream, r, 1, 0, job->n, out, job->n, context);
  for (size_t i = 0; !status && i < job->n; i++) {
    const uint32_t counter[4] = {(uint32_t)i, (uint32_t)r, 1, DRAW_STREAM};
    uint32_t words[4];
    assay_fast_philox(words, counter, key);
    double u = ((double)words[0] + 0.5) * 0x1p-32, below = 0.0;
    size_t k = 0;
    while (k + 1 < job->c->seen->components && u >= (below += m[k].weight.value)) k++;
    out[i] = m[k].mean.value + m[k].deviation.value * out[i];
  }
  return status;
}

static assay_status slice(void *self, size_t r, void *scratch, assay_context *context) {
  const sliced_job *job = self;
  const comparisons *c = job->c;
  size_t k = c->seen->components;
  const marginal_component *m = c->marginals + (c->along->count - c->along->random + r) * k;
  double *values = scratch;
  for (size_t i = 0; i < job->n; i++) values[i] = c->seen->sliced[r * job->n + i];
  qsort(values, job->n, sizeof *values, compare);
  job->squares[2 * r] = squared_w2(values, job->n, m, k);
  assay_status status = draw(values, job, r, m, context);
  qsort(values, job->n, sizeof *values, compare);
  if (!status) job->squares[2 * r + 1] = squared_w2(values, job->n, m, k);
  return status;
}

assay_status distance_sliced_w2(distance_sliced *out, const comparisons *c, uint64_t seed, assay_context *context) {
  double squares[2 * DIRECTIONS_RANDOM] = {0};
  *out = (distance_sliced){NAN, NAN, NAN};
  if (c->seen->sliced_samples == 0) return ASSAY_OK;
  size_t count = c->along->random, n = c->seen->sliced_samples;
  sliced_job job = {c, seed, squares, n};
  assay_context quiet = *context;
  quiet.progress = NULL;
  assay_status status = tiles_run(count, n * sizeof(double), slice, &job, "sliced W2", &quiet);
  if (status) {
    memcpy(context->message, quiet.message, sizeof context->message);
    return status;
  }
  double mean = 0.0, exact = 0.0, spread = 0.0, many = (double)count;
  for (size_t r = 0; r < count; r++) mean += squares[2 * r] / many, exact += squares[2 * r + 1] / many;
  for (size_t r = 0; r < count; r++) spread += (squares[2 * r] / mean - 1.0) * (squares[2 * r] / mean - 1.0);
  out->estimate = sqrt(mean);
  out->error = count > 1 ? out->estimate / 2.0 * sqrt(spread / (many - 1.0) / many) : NAN;
  out->exact = sqrt(exact);
  return ASSAY_OK;
}
