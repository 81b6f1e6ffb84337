/* What a mixture of any covariances needs at one path point, whatever x. Components are set up in parallel. */
#include "fast/core/field_mixed.h"
#include "fast/core/tiles.h"

#include <stdlib.h>
#include <string.h>

static bool grow(size_t *sum, size_t count, size_t each) {
  size_t more = 0;
  return __builtin_mul_overflow(count, each, &more) || __builtin_add_overflow(*sum, more, sum);
}

size_t field_mixed_bytes(const assay_mixture *mixture) {
  size_t d = mixture->dimension, bytes = 0;
  bool over = grow(&bytes, mixture->count, sizeof(field_metric)) || grow(&bytes, d, sizeof(double));
  for (size_t k = 0; k < mixture->count && !over; k++) {
    bool full = mixture->components[k].covariance.kind == ASSAY_COVARIANCE_FULL;
    over = grow(&bytes, d, sizeof(double)) || grow(&bytes, d, 2 * sizeof(double) * (full ? d : 1));
  }
  return over ? SIZE_MAX : bytes;
}

static assay_status carve(field_mixed_plan *plan, assay_context *context) {
  size_t d = plan->dimension;
  size_t bytes = field_mixed_bytes(plan->mixture);
  assay_status status = assay_allocate(&plan->memory, bytes, 1, "field constants", context);
  if (status != ASSAY_OK) return status;
  plan->components = plan->memory;
  plan->centre = (double *)(plan->components + plan->count);
  double *next = plan->centre + d;
  for (size_t k = 0; k < plan->count; k++) {
    size_t entries = field_metric_entries(plan->mixture->components[k].covariance.kind, d);
    field_metric *c = &plan->components[k];
    c->mean = plan->mixture->components[k].mean;
    c->shift = next;
    c->root = next + d;
    c->gain = c->root + entries;
    next = c->gain + entries;
  }
  return ASSAY_OK;
}

static assay_status set_one(void *self, size_t k, void *scratch, assay_context *context) {
  field_mixed_plan *plan = self;
  return field_metric_set(&plan->components[k], &plan->setting, &plan->mixture->components[k], k, scratch, context);
}

/* The middle of the means' range, for sizes only (M7). */
static void place_centre(field_mixed_plan *plan) {
  const assay_component *components = plan->mixture->components;
  for (size_t j = 0; j < plan->dimension; j++) {
    double low = components[0].mean[j], high = low;
    for (size_t k = 1; k < plan->count; k++) {
      low = fmin(low, components[k].mean[j]);
      high = fmax(high, components[k].mean[j]);
    }
    plan->centre[j] = 0.5 * low + 0.5 * high;
  }
}

static ball log_density_constant(const assay_mixture *mixture) {
  static const ball LOG_TWO_PI = {0x1.d67f1c864beb5p0, 0x1p-52};
  ball sum = ball_exact(0.0);
  for (size_t k = 0; k < mixture->count; k++) sum = ball_add(sum, ball_real(mixture->components[k].weight));
  return ball_neg(ball_add(ball_log(sum), ball_scale(LOG_TWO_PI, 0.5 * (double)mixture->dimension)));
}

assay_status field_mixed_init(field_mixed_plan *plan, assay_quantity quantity, const assay_mixture *mixture,
                              const assay_path_point *point, assay_context *context) {
  memset(plan, 0, sizeof *plan);
  size_t d = mixture->dimension;
  plan->quantity = quantity;
  plan->dimension = d;
  plan->count = mixture->count;
  plan->mixture = mixture;
  plan->rows = field_rows_for(assay_fast_isa_resolve(context->isa));
  assay_status status = carve(plan, context);
  if (status != ASSAY_OK) return status;
  place_centre(plan);

  schedule_coefficients at = schedule_coefficients_at(point);
  bool exact = at.beta.value == 0.0 || at.beta.value == 1.0;
  plan->setting = (field_metric_setting){
      .quantity = quantity, .dimension = d, .rows = plan->rows, .beta = at.beta, .centre = plan->centre};
  plan->setting.scalar = assay_quantity_width(quantity, 2) == 1;
  plan->setting.alpha_square = at.alpha_square;
  plan->setting.beta_square = ball_sqr(at.beta);
  plan->setting.output = field_output_of(quantity, &at);
  plan->setting.beta_error = ball_up_add(at.beta.error, exact ? 0.0 : ball_up(BALL_UNIT * fabs(at.beta.value)));
  plan->slant = ball_div(plan->setting.output.tau, at.beta);
  plan->constant = log_density_constant(mixture);
  plan->gamma_lanes = ball_gamma((double)d / 8.0 + 16.0);
  plan->gamma_share = ball_gamma(2.0 * (double)plan->count + 4.0);
  plan->gamma_count = ball_gamma(6.0 * (double)plan->count + 20.0);

  for (size_t k = 0; k < plan->count; k++)
    plan->any_full = plan->any_full || mixture->components[k].covariance.kind == ASSAY_COVARIANCE_FULL;
  size_t scratch = plan->any_full ? (2 * d + 4) * d * sizeof(double) : 0;
  status = tiles_run(plan->count, scratch, set_one, plan, "field constants", context);
  if (status != ASSAY_OK) {
    field_mixed_clear(plan);
    return status;
  }
  plan->usable = plan->gamma_count <= FIELD_SMALL && ball_gamma((double)d + 2.0) <= FIELD_SMALL;
  for (size_t k = 0; k < plan->count; k++) plan->usable = plan->usable && plan->components[k].usable;
  return ASSAY_OK;
}

void field_mixed_clear(field_mixed_plan *plan) { free(plan->memory); }
