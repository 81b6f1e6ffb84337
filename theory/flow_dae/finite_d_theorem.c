/* Claim flow-dae/finite-d-theorem: section 3's closed form against the trained flow, entry by entry, to rounding error.
 *
 * The theorem speaks of generated samples that keep their sign. It holds for every data set, so nothing is random about
 * the comparison: data sets without such a sample (some in d = 1) are passed over, and the budget is rounding alone. */
#include "theory/flow_dae/paper.h"

#include "reference/core/interval.h"

#include <assay/fast.h>
#include <assay/reference.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { GOAL_BITS = 90, WORKING_BITS = 160, NAME = 64, ATTEMPTS = 100, ITEMS = 2 };
enum { SIZES_QUICK = 4, SIZES_FULL = 6 };
enum { ITEMS_QUICK = SIZES_QUICK * ITEMS, ITEMS_FULL = SIZES_FULL * ITEMS };

/* The control moves P by 1e-9 of itself; rounding at these sizes is below 1e-12. */
static const double control_change = 1e-9;

typedef struct {
  size_t samples, dimension, steps, count;
  double lambda;
} theorem_sizes;

static const theorem_sizes sizes[SIZES_FULL] = {{2, 1, 10, 16, 1},        {3, 2, 1, 16, 0},
                                                {5, 7, 100, 16, 0.1},     {16, 300, 100, 8, 0.1},
                                                {64, 2000, 1000, 4, 0.1}, {256, 1000, 100, 8, 2}};

typedef struct {
  assay_dae_settings settings;
  assay_dae_data data;
  assay_dae_flow flow;
  double *start, *end;  /* count x d: X_0, X_K as fast has them */
  mpfi_ptr exact, perp; /* count x d, 1: the reference's */
} theorem_case;

static void clear_case(theorem_case *c) {
  size_t entries = c->flow.count * c->flow.dimension;
  assay_enclosures_clear(c->exact, entries);
  assay_enclosures_clear(c->perp, 1);
  free(c->start), free(c->end);
  assay_fast_dae_flow_clear(&c->flow);
  assay_fast_dae_data_clear(&c->data);
}

static bool has_steady_sample(const assay_dae_flow *flow) {
  for (size_t i = 0; i < flow->count; i++)
    if (flow->steady[i]) return true;
  return false;
}

/* The first data set after `seed` of which a generated sample keeps its sign. */
static assay_status train(theorem_case *c, const theorem_sizes *z, uint64_t seed, assay_context *context) {
  c->settings = assay_dae_settings_of(z->samples, assay_real_of(0.5), assay_real_of(z->lambda));
  c->settings.steps = z->steps;
  for (uint64_t attempt = 0; attempt < ATTEMPTS; attempt++) {
    assay_status status = assay_fast_dae_data_init(&c->data, &c->settings, z->dimension, 0.5, seed + attempt, context);
    if (status) return status;
    status = assay_fast_dae_flow_init(&c->flow, &c->data, &c->settings, z->count, seed + attempt, context);
    if (status || has_steady_sample(&c->flow)) return status;
    assay_fast_dae_flow_clear(&c->flow);
    assay_fast_dae_data_clear(&c->data);
  }
  return assay_fail(context, ASSAY_PRECISION, "no generated sample kept its sign in %d data sets", ATTEMPTS);
}

static assay_status evaluate(theorem_case *c, assay_context *context) {
  const assay_dae_flow *flow = &c->flow;
  size_t d = flow->dimension, entries = flow->count * d;
  assay_status status = assay_allocate((void **)&c->start, entries, sizeof *c->start, "X_0", context);
  if (!status) status = assay_allocate((void **)&c->end, entries, sizeof *c->end, "X_K", context);
  if (!status) status = assay_enclosures_init(&c->exact, entries, context);
  if (!status) status = assay_enclosures_init(&c->perp, 1, context);
  if (!status) status = flow->start.read(&flow->start, 0, flow->count, 0, d, c->start, d, context);
  if (!status) status = flow->generated.read(&flow->generated, 0, flow->count, 0, d, c->end, d, context);
  if (!status)
    status = assay_reference_dae_transport(c->exact, c->perp, &c->data.noise, &c->data.data, c->data.labels,
                                           &flow->start, flow->signs, &c->settings, GOAL_BITS, context);
  return status;
}

