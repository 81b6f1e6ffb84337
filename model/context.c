/* Status names, contexts, failure messages, progress and checked allocation. */
#include <assay/model.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *assay_status_name(assay_status status) {
  switch (status) {
#define CASE(code, name, meaning)                                                                                      \
  case code:                                                                                                           \
    return name;
    ASSAY_STATUSES(CASE)
#undef CASE
  }
  return "unknown";
}

const char *assay_status_meaning(assay_status status) {
  switch (status) {
#define CASE(code, name, meaning)                                                                                      \
  case code:                                                                                                           \
    return meaning;
    ASSAY_STATUSES(CASE)
#undef CASE
  }
  return "unknown";
}

void assay_context_init(assay_context *context) {
  memset(context, 0, sizeof *context);
  context->max_bits = 4096;
}

assay_status assay_fail(assay_context *context, assay_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(context->message, sizeof context->message, format, arguments);
  va_end(arguments);
  return status;
}

assay_status assay_progress(assay_context *context, const char *what, double fraction) {
  if (context->progress && context->progress(context->progress_self, what, fraction))
    return assay_fail(context, ASSAY_CANCELLED, "%s: cancelled", what);
  return ASSAY_OK;
}

assay_status assay_allocate(void **out, size_t count, size_t size, const char *what, assay_context *context) {
  size_t bytes = 0;
  bool overflow = __builtin_mul_overflow(count, size, &bytes);
  if (overflow || (context->memory_cap && bytes > context->memory_cap))
    return assay_fail(context, ASSAY_MEMORY, "%s: %zu items of %zu bytes exceed the memory cap", what, count, size);
  void *memory = calloc(bytes ? bytes : 1, 1);
  if (!memory) return assay_fail(context, ASSAY_MEMORY, "%s: no memory for %zu bytes", what, bytes);
  *out = memory;
  return ASSAY_OK;
}
