/* assay/fast.h: double precision, as a practitioner would run it, each result with a proved bound of its rounding
 * error.
 *
 * Results do not depend on the number of threads, the tile shape or the order of calls. Large matrix products go to
 * OpenBLAS on tiles of fixed shape; set OpenBLAS to one thread (the command does), threads belong to OpenMP here.
 * Doubles from matrix products may differ between OpenBLAS kernels, within the bounds. Bounds assume round-to-nearest
 * and the C library's documented errors for exp, expm1, log, log1p, tanh, sin and cos (2 ulp allowed here). */
#ifndef ASSAY_FAST_H
#define ASSAY_FAST_H

#include <assay/model.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* The instruction set this machine runs when the context says `isa`; never more than the machine has. */
const char *assay_fast_isa_name(assay_isa isa);
assay_isa assay_fast_isa_resolve(assay_isa isa);

/* ---- normals ----------------------------------------------------------------------------------------------------- */

/* Standard normals: the value at (seed, stream, row, column) is a pure function, bitwise the same for every ISA, thread
 * count and tile. Philox4x32-10 (Salmon et al., SC 2011) with key words k0 = low and k1 = high 32 bits of seed and
 * counter words
 *   c0 = low 32 bits of column/2, c1 = low 32 bits of row, c2 = (row >> 32) << 16 | (column/2 >> 32), c3 = stream,
 * gives two 64-bit words a = o1:o0, b = o3:o2; Box-Muller with u = ((a >> 11) + 1) 2^-53 in (0, 1], v = (b >> 11)
 * 2^-53: even column sqrt(-2 log u) cos(2 pi v), odd column sqrt(-2 log u) sin(2 pi v). Each is within 4 ulp of that
 * exact value (relative error below 2^-51), and 0 when it is 0. None exceeds sqrt(106 log 2) < 8.572. */
typedef struct {
  uint64_t seed;
  uint32_t stream;
} assay_normals;

/* A stream of standard normals over `normals`, which must outlive it. Reading is ASSAY_INVALID when rows or columns
 * exceed 2^48, or the rectangle leaves the stream. */
assay_stream assay_fast_normals(const assay_normals *normals, size_t rows, size_t columns);

/* The bare generator, for known-answer tests: one Philox4x32-10 block. */
void assay_fast_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

/* ---- fields of mixtures along a path ----------------------------------------------------------------------------- */

/* The quantity at each of `points` points (points x d). out: points x assay_quantity_width. bound (points, may be
 * NULL): every component of that point is within bound of the exact value for the given doubles (schedule and exact
 * strings rounded to double are part of the error, and of the bound). An overflowing bound is infinity, never a wrong
 * one, and so is that of a full V = alpha^2 I + beta^2 S whose condition exceeds about 1/(2 d 2^-53), or of any V that
 * the rounding of exact strings leaves open by more than 2^-22 of itself. Components may be of any covariance kind,
 * mixed. Work per point: O(k d) for k isotropic or diagonal components, O(d^2) more for each full one, and O(d^3) for
 * each full one once. ASSAY_INVALID: a full S without Cholesky factor in double (not positive definite, or too near to
 * it to tell). ASSAY_PRECISION: a full V without one. */
assay_status assay_fast_field(double *out, double *bound, assay_quantity quantity, const assay_mixture *mixture,
                              const assay_path_point *point, const double *x, size_t points, assay_context *context);

/* ---- the exact flow ---------------------------------------------------------------------------------------------- */

/* Rules for dX/dt = b(X, t), of order 1, 2 and 4: Euler; Heun (trapezoidal, predicted by Euler); the classical
 * Runge-Kutta rule. */
typedef enum { ASSAY_ODE_EULER, ASSAY_ODE_HEUN, ASSAY_ODE_RK4 } assay_ode_rule;

