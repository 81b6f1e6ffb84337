/* theory/flow_dae/line_mixture.h: the binary mixture seen along mu, on which the proofs about Bayes-optimal rates
 * stand: <mu, x_t>/|mu| is drawn from 1/2 N(beta m, v) + 1/2 N(-beta m, v), m = |mu|, v = alpha^2 + beta^2 sigma^2,
 * whatever the dimension. */
#ifndef ASSAY_THEORY_FLOW_DAE_LINE_MIXTURE_H
#define ASSAY_THEORY_FLOW_DAE_LINE_MIXTURE_H

#include "reference/core/interval.h"

#include <assay/theory.h>

#include <stddef.h>

/* A mixture and a path point, and the control's sigma, 1 % larger, exactly. */
typedef struct {
  assay_real norm2, sigma, sigma_control; /* |mu|^2 */
  assay_schedule_kind schedule;
  double time;
  size_t dimension;
} line_case;

/* Number of cases, of which the quick level takes the first LINE_CASES_QUICK; t = 1 is among these. */
enum { LINE_CASES_QUICK = 4, LINE_CASES_FULL = 9 };

typedef struct {
  iv alpha, beta, sigma2, length, center, variance; /* length m, center beta m, variance v */
} line_mixture;

line_mixture line_mixture_of(iv_scope *s, const line_case *at, assay_real sigma);

/* out[k], k = 0..order: Taylor coefficients at x (a point or a box) of the normal density of mean sign * center and
 * variance v. */
void line_mixture_density(iv_scope *s, iv *out, const line_mixture *mixture, int sign, iv x, size_t order);

/* A double beyond which either density is less than about 2^-bits of its height: where integrals are cut. What is cut
 * off is bounded by the caller. */
double line_mixture_cut(const line_mixture *mixture, long bits);

/* A Bayes-optimal rate: reference/'s closed form, and the same number integrated from its definition. */
typedef struct {
  const char *task, *what; /* for progress; of the items' names */
  assay_status (*closed)(mpfi_ptr out, const line_case *at, const assay_path_point *point, assay_context *context);
  iv (*integrated)(iv_scope *s, const line_case *at, assay_real sigma);
  long working_bits, agree_bits;
} line_rate;

/* One item for each case of the trial's level; the control is integrated with the control's sigma. */
assay_status line_rate_gather(assay_trial *trial, const line_rate *rate, assay_context *context);

#endif
