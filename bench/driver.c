#include "bench/driver.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const isas[] = {"best", "sse2", "avx2", "avx512", NULL};
static const char *const quantities[] = {"velocity", "score", "denoiser", "noise", "log-density", "divergence", NULL};

/* NULL: its value is a number. */
static const char *const *words_of(const bench_setting *setting) {
  if (strcmp(setting->name, "isa") == 0) return isas;
  return strcmp(setting->name, "quantity") == 0 ? quantities : NULL;
}

static _Noreturn void usage(const char *program, const bench_table *tables, const bench_arguments *arguments) {
  fprintf(stderr, "usage: %s ", program);
  for (size_t v = 0; tables[v].variant; v++) fprintf(stderr, "%s%s", v ? "|" : "", tables[v].variant);
  fprintf(stderr, "%sPASSES [--tiny]", tables->variant ? " " : "");
  for (const bench_setting *s = arguments->settings; s->name; s++) {
    const char *const *words = words_of(s);
    fprintf(stderr, " [%s=%s", s->name, words ? *words : "NUMBER");
    for (size_t w = 1; words && words[w]; w++) fprintf(stderr, "|%s", words[w]);
    fprintf(stderr, "]");
  }
  fprintf(stderr, "\n");
  exit(2);
}

static bool read_word(size_t *out, const char *word, const char *const *words) {
  for (*out = 0; words[*out]; ++*out)
    if (strcmp(word, words[*out]) == 0) return true;
  return false;
}

static bool read_number(size_t *out, const char *word) {
  char *end = NULL;
  errno = 0;
  unsigned long long number = strtoull(word, &end, 10);
  *out = (size_t)number;
  return word[0] >= '1' && word[0] <= '9' && *end == 0 && errno == 0 && number <= INT32_MAX;
}

/* word: NAME=VALUE */
static bool read_setting(bench_arguments *arguments, const char *word, size_t name_length) {
  for (size_t i = 0; arguments->settings[i].name; i++) {
    const bench_setting *setting = &arguments->settings[i];
    if (strncmp(setting->name, word, name_length) != 0 || setting->name[name_length] != 0) continue;
    const char *value = word + name_length + 1, *const *words = words_of(setting);
    return words ? read_word(&arguments->values[i], value, words) : read_number(&arguments->values[i], value);
  }
  return false;
}

/* The sizes of a table and what the driver takes beside them, followed by zeros. */
static void set_settings(bench_arguments *arguments, const bench_setting *sizes, const bench_setting *own) {
  size_t count = 0;
  for (; sizes->name; sizes++) arguments->settings[count++] = *sizes;
  for (; own && own->name; own++) arguments->settings[count++] = *own;
}

/* The index of the table whose variant `word` names. */
static bool read_variant(size_t *out, const char *word, const bench_table *tables) {
  for (*out = 0; tables[*out].variant; ++*out)
    if (word && strcmp(word, tables[*out].variant) == 0) return true;
  *out = 0;
  return false;
}

bench_arguments bench_begin(int argc, char **argv, const bench_table *tables, const bench_setting *own) {
  bench_arguments arguments = {.variant = 0};
  int next = 1;
  bool good = !tables->variant || read_variant(&arguments.variant, argv[next++], tables);
  set_settings(&arguments, tables[arguments.variant].sizes, own);
  for (int i = next; i < argc; i++)
    if (strcmp(argv[i], "--tiny") == 0) arguments.tiny = true;
  for (size_t i = 0; i < BENCH_MOST_SETTINGS; i++)
    arguments.values[i] = arguments.tiny ? arguments.settings[i].tiny : arguments.settings[i].usual;
  for (; good && next < argc; next++) {
    const char *word = argv[next], *equals = strchr(word, '=');
    if (strcmp(word, "--tiny") == 0) continue;
    good = equals ? read_setting(&arguments, word, (size_t)(equals - word))
                  : !arguments.passes && read_number(&arguments.passes, word);
  }
  if (!good || !arguments.passes) usage(argv[0], tables, &arguments);
  return arguments;
}

static size_t place_of(const bench_arguments *arguments, const char *name) {
  size_t i = 0;
  while (arguments->settings[i].name && strcmp(arguments->settings[i].name, name) != 0) i++;
  return i;
}

size_t bench_value(const bench_arguments *arguments, const char *name) {
  return arguments->values[place_of(arguments, name)];
}

assay_context bench_context(const bench_arguments *arguments) {
  assay_context context;
  assay_context_init(&context);
  size_t threads = bench_value(arguments, "threads");
  context.threads = threads ? (int)threads : 1;
  context.isa = (assay_isa)bench_value(arguments, "isa");
  return context;
}

void bench_require(assay_status status, const assay_context *context) {
  if (status == ASSAY_OK) return;
  fprintf(stderr, "%s\n", context->message);
  exit(1);
}

double *bench_doubles(size_t rows, size_t columns) {
  enum { ALIGNMENT = 64 };
  size_t count = 0, bytes = 0;
  double *out = NULL;
  if (!__builtin_mul_overflow(rows, columns, &count) && !__builtin_mul_overflow(count, sizeof *out, &bytes) &&
      bytes <= SIZE_MAX - ALIGNMENT) {
    bytes = (bytes / ALIGNMENT + 1) * ALIGNMENT;
    out = aligned_alloc(ALIGNMENT, bytes);
  }
  if (!out) {
    fprintf(stderr, "no memory for %zu x %zu numbers\n", rows, columns);
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
