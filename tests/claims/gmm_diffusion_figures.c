/* The figures of gmm-diffusion's cells beside the items of the claims. */
#include "figure_data.h"
#include "testing.h"

#include <math.h>
#include <stdio.h>

enum { LEVELS = 11 };

/* Levels 64, 32, ..., 1/16; what is learned lies above the least. */
static void check_pair(const assay_plot *plot, size_t i) {
  const assay_series *line = plot->series[2 * i], *points = plot->series[2 * i + 1];
  test_check(line->count == LEVELS && points->count == LEVELS, "series %zu: %zu, %zu", i, line->count, points->count);
  for (size_t k = 0; k < LEVELS; k++) {
    test_check(line->x[k] == ldexp(64, -(int)k) && points->x[k] == line->x[k], "level %zu at %a", k, line->x[k]);
    test_check(line->y[k] > 0 && points->y[k] > line->y[k], "level %zu: %a, least %a", k, points->y[k], line->y[k]);
  }
}

static double middle(mpfi_srcptr enclosure) { return mpfi_get_d(enclosure); }

/* Two levels of each learner with cells are the claim's items. */
static void check_items(const figure_data *data, size_t i, size_t degree) {
  const assay_run *run = data->run;
  size_t found = 0;
  char start[64];
  (void)snprintf(start, sizeof start, "D=%zu ", degree);
  const assay_result *result = assay_run_result(run, 0);
  for (size_t j = 0; j < result->count; j++) {
    const assay_item *item = &result->items[j];
    size_t at = 7 + j % 2; /* tau = 1/2, 1/4 */
    if (item->name[2] != start[2]) continue;
    figure_data_same("learned", j, data->plot.series[2 * i + 1]->y[at], item->measured);
    figure_data_same("least", j, data->plot.series[2 * i]->y[at], middle(item->predicted));
    found++;
  }
  assert_int_equal(found, 2);
}

static void value_of_cells(void **state) {
  (void)state;
  static const char *const claims[] = {"gmm-diffusion/value-of-cells"};
  static const char *const labels[] = {"one polynomial, D = 3", "", "one polynomial, D = 5", "",
                                       "one polynomial, D = 8", "", "cells, D = 3",          "",
                                       "cells, D = 5",          ""};
  figure_data data;
  figure_data_open(&data, claims, 1);
  figure_data_draw(&data, "value-of-cells", "lplplplplp", labels);
  for (size_t i = 0; i < 5; i++) check_pair(&data.plot, i);
  check_items(&data, 3, 3);
  check_items(&data, 4, 5);
  /* higher degrees leave less, in one space */
  for (size_t k = 0; k < LEVELS; k++)
    test_check(data.plot.series[0]->y[k] > data.plot.series[2]->y[k] * 0.999, "level %zu", k);
  figure_data_close(&data);
}

/* One cell at first; at the end one about each component: nearer than a third of the way to the next. */
static void cells_found(void **state) {
  (void)state;
  static const char *const claims[] = {"gmm-diffusion/far-mass"}; /* any: the figure makes its own model */
  static const char *const labels[] = {"component at -3", "component at 0.5", "component at 4", "cells"};
  static const double means[] = {-3, 0.5, 4};
  figure_data data;
  figure_data_open(&data, claims, 1);
  figure_data_draw(&data, "cells-found", "lllp", labels);
  const assay_series *points = data.plot.series[3];
  for (size_t k = 0; k < 3; k++) {
    const assay_series *line = data.plot.series[k];
    test_check(line->count == 2 && line->y[0] == means[k] && line->y[1] == means[k], "line %zu", k);
    test_check(line->x[0] == points->x[0] && line->x[1] == 0.02, "line %zu: %a to %a", k, line->x[0], line->x[1]);
    double nearest = INFINITY;
    for (size_t i = points->count - 3; i < points->count; i++) nearest = fmin(nearest, fabs(points->y[i] - means[k]));
    test_check(nearest < 1, "component %zu: %a away", k, nearest);
  }
  test_check(points->x[0] > points->x[1] && points->x[points->count - 3] == 0.02, "%a, %a", points->x[0], points->x[1]);
  figure_data_close(&data);
}

/* Points of end-to-end-1d's items. EM's divergence is about chi^2_5/(2N), two weights and three means, so its distance
 * at most sqrt(38/N)/2 but for a chance of 1e-6; from N = 10 000 on that of the learned law is above what EM has. */
static void distance_samples(void **state) {
  (void)state;
  static const char *const claims[] = {"gmm-diffusion/end-to-end-1d"};
  static const char *const labels[] = {"learned, D = 3", "learned, D = 8", "EM, told k and the variance"};
  figure_data data;
  figure_data_open(&data, claims, 1);
  figure_data_draw(&data, "distance-samples", "ppp", labels);
  const assay_series *em = data.plot.series[2];
  for (size_t d = 0; d < 2; d++) {
    const assay_series *points = data.plot.series[d];
    test_check(points->count == 2 + d, "%zu points", points->count);
    for (size_t i = 0; i < points->count; i++) {
      char name[96];
      (void)snprintf(name, sizeof name, "distance from the truth, three on a line N=%.0f D=%d ratio=1.15", points->x[i],
                     d ? 8 : 3);
      figure_data_same("distance", i, points->y[i], figure_data_item(&data, claims[0], name)->measured);
      test_check(points->error[i] > 0 && points->error[i] <= points->y[i], "bar %a of %a", points->error[i],
                 points->y[i]);
      test_check(em->x[i] == points->x[i] && (i == 0 || em->y[i] < points->y[i]), "N=%g: EM %a, learned %a", em->x[i],
                 em->y[i], points->y[i]);
    }
  }
  for (size_t i = 0; i < em->count; i++)
    test_check(em->y[i] > 0 && em->y[i] < 3.1 / sqrt(em->x[i]), "N=%g: EM %a", em->x[i], em->y[i]);
  figure_data_close(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(value_of_cells), cmocka_unit_test(cells_found),
                                     cmocka_unit_test(distance_samples)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
