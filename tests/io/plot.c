/* io/plot: gnuplot draws what the table holds, at the right places, and nothing else. */
#include "io/plot.h"

#include "scratch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const double x4[4] = {1, 10, 100, 1000}, y4[4] = {1, 2, 4, 8}, e4[4] = {0.5, 3, 0, 1};

static assay_plot_table table_of(const assay_plot_series *series, size_t count) {
  return (assay_plot_table){"title", "x label", "y label", false, false, series, count};
}

static void draw(char **svg, scratch *place, const assay_plot_table *table) {
  assay_status status = assay_plot_svg(svg, table, &place->context);
  test_check(status == ASSAY_OK, "%s", place->context.message);
  assert_memory_equal(*svg, "<svg", 4);
  assert_non_null(strstr(*svg, "</svg>"));
}

static size_t occurrences(const char *text, const char *wanted) {
  size_t count = 0;
  for (text = strstr(text, wanted); text; text = strstr(text + 1, wanted)) count++;
  return count;
}

static void labels_are_plain_text(void **state) {
  const assay_plot_series series = {
      "it's `date` \"quoted\" <b> & a_b^c {d} \\n @1\nsigma \xcf\x83\xc2\xb2", true, 4, x4, y4, NULL, NULL};
  assay_plot_table table = table_of(&series, 1);
  table.title = "title: 'set output'";
  table.x_label = "x_1^2 $t";
  table.y_label = "'; exit; '";
  char *svg = NULL;
  draw(&svg, *state, &table);
  assert_non_null(strstr(svg, "it's `date` \"quoted\" &lt;b> &amp; a_b^c {d} \\n @1 sigma \xcf\x83\xc2\xb2"));
  assert_non_null(strstr(svg, "title: 'set output'"));
  assert_non_null(strstr(svg, "x_1^2 $t"));
  assert_non_null(strstr(svg, "'; exit; '"));
  free(svg);
}

/* The four centres of series' points (gnuplot's <use> elements; the fifth stands in the key). */
static void points_of(const char *svg, double x[5], double y[5]) {
  const char *next = svg;
  for (size_t i = 0; i < 5; i++) {
    next = strstr(next + 1, "<use xlink:href='#gpPt5' transform");
    assert_non_null(next);
    char *end;
    x[i] = strtod(strstr(next, "translate(") + strlen("translate("), &end);
    assert_int_equal(*end, ',');
    y[i] = strtod(end + 1, &end);
    assert_int_equal(*end, ')');
  }
  assert_null(strstr(next + 1, "<use xlink:href='#gpPt5' transform"));
}

/* Equal steps on the axis are equal steps on the page: gnuplot writes two decimals, so differences of positions differ
 * by at most 4 * 0.005; doubled for its own arithmetic. */
static bool evenly_spaced(const double v[5]) {
  double first = v[1] - v[0];
  return fabs(first) > 10 && fabs(v[2] - v[1] - first) < 0.04 && fabs(v[3] - v[2] - first) < 0.04;
}

static void points_stand_where_they_should(void **state) {
  const double even[4] = {3, 5, 7, 9}, powers[4] = {0.01, 0.1, 1, 10};
  double x[5], y[5];
  for (int log_x = 0; log_x < 2; log_x++)
    for (int log_y = 0; log_y < 2; log_y++) {
      const assay_plot_series series = {"s", false, 4, log_x ? powers : even, log_y ? powers : even, NULL, NULL};
      assay_plot_table table = table_of(&series, 1);
      table.log_x = log_x;
      table.log_y = log_y;
      char *svg = NULL;
      draw(&svg, *state, &table);
      points_of(svg, x, y);
      test_check(evenly_spaced(x) && evenly_spaced(y), "log %d %d: x %g %g %g %g, y %g %g %g %g", log_x, log_y, x[0],
                 x[1], x[2], x[3], y[0], y[1], y[2], y[3]);
      assert_true(x[1] > x[0] && y[1] < y[0]);
      free(svg);
    }
  const assay_plot_series series = {"s", false, 4, powers, even, NULL, NULL};
  assay_plot_table table = table_of(&series, 1);
  char *svg = NULL;
  draw(&svg, *state, &table);
  points_of(svg, x, y);
  assert_false(evenly_spaced(x));
  free(svg);
}

