#include "theory/gmm_diffusion/path_divergence.h"

#include "theory/empirical.h"

#include "fast/core/tiles.h"
#include "fast/gmm_diffusion/moments.h"

#include <assay/fast.h>
#include <assay/variation.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { END_STREAM = 2, STEP_STREAM = 0x4000, BLOCK = 256 };

/* Of f_k times the squared diameter: there the second formula may be two or three times too large, and what the first
 * one's entropies fluctuate by is less than that. */
static const double large_step = 3;

/* ---- one step ---- */

/* f_k, and which levels take the first formula: from `first` to `last` - 1. */
typedef struct {
  const double *factor;
  size_t levels, first, last;
} path_steps;

/* E r^2, E r^3, E r^4 under the Gaussian for r = sum p_i exp(<a_i, z> - |a_i|^2/2), with e_ij = exp(<a_i, a_j>). */
static void ratio_moments(double moment[3], const double *p, double e[KNOWN_TRUTH_COUNT][KNOWN_TRUTH_COUNT],
                          size_t count) {
  memset(moment, 0, 3 * sizeof *moment);
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < count; j++) {
      double two = p[i] * p[j] * e[i][j];
      moment[0] += two;
      for (size_t k = 0; k < count; k++) {
        double three = two * p[k] * e[i][k] * e[j][k];
        moment[1] += three;
        for (size_t l = 0; l < count; l++) moment[2] += three * p[l] * e[i][l] * e[j][l] * e[k][l];
      }
    }
}

/* E r log r for a_i = sqrt(f) (u_i - U), whose mean is 0. */
static double kernel_bound(const known_truth *truth, const double *weight, const double *mean, double f) {
  size_t n = truth->dimension;
  double e[KNOWN_TRUTH_COUNT][KNOWN_TRUTH_COUNT], moment[3];
  for (size_t i = 0; i < truth->count; i++)
    for (size_t j = 0; j <= i; j++) {
      double product = 0;
      for (size_t c = 0; c < n; c++)
        product += (truth->means[i * n + c] - mean[c]) * (truth->means[j * n + c] - mean[c]);
      e[i][j] = e[j][i] = exp(f * product);
    }
  ratio_moments(moment, weight, e, truth->count);
  double u2 = fmax(moment[0] - 1, 0), u3 = moment[1] - 3 * moment[0] + 2;
  double u4 = moment[2] - 4 * moment[1] + 6 * moment[0] - 3;
  return fmin(log1p(u2), fmax(u2 / 2 - u3 / 6 + u4 / 3, 0));
}

static double entropy(const double *p, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    if (p[i] > 0) sum -= p[i] * log(p[i]);
  return sum;
}

/* sum p_i |u_i - U|^2 */
static double spread(const known_truth *truth, const double *weight, const double *mean) {
  size_t n = truth->dimension;
  double sum = 0;
  for (size_t i = 0; i < truth->count; i++)
    for (size_t c = 0; c < n; c++) {
      double difference = truth->means[i * n + c] - mean[c];
      sum += weight[i] * difference * difference;
    }
  return sum;
}

/* ---- along paths ---- */

/* A block of paths. Of each level, and row p: `score` and `kernel`, the parts that are known at y_k, and `entropy`,
 * which has one level more. */
typedef struct {
  double *y, *noise, *learned, *mean, *weight, *score, *kernel, *entropy;
} path_block;

static size_t lay_out(path_block *b, double *room, size_t n, size_t count, size_t levels) {
  double **const parts[] = {&b->y, &b->noise, &b->learned, &b->mean, &b->weight, &b->score, &b->kernel, &b->entropy};
  const size_t sizes[] = {n, n, n, n, count, levels, levels, levels + 1};
  size_t used = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; used += BLOCK * sizes[i++])
    *parts[i] = room ? room + used : NULL;
  return used;
}

