/* bench/bits.h: the random bits of a row of normals, one kernel per instruction set: the two numbers of each block, in
 * whatever order. columns: a multiple of 16. */
#ifndef ASSAY_BENCH_BITS_H
#define ASSAY_BENCH_BITS_H

#include <stddef.h>
#include <stdint.h>

typedef void bits_kernel(uint64_t *out, uint64_t seed, uint64_t stream, uint64_t row, size_t columns);
bits_kernel bits_sse2, bits_avx2, bits_avx512;

#endif
