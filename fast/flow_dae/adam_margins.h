/* fast/flow_dae/adam_margins.h: whose sign of <w, x_t^i> is known without computing the product, as w moves.
 *
 * Let x be a row, R >= |x|, m the roundings of a term in our sums, g = gamma_m. By Cauchy's inequality the computed
 * z = <w, x> is within g R |w| + u of the exact one, u = d 2^-1074 for underflow. So let y and E be such that
 * |y - <w_e, x>| <= E at epoch e. Since then w has moved by at most L, the sum of |Delta w|, and |w| <= |w_e| + L:
 *    |z - y| <= E + g R |w_e| + u + (1 + g) R L,
 * and z has y's sign, both exact and computed, while that is below |y|. Where such a y comes from:
 *
 * M1 y = z computed at e: E = g R |w_e| + u.
 * M2 y = a z_A + b z_B from products computed at two earlier epochs, the anchors A and B, for any a and b. With
 *    q = w_e - a A - b B and T = |w_e| + |a A| + |b B|,
 *      |a z_A + b z_B - <w_e, x>| <= R |q| + g R (|a A| + |b B|) + (|a| + |b|) u,
 *    and rounding of the left side, below 3 2^-53 (|a z_A| + |b z_B|) + 2^-1073, is within another g R T + (|a| + |b| +
 *    2) u: so E = R |q| + 2 g R T + 2 (|a| + |b| + 1) u. a and b come near the least |q|, from products of w_e, A and B
 *    alone. Each of those is within g of the norms' product and u, and the roundings of |q|^2 from them are fewer than
 *    m: the computed |q|^2 is too small by at most 2 g T^2 + (1 + |a| + |b|)^2 u. From T = 2^500 on its
 *    terms might overflow, and M2 is not used.
 *
 * R, L and all norms are rounded up. When steps alternate, as in Adam's bursts, the path is far longer than the
 * distance made good: M2 is for them. An anchor is made when as many products as there are rows have been computed
 * since the last one, which at most doubles their number. */
#ifndef ASSAY_FAST_FLOW_DAE_ADAM_MARGINS_H
#define ASSAY_FAST_FLOW_DAE_ADAM_MARGINS_H

#include "fast/flow_dae/adam_rows.h"

enum { ANCHORS = 2 };

typedef struct {
  double *w, *products; /* stride; n: computed with w */
  double square, norm;  /* |w|^2; rounded up */
} adam_anchor;

typedef struct {
  const adam_rows *rows;
  const double *w; /* stride: as it moves */
  double *memory;  /* of all vectors here */
  double gamma;
  double path;                  /* sum of |Delta w|, rounded up */
  double *norms;                /* n: R; infinity above 2^500 */
  double *limits;               /* n: the sign is known while the path is below */
  adam_anchor anchors[ANCHORS]; /* the newest first */
  double between;               /* <A, B> */
  size_t made, taken;           /* anchors so far; products since the newest */
} adam_margins;

/* rows, w: must stay. What is allocated is added to rows->held. adam_margins_clear() frees, after a failure too. */
assay_status adam_margins_init(adam_margins *out, adam_rows *rows, const double *w, assay_context *context);
void adam_margins_clear(adam_margins *margins);

/* w has moved; moved: the sum of the squares of its rounded differences. */
void adam_margins_move(adam_margins *margins, double moved);

/* The rows whose product with w is to be computed, in order. signs: of all rows at the last epoch; square: |w|^2. */
assay_status adam_margins_list(size_t *list, size_t *count, adam_margins *margins, const signed char *signs,
                               double square, assay_context *context);

/* Takes note of the products listed last. */
assay_status adam_margins_note(adam_margins *margins, const size_t *list, size_t count, const double *products,
                               double square, assay_context *context);

#endif