static void fill_level(const path_block *b, size_t k, size_t rows, const known_truth *truth, const path_steps *steps) {
  size_t n = truth->dimension;
  bool exact = k >= steps->first && k < steps->last;
  for (size_t p = 0; p < rows; p++) {
    const double *mean = b->mean + p * n, *weight = b->weight + p * truth->count;
    double missed = 0, f = steps->factor[k];
    for (size_t c = 0; c < n; c++) missed += (b->learned[p * n + c] - mean[c]) * (b->learned[p * n + c] - mean[c]);
    b->score[k * BLOCK + p] = f * missed / 2;
    b->kernel[k * BLOCK + p] = exact ? f * spread(truth, weight, mean) / 2 : kernel_bound(truth, weight, mean, f);
    if (k >= steps->first && k <= steps->last) b->entropy[k * BLOCK + p] = entropy(weight, truth->count);
  }
}

/* From the truth's sample (tau = 0) up: y_k = y_{k+1} + sqrt(tau_k - tau_{k+1}) noise. */
static assay_status follow_up(const path_block *b, size_t first, size_t rows, size_t paths,
                              const assay_gmm_model *model, const known_truth *truth, const path_steps *steps,
                              uint64_t seed, assay_context *context) {
  size_t n = truth->dimension;
  assay_status status = ASSAY_OK;
  if (steps->last == steps->levels) {
    known_truth_posterior(b->mean, b->weight, truth, 1, b->y, rows);
    for (size_t p = 0; p < rows; p++)
      b->entropy[steps->levels * BLOCK + p] = entropy(b->weight + p * truth->count, truth->count);
  }
  for (size_t k = model->levels; !status && k-- > 0;) {
    double tau = model->level[k].tau, next = k + 1 < model->levels ? model->level[k + 1].tau : 0;
    assay_normals normals = {seed, (uint32_t)(STEP_STREAM + k)};
    assay_stream noise = assay_fast_normals(&normals, paths, n);
    status = noise.read(&noise, first, rows, 0, n, b->noise, n, context);
    if (status) return status;
    for (size_t c = 0; c < rows * n; c++) b->y[c] += sqrt(tau - next) * b->noise[c];
    status = assay_fast_gmm_posterior_mean(b->learned, model, k, b->y, rows, context);
    known_truth_posterior(b->mean, b->weight, truth, 1 + tau, b->y, rows);
    if (!status) fill_level(b, k, rows, truth, steps);
  }
  return status;
}

/* Down again while S_k <= cut; true when it leaves that. */
static bool add_up(double *score, double *kernel, const path_block *b, size_t p, const path_steps *steps, double cut) {
  double sum = 0, tells = 0;
  *score = *kernel = 0;
  for (size_t k = 0; k < steps->levels; k++) {
    size_t at = k * BLOCK + p;
    sum += b->score[at] + b->kernel[at];
    if (!(sum <= cut)) break;
    *score += b->score[at], *kernel += b->kernel[at];
    if (k >= steps->first && k < steps->last) tells += b->entropy[at] - b->entropy[at + BLOCK];
  }
  *kernel -= tells;
  return !(sum <= cut);
}

typedef struct {
  path_divergence *out;
  const assay_gmm_model *model;
  const known_truth *truth;
  const assay_stream *ends;
  path_steps steps;
  double cut;
  uint64_t seed;
} path_work;

static assay_status follow_block(void *self, size_t index, void *scratch, assay_context *context) {
  const path_work *w = self;
  size_t n = w->truth->dimension, first = index * BLOCK;
  size_t rows = w->out->count - first < BLOCK ? w->out->count - first : BLOCK;
  path_block b;
  (void)lay_out(&b, scratch, n, w->truth->count, w->steps.levels);
  context->threads = 1; /* blocks are what threads share */
  assay_status status = w->ends->read(w->ends, first, rows, 0, n, b.y, n, context);
  if (!status) status = follow_up(&b, first, rows, w->out->count, w->model, w->truth, &w->steps, w->seed, context);
  for (size_t p = 0; !status && p < rows; p++)
    w->out->escaped[first + p] =
        add_up(&w->out->score[first + p], &w->out->kernel[first + p], &b, p, &w->steps, w->cut);
  return status;
}

