/* tests/allocation/allocation.h: what happens when memory runs out. The layers' calls of malloc and its kin come here
 * (see CMakeLists.txt), and jansson's through its own hooks; GMP, MPFR, MPFI, OpenBLAS and the C library keep theirs.
 */
#ifndef ASSAY_TESTS_ALLOCATION_ALLOCATION_H
#define ASSAY_TESTS_ALLOCATION_ALLOCATION_H

#include "testing.h"

#include <assay/model.h>

/* Runs `run` with the k-th allocation refused, and again with all from the k-th on refused, for k = 0, 1, ... until it
 * needs no more. Every time it must end with ASSAY_MEMORY and a message of one line, or do without that memory and end
 * as it does in plenty, with `ending` (or as for a mistaken file when jansson ran out: it does not tell); and
 * hold no memory that it did not hold before. `run` itself releases what it made, and checks that it is right after
 * `ending` and untouched after ASSAY_MEMORY. At least `fewest` allocations are expected, so that a test that refuses
 * nothing is seen. */
void allocation_check(const char *what, assay_status (*run)(void *self, assay_context *context), void *self,
                      assay_status ending, size_t fewest);

/* Nothing is refused between these two: for what a run does to check its results. */
void allocation_pause(void);
void allocation_resume(void);

/* An output that began as zeros still is zeros. */
void allocation_untouched(const void *output, size_t size, const char *what);

/* free() for what a layer handed over. */
void allocation_release(void *memory);

/* One test for each file. */
int allocation_setup(void **state);
int allocation_teardown(void **state);
void io_survives(void **state);
void numbers_survive(void **state);
void theory_survives(void **state);

#endif
