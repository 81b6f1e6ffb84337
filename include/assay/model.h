/* assay/model.h: what is studied, as plain data. Mixtures, path points, quantities, streams, settings, status and
 * context. This layer computes nothing: reference.h and fast.h do, independently of each other.
 *
 * Conventions. Points are rows: an array of N points is N x d doubles, row-major. Time runs from noise (t = 0) to data
 * (t = 1); x_t = alpha(t) x_0 + beta(t) x_1 with x_0 ~ N(0, I_d) and x_1 drawn from the target. Every function that
 * can fail returns assay_status, leaves its outputs untouched on failure, and writes one line naming field, index and
 * value into the context. No function prints or exits. */
#ifndef ASSAY_MODEL_H
#define ASSAY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* all else in the library is hidden */

/* ---- status and context ------------------------------------------------------------------------------------------ */

/* X(code, short name, meaning) */
#define ASSAY_STATUSES(X)                                                                                              \
  X(ASSAY_OK, "ok", "success")                                                                                         \
  X(ASSAY_INVALID, "invalid", "an argument or an input file is outside its domain")                                    \
  X(ASSAY_UNSUPPORTED, "unsupported", "the input is valid, but of a kind this function does not treat")                \
  X(ASSAY_IO, "io", "a file could not be read or written")                                                             \
  X(ASSAY_MEMORY, "memory", "memory could not be had within the context's cap")                                        \
  X(ASSAY_PRECISION, "precision", "the goal was not reached within the context's max_bits")                            \
  X(ASSAY_CANCELLED, "cancelled", "the progress callback asked to stop")                                               \
  X(ASSAY_INTERNAL, "internal", "a contract inside the library was broken: please report it")

typedef enum {
#define ASSAY_STATUS_CODE(code, name, meaning) code,
  ASSAY_STATUSES(ASSAY_STATUS_CODE)
#undef ASSAY_STATUS_CODE
} assay_status;

/* The short name and the meaning of a status; "unknown" for a value outside the list. */
const char *assay_status_name(assay_status status);
const char *assay_status_meaning(assay_status status);

/* Which vector instructions may be used. All give the same bits; lower ones exist for tests and old machines. */
typedef enum { ASSAY_ISA_BEST, ASSAY_ISA_SSE2, ASSAY_ISA_AVX2, ASSAY_ISA_AVX512 } assay_isa;

/* Belongs to one caller at a time. Fill with assay_context_init, then change what you like. */
typedef struct {
  int threads;       /* OpenMP threads; 0: as many as the machine has. Results do not depend on it. */
  long max_bits;     /* highest working precision the reference may use, default 4096 */
  size_t memory_cap; /* bytes one call may allocate; 0: no cap (default). GMP aborts when memory runs out, so sizes are
                        checked against this before it is asked. */
  assay_isa isa;     /* default ASSAY_ISA_BEST */
  /* Called now and then on the caller's thread during long work; a nonzero return cancels. NULL: silent. */
  int (*progress)(void *self, const char *what, double fraction);
  void *progress_self;
  char message[512]; /* the last failure in one line, or "" */
} assay_context;

void assay_context_init(assay_context *context);

/* Writes a message and returns `status`, so that callers can `return assay_fail(...)`. Not for parallel regions. */
assay_status assay_fail(assay_context *context, assay_status status, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 3, 4)))
#endif
    ;

/* Reports progress (fraction in [0, 1]); ASSAY_CANCELLED when the callback says stop. */
assay_status assay_progress(assay_context *context, const char *what, double fraction);

/* Zeroed memory for count items of `size` bytes; `what` names it in the message. ASSAY_MEMORY on overflow, beyond the
 * cap, or when the system has none. Release with free(). */
assay_status assay_allocate(void **out, size_t count, size_t size, const char *what, assay_context *context);

/* ---- exact reals ------------------------------------------------------------------------------------------------- */

/* A real number as its user gave it. exact == NULL: the dyadic number `nearest` itself. Otherwise `exact` is a decimal
 * or rational ("0.1", "1/10") and `nearest` the double next to it. The string belongs to whoever made the real. */
typedef struct {
  double nearest;
  const char *exact;
} assay_real;

/* The double itself. */
assay_real assay_real_of(double value);

