/* tests/reference/arb_bridge.h: enclosures of the reference beside balls of Arb. */
#ifndef ASSAY_TESTS_REFERENCE_ARB_BRIDGE_H
#define ASSAY_TESTS_REFERENCE_ARB_BRIDGE_H

#include <arb.h>
#include <mpfi.h>
#include <stdbool.h>

/* A ball around the enclosure, at the enclosure's precision and a little more. */
void bridge_set(arb_t out, mpfi_srcptr enclosure);

/* Do the two overlap? When the ball is far narrower than the enclosure, a miss is an error. */
bool bridge_meets(mpfi_srcptr enclosure, const arb_t ball);

/* Is the enclosure at most 2^-bits wide? */
bool bridge_narrow(mpfi_srcptr enclosure, long bits);

/* The enclosure as text, for failure messages; four calls may be pending. */
const char *bridge_text(mpfi_srcptr enclosure);
const char *bridge_ball(const arb_t ball);

#endif
