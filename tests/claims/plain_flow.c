#include "plain_flow.h"

#include <math.h>
#include <stdlib.h>

#define PLAIN_NAME(name) #name,
const char *const plain_names[PLAIN_COUNT] = {PLAIN_STATISTICS(PLAIN_NAME)};
#undef PLAIN_NAME

enum { SPAN = 3 };

typedef struct {
  const plain_sizes *z;
  int *labels;
  double *x0, *x1, *xt;    /* n x d */
  double *span[SPAN];      /* mu, xi, eta */
  double *sum_t, *sum1;    /* S_t, S_1 */
  double *w, *start, *now; /* w; X_0 and X_j, N x d */
  double *mean;
} plain_set;

static double *numbers(size_t count) {
  double *made = calloc(count, sizeof *made);
  test_check(made != NULL, "no memory for %zu numbers", count);
  return made;
}

static double dot(const double *a, const double *b, size_t count) {
  double sum = 0;
  for (size_t j = 0; j < count; j++) sum += a[j] * b[j];
  return sum;
}

static void draw_normals(double *out, size_t count, test_random *random) {
  for (size_t k = 0; k < count; k += 2) {
    double radius = sqrt(-2 * log(1 - test_uniform(random, 0, 1))), angle = test_uniform(random, 0, 2 * acos(-1));
    out[k] = radius * cos(angle);
    if (k + 1 < count) out[k + 1] = radius * sin(angle);
  }
}

/* out = sum s_i x^i. */
static void label_sum(double *out, const plain_set *set, const double *x) {
  size_t d = set->z->dimension;
  for (size_t j = 0; j < d; j++) out[j] = 0;
  for (size_t i = 0; i < set->z->samples; i++)
    for (size_t j = 0; j < d; j++) out[j] += set->labels[i] * x[i * d + j];
}

static plain_set set_of(const plain_sizes *z) {
  size_t d = z->dimension, nd = z->samples * d;
  plain_set set = {.z = z, .labels = calloc(z->samples, sizeof(int))};
  test_check(set.labels != NULL, "no memory for %zu labels", z->samples);
  set.x0 = numbers(nd), set.x1 = numbers(nd), set.xt = numbers(nd);
  for (size_t k = 0; k < SPAN; k++) set.span[k] = numbers(d);
  set.sum_t = numbers(d), set.sum1 = numbers(d), set.w = numbers(d), set.mean = numbers(d);
  set.start = numbers(z->count * d), set.now = numbers(z->count * d);
  return set;
}

static void set_clear(plain_set *set) {
  free(set->labels);
  double *all[] = {set->x0,   set->x1,    set->xt,   set->span[0], set->span[1], set->span[2],
                   set->sum1, set->sum_t, set->mean, set->w,       set->start,   set->now};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}

static void draw_data(plain_set *set, test_random *random) {
  const plain_sizes *z = set->z;
  size_t n = z->samples, d = z->dimension;
  draw_normals(set->x0, n * d, random);
  draw_normals(set->x1, n * d, random);
  draw_normals(set->start, z->count * d, random);
  for (size_t i = 0; i < n; i++) {
    set->labels[i] = test_bits(random) >> 63 ? 1 : -1;
    for (size_t j = 0; j < d; j++) set->x1[i * d + j] = set->labels[i] * z->mean + z->sigma * set->x1[i * d + j];
  }
  label_sum(set->sum_t, set, set->x0);
  label_sum(set->sum1, set, set->x1);
  for (size_t j = 0; j < d; j++) {
    set->span[0][j] = z->mean;
    set->span[1][j] = set->sum_t[j] / (double)n;
    set->span[2][j] = (set->sum1[j] / (double)n - z->mean) / z->sigma;
  }
}

/* sum <x_u, x_v> - <S_u, S_v>/(lambda + n). */
static double shrunk(const plain_set *set, const double *xu, const double *xv, const double *su, const double *sv) {
  double weight = set->z->lambda + (double)set->z->samples;
  return dot(xu, xv, set->z->samples * set->z->dimension) - dot(su, sv, set->z->dimension) / weight;
}

/* The label solution at x_t = alpha x_0 + beta x_1: returns c, leaves w. */
static double fit(plain_set *set, double alpha, double beta) {
  size_t d = set->z->dimension, nd = set->z->samples * d;
  for (size_t k = 0; k < nd; k++) set->xt[k] = alpha * set->x0[k] + beta * set->x1[k];
  label_sum(set->sum_t, set, set->xt);
  double c =
      shrunk(set, set->xt, set->x1, set->sum_t, set->sum1) / shrunk(set, set->xt, set->xt, set->sum_t, set->sum_t);
  double weight = set->z->lambda + (double)set->z->samples;
  for (size_t j = 0; j < d; j++) set->w[j] = (set->sum1[j] - c * set->sum_t[j]) / weight;
  return c;
}

static int sign_of(double x) { return (x > 0) - (x < 0); }

/* X <- X + dt (f - X)/alpha, f = c X + w sign<w, X>: on the linear schedule e = (X - beta f)/alpha. */
static bool step(plain_set *set, const int *first, double c, double alpha) {
  size_t d = set->z->dimension;
  double dt = 1 / (double)set->z->steps;
  bool kept = true;
  for (size_t i = 0; i < set->z->count; i++) {
    double *x = set->now + i * d;
    int sign = sign_of(dot(set->w, x, d));
    kept = kept && sign == first[i];
    for (size_t j = 0; j < d; j++) x[j] += dt * (c * x[j] + set->w[j] * sign - x[j]) / alpha;
  }
  return kept;
}

