#include "theory/flow_dae/saturated.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns read at a time. */
enum { BLOCK = 1024, VECTORS = 4 };

/* Of a sample: |x_0|^2, |x_1|^2, |x_t|^2, |x_1 - c x_t|^2, <w, x_t>, <w, x_1 - c x_t>; then phi and k. */
typedef struct {
  double noise2, clean2, noisy2, rest2, along, along_rest, phi, k;
} sample_numbers;

/* A sum, and that of the sizes of all it is made of, which bounds its rounding. */
typedef struct {
  double sum, size;
} sized;

typedef struct {
  const assay_dae_data *data;
  const assay_dae_learned *fit;
  const double *w;
  double lambda;
  assay_activation activation;
  double *noise, *clean;                     /* BLOCK each: a row */
  sized *columns;                            /* VECTORS x BLOCK: */
  sized *sums, *slope, *noises, *clean_sums; /* S_t, the gradient of w, n xi, S_1 */
  sample_numbers *of;                        /* n */
  double w2, sum2;                           /* |w|^2, |S_t|^2 */
  double slope2, slope_size2, rest2, rest_size2;
  sized slope_c;
} norms;

typedef void add_entries(norms *n, size_t i, size_t column, size_t columns);

static void put(sized *to, double term, double size) { to->sum += term, to->size += size; }

/* x_t and the sizes that it is made of. */
static sized noisy_at(const norms *n, size_t j) {
  double from_noise = (1 - n->fit->time) * n->noise[j], from_clean = n->fit->time * n->clean[j];
  return (sized){from_noise + from_clean, fabs(from_noise) + fabs(from_clean)};
}

static void add_products(norms *n, size_t i, size_t column, size_t columns) {
  sample_numbers *of = &n->of[i];
  for (size_t j = 0; j < columns; j++) {
    sized x = noisy_at(n, j);
    double q = n->clean[j] - n->fit->c * x.sum;
    of->noise2 += n->noise[j] * n->noise[j];
    of->clean2 += n->clean[j] * n->clean[j];
    of->noisy2 += x.sum * x.sum;
    of->rest2 += q * q;
    of->along += n->w[column + j] * x.sum;
    of->along_rest += n->w[column + j] * q;
    put(&n->sums[j], n->data->labels[i] * x.sum, x.size);
  }
}

/* p r + k x_t, r = x_1 - c x_t - p w. */
static void add_slopes(norms *n, size_t i, size_t column, size_t columns) {
  const sample_numbers *of = &n->of[i];
  double c = n->fit->c, p = of->phi;
  for (size_t j = 0; j < columns; j++) {
    sized x = noisy_at(n, j);
    double pw = p * n->w[column + j], r = n->clean[j] - c * x.sum - pw;
    double size = fabs(n->clean[j]) + fabs(c) * x.size + fabs(pw);
    put(&n->slope[j], p * r + of->k * x.sum, fabs(p) * size + fabs(of->k) * x.size);
    put(&n->slope_c, x.sum * r, x.size * size);
    put(&n->noises[j], n->data->labels[i] * n->noise[j], fabs(n->noise[j]));
    put(&n->clean_sums[j], n->data->labels[i] * n->clean[j], fabs(n->clean[j]));
  }
}

/* w less its reported part in the span. */
static sized rest_at(const norms *n, size_t column, size_t j) {
  const assay_dae_learned *fit = n->fit;
  double samples = (double)n->data->samples, mean = n->data->mean, w = n->w[column + j];
  double xi = n->noises[j].sum / samples, eta = (n->clean_sums[j].sum / samples - mean) / n->data->sigma;
  double part = fit->w_mu * mean + fit->w_xi * xi + fit->w_eta * eta;
  double eta_size = (n->clean_sums[j].size / samples + mean) / n->data->sigma;
  double size = fabs(fit->w_mu) * mean + fabs(fit->w_xi) * n->noises[j].size / samples + fabs(fit->w_eta) * eta_size;
  return (sized){w - part, fabs(w) + size};
}

