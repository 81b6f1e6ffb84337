/* theory/flow_dae/line_mixture.h: the binary mixture seen along mu, on which the proofs about Bayes-optimal rates
 * stand: <mu, x_t>/|mu| is drawn from 1/2 N(beta m, v) + 1/2 N(-beta m, v), m = |mu|, v = alpha^2 + beta^2 sigma^2,
 * whatever the dimension. */
#ifndef ASSAY_THEORY_FLOW_DAE_LINE_MIXTURE_H
#define ASSAY_THEORY_FLOW_DAE_LINE_MIXTURE_H

#include "reference/core/interval.h"

#include <stddef.h>

/* A mixture and a path point, and the control's sigma, 1 % larger, exactly. */
typedef struct {
  assay_real norm2, sigma, sigma_control; /* |mu|^2 */
  assay_schedule schedule;
  double time;
  size_t dimension;
} line_case;

/* Number of cases, of which the quick level takes the first LINE_CASES_QUICK; t = 1 is among these. */
enum { LINE_CASES_QUICK = 4, LINE_CASES_FULL = 9, LINE_CASE_NAME = 128 };
extern const line_case line_cases[LINE_CASES_FULL];

/* "|mu|^2=1 sigma=0.5 linear t=0.5" into name. */
void line_case_name(char name[LINE_CASE_NAME], const line_case *at);

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

#endif
