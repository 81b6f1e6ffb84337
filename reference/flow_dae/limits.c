#include "reference/flow_dae/limits.h"

/* ---- monotone functions, end by end ---- */

/* lambda/A = lambda u/(lambda u + 1 - u): its derivatives (1-u) u/(..)^2 in lambda and lambda/(..)^2 in u are >= 0. */
static iv penalty_share_at(iv_scope *s, iv u, iv lambda) {
  iv product = iv_mul(s, lambda, u);
  return iv_div(s, product, iv_add(s, product, iv_sub(s, iv_ui(s, 1), u)));
}

static iv penalty_share(iv_scope *s, iv u, iv lambda) {
  return iv_hull(s, penalty_share_at(s, iv_lower(s, u), iv_lower(s, lambda)),
                 penalty_share_at(s, iv_upper(s, u), iv_upper(s, lambda)));
}

/* lambda/(1 + lambda u) grows with lambda and falls with u. */
static iv tempered_at(iv_scope *s, iv u, iv lambda) { return iv_div(s, lambda, iv_add_si(s, iv_mul(s, lambda, u), 1)); }

static iv tempered(iv_scope *s, iv u, iv lambda) {
  return iv_hull(s, tempered_at(s, iv_upper(s, u), iv_lower(s, lambda)),
                 tempered_at(s, iv_lower(s, u), iv_upper(s, lambda)));
}

/* r x/(r + x) for r > 0, x >= 0. */
static iv parallel_at(iv_scope *s, iv r, iv x) { return iv_div(s, iv_mul(s, r, x), iv_add(s, r, x)); }

static iv parallel(iv_scope *s, iv r, iv x) {
  return iv_hull(s, parallel_at(s, iv_lower(s, r), iv_lower(s, x)), parallel_at(s, iv_upper(s, r), iv_upper(s, x)));
}

/* ---- the data's numbers ---- */

dae_limits dae_limits_of(iv_scope *s, iv inverse_samples, iv lambda, iv norm2, iv sigma2) {
  iv product = iv_mul(s, lambda, inverse_samples);
  return (dae_limits){.inverse_samples = inverse_samples,
                      .lambda = lambda,
                      .norm2 = norm2,
                      .sigma2 = sigma2,
                      .shrinkage = iv_inv(s, iv_add_si(s, product, 1)),
                      .ratio = iv_add(s, sigma2, iv_mul(s, norm2, penalty_share(s, inverse_samples, lambda))),
                      .skip = true,
                      .fresh = false};
}

dae_limits dae_limits_without_skip(iv_scope *s, const dae_limits *limits) {
  dae_limits r = *limits;
  r.ratio = iv_ui(s, 0);
  r.skip = false;
  return r;
}

dae_limits dae_limits_of_settings(iv_scope *s, const assay_dae_settings *settings) {
  iv u = iv_inv(s, iv_ui(s, settings->samples));
  dae_limits r = dae_limits_of(s, u, iv_real(s, settings->lambda), iv_real(s, settings->norm2),
                               iv_sqr(s, iv_real(s, settings->sigma)));
  r.fresh = settings->noise == ASSAY_NOISE_FRESH;
  return settings->skip ? r : dae_limits_without_skip(s, &r);
}

/* ---- the learner ---- */

/* D/A = alpha^2 + beta^2 b. */
static iv path_variance(iv_scope *s, const dae_limits *limits, const schedule_values *at) {
  return iv_add(s, iv_sqr(s, at->alpha), iv_mul(s, iv_sqr(s, at->beta), limits->ratio));
}

/* beta b/(alpha^2 + beta^2 b) with b once. */
iv dae_skip_strength(iv_scope *s, const dae_limits *limits, const schedule_values *at) {
  if (!limits->skip) return iv_ui(s, 0);
  iv noise = iv_div(s, iv_sqr(s, at->alpha), limits->ratio);
  return iv_div(s, at->beta, iv_add(s, noise, iv_sqr(s, at->beta)));
}

iv dae_weight_mu(iv_scope *s, const dae_limits *limits, const schedule_values *at) {
  if (!limits->skip) return limits->shrinkage;
  iv noise_share = iv_div(s, iv_sqr(s, at->alpha), path_variance(s, limits, at));
  return iv_mul(s, limits->shrinkage, noise_share);
}

iv dae_weight_xi(iv_scope *s, const dae_limits *limits, const schedule_values *at) {
  iv product = iv_mul(s, iv_mul(s, limits->shrinkage, at->alpha), dae_skip_strength(s, limits, at));
  return iv_neg(s, product);
}

iv dae_weight_eta(iv_scope *s, const dae_limits *limits, const schedule_values *at) {
  return iv_mul(s, dae_weight_mu(s, limits, at), iv_sqrt(s, limits->sigma2));
}

/* zeta = T/alpha^2 with the turn T = alpha (alpha beta' - alpha' beta), so zeta m = k T/(alpha^2 + beta^2 b). */
iv dae_drive_mu(iv_scope *s, const dae_limits *limits, const schedule_values *at) {
  return iv_div(s, iv_mul(s, limits->shrinkage, at->turn), path_variance(s, limits, at));
}

