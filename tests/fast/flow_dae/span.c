/* The sizes and errors of the training means as vectors, against the formulas of fast/flow_dae/steps.c in long double:
 * with W' the least value of the weight, r = 2u + 2 radius(W)/W' relative to what is divided. */
#include "fast/flow_dae/transport.h"

#include "testing.h"

#include <math.h>

static const long double U = 0x1p-53L;

static void check(const char *what, double got, long double formula, size_t number) {
  test_check(got >= formula * (1 - 0x1p-45L) && got <= formula * (1 + 0x1p-24L), "case %zu, %s: %a, not %La", number,
             what, got, formula);
}

static double any_size(test_random *random, double low) { return exp2(test_uniform(random, low, 10)); }

static dae_size any(test_random *random) {
  double norm = any_size(random, -10);
  return (dae_size){norm, test_integer(random, 0, 2) ? norm * exp2(test_uniform(random, -60, -2)) : 0};
}

static void sizes_are_the_formulas(void **state) {
  (void)state;
  test_random random = test_random_new(0x57a);
  for (size_t number = 0; number < test_cases(500); number++) {
    /* either the weight's radius is far above the roundings of n/W, or W and the mean are powers of 2 */
    bool exact = number % 3 == 0;
    size_t d = test_integer(&random, 1, 1000), n = test_integer(&random, 1, 50);
    double mean = exact ? ldexp(1, (int)test_integer(&random, 0, 4)) : any_size(&random, -10);
    double value = (double)n + any_size(&random, -10);
    ball weight = exact ? ball_exact(ldexp(1, (int)test_integer(&random, 0, 8)))
                        : ball_make(value, value * exp2(test_uniform(&random, -26, -5)));
    dae_metric metric = {.weight = weight};
    dae_gram gram = {.samples = n, .dimension = d, .s0 = any(&random), .s1 = any(&random), .t = any(&random)};
    gram.s0_entry = any_size(&random, -10);
    gram.s1_entry = any_size(&random, -10);
    gram.s0_entry_error = gram.s0_entry * exp2(test_uniform(&random, -60, -2));
    gram.s1_entry_error = gram.s1_entry * exp2(test_uniform(&random, -60, -2));
    dae_span span = dae_span_of(&gram, &metric, mean);

    long double least = (long double)weight.value - weight.error, relative = 2 * U + 2 * weight.error / least;
    dae_size s0 = gram.s0, s1 = gram.s1, t = gram.t;
    long double error0 = (s0.error + relative * ((long double)s0.norm + s0.error)) / least;
    check("mean0.error", span.mean0.error, error0, number);
    check("mean0.norm", span.mean0.norm, ((long double)s0.norm + s0.error) / least + error0, number);
    long double error1 = (s1.error + relative * ((long double)s1.norm + s1.error)) / least;
    long double norm1 = ((long double)t.norm + t.error) / least + error1;
    /* k mean with k = n/W: the radius of W moves it by k radius/W' */
    long double shift_error = fabsl(mean) * n / weight.value * (weight.error / least);
    long double subtracted = shift_error * sqrtl((long double)d) + 2 * U * norm1;
    check("kt.error", span.kt.error, error1 + subtracted, number);
    check("kt.norm", span.kt.norm, norm1 + subtracted, number);
    check("mean0 entries", span.mean0_entry_error, (gram.s0_entry_error + relative * gram.s0_entry) / least, number);
    check("mean1 entries", span.mean1_entry_error, (gram.s1_entry_error + relative * gram.s1_entry) / least, number);
    test_check(span.shift == (double)n / weight.value * mean, "case %zu: shift %a", number, span.shift);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sizes_are_the_formulas)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