static void signed_mean(plain_set *set, const int *first) {
  size_t d = set->z->dimension, count = set->z->count;
  for (size_t j = 0; j < d; j++) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += first[i] * set->now[i * d + j];
    set->mean[j] = sum / (double)count;
  }
}

/* Orthonormal vectors of mu, xi, eta by Gram-Schmidt, span = basis R; freed by the caller. */
static void orthonormalise(double *basis[SPAN], double R[SPAN][SPAN], const plain_set *set) {
  size_t d = set->z->dimension;
  for (size_t k = 0; k < SPAN; k++) {
    basis[k] = numbers(d);
    for (size_t j = 0; j < d; j++) basis[k][j] = set->span[k][j];
    for (size_t l = 0; l < k; l++) {
      R[l][k] = dot(basis[l], basis[k], d);
      for (size_t j = 0; j < d; j++) basis[k][j] -= R[l][k] * basis[l][j];
    }
    R[k][k] = sqrt(dot(basis[k], basis[k], d));
    for (size_t j = 0; j < d; j++) basis[k][j] /= R[k][k];
  }
}

/* M, Q, E of the mean of h_i X^i, and the root mean square of X^i outside the span. */
static void overlaps(double out[PLAIN_COUNT], plain_set *set, const int *first) {
  size_t d = set->z->dimension, count = set->z->count;
  double *basis[SPAN], R[SPAN][SPAN], at[SPAN], outside = 0;
  orthonormalise(basis, R, set);
  signed_mean(set, first);
  for (size_t k = SPAN; k-- > 0;) {
    at[k] = dot(basis[k], set->mean, d);
    for (size_t l = k + 1; l < SPAN; l++) at[k] -= R[k][l] * at[l];
    at[k] /= R[k][k];
  }
  for (size_t i = 0; i < count; i++) {
    outside += dot(set->now + i * d, set->now + i * d, d);
    for (size_t k = 0; k < SPAN; k++) outside -= pow(dot(basis[k], set->now + i * d, d), 2);
  }
  for (size_t k = 0; k < SPAN; k++) free(basis[k]);
  out[PLAIN_M] = at[0], out[PLAIN_Q] = at[1], out[PLAIN_E] = at[2];
  out[PLAIN_P] = sqrt(outside / (double)(count * (d - SPAN)));
}

static void gram_numbers(double out[PLAIN_COUNT], plain_set *set) {
  size_t d = set->z->dimension;
  const double *mu = set->span[0], *xi = set->span[1], *eta = set->span[2];
  double scale = (double)d;
  out[PLAIN_XI2] = dot(xi, xi, d) / scale, out[PLAIN_ETA2] = dot(eta, eta, d) / scale;
  out[PLAIN_XI_ETA] = dot(xi, eta, d) / scale;
  out[PLAIN_XI_MU] = dot(xi, mu, d) / scale, out[PLAIN_ETA_MU] = dot(eta, mu, d) / scale;
  label_sum(set->sum_t, set, set->x0);
  out[PLAIN_A00] = shrunk(set, set->x0, set->x0, set->sum_t, set->sum_t) / scale;
  out[PLAIN_A01] = shrunk(set, set->x0, set->x1, set->sum_t, set->sum1) / scale;
  out[PLAIN_A11] = shrunk(set, set->x1, set->x1, set->sum1, set->sum1) / scale;
}

/* |xb_1 - P xb_0 - mu|^2/d, xb_u = S_u/(lambda + n). */
static double center_error(plain_set *set, double perp) {
  const plain_sizes *z = set->z;
  double sum = 0, weight = z->lambda + (double)z->samples;
  label_sum(set->sum_t, set, set->x0);
  for (size_t j = 0; j < z->dimension; j++) sum += pow((set->sum1[j] - perp * set->sum_t[j]) / weight - z->mean, 2);
  return sum / (double)z->dimension;
}

static bool flow(double out[PLAIN_COUNT], plain_set *set) {
  const plain_sizes *z = set->z;
  size_t d = z->dimension;
  int *first = calloc(z->count, sizeof *first);
  test_check(first != NULL, "no memory for %zu signs", z->count);
  bool kept = true;
  out[PLAIN_PERP] = 1;
  for (size_t k = 0; k < z->count * d; k++) set->now[k] = set->start[k];
  for (size_t j = 0; j < z->steps; j++) {
    double beta = (double)j / (double)z->steps, alpha = 1 - beta, c = fit(set, alpha, beta);
    for (size_t i = 0; j == 0 && i < z->count; i++) first[i] = sign_of(dot(set->w, set->start + i * d, d));
    if (2 * j == z->steps) {
      out[PLAIN_C] = c, out[PLAIN_PERP_HALF] = out[PLAIN_PERP];
      for (size_t k = 0; k < SPAN; k++) out[PLAIN_W_MU + k] = dot(set->w, set->span[k], d) / (double)d;
      overlaps(out, set, first);
    }
    kept = step(set, first, c, alpha) && kept;
    out[PLAIN_PERP] += (c * out[PLAIN_PERP] - out[PLAIN_PERP]) / (alpha * (double)z->steps);
  }
  signed_mean(set, first);
  out[PLAIN_ERROR] = 0;
  for (size_t j = 0; j < d; j++) out[PLAIN_ERROR] += pow(set->mean[j] - z->mean, 2) / (double)d;
  out[PLAIN_CENTER] = center_error(set, out[PLAIN_PERP]);
  free(first);
  return kept;
}

bool plain_flow_draw(double out[PLAIN_COUNT], const plain_sizes *sizes, test_random *random) {
  plain_set set = set_of(sizes);
  draw_data(&set, random);
  gram_numbers(out, &set);
  bool kept = flow(out, &set);
  set_clear(&set);
  return kept;
}
