/* fast/gmm_diffusion/em_rows.h: the loops of spherical EM over the rows of one tile, which stand in columns:
 * x[c EM_ROWS + r] is coordinate c of row r. Sums run in eight fixed lanes, so every instruction set gives the same
 * bits. `rows` is a multiple of 8 up to EM_ROWS. */
#ifndef ASSAY_FAST_GMM_DIFFUSION_EM_ROWS_H
#define ASSAY_FAST_GMM_DIFFUSION_EM_ROWS_H

#include <assay/model.h>

enum { EM_ROWS = 512, EM_LANES = 8 };

typedef struct {
  /* square = |x - mean|^2 and log_weight = base - rate square, of each row; top = max(top, log_weight). */
  void (*weigh)(double *log_weight, double *square, double *top, const double *x, const double *mean, size_t n,
                double base, double rate, size_t rows);
  /* value = exp(value - top), below exp(-708) 0; sum += that. Within 3 2^-53 of itself, given value - top <= 0. */
  void (*exponentiate)(double *value, double *sum, const double *top, size_t rows);
  /* share = value scale; returns the sum of shares, adds that of share square to *squares and of share (x - mean) to
   * moments (n). */
  double (*moments)(double *squares, double *moments, const double *value, const double *scale, const double *square,
                    const double *x, const double *mean, size_t n, double *share, size_t rows);
} em_rows;

extern const em_rows em_rows_sse2, em_rows_avx2, em_rows_avx512;

const em_rows *em_rows_of(assay_isa isa);

#endif
