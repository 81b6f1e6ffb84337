/* theory/gmm_diffusion/two_atoms.h: the law u = +-a with equal weights, sigma = 1, centre 0: m(z) = a tanh(a z). */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_TWO_ATOMS_H
#define ASSAY_THEORY_GMM_DIFFUSION_TWO_ATOMS_H

#include <assay/gmm_reference.h>

typedef struct {
  long numerator, denominator;
} atom_place;

/* Points into itself: it stays where it is. */
typedef struct {
  char text[2][48], name[16]; /* "-3/2", "3/2"; "a=3/2" */
  assay_gmm_piece piece[2];
  assay_gmm_line line;
} two_atoms;

void two_atoms_set(two_atoms *out, atom_place a);

#endif
