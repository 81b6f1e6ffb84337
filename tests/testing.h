/* tests/testing.h: what the tests share. Random tests draw from a fixed seed (ASSAY_TEST_SEED changes it), run
 * ASSAY_TEST_MULTIPLIER times as many cases as their default, and print seed and exact inputs when they fail. */
#ifndef ASSAY_TESTS_TESTING_H
#define ASSAY_TESTS_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct {
  uint64_t state;
} test_random;

/* A generator of its own (splitmix64), so that the generator under test is not its own witness. `salt` separates tests.
 */
test_random test_random_new(uint64_t salt);
uint64_t test_bits(test_random *random);
double test_uniform(test_random *random, double low, double high);
double test_normal(test_random *random);                           /* by summing uniforms: roughly normal, never huge */
size_t test_integer(test_random *random, size_t low, size_t high); /* both included */

/* low, high > 0: uniform in the logarithm. */
double test_log_uniform(test_random *random, double low, double high);

/* A A' (d x d) for A a random rotation (two Householder reflections) of a diagonal whose squares fall from `scale` to
 * scale/condition; symmetric exactly. Rounding its entries moves eigenvalues by about 1e-16 of the largest. */
void test_covariance(double *out, size_t d, double scale, double condition, test_random *random);

/* `cases` times the multiplier. */
size_t test_cases(size_t cases);

/* fail_msg with seed and a printf-style description; use %a for doubles. */
#define test_check(condition, ...)                                                                                     \
  do {                                                                                                                 \
    if (!(condition)) test_fail(__FILE__, __LINE__, #condition, __VA_ARGS__);                                          \
  } while (0)
void test_fail(const char *file, int line, const char *property, const char *format, ...)
    __attribute__((format(printf, 4, 5), noreturn));

#endif
