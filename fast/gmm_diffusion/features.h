/* fast/gmm_diffusion/features.h: products of normalised probabilists' Hermite polynomials h_a = He_a/sqrt(a!) of total
 * degree up to D in n variables, in the graded order of assay/gmm_fast.h. */
#ifndef ASSAY_FAST_GMM_DIFFUSION_FEATURES_H
#define ASSAY_FAST_GMM_DIFFUSION_FEATURES_H

#include <assay/gmm_fast.h>

/* Rows of points that are treated together. Arrays of a block hold one variable, or feature, after the other, each with
 * GMM_BLOCK places. */
enum { GMM_BLOCK = 256 };

/* Feature f > 0 is feature parent[f] times h_power[f] of variable axis[f], the last one that it has. */
typedef struct {
  size_t dimension, degree, count;
  size_t *prefix; /* degree + 1: how many have total degree up to d */
  uint32_t *parent, *axis, *power;
} gmm_features;

/* ASSAY_UNSUPPORTED: more than 4096 features. */
assay_status gmm_features_init(gmm_features *out, size_t dimension, size_t degree, assay_context *context);
void gmm_features_clear(gmm_features *features);

/* Doubles of `hermite` below. */
size_t gmm_features_scratch(const gmm_features *features);

/* The first prefix[degree] features at `rows` <= GMM_BLOCK points z. */
void gmm_features_values(double *out, const gmm_features *features, size_t degree, const double *z, size_t rows,
                         double *hermite);

#endif
