#include "mixture_files.h"

#include "io/npy.h"

#include <math.h>
#include <string.h>

const char *mixture_file(const scratch *place, const char *text) {
  return scratch_file(place, "m.json", text, strlen(text));
}

void mixture_arrays(scratch *place) {
  const double rows[6] = {1, 2, 3, 4, 5, 6}, square[4] = {2, 1, 1, 3}, skew[4] = {2, 1, 1.5, 3};
  assay_context *context = &place->context;
  assert_int_equal(assay_npy_write(scratch_path(place, "rows.npy"), rows, 3, 2, context), ASSAY_OK);
  assert_int_equal(assay_npy_write(scratch_path(place, "square.npy"), square, 2, 2, context), ASSAY_OK);
  assert_int_equal(assay_npy_write(scratch_path(place, "skew.npy"), skew, 2, 2, context), ASSAY_OK);
  const double broken[2] = {1, NAN};
  assert_int_equal(assay_npy_write(scratch_path(place, "nan.npy"), broken, 1, 2, context), ASSAY_OK);
  unsigned char flat[] = "\x93NUMPY\x01\0\x38\0{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}\n"
                         "\0\0\x80\x3f\0\0\0\x40"; /* 1, 2 */
  flat[8] = (unsigned char)(sizeof flat - 1 - 8 - 10);
  scratch_file(place, "flat.npy", flat, sizeof flat - 1);
}
