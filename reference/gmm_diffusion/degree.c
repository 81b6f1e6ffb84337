/* Degrees that reach a relative error: measured, and by the two bounds. */
#include "reference/core/rational.h"
#include "reference/core/ziv.h"
#include "reference/gmm_diffusion/derivative_bound.h"
#include "reference/gmm_diffusion/spectrum.h"

static const char TASK[] = "degree";

enum { LARGEST = 1 << 24, FIRST_GOAL = 16 };

/* ---- the bound at a degree ---- */

static iv tail_at(iv_scope *s, const derivative_bounds *bounds, iv ratio, size_t degree) {
  return iv_mul(s, iv_sqr(s, ratio), derivative_tail(s, bounds, ratio, degree, 0));
}

static assay_status bound_check(assay_gmm_bound bound, assay_context *context) {
  if (bound == ASSAY_GMM_BOUND_CUMULANTS || bound == ASSAY_GMM_BOUND_LINE) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "bound: %d is none", (int)bound);
}

/* R/sigma and sigma, in their domain. */
static assay_status read_ratio(mpq_ptr ratio, mpq_ptr sigma, assay_real radius, assay_real sigma_given,
                               assay_context *context) {
  assay_status status = rational_set(ratio, radius, "radius", context);
  if (!status) status = rational_set(sigma, sigma_given, "sigma", context);
  if (status) return status;
  if (mpq_sgn(ratio) < 0) return assay_fail(context, ASSAY_INVALID, "radius: %g is negative", radius.nearest);
  if (mpq_sgn(sigma) <= 0) return assay_fail(context, ASSAY_INVALID, "sigma: %g must be positive", sigma_given.nearest);
  mpq_div(ratio, ratio, sigma);
  return ASSAY_OK;
}

static assay_status refine_tail(mpfi_ptr out, assay_gmm_bound bound, mpq_srcptr ratio, mpq_srcptr sigma, size_t degree,
                                long goal_bits, assay_context *context) {
  for (long bits = ziv_first(goal_bits, context); bits; bits = ziv_next(bits, context)) {
    iv_scope *s = iv_scope_new(bits);
    derivative_bounds bounds;
    assay_status status = derivative_bounds_init(&bounds, s, bound, mpq_get_d(ratio), degree, 0, context);
    bool done = false;
    if (!status) {
      iv tail = tail_at(s, &bounds, mixing_rational(s, ratio), degree);
      iv value = iv_mul(s, tail, iv_sqr(s, mixing_rational(s, sigma)));
      derivative_bounds_clear(&bounds);
      done = iv_reached(value, goal_bits, 0);
      if (done) mpfi_set_prec(out, bits), mpfi_set(out, value);
    }
    iv_scope_free(s);
    if (status || done) return status;
  }
  return ziv_failed("tail bound", goal_bits, context);
}

assay_status assay_reference_gmm_tail_bound(mpfi_ptr out, assay_gmm_bound bound, assay_real radius, assay_real sigma,
                                            size_t degree, long goal_bits, assay_context *context) {
  mpq_t ratio, scale;
  mpq_inits(ratio, scale, (mpq_ptr)NULL);
  assay_status status = bound_check(bound, context);
  if (!status) status = read_ratio(ratio, scale, radius, sigma, context);
  if (!status && !mpq_sgn(ratio))
    mpfi_set_ui(out, 0);
  else if (!status)
    status = refine_tail(out, bound, ratio, scale, degree, goal_bits, context);
  mpq_clears(ratio, scale, (mpq_ptr)NULL);
  return status;
}

/* ---- the least degree of a bound ---- */

/* Is the bound at this degree at most the target? */
static assay_status reaches(iv_truth *out, iv_scope *s, assay_gmm_bound bound, iv ratio, size_t degree, iv target,
                            assay_context *context) {
  derivative_bounds bounds;
  size_t mark = iv_mark(s);
  assay_status status = derivative_bounds_init(&bounds, s, bound, iv_mid_d(ratio), degree, 0, context);
  if (status) return status;
  iv_truth larger = iv_less(target, tail_at(s, &bounds, ratio, degree));
  derivative_bounds_clear(&bounds);
  iv_release(s, mark);
  *out = larger == IV_TRUE ? IV_FALSE : larger == IV_FALSE ? IV_TRUE : IV_UNDECIDED;
  return ASSAY_OK;
}

/* The bound falls with the degree: doubling, then bisection. *found stays false when the precision does not tell. */
static assay_status search(size_t *out, bool *found, iv_scope *s, assay_gmm_bound bound, iv ratio, iv target,
                           assay_context *context) {
  iv_truth enough = IV_FALSE;
  size_t low = 0, high = 1; /* low: known not to reach it */
  assay_status status = ASSAY_OK;
  while (!status && high <= LARGEST) {
    status = reaches(&enough, s, bound, ratio, high, target, context);
    if (status || enough != IV_FALSE) break;
    low = high, high *= 2;
  }
  while (!status && enough == IV_TRUE && high - low > 1) {
    size_t middle = low + (high - low) / 2;
    iv_truth here = IV_UNDECIDED;
    status = reaches(&here, s, bound, ratio, middle, target, context);
    if (here == IV_TRUE)
      high = middle;
    else if (here == IV_FALSE)
      low = middle;
    else
      enough = IV_UNDECIDED;
  }
  *found = !status && enough == IV_TRUE;
  if (*found) *out = high;
  return status;
}

