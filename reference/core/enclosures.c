/* Arrays of enclosures. */
#include <assay/reference.h>

#include <stdlib.h>

assay_status assay_enclosures_init(mpfi_ptr *out, size_t count, assay_context *context) {
  /* An initialised mpfi_t of default precision: the struct and two numbers of one limb with their headers. */
  enum { BEHIND_POINTERS = 64 };
  size_t bytes = 0;
  bool overflow = __builtin_mul_overflow(count, sizeof **out + BEHIND_POINTERS, &bytes);
  if (overflow || (context->memory_cap && bytes > context->memory_cap))
    return assay_fail(context, ASSAY_MEMORY, "enclosures: %zu of them exceed the memory cap", count);
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, count, sizeof **out, "enclosures", context);
  if (status) return status;
  mpfi_ptr enclosures = memory;
  for (size_t i = 0; i < count; i++) mpfi_init(&enclosures[i]);
  *out = enclosures;
  return ASSAY_OK;
}

void assay_enclosures_clear(mpfi_ptr enclosures, size_t count) {
  for (size_t i = 0; enclosures && i < count; i++) mpfi_clear(&enclosures[i]);
  free(enclosures);
}
