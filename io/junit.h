/* io/junit.h: test cases as JUnit XML, which continuous integration reads. */
#ifndef ASSAY_IO_JUNIT_H
#define ASSAY_IO_JUNIT_H

#include <assay/model.h>

typedef enum { ASSAY_JUNIT_PASSED, ASSAY_JUNIT_FAILURE, ASSAY_JUNIT_ERROR } assay_junit_outcome;

typedef struct {
  const char *suite, *name;
  double seconds;
  assay_junit_outcome outcome;
  const char *type, *message; /* of a failure or an error */
} assay_junit_case;

/* Cases of one suite follow each other. */
assay_status assay_junit_write(const char *path, const assay_junit_case *cases, size_t count, assay_context *context);

#endif
