/* theory/vectors/choice.h: which candidates became test vectors. The table choice.c was written by
 * build/.../assay_vectors_search (tests/theory/vectors/search.c), whose search depends on the C library's last bits;
 * the vectors themselves are a pure function of this table and the reference. */
#ifndef ASSAY_THEORY_VECTORS_CHOICE_H
#define ASSAY_THEORY_VECTORS_CHOICE_H

#include "theory/vectors/formula.h"

/* Digits lost: VECTORS_ALL when the result is no number at all. */
enum { VECTORS_MOST_LOST = 16, VECTORS_ALL = 99, VECTORS_MOST_CHOICES = 5 };

/* n: the candidate's number. lost: of 16 decimals, by each formula (relative to the largest component), rounded down.
 */
typedef struct {
  unsigned n;
  unsigned char lost[VECTORS_FORMULA_COUNT];
} vectors_choice;

/* The cases of one group of one file. */
typedef struct {
  assay_quantity quantity;
  const char *target, *schedule; /* "isotropic-binary", "linear" */
  size_t count;
  vectors_choice list[VECTORS_MOST_CHOICES];
} vectors_group;

extern const vectors_group vectors_groups[];
extern const size_t vectors_group_count;

#endif
