#include "tests/reference/core/line_case.h"

#include <math.h>

line_case line_case_random(test_random *random) {
  line_case at = {.count = test_integer(random, 1, LINE_MOST),
                  .alpha = (double)test_integer(random, 1, 16) / 16,
                  .beta = (double)test_integer(random, 0, 16) / 16};
  for (size_t k = 0; k < at.count; k++) {
    at.weight[k] = (double)test_integer(random, 1, 4) / 4;
    at.mean[k] = (double)test_integer(random, 0, 64) / 8 - 4;
    at.variance[k] = exp2((double)test_integer(random, 0, 8) - 6);
  }
  return at;
}

void line_case_mixture(assay_mixture *mixture, const line_case *at) {
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_mixture_init(mixture, 1, at->count, &context), ASSAY_OK);
  for (size_t k = 0; k < at->count; k++) {
    mixture->components[k].weight = assay_real_of(at->weight[k]);
    mixture->components[k].mean[0] = at->mean[k];
    mixture->components[k].covariance.variance = assay_real_of(at->variance[k]);
  }
}

assay_path_point line_case_point(const line_case *at) {
  return assay_path_point_of(assay_real_of(at->alpha), assay_real_of(at->beta));
}

void line_case_variance(arb_t out, const line_case *at, size_t k, slong prec) {
  arb_t t;
  arb_init(t);
  arb_set_d(out, at->beta);
  arb_mul(out, out, out, prec);
  arb_set_d(t, at->variance[k]);
  arb_mul(out, out, t, prec);
  arb_set_d(t, at->alpha);
  arb_addmul(out, t, t, prec);
  arb_clear(t);
}

void line_case_density(acb_t out, const line_case *at, size_t k, const acb_t x, slong prec) {
  arb_t v, t;
  arb_init(v), arb_init(t);
  arb_set_d(v, at->beta);
  arb_set_d(t, at->mean[k]);
  arb_mul(t, t, v, prec);
  acb_sub_arb(out, x, t, prec);
  line_case_variance(v, at, k, prec);
  acb_mul(out, out, out, prec);
  acb_div_arb(out, out, v, prec);
  acb_mul_2exp_si(out, out, -1);
  acb_neg(out, out);
  acb_exp(out, out, prec);
  arb_const_pi(t, prec);
  arb_mul_2exp_si(t, t, 1);
  arb_mul(v, v, t, prec);
  arb_rsqrt(v, v, prec);
  arb_set_d(t, at->weight[k]);
  arb_mul(v, v, t, prec);
  acb_mul_arb(out, out, v, prec);
  arb_clear(v), arb_clear(t);
}
