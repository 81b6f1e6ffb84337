#include "plain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static long double *numbers(size_t count) {
  long double *out = calloc(count ? count : 1, sizeof *out);
  if (!out) abort();
  return out;
}

static long double *read_all(const assay_stream *stream) {
  size_t count = stream->rows * stream->columns;
  double *values = malloc(count * sizeof *values);
  assay_context context;
  assay_context_init(&context);
  if (!values || stream->read(stream, 0, stream->rows, 0, stream->columns, values, stream->columns, &context)) abort();
  long double *out = numbers(count);
  for (size_t k = 0; k < count; k++) out[k] = values[k];
  free(values);
  return out;
}

plain_set plain_set_of(const assay_dae_data *data, const assay_dae_settings *settings) {
  return (plain_set){.n = data->samples,
                     .d = data->dimension,
                     .x0 = read_all(&data->noise),
                     .x1 = read_all(&data->data),
                     .labels = data->labels,
                     .sigma = data->sigma,
                     .lambda = settings->lambda.nearest,
                     .mean = data->mean,
                     .schedule = settings->schedule.kind,
                     .skip = settings->skip,
                     .grid = settings->grid,
                     .rule = settings->rule};
}

void plain_set_free(plain_set *set) {
  free(set->x0);
  free(set->x1);
}

static const long double HALF_PI = 1.57079632679489661923132169163975144L;

assay_schedule_kind plain_kind(size_t number) {
  static const assay_schedule_kind kinds[PLAIN_KINDS] = {ASSAY_LINEAR, ASSAY_TRIGONOMETRIC, ASSAY_POLYNOMIAL,
                                                         ASSAY_LINEAR_VP};
  return kinds[number % PLAIN_KINDS];
}

assay_schedule plain_schedule(assay_schedule_kind kind) {
  return kind == ASSAY_POLYNOMIAL ? assay_schedule_polynomial(3) : assay_schedule_of(kind);
}

long double plain_alpha(assay_schedule_kind schedule, long double time) {
  if (time == 1) return 0;
  if (schedule == ASSAY_TRIGONOMETRIC) return cosl(HALF_PI * time);
  if (schedule == ASSAY_POLYNOMIAL) return (1 - time) * (1 + time + time * time);
  return schedule == ASSAY_LINEAR ? 1 - time : sqrtl((1 - time) * (1 + time));
}

long double plain_beta(assay_schedule_kind schedule, long double time) {
  if (time == 1) return 1;
  if (schedule == ASSAY_TRIGONOMETRIC) return sinl(HALF_PI * time);
  return schedule == ASSAY_POLYNOMIAL ? time * time * time : time;
}

long double plain_alpha_slope(assay_schedule_kind schedule, long double time) {
  if (schedule == ASSAY_TRIGONOMETRIC) return -HALF_PI * plain_beta(schedule, time);
  if (schedule == ASSAY_LINEAR_VP) return -time / plain_alpha(schedule, time);
  return -plain_beta_slope(schedule, time);
}

long double plain_beta_slope(assay_schedule_kind schedule, long double time) {
  if (schedule == ASSAY_TRIGONOMETRIC) return HALF_PI * plain_alpha(schedule, time);
  return schedule == ASSAY_POLYNOMIAL ? 3 * time * time : 1;
}

long double plain_dot(const long double *a, const long double *b, size_t d) {
  long double sum = 0;
  for (size_t j = 0; j < d; j++) sum += a[j] * b[j];
  return sum;
}

long double *plain_noisy(const plain_set *set, long double time) {
  long double *x = numbers(set->n * set->d);
  long double alpha = plain_alpha(set->schedule, time), beta = plain_beta(set->schedule, time);
  for (size_t k = 0; k < set->n * set->d; k++) x[k] = alpha * set->x0[k] + beta * set->x1[k];
  return x;
}

static void signed_sum(long double *out, const plain_set *set, const long double *x) {
  memset(out, 0, set->d * sizeof *out);
  for (size_t i = 0; i < set->n; i++)
    for (size_t j = 0; j < set->d; j++) out[j] += set->labels[i] * x[i * set->d + j];
}

