/* The velocities of bench/reference.c by Arb: balls, sums of products by arb_dot, constants of the mixture once a pass.
 * At t = 1/2 on the linear schedule, with V_k = v_k I, v_k = (1 + s_k)/4 and a_k = m_k/(2 v_k), component k has the log
 * weight <a_k, x> - |x|^2/(2 v_k) - <a_k, m_k>/4 - (d/2) log v_k + log w_k, and b = x (2 - sum p_k/v_k) + sum p_k a_k.
 */
#include "bench/problem.h"
#include "bench/sizes.h"

#include <arb.h>
#include <stdio.h>

enum { GUARD = 41 }; /* as many as the reference starts with: 32, and the bits of d and k */

typedef struct {
  slong d, k, bits;
  arb_ptr inverse, constant, slope, mean; /* 1/v_k, k; k; a_k, k x d; m_k, k x d */
  arb_ptr x, log, weight;                 /* d, k, k */
  arb_t square, pull;
} field;

static slong numbers_of(const field *f) { return 4 * f->k + 2 * f->k * f->d + f->d; }

static void field_init(field *f, const bench_problem *problem, slong bits) {
  f->d = (slong)problem->mixture.dimension;
  f->k = (slong)problem->mixture.count;
  f->bits = bits;
  f->inverse = _arb_vec_init(numbers_of(f));
  f->constant = f->inverse + f->k;
  f->log = f->constant + f->k;
  f->weight = f->log + f->k;
  f->slope = f->weight + f->k;
  f->mean = f->slope + f->k * f->d;
  f->x = f->mean + f->k * f->d;
  arb_init(f->square);
  arb_init(f->pull);
}

static void field_clear(field *f) {
  _arb_vec_clear(f->inverse, numbers_of(f));
  arb_clear(f->square);
  arb_clear(f->pull);
}

static void set_component(field *f, slong k, const assay_component *component) {
  arb_ptr v = f->square, inverse = f->inverse + k, constant = f->constant + k, slope = f->slope + k * f->d;
  arb_ptr mean = f->mean + k * f->d;
  arb_set_d(v, component->covariance.variance.nearest);
  arb_add_ui(v, v, 1, f->bits);
  arb_mul_2exp_si(v, v, -2);
  arb_inv(inverse, v, f->bits);
  for (slong j = 0; j < f->d; j++) {
    arb_set_d(mean + j, component->mean[j]);
    arb_mul(slope + j, mean + j, inverse, f->bits);
    arb_mul_2exp_si(slope + j, slope + j, -1);
  }
  arb_log(v, v, f->bits);
  arb_mul_si(v, v, f->d, f->bits);
  arb_mul_2exp_si(v, v, -1);
  arb_dot(f->pull, NULL, 0, slope, 1, mean, 1, f->d, f->bits);
  arb_mul_2exp_si(f->pull, f->pull, -2);
  arb_set_d(constant, component->weight.nearest);
  arb_log(constant, constant, f->bits);
  arb_sub(constant, constant, v, f->bits);
  arb_sub(constant, constant, f->pull, f->bits);
}

/* p_k, up to a factor of all, with its sum in `square`. */
static void set_weights(field *f) {
  arb_dot(f->square, NULL, 0, f->x, 1, f->x, 1, f->d, f->bits);
  arb_mul_2exp_si(f->square, f->square, -1);
  for (slong k = 0; k < f->k; k++) {
    arb_dot(f->log + k, f->constant + k, 0, f->slope + k * f->d, 1, f->x, 1, f->d, f->bits);
    arb_submul(f->log + k, f->square, f->inverse + k, f->bits);
  }
  arb_zero(f->square);
  for (slong k = f->k; k-- > 0;) { /* relative to the first, which comes last */
    arb_sub(f->weight + k, f->log + k, f->log, f->bits);
    arb_exp(f->weight + k, f->weight + k, f->bits);
    arb_add(f->square, f->square, f->weight + k, f->bits);
  }
}

static void run_point(arb_ptr out, field *f, const double *x) {
  for (slong j = 0; j < f->d; j++) arb_set_d(f->x + j, x[j]);
  set_weights(f);
  for (slong k = 0; k < f->k; k++) arb_div(f->weight + k, f->weight + k, f->square, f->bits);
  arb_set_ui(f->pull, 2);
  arb_dot(f->pull, f->pull, 1, f->weight, 1, f->inverse, 1, f->k, f->bits);
  for (slong j = 0; j < f->d; j++) {
    arb_mul(out + j, f->x + j, f->pull, f->bits);
    arb_dot(out + j, out + j, 0, f->weight, 1, f->slope + j, f->d, f->k, f->bits);
  }
}

static void show(arb_srcptr numbers, slong count, slong bits) {
  mpfr_t low, high;
  mpfr_init2(low, bits + GUARD);
  mpfr_init2(high, bits + GUARD);
  for (slong i = 0; i < count; i++) {
    arb_get_interval_mpfr(low, high, numbers + i);
    mpfr_printf("enclosure %Ra %Ra\n", low, high);
  }
  mpfr_clear(low);
  mpfr_clear(high);
}

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, REFERENCE_SIZES, NULL);
  bench_problem problem = bench_problem_of(ASSAY_COVARIANCE_ISOTROPIC, &arguments);
  size_t d = problem.mixture.dimension;
  slong numbers = (slong)(problem.points * d), bits = (slong)bench_value(&arguments, "bits");
  arb_ptr out = _arb_vec_init(numbers);
  field f;
  field_init(&f, &problem, bits + GUARD);
  for (size_t pass = 0; pass < arguments.passes; pass++) {
    for (slong k = 0; k < f.k; k++) set_component(&f, k, &problem.mixture.components[k]);
    for (size_t i = 0; i < problem.points; i++) run_point(out + i * d, &f, problem.x + i * d);
  }
#ifdef ARB_VERSION
  printf("version %s\n", ARB_VERSION);
#else
  printf("version %s\n", FLINT_VERSION);
#endif
  show(out, numbers, bits);
  field_clear(&f);
  _arb_vec_clear(out, numbers);
  bench_problem_clear(&problem);
  flint_cleanup();
  return 0;
}
