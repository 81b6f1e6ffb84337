/* bench/sizes.h: the sizes of drivers, those of a driver and of the driver of its floor in one table: name, default,
 * with --tiny. */
#ifndef ASSAY_BENCH_SIZES_H
#define ASSAY_BENCH_SIZES_H

#include "bench/driver.h"

/* normals.c, bits.c: rows, columns */
static const bench_table NORMALS_SIZES[] = {{NULL, {{"n", 128, 3}, {"d", 8192, 71}}}};

/* field.c, products.c: components, dimension, points */
static const bench_table FIELD_SIZES[] = {{"isotropic", {{"k", 16, 3}, {"d", 256, 5}, {"N", 20000, 4}}},
                                          {"diagonal", {{"k", 16, 3}, {"d", 256, 5}, {"N", 4000, 4}}},
                                          {"full", {{"k", 4, 3}, {"d", 128, 5}, {"N", 4000, 4}}},
                                          {NULL, {{0}}}};

/* judge.c: likewise, isotropic */
static const bench_table JUDGE_SIZES[] = {{NULL, {{"k", 2, 3}, {"d", 64, 5}, {"N", 100000, 4}}}};

/* gram.c, gram_product.c: rows of the two arrays, columns */
static const bench_table GRAM_SIZES[] = {{NULL, {{"n", 512, 3}, {"m", 64, 2}, {"d", 8192, 7}}}};

/* train.c, draws.c: samples, dimension */
static const bench_table TRAIN_SIZES[] = {{NULL, {{"n", 1024, 5}, {"d", 50000, 7}}}};

/* gmm_learn.c, gmm_products.c: samples, dimension, degree, draws of each sample */
static const bench_table GMM_SIZES[] = {{NULL, {{"N", 100000, 60}, {"n", 5, 2}, {"degree", 3, 1}, {"draws", 1, 1}}}};
enum { GMM_LEVELS = 13 };

/* reference.c, multiplications.c: components, dimension, points, bits of the goal */
static const bench_table REFERENCE_SIZES[] = {{NULL, {{"k", 8, 3}, {"d", 64, 5}, {"N", 16, 2}, {"bits", 256, 256}}}};

#endif
