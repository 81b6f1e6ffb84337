/* theory/vectors/choice.h: which candidates became test vectors. The tables in choice/ were written by
 * build/.../assay_vectors_search (tests/theory/vectors/search.c), whose search depends on the C library's last bits;
 * the vectors themselves are a pure function of these tables and the reference. */
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
  const char *target, *schedule; /* "isotropic-binary", "linear" */
  size_t count;
  vectors_choice list[VECTORS_MOST_CHOICES];
} vectors_group;

/* The groups of one file. */
typedef struct {
  const vectors_group *groups;
  size_t count;
} vectors_table;

extern const vectors_table vectors_choice_velocity, vectors_choice_score, vectors_choice_denoiser, vectors_choice_noise,
    vectors_choice_log_density, vectors_choice_divergence;

const vectors_table *vectors_choices_of(assay_quantity quantity);

#endif
