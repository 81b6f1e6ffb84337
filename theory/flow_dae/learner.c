/* The learners of the proofs. B/A runs from 1/64 to 2.3 over them: contracting and expanding flows. */
#include "theory/flow_dae/learner.h"

#include <stdio.h>

typedef struct {
  size_t samples;
  assay_real sigma, lambda, norm2;
} learner;

static const learner learners[LEARNERS_FULL] = {
    {2, {0.5, NULL}, {0.0, NULL}, {1.0, NULL}},        {16, {0.5, NULL}, {0.1, "1/10"}, {1.0, NULL}},
    {3, {1.0 / 3.0, "1/3"}, {2.0, NULL}, {2.5, NULL}}, {1024, {0.5, NULL}, {0.1, "1/10"}, {1.0, NULL}},
    {64, {0.125, NULL}, {0.0, NULL}, {1.0, NULL}},     {5, {1.5, NULL}, {0.25, NULL}, {0.7, "7/10"}},
};

assay_dae_settings learner_settings(size_t index) {
  const learner *chosen = &learners[index];
  assay_dae_settings settings = assay_dae_settings_of(chosen->samples, chosen->sigma, chosen->lambda);
  settings.norm2 = chosen->norm2;
  return settings;
}

/* The real as its user wrote it. */
static void real_name(char name[32], assay_real real) {
  if (real.exact != NULL)
    (void)snprintf(name, 32, "%s", real.exact);
  else
    (void)snprintf(name, 32, "%.17g", real.nearest);
}

void learner_family_name(char name[LEARNER_NAME], const assay_dae_settings *settings) {
  char sigma[32], lambda[32], norm2[32];
  real_name(sigma, settings->sigma);
  real_name(lambda, settings->lambda);
  real_name(norm2, settings->norm2);
  (void)snprintf(name, LEARNER_NAME, "sigma=%.16s lambda=%.16s r=%.16s", sigma, lambda, norm2);
}

void learner_name(char name[LEARNER_NAME], const assay_dae_settings *settings) {
  char family[LEARNER_NAME];
  learner_family_name(family, settings);
  (void)snprintf(name, LEARNER_NAME, "n=%zu %.60s %s", settings->samples, family,
                 assay_schedule_name(settings->schedule.kind));
}

learner_constants learner_constants_of(iv_scope *s, const assay_dae_settings *settings) {
  learner_constants c;
  iv n = iv_ui(s, (unsigned long)settings->samples);
  c.sigma = iv_real(s, settings->sigma);
  c.lambda = iv_real(s, settings->lambda);
  c.norm2 = iv_real(s, settings->norm2);
  c.A = iv_add_si(s, iv_add(s, c.lambda, n), -1);
  /* B = lambda r + sigma^2 A: the page's form with sigma^2 collected. */
  c.B = iv_add(s, iv_mul(s, c.lambda, c.norm2), iv_mul(s, iv_sqr(s, c.sigma), c.A));
  c.nu = iv_div(s, n, iv_add(s, c.lambda, n));
  return c;
}
