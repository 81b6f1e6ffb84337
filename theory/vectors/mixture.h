/* theory/vectors/mixture.h: a mixture as JSON, in the form that `assay field --mixture` reads. */
#ifndef ASSAY_THEORY_VECTORS_MIXTURE_H
#define ASSAY_THEORY_VECTORS_MIXTURE_H

#include "io/text.h"

/* Numbers in the fewest decimals that read back; with `hex` as strings "0x1.8p+0". A component a line, indented by four
 * spaces. */
void vectors_add_mixture(assay_text *text, const assay_mixture *mixture, bool hex);

#endif
