/* fast/flow_dae/flow_vectors.h: the vectors that a trained flow moves samples along, as one stream. */
#ifndef ASSAY_FAST_FLOW_DAE_FLOW_VECTORS_H
#define ASSAY_FAST_FLOW_DAE_FLOW_VECTORS_H

#include <assay/fast.h>

/* steps + 3 rows: w_0, ..., w_K-1, then mu, xi = S_0/n (0 with fresh noise), eta = (S_1/n - mu)/sigma. */
enum { FRAME_ROWS = 3 };

typedef struct {
  assay_dae_data data;
  const assay_dae_settings *settings;
  const assay_dae_learned *fits; /* their coefficients make the w's when `weights` is NULL: the label solution */
  const double *weights;         /* steps x d, or NULL */
  double *directions;            /* 2 x d: xi, eta */
} dae_flow_vectors;

/* Fills `directions` (allocated by the caller). `held` as elsewhere. */
assay_status dae_flow_directions(dae_flow_vectors *vectors, size_t held, assay_context *context);

/* The vectors themselves must outlive the stream. With fresh noise and no `weights` the noise of every step is drawn
 * again as it is read: n normals an entry. */
assay_stream dae_flow_vectors_stream(const dae_flow_vectors *vectors);

#endif