static void measurements_look_like_their_prediction(void **state) {
  const assay_plot_series series[] = {{"line 1", true, 4, x4, y4, NULL, NULL},
                                      {"line 2", true, 4, y4, x4, NULL, NULL},
                                      {"points 1", false, 4, x4, y4, e4, NULL},
                                      {"nothing", false, 0, NULL, NULL, NULL, NULL},
                                      {"points 2", false, 4, y4, x4, NULL, NULL}};
  assay_plot_table table = table_of(series, 5);
  char *svg = NULL;
  draw(&svg, *state, &table);
  for (size_t i = 0; i < 5; i++) assert_int_equal(strstr(svg, series[i].label) != NULL, series[i].count > 0);
  /* gnuplot writes colours as rgb(): #0072B2 and #D55E00 of the palette, each for a line and for points. */
  const char *first = strstr(svg, "gnuplot_plot_1"), *third = strstr(svg, "gnuplot_plot_3");
  assert_non_null(first);
  assert_non_null(third);
  assert_true(occurrences(first, "rgb(  0, 114, 178)") >= 2 && occurrences(third, "rgb(  0, 114, 178)") >= 1);
  assert_true(occurrences(first, "rgb(213,  94,   0)") >= 2 && occurrences(third, "rgb(213,  94,   0)") >= 1);
  assert_int_equal(occurrences(svg, "rgb(  0, 158, 115)"), 0);
  free(svg);
}

/* Length of each of the four bars below and above its point, in pixels: vertical lines "Mx,y Lx,y" through the points,
 * of which the lowest stands in the key. */
static void bars_of(const char *svg, double below[4], double above[4]) {
  double x[5], y[5], from_x, from_y, to_x, to_y;
  points_of(svg, x, y);
  size_t key = 0, found = 0;
  for (size_t i = 1; i < 5; i++) key = y[i] > y[key] ? i : key;
  for (const char *next = strchr(svg, 'M'); next; next = strchr(next + 1, 'M')) {
    /* NOLINTNEXTLINE(cert-err34-c): gnuplot's coordinates are short */
    if (sscanf(next, "M%lf,%lf L%lf,%lf", &from_x, &from_y, &to_x, &to_y) != 4 || from_x != to_x) continue;
    for (size_t i = 0; i < 5; i++) {
      if (i == key || fabs(from_x - x[i]) > 0.02 || from_y < y[i] || to_y > y[i]) continue;
      size_t at = i - (i > key);
      below[at] = from_y - y[i], above[at] = y[i] - to_y;
      found++;
    }
  }
  assert_int_equal(found, 4);
}

/* On a linear axis as many pixels as the numbers say, and the same above unless said otherwise. */
static void bars_are_as_long_as_they_should(void **state) {
  const double errors[4] = {1, 2, 3, 1}, others[4] = {2, 1, 0.5, 4};
  double below[4], up[4];
  for (int skewed = 0; skewed < 2; skewed++) {
    const double between[4] = {3.3, 5.3, 7.3, 9.3}; /* no grid line through them */
    const assay_plot_series series = {"s", false, 4, between, between, errors, skewed ? others : NULL};
    assay_plot_table table = table_of(&series, 1);
    char *svg = NULL;
    draw(&svg, *state, &table);
    bars_of(svg, below, up);
    for (size_t i = 0; i < 4; i++) {
      double unit = below[0] / errors[0], expected = unit * (skewed ? others[i] : errors[i]);
      test_check(fabs(below[i] - unit * errors[i]) < 0.1 && fabs(up[i] - expected) < 0.1, "bar %zu: %g below, %g above",
                 i, below[i], up[i]);
    }
    free(svg);
  }
}

static bool labelled(const char *svg, const char *label) {
  char text[32];
  (void)snprintf(text, sizeof text, ">%s<", label);
  char spaced[40];
  (void)snprintf(spaced, sizeof spaced, "> %s<", label);
  return strstr(svg, text) || strstr(svg, spaced);
}

/* Counts by doublings, short decades written out, long ones as powers; lines apart by their dashes. */
static void axes_and_lines_are_legible(void **state) {
  const double counts[4] = {2, 16, 64, 1024}, wide[4] = {1, 10, 1000, 1e6};
  const assay_plot_series series[] = {{"one", true, 4, counts, wide, NULL, NULL},
                                      {"two", true, 4, counts, counts, NULL, NULL}};
  assay_plot_table table = table_of(series, 2);
  table.log_x = table.log_y = true;
  char *svg = NULL;
  draw(&svg, *state, &table);
  assert_true(labelled(svg, "16") && labelled(svg, "1024") && !strstr(svg, "1e+0"));
  assert_int_equal(occurrences(svg, "stroke-dasharray") > 0, true);
  free(svg);
  table.count = 1;
  table.log_x = false;
  draw(&svg, *state, &table);
  assert_int_equal(occurrences(strstr(svg, "gnuplot_plot_1"), "stroke-dasharray"), 0);
  free(svg);
  table.series = &series[1];
  draw(&svg, *state, &table);
  assert_true(labelled(svg, "10") && labelled(svg, "100") && labelled(svg, "1000"));
  free(svg);
}

