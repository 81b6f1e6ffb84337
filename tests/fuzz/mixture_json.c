/* Any bytes as a mixture: refused in one line, or a mixture that assay_mixture_check accepts and whose numbers read
 * back as what they are. Slots 101 and 102 hold arrays of 2 and of 2 x 2 numbers that a mixture may name. */
#include "io/mixture_json.h"
#include "fuzz.h"
#include "io/npy_header.h"

#include <string.h>

enum { MIXTURE = 100, VECTOR, MATRIX };

static void write_array(int slot, const char *shape, size_t entries) {
  static const double values[4] = {2, 0.5, 0.5, 1};
  unsigned char bytes[ASSAY_NPY_WRITTEN + sizeof values];
  assay_npy_header_format((char *)bytes, 2, 2);
  char *tuple = memchr(bytes, '(', ASSAY_NPY_WRITTEN);
  memcpy(tuple, shape, strlen(shape));
  memcpy(bytes + ASSAY_NPY_WRITTEN, values, entries * sizeof *values);
  (void)fuzz_file(slot, bytes, ASSAY_NPY_WRITTEN + entries * sizeof *values);
}

static void check_real(assay_real real, assay_context *context) {
  assay_real again;
  if (!real.exact) return;
  fuzz_check(assay_real_parse(&again, real.exact, true, "exact", context) == ASSAY_OK && again.nearest == real.nearest,
             "an exact string reads as its nearest double", context);
}

static void check_mixture(const assay_mixture *mixture, assay_context *context) {
  fuzz_check(assay_mixture_check(mixture, context) == ASSAY_OK, "what is read obeys the domain rules", context);
  for (size_t k = 0; k < mixture->count; k++) {
    check_real(mixture->components[k].weight, context);
    check_real(mixture->components[k].covariance.variance, context);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static bool arrays;
  if (!arrays) {
    write_array(VECTOR, "(2,)  ", 2);
    write_array(MATRIX, "(2, 2)", 4);
    arrays = true;
  }
  assay_context context;
  assay_context_init(&context);
  context.memory_cap = FUZZ_MEMORY;
  assay_mixture mixture = {0};
  assay_status status = assay_mixture_read_json(&mixture, fuzz_file(MIXTURE, data, size), &context);
  if (status == ASSAY_OK) {
    check_mixture(&mixture, &context);
    assay_mixture_clear(&mixture);
  } else {
    fuzz_check_refusal(status, &mixture, sizeof mixture, &context);
  }
  return 0;
}
