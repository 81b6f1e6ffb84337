/* fast/core/field_group_kernel.h: the posteriors of a group of points and the weights of their second product, a point
 * a lane (S3, S4, S6..S8 of docs/fast-field-bound.md), for points whose shares are hardly in doubt. The others, and
 * quantities of one number, go one by one (field_point.c). */
#ifndef ASSAY_FAST_CORE_FIELD_GROUP_KERNEL_H
#define ASSAY_FAST_CORE_FIELD_GROUP_KERNEL_H

#include "fast/core/field_point.h"
#include "fast/core/field_posterior_kernel.h"

_Static_assert((int)LANES == (int)FIELD_GROUP, "a point a lane");

/* What the leader of each point contributes. */
typedef struct {
  lanes weight, error;               /* largest log-weight; its error */
  lanes number, product, norm, size; /* index; <y, m>; |m| as a 2-norm and in the quantity's norm */
  lanes variance, radius;            /* sigma^2 */
} group_leader;

static inline void magnitude(lanes *out, const lanes *v) { *out = (lanes)((lane_bits)*v & 0x7fffffffffffffffLL); }

static inline void lead(group_leader *leader, const field_component *c, size_t k, const lanes *weight,
                        const lanes *error, const lanes *product) {
  const lanes zero = {0};
  lane_bits larger = *weight > leader->weight;
  lanes number = zero + (double)k, norm = zero + c->centred_norm, size = zero + c->centred_size;
  lanes variance = zero + c->variance.value, radius = zero + c->variance.error;
  choose(&leader->weight, &larger, weight, &leader->weight);
  choose(&leader->error, &larger, error, &leader->error);
  choose(&leader->number, &larger, &number, &leader->number);
  choose(&leader->product, &larger, product, &leader->product);
  choose(&leader->norm, &larger, &norm, &leader->norm);
  choose(&leader->size, &larger, &size, &leader->size);
  choose(&leader->variance, &larger, &variance, &leader->variance);
  choose(&leader->radius, &larger, &radius, &leader->radius);
}

/* S3, S4: log-weights into `values`, their errors into `doubts`. */
static void group_log_weights(group_leader *leader, const field_plan *plan, const double *products, const lanes *square,
                              double *values, double *doubts) {
  lanes norm, product;
  *leader = (group_leader){.weight = (lanes){0} - HUGE_VAL};
  for (int i = 0; i < LANES; i++) norm[i] = sqrt((*square)[i]);
  norm = norm * FIELD_INFLATE + 0x1p-500;
  for (size_t k = 0; k < plan->count; k++) {
    const field_component *c = &plan->components[k];
    load(&product, products + k * LANES, LANES);
    lanes weight = (c->base + c->slope * product) - c->bend * *square;
    lanes error = c->error0 + norm * (c->error1 + norm * c->error2);
    lead(leader, c, k, &weight, &error, &product);
    store(values + k * LANES, &weight, LANES);
    store(doubts + k * LANES, &error, LANES);
  }
}

/* S8: exponentials relative to the leader's in the place of log-weights, what they may be off by in that of errors.
 * Returns the lanes in which some error is beyond the linear bound. */
static void group_exponentials(lane_bits *open, lanes *rest, lanes *total, const group_leader *leader, size_t count,
                               double *values, double *doubts) {
  const lanes zero = {0};
  *open = (lane_bits){0};
  *rest = zero;
  *total = zero;
  for (size_t k = 0; k < count; k++) {
    lanes weight, error, value, size;
    load(&weight, values + k * LANES, LANES);
    load(&error, doubts + k * LANES, LANES);
    lane_bits other = leader->number != (double)k;
    lanes difference = weight - leader->weight;
    magnitude(&size, &difference);
    lanes off = (error + leader->error + 0x1p-53 * size) * FIELD_INFLATE;
    exponential(&value, &difference);
    lanes doubt = value * (off * (1.0 + off) + 0x1p-50) + 0x1p-1070;
    choose(&doubt, &other, &doubt, &zero);
    store(values + k * LANES, &value, LANES);
    store(doubts + k * LANES, &doubt, LANES);
    choose(&value, &other, &value, &zero);
    *rest += value;
    *total += doubt;
    *open |= other & ~(off <= FIELD_LINEAR_RANGE);
  }
}

