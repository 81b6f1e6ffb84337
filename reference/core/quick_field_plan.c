/* What is the same at every point: steps Q1 to Q3 and the constants of Q4 to Q9. */
#include "reference/core/quick_exp.h"
#include "reference/core/quick_field_point.h"
#include "reference/core/schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 192 };

/* ---- scalars (Q1) ---- */

/* Sizes of the path's scalars, of V, of variances and weights, of means and points. */
#define LEAST_SCALAR 0x1p-500
#define MOST_SCALAR 0x1p60
#define LEAST_SPREAD 0x1p-120
#define MOST_SPREAD 0x1p120

/* Within 4 u^2 of the exact value, relatively; *exact says whether it is that value. */
static bool scalar_set(dd *out, bool *exact, iv_scope *s, iv value, double most) {
  *exact = true;
  *out = dd_of(0);
  if (iv_is_zero(value)) return true;
  if (!iv_finite(value)) return false;
  double high = iv_mid_d(value);
  iv rest = iv_sub(s, value, iv_d(s, high));
  double low = iv_mid_d(rest), error = iv_magnitude_d(iv_sub(s, rest, iv_d(s, low)));
  *out = dd_two_sum(high, low);
  *exact = error == 0;
  return fabs(high) >= LEAST_SCALAR && fabs(high) <= most && error <= 4 * UNIT_2 * (1 - 0x1p-20) * fabs(high);
}

typedef struct {
  iv slope_variance, slope_unit, mean_factor, transfer;
} quick_form;

/* A = (a s + b)/V, F and T (fast-field-bound M1 has the same table, from the same flow-dae section 1). */
static quick_form form_of(iv_scope *s, const schedule_values *p, assay_quantity quantity, bool on_circle) {
  iv zero = iv_ui(s, 0);
  switch (quantity) {
  case ASSAY_DENOISER:
    return (quick_form){p->beta, zero, iv_ui(s, 1), p->alpha_square};
  case ASSAY_NOISE:
    return (quick_form){zero, p->alpha, zero, iv_neg(s, iv_mul(s, p->alpha, p->beta))};
  case ASSAY_VELOCITY:
  case ASSAY_DIVERGENCE:
    return (quick_form){iv_mul(s, p->beta, p->beta_rate), on_circle ? zero : p->alpha_decay, p->beta_rate, p->turn};
  case ASSAY_SCORE:
  case ASSAY_LOG_DENSITY:
    break;
  }
  return (quick_form){zero, iv_si(s, -1), zero, p->beta};
}

/* What building takes beside the plan. */
typedef struct {
  const field_problem *problem;
  iv_scope *scope;
  dd alpha2, beta2;
} quick_builder;

static bool set_log_scale(quick_plan *plan, const quick_builder *builder) {
  iv_scope *s = builder->scope;
  bool exact = false;
  mpfi_ptr total = iv_new(s);
  mpfi_set_q(total, builder->problem->total_weight);
  iv circle = iv_mul_2si(s, iv_mul(s, iv_ui(s, plan->dimension), iv_log(s, iv_mul_2si(s, iv_pi(s), 1))), -1);
  if (!scalar_set(&plan->log_scale, &exact, s, iv_neg(s, iv_add(s, iv_log(s, total), circle)), MOST_SCALAR))
    return false;
  plan->log_scale_error = 4 * UNIT_2 * fabs(plan->log_scale.high);
  return true;
}

static bool set_scalars(quick_plan *plan, quick_builder *builder) {
  iv_scope *s = builder->scope;
  schedule_values p = schedule_at(s, &builder->problem->path);
  plan->slope_excess = schedule_on_circle(builder->problem->path.kind) &&
                       (plan->quantity == ASSAY_VELOCITY || plan->quantity == ASSAY_DIVERGENCE);
  quick_form form = form_of(s, &p, plan->quantity, plan->slope_excess);
  bool exact = false, beta_exact = false;
  bool good = scalar_set(&plan->beta, &beta_exact, s, p.beta, MOST_SCALAR) &&
              scalar_set(&builder->alpha2, &exact, s, p.alpha_square, MOST_SCALAR) &&
              scalar_set(&builder->beta2, &exact, s, iv_sqr(s, p.beta), MOST_SCALAR) &&
              scalar_set(&plan->slope_variance, &exact, s, form.slope_variance, MOST_SCALAR) &&
              scalar_set(&plan->slope_unit, &exact, s, form.slope_unit, MOST_SCALAR) &&
              scalar_set(&plan->mean_factor, &exact, s, form.mean_factor, MOST_SCALAR) &&
              scalar_set(&plan->transfer, &exact, s, form.transfer, MOST_SCALAR);
  plan->shift_error = beta_exact && plan->beta.low == 0 ? 0 : 7 * UNIT_2;
  return good && (plan->quantity != ASSAY_LOG_DENSITY || set_log_scale(plan, builder));
}

