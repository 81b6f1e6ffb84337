#include "npy_bytes.h"

#include <string.h>

size_t npy_bytes(unsigned char out[NPY_BYTES_MAX], unsigned major, const char *dict, const void *data, size_t size) {
  const unsigned char start[] = {0x93, 'N', 'U', 'M', 'P', 'Y', (unsigned char)major, 0};
  size_t length = strlen(dict), used = sizeof start;
  memcpy(out, start, sizeof start);
  for (size_t i = 0; i < (major == 1 ? 2u : 4u); i++) out[used++] = (unsigned char)(length >> (8 * i));
  for (size_t i = 0; i < length; i++) out[used++] = (unsigned char)dict[i];
  if (size) memcpy(out + used, data, size);
  return used + size;
}