/* Sums over components of field_point, a point a lane. */
typedef struct {
  lanes weight, reach, doubtful_reach, gap, gaps, doubtful_gaps, gap_error;
} group_sums;

/* Weights and their sums; doubts of the sums are still times the sum of exponentials. */
static void group_weigh(group_sums *sums, double *weights, const group_leader *leader, const lanes *anchor,
                        const lanes *anchor_size, const lanes *inverse, const field_plan *plan, const double *values,
                        const double *doubts) {
  const lanes zero = {0};
  *sums = (group_sums){.reach = zero + FIELD_FLOOR};
  for (size_t k = 0; k < plan->count; k++) {
    const field_component *c = &plan->components[k];
    lanes value, doubt, size;
    load(&value, values + k * LANES, LANES);
    load(&doubt, doubts + k * LANES, LANES);
    lane_bits apart = *anchor != (double)k, other = leader->number != (double)k;
    lanes w = (value * *inverse) * c->weight, reach = c->centred_size + *anchor_size;
    choose(&w, &apart, &w, &zero);
    store(weights + k * LANES, &w, LANES);
    doubt *= c->weight;
    sums->weight += w;
    sums->reach += w * reach;
    sums->doubtful_reach += doubt * reach;
    if (plan->equal) continue;
    lanes gap = leader->variance - c->variance.value;
    magnitude(&size, &gap);
    lanes radius = (c->variance.error + leader->radius) + BALL_UNIT * size;
    size += radius;
    choose(&radius, &other, &radius, &zero);
    choose(&size, &other, &size, &zero);
    sums->gap += w * gap;
    sums->gaps += w * size;
    sums->doubtful_gaps += doubt * size;
    sums->gap_error += w * radius;
  }
  sums->gap_error += sums->gaps * (plan->gamma_k + plan->weight_error);
}

/* Where the shares are in doubt the record's stretch is 0. */
static void rows_weigh(field_point *records, double *weights, const field_plan *plan, const double *products,
                       const double *squares, double *values, double *doubts) {
  const lanes zero = {0}, centre = zero + (double)plan->count;
  group_leader leader;
  group_sums sums;
  lane_bits open;
  lanes square, rest, total, anchor, anchor_size;
  load(&square, squares, LANES);
  group_log_weights(&leader, plan, products, &square, values, doubts);
  group_exponentials(&open, &rest, &total, &leader, plan->count, values, doubts);
  lane_bits central = 2.0 * leader.product <= plan->at.beta.value * leader.norm * leader.norm;
  lanes centre_size = zero + plan->components[plan->count].centred_size;
  choose(&anchor, &central, &centre, &leader.number);
  choose(&anchor_size, &central, &centre_size, &leader.size);
  lanes sum = 1.0 + rest, inverse = 1.0 / sum, doubt;
  doubt = (total * inverse + (double)plan->count * BALL_TINY) * FIELD_INFLATE;
  group_weigh(&sums, weights, &leader, &anchor, &anchor_size, &inverse, plan, values, doubts);
  lanes stretch = 1.0 / (1.0 - doubt);
  lane_bits clear = (doubt <= FIELD_DOUBT_ACCEPTED) & ~open, less = sum < stretch;
  choose(&stretch, &less, &sum, &stretch);
  stretch *= FIELD_INFLATE;
  choose(&stretch, &clear, &stretch, &zero);
  sums.doubtful_reach = sums.doubtful_reach * inverse + FIELD_FLOOR;
  sums.doubtful_gaps *= inverse;
  for (size_t i = 0; i < LANES; i++)
    records[i] = (field_point){.leader = (size_t)leader.number[i],
                               .anchor = (size_t)anchor[i],
                               .weight = sums.weight[i],
                               .reach = sums.reach[i],
                               .doubtful_reach = sums.doubtful_reach[i],
                               .gap = sums.gap[i],
                               .gaps = sums.gaps[i],
                               .doubtful_gaps = sums.doubtful_gaps[i],
                               .gap_error = sums.gap_error[i],
                               .doubt = doubt[i],
                               .stretch = stretch[i]};
}

#endif
