/* theory/ends.h: the ends of an enclosure, and distances from it, as reports show them. */
#ifndef ASSAY_THEORY_ENDS_H
#define ASSAY_THEORY_ENDS_H

#include <assay/theory.h>

/* Both ends in decimal, rounded outward, with so many digits that the text is hardly wider than the enclosure (at most
 * 40; 17 for a point). "nan", "inf", "-inf" for ends that are no numbers. Free both with free(). */
assay_status assay_ends_text(char **lower, char **upper, mpfi_srcptr enclosure, assay_context *context);

/* What stands against the control: the measured value's, or the left enclosure's, smallest distance from it. NaN
 * without a control, or ends. */
double assay_control_distance(const assay_item *item);

/* Distance that the evidence leaves open: measure: largest |measured - predicted|; agree: width of left - right;
 * decide: width of both enclosures together. NaN without ends. */
double assay_item_deviation(const assay_item *item);

#endif