/* flow-dae section 2 with h = s, word for word. */
void plain_fit(long double *c, long double *w, const plain_set *set, long double time) {
  size_t n = set->n, d = set->d;
  long double *x = plain_noisy(set, time), *st = numbers(d), *s1 = numbers(d);
  signed_sum(st, set, x);
  signed_sum(s1, set, set->x1);
  long double cross = 0, square = 0, weight = set->lambda + n;
  for (size_t i = 0; i < n; i++) {
    cross += plain_dot(x + i * d, set->x1 + i * d, d);
    square += plain_dot(x + i * d, x + i * d, d);
  }
  *c = (cross - plain_dot(st, s1, d) / weight) / (square - plain_dot(st, st, d) / weight);
  if (!set->skip) *c = 0;
  for (size_t j = 0; j < d; j++) w[j] = (s1[j] - *c * st[j]) / weight;
  free(x);
  free(st);
  free(s1);
}

static int sign_of(long double x) { return (x > 0) - (x < 0); }

long double plain_loss(const plain_set *set, long double time, long double c, const long double *w, bool own_signs) {
  size_t d = set->d;
  long double *x = plain_noisy(set, time), loss = set->lambda * plain_dot(w, w, d);
  for (size_t i = 0; i < set->n; i++) {
    int sign = own_signs ? sign_of(plain_dot(w, x + i * d, d)) : set->labels[i];
    for (size_t j = 0; j < d; j++) {
      long double rest = set->x1[i * d + j] - c * x[i * d + j] - w[j] * sign;
      loss += rest * rest;
    }
  }
  free(x);
  return loss;
}

void plain_flow_step(long double *x, int *sign, const plain_set *set, size_t step, size_t steps, long double c,
                     const long double *w) {
  long double time = (long double)step / (long double)steps;
  long double alpha = plain_alpha(set->schedule, time), beta = plain_beta(set->schedule, time);
  long double dt = 1 / (long double)(set->grid == ASSAY_GRID_PUBLISHED ? steps + 1 : steps);
  long double end = (long double)(step + 1) / (long double)steps, next_alpha = plain_alpha(set->schedule, end);
  long double alpha_slope = plain_alpha_slope(set->schedule, time), beta_slope = plain_beta_slope(set->schedule, time);
  *sign = sign_of(plain_dot(w, x, set->d));
  for (size_t j = 0; j < set->d; j++) {
    long double denoised = c * x[j] + w[j] * *sign, noise = (x[j] - beta * denoised) / alpha;
    if (set->rule == ASSAY_STEP_DDIM)
      x[j] = next_alpha * noise + plain_beta(set->schedule, end) * denoised;
    else
      x[j] += dt * (beta_slope * denoised + alpha_slope * noise);
  }
}

void plain_directions(long double *xi, long double *eta, const plain_set *set) {
  signed_sum(xi, set, set->x0);
  signed_sum(eta, set, set->x1);
  for (size_t j = 0; j < set->d; j++) {
    xi[j] /= set->n;
    eta[j] = (eta[j] / set->n - set->mean) / set->sigma;
  }
}

void plain_project(long double *coefficients, long double *v, const long double *const *vectors, size_t count,
                   size_t d) {
  long double *basis = numbers(count * d), triangle[9] = {0}, along[3] = {0};
  for (size_t k = 0; k < count; k++) {
    long double *q = basis + k * d;
    memcpy(q, vectors[k], d * sizeof *q);
    for (size_t l = 0; l < k; l++) {
      triangle[l * 3 + k] = plain_dot(basis + l * d, q, d);
      for (size_t j = 0; j < d; j++) q[j] -= triangle[l * 3 + k] * basis[l * d + j];
    }
    triangle[k * 3 + k] = sqrtl(plain_dot(q, q, d));
    for (size_t j = 0; j < d; j++) q[j] /= triangle[k * 3 + k];
    along[k] = plain_dot(q, v, d);
    for (size_t j = 0; j < d; j++) v[j] -= along[k] * q[j];
  }
  for (size_t k = count; k-- > 0;) {
    coefficients[k] = along[k];
    for (size_t l = k + 1; l < count; l++) coefficients[k] -= triangle[k * 3 + l] * coefficients[l];
    coefficients[k] /= triangle[k * 3 + k];
  }
  free(basis);
}
