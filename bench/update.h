/* bench/update.h: Adam's update (Kingma and Ba, ICLR 2015), one kernel per instruction set: update_<isa>.c includes
 * update_kernel.h. w's slope is (n + lambda) w + c `noisy` - `data` where all n labels are right; here n + lambda = 1
 * and c = 1/2. rate, epsilon: with the corrections of the epoch in them. */
#ifndef ASSAY_BENCH_UPDATE_H
#define ASSAY_BENCH_UPDATE_H

#include <stddef.h>

typedef struct {
  double *w, *first, *second, *data, *noisy; /* d each */
} coordinates;

typedef void update_kernel(const coordinates *x, size_t d, double rate, double epsilon);
update_kernel update_sse2, update_avx2, update_avx512;

#endif
