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

/* flow.c: samples, dimension, generated samples */
static const bench_table FLOW_SIZES[] = {{NULL, {{"n", 256, 5}, {"d", 20000, 7}, {"N", 1000, 3}}}};

/* adam.c: samples, dimension */
static const bench_table ADAM_SIZES[] = {
    {"sign", {{"n", 128, 5}, {"d", 50000, 7}}}, {"tanh", {{"n", 128, 5}, {"d", 50000, 7}}}, {NULL, {{0}}}};

/* update.c: dimension */
static const bench_table UPDATE_SIZES[] = {{NULL, {{"d", 50000, 7}}}};

/* gmm_learn.c, gmm_products.c: samples, dimension, degree, draws of each sample */
static const bench_table GMM_SIZES[] = {{NULL, {{"N", 100000, 60}, {"n", 5, 2}, {"degree", 3, 1}, {"draws", 1, 1}}}};
enum { GMM_LEVELS = 13 };

/* em.c: rows, dimension, components */
static const bench_table EM_SIZES[] = {{NULL, {{"N", 50000, 20}, {"n", 16, 2}, {"k", 8, 3}}}};

/* reference.c, multiplications.c: components, dimension, points, bits of the goal */
static const bench_table REFERENCE_SIZES[] = {{NULL, {{"k", 8, 3}, {"d", 64, 5}, {"N", 16, 2}, {"bits", 256, 256}}}};

/* bayes.c, nodes.c: bits of the goal */
static const bench_table BAYES_SIZES[] = {{NULL, {{"bits", 256, 44}}}};

/* samples.c, sample_products.c: components, dimension, samples */
static const bench_table SAMPLES_SIZES[] = {{NULL, {{"k", 4, 1}, {"d", 64, 3}, {"N", 20000, 60}}}};

/* copy.c: numbers */
static const bench_table COPY_SIZES[] = {{NULL, {{"n", 16000000, 5}}}};

#endif
