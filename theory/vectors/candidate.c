#include "theory/vectors/candidate.h"

#include <math.h>

/* ---- numbers ---- */

typedef struct {
  uint64_t state;
} draws;

/* FNV-1a. */
static void mix_text(draws *random, const char *text) {
  for (; *text; text++) random->state = (random->state ^ (unsigned char)*text) * 0x100000001b3;
}

/* splitmix64. */
static uint64_t bits(draws *random) {
  uint64_t z = random->state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

static double uniform(draws *random) { return (double)(bits(random) >> 11) * 0x1p-53; }

static unsigned below(draws *random, unsigned count) { return (unsigned)(bits(random) % count); }

/* gcc 12 at -O2 vectorises (double)(float) of a structure's members away; through a volatile it cannot. */
static double to_binary32(double value) {
  volatile float rounded = (float)value;
  return (double)rounded;
}

/* About normal: the sum of 12 uniforms, centred. */
static double bell(draws *random) {
  double sum = -6;
  for (int i = 0; i < 12; i++) sum += uniform(random);
  return sum;
}

/* u 2^-k, u in [1/2, 1), least <= k <= most. */
static double small(draws *random, unsigned least, unsigned most) {
  unsigned k = least + below(random, most - least + 1);
  return ldexp(0.5 + uniform(random) / 2, -(int)k);
}

/* ---- places ---- */

enum { NEAREST = 48, NEAREST_BINARY32 = 20 };

static double inside(draws *random) { return 0.0625 + 0.875 * uniform(random); }

/* Near data alpha -> 0 beside beta = 1 (variance-exploding diffusions), near noise beta -> 0 beside alpha = 1, or alpha
 * large. */
static vectors_place coefficients(draws *random, vectors_family family, unsigned nearest) {
  switch (family) {
  case VECTORS_NEAR_NOISE:
    if (below(random, 2)) return (vectors_place){.alpha = 80 * (0.5 + uniform(random)), .beta = 1};
    return (vectors_place){.alpha = 1, .beta = small(random, 6, nearest)};
  case VECTORS_NEAR_DATA:
    return (vectors_place){.alpha = small(random, 6, nearest), .beta = 1};
  case VECTORS_END: {
    bool data = below(random, 2);
    return (vectors_place){.alpha = data ? 0 : 1, .beta = data ? 1 : 0};
  }
  case VECTORS_INSIDE:
  case VECTORS_FAR:
  case VECTORS_FAMILIES:
    break;
  }
  return (vectors_place){.alpha = inside(random), .beta = 1};
}

static double time_of(draws *random, vectors_family family, unsigned nearest) {
  switch (family) {
  case VECTORS_NEAR_NOISE:
    return small(random, 6, nearest);
  case VECTORS_NEAR_DATA:
    return 1 - small(random, 6, nearest);
  case VECTORS_END:
    return below(random, 2);
  case VECTORS_INSIDE:
  case VECTORS_FAR:
  case VECTORS_FAMILIES:
    break;
  }
  return below(random, 3) ? inside(random) : 1 - small(random, 6, nearest);
}

static vectors_place place_of(draws *random, const vectors_schedule *schedule, vectors_family family, bool binary32) {
  unsigned nearest = binary32 ? NEAREST_BINARY32 : NEAREST;
  vectors_place place = {.time = 0};
  if (schedule->timed)
    place.time = time_of(random, family, nearest);
  else
    place = coefficients(random, family, nearest);
  if (binary32) {
    place.time = to_binary32(place.time);
    place.alpha = to_binary32(place.alpha);
    place.beta = to_binary32(place.beta);
  }
  return place;
}

/* ---- points ---- */

static double variance_of(const assay_component *component, size_t d, size_t j) {
  const assay_covariance *covariance = &component->covariance;
  if (covariance->kind == ASSAY_COVARIANCE_ISOTROPIC) return covariance->variance.nearest;
  return covariance->entries[covariance->kind == ASSAY_COVARIANCE_FULL ? j * d + j : j];
}

typedef enum { TYPICAL, AT_MEAN, BETWEEN, AT_ORIGIN, MODES } point_mode;

static double coordinate(draws *random, point_mode mode, const assay_mixture *mixture, size_t k, size_t l, size_t j,
                         double alpha, double beta, double offset) {
  const assay_component *one = &mixture->components[k], *other = &mixture->components[l];
  double spread = sqrt(alpha * alpha + beta * beta * variance_of(one, mixture->dimension, j)), z = bell(random);
  switch (mode) {
  case AT_MEAN:
    return beta * one->mean[j] + offset * spread * z;
  case BETWEEN:
    return beta * (one->mean[j] + other->mean[j]) / 2 + offset * spread * z;
  case AT_ORIGIN:
    return offset * z;
  case TYPICAL:
  case MODES:
    break;
  }
  return beta * one->mean[j] + spread * z;
}

/* Linear coefficients stand for every schedule's: near enough to be typical. */
static void fill_point(vectors_candidate *out, draws *random, const assay_mixture *mixture, bool timed, bool far) {
  double alpha = timed ? 1 - out->place.time : out->place.alpha, beta = timed ? out->place.time : out->place.beta;
  point_mode mode = (point_mode)below(random, MODES);
  size_t k = below(random, (unsigned)mixture->count), l = below(random, (unsigned)mixture->count);
  double offset = below(random, 8) ? small(random, 0, 30) : 0, scale = 1;
  if (far) scale = ldexp(1, (int)(below(random, 4) ? 3 + below(random, 20) : 40 + below(random, 60)));
  for (size_t j = 0; j < mixture->dimension; j++) {
    double x = far ? scale * bell(random) : coordinate(random, mode, mixture, k, l, j, alpha, beta, offset);
    if (out->binary32) x = to_binary32(x);
    out->x[j] = x + 0.0; /* no -0 */
  }
}

void vectors_candidate_make(vectors_candidate *out, const vectors_target *target, const assay_mixture *mixture,
                            const vectors_schedule *schedule, unsigned n) {
  draws random = {0xcbf29ce484222325};
  mix_text(&random, target->kind), mix_text(&random, "-");
  mix_text(&random, target->name), mix_text(&random, "/");
  mix_text(&random, schedule->name);
  random.state ^= n;
  (void)bits(&random);
  vectors_family family = (vectors_family)(n % VECTORS_FAMILIES);
  *out = (vectors_candidate){.binary32 = n / VECTORS_FAMILIES % 2 == 0};
  out->place = place_of(&random, schedule, family, out->binary32);
  fill_point(out, &random, mixture, schedule->timed, family == VECTORS_FAR);
}
