/* Shares of delta, and seeds, by themselves. */
#include "theory/share.h"

#include "script.h"
#include "testing.h"

#include <math.h>

/* The share never exceeds delta/(5 N), and what is handed out can be spent in any number of equal parts. */
static void shares_add_up(void **state) {
  (void)state;
  test_random random = test_random_new(0x5a4e);
  for (size_t i = 0; i < test_cases(300); i++) {
    script_claim claim = script_of("test/one", ASSAY_EXPERIMENT, NULL, 1);
    const assay_claim *list[] = {&claim.claim, NULL};
    const assay_paper paper = {.key = "test", .claims = list};
    size_t comparisons = test_integer(&random, 1, 5000);
    claim.claim.comparisons[ASSAY_LEVEL_QUICK] = comparisons;
    double delta = test_uniform(&random, 1e-12, 1);
    double limit = assay_share_limit(&paper, ASSAY_LEVEL_QUICK, delta), offered = assay_share_offered(limit);
    /* 5 N limit <= delta exactly: the product's error term is fma's. */
    double product = 5.0 * (double)comparisons * limit, error = fma(5.0 * (double)comparisons, limit, -product);
    test_check(product < delta || (product == delta && error <= 0), "delta %a, %zu comparisons", delta, comparisons);
    test_check(offered < limit && offered > limit * (1 - 1e-11), "offered %a of %a", offered, limit);
    size_t parts = test_integer(&random, 1, 100);
    double sum = 0;
    for (size_t j = 0; j < parts; j++) sum += offered / (double)parts;
    test_check(sum <= limit, "%zu parts of %a", parts, offered);
  }
  const assay_claim *none[] = {NULL};
  const assay_paper empty = {.key = "test", .claims = none};
  test_check(assay_share_limit(&empty, ASSAY_LEVEL_QUICK, 0.5) == 0, "a paper without claims");
}

/* Computed by an implementation of docs/report.md in Python, checked there against the published values of FNV-1a("a")
 * and of splitmix64's first number from 0. */
static void seeds_are_the_documented_ones(void **state) {
  (void)state;
  const struct {
    uint64_t seed;
    const char *use, *name;
    uint64_t expected;
  } known[] = {
      {0x1u, "claim", "flow-dae/continuity", 0x54744f951833e311u},
      {0xffffffffffffffffu, "experiment", "flow n=4", 0x04b9342752f212b2u},
      {0x0u, "figure", "mse", 0x702e586850b2c8ffu},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    uint64_t seed = assay_share_seed(known[i].seed, known[i].use, known[i].name);
    test_check(seed == known[i].expected, "%s:%s: %llx", known[i].use, known[i].name, (unsigned long long)seed);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shares_add_up),
      cmocka_unit_test(seeds_are_the_documented_ones),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
