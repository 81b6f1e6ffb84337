#include "theory/samples/directions.h"

#include "fast/core/schedule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PAIRS = 16, MOST_AXES = 4, ROUNDS = 30, RANDOM_STREAM = 0x64697265 };

static double dot(const double *a, const double *b, size_t d) {
  double sum = 0.0;
  for (size_t j = 0; j < d; j++) sum += a[j] * b[j];
  return sum;
}

/* False for a vector that has no direction. */
static bool normalise(double *v, size_t d) {
  double largest = 0.0;
  for (size_t j = 0; j < d; j++) largest = fmax(largest, fabs(v[j]));
  if (!(largest > 0.0 && largest < INFINITY)) return false;
  for (size_t j = 0; j < d; j++) v[j] /= largest;
  double norm = sqrt(dot(v, v, d));
  for (size_t j = 0; j < d; j++) v[j] /= norm;
  return true;
}

static double *next_of(const direction_set *self, size_t d) { return self->vectors + self->count * d; }

/* ---- between means ----------------------------------------------------------------------------------------------- */

static void add_pairs(direction_set *out, const assay_mixture *mixture) {
  size_t d = mixture->dimension, pairs = 0;
  for (size_t b = 1; b < mixture->count; b++)
    for (size_t a = 0; a < b && pairs < MOST_PAIRS; a++, pairs++) {
      double *v = next_of(out, d);
      for (size_t j = 0; j < d; j++) v[j] = mixture->components[b].mean[j] - mixture->components[a].mean[j];
      if (!normalise(v, d)) continue;
      (void)snprintf(out->names[out->count++], DIRECTION_NAME, "means[%zu]-means[%zu]", b, a);
    }
}

/* ---- principal axes ---------------------------------------------------------------------------------------------- */

typedef struct {
  const assay_mixture *mixture;
  double alpha_square, beta_square, weights;
  double *mean; /* of the mixture */
} spread;

static void add_covariance(double *out, const assay_covariance *covariance, const double *v, double factor, size_t d) {
  for (size_t i = 0; i < d; i++) {
    if (covariance->kind == ASSAY_COVARIANCE_FULL)
      out[i] += factor * dot(covariance->entries + i * d, v, d);
    else
      out[i] += factor * v[i] *
                (covariance->kind == ASSAY_COVARIANCE_DIAGONAL ? covariance->entries[i] : covariance->variance.nearest);
  }
}

/* out = Cov(x_t) v */
static void apply(double *out, const spread *s, const double *v) {
  size_t d = s->mixture->dimension;
  for (size_t j = 0; j < d; j++) out[j] = s->alpha_square * v[j];
  for (size_t k = 0; k < s->mixture->count; k++) {
    const assay_component *c = &s->mixture->components[k];
    double factor = s->beta_square * c->weight.nearest / s->weights;
    double along = factor * (dot(c->mean, v, d) - dot(s->mean, v, d));
    for (size_t j = 0; j < d; j++) out[j] += along * (c->mean[j] - s->mean[j]);
    add_covariance(out, &c->covariance, v, factor, d);
  }
}

/* v without what lies along `count` unit vectors, twice over: what the first pass leaves may be its own rounding.
 * False when nothing is left. */
static bool remove_along(double *v, const double *vectors, size_t count, size_t d) {
  for (int pass = 0; pass < 2; pass++) {
    for (size_t a = 0; a < count; a++) {
      double along = dot(v, vectors + a * d, d);
      for (size_t j = 0; j < d; j++) v[j] -= along * vectors[a * d + j];
    }
    if (!normalise(v, d)) return false;
  }
  return true;
}

/* By subspace iteration from what stands there, unit vectors. One that is lost, beside axes whose variance is 2^53
 * times as large, keeps what it was. `work`: d numbers. */
static void iterate_axes(double *axes, size_t count, const spread *s, double *work) {
  size_t d = s->mixture->dimension;
  for (size_t a = 0; a < count; a++) (void)normalise(axes + a * d, d);
  for (int round = 0; round < ROUNDS; round++)
    for (size_t a = 0; a < count; a++) {
      apply(work, s, axes + a * d);
      if (remove_along(work, axes, a, d)) memcpy(axes + a * d, work, d * sizeof *work);
    }
}

static assay_status read_normals(double *out, size_t row, size_t rows, size_t d, uint64_t seed,
                                 assay_context *context) {
  const assay_normals normals = {seed, RANDOM_STREAM};
  assay_stream stream = assay_fast_normals(&normals, row + rows, d);
  return stream.read(&stream, row, rows, 0, d, out, d, context);
}

static assay_status add_axes(direction_set *out, const assay_mixture *mixture, const assay_path_point *point,
                             uint64_t seed, assay_context *context) {
  size_t d = mixture->dimension, count = d < MOST_AXES ? d : MOST_AXES;
  schedule_coefficients at = schedule_coefficients_at(point);
  double *work = NULL, *axes = next_of(out, d);
  assay_status status = assay_allocate((void **)&work, 2 * d, sizeof(double), "directions", context);
  if (status) return status;
  spread s = {.mixture = mixture, .alpha_square = at.alpha_square.value, .mean = work + d};
  s.beta_square = at.beta.value * at.beta.value;
  for (size_t k = 0; k < mixture->count; k++) s.weights += mixture->components[k].weight.nearest;
  for (size_t k = 0; k < mixture->count; k++)
    for (size_t j = 0; j < d; j++)
      s.mean[j] += mixture->components[k].weight.nearest / s.weights * mixture->components[k].mean[j];
  status = read_normals(axes, DIRECTIONS_RANDOM, count, d, seed, context);
  if (!status) iterate_axes(axes, count, &s, work);
  free(work);
  if (status) return status;
  for (size_t a = 0; a < count; a++) (void)snprintf(out->names[out->count++], DIRECTION_NAME, "axis[%zu]", a);
  return ASSAY_OK;
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static assay_status add_random(direction_set *out, size_t d, uint64_t seed, assay_context *context) {
  double *vectors = next_of(out, d);
  assay_status status = read_normals(vectors, 0, DIRECTIONS_RANDOM, d, seed, context);
  if (status) return status;
  for (size_t r = 0; r < DIRECTIONS_RANDOM; r++) {
    (void)normalise(vectors + r * d, d);
    (void)snprintf(out->names[out->count++], DIRECTION_NAME, "random[%zu]", r);
  }
  out->random = DIRECTIONS_RANDOM;
  return ASSAY_OK;
}

assay_status directions_init(direction_set *out, const assay_mixture *mixture, const assay_path_point *point,
                             uint64_t seed, assay_context *context) {
  enum { MOST = MOST_PAIRS + MOST_AXES + DIRECTIONS_RANDOM };
  size_t d = mixture->dimension;
  direction_set made = {0};
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, MOST, d * sizeof(double) + DIRECTION_NAME, "directions", context);
  if (status) return status;
  made.vectors = memory;
  made.names = (char(*)[DIRECTION_NAME])(made.vectors + MOST * d);
  if (d == 1) {
    made.vectors[0] = 1.0;
    made.count = made.random = 1;
    (void)snprintf(made.names[0], DIRECTION_NAME, "line");
  } else {
    add_pairs(&made, mixture);
    status = add_axes(&made, mixture, point, seed, context);
    if (!status) status = add_random(&made, d, seed, context);
  }
  if (status)
    directions_clear(&made);
  else
    *out = made;
  return status;
}

void directions_clear(direction_set *self) { free(self->vectors); }