static void end_block(norms *n, size_t column, size_t columns) {
  for (size_t j = 0; j < columns; j++) {
    double w = n->w[column + j], slope = n->lambda * w - n->slope[j].sum, size = n->lambda * fabs(w) + n->slope[j].size;
    sized rest = rest_at(n, column, j);
    n->w2 += w * w;
    n->sum2 += n->sums[j].sum * n->sums[j].sum;
    n->slope2 += slope * slope;
    n->slope_size2 += size * size;
    n->rest2 += rest.sum * rest.sum;
    n->rest_size2 += rest.size * rest.size;
  }
}

/* One pass over the data. */
static assay_status pass(norms *n, add_entries *add, assay_context *context) {
  const assay_dae_data *data = n->data;
  size_t d = data->dimension;
  n->w2 = n->sum2 = n->slope2 = n->slope_size2 = n->rest2 = n->rest_size2 = 0;
  for (size_t column = 0; column < d; column += BLOCK) {
    size_t columns = d - column < BLOCK ? d - column : BLOCK;
    memset(n->columns, 0, (size_t)VECTORS * BLOCK * sizeof *n->columns);
    for (size_t i = 0; i < data->samples; i++) {
      assay_status status = data->noise.read(&data->noise, i, 1, column, columns, n->noise, columns, context);
      if (!status) status = data->data.read(&data->data, i, 1, column, columns, n->clean, columns, context);
      if (status) return status;
      add(n, i, column, columns);
    }
    end_block(n, column, columns);
  }
  return ASSAY_OK;
}

static double phi_slope(double a, assay_activation activation) {
  double fall = exp(activation == ASSAY_TANH ? -2 * fabs(a) : -a * a);
  return activation == ASSAY_TANH ? 4 * fall / ((1 + fall) * (1 + fall)) : 2 / sqrt(acos(-1)) * fall;
}

static void find_activations(norms *n) {
  double root = sqrt((double)n->data->dimension);
  for (size_t i = 0; i < n->data->samples; i++) {
    sample_numbers *of = &n->of[i];
    double a = of->along / root;
    of->phi = n->activation == ASSAY_TANH ? tanh(a) : erf(a);
    of->k = phi_slope(a, n->activation) * (of->along_rest - of->phi * n->w2) / root;
  }
}

/* Bounds of e and phi' at a or beyond. */
static void bend(double *e, double *slope, double a, assay_activation activation) {
  static const double TWO_OVER_ROOT_PI = 0x1.20dd750429b6ep+0; /* rounded up */
  double fall = exp(activation == ASSAY_TANH ? -2 * a : -a * a) * (1 + 0x1p-40) + DBL_MIN;
  *e = activation == ASSAY_TANH ? 2 * fall : fall;
  *slope = activation == ASSAY_TANH ? 4 * fall : TWO_OVER_ROOT_PI * fall;
}

/* Upper bounds of a sample's norms, and of what rounding does to its argument, to phi and, in parts of phi' sqrt(d) |w|
 * (|q| + |w|), to k. */
typedef struct {
  double x, q, size, argument, e, slope, phi, k;
} sample_bounds;

/* Entries of x_t have three roundings of its parts' sizes, those of q two more: 2^-50 of their norms. phi' changes by
 * at most max(2, 2 a) parts a unit of a; the C library's exp, tanh and erf are good to 2^-50. */
static sample_bounds sample_at(const norms *n, size_t i, double w, double slack) {
  const sample_numbers *of = &n->of[i];
  double d = (double)n->data->dimension, root = sqrt(d), up = 1 + slack, t = n->fit->time;
  double clean = sqrt(of->clean2 / d) * up;
  sample_bounds b = {.size = ((1 - t) * sqrt(of->noise2 / d) + t * clean) * up};
  b.x = sqrt(of->noisy2 / d) * up + 0x1p-50 * b.size;
  b.q = sqrt(of->rest2 / d) * up + 0x1p-50 * (clean + fabs(n->fit->c) * b.size);
  double a = n->data->labels[i] * of->along / root, off = slack * root * w * b.size;
  b.argument = a - off;
  bend(&b.e, &b.slope, b.argument, n->activation);
  b.phi = b.slope * off + 0x1p-50;
  b.k = 2 * fmax(1, a + off) * off + 2 * slack + b.phi + (1 + a * a) * 0x1p-50;
  return b;
}