static assay_status follow_all(path_work work, assay_context *context) {
  assay_mixture mixture;
  assay_status status = known_truth_mixture(&mixture, work.truth, context);
  if (status) return status;
  assay_mixture_draws draws = {&mixture, work.seed, END_STREAM};
  assay_stream ends = assay_fast_mixture_draws(&draws, work.out->count);
  path_block b;
  size_t numbers = lay_out(&b, NULL, work.truth->dimension, work.truth->count, work.steps.levels);
  work.ends = &ends;
  status =
      tiles_run(tiles_count(work.out->count, BLOCK), numbers * sizeof(double), follow_block, &work, "paths", context);
  assay_mixture_clear(&mixture);
  return status;
}

static double squared_diameter(const known_truth *truth) {
  size_t n = truth->dimension;
  double largest = 0;
  for (size_t i = 0; i < truth->count; i++)
    for (size_t j = 0; j < i; j++) {
      double sum = 0;
      for (size_t c = 0; c < n; c++) {
        double difference = truth->means[i * n + c] - truth->means[j * n + c];
        sum += difference * difference;
      }
      largest = fmax(largest, sum);
    }
  return largest;
}

/* The first formula's levels are made one run, so that its entropies telescope. factor: levels. */
static path_steps steps_of(double *factor, const assay_gmm_model *model, const known_truth *truth) {
  path_steps steps = {factor, model->levels, model->levels + 1, 0};
  double largest = large_step / squared_diameter(truth);
  for (size_t k = 0; k < model->levels; k++) {
    double tau = model->level[k].tau, next = k + 1 < model->levels ? model->level[k + 1].tau : 0;
    factor[k] = (tau - next) / ((1 + tau) * (1 + next));
    if (!(factor[k] > largest)) continue;
    if (steps.last == 0) steps.first = k;
    steps.last = k + 1;
  }
  return steps;
}

/* ---- the start ---- */

/* M x = b by M's Cholesky factor; b becomes L^-1 b, whose squared length is returned. */
static double solved_square(const double *factor, double *b, size_t n) {
  double square = 0;
  for (size_t j = 0; j < n; j++) {
    for (size_t l = 0; l < j; l++) b[j] -= factor[j * n + l] * b[l];
    b[j] /= factor[j * n + j];
    square += b[j] * b[j];
  }
  return square;
}

/* int N(u_i, s I) N(u_j, s I)/N(m, Q) = s^-n |Q| |M|^-1/2 exp(b' Q M^-1 b/2 - (|a_i|^2 + |a_j|^2)/(2 s)), M = (2/s) Q -
 * I, a = u - m, b = (a_i + a_j)/s; Q commutes with M, so that b' Q M^-1 b = s (|L^-1 b|^2 + |b|^2)/2, L L' = M. work:
 * n. */
static double overlap(const known_truth *truth, const double *m, double s, const double *factor, double log_scale,
                      size_t i, size_t j, double *work) {
  size_t n = truth->dimension;
  double squares = 0, length2 = 0;
  for (size_t c = 0; c < n; c++) {
    double a = truth->means[i * n + c] - m[c], other = truth->means[j * n + c] - m[c];
    squares += a * a + other * other;
    work[c] = (a + other) / s;
    length2 += work[c] * work[c];
  }
  double form = s * (solved_square(factor, work, n) + length2) / 2;
  return exp(log_scale + form / 2 - squares / (2 * s));
}

static double log_diagonal(const double *factor, size_t n) {
  double sum = 0;
  for (size_t c = 0; c < n; c++) sum += log(factor[c * n + c]);
  return sum;
}

