/* fast/core/field_group_kernel.h: the posteriors of a group of points and the weights of their second product, a point
 * a lane of a register (S3, S4, S6..S8 of docs/fast-field-bound.md), for points whose shares are hardly in doubt. The
 * others, and quantities of one number, go one by one (field_point.c). */
#ifndef ASSAY_FAST_CORE_FIELD_GROUP_KERNEL_H
#define ASSAY_FAST_CORE_FIELD_GROUP_KERNEL_H

#include "fast/core/field_point.h"
#include "fast/core/field_posterior_kernel.h"

_Static_assert((int)LANES == (int)FIELD_GROUP, "whole registers of points");

/* What the leader of each point contributes. */
typedef struct {
  part weight, error;               /* largest log-weight; its error */
  part number, product, norm, size; /* index; <y, m>; |m| as a 2-norm and in the quantity's norm */
  part variance, radius;            /* sigma^2 */
} group_leader;

static inline void magnitude(part *out, const part *v) { *out = (part)((part_bits)*v & 0x7fffffffffffffffLL); }

static inline void lead(group_leader *leader, const field_component *c, size_t k, const part *weight, const part *error,
                        const part *product) {
  const part zero = {0};
  part_bits larger = *weight > leader->weight;
  part number = zero + (double)k, norm = zero + c->centred_norm, size = zero + c->centred_size;
  part variance = zero + c->variance.value, radius = zero + c->variance.error;
  choose_part(&leader->weight, &larger, weight, &leader->weight);
  choose_part(&leader->error, &larger, error, &leader->error);
  choose_part(&leader->number, &larger, &number, &leader->number);
  choose_part(&leader->product, &larger, product, &leader->product);
  choose_part(&leader->norm, &larger, &norm, &leader->norm);
  choose_part(&leader->size, &larger, &size, &leader->size);
  choose_part(&leader->variance, &larger, &variance, &leader->variance);
  choose_part(&leader->radius, &larger, &radius, &leader->radius);
}

/* S3, S4: log-weights into `values`, their errors into `doubts`. */
static void group_log_weights(group_leader *leader, const field_plan *plan, const double *products, const part *square,
                              double *values, double *doubts) {
  part norm, product;
  *leader = (group_leader){.weight = (part){0} - HUGE_VAL};
  for (int i = 0; i < REGISTER_LANES; i++) norm[i] = sqrt((*square)[i]);
  norm = norm * FIELD_INFLATE + 0x1p-500;
  for (size_t k = 0; k < plan->count; k++) {
    const field_component *c = &plan->components[k];
    load_part(&product, products + k * FIELD_GROUP, REGISTER_LANES);
    part weight = (c->base + c->slope * product) - c->bend * *square;
    part error = c->error0 + norm * (c->error1 + norm * c->error2);
    lead(leader, c, k, &weight, &error, &product);
    store_part(values + k * FIELD_GROUP, &weight, REGISTER_LANES);
    store_part(doubts + k * FIELD_GROUP, &error, REGISTER_LANES);
  }
}

/* S8: exponentials relative to the leader's in the place of log-weights, what they may be off by in that of errors.
 * Returns the lanes in which some error is beyond the linear bound. */
static void group_exponentials(part_bits *open, part *rest, part *total, const group_leader *leader, size_t count,
                               double *values, double *doubts) {
  const part zero = {0};
  *open = (part_bits){0};
  *rest = zero;
  *total = zero;
  for (size_t k = 0; k < count; k++) {
    part weight, error, value, size;
    load_part(&weight, values + k * FIELD_GROUP, REGISTER_LANES);
    load_part(&error, doubts + k * FIELD_GROUP, REGISTER_LANES);
    part_bits other = leader->number != (double)k;
    part difference = weight - leader->weight;
    magnitude(&size, &difference);
    part off = (error + leader->error + 0x1p-53 * size) * FIELD_INFLATE;
    exponential(&value, &difference);
    part doubt = value * (off * (1.0 + off) + 0x1p-50) + 0x1p-1070;
    choose_part(&doubt, &other, &doubt, &zero);
    store_part(values + k * FIELD_GROUP, &value, REGISTER_LANES);
    store_part(doubts + k * FIELD_GROUP, &doubt, REGISTER_LANES);
    choose_part(&value, &other, &value, &zero);
    *rest += value;
    *total += doubt;
    *open |= other & ~(off <= FIELD_LINEAR_RANGE);
  }
}

