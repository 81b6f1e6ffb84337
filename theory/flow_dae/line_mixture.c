/* The cases: error rates of classification from 1e-11 to 0.46; linear and trigonometric schedules; t = 1, where the
 * label is guessed from the data itself. */
#include "theory/flow_dae/line_mixture.h"

#include "theory/flow_dae/evidence.h"
#include "theory/flow_dae/series.h"

#include <math.h>
#include <stdio.h>

enum { CASE_NAME = 128 };

static const line_case cases[LINE_CASES_FULL] = {
    {{1.0, NULL}, {0.5, NULL}, {0.505, "101/200"}, ASSAY_LINEAR, 0.5, 1},
    {{4.0, NULL}, {1.0, NULL}, {1.01, "101/100"}, ASSAY_TRIGONOMETRIC, 0.75, 3},
    {{2.5, NULL}, {1.0 / 3.0, "1/3"}, {101.0 / 300.0, "101/300"}, ASSAY_LINEAR, 0.25, 10},
    {{4.0, NULL}, {1.0, NULL}, {1.01, "101/100"}, ASSAY_LINEAR, 1.0, 2},
    {{0.5, NULL}, {2.0, NULL}, {2.02, "101/50"}, ASSAY_LINEAR, 0.875, 1},
    {{16.0, NULL}, {0.5, NULL}, {0.505, "101/200"}, ASSAY_LINEAR, 0.75, 100},
    {{0.7, "7/10"}, {1.5, NULL}, {1.515, "303/200"}, ASSAY_TRIGONOMETRIC, 0.25, 2},
    {{1.0, NULL}, {0.5, NULL}, {0.505, "101/200"}, ASSAY_LINEAR, 1.0 - 0x1p-10, 1},
    {{1.0, NULL}, {0.5, NULL}, {0.505, "101/200"}, ASSAY_TRIGONOMETRIC, 0x1p-4, 4},
};

line_mixture line_mixture_of(iv_scope *s, const line_case *at, assay_real sigma) {
  line_mixture m = {.sigma2 = iv_sqr(s, iv_real(s, sigma)), .length = iv_sqrt(s, iv_real(s, at->norm2))};
  series_schedule(s, &m.alpha, &m.beta, at->schedule, iv_d(s, at->time), 0);
  m.center = iv_mul(s, m.beta, m.length);
  m.variance = iv_add(s, iv_sqr(s, m.alpha), iv_mul(s, iv_sqr(s, m.beta), m.sigma2));
  return m;
}

/* g' = -(z/v) g, z = x - sign center: (k+1) g_{k+1} = -(z g_k + g_{k-1})/v. */
void line_mixture_density(iv_scope *s, iv *out, const line_mixture *mixture, int sign, iv x, size_t order) {
  iv v = mixture->variance, z = iv_sub(s, x, iv_mul_si(s, mixture->center, sign));
  iv exponent = iv_neg(s, iv_mul_2si(s, iv_div(s, iv_sqr(s, z), v), -1));
  iv height = iv_sqrt(s, iv_mul_2si(s, iv_mul(s, iv_pi(s), v), 1));
  out[0] = iv_div(s, iv_exp(s, exponent), height);
  for (size_t k = 0; k < order; k++) {
    iv sum = iv_mul(s, z, out[k]);
    if (k > 0) sum = iv_add(s, sum, out[k - 1]);
    out[k + 1] = iv_neg(s, iv_div(s, sum, iv_mul_si(s, v, (long)k + 1)));
  }
}

double line_mixture_cut(const line_mixture *mixture, long bits) {
  double deviation = sqrt(iv_upper_d(mixture->variance)), deviations = sqrt(2 * log(2) * (double)bits);
  return ceil(iv_upper_d(mixture->center) + deviation * deviations);
}

/* "|mu|^2=1 sigma=0.5 linear t=0.5 d=1" into name. */
static void case_name(char name[CASE_NAME], const line_case *at) {
  char sigma[32], norm2[32];
  (void)snprintf(sigma, sizeof sigma, "%.6g", at->sigma.nearest);
  (void)snprintf(norm2, sizeof norm2, "%.6g", at->norm2.nearest);
  (void)snprintf(name, CASE_NAME, "|mu|^2=%.24s sigma=%.24s %s t=%.9g d=%zu", at->norm2.exact ? at->norm2.exact : norm2,
                 at->sigma.exact ? at->sigma.exact : sigma, assay_schedule_name(at->schedule), at->time, at->dimension);
}

static assay_status at_case(assay_trial *trial, const line_rate *rate, iv_scope *s, const line_case *at,
                            assay_context *context) {
  char name[CASE_NAME];
  case_name(name, at);
  mpfi_ptr closed = iv_new(s);
  assay_path_point point = assay_path_point_at(assay_schedule_of(at->schedule), assay_real_of(at->time));
  assay_status status = rate->closed(closed, at, &point, context);
  if (status != ASSAY_OK) return status;
  return evidence_agree(trial, name, rate->what, closed, rate->integrated(s, at, at->sigma),
                        rate->integrated(s, at, at->sigma_control), rate->agree_bits);
}

assay_status line_rate_gather(assay_trial *trial, const line_rate *rate, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_QUICK ? LINE_CASES_QUICK : LINE_CASES_FULL;
  iv_scope *s = iv_scope_new(rate->working_bits);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < count && status == ASSAY_OK; i++) {
    size_t mark = iv_mark(s);
    status = at_case(trial, rate, s, &cases[i], context);
    iv_release(s, mark);
    if (status == ASSAY_OK) status = assay_progress(context, rate->task, (double)(i + 1) / (double)count);
  }
  iv_scope_free(s);
  return status;
}
