#include "theory/vectors/file.h"
#include "theory/vectors/value.h"

#include <assay/reference.h>

static assay_status compute(mpfi_ptr out, const void *self, long goal_bits, assay_context *context) {
  return vectors_coefficients(&out[0], &out[1], self, goal_bits, context);
}

assay_status vectors_add_place(assay_text *text, const vectors_schedule *schedule, vectors_place place,
                               assay_context *context) {
  static const char *const names[] = {"alpha", "beta"};
  vectors_value values[2] = {0};
  assay_path_point point = vectors_path_point(schedule, place);
  assay_status status = vectors_values(values, 2, "alpha, beta", compute, &point, context);
  if (status) return status;
  if (schedule->timed) {
    assay_text_add(text, "\"time\": \"");
    vectors_add_hex(text, place.time);
    assay_text_add(text, "\", ");
  }
  for (size_t i = 0; i < 2; i++) {
    assay_text_format(text, "%s\"%s\": ", i ? ", " : "", names[i]);
    vectors_add_value(text, &values[i]);
    vectors_value_clear(&values[i]);
  }
  return ASSAY_OK;
}
