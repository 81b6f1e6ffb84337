#include "theory/share.h"

#include <math.h>

/* 2^-40 is more than the rounding of any sum of fewer than 2^12 terms. */
static const double offered_part = 1 - 0x1p-40;

double assay_share_limit(const assay_paper *paper, assay_level level, double delta) {
  double comparisons = 0; /* exact below 2^53 */
  for (const assay_claim *const *claim = paper->claims; *claim; claim++)
    comparisons += (double)(*claim)->comparisons[level];
  if (comparisons == 0) return 0;
  return nextafter(delta / (ASSAY_PAPER_PLACES * comparisons), 0); /* one step below the nearest: rounded down */
}

double assay_share_offered(double limit) { return limit * offered_part; }

static uint64_t splitmix64(uint64_t z) {
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static uint64_t fnv1a(uint64_t hash, const char *text) {
  for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
  return hash;
}

uint64_t assay_share_seed(uint64_t seed, const char *use, const char *name) {
  uint64_t hash = fnv1a(fnv1a(fnv1a(0xcbf29ce484222325u, use), ":"), name);
  return splitmix64(seed + splitmix64(hash));
}