/* Bound of the error of X_K's entry as fast has it: P X_0 + a xb_0 + b xb_1, five roundings of terms so large. */
static double entry_error(const theorem_case *c, size_t i, size_t j) {
  enum { ROUNDINGS = 8 };
  const assay_dae_flow *flow = &c->flow;
  assay_bounded P = flow->perp[flow->steps], a = flow->a[i], b = flow->b[i];
  double x = fabs(c->start[i * flow->dimension + j]), xb0 = fabs(flow->xb0[j]), xb1 = fabs(flow->xb1[j]);
  double known = P.error * x + a.error * (xb0 + flow->xb0_error) + b.error * (xb1 + flow->xb1_error) +
                 fabs(a.value) * flow->xb0_error + fabs(b.value) * flow->xb1_error;
  double rounded = ROUNDINGS * 0x1p-53 * (fabs(P.value) * x + fabs(a.value) * xb0 + fabs(b.value) * xb1);
  return (known + rounded) * (1 + 0x1p-40) + 0x1p-1000; /* the bound itself is rounded a dozen times */
}

/* Entries of steady samples: the one that uses most of its budget, and the one on which P acts most. */
static void choose_entries(size_t *worst, size_t *widest, const theorem_case *c) {
  size_t d = c->flow.dimension;
  double most_used = -1, most_moved = -1;
  for (size_t i = 0; i < c->flow.count; i++)
    for (size_t j = 0; c->flow.steady[i] && j < d; j++) {
      size_t e = i * d + j;
      double used = fabs(c->end[e] - iv_mid_d(&c->exact[e])) / entry_error(c, i, j);
      double moved = fabs(c->start[e] - c->flow.signs[i] * c->flow.xb0[j]) / entry_error(c, i, j);
      if (used > most_used) most_used = used, *worst = e;
      if (moved > most_moved) most_moved = moved, *widest = e;
    }
}

static assay_status measure(assay_trial *trial, iv_scope *s, const theorem_case *c, const char *what, size_t e,
                            bool controlled) {
  size_t d = c->flow.dimension, i = e / d, j = e % d;
  const assay_budget_term term = {ASSAY_TERM_ROUNDING, ASSAY_BASIS_PROVED, entry_error(c, i, j), 0,
                                  "running error bound of Gram sums, recursion and entry"};
  iv control = NULL; /* X + 1e-9 P (X_0 - h xb_0) */
  if (controlled) {
    iv xb0 = iv_ball(s, iv_d(s, c->flow.xb0[j]), iv_d(s, c->flow.xb0_error));
    iv moved = iv_sub(s, iv_d(s, c->start[e]), iv_mul_si(s, xb0, c->flow.signs[i]));
    iv change = iv_mul(s, iv_mul(s, c->perp, iv_d(s, control_change)), moved);
    control = iv_add(s, &c->exact[e], change);
  }
  char item[NAME];
  snprintf(item, sizeof item, "%s n=%zu d=%zu K=%zu", what, c->flow.samples, d, c->flow.steps);
  return assay_trial_measure(trial, item, &c->exact[e], control, c->end[e], &term, 1);
}

static assay_status one_case(assay_trial *trial, iv_scope *s, const theorem_sizes *z, assay_context *context) {
  theorem_case c = {0};
  assay_status status = train(&c, z, assay_trial_seed(trial), context);
  if (!status) status = evaluate(&c, context);
  if (!status) {
    size_t worst = 0, widest = 0;
    choose_entries(&worst, &widest, &c);
    status = measure(trial, s, &c, "worst entry", worst, false);
    if (!status) status = measure(trial, s, &c, "entry moved most", widest, true);
  }
  clear_case(&c);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t count = assay_trial_level(trial) == ASSAY_LEVEL_FULL ? SIZES_FULL : SIZES_QUICK;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < count; i++) status = one_case(trial, s, &sizes[i], context);
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_finite_d_theorem = {
    .id = "flow-dae/finite-d-theorem",
    .statement = "For every data set, in any dimension, a generated sample that keeps its sign h ends at "
                 "h xb_1 + P (X_0 - h xb_0), with P from the data's Gram products alone.",
    .source = "derived here; exact form of the summary equations of arXiv:2310.03575",
    .control = "P larger by 1e-9 of itself",
    .sizes = {"(n, d, K, lambda) = (2, 1, 10, 1), (3, 2, 1, 0), (5, 7, 100, 0.1), (16, 300, 100, 0.1), sigma = 0.5: "
              "the worst of all entries and the one that P moves most",
              "the same, (64, 2000, 1000, 0.1) and (256, 1000, 100, 2)"},
    .kind = ASSAY_EXPERIMENT,
    .comparisons = {ITEMS_QUICK, ITEMS_FULL},
    .gather = gather,
};
