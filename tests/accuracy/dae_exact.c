/* flow-dae section 2 to 4 from the definitions, in quadruple precision. */
#include "dae_exact.h"

#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>

static void *zeroed(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (!memory) {
    fprintf(stderr, "out of memory\n");
    exit(3);
  }
  return memory;
}

static quad root(quad x) {
  if (!(x > 0)) return 0;
  quad y = (quad)sqrt((double)x);
  y = (y + x / y) / 2; /* Newton: 106 bits, then all */
  return (y + x / y) / 2;
}

double *dae_exact_read(const assay_stream *stream) {
  double *out = zeroed(stream->rows * stream->columns, sizeof *out);
  assay_context context;
  assay_context_init(&context);
  if (stream->read(stream, 0, stream->rows, 0, stream->columns, out, stream->columns, &context)) {
    fprintf(stderr, "accuracy: %s\n", context.message);
    exit(3);
  }
  return out;
}

static quad dot(const quad *a, const quad *b, size_t d) {
  quad sum = 0;
  for (size_t j = 0; j < d; j++) sum += a[j] * b[j];
  return sum;
}

dae_exact dae_exact_of(const assay_dae_data *data, const assay_dae_settings *settings) {
  dae_exact e = {.n = data->samples,
                 .d = data->dimension,
                 .schedule = settings->schedule.kind,
                 .sigma = data->sigma,
                 .mean = data->mean,
                 .labels = data->labels,
                 .weight = (quad)settings->lambda.nearest + (quad)data->samples};
  e.x[0] = dae_exact_read(&data->noise);
  e.x[1] = dae_exact_read(&data->data);
  for (size_t u = 0; u < 2; u++) e.sum[u] = zeroed(e.d, sizeof(quad));
  for (size_t i = 0; i < e.n; i++)
    for (size_t j = 0; j < e.d; j++) {
      quad x0 = e.x[0][i * e.d + j], x1 = e.x[1][i * e.d + j];
      e.sum[0][j] += x0 * e.labels[i];
      e.sum[1][j] += x1 * e.labels[i];
      e.q[0] += x0 * x0;
      e.q[1] += x0 * x1;
      e.q[2] += x1 * x1;
    }
  for (size_t u = 0, k = 0; u < 2; u++)
    for (size_t v = u; v < 2; v++, k++) e.a[k] = e.q[k] - dot(e.sum[u], e.sum[v], e.d) / e.weight;
  return e;
}

void dae_exact_clear(dae_exact *exact) {
  for (size_t u = 0; u < 2; u++) {
    free(exact->x[u]);
    free(exact->sum[u]);
  }
}

/* The sum of three doubles that hold the first 159 bits of x. */
static quad quad_of(mpfr_t x) {
  quad out = 0;
  for (int part = 0; part < 3; part++) {
    double head = mpfr_get_d(x, MPFR_RNDN);
    out += head;
    mpfr_sub_d(x, x, head, MPFR_RNDN);
  }
  return out;
}

/* alpha, beta, alpha' and kappa at p/q. */
static void set_path(dae_exact_fit *fit, assay_schedule_kind schedule, double p, double q) {
  fit->beta = (quad)p / q;
  fit->alpha = ((quad)q - p) / q;
  fit->kappa = 1;
  fit->alpha_slope = -1;
  if (schedule == ASSAY_LINEAR) return;
  mpfr_t half_pi, angle, sine, cosine;
  mpfr_inits2(400, half_pi, angle, sine, cosine, (mpfr_ptr)NULL);
  mpfr_const_pi(half_pi, MPFR_RNDN);
  mpfr_div_2ui(half_pi, half_pi, 1, MPFR_RNDN);
  mpfr_mul_d(angle, half_pi, p, MPFR_RNDN);
  mpfr_div_d(angle, angle, q, MPFR_RNDN);
  mpfr_sin_cos(sine, cosine, angle, MPFR_RNDN);
  fit->kappa = quad_of(half_pi);
  fit->beta = quad_of(sine);
  fit->alpha = p == q ? 0 : quad_of(cosine);
  fit->alpha_slope = -fit->kappa * fit->beta;
  mpfr_clears(half_pi, angle, sine, cosine, (mpfr_ptr)NULL);
}

/* S_1 - c S_t over lambda + n, and its product with s_i x_t^i. */
static void set_margins(dae_exact_fit *fit, const dae_exact *e) {
  quad *w = zeroed(e->d, sizeof *w), sum = 0;
  for (size_t j = 0; j < e->d; j++)
    w[j] = (e->sum[1][j] - fit->c * (fit->alpha * e->sum[0][j] + fit->beta * e->sum[1][j])) / e->weight;
  for (size_t i = 0; i < e->n; i++) {
    quad margin = 0;
    for (size_t j = 0; j < e->d; j++)
      margin += w[j] * (fit->alpha * e->x[0][i * e->d + j] + fit->beta * e->x[1][i * e->d + j]);
    margin = margin * e->labels[i] / (quad)e->d;
    sum += margin;
    if (i == 0 || margin < fit->margin[0]) fit->margin[0] = margin;
    if (i == 0 || margin > fit->margin[1]) fit->margin[1] = margin;
  }
  fit->margin[2] = sum / (quad)e->n;
  free(w);
}

