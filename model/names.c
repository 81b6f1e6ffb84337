/* Names of quantities, and back. */
#include <assay/model.h>

#include <string.h>

const char *assay_quantity_name(assay_quantity quantity) {
  switch (quantity) {
#define CASE(code, name, wide)                                                                                         \
  case code:                                                                                                           \
    return name;
    ASSAY_QUANTITIES(CASE)
#undef CASE
  }
  return "unknown";
}

assay_status assay_quantity_parse(assay_quantity *out, const char *text, assay_context *context) {
#define MATCH(code, name, wide)                                                                                        \
  if (strcmp(text, (name)) == 0) {                                                                                     \
    *out = (code);                                                                                                     \
    return ASSAY_OK;                                                                                                   \
  }
  ASSAY_QUANTITIES(MATCH)
#undef MATCH
#define NAME(code, name, wide) " " name
  return assay_fail(context, ASSAY_INVALID, "quantity: '%s' is none of" ASSAY_QUANTITIES(NAME), text);
#undef NAME
}

size_t assay_quantity_width(assay_quantity quantity, size_t dimension) {
#define WIDE(code, name, wide) [code] = (wide),
  static const bool is_wide[] = {ASSAY_QUANTITIES(WIDE)};
#undef WIDE
  return is_wide[quantity] ? dimension : 1;
}
