#include "naive.h"

#include "theory/vectors/choice.h"
#include "theory/vectors/target.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.141592653589793;

/* alpha = sqrt(1 - beta^2), which `alpha` gives without cancellation: alpha alpha' = -beta beta'. */
static naive_path on_circle(double alpha, double beta, double beta_rate) {
  double decay = -beta * beta_rate;
  return (naive_path){alpha, beta, decay / alpha, beta_rate, decay};
}

naive_path naive_path_at(const char *schedule, vectors_formula formula, double time, double alpha, double beta) {
  bool plain = formula == VECTORS_PLAIN_PATH;
  double rest = 1 - time;
  if (strcmp(schedule, "linear") == 0) return (naive_path){rest, time, -1, 1, -rest};
  if (strcmp(schedule, "trigonometric") == 0) {
    double c = plain ? cos(pi * time / 2) : sin(pi * rest / 2), s = sin(pi * time / 2);
    return (naive_path){c, s, -pi / 2 * s, pi / 2 * c, -pi / 2 * s * c};
  }
  if (strcmp(schedule, "polynomial:3") == 0) {
    double power = time * time * time, a = plain ? 1 - power : rest * (1 + time + time * time);
    return (naive_path){a, power, -3 * time * time, 3 * time * time, -3 * time * time * a};
  }
  if (strcmp(schedule, "linear-vp") == 0) return on_circle(sqrt(plain ? 1 - time * time : rest * (1 + time)), time, 1);
  if (strcmp(schedule, "vp:0.1:20") == 0) {
    double exponent = -rest * rest * (20 - 0.1) / 4 - rest * 0.1 / 2, b = exp(exponent);
    return on_circle(sqrt(plain ? 1 - b * b : -expm1(2 * exponent)), b, b * (rest * (20 - 0.1) + 0.1) / 2);
  }
  return (naive_path){alpha, beta, NAN, NAN, NAN};
}

/* ---- one component ---- */

/* V = alpha^2 I + beta^2 S = L L^T. */
typedef struct {
  double *covariance, *factor, *centre; /* S, L, x - beta m */
  double *g, *lift;                     /* V^-1 (x - beta m), S g */
  double log_weight, trace_inverse;     /* log w N(x; beta m, V), tr V^-1 */
  double p;
} component;

static double entry(const assay_covariance *covariance, size_t d, size_t i, size_t j) {
  if (covariance->kind == ASSAY_COVARIANCE_FULL) return covariance->entries[i * d + j];
  if (i != j) return 0;
  return covariance->kind == ASSAY_COVARIANCE_ISOTROPIC ? covariance->variance.nearest : covariance->entries[i];
}

static void factorise(component *c, size_t d, naive_path path) {
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = path.beta * path.beta * c->covariance[i * d + j] + (i == j ? path.alpha * path.alpha : 0);
      for (size_t l = 0; l < j; l++) sum -= c->factor[i * d + l] * c->factor[j * d + l];
      c->factor[i * d + j] = i == j ? sqrt(sum) : sum / c->factor[j * d + j];
    }
}

/* V^-1 b. */
static void solve(double *out, const component *c, size_t d, const double *b) {
  for (size_t i = 0; i < d; i++) {
    out[i] = b[i];
    for (size_t l = 0; l < i; l++) out[i] -= c->factor[i * d + l] * out[l];
    out[i] /= c->factor[i * d + i];
  }
  for (size_t i = d; i-- > 0;) {
    for (size_t l = i + 1; l < d; l++) out[i] -= c->factor[l * d + i] * out[l];
    out[i] /= c->factor[i * d + i];
  }
}

static double dot(const double *a, const double *b, size_t d) {
  double sum = 0;
  for (size_t j = 0; j < d; j++) sum += a[j] * b[j];
  return sum;
}

/* <a, V^-1 b>. */
static double form(const component *c, size_t d, const double *a, const double *b, double *work) {
  solve(work, c, d, b);
  return dot(a, work, d);
}

static double squared(const component *c, size_t d, vectors_formula formula, const double *x, const double *mean,
                      double beta, double *work) {
  if (formula != VECTORS_EXPANDED) return dot(c->centre, c->g, d);
  return form(c, d, x, x, work) - 2 * beta * form(c, d, x, mean, work) + beta * beta * form(c, d, mean, mean, work);
}

