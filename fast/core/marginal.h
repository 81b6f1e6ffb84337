/* fast/core/marginal.h: a mixture along a path, seen along one direction. */
#ifndef ASSAY_FAST_CORE_MARGINAL_H
#define ASSAY_FAST_CORE_MARGINAL_H

#include "fast/core/ball.h"

/* <u, x_t> of one component: N(mean, deviation^2), with its share of the mixture. */
typedef struct {
  ball weight, mean, deviation;
} marginal_component;

/* One for each component, with proved radii, for a direction u of d doubles taken exactly. The mixture and the point
 * have passed their checks. */
void marginal_along(marginal_component *out, const assay_mixture *mixture, const assay_path_point *point,
                    const double *direction);

/* Upper bound of E |x_t|^2. */
double marginal_square_norm(const assay_mixture *mixture, const assay_path_point *point);

#endif