/* ---- components ---- */

typedef struct {
  double *mean, *variance_high, *variance_low, *shift_high, *shift_low, *inverse_high, *inverse_low;
  double *slope_high, *slope_low, *slope_size;
} quick_arrays;
enum { ARRAYS = sizeof(quick_arrays) / sizeof(double *) };

static quick_arrays arrays_of(double *memory, size_t padded) {
  return (quick_arrays){memory,
                        memory + padded,
                        memory + 2 * padded,
                        memory + 3 * padded,
                        memory + 4 * padded,
                        memory + 5 * padded,
                        memory + 6 * padded,
                        memory + 7 * padded,
                        memory + 8 * padded,
                        memory + 9 * padded};
}

static bool set_variances(quick_component *out, quick_arrays *a, const quick_builder *builder, size_t k) {
  const field_problem *problem = builder->problem;
  const assay_covariance *covariance = &problem->mixture->components[k].covariance;
  size_t d = problem->mixture->dimension;
  out->variance_exact = true;
  if (covariance->kind == ASSAY_COVARIANCE_DIAGONAL) {
    memcpy(a->variance_high, covariance->entries, d * sizeof(double));
    return true;
  }
  if (covariance->kind != ASSAY_COVARIANCE_ISOTROPIC) return false;
  mpfi_ptr value = iv_new(builder->scope);
  mpfi_set_q(value, problem->component[k].variance);
  dd variance;
  if (!scalar_set(&variance, &out->variance_exact, builder->scope, value, MOST_SPREAD)) return false;
  for (size_t j = 0; j < d; j++) {
    a->variance_high[j] = variance.high;
    a->variance_low[j] = variance.low;
  }
  return true;
}

/* det V as product 2^exponent, product in [2^-500, 2^500]. */
typedef struct {
  dd product;
  double exponent;
} quick_determinant;

static void multiply(quick_determinant *det, dd factor) {
  det->product = dd_multiply(det->product, factor);
  if (det->product.high > 0x1p-300 && det->product.high < 0x1p300) return;
  int e = ilogb(det->product.high);
  det->product = dd_scale(det->product, ldexp(1, -e));
  det->exponent += e;
}

/* a s + b = A V (Q7). */
static dd slope_of(const quick_plan *plan, dd variance) {
  if (plan->slope_excess) return dd_multiply(plan->slope_variance, dd_add_double(variance, -1));
  return dd_add(dd_multiply(plan->slope_variance, variance), plan->slope_unit);
}

/* |a| s + |b|, or |a (s - 1)| and what an inexact s adds. An exact s may differ from 1 in its low part alone. */
static double slope_size(const quick_plan *plan, dd variance, bool exact) {
  double a = fabs(plan->slope_variance.high);
  if (!plan->slope_excess) return a * variance.high + fabs(plan->slope_unit.high);
  return a * (fabs(dd_add_double(variance, -1).high) + (exact ? 0 : variance.high));
}

static bool set_coordinates(quick_component *out, quick_arrays *a, quick_determinant *det, const quick_plan *plan,
                            const quick_builder *builder, const double *mean) {
  double norm2 = 0, rate_size = 0;
  for (size_t j = 0; j < plan->dimension; j++) {
    dd variance = {a->variance_high[j], a->variance_low[j]};
    if (!(fabs(mean[j]) <= MOST_ENTRY) || !(variance.high >= LEAST_SCALAR && variance.high <= MOST_SPREAD))
      return false;
    dd spread = dd_add_positive(builder->alpha2, dd_multiply(builder->beta2, variance)); /* Q2 */
    if (!(spread.high >= LEAST_SPREAD && spread.high <= MOST_SPREAD)) return false;
    dd inverse = dd_divide(dd_of(1), spread), shift = dd_multiply_double(plan->beta, mean[j]);
    dd slope = slope_of(plan, variance);
    a->mean[j] = mean[j];
    a->shift_high[j] = shift.high;
    a->shift_low[j] = shift.low;
    a->inverse_high[j] = inverse.high;
    a->inverse_low[j] = inverse.low;
    a->slope_high[j] = slope.high;
    a->slope_low[j] = slope.low;
    a->slope_size[j] = slope_size(plan, variance, out->variance_exact);
    multiply(det, spread);
    norm2 += shift.high * shift.high * inverse.high;
    out->mean_size = fmax(out->mean_size, fabs(mean[j]));
    out->shift_size = fmax(out->shift_size, fabs(shift.high));
    out->variance_size = fmax(out->variance_size, variance.high);
    out->inverse_size = fmax(out->inverse_size, inverse.high);
    if (plan->quantity != ASSAY_DIVERGENCE) continue;
    out->rate = dd_add(out->rate, dd_multiply(slope, inverse));
    rate_size += a->slope_size[j] * inverse.high;
  }
  out->shift_norm = sqrt(norm2) * INFLATE;
  out->rate_error = (60 + 3 * (double)plan->dimension) * UNIT_2 * rate_size * INFLATE; /* Q9 */
  return true;
}