static void the_same_table_gives_the_same_bytes(void **state) {
  const assay_plot_series series = {"s", false, 4, x4, y4, e4, NULL};
  assay_plot_table table = table_of(&series, 1);
  table.log_y = true; /* the second bar reaches below 0 */
  char *first = NULL, *second = NULL;
  draw(&first, *state, &table);
  draw(&second, *state, &table);
  assert_string_equal(first, second);
  double x[5], y[5];
  points_of(first, x, y); /* all four are there */
  free(first);
  free(second);
}

static void refuses_by_name(void **state) {
  scratch *place = *state;
  const double nan4[4] = {1, 2, NAN, 4}, zero4[4] = {1, 0, 2, 3}, negative4[4] = {1, 2, 3, -1};
  const struct {
    assay_plot_series series;
    bool log_x, log_y;
    const char *expected;
  } cases[] = {
      {{"s", true, 4, nan4, y4, NULL, NULL}, false, false, "series \"s\": x[2] = nan, expected a finite number"},
      {{"s", true, 4, x4, nan4, NULL, NULL}, false, false, "y[2] = nan, expected a finite number"},
      {{"s", true, 4, zero4, y4, NULL, NULL}, true, false, "x[1] = 0, expected a positive number"},
      {{"s", true, 4, x4, negative4, NULL, NULL}, false, true, "y[3] = -1, expected a positive number"},
      {{"s", true, 4, x4, y4, negative4, NULL}, false, false, "error[3] = -1, expected a finite number >= 0"},
      {{"s", true, 4, x4, y4, nan4, NULL}, false, false, "error[2] = nan, expected a finite number >= 0"},
      {{"s", true, 4, x4, y4, y4, negative4}, false, false, "above[3] = -1, expected a finite number >= 0"},
      {{"s", true, 0, x4, y4, NULL, NULL}, false, false, "no points"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assay_plot_table table = table_of(&cases[i].series, 1);
    table.log_x = cases[i].log_x;
    table.log_y = cases[i].log_y;
    char *untouched = NULL;
    scratch_refused(place, assay_plot_svg(&untouched, &table, &place->context), ASSAY_INVALID, "plot \"title\"",
                    cases[i].expected);
    assert_null(untouched);
  }
}

/* Runs with PATH set to the scratch directory, where `program`, if any, stands for gnuplot. */
static assay_status draw_with(scratch *place, const char *program) {
  if (program) {
    const char *path = scratch_file(place, "gnuplot", program, strlen(program));
    assert_int_equal(chmod(path, 0700), 0);
  }
  const char *usual = getenv("PATH");
  char *kept = strdup(usual ? usual : "");
  assert_non_null(kept);
  assert_int_equal(setenv("PATH", place->directory, 1), 0);
  const assay_plot_series series = {"s", true, 4, x4, y4, NULL, NULL};
  assay_plot_table table = table_of(&series, 1);
  char *untouched = NULL;
  assay_status status = assay_plot_svg(&untouched, &table, &place->context);
  assert_int_equal(setenv("PATH", kept, 1), 0);
  free(kept);
  assert_null(untouched);
  return status;
}

static void tells_what_gnuplot_did_wrong(void **state) {
  scratch *place = *state;
  scratch_refused(place, draw_with(place, NULL), ASSAY_UNSUPPORTED, "plot \"title\"", "gnuplot is not on PATH");
  scratch_refused(place,
                  draw_with(place, "#!/bin/sh\necho 'plot nothing' >&2\necho '   ^' >&2\necho 'no wish' >&2\n"
                                   "echo >&2\nexit 1\n"),
                  ASSAY_IO, "plot \"title\"", "gnuplot failed: no wish");
  scratch_refused(place, draw_with(place, "#!/bin/sh\nexit 3\n"), ASSAY_IO, "plot \"title\"", "it gave no reason");
  scratch_refused(place, draw_with(place, "#!/bin/sh\nkill -9 $$\n"), ASSAY_IO, "plot \"title\"", "gnuplot failed");
  scratch_refused(place, draw_with(place, "#!/bin/sh\necho hello\n"), ASSAY_IO, "plot \"title\"", "drew no SVG");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(labels_are_plain_text, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(points_stand_where_they_should, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(measurements_look_like_their_prediction, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(bars_are_as_long_as_they_should, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(axes_and_lines_are_legible, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(the_same_table_gives_the_same_bytes, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(refuses_by_name, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(tells_what_gnuplot_did_wrong, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