static void prepare(component *c, const assay_component *from, size_t d, vectors_formula formula, naive_path path,
                    const double *x, double *work) {
  for (size_t i = 0; i < d * d; i++) c->covariance[i] = entry(&from->covariance, d, i / d, i % d);
  factorise(c, d, path);
  for (size_t j = 0; j < d; j++) c->centre[j] = x[j] - path.beta * from->mean[j];
  solve(c->g, c, d, c->centre);
  for (size_t j = 0; j < d; j++) c->lift[j] = dot(c->covariance + j * d, c->g, d);
  double log_root = 0;
  c->trace_inverse = 0;
  for (size_t j = 0; j < d; j++) {
    log_root += log(c->factor[j * d + j]);
    double unit[VECTORS_MOST_DIMENSION] = {0};
    unit[j] = 1;
    solve(work, c, d, unit);
    c->trace_inverse += work[j];
  }
  c->log_weight = log(from->weight.nearest) - squared(c, d, formula, x, from->mean, path.beta, work) / 2 - log_root -
                  (double)d / 2 * log(2 * pi);
}

/* ---- all components ---- */

typedef struct {
  component *list;
  double *memory;
  size_t count, d;
  double log_density;
} posterior;

static posterior posterior_new(const assay_mixture *mixture, vectors_formula formula, naive_path path,
                               const double *x) {
  size_t d = mixture->dimension, each = 2 * d * d + 3 * d;
  posterior r = {.count = mixture->count, .d = d};
  r.list = calloc(r.count, sizeof *r.list);
  r.memory = calloc(r.count * each + d, sizeof *r.memory);
  if (!r.list || !r.memory) abort();
  double largest = -INFINITY;
  for (size_t k = 0; k < r.count; k++) {
    double *at = r.memory + d + k * each;
    r.list[k] = (component){.covariance = at, .factor = at + d * d, .centre = at + 2 * d * d};
    r.list[k].g = r.list[k].centre + d, r.list[k].lift = r.list[k].g + d;
    prepare(&r.list[k], &mixture->components[k], d, formula, path, x, r.memory);
    if (r.list[k].log_weight > largest) largest = r.list[k].log_weight;
  }
  double shift = formula == VECTORS_UNGUARDED ? 0 : largest;
  double sum = r.list[0].p = exp(r.list[0].log_weight - shift);
  for (size_t k = 1; k < r.count; k++) sum += r.list[k].p = exp(r.list[k].log_weight - shift);
  for (size_t k = 0; k < r.count; k++) r.list[k].p /= sum;
  r.log_density = shift + log(sum);
  return r;
}

static void posterior_free(posterior *p) {
  free(p->list);
  free(p->memory);
}

static void score_of(double *out, const posterior *p) {
  for (size_t j = 0; j < p->d; j++) {
    out[j] = 0;
    for (size_t k = 0; k < p->count; k++) out[j] -= p->list[k].p * p->list[k].g[j];
  }
}

static void denoiser_of(double *out, const posterior *p, const assay_mixture *mixture, double beta) {
  for (size_t j = 0; j < p->d; j++) {
    out[j] = 0;
    for (size_t k = 0; k < p->count; k++)
      out[j] += p->list[k].p * (mixture->components[k].mean[j] + beta * p->list[k].lift[j]);
  }
}

/* ---- quantities ---- */

/* flow-dae section 1: div f = beta sum p tr(S V^-1) - sum p <f_k - f, g_k - g>, div e = alpha (sum p tr V^-1 - sum p
 * |g_k - g|^2); div_e here is without its alpha. */
static double divergence_of(const posterior *p, const assay_mixture *mixture, naive_path path, const double *f,
                            const double *score) {
  double div_f = 0, div_e = 0, a2 = path.alpha * path.alpha, b2 = path.beta * path.beta;
  for (size_t k = 0; k < p->count; k++) {
    const component *c = &p->list[k];
    double trace_lift = path.beta == 0 ? 0 : ((double)p->d - a2 * c->trace_inverse) / b2, along = 0, square = 0;
    if (path.beta != 0 && a2 * c->trace_inverse > 0.5 * (double)p->d) { /* then tr(S V^-1) itself, column by column */
      trace_lift = 0;
      double column[VECTORS_MOST_DIMENSION], solved[VECTORS_MOST_DIMENSION];
      for (size_t j = 0; j < p->d; j++) {
        for (size_t i = 0; i < p->d; i++) column[i] = c->covariance[i * p->d + j];
        solve(solved, c, p->d, column);
        trace_lift += solved[j];
      }
    }
    for (size_t j = 0; j < p->d; j++) {
      double df = mixture->components[k].mean[j] + path.beta * c->lift[j] - f[j], dg = c->g[j] + score[j];
      along += df * dg, square += dg * dg;
    }
    div_f += c->p * (path.beta * trace_lift - along);
    div_e += c->p * (c->trace_inverse - square);
  }
  return path.beta_rate * div_f + path.decay * div_e;
}

