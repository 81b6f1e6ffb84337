#include <assay/fast.h>

#include <Random123/philox.h>

void assay_fast_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]) {
  philox4x32_ctr_t block = {{counter[0], counter[1], counter[2], counter[3]}};
  philox4x32_key_t words = {{key[0], key[1]}};
  block = philox4x32_R(10, block, words);
  for (int i = 0; i < 4; i++) out[i] = block.v[i];
}
