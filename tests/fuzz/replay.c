/* A target without libFuzzer: replay CORPUS [MUTATIONS] runs every file of a folder, then so many seeded mutations of
 * each. An input that makes it abort is printed in hex. */
#include "fuzz.h"
#include "testing.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE_MAX_INPUT = 1 << 16, PATH = 512 };

typedef struct {
  uint8_t bytes[SIZE_MAX_INPUT];
  size_t size;
} input;

static int visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

static bool load(input *out, const char *folder, const char *name) {
  char path[PATH];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) return false;
  out->size = fread(out->bytes, 1, sizeof out->bytes, file);
  return fclose(file) == 0;
}

/* One byte changed, inserted or removed, or a stretch of the input repeated over another one. */
static void mutate_once(input *in, test_random *random) {
  size_t at = in->size ? test_integer(random, 0, in->size - 1) : 0;
  static const uint8_t telling[] = "0123456789+-./eE\"\\[]{}(),:' \n\x00\xff";
  uint8_t byte = telling[test_integer(random, 0, sizeof telling - 2)];
  size_t choice = test_integer(random, 0, 3);
  if (in->size == 0 || (choice == 0 && in->size < sizeof in->bytes)) {
    memmove(in->bytes + at + 1, in->bytes + at, in->size - at);
    in->bytes[at] = byte;
    in->size++;
  } else if (choice == 1) {
    memmove(in->bytes + at, in->bytes + at + 1, in->size - at - 1);
    in->size--;
  } else if (choice == 2) {
    size_t from = test_integer(random, 0, in->size - 1), later = from > at ? from : at;
    size_t length = test_integer(random, 1, in->size - later);
    memmove(in->bytes + at, in->bytes + from, length);
  } else {
    in->bytes[at] = test_integer(random, 0, 1) ? byte : (uint8_t)test_bits(random);
  }
}

static const input *current;

static void print_current(int signal_number) {
  static const char digits[] = "0123456789abcdef";
  (void)signal(signal_number, SIG_DFL);
  for (size_t i = 0; current && i < current->size; i++) {
    char pair[2] = {digits[current->bytes[i] >> 4], digits[current->bytes[i] & 15]};
    if (write(STDERR_FILENO, pair, 2) != 2) break;
  }
  (void)raise(signal_number);
}

static void run(const input *in) {
  current = in;
  (void)LLVMFuzzerTestOneInput(in->bytes, in->size);
}

int main(int count, char **arguments) {
  enum { SKIPPED = 77 };
  if (access("/dev/fd", F_OK) != 0) { /* inputs are files named there: a chroot without /proc has none */
    (void)fputs("skipped: no /dev/fd\n", stderr);
    return SKIPPED;
  }
  static input original, changed;
  struct dirent **entries = NULL;
  int files = count > 1 ? scandir(arguments[1], &entries, visible, alphasort) : -1;
  size_t mutations = count > 2 ? test_cases(strtoul(arguments[2], NULL, 10)) : 0;
  (void)signal(SIGABRT, print_current);
  for (int i = 0; i < files; i++) {
    if (!load(&original, arguments[1], entries[i]->d_name)) return 2;
    (void)fprintf(stderr, "%s\n", entries[i]->d_name);
    run(&original);
    test_random random = test_random_new((uint64_t)i);
    for (size_t k = 0; k < mutations; k++) {
      changed = original;
      for (size_t steps = test_integer(&random, 1, 4); steps > 0; steps--) mutate_once(&changed, &random);
      run(&changed);
    }
    free(entries[i]);
  }
  free((void *)entries);
  if (files > 0) return 0;
  (void)fprintf(stderr, "usage: %s CORPUS [MUTATIONS]: no files in %s\n", arguments[0], count > 1 ? arguments[1] : "");
  return 2;
}
