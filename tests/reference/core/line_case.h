/* tests/reference/core/line_case.h: mixtures on a line, for the library and for Arb. */
#ifndef ASSAY_TESTS_REFERENCE_CORE_LINE_CASE_H
#define ASSAY_TESTS_REFERENCE_CORE_LINE_CASE_H

#include "testing.h"

#include <assay/model.h>

#include <acb.h>

enum { LINE_MOST = 5 };

typedef struct {
  size_t count;
  double weight[LINE_MOST], mean[LINE_MOST], variance[LINE_MOST], alpha, beta;
} line_case;

/* Weights, means and variances of all kinds, in binary fractions, so that ties and equal variances occur. */
line_case line_case_random(test_random *random);

void line_case_mixture(assay_mixture *mixture, const line_case *at);
assay_path_point line_case_point(const line_case *at);

/* alpha^2 + beta^2 S_k */
void line_case_variance(arb_t out, const line_case *at, size_t k, slong prec);

/* w_k N(x; beta m_k, alpha^2 + beta^2 S_k), weights not normalised. */
void line_case_density(acb_t out, const line_case *at, size_t k, const acb_t x, slong prec);

#endif
