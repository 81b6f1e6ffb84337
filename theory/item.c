#include "theory/item.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static assay_status copy_text(char **out, const char *text, assay_context *context) {
  size_t size = strlen(text) + 1;
  void *copy = NULL;
  assay_status status = assay_allocate(&copy, size, 1, "item", context);
  if (status == ASSAY_OK) *out = memcpy(copy, text, size);
  return status;
}

/* NULL gives an interval without ends. */
static void copy_enclosure(mpfi_ptr out, mpfi_srcptr enclosure) {
  mpfi_init2(out, enclosure ? mpfi_get_prec(enclosure) : MPFR_PREC_MIN);
  if (enclosure) mpfi_set(out, enclosure);
}

static void free_texts(char *name, assay_budget_term *budget, size_t terms) {
  for (size_t i = 0; i < terms; i++) free((void *)budget[i].why);
  free(budget);
  free(name);
}

static assay_status copy_budget(assay_budget_term **out, const assay_budget_term *terms, size_t count,
                                assay_context *context) {
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, count, sizeof **out, "item's budget", context);
  if (status) return status;
  assay_budget_term *budget = memory;
  for (size_t i = 0; i < count && !status; i++) {
    char *why = NULL;
    status = copy_text(&why, terms[i].why, context);
    budget[i] = terms[i];
    budget[i].why = why;
  }
  if (status)
    free_texts(NULL, budget, count);
  else
    *out = budget;
  return status;
}

assay_status assay_item_init(assay_item *out, const char *name, mpfi_srcptr predicted, mpfi_srcptr control,
                             mpfi_srcptr left, const assay_budget_term *terms, size_t count, assay_context *context) {
  char *own_name = NULL;
  assay_budget_term *budget = NULL;
  assay_status status = copy_text(&own_name, name, context);
  if (!status) status = copy_budget(&budget, terms, count, context);
  if (status) {
    free(own_name);
    return status;
  }
  *out = (assay_item){.name = own_name, .budget = budget, .terms = count, .has_control = control, .measured = NAN};
  copy_enclosure(out->predicted, predicted);
  copy_enclosure(out->control, control);
  copy_enclosure(out->left, left);
  return ASSAY_OK;
}

void assay_items_clear(assay_item *items, size_t count) {
  for (size_t i = 0; i < count; i++) {
    mpfi_clear(items[i].predicted);
    mpfi_clear(items[i].control);
    mpfi_clear(items[i].left);
    free_texts(items[i].name, items[i].budget, items[i].terms);
  }
  free(items);
}
