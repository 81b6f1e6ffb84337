/* Claim flow-dae/variance-ratio-law: over training sets without penalty, the variance of a generated cluster follows
 * sigma^2 F(nu, nu) (R10). One training set gives one value; many independent ones give their distribution.
 *
 * What a training set gives is P^2 = a_11/a_00 of the exactly solved flow, from its Gram products (section 3); that
 * trained flows end with this P is flow-dae/finite-d-theorem. The empirical distribution function is within
 * sqrt(log(2/delta)/(2 N)) of the true one (Dvoretzky, Kiefer, Wolfowitz, Massart). A value known to a factor
 * exp(+-e) moves F's distribution function by at most e max x f(x) = e/(2 B(1/2, nu/2)) <= e sqrt(nu/(8 pi)), as
 * x f(x), f the density of F(nu, nu), is largest at 1 and Gamma(a + 1/2) <= sqrt(a) Gamma(a). */
#include "theory/empirical.h"
#include "theory/flow_dae/paper.h"

#include "reference/core/interval.h"
#include "reference/core/quantile.h"
#include "reference/flow_dae/variance_ratio.h"

#include <assay/fast.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { GOAL_BITS = 80, WORKING_BITS = 160, CHOICE_BITS = 30, NAME = 64, TERMS = 2 };
enum { SIZES_QUICK = 3, SIZES_FULL = 6, ITEMS_QUICK = 5, ITEMS_FULL = 11 };

/* lambda = 0, sigma = 1/2, so that P^2/sigma^2 is P^2 times 4 exactly. The control lies 0.08 or more away at every size
 * that has one; 5000 sets resolve 0.05 at a share of delta of 1e-9, 100 000 sets 0.011. */
typedef struct {
  size_t samples, dimension, sets;
} law_sizes;

static const double sigma = 0.5;
static const law_sizes sizes[ASSAY_LEVEL_COUNT][SIZES_FULL] = {
    {{2, 1, 10000}, {3, 5, 10000}, {8, 40, 10000}},
    {{2, 1, 100000}, {3, 5, 100000}, {8, 40, 100000}, {2, 30, 100000}, {16, 100, 20000}, {64, 1000, 5000}},
};

/* The control has a variance. */
static bool controlled(uint64_t degrees) { return degrees > 4; }

/* P^2/sigma^2 of every training set, sorted, and the largest e with which one is known to a factor exp(+-e). */
static assay_status draw(double *values, double *factor, const law_sizes *z, uint64_t seed, assay_context *context) {
  assay_dae_settings settings = assay_dae_settings_of(z->samples, assay_real_of(sigma), assay_real_of(0));
  *factor = 0;
  for (size_t k = 0; k < z->sets; k++) {
    assay_dae_data data;
    assay_bounded variance = {0, 0};
    assay_status status = assay_fast_dae_data_init(&data, &settings, z->dimension, 0.5, seed + k, context);
    if (status) return status;
    status = assay_fast_dae_cluster_variance(&variance, &data, &settings, context);
    assay_fast_dae_data_clear(&data);
    if (status) return status;
    double least = variance.value - variance.error;
    *factor = fmax(*factor, least > 0 ? variance.error / least : INFINITY);
    values[k] = variance.value / (sigma * sigma);
  }
  empirical_sort(values, z->sets);
  return ASSAY_OK;
}

static assay_status ratio_below(double *out, double x, const void *self, assay_context *context) {
  const uint64_t *degrees = self;
  mpfi_t at, probability;
  mpfi_init_set_d(at, x);
  mpfi_init(probability);
  assay_status status = variance_ratio_below(probability, at, *degrees, CHOICE_BITS, context);
  if (!status) *out = iv_mid_d(probability);
  mpfi_clear(at);
  mpfi_clear(probability);
  return status;
}

static assay_status law(iv *out, iv_scope *s, double x, uint64_t degrees, assay_context *context) {
  mpfi_ptr probability = iv_new(s);
  assay_status status = variance_ratio_below(probability, iv_d(s, x), degrees, GOAL_BITS, context);
  if (!status) *out = probability;
  return status;
}

/* The control: mean nu/(nu-2) as F(nu, nu), variance 2 nu (nu-1)/((nu-2)^2 (nu-4)), half of its. */
typedef struct {
  double mean, deviation;
} normal_law;

static normal_law control_of(uint64_t degrees) {
  double nu = (double)degrees;
  return (normal_law){nu / (nu - 2), sqrt(2 * nu * (nu - 1) / (nu - 4)) / (nu - 2)};
}

static iv control_below(iv_scope *s, double x, uint64_t degrees) {
  long nu = (long)degrees;
  iv mean = iv_ratio(s, nu, nu - 2);
  iv variance = iv_div(s, iv_ratio(s, 2 * nu, nu - 2), iv_ratio(s, (nu - 2) * (nu - 4), nu - 1));
  return iv_normal_cdf(s, iv_div(s, iv_sub(s, iv_d(s, x), mean), iv_sqrt(s, variance)));
}

