#include "reference/flow_dae/euler.h"

void dae_euler_init(dae_euler *out, iv_scope *s, const dae_limits *limits, assay_schedule schedule, size_t steps) {
  *out = (dae_euler){.limits = limits, .steps = steps, .mu = iv_new(s), .xi = iv_new(s), .perp = iv_new(s)};
  mpfi_set_ui(out->perp, 1);
  schedule_path_start(&out->path, schedule);
}

void dae_euler_clear(dae_euler *euler) { schedule_path_clear(&euler->path); }

static schedule_values values_at(dae_euler *euler, iv_scope *s, size_t step) {
  mpq_set_ui(euler->path.time, step, euler->steps);
  mpq_canonicalize(euler->path.time);
  return schedule_at(s, &euler->path);
}

/* Where a step along the tangent leads: alpha + dt alpha', beta + dt beta'. The linear schedule is its own tangent. */
static schedule_values tangent_step(dae_euler *euler, iv_scope *s, const schedule_values *at) {
  if (euler->path.kind == ASSAY_LINEAR) return values_at(euler, s, euler->step + 1);
  iv steps = iv_ui(s, euler->steps);
  return (schedule_values){.alpha = iv_add(s, at->alpha, iv_div(s, schedule_alpha_rate(s, at), steps)),
                           .beta = iv_add(s, at->beta, iv_div(s, at->beta_rate, steps))};
}

/* 1 + dt gamma = [alpha (alpha + dt alpha') + beta (beta + dt beta') b]/(alpha^2 + beta^2 b): positive terms, and
 * exactly 0 in the last step without skip on the linear schedule. */
static iv factor_at(dae_euler *euler, iv_scope *s, const schedule_values *at) {
  const dae_limits *limits = euler->limits;
  schedule_values next = tangent_step(euler, s, at);
  iv product = iv_add(s, iv_mul(s, at->alpha, next.alpha), iv_mul(s, limits->ratio, iv_mul(s, at->beta, next.beta)));
  iv square = iv_add(s, iv_sqr(s, at->alpha), iv_mul(s, limits->ratio, iv_sqr(s, at->beta)));
  return iv_div(s, product, square);
}

void dae_euler_step(dae_euler *euler, iv_scope *s) {
  size_t mark = iv_mark(s);
  const dae_limits *limits = euler->limits;
  schedule_values at = values_at(euler, s, euler->step);
  iv factor = factor_at(euler, s, &at), steps = iv_ui(s, euler->steps);
  iv kick_mu = iv_div(s, dae_drive_mu(s, limits, &at), steps);
  iv kick_xi = iv_div(s, dae_drive_xi(s, limits, &at), steps);
  mpfi_set(euler->mu, iv_add(s, iv_mul(s, factor, euler->mu), kick_mu));
  if (limits->fresh)
    mpfi_set(euler->xi, iv_add(s, iv_mul(s, iv_sqr(s, factor), euler->xi), iv_sqr(s, kick_xi)));
  else
    mpfi_set(euler->xi, iv_add(s, iv_mul(s, factor, euler->xi), kick_xi));
  mpfi_set(euler->perp, iv_mul(s, factor, euler->perp));
  euler->step++;
  iv_release(s, mark);
}

dae_flow dae_euler_flow(const dae_euler *euler, iv_scope *s) {
  iv mu = iv_copy(s, euler->mu), xi = iv_copy(s, euler->xi);
  return (dae_flow){.mu = mu,
                    .xi = euler->limits->fresh ? iv_sqrt(s, xi) : xi,
                    .eta = iv_mul(s, mu, iv_sqrt(s, euler->limits->sigma2)),
                    .perp = iv_copy(s, euler->perp)};
}
