/* theory/vectors/flag.h: what is hard about a case. */
#ifndef ASSAY_THEORY_VECTORS_FLAG_H
#define ASSAY_THEORY_VECTORS_FLAG_H

#include "theory/vectors/candidate.h"
#include "theory/vectors/choice.h"
#include "theory/vectors/value.h"

/* X(code, name, explanation) */
#define VECTORS_FLAGS(X)                                                                                               \
  X(VECTORS_NEAR_TIME_ZERO, "NearTimeZero",                                                                            \
    "0 < t < 1/64 (coefficients: 0 < beta < alpha/64): nearly pure noise; formulas that divide by beta cancel")        \
  X(VECTORS_NEAR_TIME_ONE, "NearTimeOne",                                                                              \
    "0 < 1 - t < 1/64 (coefficients: 0 < alpha < beta/64): nearly pure data; formulas that divide by alpha cancel")    \
  X(VECTORS_TIME_END, "TimeEnd",                                                                                       \
    "t is 0 or 1 (coefficients: alpha or beta is 0): 0/0 in formulas that divide by alpha or beta")                    \
  X(VECTORS_WELL_SEPARATED, "WellSeparated",                                                                           \
    "every two means are farther apart than 16 standard deviations: one component has nearly all the weight")          \
  X(VECTORS_TINY_VARIANCE, "TinyVariance", "a variance on the diagonal is at most 2^-20")                              \
  X(VECTORS_ANISOTROPIC, "Anisotropic", "variances of one component differ by 2^10 or more")                           \
  X(VECTORS_CORRELATED, "Correlated", "two coordinates of a component have a correlation above 0.99")                  \
  X(VECTORS_MANY_COMPONENTS, "ManyComponents", "16 components or more")                                                \
  X(VECTORS_LIGHT_COMPONENT, "LightComponent", "a component has weight 2^-16 or less")                                 \
  X(VECTORS_HIGH_DIMENSION, "HighDimension", "64 coordinates: densities are extreme at ordinary points")               \
  X(VECTORS_SYMMETRIC, "Symmetric", "the mixture is the same at x and -x")                                             \
  X(VECTORS_LARGE_NORM, "LargeNorm", "a coordinate of x exceeds 16 times every |mean| and standard deviation, and 16") \
  X(VECTORS_UNDERFLOW, "Underflow",                                                                                    \
    "log p_t(x) < -750: every weighted density is 0 in binary64, so a softmax without its maximum is 0/0")             \
  X(VECTORS_UNDERFLOW_BINARY32, "UnderflowBinary32", "log p_t(x) < -106: the same in binary32")                        \
  X(VECTORS_CANCELLATION, "Cancellation",                                                                              \
    "in binary64 the guarded formula loses 4 of 16 digits, or any does that rounds beta m_k or alpha^2 I + beta^2 "    \
    "S_k")                                                                                                             \
  X(VECTORS_EXACT_ZERO, "ExactZero", "a component is exactly 0")                                                       \
  X(VECTORS_BINARY32_INPUTS, "Binary32Inputs", "x and the time (or alpha and beta) are exact in binary32")             \
  X(VECTORS_BINARY32_RANGE, "Binary32Range", "a nonzero component overflows binary32, or is below its normal numbers") \
  X(VECTORS_BINARY64_RANGE, "Binary64Range", "a nonzero component is below the normal numbers of binary64")

typedef enum {
#define VECTORS_FLAG_CODE(code, name, meaning) code,
  VECTORS_FLAGS(VECTORS_FLAG_CODE)
#undef VECTORS_FLAG_CODE
      VECTORS_FLAG_COUNT
} vectors_flag;

/* Bit i: flag i. */
typedef uint32_t vectors_flag_set;

/* Those that a mixture has. */
vectors_flag_set vectors_flags_of_mixture(const assay_mixture *mixture);

vectors_flag_set vectors_flags_of_place(vectors_place place, bool timed);

/* Those of the place and the point; `log_density` is log p_t(x). */
vectors_flag_set vectors_flags_of_input(const vectors_candidate *candidate, const vectors_schedule *schedule,
                                        const assay_mixture *mixture, double log_density);

vectors_flag_set vectors_flags_of_values(const vectors_value *values, size_t count);

/* ["NearTimeOne", ...], and {"NearTimeOne": "...", ...} with each explanation on a line of its own. */
void vectors_add_flags(assay_text *text, vectors_flag_set flags);
void vectors_add_notes(assay_text *text, vectors_flag_set flags);

#endif