/* Sums of d terms are within d 2^-52 parts of sum|terms|: `slack` is twice that, and 2^-40 for the few products of what
 * they give. An entry of a sum over the samples has at most n + 16 roundings of the sizes it is made of: each 2^-53. */
static saturated_bounds bounds_of(const norms *n) {
  double samples = (double)n->data->samples, d = (double)n->data->dimension, root = sqrt(d);
  double slack = 2 * d * 0x1p-52 + 0x1p-40, up = 1 + slack, entry = (samples + 16) * 0x1p-52;
  double w = sqrt(n->w2 / d) * up, sum = sqrt(n->sum2 / d) * up, weight = n->lambda + samples, total = 0;
  double slope_w = (sqrt(n->slope2 / d) + entry * sqrt(n->slope_size2 / d)) * up;
  double slope_c = (fabs(n->slope_c.sum) + (samples * d + 16) * 0x1p-52 * n->slope_c.size) / d * up, e_w = 0, e_c = 0;
  saturated_bounds out = {.least = INFINITY, .gradient = INFINITY, .c = INFINITY, .w = INFINITY};
  out.rest = (sqrt(n->rest2 / d) + entry * sqrt(n->rest_size2 / d)) * up;
  for (size_t i = 0; i < n->data->samples; i++) {
    sample_bounds b = sample_at(n, i, w, slack);
    double k = root * b.slope * w * (b.q + w), least_x = sqrt(n->of[i].noisy2 / d) * (1 - slack) - 0x1p-50 * b.size;
    out.least = fmin(out.least, b.argument);
    slope_w += b.phi * (2 * w + b.q) + b.k * k * b.x;
    slope_c += b.phi * b.x * w;
    e_w += b.e * (2 * w + b.q) + k * b.x;
    e_c += b.e * b.x * w;
    sum += entry * b.size;
    total += fmax(least_x, 0) * fmax(least_x, 0);
  }
  double spread = total * (1 - slack) - sum * sum / weight;
  if (!(out.least > 0) || !(spread > 0)) return out;
  out.gradient = 2 * sqrt(slope_w * slope_w / d + slope_c * slope_c) * up;
  out.c = (slope_c + e_c + sum * (slope_w + e_w) / weight) / spread * up;
  out.w = (slope_w + e_w + out.c * sum) / weight * up;
  return out;
}

assay_status saturated_bounds_of(saturated_bounds *out, const assay_dae_learned *fit, const double *w,
                                 const assay_dae_data *data, const assay_dae_settings *settings,
                                 assay_activation activation, assay_context *context) {
  double *rows = NULL;
  norms n = {.data = data, .fit = fit, .w = w, .lambda = settings->lambda.nearest, .activation = activation};
  assay_status status = assay_allocate((void **)&rows, 2 * (size_t)BLOCK, sizeof *rows, "rows", context);
  if (!status)
    status = assay_allocate((void **)&n.columns, (size_t)VECTORS * BLOCK, sizeof *n.columns, "columns", context);
  if (!status) status = assay_allocate((void **)&n.of, data->samples, sizeof *n.of, "norms", context);
  if (!status) {
    n.noise = rows, n.clean = rows + BLOCK;
    n.sums = n.columns;
    n.slope = n.sums + BLOCK;
    n.noises = n.slope + BLOCK;
    n.clean_sums = n.noises + BLOCK;
    status = pass(&n, add_products, context);
  }
  if (!status) {
    double sum2 = n.sum2;
    find_activations(&n);
    status = pass(&n, add_slopes, context);
    n.sum2 = sum2;
  }
  if (!status) *out = bounds_of(&n);
  free(rows), free(n.columns), free(n.of);
  return status;
}
