/* reference/gmm_diffusion/mixing.h: a mixing law on a line in the coordinate v = (u - centre)/sigma, where y is
 * x = v + g. */
#ifndef ASSAY_REFERENCE_GMM_DIFFUSION_MIXING_H
#define ASSAY_REFERENCE_GMM_DIFFUSION_MIXING_H

#include "reference/core/interval.h"

#include <assay/gmm_reference.h>

typedef struct {
  mpq_t weight, left, right; /* weights add up to 1 */
} mixing_piece;

/* The numbers as given, exactly. */
typedef struct {
  size_t count;
  mixing_piece *piece; /* in the order given */
  mpq_t sigma, radius; /* radius: R/sigma, the largest |v| */
  bool symmetric;      /* v and -v have the same law */
} mixing_law;

assay_status mixing_law_init(mixing_law *out, const assay_gmm_line *line, assay_context *context);
void mixing_law_clear(mixing_law *law);

/* The middle of the law in place of its centre, so that the radius is as small as can be; symmetric is not renewed. */
void mixing_law_recentre(mixing_law *law);

/* A piece at one working precision. */
typedef struct {
  bool atom;
  iv weight, left, right;
  iv height; /* weight/(right - left) of a segment */
} mixing_piece_at;

/* Into `count` entries; all belong to the scope. */
void mixing_law_at(mixing_piece_at *out, iv_scope *s, const mixing_law *law);

iv mixing_rational(iv_scope *s, mpq_srcptr value);

/* At x: shares[i] (NULL: not wanted) is piece i's part of y's density, *density their sum, *moment that of v times
 * the density, so that m = sigma moment/density. */
void mixing_posterior(iv *shares, iv *density, iv *moment, iv_scope *s, const mixing_piece_at *piece, size_t count,
                      iv x);

#endif