/* Moves `points` points (points x d, at time `from`) to time `to` in `steps` equal steps with the exact velocity of
 * the mixture, as assay_fast_field gives it: X_1 of the flow of the target from start ~ N(0, I), from = 0, to = 1 (on
 * vp x_0 is not quite N(0, I), which this function leaves to its caller). Both times lie in [0, 1], in any order. out:
 * points x d, may be `start` itself. Times are rounded to double. The error is the rule's own, O(steps^-order); that of
 * rounding is a few units in the last place a step and is not bounded. Memory 4 points d. ASSAY_UNSUPPORTED: as
 * assay_fast_field. ASSAY_INVALID: also an entry that left the doubles on the way. */
assay_status assay_fast_transport(double *out, assay_ode_rule rule, const assay_mixture *mixture,
                                  assay_schedule schedule, double from, double to, size_t steps, const double *start,
                                  size_t points, assay_context *context);

/* ---- flow-dae: data, training, generation ------------------------------------------------------------------------ */

/* A number and a proved bound of its distance from the exact value on the same data. */
typedef struct {
  double value, error;
} assay_bounded;

/* The training set: x_0^i = noise(i), x_1^i = s_i mu + sigma z_i with mu = sqrt(r) (1, ..., 1). All streams are n x d;
 * nothing of size n d or d is stored. `data` is the double array that training sees: each entry the rounded value of
 * s_i mu_j + sigma z_ij. Streams point into the structure: do not move it. */
typedef struct {
  size_t samples, dimension;
  double sigma, mean; /* mean: the entries of mu, sqrt(r) */
  signed char *labels;
  assay_normals noise_normals, data_normals;
  assay_stream noise, data;
} assay_dae_data;

/* Labels are fair coins of `seed` unless labels_plus_weight differs from 1/2: P(s = +1). ASSAY_UNSUPPORTED when r is
 * not the square of a double. */
assay_status assay_fast_dae_data_init(assay_dae_data *out, const assay_dae_settings *settings, size_t dimension,
                                      double labels_plus_weight, uint64_t seed, assay_context *context);
void assay_fast_dae_data_clear(assay_dae_data *data);

/* One fit at one time, the label solution: c = [sum<x_t,x_1> - <S_t,S_1>/(lambda+n)] / [sum|x_t|^2 -
 * |S_t|^2/(lambda+n)] (0 without skip connection), w = (S_1 - c S_t)/(lambda+n), S_u = sum_i s_i x_u^i. w_mu, w_xi,
 * w_eta: its coefficients along mu, xi = S_0/n and eta = (S_1/n - mu)/sigma, exactly (they follow from c).
 * wrong_labels: samples with sign<w, x_t^i>
 * != s_i, as doubles say; an overlap of 0 (all of them at t = 1, where w = 0) counts as wrong. doubtful_labels: samples
 * whose sign rounding leaves open. margin_min, margin_max, margin_mean: of s_i <w, x_t^i>/d over i, each within
 * margin_error. loss: sum_i |x_1^i - f(x_t^i)|^2 + lambda |w|^2 with f's own signs, per dimension; gradient_norm: of
 * that loss (times d) in (c, w), divided by d (in w alone without skip connection); 0 up to rounding when no label is
 * wrong. */
typedef struct {
  double time;
  assay_bounded c, w_mu, w_xi, w_eta;
  double margin_min, margin_max, margin_mean, margin_error;
  double loss, gradient_norm;
  size_t wrong_labels, doubtful_labels;
} assay_dae_fit;

/* Fits at `times` times in [0, 1] in one pass over the data (two where labels are wrong: their gradient needs the
 * vectors). Memory O(n (times + block)), whatever d. fits: times entries. settings and data agree in n, sigma and r.
 * Fresh noise: one pass for each time, the noise of time[t] being stream 2^31 + t of the data's seed (streams 0 to 3
 * are the fixed noise, the data, labels and generated starts). ASSAY_PRECISION: data whose spread rounding cannot tell
 * from 0. */
assay_status assay_fast_dae_train(assay_dae_fit *fits, const double *time, size_t times, const assay_dae_data *data,
                                  const assay_dae_settings *settings, assay_context *context);

