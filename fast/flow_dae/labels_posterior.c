/* All 2^(n-1) patterns in the order of a binary counter: the last samples change fastest, and what a change of sample k
 * touches are sums over the samples after it, so that a pattern costs a few additions, and no sum has more than n^2
 * terms.
 *
 * Rounding. Let M bound every |x_i|^2 and g the errors of the products. Computed cut_F and |Y_F|^2 are within
 *   E = n^2 g + 2 n^2 M gamma_(4n+8) + 8 u n^2 M
 * of the exact ones (at most 2 n^2 terms of at most M, each in fewer than 4n roundings; the last part is the scaling of
 * cut_F, at most n^2 M/4, by a factor with six roundings). So weights are off by factors exp(+-eta), eta = 2 E/(sigma^2
 * (n + sigma^2)) + 4u with exp's own error, p_F by exp(+-2 eta), and the variance, 1/2 sum p_F p_G |Y_F - Y_G|^2, by
 * exp(+-4 eta). Sums over patterns have positive terms: relative errors of gamma_(2^(n-1)). Beside those, with phi the
 * share of patterns other than b, sum p_F |Y_F|^2 is off by E phi, and |sum p_F Y_F|^2, a sum over pairs of samples
 * each flipped with probability at most phi, by n^2 phi^2 (g + M gamma). */
#include "fast/flow_dae/labels_posterior.h"

#include <string.h>

enum { N = LABELS_MOST_SAMPLES };

/* Level k has decided samples 1..k: sum over flipped i of <S_b, y_i>, |Y|^2, and <Y, y_j> for the samples j > k. */
typedef struct {
  size_t n;
  const double *gram;
  double pull[N]; /* <S_b, y_i> */
  double pulled[N], square[N], overlap[N][N];
} walk;

static void walk_start(walk *w, const double *gram, size_t n) {
  memset(w, 0, sizeof *w);
  w->n = n;
  w->gram = gram;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) w->pull[i] += gram[i * n + j];
}

/* Decides sample k, which is what level k does beyond level k-1. */
static void decide(walk *w, size_t k, bool flipped) {
  size_t n = w->n;
  const double *row = w->gram + k * n, *before = w->overlap[k - 1];
  double *after = w->overlap[k], factor = flipped ? 1 : 0;
  w->pulled[k] = w->pulled[k - 1] + factor * w->pull[k];
  w->square[k] = w->square[k - 1] + factor * (row[k] + 2 * before[k]);
  for (size_t j = k + 1; j < n; j++) after[j] = before[j] + factor * row[j];
}

static bool flips(uint32_t pattern, size_t k, size_t n) { return pattern >> (n - 1 - k) & 1; }

/* From the pattern before this one: beside its lowest set bit only those below it have changed. Sample k is bit n-1-k.
 */
static void walk_to(walk *w, uint32_t pattern) {
  size_t n = w->n, first = pattern ? n - 1 - (size_t)__builtin_ctz(pattern) : 1;
  for (size_t k = first; k < n; k++) decide(w, k, flips(pattern, k, n));
}

static double cut(const walk *w) { return w->pulled[w->n - 1] - w->square[w->n - 1]; }

/* Turns the products of the x_i into those of the y_i: the pattern of the least cut, counted from all labels 1. */
static void turn_to_likeliest(walk *w, double *gram, size_t n) {
  uint32_t likeliest = 0;
  double least = 0;
  walk_start(w, gram, n);
  for (uint32_t pattern = 0; pattern < 1u << (n - 1); pattern++) {
    walk_to(w, pattern);
    if (cut(w) < least) least = cut(w), likeliest = pattern;
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      if ((i && flips(likeliest, i, n)) != (j && flips(likeliest, j, n))) gram[i * n + j] = -gram[i * n + j];
}

/* Sums over the patterns other than b of weights, of weights times |Y|^2, and of the weights that flip each sample. */
typedef struct {
  double weight, square, flipped[N];
} totals;

static totals add_patterns(walk *w, const double *gram, size_t n, double scale) {
  totals sum = {0, 0, {0}};
  walk_start(w, gram, n);
  for (uint32_t pattern = 1; pattern < 1u << (n - 1); pattern++) {
    walk_to(w, pattern);
    double weight = exp(-cut(w) * scale);
    sum.weight += weight;
    sum.square += weight * w->square[n - 1];
    for (size_t k = 1; k < n; k++)
      if (flips(pattern, k, n)) sum.flipped[k] += weight;
  }
  return sum;
}

static double largest_square(const double *gram, size_t n) {
  double largest = 0;
  for (size_t i = 0; i < n; i++) largest = fmax(largest, gram[i * n + i]);
  return largest;
}

/* The bound derived above for `variance` = sum p |Y|^2 - |sum p Y|^2, whose first part is `spread`. */
static double variance_error(double variance, double spread, double share, double M, double g, size_t n, double scale) {
  double nn = (double)(n * n), patterns = ball_gamma(ldexp(1, (int)n) + 16);
  double E = nn * g + nn * M * (2 * ball_gamma(4 * (double)n + 8) + 8 * BALL_UNIT);
  double sums = 3 * patterns * spread + E * share + nn * share * share * (g + M * 5 * patterns);
  double eta = E * scale + 4 * BALL_UNIT;
  double underflow = nn * (M + 1) * 0x1p-1000; /* of weights and of their products */
  return sums + (fabs(variance) + sums) * expm1(4 * eta) + underflow;
}

ball labels_excess(double *gram, double gram_error, size_t n, size_t dimension, double sigma) {
  if (n < 2) return ball_exact(0);
  walk w;
  double M = ball_up(largest_square(gram, n) + gram_error), sigma2 = sigma * sigma, total = (double)n + sigma2;
  double scale = 2 / (sigma2 * total);
  turn_to_likeliest(&w, gram, n);
  totals sum = add_patterns(&w, gram, n, scale);
  double all = 1 + sum.weight, spread = sum.square / all, mean_square = 0;
  for (size_t i = 1; i < n; i++)
    for (size_t j = 1; j < n; j++) mean_square += (sum.flipped[i] / all) * (sum.flipped[j] / all) * gram[i * n + j];
  double variance = spread - mean_square, factor = 4 / (total * total * (double)dimension);
  double error = variance_error(variance, spread, sum.weight / all, M, gram_error, n, scale);
  /* the bound itself, and the factor, are rounded a few dozen times */
  return ball_make(factor * variance, factor * (error + 16 * BALL_UNIT * fabs(variance)) * (1 + 0x1p-40) + BALL_TINY);
}
