#include "testing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t environment_number(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static uint64_t seed(void) { return environment_number("ASSAY_TEST_SEED", 1); }

uint64_t test_bits(test_random *random) {
  uint64_t z = (random->state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

test_random test_random_new(uint64_t salt) {
  test_random random = {seed() * 0x2545f4914f6cdd1du ^ salt};
  test_bits(&random);
  return random;
}

double test_uniform(test_random *random, double low, double high) {
  return low + (high - low) * ((double)(test_bits(random) >> 11) * 0x1p-53);
}

double test_normal(test_random *random) {
  double sum = 0;
  for (int i = 0; i < 12; i++) sum += test_uniform(random, -0.5, 0.5);
  return sum;
}

size_t test_integer(test_random *random, size_t low, size_t high) {
  return low + (size_t)(test_bits(random) % (high - low + 1));
}

double test_log_uniform(test_random *random, double low, double high) {
  return exp(test_uniform(random, log(low), log(high)));
}

/* a - 2 v v' a/|v|^2 */
static void reflect(double *a, size_t d, const double *v) {
  double square = 0.0;
  for (size_t i = 0; i < d; i++) square += v[i] * v[i];
  for (size_t j = 0; j < d; j++) {
    double dot = 0.0;
    for (size_t i = 0; i < d; i++) dot += v[i] * a[i * d + j];
    for (size_t i = 0; i < d; i++) a[i * d + j] -= 2.0 * dot / square * v[i];
  }
}

void test_covariance(double *out, size_t d, double scale, double condition, test_random *random) {
  double *a = calloc(d * d, sizeof *a), *v = calloc(d, sizeof *v);
  if (!a || !v) abort();
  for (size_t i = 0; i < d; i++) {
    double place = d > 1 ? (double)i / (double)(d - 1) : 0.0;
    a[i * d + i] = sqrt(scale * pow(condition, -place));
  }
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < d; i++) v[i] = test_normal(random);
    reflect(a, d, v);
  }
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = 0.0;
      for (size_t l = 0; l < d; l++) sum += a[i * d + l] * a[j * d + l];
      out[i * d + j] = out[j * d + i] = sum;
    }
  free(a);
  free(v);
}

size_t test_cases(size_t cases) { return cases * (size_t)environment_number("ASSAY_TEST_MULTIPLIER", 1); }

void test_fail(const char *file, int line, const char *property, const char *format, ...) {
  fprintf(stderr, "%s:%d: fails: %s\n  seed %llu: ", file, line, property, (unsigned long long)seed());
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  _fail(file, line);
  abort();
}
