/* theory/item.h: items as records that own what they hold. */
#ifndef ASSAY_THEORY_ITEM_H
#define ASSAY_THEORY_ITEM_H

#include <assay/theory.h>

/* Copies everything given; control and left may be NULL. Method, relation, measured value, allowance and verdict are
 * left to the caller (measured: NaN, the others 0). */
assay_status assay_item_init(assay_item *out, const char *name, mpfi_srcptr predicted, mpfi_srcptr control,
                             mpfi_srcptr left, const assay_budget_term *terms, size_t count, assay_context *context);

/* Releases an array of items and what they own. */
void assay_items_clear(assay_item *items, size_t count);

#endif
