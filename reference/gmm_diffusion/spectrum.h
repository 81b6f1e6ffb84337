/* reference/gmm_diffusion/spectrum.h: Hermite coefficients at one working precision. */
#ifndef ASSAY_REFERENCE_GMM_DIFFUSION_SPECTRUM_H
#define ASSAY_REFERENCE_GMM_DIFFUSION_SPECTRUM_H

#include "reference/gmm_diffusion/mixing.h"

/* Coefficients m_d/sigma, d < count, of the law, and E m^2/sigma^2; they belong to the scope. */
typedef struct {
  iv *coefficient;
  iv norm2;
} spectrum;

/* Bits beyond those of the result that the recurrence of `count` Hermite polynomials costs, and for a goal of `bits`
 * below the radius: where the search for a working precision begins. */
long spectrum_bits(size_t count, long bits);

/* Into out->coefficient (count, the caller's). Truncation adds at most about 2^-target_bits max(radius, radius^2) to
 * each; the scope's precision the rest. ASSAY_PRECISION when the strip is too narrow (R/sigma beyond a million or so).
 */
assay_status spectrum_at(spectrum *out, iv_scope *s, const mixing_law *law, size_t count, long target_bits,
                         assay_context *context);

/* Ziv's strategy over spectrum_at: `use` looks at one spectrum and says whether it is enough. `scale_bits`: how far
 * below the radius coefficients must be known. */
typedef struct {
  assay_status (*use)(bool *done, iv_scope *s, const mixing_law *law, const spectrum *at, void *self,
                      assay_context *context);
  void *self;
  const char *task;
} spectrum_user;

assay_status spectrum_refine(const mixing_law *law, size_t count, long goal_bits, const spectrum_user *user,
                             assay_context *context);

/* |value|^2 and the like: the radius as interval. */
iv spectrum_radius(iv_scope *s, const mixing_law *law);

#endif
