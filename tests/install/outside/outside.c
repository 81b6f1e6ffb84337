/* Prints the velocity of N(0, 1) at x = 1/2, t = 0 on the linear schedule: b = E[x_1] - E[x_0 | x] = -x. */
#include <assay/assay.h>

#include <stdio.h>

int main(void) {
  assay_context context;
  assay_context_init(&context);
  assay_mixture mixture;
  const double x = 0.5;
  double fast = 0, bound = 0, exact = 0;
  assay_path_point start = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0));
  assay_status status = assay_mixture_init(&mixture, 1, 1, &context);
  if (!status) status = assay_fast_field(&fast, &bound, ASSAY_VELOCITY, &mixture, &start, &x, 1, &context);
  if (!status) status = assay_reference_field_double(&exact, ASSAY_VELOCITY, &mixture, &start, &x, 1, &context);
  if (status || fast - exact > bound || exact - fast > bound) {
    fprintf(stderr, "%s\n", context.message);
    return 1;
  }
  printf("velocity %g\n", exact);
  assay_mixture_clear(&mixture);
  return 0;
}