/* P^2, the variance of a generated cluster when the label solution's flow is solved exactly (settings->steps, grid and
 * rule play no part): a_11/a_00, a_uv = sum<x_u^i,x_v^i> - <S_u,S_v>/(lambda+n), whatever the schedule; 0 without skip
 * connection. ASSAY_UNSUPPORTED, ASSAY_PRECISION: as for training. */
assay_status assay_fast_dae_cluster_variance(assay_bounded *out, const assay_dae_data *data,
                                             const assay_dae_settings *settings, assay_context *context);

/* The trained flow on the grid t_j = j/K exactly, K = settings->steps >= 1, by the settings' rule and step size, with
 * the label solution at each t_j and its own signs h_ij = sign<w_j, X_j^i>, at cost independent of the number of steps
 * in the d-dimensional data: X_j = perp_j X_0 + A_ij xb_0 + B_ij xb_1 for generated sample i, xb_u = (1/(lambda+n))
 * sum_i s_i x_u^i. Errors bound the distance from the exact recursion on the same doubles x_0, x_1, X_0 with the signs
 * h_ij as computed; those are the exact ones unless the sample is among doubtful_signs. h_i = signs[i] is the first
 * sign of sample i. */
typedef struct {
  size_t samples, dimension, count, steps;
  assay_bounded *c;      /* steps: c at t_j */
  assay_bounded *perp;   /* steps + 1: P_j */
  assay_bounded *a, *b;  /* count: coefficients of xb_0 and xb_1 in X_K of generated sample i */
  signed char *signs;    /* count: sign<w_0, X_0^i> (0 only for an overlap of exactly 0) */
  bool *steady;          /* count: sample i kept its first sign along the flow */
  size_t sign_changes;   /* generated samples that did not */
  size_t doubtful_signs; /* generated samples with a sign that rounding leaves open at some step */
  /* (steps + 1) x 4: M, Q, E, P at t_j measured on the generated samples. M, Q, E: coefficients along mu, xi = S_0/n,
   * eta = (S_1/n - mu)/sigma of the projection of the mean of h_i X_j^i onto their span (fluctuations of the start
   * included: relative to the limits R4 they are off by O(1/sqrt(d))). P: root mean square over samples and over the
   * d - 3 dimensions outside that span of X_j^i; given the training set, count (d - 3) (P/perp_j)^2 is chi-square with
   * count (d - 3) degrees of freedom. In d <= 3 vectors that depend on earlier ones are left out (coefficient 0), and P
   * is NaN when no dimension is left. */
  assay_bounded *mean_flow;
  assay_bounded mse;           /* |span part of mean(h_i X_K^i) - mu|^2/d */
  double cosine;               /* of that span part with mu */
  double cluster_variance;     /* sum_i |h_i X_K^i - span part of the mean|^2/(count d) */
  double *xb0, *xb1;           /* d each */
  double xb0_error, xb1_error; /* bound of |error| of their entries */
  assay_normals start_normals;
  assay_stream start;     /* count x d: X_0, stream 3 of the flow's seed */
  assay_stream generated; /* count x d: X_K, computed from the numbers above as they are read */
} assay_dae_flow;

/* Trains along the flow and transports `count` samples. Memory O(n + d + steps + count) and tiles. Do not move `out`;
 * `data` may go. ASSAY_INVALID: steps = 0. ASSAY_UNSUPPORTED, ASSAY_PRECISION: as for training. */
assay_status assay_fast_dae_flow_init(assay_dae_flow *out, const assay_dae_data *data,
                                      const assay_dae_settings *settings, size_t count, uint64_t seed,
                                      assay_context *context);
void assay_fast_dae_flow_clear(assay_dae_flow *flow);

/* |mean of h_i X_K^i over the generated samples - mu|^2/d with all of its d components (a second pass). */
assay_status assay_fast_dae_flow_mean_error(assay_bounded *out, const assay_dae_flow *flow, const assay_dae_data *data,
                                            assay_context *context);

