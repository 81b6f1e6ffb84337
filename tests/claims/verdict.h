/* tests/claims/verdict.h: runs one claim through the engine at quick level, with its statement or with its negative
 * control in the statement's place, and checks the verdict. */
#ifndef ASSAY_TESTS_CLAIMS_VERDICT_H
#define ASSAY_TESTS_CLAIMS_VERDICT_H

#include <assay/theory.h>

/* Fails the test, with the claim's reason, unless the verdict is `expected`; the seed is the tests' (ASSAY_TEST_SEED).
 * The control's expected verdict is always REFUTED. */
void check_verdict(const char *id, assay_verdict expected);
void check_control(const char *id);

#endif