/* Reads "[+-]digits[.digits][e[+-]digits]" or "p/q" of such integers. A value with '/' keeps its string as exact, and
 * so does a decimal when `keep_decimal` (JSON strings do, the command line does not). out->exact is then `text`
 * itself, which must outlive it. Refused (ASSAY_INVALID, `name` and text in the message): anything else, q = 0, and
 * values whose nearest double is infinite, or 0 although they are not. */
assay_status assay_real_parse(assay_real *out, const char *text, bool keep_decimal, const char *name,
                              assay_context *context);

/* A copy that owns its string; release with assay_real_clear. */
assay_status assay_real_copy(assay_real *out, assay_real in, assay_context *context);
void assay_real_clear(assay_real *real);

/* ---- mixtures ---------------------------------------------------------------------------------------------------- */

/* How a component's covariance S is given. */
typedef enum { ASSAY_COVARIANCE_ISOTROPIC, ASSAY_COVARIANCE_DIAGONAL, ASSAY_COVARIANCE_FULL } assay_covariance_kind;

typedef struct {
  assay_covariance_kind kind;
  assay_real variance; /* isotropic: S = variance I, variance > 0 */
  double *entries;     /* diagonal: d variances > 0; full: d x d row-major, symmetric positive definite; else NULL */
} assay_covariance;

typedef struct {
  assay_real weight; /* > 0; weights are normalised exactly by their sum */
  double *mean;      /* d */
  assay_covariance covariance;
} assay_component;

/* sum_k weight_k N(mean_k, S_k). Owns everything it points to. */
typedef struct {
  size_t dimension; /* d >= 1 */
  size_t count;     /* number of components >= 1 */
  assay_component *components;
} assay_mixture;

/* Components N(0, I_d) of weight 1, to be filled in. Each mean is allocated (d doubles). */
assay_status assay_mixture_init(assay_mixture *out, size_t dimension, size_t count, assay_context *context);
void assay_mixture_clear(assay_mixture *mixture);

/* 1/2 N(mean, variance I) + 1/2 N(-mean, variance I), the target of flow-dae. `mean` (d) is copied. */
assay_status assay_mixture_binary(assay_mixture *out, size_t dimension, const double *mean, assay_real variance,
                                  assay_context *context);

/* Every domain rule above but positive definiteness of a full S (its factorisation tells). Both engines call this. */
assay_status assay_mixture_check(const assay_mixture *mixture, assay_context *context);

/* ---- path points and quantities ---------------------------------------------------------------------------------- */

/* X(code, name, parameters). linear: alpha = 1-t, beta = t. trigonometric: alpha = cos(pi t/2), beta = sin(pi t/2).
 * polynomial: alpha = 1 - t^N, beta = t^N, N = degree. linear-vp: alpha = sqrt(1 - t^2), beta = t. vp: beta =
 * exp(-u^2 (beta_max - beta_min)/4 - u beta_min/2), u = 1-t, alpha = sqrt(1 - beta^2): its beta(0) > 0, so that x_0 is
 * not quite noise. All are exact at the ends. alpha' is unbounded at t = 1 for the two vp kinds, the velocity is not.
 * coefficients: alpha and beta given directly, without a time. */
#define ASSAY_SCHEDULES(X)                                                                                             \
  X(ASSAY_LINEAR, "linear", "")                                                                                        \
  X(ASSAY_TRIGONOMETRIC, "trigonometric", "")                                                                          \
  X(ASSAY_COEFFICIENTS, "coefficients", "")                                                                            \
  X(ASSAY_POLYNOMIAL, "polynomial", ":N")                                                                              \
  X(ASSAY_LINEAR_VP, "linear-vp", "")                                                                                  \
  X(ASSAY_VP, "vp", ":BMIN:BMAX")

typedef enum {
#define ASSAY_SCHEDULE_CODE(code, name, parameters) code,
  ASSAY_SCHEDULES(ASSAY_SCHEDULE_CODE)
#undef ASSAY_SCHEDULE_CODE
} assay_schedule_kind;

/* A kind with its parameters; those of other kinds are ignored. */
typedef struct {
  assay_schedule_kind kind;
  unsigned degree;               /* polynomial: 1 to 1000 */
  assay_real beta_min, beta_max; /* vp: 0 <= beta_min <= beta_max, beta_max > 0 */
} assay_schedule;

