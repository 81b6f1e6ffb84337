#include "theory/gmm_diffusion/two_atoms.h"

#include <stdio.h>

void two_atoms_set(two_atoms *out, atom_place a) {
  for (int i = 0; i < 2; i++) {
    long numerator = i ? a.numerator : -a.numerator;
    (void)snprintf(out->text[i], sizeof out->text[i], "%ld/%ld", numerator, a.denominator);
    assay_real place = {(double)numerator / (double)a.denominator, out->text[i]};
    out->piece[i] = (assay_gmm_piece){assay_real_of(1), place, place};
  }
  if (a.denominator == 1)
    (void)snprintf(out->name, sizeof out->name, "a=%ld", a.numerator);
  else
    (void)snprintf(out->name, sizeof out->name, "a=%ld/%ld", a.numerator, a.denominator);
  out->line = (assay_gmm_line){out->piece, 2, assay_real_of(1), assay_real_of(0)};
}