/* ---- degrees of a law ---- */

typedef struct {
  mpq_t epsilon2;
  assay_gmm_bound bound;
  size_t count;  /* of degrees in a spectrum */
  bool of_bound; /* look for the bound's degree, or for the law's */
  size_t found;
} degree_question;

static iv target_of(iv_scope *s, const degree_question *q, const spectrum *at) {
  return iv_mul(s, mixing_rational(s, q->epsilon2), at->norm2);
}

/* tail_D falls: the first D whose tail is not above the target. A tail of which nothing is known but that it may be
 * either leaves the question open. */
static void find_degree(bool *done, iv_scope *s, degree_question *q, const spectrum *at) {
  iv target = target_of(s, q, at);
  mpfi_ptr rest = iv_new(s);
  mpfi_set(rest, at->norm2);
  for (size_t d = 0; d < q->count; d++) {
    iv_truth above = iv_less(target, rest);
    if (above != IV_TRUE) {
      *done = above == IV_FALSE;
      q->found = d;
      return;
    }
    mpfi_sub(rest, rest, iv_sqr(s, at->coefficient[d]));
  }
}

static assay_status answer(bool *done, iv_scope *s, const mixing_law *law, const spectrum *at, void *self,
                           assay_context *context) {
  degree_question *q = self;
  if (!q->of_bound) {
    find_degree(done, s, q, at);
    return ASSAY_OK;
  }
  if (iv_positive(at->norm2) != IV_TRUE) return ASSAY_OK;
  return search(&q->found, done, s, q->bound, spectrum_radius(s, law), target_of(s, q, at), context);
}

static assay_status read_epsilon(mpq_ptr out, assay_real epsilon, assay_context *context) {
  assay_status status = rational_set(out, epsilon, "epsilon", context);
  if (status) return status;
  if (mpq_sgn(out) <= 0 || mpq_cmp_ui(out, 1, 1) >= 0)
    return assay_fail(context, ASSAY_INVALID, "epsilon: %g must be in (0, 1)", epsilon.nearest);
  mpq_mul(out, out, out);
  return ASSAY_OK;
}

/* Bits that tell epsilon^2. */
static long goal_of(mpq_srcptr epsilon2) {
  mpq_t inverse;
  mpq_init(inverse);
  mpq_inv(inverse, epsilon2);
  long bits = (long)mpz_sizeinbase(mpq_numref(inverse), 2) - (long)mpz_sizeinbase(mpq_denref(inverse), 2);
  mpq_clear(inverse);
  return FIRST_GOAL + bits / 2;
}

static assay_status ask(degree_question *q, const mixing_law *law, assay_context *context) {
  const spectrum_user user = {answer, q, TASK};
  return spectrum_refine(law, q->count, goal_of(q->epsilon2), &user, context);
}

/* The law's degree is at most that of its line bound. */
static assay_status measure(degree_question *q, const mixing_law *law, assay_context *context) {
  degree_question bounded = *q;
  bounded.of_bound = true;
  bounded.bound = ASSAY_GMM_BOUND_LINE;
  assay_status status = ask(&bounded, law, context);
  if (status) return status;
  q->count = bounded.found + 1;
  return ask(q, law, context);
}

/* Where u is the centre there is nothing to expand: degree 0. */
static assay_status answer_for(size_t *out, degree_question *q, const assay_gmm_line *line, assay_real epsilon,
                               assay_context *context) {
  mpq_init(q->epsilon2);
  assay_status status = read_epsilon(q->epsilon2, epsilon, context);
  mixing_law law;
  if (!status) status = mixing_law_init(&law, line, context);
  if (!status) {
    if (mpq_sgn(law.radius)) status = q->of_bound ? ask(q, &law, context) : measure(q, &law, context);
    mixing_law_clear(&law);
  }
  if (!status) *out = q->found;
  mpq_clear(q->epsilon2);
  return status;
}

assay_status assay_reference_gmm_degree(size_t *out, const assay_gmm_line *line, assay_real epsilon,
                                        assay_context *context) {
  degree_question q = {.of_bound = false};
  return answer_for(out, &q, line, epsilon, context);
}

assay_status assay_reference_gmm_degree_bound(size_t *out, assay_gmm_bound bound, const assay_gmm_line *line,
                                              assay_real epsilon, assay_context *context) {
  degree_question q = {.of_bound = true, .bound = bound};
  assay_status status = bound_check(bound, context);
  return status ? status : answer_for(out, &q, line, epsilon, context);
}
