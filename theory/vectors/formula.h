/* theory/vectors/formula.h: formulas in common use, whose losses the test vectors quote. They were carried out in
 * binary64 by tests/theory/vectors/naive.c; nothing here evaluates them. */
#ifndef ASSAY_THEORY_VECTORS_FORMULA_H
#define ASSAY_THEORY_VECTORS_FORMULA_H

#include <assay/model.h>

/* X(code, name, what it is) */
#define VECTORS_FORMULAS(X)                                                                                            \
  X(VECTORS_GUARDED, "guarded",                                                                                        \
    "p_k by a softmax with its largest exponent subtracted, squared distances of differences, score = -sum p_k g_k, "  \
    "f = sum p_k (m_k + beta S_k g_k), noise = -alpha score, velocity = beta' f + alpha' noise; alpha free of "        \
    "cancellation (sin(pi (1 - t)/2), (1 - t)(1 + t + t^2), sqrt((1 - t)(1 + t)), sqrt(-expm1(2 log beta)))")          \
  X(VECTORS_EXPANDED, "expanded squares", "guarded, but |x - beta m|^2 as |x|^2 - 2 beta <x, m> + beta^2 |m|^2")       \
  X(VECTORS_UNGUARDED, "unguarded softmax", "guarded, but the exponentials, and their sum's logarithm, as they are")   \
  X(VECTORS_PLAIN_PATH, "plain schedule",                                                                              \
    "guarded, but alpha = cos(pi t/2), 1 - t^3, sqrt(1 - t^2), sqrt(1 - beta^2) as they are")                          \
  X(VECTORS_FROM_DENOISER, "from the denoiser",                                                                        \
    "velocity = (beta' - alpha' beta/alpha) f + (alpha'/alpha) x, score = -(x - beta f)/alpha^2, noise = (x - beta "   \
    "f)/alpha, with f guarded")                                                                                        \
  X(VECTORS_FROM_SCORE, "from the score",                                                                              \
    "velocity = (beta'/beta) x + (beta' alpha^2/beta - alpha alpha') score, denoiser = (x + alpha^2 score)/beta, "     \
    "with the score guarded")                                                                                          \
  X(VECTORS_DIFFERENCES, "central differences", "divergence from guarded velocities at x_j +- 2^-17 max(1, |x_j|)")

typedef enum {
#define VECTORS_FORMULA_CODE(code, name, meaning) code,
  VECTORS_FORMULAS(VECTORS_FORMULA_CODE)
#undef VECTORS_FORMULA_CODE
      VECTORS_FORMULA_COUNT
} vectors_formula;

const char *vectors_formula_name(vectors_formula formula);
const char *vectors_formula_meaning(vectors_formula formula);

/* Is it a way to this quantity? */
bool vectors_formula_gives(vectors_formula formula, assay_quantity quantity);

#endif
