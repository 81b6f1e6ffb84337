/* tests/accuracy/search.h: what the program's parts share: rows of the record, each a quantity with the largest errors
 * seen, made by a search or by measuring a committed row's witnesses again. */
#ifndef ASSAY_TESTS_ACCURACY_SEARCH_H
#define ASSAY_TESTS_ACCURACY_SEARCH_H

#include "record.h"

/* quick: the first problems of the whole search, and nothing that the whole one does not do: on the same machine its
 * maxima are no larger. */
typedef enum { SEARCH_QUICK, SEARCH_WHOLE } accuracy_effort;

/* A generator of the problem's own: a function of these numbers alone, so that quick problems are among the whole's. */
test_random accuracy_random(const size_t *key, size_t count);

/* Appends rows. `committed`: the record whose witnesses are measured, or NULL to record those found. Each returns the
 * number of cases where an error exceeds its bound, after printing them. */
size_t accuracy_fields(json_t *rows, accuracy_effort effort, const json_t *committed);
size_t accuracy_dae(json_t *rows, accuracy_effort effort, const json_t *committed);
size_t accuracy_normals(json_t *rows, accuracy_effort effort, const json_t *committed);

/* The row of `committed` with these texts, NULL when there is none. covariance, schedule: "" for rows without. */
json_t *accuracy_row(const json_t *committed, const char *group, const char *quantity, const char *covariance,
                     const char *schedule);
json_t *accuracy_new_row(const char *group, const char *quantity, const char *covariance, const char *schedule,
                         size_t evaluations);

/* Prints a case in which an error exceeds its bound; no more than the first 20. */
void accuracy_print_violation(const char *what, const char *quantity, accuracy_error error, const json_t *witness);

#endif
