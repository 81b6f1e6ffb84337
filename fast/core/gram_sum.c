#include "fast/core/gram_sum.h"
#include "fast/core/tiles.h"

#include <cblas.h>
#include <string.h>

typedef struct {
  double *gram;
  const double *z;
  size_t rows, d;
} gram_job;

enum { STRIP = 32 }; /* rows of the result that one task owns */

static assay_status add_strip(void *self, size_t index, void *scratch, assay_context *context) {
  (void)scratch;
  (void)context;
  const gram_job *job = self;
  size_t first = index * STRIP, width = job->d - first < STRIP ? job->d - first : STRIP;
  int d = (int)job->d;
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)width, d, (int)job->rows, 1.0, job->z + first, d, job->z, d,
              1.0, job->gram + first * job->d, d);
  return ASSAY_OK;
}

assay_status gram_add(double *gram, const double *z, size_t rows, size_t d, assay_context *context) {
  gram_job job = {.z = z, .rows = rows, .d = d};
  job.gram = gram;
  assay_context quiet = *context;
  quiet.progress = NULL;
  assay_status status = tiles_run(tiles_count(d, STRIP), 0, add_strip, &job, "covariance", &quiet);
  if (status) memcpy(context->message, quiet.message, sizeof context->message);
  return status;
}
