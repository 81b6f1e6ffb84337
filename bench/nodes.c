/* Bare MPFR functions at the nodes of bayes.c: exp(-x^2/2) and cosh(q x), each once, at the multiples x >= 0 of the
 * trapezoidal rule's step. q^2 = beta^2 |mu|^2/v with v = alpha^2 + beta^2 sigma^2; 1/cosh(q z) has its first pole at
 * i pi/(2 q). Moving the line of integration up by a costs a factor exp(a^2/2) and gains exp(-2 pi a/step); the best a
 * without a pole is sqrt(2 bits log 2). Beyond the same sqrt(2 bits log 2) the normal density is below 2^-bits. */
#include "bench/sizes.h"

#include <math.h>
#include <mpfr.h>
#include <stdlib.h>

typedef struct {
  double q, step;
  size_t nodes;
} rule;

static rule rule_of(double bits) {
  const double pi = 3.14159265358979324, nearest = 0.95; /* of the way to the pole: its closeness costs a few bits */
  const double q = sqrt(0.25 * 9 / (0.25 + 0.25 * 0.25)), target = bits * log(2), cut = sqrt(2 * target);
  double a = fmin(cut, nearest * pi / (2 * q)), step = 2 * pi * a / (a * a / 2 + target);
  return (rule){q, step, (size_t)ceil(cut / step)};
}

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, BAYES_SIZES, NULL);
  size_t bits = bench_value(&arguments, "bits");
  rule r = rule_of((double)bits);
  /* The least precision that could do: the goal, and a bit for each doubling of the nodes. */
  mpfr_prec_t precision = (mpfr_prec_t)((double)bits + ceil(log2((double)r.nodes)));
  mpfr_t x, q, weight, value;
  mpfr_inits2(precision, x, q, weight, value, (mpfr_ptr)0);
  mpfr_set_d(q, r.q, MPFR_RNDN);
  double *out = bench_doubles(r.nodes, 2), shape[] = {r.q, r.step};
  for (size_t pass = 0; pass < arguments.passes; pass++)
    for (size_t k = 0; k < r.nodes; k++) {
      mpfr_set_d(x, r.step, MPFR_RNDN);
      mpfr_mul_ui(x, x, k, MPFR_RNDN);
      mpfr_sqr(weight, x, MPFR_RNDN);
      mpfr_div_2ui(weight, weight, 1, MPFR_RNDN);
      mpfr_neg(weight, weight, MPFR_RNDN);
      mpfr_exp(weight, weight, MPFR_RNDD);
      mpfr_mul(x, x, q, MPFR_RNDN);
      mpfr_cosh(value, x, MPFR_RNDD);
      out[2 * k] = mpfr_get_d(weight, MPFR_RNDN);
      out[2 * k + 1] = mpfr_get_d(value, MPFR_RNDN);
    }
  bench_show(&arguments, "rule", shape, 2);
  bench_show(&arguments, "nodes", out, 2 * r.nodes);
  free(out);
  mpfr_clears(x, q, weight, value, (mpfr_ptr)0);
  mpfr_free_cache();
  return 0;
}