dae_exact_fit dae_exact_at(const dae_exact *exact, double p, double q, bool margins) {
  dae_exact_fit fit = {0};
  set_path(&fit, exact->schedule, p, q);
  quad top = fit.alpha * exact->a[1] + fit.beta * exact->a[2];
  fit.c = top / (fit.beta * top + fit.alpha * (fit.alpha * exact->a[0] + fit.beta * exact->a[1]));
  quad share = (quad)exact->n / exact->weight;
  fit.w_mu = share * (1 - fit.c * fit.beta);
  fit.w_xi = -share * fit.c * fit.alpha;
  fit.w_eta = fit.w_mu * exact->sigma;
  if (margins) set_margins(&fit, exact);
  return fit;
}

/* Euler: X + (1/K) ((kappa c + alpha') X + kappa w)/alpha, w = xb_1 - c (alpha xb_0 + beta xb_1). */
dae_exact_state dae_exact_step(dae_exact_state at, const dae_exact_fit *fit, size_t steps) {
  quad push = fit->kappa / fit->alpha / (quad)steps;
  quad grow = 1 + push * fit->c + fit->alpha_slope / fit->alpha / (quad)steps;
  return (dae_exact_state){grow * at.perp, grow * at.a - push * fit->c * fit->alpha,
                           grow * at.b + push * (1 - fit->c * fit->beta)};
}

enum { SPAN = 3 };

/* mu, xi, eta and their Gram matrix. */
typedef struct {
  quad *vector[SPAN], gram[SPAN][SPAN];
} span;

static span span_of(const dae_exact *e) {
  span s;
  for (size_t k = 0; k < SPAN; k++) s.vector[k] = zeroed(e->d, sizeof(quad));
  for (size_t j = 0; j < e->d; j++) {
    s.vector[0][j] = e->mean;
    s.vector[1][j] = e->sum[0][j] / (quad)e->n;
    s.vector[2][j] = (e->sum[1][j] / (quad)e->n - e->mean) / e->sigma;
  }
  for (size_t k = 0; k < SPAN; k++)
    for (size_t l = 0; l < SPAN; l++) s.gram[k][l] = dot(s.vector[k], s.vector[l], e->d);
  return s;
}

/* Coefficients of the projection of v, by elimination; the square of the projection. */
static quad project(quad out[SPAN], const span *s, const quad *v, size_t d) {
  quad m[SPAN][SPAN + 1], right[SPAN], square = 0;
  for (size_t k = 0; k < SPAN; k++) {
    for (size_t l = 0; l < SPAN; l++) m[k][l] = s->gram[k][l];
    m[k][SPAN] = right[k] = dot(s->vector[k], v, d);
  }
  for (size_t k = 0; k < SPAN; k++)
    for (size_t r = k + 1; r < SPAN; r++) {
      quad factor = m[r][k] / m[k][k];
      for (size_t l = k; l <= SPAN; l++) m[r][l] -= factor * m[k][l];
    }
  for (size_t k = SPAN; k-- > 0;) {
    out[k] = m[k][SPAN];
    for (size_t l = k + 1; l < SPAN; l++) out[k] -= m[k][l] * out[l];
    out[k] /= m[k][k];
    square += out[k] * right[k];
  }
  return square;
}

dae_exact_mean dae_exact_mean_at(const dae_exact *exact, dae_exact_state state, const double *start,
                                 const signed char *signs, size_t count) {
  size_t d = exact->d;
  span s = span_of(exact);
  quad *mean = zeroed(2 * d, sizeof *mean), *one = mean + d, at[SPAN], outside = 0;
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < d; j++) {
      one[j] = start[i * d + j];
      mean[j] += one[j] * signs[i];
    }
    outside += dot(one, one, d) - project(at, &s, one, d);
  }
  for (size_t j = 0; j < d; j++)
    mean[j] =
        state.perp * mean[j] / (quad)count + (state.a * exact->sum[0][j] + state.b * exact->sum[1][j]) / exact->weight;
  project(at, &s, mean, d);
  dae_exact_mean out = {.mu = at[0], .xi = at[1], .eta = at[2]};
  out.perp = root(outside / ((quad)count * (quad)(d - SPAN))) * (state.perp < 0 ? -state.perp : state.perp);
  for (size_t j = 0; j < d; j++) mean[j] -= exact->mean;
  out.mse = project(at, &s, mean, d) / (quad)d;
  out.mean_error = dot(mean, mean, d) / (quad)d;
  for (size_t k = 0; k < SPAN; k++) free(s.vector[k]);
  free(mean);
  return out;
}
