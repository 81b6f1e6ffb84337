/* Figure basins: the share of random starts from which alternating minimisation, and the published training, end at
 * the labels, against t.
 *
 * As d -> infinity the overlaps <w, x_t^i>/sqrt(d) of a random w, labels folded in, are normal with correlation rho =
 * r beta^2/(r beta^2 + v), v = alpha^2 + beta^2 sigma^2: independent given one of them common to all. The fit to a
 * pattern whose folded signs h_i add up to q has, by the Gram numbers' limits,
 *   <w, x_t^i> ~ q beta r (1 - c beta) + h_i (beta sigma^2 - c v),
 *   c = beta [n (r + sigma^2) - (r q^2 + n sigma^2)/(lambda+n)] / [n (r beta^2 + v) - (r beta^2 q^2 + n v)/(lambda+n)].
 * Where the first term is the larger, the next pattern is the labels (or all of them turned, the same f), which stays;
 * else the pattern stays or turns for ever. So the share is the chance that q is large enough. */
#include "theory/clopper_pearson.h"
#include "theory/flow_dae/adam_reaches_labels.h"
#include "theory/flow_dae/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { STARTS = 60, TIMES = 7, SIZES = 3, ALL = TIMES * STARTS, DIMENSION = 2000, ITERATIONS = 1000 };
static const double basin_times[TIMES] = {0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98};
static const size_t basin_samples[SIZES] = {2, 8, 64};
static const double sigma = 0.5, lambda = 0.1; /* r = 1 */

typedef struct {
  size_t reached[TIMES];
} basins;

/* Every start at every time on one training set; in one thread, as the pieces are small. */
static assay_status learn(assay_dae_learned fits[ALL], size_t samples, uint64_t seed, assay_context *context) {
  assay_context own = *context;
  own.threads = 1;
  assay_dae_settings settings = assay_dae_settings_of(samples, assay_real_of(sigma), assay_real_of(lambda));
  assay_dae_learner learner = assay_dae_learner_stationary(ASSAY_SIGN);
  learner.start = ASSAY_START_RANDOM;
  learner.seed = seed;
  learner.iterations = ITERATIONS;
  double times[ALL];
  for (size_t i = 0; i < ALL; i++) times[i] = basin_times[i / STARTS];
  assay_dae_data data;
  assay_status status = assay_fast_dae_data_init(&data, &settings, DIMENSION, 0.5, seed, context);
  if (status) return status;
  status = assay_fast_dae_learn(fits, NULL, times, ALL, &data, &settings, &learner, &own);
  if (status) assay_fail(context, status, "%s", own.message);
  assay_fast_dae_data_clear(&data);
  return status;
}

static assay_status make_basins(void **out, const void *argument, uint64_t seed, assay_context *context) {
  void *fits = NULL, *memory = NULL;
  assay_status status = assay_allocate(&fits, ALL, sizeof(assay_dae_learned), "fits", context);
  if (!status) status = learn(fits, *(const size_t *)argument, seed, context);
  if (!status) status = assay_allocate(&memory, 1, sizeof(basins), "basins", context);
  if (!status) {
    basins *made = memory;
    const assay_dae_learned *fit = fits;
    for (size_t i = 0; i < ALL; i++) made->reached[i / STARTS] += fit[i].wrong_labels == 0;
    *out = made;
  }
  free(fits);
  return status;
}

/* ---- the limit d -> infinity ---- */

static bool leads_to_labels(double n, double q, double beta) {
  double alpha = 1 - beta, sigma2 = sigma * sigma, v = alpha * alpha + beta * beta * sigma2;
  double c = beta * (n * (1 + sigma2) - (q * q + n * sigma2) / (lambda + n)) /
             (n * (beta * beta + v) - (beta * beta * q * q + n * v) / (lambda + n));
  return fabs(q * beta * (1 - c * beta)) > fabs(beta * sigma2 - c * v);
}

