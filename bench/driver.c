#include "bench/driver.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void usage(const char *program, const char *const *variants) {
  fprintf(stderr, "usage: %s ", program);
  for (size_t v = 0; variants && variants[v]; v++) fprintf(stderr, "%s%s", v ? "|" : "", variants[v]);
  fprintf(stderr, "%sPASSES [--tiny]\n", variants ? " " : "");
  exit(2);
}

static bool read_variant(size_t *out, const char *word, const char *const *variants) {
  for (*out = 0; variants[*out]; ++*out)
    if (strcmp(word, variants[*out]) == 0) return true;
  return false;
}

static bool read_passes(size_t *out, const char *word) {
  char *end = NULL;
  errno = 0;
  unsigned long long passes = strtoull(word, &end, 10);
  *out = (size_t)passes;
  return word[0] >= '1' && word[0] <= '9' && *end == 0 && errno == 0;
}

bench_arguments bench_begin(int argc, char **argv, const char *const *variants) {
  bench_arguments arguments = {.variant = 0};
  int next = 1;
  if (variants && (next >= argc || !read_variant(&arguments.variant, argv[next++], variants))) usage(argv[0], variants);
  if (next >= argc || !read_passes(&arguments.passes, argv[next++])) usage(argv[0], variants);
  if (next < argc && strcmp(argv[next], "--tiny") == 0) {
    arguments.tiny = true;
    next++;
  }
  if (next != argc) usage(argv[0], variants);
  return arguments;
}

assay_context bench_context(void) {
  assay_context context;
  assay_context_init(&context);
  context.threads = 1;
  return context;
}

void bench_require(assay_status status, const assay_context *context) {
  if (status == ASSAY_OK) return;
  fprintf(stderr, "%s\n", context->message);
  exit(1);
}

double *bench_doubles(size_t count) {
  enum { ALIGNMENT = 64 };
  size_t bytes = (count * sizeof(double) / ALIGNMENT + 1) * ALIGNMENT;
  double *out = aligned_alloc(ALIGNMENT, bytes);
  if (!out) {
    fprintf(stderr, "no memory for %zu numbers\n", count);
    exit(1);
  }
  memset(out, 0, bytes);
  return out;
}

/* Knuth's linear congruential generator (TAOCP 2, 3.3.4, MMIX): its upper 32 bits. */
void bench_fill(double *out, size_t count, uint64_t seed) {
  uint64_t state = seed;
  for (size_t i = 0; i < count; i++) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    out[i] = (double)(state >> 32) * 0x1p-31 - 1.0;
  }
}

void bench_show(const bench_arguments *arguments, const char *name, const double *numbers, size_t count) {
  double sum = 0.0;
  printf("%s", name);
  for (size_t i = 0; i < count; i++)
    if (arguments->tiny)
      printf(" %a", numbers[i]);
    else
      sum += numbers[i];
  if (!arguments->tiny) printf(" %a", sum);
  printf("\n");
}

void bench_show_words(const bench_arguments *arguments, const char *name, const uint64_t *words, size_t count) {
  uint64_t all = 0;
  printf("%s", name);
  for (size_t i = 0; i < count; i++)
    if (arguments->tiny)
      printf(" %" PRIx64, words[i]);
    else
      all ^= words[i];
  if (!arguments->tiny) printf(" %" PRIx64, all);
  printf("\n");
}

void bench_show_product(const bench_arguments *arguments, const double *x, const double *y, const double *out,
                        size_t left, size_t right, size_t columns) {
  double shape[] = {(double)left, (double)right, (double)columns};
  if (arguments->tiny) {
    bench_show(arguments, "shape", shape, 3);
    bench_show(arguments, "x", x, left * columns);
    bench_show(arguments, "y", y, right * columns);
  }
  bench_show(arguments, "out", out, left * right);
}
