/* Degrees below D are summed; those from D on add something between 0 and what the line's bounds on derivatives leave
 * (derivative_bound.h; the weights of noise sensitivity are at most 1). D is where that falls below the goal. */
#include "reference/gmm_diffusion/weighted.h"

#include "reference/core/rational.h"
#include "reference/core/ziv.h"
#include "reference/gmm_diffusion/derivative_bound.h"
#include "reference/gmm_diffusion/spectrum.h"

#include <math.h>
#include <stdlib.h>

static const char TASK[] = "Hermite sums";

enum { ROUGH_BITS = 64, MOST_DEGREES = 1 << 20, LARGEST_ORDER = 64 };

typedef struct {
  mpfi_ptr out;
  const weighted_sum *sums;
  size_t count, degrees;
  long goal_bits;
  iv_scope *rough;
  iv *rest, *bound; /* of each sum: of the degrees left out, and of all, for R = sigma (R/sigma) */
} weighted;

static bool is_gradient(const weighted_sum *sum) { return sum->kind == WEIGHTED_GRADIENT; }
static size_t order_of(const weighted_sum *sum) { return is_gradient(sum) ? sum->order : 0; }

static assay_status check(const weighted_sum *sum, assay_context *context) {
  unsigned least = is_gradient(sum) ? 0 : 1;
  if (sum->order < least || sum->order > LARGEST_ORDER)
    return assay_fail(context, ASSAY_INVALID, "order: %u; between %u and %d is expected", sum->order, least,
                      LARGEST_ORDER);
  if (is_gradient(sum)) return ASSAY_OK;
  mpq_t time;
  mpq_init(time);
  assay_status status = rational_set(time, sum->time, "time", context);
  if (!status && mpq_sgn(time) <= 0)
    status = assay_fail(context, ASSAY_INVALID, "time: %g must be positive", sum->time.nearest);
  mpq_clear(time);
  return status;
}

/* ---- how many degrees ---- */

/* Rests and bounds at this many degrees, in units of sigma^2; true: all are below the goal. */
static assay_status try_degrees(bool *enough, weighted *w, iv ratio, size_t degrees, assay_context *context) {
  derivative_bounds bounds;
  assay_status status =
      derivative_bounds_init(&bounds, w->rough, ASSAY_GMM_BOUND_LINE, iv_mid_d(ratio), degrees, LARGEST_ORDER, context);
  if (status) return status;
  iv square = iv_sqr(w->rough, ratio);
  *enough = true;
  for (size_t i = 0; i < w->count; i++) {
    size_t j = order_of(&w->sums[i]);
    iv all = iv_mul(w->rough, iv_sqr(w->rough, bounds.b[j]), iv_pow_ui(w->rough, square, j + 1));
    w->bound[i] = all;
    w->rest[i] = iv_upper(w->rough, iv_mul(w->rough, square, derivative_tail(w->rough, &bounds, ratio, degrees, j)));
    *enough = *enough && iv_less(w->rest[i], iv_mul_2si(w->rough, all, -2 * w->goal_bits - 2)) == IV_TRUE;
  }
  derivative_bounds_clear(&bounds);
  w->degrees = degrees;
  return ASSAY_OK;
}

static assay_status choose_degrees(weighted *w, const mixing_law *law, assay_context *context) {
  iv ratio = iv_upper(w->rough, spectrum_radius(w->rough, law));
  bool enough = false;
  for (size_t degrees = (size_t)2 * LARGEST_ORDER; degrees <= MOST_DEGREES; degrees += degrees / 4) {
    assay_status status = try_degrees(&enough, w, ratio, degrees, context);
    if (status || enough) return status;
  }
  return ziv_failed(TASK, w->goal_bits, context);
}

/* ---- the sums ---- */

/* d (d-1) ... (d-j+1), exactly rounded once or twice. */
static iv falling(iv_scope *s, size_t d, size_t j) {
  mpfi_ptr product = iv_new(s);
  mpfi_set_ui(product, 1);
  for (size_t i = 0; i < j; i++) mpfi_mul_ui(product, product, d > i ? d - i : 0);
  return product;
}