/* zeta l = -k c T/alpha; where alpha is 0 the Wronskian T/alpha need not be finite. */
iv dae_drive_xi(iv_scope *s, const dae_limits *limits, const schedule_values *at) {
  iv scaled = iv_mul(s, limits->shrinkage, schedule_wronskian(s, at));
  return iv_neg(s, iv_mul(s, scaled, dae_skip_strength(s, limits, at)));
}

/* ---- the flow ---- */

/* Q = -k (P - alpha), with P - alpha = beta^2 b/(P + alpha) as P^2 = alpha^2 + beta^2 b: nothing cancels. */
static iv flow_xi(iv_scope *s, const dae_limits *limits, const schedule_values *at, iv perp) {
  if (!limits->skip || limits->fresh) return iv_ui(s, 0);
  iv gain = iv_mul(s, iv_sqr(s, at->beta), limits->ratio);
  return iv_neg(s, iv_mul(s, limits->shrinkage, iv_div(s, gain, iv_add(s, perp, at->alpha))));
}

dae_flow dae_flow_at(iv_scope *s, const dae_limits *limits, const schedule_values *at) {
  iv mu = iv_mul(s, limits->shrinkage, at->beta);
  iv perp = limits->skip ? iv_sqrt(s, path_variance(s, limits, at)) : at->alpha;
  return (dae_flow){
      .mu = mu, .xi = flow_xi(s, limits, at, perp), .eta = iv_mul(s, mu, iv_sqrt(s, limits->sigma2)), .perp = perp};
}

/* (E^2 + Q^2)/n: xi and eta are orthogonal to mu and to each other, |xi|^2/d = |eta|^2/d = 1/n. */
static iv stray(iv_scope *s, const dae_limits *limits, const dae_flow *flow) {
  return iv_mul(s, limits->inverse_samples, iv_add(s, iv_sqr(s, flow->eta), iv_sqr(s, flow->xi)));
}

iv dae_mean_error(iv_scope *s, const dae_limits *limits, const dae_flow *flow) {
  iv along = iv_sqr(s, iv_add_si(s, flow->mu, -1));
  return iv_add(s, iv_mul(s, limits->norm2, along), stray(s, limits, flow));
}

iv dae_mean_cosine(iv_scope *s, const dae_limits *limits, const dae_flow *flow) {
  iv across = iv_div(s, stray(s, limits, flow), limits->norm2);
  return iv_div(s, flow->mu, iv_sqrt(s, iv_add(s, iv_sqr(s, flow->mu), across)));
}

iv dae_transport_distance2(iv_scope *s, const dae_limits *limits, const dae_flow *flow) {
  iv spread = iv_sub(s, flow->perp, iv_sqrt(s, limits->sigma2));
  return iv_add(s, dae_mean_error(s, limits, flow), iv_sqr(s, spread));
}

/* ---- the ODE's end ---- */

/* Q^2/k^2 at t = 1. */
static iv noise_memory(iv_scope *s, const dae_limits *limits) { return limits->fresh ? iv_ui(s, 0) : limits->ratio; }

/* n r (1-k)^2 = r u (lambda k)^2, lambda k = lambda/(1 + lambda u). */
iv dae_scaled_mse(iv_scope *s, const dae_limits *limits) {
  iv pull = iv_sqr(s, tempered(s, limits->inverse_samples, limits->lambda));
  iv bias = iv_mul(s, iv_mul(s, limits->norm2, limits->inverse_samples), pull);
  iv spread = iv_add(s, limits->sigma2, noise_memory(s, limits));
  return iv_add(s, bias, iv_mul(s, iv_sqr(s, limits->shrinkage), spread));
}

iv dae_cosine(iv_scope *s, const dae_limits *limits) {
  iv spread = iv_add(s, limits->sigma2, noise_memory(s, limits));
  iv across = iv_div(s, iv_mul(s, limits->inverse_samples, spread), limits->norm2);
  return iv_inv(s, iv_sqrt(s, iv_add_si(s, across, 1)));
}

iv dae_bayes_mse(iv_scope *s, const dae_limits *limits) {
  return parallel(s, limits->norm2, iv_mul(s, limits->sigma2, limits->inverse_samples));
}

/* n r sigma^2/(n r + sigma^2) = sigma^2/(1 + sigma^2 u/r), also at u = 0. */
iv dae_scaled_bayes_mse(iv_scope *s, const dae_limits *limits) {
  iv y = iv_div(s, iv_mul(s, limits->sigma2, limits->inverse_samples), limits->norm2);
  return iv_div(s, limits->sigma2, iv_add_si(s, y, 1));
}

iv dae_scaled_bayes_gap(iv_scope *s, const dae_limits *limits) {
  iv mismatch = iv_sub(s, iv_mul(s, limits->norm2, limits->lambda), limits->sigma2);
  iv precision = iv_add(s, limits->norm2, iv_mul(s, limits->sigma2, limits->inverse_samples));
  iv tilt = iv_div(s, iv_mul(s, iv_sqr(s, mismatch), limits->inverse_samples), precision);
  return iv_mul(s, iv_sqr(s, limits->shrinkage), iv_add(s, tilt, noise_memory(s, limits)));
}