/* A kind without parameters, and the two with them. */
assay_schedule assay_schedule_of(assay_schedule_kind kind);
assay_schedule assay_schedule_polynomial(unsigned degree);
assay_schedule assay_schedule_vp(assay_real beta_min, assay_real beta_max);

/* A known kind, and parameters in their domain. */
assay_status assay_schedule_check(const assay_schedule *schedule, assay_context *context);

/* `time` for a schedule; `alpha` and `beta` for ASSAY_COEFFICIENTS only (ignored otherwise). */
typedef struct {
  assay_schedule schedule;
  assay_real time, alpha, beta;
} assay_path_point;

assay_path_point assay_path_point_at(assay_schedule schedule, assay_real time);
assay_path_point assay_path_point_of(assay_real alpha, assay_real beta);

/* X(code, name, wide): wide quantities have d components per point, the others one.
 * With f = E[x_1 | x_t = x] and e = E[x_0 | x_t = x]: velocity b = beta' f + alpha' e, score = grad log p_t, denoiser
 * f, noise e, log-density log p_t(x), divergence div b. */
#define ASSAY_QUANTITIES(X)                                                                                            \
  X(ASSAY_VELOCITY, "velocity", true)                                                                                  \
  X(ASSAY_SCORE, "score", true)                                                                                        \
  X(ASSAY_DENOISER, "denoiser", true)                                                                                  \
  X(ASSAY_NOISE, "noise", true)                                                                                        \
  X(ASSAY_LOG_DENSITY, "log-density", false)                                                                           \
  X(ASSAY_DIVERGENCE, "divergence", false)

typedef enum {
#define ASSAY_QUANTITY_CODE(code, name, wide) code,
  ASSAY_QUANTITIES(ASSAY_QUANTITY_CODE)
#undef ASSAY_QUANTITY_CODE
} assay_quantity;

/* Names and their inverses; a parse that fails lists the names it knows. A schedule is read with its parameters,
 * "polynomial:2" or "vp:1/10:20", as assay_real_parse reads numbers of the command line; exact strings are copied into
 * `storage` (strlen(text) + 1 characters), which must outlive *out. "coefficients" is not among what it reads. */
const char *assay_schedule_name(assay_schedule_kind kind);
const char *assay_quantity_name(assay_quantity quantity);
assay_status assay_schedule_parse(assay_schedule *out, const char *text, char *storage, assay_context *context);
assay_status assay_quantity_parse(assay_quantity *out, const char *text, assay_context *context);

/* Numbers per point: d or 1. */
size_t assay_quantity_width(assay_quantity quantity, size_t dimension);

/* A schedule in its domain and time in [0, 1]; or alpha, beta finite, >= 0, not both 0, and a quantity that needs no
 * derivative of the schedule (velocity and divergence do). */
assay_status assay_path_point_check(const assay_path_point *point, assay_quantity quantity, assay_context *context);

/* Every entry of the points (points x dimension) finite; the message names row and column of the first that is not. */
assay_status assay_points_check(const double *x, size_t points, size_t dimension, assay_context *context);

/* ---- streams ----------------------------------------------------------------------------------------------------- */

/* A rows x columns array that need not exist in memory: read() fills any rectangle, in any order, from any thread, and
 * always with the same values. out has row stride `stride` (in doubles, >= columns read). */
typedef struct assay_stream {
  size_t rows, columns;
  const void *self;
  assay_status (*read)(const struct assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                       double *out, size_t stride, assay_context *context);
} assay_stream;

/* A stream over an array in memory (row-major, stride = columns); self is `data`, which must outlive it. */
assay_stream assay_stream_of(const double *data, size_t rows, size_t columns);

/* ---- flow-dae: the learner's settings ---------------------------------------------------------------------------- */

/* fixed: the same x_0^i at every time (the published code); fresh: redrawn at every step. */
typedef enum { ASSAY_NOISE_FIXED, ASSAY_NOISE_FRESH } assay_noise_protocol;

/* Times of K steps. uniform: j/K, step 1/K. published: j/K for j < K, but steps of 1/(K+1), so that the flow stops
 * short of the end: K = 99 is the published code's grid. */
typedef enum { ASSAY_GRID_UNIFORM, ASSAY_GRID_PUBLISHED } assay_dae_grid;