/* ---- Bayes-optimal estimation with unknown labels --------------------------------------------------------------- */

/* mean.error bounds rounding; standard_error estimates chance. */
typedef struct {
  assay_bounded mean;
  double standard_error;
} assay_bayes_estimate;

/* B2: E|mu_hat - mu|^2/d of the posterior mean of mu ~ N(0, I) from x_i = s_i mu + sigma z_i, i <= samples, with s_1
 * known and the other labels fair coins. It exceeds B1, sigma^2/(n + sigma^2), by the posterior variance of the mean
 * given labels, per dimension, averaged over data sets. That excess is computed exactly for each of `draws` >= 2 data
 * sets, from all 2^(n-1) patterns; out->mean: B1 plus its average. excess: NULL, or `draws` entries that receive each.
 * Data set k: mu is row k of stream 8 of the seed, z_i row k n + i of stream 9, i from 0; x_i the rounded value.
 * ASSAY_UNSUPPORTED: n > 20. ASSAY_PRECISION: sigma so small that rounding leaves a posterior open. */
assay_status assay_fast_bayes_estimation_unknown(assay_bayes_estimate *out, double *excess, size_t samples,
                                                 size_t dimension, double sigma, size_t draws, uint64_t seed,
                                                 assay_context *context);

/* ---- flow-dae: training by any solver ---------------------------------------------------------------------------- */

/* One fit at one time, whatever the activation and the solver, without bounds of rounding (those of coordinates are
 * about 1e-14). The pair (c, -w) is the same f: w has the sign that reproduces more labels. w_mu, w_xi, w_eta: the
 * least squares coefficients of w along mu, xi and eta as above (0 for those that depend on earlier ones); w_rest: the
 * norm of the rest of w, over sqrt(d). label_distance: |w - w_L|/|w_L|, w_L the label solution at this time. loss and
 * gradient_norm: as in assay_dae_fit, with phi; for sign the gradient at the signs of the moment. wrong_labels: samples
 * with s_i <w, x_t^i> <= 0. iterations: taken (Adam: epochs). stationary: what the solver says of its end: the pattern
 * reproduces itself (sign; for the label solution: no label is wrong); a gradient no larger than rounding makes it
 * (tanh, erf); false for Adam, and for the label solution with tanh or erf, where gradient_norm is to be looked at. */
typedef struct {
  double time, c, w_mu, w_xi, w_eta, w_rest;
  double label_distance, loss, gradient_norm;
  size_t wrong_labels, iterations;
  bool stationary;
} assay_dae_learned;

/* Trains at `times` times, in the order given (which matters to the previous start alone; a time may be given many
 * times, each with a random start of its own: row t of stream 4 of the learner's seed for time[t]). fits: times
 * entries. weights: NULL, or times x d entries that receive the w's. All solvers but Adam work in the span of the
 * training set, after one pass over it for its Gram matrix: time n^2 d + n^3 a time or iteration, memory 6 n^2 doubles,
 * O(d) for random starts, times x d for weights. Adam: 4 n d an epoch (sign: O(n + d) where signs are safe), memory
 * 2 n d doubles; every coordinate is updated on its own, so w leaves the span. Fresh noise as in assay_fast_dae_train.
 * ASSAY_UNSUPPORTED: the previous start with fresh noise, but for Adam. ASSAY_PRECISION: data without spread; Adam
 * diverged. Source: flow-dae section 2. */
assay_status assay_fast_dae_learn(assay_dae_learned *fits, double *weights, const double *time, size_t times,
                                  const assay_dae_data *data, const assay_dae_settings *settings,
                                  const assay_dae_learner *learner, assay_context *context);

/* Many small trainings, independent of each other and side by side on the context's threads: fits (sets x times) gets
 * those of set k, data of seed + k (equal weights), by the learner with its seed + k. Same bits as assay_fast_dae_learn
 * on each. Memory: of one training a thread, each with its share of the context's cap. Failures: as for one, the first
 * set's that has one, which the message names. */
