/* Philox4x32-10 against the known answers published with it (Random123's kat_vectors), and the vector kernels' words
 * against the same, through the normals they become. */
#include "testing.h"

#include "fast/core/normals.h"

#include <inttypes.h>
#include <stdio.h>

static const struct {
  uint32_t counter[4], key[2], out[4];
} known[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static void known_answers(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    uint32_t out[4];
    assay_fast_philox(out, known[k].counter, known[k].key);
    for (size_t i = 0; i < 4; i++)
      test_check(out[i] == known[k].out[i], "vector %zu word %zu: got %08" PRIx32 ", expected %08" PRIx32, k, i, out[i],
                 known[k].out[i]);
  }
}

/* A kernel's list() at a counter equals its transform() of the published words: its rounds are Philox's. */
static void kernels_know_them(void **state) {
  (void)state;
  for (assay_isa isa = ASSAY_ISA_SSE2; isa <= ASSAY_ISA_AVX512; isa++) {
    if (assay_fast_isa_resolve(isa) != isa) {
      printf("this machine lacks %s: not tested\n", assay_fast_isa_name(isa));
      continue;
    }
    const assay_normals_kernel *kernel = assay_normals_kernel_of(isa);
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
      const uint32_t *c = known[k].counter, *o = known[k].out;
      assay_normals normals = {(uint64_t)known[k].key[1] << 32 | known[k].key[0], c[3]};
      uint64_t row = (uint64_t)(c[2] >> 16) << 32 | c[1], pair = (uint64_t)(c[2] & 0xffff) << 32 | c[0];
      uint64_t a = (uint64_t)o[1] << 32 | o[0], b = (uint64_t)o[3] << 32 | o[2];
      double got[2], expected[2];
      kernel->list(got, &normals, &row, &pair, 1);
      kernel->transform(expected, &a, &b, 1);
      test_check(got[0] == expected[0] && got[1] == expected[1], "%s vector %zu: got %a %a, expected %a %a",
                 assay_fast_isa_name(isa), k, got[0], got[1], expected[0], expected[1]);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(known_answers), cmocka_unit_test(kernels_know_them)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
