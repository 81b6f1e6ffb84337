/* memfd_create() is Linux's own. */
#define _GNU_SOURCE

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void require(bool done, const char *what) {
  if (done) return;
  perror(what);
  abort();
}

const char *fuzz_file(int slot, const void *bytes, size_t size) {
  static char path[32];
  if (lseek(slot, 0, SEEK_CUR) < 0) {
    int nameless = memfd_create("assay-fuzz", 0);
    require(nameless >= 0 && dup2(nameless, slot) == slot && close(nameless) == 0, "memfd_create");
  }
  require(ftruncate(slot, 0) == 0 && pwrite(slot, bytes, size, 0) == (ssize_t)size, "write");
  (void)snprintf(path, sizeof path, "/dev/fd/%d", slot);
  return path;
}

void fuzz_check(bool holds, const char *property, const assay_context *context) {
  if (holds) return;
  (void)fprintf(stderr, "property violated: %s; message \"%s\"\n", property, context->message);
  abort();
}

void fuzz_check_refusal(assay_status status, const void *output, size_t size, const assay_context *context) {
  fuzz_check(status == ASSAY_INVALID || status == ASSAY_UNSUPPORTED || status == ASSAY_IO || status == ASSAY_MEMORY,
             "a refusal is invalid, unsupported, io or memory", context);
  fuzz_check(context->message[0] != '\0', "a refusal has a message", context);
  fuzz_check(strpbrk(context->message, "\r\n") == NULL, "a message is one line", context);
  const unsigned char *bytes = output;
  for (size_t i = 0; i < size; i++) fuzz_check(bytes[i] == 0, "a refusal leaves its output untouched", context);
}
