/* assay/samples.h: do these samples come from p_t?
 *
 * p_t = sum_k w_k N(beta m_k, V_k), V_k = alpha^2 I + beta^2 S_k, is the law of x_t on the path. The null hypothesis:
 * the samples are independent, and each is a draw from p_t whose entries were then rounded: moved by at most `rounding`
 * times their size. A report refutes right samples with probability at most delta. That level is proved, not
 * asymptotic: delta is split evenly over a number of comparisons fixed by the shape of the problem, and each has a law
 * that is known exactly or bounded for every number of samples:
 *
 *   labels               each sample's component, drawn from its posterior: the counts are multinomial(N, w) exactly;
 *                        each count's binomial tails
 *   radii                |z|^2 = |V_k^{-1/2} (x - beta m_k)|^2 given the label: the sum over samples is chi-square with
 *                        N d degrees of freedom; its tails, over all samples and for each component
 *   radii-law            the distribution function of |z|, chi with d degrees: Dvoretzky, Kiefer and Wolfowitz's
 *                        inequality with Massart's constant; over all samples and for each component
 *   largest-radius       N times a sample's tail
 *   mean                 |sum z|^2/N is chi-square with d degrees; over all samples and for each component
 *   mean-coordinate      the largest |sum z_j|/sqrt(N), over coordinates
 *   variance-coordinate  the most unlikely sum z_j^2, chi-square with N degrees, over coordinates
 *   widest-direction     the largest and smallest |Z v| over unit vectors v that a search finds: Davidson and Szarek's
 *   narrowest-direction  bounds for all v at once
 *   projection           the distribution function of <u, x>, a mixture on a line, for u between means, along principal
 *                        axes of p_t and at random: as radii-law
 *
 * Rounding of the samples, of labels and of all arithmetic enters as an allowance: a test fails only if every set of
 * exact draws within reach of the samples makes it fail. */
#ifndef ASSAY_SAMPLES_H
#define ASSAY_SAMPLES_H

#include <assay/model.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* X(code, name) */
#define ASSAY_SAMPLES_KINDS(X)                                                                                         \
  X(ASSAY_SAMPLES_LABELS, "labels")                                                                                    \
  X(ASSAY_SAMPLES_RADII, "radii")                                                                                      \
  X(ASSAY_SAMPLES_RADII_LAW, "radii-law")                                                                              \
  X(ASSAY_SAMPLES_LARGEST_RADIUS, "largest-radius")                                                                    \
  X(ASSAY_SAMPLES_MEAN, "mean")                                                                                        \
  X(ASSAY_SAMPLES_MEAN_COORDINATE, "mean-coordinate")                                                                  \
  X(ASSAY_SAMPLES_VARIANCE_COORDINATE, "variance-coordinate")                                                          \
  X(ASSAY_SAMPLES_WIDEST, "widest-direction")                                                                          \
  X(ASSAY_SAMPLES_NARROWEST, "narrowest-direction")                                                                    \
  X(ASSAY_SAMPLES_PROJECTION, "projection")

typedef enum {
#define ASSAY_SAMPLES_CODE(code, name) code,
  ASSAY_SAMPLES_KINDS(ASSAY_SAMPLES_CODE)
#undef ASSAY_SAMPLES_CODE
} assay_samples_kind;

const char *assay_samples_kind_name(assay_samples_kind kind);

typedef struct {
  double delta;    /* in (0, 1): the probability with which right samples may be refuted */
  double rounding; /* >= 0: 2^-24 for samples stored as float32, 2^-53 for float64 */
  uint64_t seed;   /* of labels and random directions; to be chosen without looking at the samples */
  size_t sliced;   /* sliced W2 from at most so many samples, the first ones (max(2^19/k, 256) at most); 0: none */
} assay_samples_options;

assay_samples_options assay_samples_options_default(void); /* 1e-6, 2^-53, 1, 32768 */

/* One comparison. `statistic` is what the samples give (a ratio to its expectation for radii and variances), `expected`
 * its mean or, for distances and maxima, 0; it fails when p <= share. p: the statistic, moved by `allowance` towards
 * what is expected, has at most this probability of being so far off. low, high: a statistic without allowance would
 * have passed in between. */
typedef struct {
  assay_samples_kind kind;
  char name[64]; /* "radii[2]", "projection means[0]-means[1]" */
  double statistic, expected, low, high, allowance, p;
  bool fails;
} assay_samples_test;

/* One projection's distribution functions at points that rise. */
typedef struct {
  char name[64];
  size_t count;
  double *place, *exact, *empirical;
  double band; /* |empirical - exact| up to here is accepted, allowance included */
} assay_samples_projection;

typedef struct {
  size_t samples, dimension, components;
  double delta, share;       /* share = delta/comparisons */
  assay_samples_test *tests; /* one for each comparison */
  size_t comparisons, failed;
  size_t worst;     /* index of the test with the smallest p */
  size_t uncertain; /* samples whose label rounding leaves open: part of the allowances */
  bool undecided; /* nothing failed, but an allowance is so wide that its test could not have: the point is beyond what
                     double precision resolves */
  /* With probability at least 1 - delta the total variation distance between the law of independent samples and p_t
   * rounded alike is at least this; and the test that shows it (comparisons: none does, it is 0). */
  double total_variation;
  size_t total_variation_by;
  /* An estimate, no test: root of the mean over random directions of W_2^2 between the first `sliced_samples` samples
   * and p_t, projected; the standard error over directions (NaN for one), and what as many exact draws gave. NaN when
   * left out. */
  double sliced_w2, sliced_w2_error, sliced_w2_exact;
  size_t sliced_samples;
  assay_samples_projection projection; /* the one with the smallest p */
  double seconds;                      /* that all of it took */
} assay_samples_report;

/* samples: N x d, N >= 1. *out: to be released with assay_samples_report_clear; untouched on failure. Independent of
 * threads. Each row is read once; memory: a few dozen MB, d^2 numbers for d <= 1024 (for larger d widest-direction and
 * narrowest-direction are left out), k d, and k 4096 numbers. Work per sample: k d, d min(d, 1024), 40 (d + k), and d^2
 * for each full covariance. ASSAY_INVALID: also an entry that is not finite (row and column named). */
assay_status assay_check_samples(assay_samples_report *out, const assay_stream *samples, const assay_mixture *mixture,
                                 const assay_path_point *point, const assay_samples_options *options,
                                 assay_context *context);
void assay_samples_report_clear(assay_samples_report *report);

/* Both are written to a temporary name and renamed. JUnit: one case for each comparison, with an equal
 * part of the time, as one pass serves them all. SVG: the difference of the
 * worst projection's distribution functions, with the band of what is accepted; ASSAY_UNSUPPORTED without gnuplot. */
assay_status assay_samples_junit(const char *path, const assay_samples_report *report, assay_context *context);
assay_status assay_samples_svg(const char *path, const assay_samples_report *report, assay_context *context);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
