/* theory/share.h: what a claim gets of the run's chances: its share of delta and its seeds. Both depend on the papers'
 * declarations and on names only, never on which claims are selected. */
#ifndef ASSAY_THEORY_SHARE_H
#define ASSAY_THEORY_SHARE_H

#include <assay/theory.h>

/* delta / (ASSAY_PAPER_PLACES x the declared comparisons of all the paper's claims at the level), rounded down: what
 * one comparison may spend. 0 for a paper without claims. */
double assay_share_limit(const assay_paper *paper, assay_level level, double delta);

/* A little less, for claims to hand on: fractions of it, summed in double, stay within the limit. */
double assay_share_offered(double limit);

/* splitmix64(seed + splitmix64(FNV-1a 64 of use, ':', name)): independent seeds for claims, experiments and figures. */
uint64_t assay_share_seed(uint64_t seed, const char *use, const char *name);

#endif