/* Of points spread over four deviations to either side, the one where the control is farthest from the law. */
static assay_status where_control_is_farthest(double *out, uint64_t degrees, assay_context *context) {
  enum { REACH = 4, STEPS = 16 };
  normal_law control = control_of(degrees);
  double most = -1;
  for (int k = -REACH * STEPS; k <= REACH * STEPS; k++) {
    double z = (double)k / STEPS, x = control.mean + control.deviation * z, F = 0;
    if (!(x > 0)) continue;
    assay_status status = ratio_below(&F, x, &degrees, context);
    if (status) return status;
    double apart = fabs(0.5 * erfc(-z / sqrt(2)) - F);
    if (apart > most) most = apart, *out = x;
  }
  return ASSAY_OK;
}

typedef struct {
  const law_sizes *sizes;
  uint64_t degrees;
  double *values; /* sorted */
  double factor;
} sample;

static assay_status measure(assay_trial *trial, iv_scope *s, const sample *drawn, const char *what, double x,
                            double share, bool with_control, assay_context *context) {
  const law_sizes *z = drawn->sizes;
  const assay_budget_term terms[TERMS] = {
      {ASSAY_TERM_SAMPLING, ASSAY_BASIS_QUANTILE, quantile_kolmogorov(z->sets, assay_trial_delta(trial)),
       assay_trial_delta(trial), "Dvoretzky-Kiefer-Wolfowitz with Massart's constant"},
      /* 1/5 exceeds 1/sqrt(8 pi) by enough for the roundings here */
      {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, drawn->factor * sqrt((double)drawn->degrees) / 5, 0,
       "largest relative error of a value times max x f(x)"},
  };
  iv predicted = NULL, control = with_control ? control_below(s, x, drawn->degrees) : NULL;
  assay_status status = law(&predicted, s, x, drawn->degrees, context);
  if (status) return status;
  char item[NAME];
  snprintf(item, sizeof item, "n=%zu d=%zu: share of P^2/sigma^2 %s", z->samples, z->dimension, what);
  return assay_trial_measure(trial, item, predicted, control, share, terms, TERMS);
}

static assay_status judge(assay_trial *trial, iv_scope *s, const sample *drawn, assay_context *context) {
  double x = 0, share = 0;
  size_t sets = drawn->sizes->sets;
  empirical_law expected = {ratio_below, &drawn->degrees};
  assay_status status = empirical_farthest(&x, &share, drawn->values, sets, expected, context);
  if (!status) status = measure(trial, s, drawn, "where farthest off", x, share, false, context);
  if (status || !controlled(drawn->degrees)) return status;
  status = where_control_is_farthest(&x, drawn->degrees, context);
  if (status) return status;
  share = empirical_share(drawn->values, sets, x);
  return measure(trial, s, drawn, "where the control is farthest", x, share, true, context);
}

static assay_status one_size(assay_trial *trial, iv_scope *s, const law_sizes *z, uint64_t seed,
                             assay_context *context) {
  sample drawn = {.sizes = z, .degrees = (uint64_t)(z->samples - 1) * z->dimension};
  assay_status status = assay_allocate((void **)&drawn.values, z->sets, sizeof(double), "variance ratios", context);
  if (!status) status = draw(drawn.values, &drawn.factor, z, seed, context);
  if (!status) status = judge(trial, s, &drawn, context);
  free(drawn.values);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  assay_level level = assay_trial_level(trial);
  size_t count = level == ASSAY_LEVEL_FULL ? SIZES_FULL : SIZES_QUICK;
  uint64_t seed = assay_trial_seed(trial);
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < count; i++) {
    status = one_size(trial, s, &sizes[level][i], seed, context);
    seed += sizes[level][i].sets;
  }
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_variance_ratio_law = {
    .id = "flow-dae/variance-ratio-law",
    .statement = "Without penalty, over training sets, the variance of a generated cluster is sigma^2 times a ratio of "
                 "variances: P^2/sigma^2 follows F(nu, nu) with nu = (n-1) d exactly, in any dimension d.",
    .source = "derived here (R10), exact form at finite d of P^2 -> sigma^2 at lambda = 0 in arXiv:2310.03575",
    .control = "the normal law with the same mean and half the variance",
    .sizes = {"lambda = 0, sigma = 0.5, (n, d) = (2, 1), (3, 5), (8, 40), 10 000 training sets each",
              "100 000 training sets each, and of (2, 30); 20 000 of (16, 100), 5000 of (64, 1000)"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {ITEMS_QUICK, ITEMS_FULL},
    .gather = gather,
};