assay_status assay_fast_dae_learn_sets(assay_dae_learned *fits, size_t sets, const double *time, size_t times,
                                       size_t dimension, uint64_t seed, const assay_dae_settings *settings,
                                       const assay_dae_learner *learner, assay_context *context);

/* ---- flow-dae: generation from any training ---------------------------------------------------------------------- */

/* The mean of h_i X_j^i over the generated samples: mu, xi, eta: coefficients M, Q, E of its projection onto the span
 * of mu, xi and eta (0 for those that depend on earlier ones); rest: the norm over sqrt(d) of what the w's add to it
 * outside that span. Fresh noise: the span is that of mu and eta, xi = sqrt(n) times that norm (as the reference's
 * flow_xi), rest = 0. perp: P as in assay_dae_flow, over the dimensions outside the span. */
typedef struct {
  double mu, xi, eta, rest, perp;
} assay_dae_mean;

/* As assay_dae_flow, for any activation, solver, start and noise, without bounds of rounding (a few 1e-15 a step):
 * X_j^i = perp_j X_0^i + sum_k<j (coefficient) w_k. Transport takes place in these coefficients, by the products of
 * the w's and X_0; its cost in d is that of products. */
typedef struct {
  size_t samples, dimension, count, steps;
  assay_dae_learned *fits;   /* steps: at t_j = j/K */
  double *perp;              /* steps + 1 */
  double *along;             /* count x steps: X_K^i = perp_K X_0^i + sum_k along_ik w_k */
  signed char *signs;        /* count: h_i = sign<w_0, X_0^i> */
  bool *steady;              /* count: sign<w_j, X_j^i> stayed h_i */
  size_t sign_changes;       /* samples with another sign at some step */
  assay_dae_mean *mean_flow; /* steps + 1 */
  double mse;                /* of that mean at the end: |span part and rest - mu|^2/d */
  double cosine;             /* of span part and rest with mu */
  double cluster_variance;   /* sum_i |h_i X_K^i - (span part and rest of the mean)|^2/(count d) */
  assay_normals start_normals;
  assay_stream start;     /* count x d: X_0, stream 3 of the seed, the same as assay_dae_flow's */
  assay_stream vectors;   /* (steps + 3) x d: w_0, ..., w_K-1, mu, xi (0 with fresh noise), eta */
  assay_stream generated; /* count x d: X_K, computed as it is read */
  void *held;             /* what `vectors` needs */
} assay_dae_samples;

/* Trains along the grid of settings->steps = K steps with `learner` and transports `count` samples by the settings'
 * rule. Do not move `out`; `data` must stay. Memory: the K + 3 vectors when that is below 1 GiB and half of the cap;
 * else, for the label solution with sign, none of size K d: they are made from the data as they are read, with fresh
 * noise at n normals an entry. Other learners keep their K w's. And count x K. ASSAY_INVALID: steps = 0. Else as
 * assay_fast_dae_learn. */
assay_status assay_fast_dae_samples_init(assay_dae_samples *out, const assay_dae_data *data,
                                         const assay_dae_settings *settings, const assay_dae_learner *learner,
                                         size_t count, uint64_t seed, assay_context *context);
void assay_fast_dae_samples_clear(assay_dae_samples *samples);

/* error: |mean of h_i X_K^i - mu|^2/d with all of its d components. noise: |that mean less P_K times the mean of h_i
 * X_0^i, less xb_1|^2/d, what the noises of the training add to it: Q^2/n in the limit, with fixed and fresh noise.
 * For label solutions with sign (else ASSAY_UNSUPPORTED), any noise, schedule, grid and rule. Errors bound the distance
 * from the exact recursion on the same doubles x_0, x_1, X_0 with the fits of the doubles next to j/K and the signs as
 * computed; they are a priori, about (2 n + N + K) 2^-53 of the largest entries. One pass over X_0 and the w's. */
assay_status assay_fast_dae_samples_mean_error(assay_bounded *error, assay_bounded *noise,
                                               const assay_dae_samples *samples, assay_context *context);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
