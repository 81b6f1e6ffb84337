/* bench/sizes.h: what a driver and the driver of its floor must agree about. */
#ifndef ASSAY_BENCH_SIZES_H
#define ASSAY_BENCH_SIZES_H

#include <stddef.h>

/* normals.c, bits.c */
enum { NORMALS_ROWS = 128, NORMALS_COLUMNS = 8192 };

/* field.c, products.c, judge.c: components, dimension, points */
typedef struct {
  size_t count, dimension, points;
} field_size;
static const field_size FIELD_SIZES[] = {{16, 256, 20000}, {16, 256, 4000}, {4, 128, 4000}, {2, 64, 100000}};
static const char *const FIELD_VARIANTS[] = {"isotropic", "diagonal", "full", "judged", NULL};
enum { FIELD_JUDGED = 3 };

/* gram.c, gram_product.c */
enum { GRAM_LEFT = 512, GRAM_RIGHT = 64, GRAM_COLUMNS = 8192 };

/* train.c, draws.c */
enum { TRAIN_SAMPLES = 1024, TRAIN_DIMENSION = 50000 };

/* gmm_learn.c, gmm_products.c */
enum { GMM_SAMPLES = 100000, GMM_DIMENSION = 5, GMM_DEGREE = 3, GMM_DRAWS = 1, GMM_LEVELS = 13 };

/* reference.c, multiplications.c */
enum { REFERENCE_COUNT = 8, REFERENCE_DIMENSION = 64, REFERENCE_POINTS = 16, REFERENCE_BITS = 256 };

#endif