/* log sum_ij w_i w_j int N_i N_j/q; infinite where the integral is. room: 2 n^2 + n. */
static double start_bound(const assay_gmm_model *model, const known_truth *truth, double *room) {
  size_t n = truth->dimension;
  double tau = model->level[0].tau, s = 1 + tau, total = 0, sum = 0;
  double *Q = room, *M = Q + n * n, *work = M + n * n;
  for (size_t c = 0; c < n * n; c++) {
    bool diagonal = c % (n + 1) == 0;
    Q[c] = model->covariance[c] + (diagonal ? tau : 0);
    M[c] = 2 / s * Q[c] - (diagonal ? 1 : 0);
  }
  if (!gmm_cholesky(Q, n) || !gmm_cholesky(M, n)) return INFINITY;
  double log_scale = 2 * log_diagonal(Q, n) - log_diagonal(M, n) - (double)n * log(s);
  for (size_t i = 0; i < truth->count; i++) total += truth->weights[i];
  for (size_t i = 0; i < truth->count; i++)
    for (size_t j = 0; j < truth->count; j++)
      sum += truth->weights[i] / total * (truth->weights[j] / total) *
             overlap(truth, model->mean, s, M, log_scale, i, j, work);
  return fmax(log(sum), 0);
}

/* ---- together ---- */

assay_status path_divergence_init(path_divergence *out, const assay_gmm_model *model, const known_truth *truth,
                                  size_t count, double cut, uint64_t seed, assay_context *context) {
  size_t n = truth->dimension;
  void *sums = NULL, *escaped = NULL, *room = NULL;
  assay_status status = assay_allocate(&sums, 2 * count, sizeof(double), "paths", context);
  if (!status) status = assay_allocate(&escaped, count, sizeof(bool), "paths", context);
  if (!status) status = assay_allocate(&room, 2 * n * n + n + model->levels, sizeof(double), "start", context);
  path_divergence made = {.count = count, .high = cut, .score = sums, .escaped = escaped};
  if (!status) {
    double *factor = (double *)room + 2 * n * n + n;
    path_work work = {&made, model, truth, NULL, steps_of(factor, model, truth), cut, seed};
    double most = work.steps.last ? log((double)truth->count) : 0;
    made.kernel = made.score + count;
    made.start = start_bound(model, truth, room);
    made.low -= most, made.high += most;
    status = follow_all(work, context);
  }
  free(room);
  if (status)
    path_divergence_clear(&made);
  else
    *out = made;
  return status;
}

void path_divergence_clear(path_divergence *divergence) {
  free(divergence->score);
  free(divergence->escaped);
  memset(divergence, 0, sizeof *divergence);
}

/* Upper bound of the mean, with the parts that are wanted, with probability 1 - delta. The score's alone is in [0, c].
 */
static double mean_bound(const path_divergence *d, bool score, bool kernel, double delta) {
  double sum = 0, squares = 0, count = (double)d->count;
  for (size_t p = 0; p < d->count; p++) {
    double x = (score ? d->score[p] : 0) + (kernel ? d->kernel[p] : 0);
    sum += x, squares += x * x;
  }
  double range = kernel ? d->high - d->low : d->high + d->low;
  double mean = sum / count, variance = fmax(squares - count * mean * mean, 0) / (count - 1);
  return fmax(mean + empirical_bernstein(variance, range, d->count, delta), 0);
}

path_bounds path_bounds_of(const path_divergence *d, double delta) {
  enum { EVENTS = 4 };
  double share = delta / EVENTS, out = 0;
  for (size_t p = 0; p < d->count; p++) out += d->escaped[p];
  out /= (double)d->count;
  double beyond = out + empirical_bernstein(out * (1 - out), 1, d->count, share);
  double both = mean_bound(d, true, true, share), kernel = mean_bound(d, false, true, share),
         score = mean_bound(d, true, false, share);
  return (path_bounds){.all = beyond + sqrt((d->start + both) / 2),
                       .without_start = beyond + sqrt(both / 2),
                       .without_score = beyond + sqrt((d->start + kernel) / 2),
                       .without_kernel = beyond + sqrt((d->start + score) / 2)};
}
