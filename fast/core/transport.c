/* The exact flow dX/dt = b(X, t) by Euler, Heun and the classical Runge-Kutta rule, on uniform grids. */
#include <assay/fast.h>

#include <stdlib.h>
#include <string.h>

/* Times are (from (parts - i) + to i)/parts: `parts` is twice the number of steps, so that midpoints are among them. */
typedef struct {
  const assay_mixture *mixture;
  assay_schedule schedule;
  double from, to, step;
  size_t parts, points, length; /* length: points d */
  double *x, *stage, *slope, *sum;
} ode;

static double time_of(const ode *o, size_t part) {
  if (part == 0) return o->from;
  if (part == o->parts) return o->to;
  double p = (double)part, rest = (double)(o->parts - part);
  return (o->from * rest + o->to * p) / (double)o->parts;
}

/* slope = b(at, time of part) */
static assay_status evaluate(const ode *o, const double *at, size_t part, assay_context *context) {
  assay_path_point point = assay_path_point_at(o->schedule, assay_real_of(time_of(o, part)));
  return assay_fast_field(o->slope, NULL, ASSAY_VELOCITY, o->mixture, &point, at, o->points, context);
}

/* sum (+)= weight slope; then, unless it is the last one, stage = x + reach slope. */
static void keep_slope(const ode *o, bool first, double weight, double reach) {
  for (size_t k = 0; k < o->length; k++) {
    o->sum[k] = first ? weight * o->slope[k] : o->sum[k] + weight * o->slope[k];
    o->stage[k] = o->x[k] + reach * o->slope[k];
  }
}

/* An explicit rule whose every stage leans on the one before it alone: stage s sits at x + reach_s-1 h k_s-1, `part_s`
 * half steps into the step, and weighs weight_s. */
typedef struct {
  size_t stages;
  struct {
    size_t part;
    double weight, reach;
  } stage[4];
} tableau;

static const tableau TABLEAUX[] = {
    [ASSAY_ODE_EULER] = {1, {{0, 1, 0}}},
    [ASSAY_ODE_HEUN] = {2, {{0, 0.5, 1}, {2, 0.5, 0}}},
    [ASSAY_ODE_RK4] = {4, {{0, 1.0 / 6, 0.5}, {1, 1.0 / 3, 0.5}, {1, 1.0 / 3, 1}, {2, 1.0 / 6, 0}}},
};

static assay_status take_step(const ode *o, const tableau *rule, size_t step, assay_context *context) {
  for (size_t s = 0; s < rule->stages; s++) {
    assay_status status = evaluate(o, s ? o->stage : o->x, 2 * step + rule->stage[s].part, context);
    if (status) return status;
    keep_slope(o, s == 0, rule->stage[s].weight, rule->stage[s].reach * o->step);
  }
  for (size_t k = 0; k < o->length; k++) o->x[k] += o->step * o->sum[k];
  return ASSAY_OK;
}

static assay_status check(assay_ode_rule rule, assay_schedule schedule, double from, double to, size_t steps,
                          assay_context *context) {
  if (rule != ASSAY_ODE_EULER && rule != ASSAY_ODE_HEUN && rule != ASSAY_ODE_RK4)
    return assay_fail(context, ASSAY_INVALID, "rule: %d is none of Euler, Heun, RK4", (int)rule);
  assay_status status = assay_schedule_check(&schedule, context);
  if (status) return status;
  if (schedule.kind == ASSAY_COEFFICIENTS)
    return assay_fail(context, ASSAY_INVALID, "schedule: coefficients has no time, which the flow needs");
  if (!(from >= 0 && from <= 1)) return assay_fail(context, ASSAY_INVALID, "from: %.17g is outside [0, 1]", from);
  if (!(to >= 0 && to <= 1)) return assay_fail(context, ASSAY_INVALID, "to: %.17g is outside [0, 1]", to);
  if (steps < 1 || steps >= (size_t)1 << 48)
    return assay_fail(context, ASSAY_INVALID, "steps: %zu; 1 to 2^48 are expected", steps);
  return ASSAY_OK;
}

enum { ARRAYS = 4 };

static assay_status allocate(ode *o, void **memory, assay_context *context) {
  size_t d = o->mixture->dimension;
  assay_status status = assay_allocate(memory, o->points, ARRAYS * d * sizeof(double), "transport", context);
  if (status) return status;
  o->length = o->points * d;
  o->x = *memory;
  o->stage = o->x + o->length;
  o->slope = o->stage + o->length;
  o->sum = o->slope + o->length;
  return ASSAY_OK;
}

assay_status assay_fast_transport(double *out, assay_ode_rule rule, const assay_mixture *mixture,
                                  assay_schedule schedule, double from, double to, size_t steps, const double *start,
                                  size_t points, assay_context *context) {
  assay_status status = check(rule, schedule, from, to, steps, context);
  if (!status) status = assay_mixture_check(mixture, context);
  if (status || points == 0) return status;
  ode o = {.mixture = mixture, .schedule = schedule, .from = from, .to = to, .parts = 2 * steps, .points = points};
  o.step = (to - from) / (double)steps;
  void *memory = NULL;
  status = allocate(&o, &memory, context);
  if (status) return status;
  memcpy(o.x, start, o.length * sizeof *start);
  assay_context quiet = *context; /* progress is this function's own; the cap covers both */
  quiet.progress = NULL;
  size_t used = ARRAYS * o.length * sizeof(double);
  if (context->memory_cap) quiet.memory_cap = context->memory_cap > used ? context->memory_cap - used : 1;
  for (size_t j = 0; !status && j < steps; j++) {
    status = take_step(&o, &TABLEAUX[rule], j, &quiet);
    if (status)
      memcpy(context->message, quiet.message, sizeof context->message);
    else
      status = assay_progress(context, "transport", (double)(j + 1) / (double)steps);
  }
  if (!status) memcpy(out, o.x, o.length * sizeof *out);
  free(memory);
  return status;
}
