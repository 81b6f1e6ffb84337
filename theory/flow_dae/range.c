#include "theory/flow_dae/range.h"

/* The piece of `side` with this number. */
static iv piece(iv_scope *s, range_side side, size_t index, size_t cells) {
  double width = (side.high - side.low) / (double)cells;
  return iv_hull(s, iv_d(s, side.low + (double)index * width), iv_d(s, side.low + (double)(index + 1) * width));
}

static iv over_cell(iv_scope *s, range_function f, const void *self, const range_side *box, size_t sides, size_t cell,
                    size_t cells) {
  iv at[RANGE_SIDES_MAX];
  for (size_t i = 0; i < sides; i++) {
    at[i] = piece(s, box[i], cell % cells, cells);
    cell /= cells;
  }
  return f(s, at, self);
}

iv range_over(iv_scope *s, range_function f, const void *self, const range_side *box, size_t sides, size_t cells) {
  mpfi_ptr all = iv_new(s);
  size_t count = 1;
  for (size_t i = 0; i < sides; i++) count *= cells;
  for (size_t i = 0; i < count; i++) {
    size_t mark = iv_mark(s);
    iv values = over_cell(s, f, self, box, sides, i, cells);
    if (i == 0)
      mpfi_set(all, values);
    else
      mpfi_union(all, all, values); /* a NaN end stays */
    iv_release(s, mark);
  }
  return all;
}