/* One step from t to t+ (+: the schedule at t+, f the denoiser at t). Euler: X + (t+ - t) b. DDIM: (alpha+/alpha) X +
 * (beta+ - alpha+ beta/alpha) f; on the linear schedule the two are the same. */
typedef enum { ASSAY_STEP_EULER, ASSAY_STEP_DDIM } assay_dae_rule;

/* The denoising auto-encoder of flow-dae (arXiv:2310.03575): n samples of 1/2 N(mu, sigma^2 I) + 1/2 N(-mu, sigma^2 I),
 * fitted at each time by least squares with penalty lambda |w|^2, transported in `steps` steps. */
typedef struct {
  size_t samples;    /* n >= 1 */
  assay_real sigma;  /* > 0, standard deviation of a cluster */
  assay_real lambda; /* >= 0 */
  assay_real norm2;  /* r = |mu|^2/d > 0; 1 in the paper's experiments */
  assay_schedule schedule;
  size_t steps; /* K >= 1 steps; 0: the ODE's exact solution */
  assay_noise_protocol noise;
  bool skip; /* true: f(x) = c x + w phi; false: c = 0 */
  assay_dae_grid grid;
  assay_dae_rule rule;
} assay_dae_settings;

/* linear schedule, r = 1, fixed noise, skip connection, steps 0, uniform grid, Euler. */
assay_dae_settings assay_dae_settings_of(size_t samples, assay_real sigma, assay_real lambda);

/* The domain rules above, a schedule with a time and beta(0) = 0 (all but vp), and A = lambda + n - 1 > 0 (n >= 2, or
 * lambda > 0). DDIM steps end where the next begins: they need the uniform grid. */
assay_status assay_dae_settings_check(const assay_dae_settings *settings, assay_context *context);

/* ---- flow-dae: how the learner is trained ------------------------------------------------------------------------ */

/* X(code, name): phi in f(x) = c x + w phi(<w, x>/sqrt(d)). */
#define ASSAY_ACTIVATIONS(X)                                                                                           \
  X(ASSAY_SIGN, "sign")                                                                                                \
  X(ASSAY_TANH, "tanh")                                                                                                \
  X(ASSAY_ERF, "erf")

typedef enum {
#define ASSAY_ACTIVATION_CODE(code, name) code,
  ASSAY_ACTIVATIONS(ASSAY_ACTIVATION_CODE)
#undef ASSAY_ACTIVATION_CODE
} assay_activation;

const char *assay_activation_name(assay_activation activation);
assay_status assay_activation_parse(assay_activation *out, const char *text, assay_context *context);

/* label solution: the least squares fit with the labels as pattern, whatever the activation and the start. stationary:
 * from the start, for sign by alternating between the pattern sign<w, x_t^i> and the fit for it until the pattern
 * reproduces itself, for tanh and erf by damped Newton steps, each lowering the loss. adam: the published training. */
typedef enum { ASSAY_SOLVER_LABELS, ASSAY_SOLVER_STATIONARY, ASSAY_SOLVER_ADAM } assay_dae_solver;

/* labels: the label solution. random: w ~ N(0, I), drawn anew for every time, with the best c for it (Adam: c = 1).
 * previous: the solution of the time before (the first: labels). */
typedef enum { ASSAY_START_LABELS, ASSAY_START_RANDOM, ASSAY_START_PREVIOUS } assay_dae_start;

typedef struct {
  assay_activation activation;
  assay_dae_solver solver;
  assay_dae_start start;
  uint64_t seed;                      /* of random starts */
  size_t iterations;                  /* stationary: at most; adam: full-batch epochs */
  double rate, beta1, beta2, epsilon; /* Adam's (Kingma and Ba, ICLR 2015) */
} assay_dae_learner;

/* The label solution with sign activation: settings that call for no training. */
assay_dae_learner assay_dae_learner_labels(void);

/* A stationary point from the labels, at most 1000 iterations. */
assay_dae_learner assay_dae_learner_stationary(assay_activation activation);

/* Adam as published: 6000 epochs, rate 0.04, beta1 0.9, beta2 0.999, epsilon 1e-8, random start. */
assay_dae_learner assay_dae_learner_adam(assay_activation activation, uint64_t seed);

/* iterations >= 1; for Adam rate, epsilon > 0 and beta1, beta2 in [0, 1). */
assay_status assay_dae_learner_check(const assay_dae_learner *learner, assay_context *context);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
