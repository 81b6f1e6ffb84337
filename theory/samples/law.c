#include "theory/samples/law.h"

#include "theory/samples/tails.h"

#include <math.h>
#include <stdlib.h>

static double normal_cdf(double z) { return 0.5 * erfc(-z * 0.70710678118654752440); }
static double normal_density(double z) { return 0.39894228040143267794 * exp(-0.5 * z * z); }

void law_normal_quantiles(double *out, size_t levels) {
  enum { HALVINGS = 40 };
  for (size_t i = 0; i < levels; i++) {
    double p = ((double)i + 0.5) / (double)levels, low = i ? out[i - 1] : -9.0, high = 9.0;
    for (int h = 0; h < HALVINGS; h++) {
      double middle = (low + high) / 2;
      if (normal_cdf(middle) < p)
        low = middle;
      else
        high = middle;
    }
    out[i] = high;
  }
}

double law_mixture_cdf(const marginal_component *components, size_t count, double x) {
  double sum = 0.0;
  for (size_t k = 0; k < count; k++)
    sum += components[k].weight.value * normal_cdf((x - components[k].mean.value) / components[k].deviation.value);
  return fmin(sum, 1.0);
}

double law_mixture_density(const marginal_component *components, size_t count, double x) {
  double sum = 0.0;
  for (size_t k = 0; k < count; k++) {
    double s = components[k].deviation.value;
    sum += components[k].weight.value * normal_density((x - components[k].mean.value) / s) / s;
  }
  return sum;
}

static assay_status allocate(law *out, size_t count, assay_context *context) {
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, count, 2 * sizeof(double), "distribution functions", context);
  if (status) return status;
  *out = (law){.edge = memory};
  out->cdf = out->edge + count;
  return ASSAY_OK;
}

void law_clear(law *self) {
  free(self->edge);
  *self = (law){0};
}

/* A quantile of one component, and how much of the mixture it stands for. */
typedef struct {
  double edge, share;
} candidate;

static int compare(const void *a, const void *b) {
  double x = ((const candidate *)a)->edge, y = ((const candidate *)b)->edge;
  return (x > y) - (x < y);
}

static size_t edges_of(const marginal_component *component, size_t levels) {
  enum { LEAST = 16 };
  size_t own = (size_t)ceil(component->weight.value * (double)levels);
  return own < LEAST ? LEAST : own > levels ? levels : own;
}

/* Each component's at places of their own (the golden section's), or else components that lie on each other would share
 * all of them. */
static size_t list_candidates(candidate *out, const marginal_component *components, size_t count,
                              const double *quantiles, size_t levels) {
  const double golden = 0.61803398874989485;
  size_t listed = 0;
  for (size_t k = 0; k < count; k++) {
    size_t own = edges_of(&components[k], levels);
    double place = 0.5 + golden * (double)k, offset = place - floor(place);
    for (size_t i = 0; i < own; i++) {
      size_t level = (size_t)(((double)i + offset) * (double)levels / (double)own);
      out[listed++] = (candidate){.edge = components[k].mean.value + components[k].deviation.value *
                                                                         quantiles[level < levels ? level : levels - 1],
                                  .share = components[k].weight.value / (double)own};
    }
  }
  return listed;
}

/* What radii of weights, means and deviations do to the distribution function, |d/dm| <= phi(0)/s and |d/ds| <= sup |z
 * phi(z)|/s = 0.242/s, and what arithmetic does: erfc to 4 ulp and its argument's three roundings, times 0.242. */
static double mixture_error(const marginal_component *components, size_t count) {
  double error = (double)(count + 8) * 0x1p-52;
  for (size_t k = 0; k < count; k++) {
    const marginal_component *c = &components[k];
    double least = ball_lower(c->deviation);
    error += c->weight.error + ball_upper(c->weight) * (0.4 * c->mean.error + 0.25 * c->deviation.error) / least;
  }
  return ball_up(error * 1.0001);
}

assay_status law_mixture_init(law *out, const marginal_component *components, size_t count, const double *quantiles,
                              size_t levels, assay_context *context) {
  size_t edges = 0, most = 2 * levels + 1;
  for (size_t k = 0; k < count; k++) edges += edges_of(&components[k], levels);
  candidate *candidates = NULL;
  assay_status status = assay_allocate((void **)&candidates, edges, sizeof *candidates, "quantiles", context);
  if (!status) status = allocate(out, edges < most ? edges : most, context);
  if (status) {
    free(candidates);
    return status;
  }
  (void)list_candidates(candidates, components, count, quantiles, levels);
  qsort(candidates, edges, sizeof *candidates, compare);
  double since = 0.0, step = 0.5 / (double)levels;
  for (size_t i = 0; i < edges && out->count < most; i++) {
    since += candidates[i].share;
    if (since < step) continue;
    since = 0.0;
    out->edge[out->count++] = candidates[i].edge;
  }
  free(candidates);
  for (size_t i = 0; i < out->count; i++) out->cdf[i] = law_mixture_cdf(components, count, out->edge[i]);
  for (size_t k = 0; k < count; k++)
    out->steepest += 0.4 * ball_upper(components[k].weight) / ball_lower(components[k].deviation);
  out->error = mixture_error(components, count);
  return ASSAY_OK;
}

/* Wilson and Hilferty: chi^2 is about d (1 - h + z sqrt(h))^3, h = 2/(9 d): good enough to place edges. The density of
 * chi with d degrees is largest for d = 1, 0.798. */
assay_status law_chi_init(law *out, size_t d, const double *quantiles, size_t levels, assay_context *context) {
  assay_status status = allocate(out, levels, context);
  if (status) return status;
  double h = 2.0 / (9.0 * (double)d), log_gamma = tail_log_gamma((double)d / 2.0), error = 0.0;
  for (size_t i = 0; i < levels; i++) {
    double root = 1.0 - h + quantiles[i] * sqrt(h), edge = sqrt((double)d * root * root * root);
    if (!(root > 0.0) || !(edge > 0.0)) continue;
    out->edge[out->count] = edge;
    out->cdf[out->count++] = tail_chi2_cdf(&error, d, edge * edge, log_gamma);
    out->error = fmax(out->error, error);
  }
  /* x density(x) <= 0.6 sqrt(d): the edge's square is rounded, and so are |z|'s additions and root */
  out->error = ball_up(out->error + sqrt((double)d) * ball_gamma((double)d + 16.0));
  out->steepest = 0.8;
  return ASSAY_OK;
}

/* The first edge >= value, by halving without branches that a processor would have to guess. */
size_t law_bin(const law *self, double value) {
  const double *base = self->edge;
  size_t left = self->count;
  while (left > 1) {
    size_t half = left / 2;
    base += (size_t)(base[half - 1] < value) * half;
    left -= half;
  }
  return (size_t)(base - self->edge) + (left == 1 && *base < value);
}

void law_count(uint64_t *tally, const law *self, const double *values, size_t stride, size_t rows) {
  for (size_t i = 0; i < rows; i++) tally[law_bin(self, values[i * stride])]++;
}

law_distance law_distance_of(const law *self, const uint64_t *tally) {
  law_distance out = {0.0, 0.0, 0};
  for (size_t i = 0; i <= self->count; i++) out.total += tally[i];
  uint64_t below = 0;
  for (size_t i = 0; i < self->count; i++) {
    below += tally[i];
    double difference = (double)below / (double)out.total - self->cdf[i];
    out.above = fmax(out.above, difference);
    out.below = fmax(out.below, -difference);
  }
  return out;
}