/* Sums over components of field_point, a point a lane. */
typedef struct {
  part weight, reach, doubtful_reach, gap, gaps, doubtful_gaps, gap_error;
} group_sums;

/* Weights and their sums; doubts of the sums are still times the sum of exponentials. */
static void group_weigh(group_sums *sums, double *weights, const group_leader *leader, const part *anchor,
                        const part *anchor_size, const part *inverse, const field_plan *plan, const double *values,
                        const double *doubts) {
  const part zero = {0};
  *sums = (group_sums){.reach = zero + FIELD_FLOOR};
  for (size_t k = 0; k < plan->count; k++) {
    const field_component *c = &plan->components[k];
    part value, doubt, size;
    load_part(&value, values + k * FIELD_GROUP, REGISTER_LANES);
    load_part(&doubt, doubts + k * FIELD_GROUP, REGISTER_LANES);
    part_bits apart = *anchor != (double)k, other = leader->number != (double)k;
    part w = (value * *inverse) * c->weight, reach = c->centred_size + *anchor_size;
    choose_part(&w, &apart, &w, &zero);
    store_part(weights + k * FIELD_GROUP, &w, REGISTER_LANES);
    doubt *= c->weight;
    sums->weight += w;
    sums->reach += w * reach;
    sums->doubtful_reach += doubt * reach;
    if (plan->equal) continue;
    part gap = leader->variance - c->variance.value;
    magnitude(&size, &gap);
    part radius = (c->variance.error + leader->radius) + BALL_UNIT * size;
    size += radius;
    choose_part(&radius, &other, &radius, &zero);
    choose_part(&size, &other, &size, &zero);
    sums->gap += w * gap;
    sums->gaps += w * size;
    sums->doubtful_gaps += doubt * size;
    sums->gap_error += w * radius;
  }
  sums->gap_error += sums->gaps * (plan->gamma_k + plan->weight_error);
}

/* REGISTER_LANES points. Where the shares are in doubt the record's stretch is 0. */
static void weigh_part(field_point *records, double *weights, const field_plan *plan, const double *products,
                       const double *squares, double *values, double *doubts) {
  const part zero = {0}, centre = zero + (double)plan->count;
  group_leader leader;
  group_sums sums;
  part_bits open;
  part square, rest, total, anchor, anchor_size;
  load_part(&square, squares, REGISTER_LANES);
  group_log_weights(&leader, plan, products, &square, values, doubts);
  group_exponentials(&open, &rest, &total, &leader, plan->count, values, doubts);
  part_bits central = 2.0 * leader.product <= plan->at.beta.value * leader.norm * leader.norm;
  part centre_size = zero + plan->components[plan->count].centred_size;
  choose_part(&anchor, &central, &centre, &leader.number);
  choose_part(&anchor_size, &central, &centre_size, &leader.size);
  part sum = 1.0 + rest, inverse = 1.0 / sum, doubt;
  doubt = (total * inverse + (double)plan->count * BALL_TINY) * FIELD_INFLATE;
  group_weigh(&sums, weights, &leader, &anchor, &anchor_size, &inverse, plan, values, doubts);
  part stretch = 1.0 / (1.0 - doubt);
  part_bits clear = (doubt <= FIELD_DOUBT_ACCEPTED) & ~open, less = sum < stretch;
  choose_part(&stretch, &less, &sum, &stretch);
  stretch *= FIELD_INFLATE;
  choose_part(&stretch, &clear, &stretch, &zero);
  sums.doubtful_reach = sums.doubtful_reach * inverse + FIELD_FLOOR;
  sums.doubtful_gaps *= inverse;
  for (size_t i = 0; i < REGISTER_LANES; i++)
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

static void rows_weigh(field_point *records, double *weights, const field_plan *plan, const double *products,
                       const double *squares, double *values, double *doubts) {
  for (size_t i = 0; i < FIELD_GROUP; i += REGISTER_LANES)
    weigh_part(records + i, weights + i, plan, products + i, squares + i, values + i, doubts + i);
}

#endif
