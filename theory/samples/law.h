/* theory/samples/law.h: distribution functions on a line, tabulated exactly (but for a proved error) at edges, and how
 * far samples that were counted between the edges are from them.
 *
 * The supremum of |empirical - exact| over the edges is at most that over the line, so that what holds for the latter
 * with some probability holds for the former; with a few thousand edges at quantiles little is lost. */
#ifndef ASSAY_THEORY_SAMPLES_LAW_H
#define ASSAY_THEORY_SAMPLES_LAW_H

#include "fast/core/marginal.h"

typedef struct {
  size_t count;
  double *edge, *cdf; /* rising */
  double error;       /* of every cdf */
  double steepest;    /* upper bound of the density */
} law;

/* `levels` quantiles of N(0, 1), rising, near (i + 1/2)/levels. */
void law_normal_quantiles(double *out, size_t levels);

/* A mixture on a line; quantiles: `levels` of them as above. About `levels` edges, at most 2 levels + 1, between which
 * the mixture has about 1/levels: quantiles of its components, as many of each as its weight asks for. */
assay_status law_mixture_init(law *out, const marginal_component *components, size_t count, const double *quantiles,
                              size_t levels, assay_context *context);

/* sqrt(chi^2_d) */
assay_status law_chi_init(law *out, size_t d, const double *quantiles, size_t levels, assay_context *context);
void law_clear(law *self);

/* Adds `rows` values, `stride` apart, to tally (count + 1 numbers): tally[i] counts values in (edge[i-1], edge[i]]. */
void law_count(uint64_t *tally, const law *self, const double *values, size_t stride, size_t rows);
size_t law_bin(const law *self, double value);

/* sup (empirical - exact) and sup (exact - empirical) over the edges; 0 when negative. */
typedef struct {
  double above, below;
  uint64_t total;
} law_distance;
law_distance law_distance_of(const law *self, const uint64_t *tally);

/* The exact distribution function, density and quantile, to about 2^-45, for drawing and estimates. */
double law_mixture_cdf(const marginal_component *components, size_t count, double x);
double law_mixture_density(const marginal_component *components, size_t count, double x);

#endif