/* Q5. */
static bool set_log_weight(quick_component *out, const quick_determinant *det, const quick_builder *builder, size_t k) {
  mpfi_ptr value = iv_new(builder->scope);
  bool exact = false;
  dd weight;
  mpfi_set_q(value, builder->problem->component[k].weight);
  if (!scalar_set(&weight, &exact, builder->scope, value, MOST_SPREAD)) return false;
  dd log_weight = quick_log(weight, 0), log_determinant = quick_log(det->product, det->exponent);
  double size = fabs(log_weight.high) + fabs(log_determinant.high);
  out->log_weight = dd_subtract(log_weight, dd_scale(log_determinant, 0.5));
  out->log_weight_error = (2 * QUICK_LOG_ERROR + QUICK_LOG_SLOPE * size +
                           (13 * (double)builder->problem->mixture->dimension + 5 + 6 * size) * UNIT_2) *
                          INFLATE;
  return true;
}

/* The first component with the same covariance. Problems without a diagonal one do not know it. */
static size_t shape_of(const field_problem *problem, size_t k) {
  if (problem->general || problem->at_noise) return problem->component[k].shape;
  size_t l = 0;
  while (!mpq_equal(problem->component[l].variance, problem->component[k].variance)) l++;
  return l;
}

static bool set_component(quick_plan *plan, const quick_builder *builder, size_t k) {
  quick_component *out = &plan->component[k];
  size_t mark = iv_mark(builder->scope);
  quick_arrays a = arrays_of(plan->memory + k * ARRAYS * plan->padded, plan->padded);
  quick_determinant det = {.product = {1, 0}};
  bool good = set_variances(out, &a, builder, k) &&
              set_coordinates(out, &a, &det, plan, builder, builder->problem->mixture->components[k].mean) &&
              set_log_weight(out, &det, builder, k);
  iv_release(builder->scope, mark);
  out->shape = shape_of(builder->problem, k);
  out->mean = a.mean;
  out->variance_high = a.variance_high;
  out->variance_low = a.variance_low;
  out->shift_high = a.shift_high;
  out->shift_low = a.shift_low;
  out->inverse_high = a.inverse_high;
  out->inverse_low = a.inverse_low;
  out->slope_high = a.slope_high;
  out->slope_low = a.slope_low;
  out->slope_size = a.slope_size;
  return good;
}

/* ---- the plan ---- */

static void find_zeros(quick_plan *plan) {
  for (size_t j = 0; j < plan->dimension; j++) {
    plan->zero[j] = true;
    for (size_t k = 0; k < plan->count; k++) plan->zero[j] = plan->zero[j] && plan->component[k].mean[j] == 0;
  }
}

static bool fill(quick_plan *plan, const field_problem *problem) {
  quick_builder builder = {.problem = problem, .scope = iv_scope_new(BITS)};
  bool good = set_scalars(plan, &builder);
  for (size_t k = 0; good && k < plan->count; k++) good = set_component(plan, &builder, k);
  iv_scope_free(builder.scope);
  if (good) find_zeros(plan);
  return good;
}

bool quick_plan_init(quick_plan *out, const field_problem *problem) {
  size_t d = problem->mixture->dimension, count = problem->mixture->count;
  if (d > QUICK_MOST_DIMENSIONS || count > QUICK_MOST_COMPONENTS) return false;
  quick_plan plan = {.quantity = problem->quantity, .dimension = d, .padded = quick_padded(d), .count = count};
  plan.component = calloc(count, sizeof *plan.component);
  plan.memory = calloc(count * plan.padded, ARRAYS * sizeof *plan.memory);
  plan.zero = calloc(d, sizeof *plan.zero);
  if (plan.component && plan.memory && plan.zero && fill(&plan, problem)) {
    *out = plan;
    return true;
  }
  quick_plan_clear(&plan);
  return false;
}

void quick_plan_clear(quick_plan *plan) {
  free(plan->component);
  free(plan->memory);
  free(plan->zero);
}

size_t quick_plan_bytes(const field_problem *problem) {
  size_t d = problem->mixture->dimension, each = 0, bytes = 0;
  if (__builtin_mul_overflow(d + QUICK_LANES, ARRAYS * sizeof(double), &each) ||
      __builtin_add_overflow(each, sizeof(quick_component), &each) ||
      __builtin_mul_overflow(each, problem->mixture->count, &bytes) || __builtin_add_overflow(bytes, d, &bytes))
    return SIZE_MAX;
  return bytes;
}