/* Given `common`, each sign is right with probability p. */
static double share_given(size_t n, double beta, double common) {
  double alpha = 1 - beta, v = alpha * alpha + beta * beta * sigma * sigma, whole = (double)n, sum = 0;
  const double half_root = sqrt(0.5), slope = beta / sqrt(v);
  double p = erfc(-common * slope * half_root) / 2, other = erfc(common * slope * half_root) / 2;
  for (size_t k = 0; k <= n; k++) {
    double right = (double)k, wrong = whole - right;
    if (!leads_to_labels(whole, right - wrong, beta)) continue;
    double choose = lgamma(whole + 1) - lgamma(right + 1) - lgamma(wrong + 1);
    sum += exp(choose + right * log(p) + wrong * log(other));
  }
  return sum;
}

static double limit_share(size_t n, double beta) {
  enum { REACH = 6, STEPS_PER_UNIT = 8 }; /* the trapezoidal rule is exact to 1e-8 for this analytic integrand */
  const double step = 1.0 / STEPS_PER_UNIT, density = step / sqrt(2 * acos(-1));
  double sum = 0;
  for (int i = -REACH * STEPS_PER_UNIT; i <= REACH * STEPS_PER_UNIT; i++)
    sum += density * exp(-step * i * step * i / 2) * share_given(n, beta, step * i);
  return sum;
}

static assay_status put_limit(assay_plot *plot, size_t samples, assay_context *context) {
  enum { PARTS = 50 };
  char label[32];
  (void)snprintf(label, sizeof label, "n = %zu", samples);
  assay_series *line = NULL;
  assay_status status = assay_plot_add(&line, plot, label, true, PARTS - 1, false, context);
  for (size_t i = 1; !status && i < PARTS; i++) {
    line->x[i - 1] = (double)i / PARTS;
    line->y[i - 1] = limit_share(samples, line->x[i - 1]);
  }
  return status;
}

/* ---- trained ---- */

static void put_share(assay_series *points, size_t at, double time, size_t reached, size_t of) {
  assay_rate rate = assay_rate_of(reached, of);
  points->x[at] = time;
  points->y[at] = (double)reached / (double)of;
  points->error[at] = fmax(points->y[at] - rate.low, 0);
  points->above[at] = fmax(rate.high - points->y[at], 0);
}

static assay_status add_shares(assay_series **out, assay_plot *plot, const char *label, size_t count,
                               assay_context *context) {
  assay_status status = assay_plot_add(out, plot, label, false, count, true, context);
  return status ? status : assay_series_skew(*out, context);
}

static assay_status put_basins(assay_plot *plot, const basins *b, assay_context *context) {
  assay_series *points = NULL;
  assay_status status = add_shares(&points, plot, "", TIMES, context);
  for (size_t i = 0; !status && i < TIMES; i++) put_share(points, i, basin_times[i], b->reached[i], STARTS);
  return status;
}

/* Adam's trainings with sign, whatever their n and d. */
static assay_status put_adam(assay_plot *plot, assay_trial *trial, assay_context *context) {
  size_t sizes = assay_trial_level(trial) == ASSAY_LEVEL_FULL ? ADAM_FULL : ADAM_QUICK, count = 0;
  for (size_t i = 0; i < sizes; i++) count += adam_sizes[i].activation == ASSAY_SIGN ? adam_sizes[i].count : 0;
  assay_series *points = NULL;
  assay_status status = add_shares(&points, plot, "Adam", count, context);
  for (size_t i = 0, at = 0; !status && i < sizes; i++) {
    const adam_size *size = &adam_sizes[i];
    const assay_dae_learned *fits = NULL;
    if (size->activation != ASSAY_SIGN) continue;
    status = adam_trainings_get(&fits, trial, size, context);
    for (size_t t = 0; !status && t < size->count; t++) {
      size_t reached = 0;
      for (size_t k = 0; k < ADAM_TRIALS; k++) reached += fits[k * size->count + t].wrong_labels == 0;
      put_share(points, at++, size->times[t], reached, ADAM_TRIALS);
    }
  }
  return status;
}

assay_status figure_basins(assay_plot *plot, assay_trial *trial, assay_context *context) {
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < SIZES; i++) {
    char key[64];
    (void)snprintf(key, sizeof key, "flow-dae basins n=%zu", basin_samples[i]);
    void *made = NULL;
    status = assay_trial_experiment(&made, trial, key, make_basins, free, &basin_samples[i], context);
    if (!status) status = put_limit(plot, basin_samples[i], context);
    if (!status) status = put_basins(plot, made, context);
  }
  return status ? status : put_adam(plot, trial, context);
}