/* The wide quantity's component j from x, f and the score. */
static double combine(assay_quantity quantity, vectors_formula formula, naive_path p, double x, double f,
                      double score) {
  bool from_f = formula == VECTORS_FROM_DENOISER, from_score = formula == VECTORS_FROM_SCORE;
  switch (quantity) {
  case ASSAY_SCORE:
    return from_f ? -(x - p.beta * f) / (p.alpha * p.alpha) : score;
  case ASSAY_DENOISER:
    return from_score ? (x + p.alpha * p.alpha * score) / p.beta : f;
  case ASSAY_NOISE:
    return from_f ? (x - p.beta * f) / p.alpha : -p.alpha * score;
  case ASSAY_VELOCITY:
  case ASSAY_LOG_DENSITY:
  case ASSAY_DIVERGENCE:
    break;
  }
  if (from_f) return (p.beta_rate - p.alpha_rate * p.beta / p.alpha) * f + p.alpha_rate / p.alpha * x;
  if (from_score) return p.beta_rate / p.beta * x + (p.beta_rate * p.alpha * p.alpha / p.beta - p.decay) * score;
  return p.beta_rate * f - p.decay * score;
}

static void by_components(double *out, assay_quantity quantity, vectors_formula formula, const assay_mixture *mixture,
                          naive_path path, const double *x) {
  posterior p = posterior_new(mixture, formula, path, x);
  double f[VECTORS_MOST_DIMENSION], score[VECTORS_MOST_DIMENSION];
  score_of(score, &p);
  denoiser_of(f, &p, mixture, path.beta);
  if (quantity == ASSAY_LOG_DENSITY)
    out[0] = p.log_density;
  else if (quantity == ASSAY_DIVERGENCE)
    out[0] = divergence_of(&p, mixture, path, f, score);
  else
    for (size_t j = 0; j < p.d; j++) out[j] = combine(quantity, formula, path, x[j], f[j], score[j]);
  posterior_free(&p);
}

static double divided_differences(const assay_mixture *mixture, naive_path path, const double *x) {
  size_t d = mixture->dimension;
  double point[VECTORS_MOST_DIMENSION], high[VECTORS_MOST_DIMENSION] = {0}, low[VECTORS_MOST_DIMENSION] = {0}, sum = 0;
  for (size_t j = 0; j < d; j++) {
    memcpy(point, x, d * sizeof *x);
    double step = 0x1p-17 * fmax(1, fabs(x[j]));
    point[j] = x[j] + step;
    by_components(high, ASSAY_VELOCITY, VECTORS_GUARDED, mixture, path, point);
    point[j] = x[j] - step;
    by_components(low, ASSAY_VELOCITY, VECTORS_GUARDED, mixture, path, point);
    sum += (high[j] - low[j]) / (2 * step);
  }
  return sum;
}

void naive_field(double *out, assay_quantity quantity, vectors_formula formula, const assay_mixture *mixture,
                 naive_path path, const double *x) {
  if (formula == VECTORS_DIFFERENCES)
    out[0] = divided_differences(mixture, path, x);
  else
    by_components(out, quantity, formula, mixture, path, x);
}

unsigned char naive_lost(const double *got, const double *exact, size_t width) {
  double error = 0, size = 0;
  for (size_t j = 0; j < width; j++) {
    if (!isfinite(got[j])) return VECTORS_ALL;
    error = fmax(error, fabs(got[j] - exact[j]));
    size = fmax(size, fabs(exact[j]));
  }
  if (error == 0) return 0;
  double lost = size == 0 ? VECTORS_MOST_LOST : floor(16 + log10(error / size));
  return (unsigned char)fmin(fmax(lost, 0), VECTORS_MOST_LOST);
}
