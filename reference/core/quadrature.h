/* reference/core/quadrature.h: E g(Z) for Z ~ N(0, 1), enclosed by the trapezoidal rule (flow-dae section 5). */
#ifndef ASSAY_REFERENCE_CORE_QUADRATURE_H
#define ASSAY_REFERENCE_CORE_QUADRATURE_H

#include "reference/core/interval.h"

/* g is real on the real line and analytic in a neighbourhood of the strip |Im z| <= strip. */
typedef struct {
  iv (*value)(iv_scope *s, iv x, const void *self); /* encloses g(x) */
  iv (*beyond)(iv_scope *s, iv cut,
               const void *self); /* >= sup |g(x)| over real |x| >= cut, for cut >= 0; finite at 0 */
  iv strip;                       /* > 0 */
  iv bound;                       /* >= sup |g(z)| over the strip */
  const void *self;               /* given to value and beyond */
  const char *task;               /* for progress */
  assay_context *context;         /* told about progress, unless NULL */
} gaussian_integrand;

/* The strip |Im z| <= a that needs the fewest nodes for an error of 2^-target_bits, if g were bounded in every strip:
 * callers take the smaller of this and what their g allows. */
iv quadrature_strip(iv_scope *s, long target_bits);

/* Encloses E g(Z). Step and cut-off add at most 2^-target_bits to the error; the scope's precision bounds the rest.
 * Where that would take more than 2^22 nodes the trivial enclosure [-beyond(0), beyond(0)] is returned. NULL:
 * cancelled. */
iv quadrature_normal(iv_scope *s, const gaussian_integrand *g, long target_bits);

#endif