static iv weight_of(iv_scope *s, const weighted_sum *sum, size_t d) {
  if (is_gradient(sum)) return falling(s, d, sum->order);
  iv lost = iv_expm1(s, iv_neg(s, iv_mul(s, iv_real(s, sum->time), iv_ui(s, d))));
  return iv_pow_ui(s, lost, 2UL * sum->order);
}

static iv sum_up(iv_scope *s, const weighted *w, size_t i, const spectrum *at) {
  mpfi_ptr total = iv_new(s);
  for (size_t d = 0; d < w->degrees; d++) {
    size_t mark = iv_mark(s);
    if (!iv_is_zero(at->coefficient[d]))
      mpfi_add(total, total, iv_mul(s, weight_of(s, &w->sums[i], d), iv_sqr(s, at->coefficient[d])));
    iv_release(s, mark);
  }
  return iv_add(s, total, iv_hull(s, iv_ui(s, 0), w->rest[i]));
}

static assay_status use(bool *done, iv_scope *s, const mixing_law *law, const spectrum *at, void *self,
                        assay_context *context) {
  weighted *w = self;
  iv sigma2 = iv_sqr(s, mixing_rational(s, law->sigma));
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, w->count + 1, sizeof(iv), "sums", context);
  if (status) return status;
  iv *total = memory;
  *done = true;
  for (size_t i = 0; i < w->count; i++) {
    total[i] = iv_mul(s, sum_up(s, w, i, at), sigma2);
    *done = *done && iv_reached(total[i], w->goal_bits, iv_lower_d(iv_mul(s, w->bound[i], sigma2)));
  }
  for (size_t i = 0; *done && i < w->count; i++) {
    mpfi_set_prec(&w->out[i], iv_bits(s));
    mpfi_set(&w->out[i], total[i]);
  }
  free(memory);
  return ASSAY_OK;
}

static assay_status refine(weighted *w, const mixing_law *law, assay_context *context) {
  if (!mpq_sgn(law->radius)) { /* m = 0 */
    for (size_t i = 0; i < w->count; i++) mpfi_set_ui(&w->out[i], 0);
    return ASSAY_OK;
  }
  const spectrum_user user = {use, w, TASK};
  assay_status status = choose_degrees(w, law, context);
  return status ? status : spectrum_refine(law, w->degrees, w->goal_bits, &user, context);
}

assay_status weighted_sums(mpfi_ptr out, const weighted_sum *sums, size_t count, const assay_gmm_line *line,
                           long goal_bits, assay_context *context) {
  if (goal_bits < 1 || goal_bits > context->max_bits) return ziv_failed(TASK, goal_bits, context);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < count && !status; i++) status = check(&sums[i], context);
  if (status) return status;
  mixing_law law;
  status = mixing_law_init(&law, line, context);
  if (status) return status;
  void *ends = NULL;
  status = assay_allocate(&ends, 2 * count + 1, sizeof(iv), "bounds", context);
  if (!status) {
    iv *bounds = ends;
    weighted w = {.out = out, .sums = sums, .count = count, .goal_bits = goal_bits};
    w.rough = iv_scope_new(ROUGH_BITS), w.rest = bounds, w.bound = bounds + count;
    status = refine(&w, &law, context);
    iv_scope_free(w.rough);
  }
  free(ends);
  mixing_law_clear(&law);
  return status;
}

assay_status assay_reference_gmm_noise_sensitivity(mpfi_ptr out, const assay_gmm_line *line, assay_real time,
                                                   unsigned order, long goal_bits, assay_context *context) {
  const weighted_sum sum = {WEIGHTED_NOISE, order, time};
  return weighted_sums(out, &sum, 1, line, goal_bits, context);
}

assay_status assay_reference_gmm_gradient2(mpfi_ptr out, const assay_gmm_line *line, unsigned order, long goal_bits,
                                           assay_context *context) {
  const weighted_sum sum = {WEIGHTED_GRADIENT, order, {0, NULL}};
  return weighted_sums(out, &sum, 1, line, goal_bits, context);
}
