#include "theory/vectors/flag.h"

#include <float.h>
#include <math.h>

static vectors_flag_set flag(bool has, vectors_flag which) { return has ? (vectors_flag_set)1 << which : 0; }

/* ---- mixtures ---- */

static double entry(const assay_mixture *mixture, size_t k, size_t i, size_t j) {
  const assay_covariance *covariance = &mixture->components[k].covariance;
  if (covariance->kind == ASSAY_COVARIANCE_FULL) return covariance->entries[i * mixture->dimension + j];
  if (i != j) return 0;
  return covariance->kind == ASSAY_COVARIANCE_ISOTROPIC ? covariance->variance.nearest : covariance->entries[i];
}

static double largest_variance(const assay_mixture *mixture, size_t k) {
  double largest = 0;
  for (size_t j = 0; j < mixture->dimension; j++) largest = fmax(largest, entry(mixture, k, j, j));
  return largest;
}

static vectors_flag_set flags_of_covariance(const assay_mixture *mixture, size_t k) {
  double least = DBL_MAX, most = largest_variance(mixture, k);
  bool correlated = false;
  for (size_t j = 0; j < mixture->dimension; j++) {
    double variance = entry(mixture, k, j, j);
    least = fmin(least, variance);
    for (size_t i = 0; i < j; i++) {
      double off = entry(mixture, k, i, j);
      correlated |= off * off > 0.99 * 0.99 * variance * entry(mixture, k, i, i);
    }
  }
  return flag(least <= 0x1p-20, VECTORS_TINY_VARIANCE) | flag(most >= 0x1p10 * least, VECTORS_ANISOTROPIC) |
         flag(correlated, VECTORS_CORRELATED);
}

static bool apart(const assay_mixture *mixture, size_t k, size_t l) {
  double distance2 = 0, variance = fmax(largest_variance(mixture, k), largest_variance(mixture, l));
  for (size_t j = 0; j < mixture->dimension; j++) {
    double difference = mixture->components[k].mean[j] - mixture->components[l].mean[j];
    distance2 += difference * difference;
  }
  return distance2 > 16.0 * 16.0 * variance;
}

/* Two components that the reflection swaps. */
static bool symmetric(const assay_mixture *mixture) {
  const assay_component *one = mixture->components, *other = one + 1;
  if (mixture->count != 2 || one->weight.nearest != other->weight.nearest) return false;
  for (size_t i = 0; i < mixture->dimension; i++) {
    if (one->mean[i] != -other->mean[i]) return false;
    for (size_t j = 0; j < mixture->dimension; j++)
      if (entry(mixture, 0, i, j) != entry(mixture, 1, i, j)) return false;
  }
  return true;
}

vectors_flag_set vectors_flags_of_mixture(const assay_mixture *mixture) {
  vectors_flag_set flags = flag(mixture->count >= 16, VECTORS_MANY_COMPONENTS) |
                           flag(mixture->dimension >= 64, VECTORS_HIGH_DIMENSION) |
                           flag(symmetric(mixture), VECTORS_SYMMETRIC);
  bool separated = mixture->count > 1;
  for (size_t k = 0; k < mixture->count; k++) {
    flags |= flags_of_covariance(mixture, k);
    flags |= flag(mixture->components[k].weight.nearest <= 0x1p-16, VECTORS_LIGHT_COMPONENT);
    for (size_t l = 0; l < k; l++) separated &= apart(mixture, k, l);
  }
  return flags | flag(separated, VECTORS_WELL_SEPARATED);
}

/* ---- inputs and values ---- */

static bool large(const vectors_candidate *candidate, const assay_mixture *mixture) {
  double scale = 1, largest = 0;
  for (size_t j = 0; j < mixture->dimension; j++) {
    largest = fmax(largest, fabs(candidate->x[j]));
    for (size_t k = 0; k < mixture->count; k++)
      scale = fmax(scale, fmax(fabs(mixture->components[k].mean[j]), sqrt(entry(mixture, k, j, j))));
  }
  return largest > 16 * scale;
}

vectors_flag_set vectors_flags_of_place(vectors_place at, bool timed) {
  bool noise = timed ? at.time > 0 && at.time < 0x1p-6 : at.beta > 0 && at.beta < 0x1p-6 * at.alpha;
  bool data = timed ? at.time < 1 && at.time > 1 - 0x1p-6 : at.alpha > 0 && at.alpha < 0x1p-6 * at.beta;
  bool end = timed ? at.time == 0 || at.time == 1 : at.alpha == 0 || at.beta == 0;
  return flag(noise, VECTORS_NEAR_TIME_ZERO) | flag(data, VECTORS_NEAR_TIME_ONE) | flag(end, VECTORS_TIME_END);
}

vectors_flag_set vectors_flags_of_input(const vectors_candidate *candidate, const vectors_schedule *schedule,
                                        const assay_mixture *mixture, double log_density) {
  return vectors_flags_of_place(candidate->place, schedule->timed) |
         flag(large(candidate, mixture), VECTORS_LARGE_NORM) | flag(log_density < -750, VECTORS_UNDERFLOW) |
         flag(log_density < -106, VECTORS_UNDERFLOW_BINARY32) | flag(candidate->binary32, VECTORS_BINARY32_INPUTS);
}

vectors_flag_set vectors_flags_of_values(const vectors_value *values, size_t count) {
  vectors_flag_set flags = 0;
  for (size_t i = 0; i < count; i++) {
    flags |= flag(values[i].zero, VECTORS_EXACT_ZERO);
    if (values[i].zero) continue;
    double size = fabs(values[i].binary64), size32 = fabs(values[i].binary32);
    flags |= flag(size < DBL_MIN, VECTORS_BINARY64_RANGE);
    flags |= flag(size32 < (double)FLT_MIN || isinf(size32), VECTORS_BINARY32_RANGE);
  }
  return flags;
}

/* ---- text ---- */

static const struct {
  const char *name, *meaning;
} rows[] = {
#define ROW(code, name, meaning) [code] = {name, meaning},
    VECTORS_FLAGS(ROW)
#undef ROW
};

void vectors_add_flags(assay_text *text, vectors_flag_set flags) {
  const char *before = "";
  assay_text_add(text, "[");
  for (int i = 0; i < VECTORS_FLAG_COUNT; i++) {
    if (!(flags & flag(true, (vectors_flag)i))) continue;
    assay_text_format(text, "%s\"%s\"", before, rows[i].name);
    before = ", ";
  }
  assay_text_add(text, "]");
}

void vectors_add_notes(assay_text *text, vectors_flag_set flags) {
  const char *before = "{\n";
  for (int i = 0; i < VECTORS_FLAG_COUNT; i++) {
    if (!(flags & flag(true, (vectors_flag)i))) continue;
    assay_text_format(text, "%s  \"%s\": \"%s\"", before, rows[i].name, rows[i].meaning);
    before = ",\n";
  }
  assay_text_add(text, "\n }");
}
