/* The reports: JSON read back and compared with the run, the three of them against each other by Python's parsers, and
 * what cannot be written. */
#include "script.h"
#include "testing.h"
#include "theory/ends.h"
#include "theory/run.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLAIMS = 5, PATH = 256 };

typedef struct {
  script_item items[CLAIMS][2];
  script_claim claims[CLAIMS];
  assay_context context;
  assay_run *run;
  char directory[64];
} fixture;

static const char *path_in(const fixture *f, const char *name) {
  static char paths[4][PATH];
  static size_t next;
  char *path = paths[next++ % 4];
  (void)snprintf(path, PATH, "%s/%s", f->directory, name);
  return path;
}

/* One claim per verdict and one that could not be gathered; texts that need escaping. */
static void fill(fixture *f) {
  f->items[0][0] = script_measure(0.1, 0.3, 0.11, 0.05);
  f->items[0][1] = script_measure(4, NAN, 4, INFINITY);
  f->items[1][0] = script_agree((script_range){1, 1 + 0x1p-45}, (script_range){1, 1 + 0x1p-46}, 1.5, 40);
  f->items[1][1] = script_less((script_range){0, 0.25}, (script_range){1, 2}, 0.1);
  f->items[2][0] = script_measure(1, 2, NAN, 0.1);
  f->items[3][0] = script_agree((script_range){NAN, INFINITY}, (script_range){1, 1}, 2, 40);
  f->items[0][0].name = "a < b & \"c\" > 'd'";
  f->claims[0] = script_of("test/confirmed", ASSAY_EXPERIMENT, f->items[0], 2);
  f->claims[1] = script_of("test/proved", ASSAY_PROOF, f->items[1], 2);
  f->claims[2] = script_of("test/refuted", ASSAY_EXPERIMENT, f->items[2], 1);
  f->claims[3] = script_of("test/undecided", ASSAY_PROOF, f->items[3], 1);
  f->claims[4] = script_of("test/failed", ASSAY_EXPERIMENT, f->items[0], 1);
  f->claims[0].claim.statement = "For \xce\xbb < 1 & n > 2, </td> \"quoted\".";
  f->claims[4].key = "what \xff no UTF-8 holds";
}

static void open_fixture(fixture *f, bool control, uint64_t seed) {
  memset(f, 0, sizeof *f);
  fill(f);
  assay_context_init(&f->context);
  strcpy(f->directory, "/tmp/assay-theory-XXXXXX");
  test_check(mkdtemp(f->directory) != NULL, "no directory %s", f->directory);
  assay_run_options options = assay_run_options_default();
  options.control = control;
  options.seed = seed;
  script_make_fails = ASSAY_PRECISION;
  test_check(script_run(&f->run, f->claims, CLAIMS, &options, &f->context) == ASSAY_OK, "%s", f->context.message);
  test_check(assay_run_verify(f->run, NULL, NULL, &f->context) == ASSAY_OK, "%s", f->context.message);
  strcpy(f->run->results[4].reason, "file \xff\x01 <is> no UTF-8");
}

static void close_fixture(fixture *f) {
  const char *names[] = {"run.json", "run.xml", "run.html", "test-mse.svg", "test-bars.svg"};
  assay_run_clear(f->run);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) (void)unlink(path_in(f, names[i]));
  test_check(rmdir(f->directory) == 0, "%s is not empty", f->directory);
}

/* ---- JSON ---- */

static void same_number(const json_t *value, double expected, const char *what) {
  if (isfinite(expected))
    test_check(json_is_number(value) && json_number_value(value) == expected, "%s: %a instead of %a", what,
               json_number_value(value), expected);
  else
    test_check(json_is_null(value), "%s: %g must be null", what, expected);
}

static void same_string(const json_t *value, const char *expected, const char *what) {
  test_check(json_is_string(value) && strcmp(json_string_value(value), expected) == 0, "%s: '%s' instead of '%s'", what,
             json_string_value(value), expected);
}

/* The text's ends lie outside the enclosure's, or say that there is none. */
static void encloses(const json_t *value, mpfi_srcptr enclosure, const char *what) {
  const char *lo = json_string_value(json_object_get(value, "lo")),
             *hi = json_string_value(json_object_get(value, "hi"));
  test_check(lo && hi, "%s: ends missing", what);
  if (!mpfr_number_p(&enclosure->left)) { /* the only one here without ends is [NaN, inf] */
    test_check(strcmp(lo, "nan") == 0 && strcmp(hi, "inf") == 0, "%s: [%s, %s]", what, lo, hi);
    return;
  }
  mpfr_t end;
  mpfr_init2(end, 400);
  test_check(mpfr_set_str(end, lo, 10, MPFR_RNDU) == 0 && mpfr_lessequal_p(end, &enclosure->left), "%s: lo %s", what,
             lo);
  test_check(mpfr_set_str(end, hi, 10, MPFR_RNDD) == 0 && mpfr_greaterequal_p(end, &enclosure->right), "%s: hi %s",
             what, hi);
  mpfr_clear(end);
}

static void same_item(const json_t *value, const assay_item *item) {
  same_string(json_object_get(value, "name"), item->name, "name");
  same_string(json_object_get(value, "method"), assay_method_name(item->method), "method");
  same_string(json_object_get(value, "relation"), assay_relation_name(item->relation), "relation");
  encloses(json_object_get(value, "predicted"), item->predicted, "predicted");
  if (item->has_control)
    encloses(json_object_get(value, "control"), item->control, "control");
  else
    test_check(json_is_null(json_object_get(value, "control")), "no control");
  if (item->method == ASSAY_MEASURE)
    test_check(json_is_null(json_object_get(value, "left")), "a measurement has no left side");
  else
    encloses(json_object_get(value, "left"), item->left, "left");
  same_number(json_object_get(value, "measured"), item->measured, "measured");
  same_number(json_object_get(value, "allowance"), item->allowance, "allowance");
  same_number(json_object_get(value, "resolution"), item->resolution, "resolution");
  test_check(json_is_true(json_object_get(value, "holds")) == item->holds, "holds");
  test_check(json_is_true(json_object_get(value, "decided_against")) == item->decided_against, "decided_against");
  test_check(json_is_true(json_object_get(value, "excludes_control")) == item->excludes_control, "excludes_control");
  const json_t *budget = json_object_get(value, "budget");
  test_check(json_array_size(budget) == item->terms, "%zu terms", json_array_size(budget));
  for (size_t i = 0; i < item->terms; i++) {
    const json_t *term = json_array_get(budget, i);
    same_string(json_object_get(term, "term"), assay_term_name(item->budget[i].term), "term");
    same_string(json_object_get(term, "basis"), assay_basis_name(item->budget[i].basis), "basis");
    same_string(json_object_get(term, "why"), item->budget[i].why, "why");
    same_number(json_object_get(term, "bound"), item->budget[i].bound, "bound");
    same_number(json_object_get(term, "delta"), item->budget[i].delta, "delta");
  }
}

static void same_claim(const json_t *value, const assay_result *result) {
  bool control = result->control;
  same_string(json_object_get(value, "id"), result->claim->id, "id");
  same_string(json_object_get(value, "statement"), control ? result->claim->control : result->claim->statement,
              "statement");
  same_string(json_object_get(value, "control"), control ? result->claim->statement : result->claim->control,
              "control");
  same_string(json_object_get(value, "source"), result->claim->source, "source");
  same_string(json_object_get(value, "kind"), assay_kind_name(result->claim->kind), "kind");
  same_string(json_object_get(value, "verdict"), assay_verdict_name(result->verdict), "verdict");
  same_string(json_object_get(json_object_get(value, "sizes"), "full"), "large", "sizes");
  same_number(json_object_get(value, "resolution"), result->resolution, "resolution");
  same_number(json_object_get(value, "seconds"), result->seconds, "seconds");
  const json_t *items = json_object_get(value, "items");
  test_check(json_array_size(items) == result->count, "%zu items", json_array_size(items));
  for (size_t i = 0; i < result->count; i++) same_item(json_array_get(items, i), &result->items[i]);
  if (result->count)
    same_string(json_object_get(value, "decisive"), result->items[result->decisive].name, "decisive");
  else
    test_check(json_is_null(json_object_get(value, "decisive")), "nothing is decisive");
}

static void json_says_what_the_run_says(void **state) {
  (void)state;
  for (int control = 0; control < 2; control++) {
    fixture f;
    open_fixture(&f, control, 12345);
    test_check(assay_report_json(path_in(&f, "run.json"), f.run, &f.context) == ASSAY_OK, "%s", f.context.message);
    json_error_t error;
    json_t *root = json_load_file(path_in(&f, "run.json"), JSON_REJECT_DUPLICATES, &error);
    test_check(root != NULL, "line %d: %s", error.line, error.text);
    test_check(json_integer_value(json_object_get(root, "schema")) == 1, "schema");
    test_check(json_integer_value(json_object_get(root, "seed")) == 12345, "seed");
    same_number(json_object_get(root, "delta"), 1e-6, "delta");
    same_string(json_object_get(root, "level"), "quick", "level");
    test_check(json_is_true(json_object_get(root, "control")) == control, "control");
    const json_t *claims = json_object_get(root, "claims");
    test_check(json_array_size(claims) == CLAIMS, "%zu claims", json_array_size(claims));
    for (size_t i = 0; i < CLAIMS; i++) same_claim(json_array_get(claims, i), assay_run_result(f.run, i));
    same_string(json_object_get(json_array_get(claims, 4), "reason"), "file ?\x01 <is> no UTF-8", "reason");
    char *text = NULL;
    test_check(assay_report_json_text(&text, f.run, &f.context) == ASSAY_OK, "%s", f.context.message);
    json_t *again = json_loads(text, 0, &error);
    test_check(json_equal(root, again), "text and file differ");
    free(text);
    json_decref(again);
    json_decref(root);
    close_fixture(&f);
  }
}

static void json_keeps_any_seed(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, false, UINT64_MAX);
  char *text = NULL;
  test_check(assay_report_json_text(&text, f.run, &f.context) == ASSAY_OK, "%s", f.context.message);
  test_check(strstr(text, "\"seed\": \"18446744073709551615\""), "%.60s", text);
  free(text);
  close_fixture(&f);
}

/* ---- the three together ---- */

static assay_status write_all(fixture *f) {
  assay_status status = assay_report_json(path_in(f, "run.json"), f->run, &f->context);
  if (!status) status = assay_report_junit(path_in(f, "run.xml"), f->run, &f->context);
  if (!status) status = assay_report_html(path_in(f, "run.html"), f->run, &f->context);
  return status;
}

static void reports_agree(void **state) {
  (void)state;
  for (int control = 0; control < 2; control++) {
    fixture f;
    open_fixture(&f, control, 1);
    test_check(write_all(&f) == ASSAY_OK, "%s", f.context.message);
    char command[5 * PATH];
    (void)snprintf(command, sizeof command, "%s %s %s %s %s", ASSAY_PYTHON, ASSAY_REPORT_SCRIPT,
                   path_in(&f, "run.json"), path_in(&f, "run.xml"), path_in(&f, "run.html"));
    test_check(system(command) == 0, "%s", command); /* NOLINT(cert-env33-c): fixed words and a path made here */
    close_fixture(&f);
  }
}

static char *read_all(const char *path) {
  FILE *file = fopen(path, "rb");
  test_check(file != NULL, "%s", path);
  char *text = calloc(1, 1 << 20);
  test_check(text && fread(text, 1, (1 << 20) - 1, file) > 0, "%s is empty", path);
  (void)fclose(file);
  return text;
}

/* Two runs with the same settings give the same page, but for the seconds. */
static void page_is_deterministic(void **state) {
  (void)state;
  char *pages[2];
  for (int i = 0; i < 2; i++) {
    fixture f;
    open_fixture(&f, false, 1);
    for (size_t j = 0; j < CLAIMS; j++) f.run->results[j].seconds = 0;
    test_check(assay_report_html(path_in(&f, "run.html"), f.run, &f.context) == ASSAY_OK, "%s", f.context.message);
    pages[i] = read_all(path_in(&f, "run.html"));
    close_fixture(&f);
  }
  test_check(strcmp(pages[0], pages[1]) == 0, "two pages of the same run differ");
  test_check(strstr(pages[0], "For \xce\xbb &lt; 1 &amp; n &gt; 2, &lt;/td&gt;"), "the statement is not escaped");
  free(pages[0]);
  free(pages[1]);
}

static void unwritable_places(void **state) {
  (void)state;
  fixture f;
  open_fixture(&f, false, 1);
  const char *path = "/nonexistent/report";
  test_check(assay_report_json(path, f.run, &f.context) == ASSAY_IO, "%s", f.context.message);
  test_check(assay_report_junit(path, f.run, &f.context) == ASSAY_IO, "%s", f.context.message);
  test_check(assay_report_html(path, f.run, &f.context) == ASSAY_IO, "%s", f.context.message);
  test_check(strstr(f.context.message, path), "'%s' does not name the path", f.context.message);
  close_fixture(&f);
}

/* ---- figures ---- */

static assay_status draw(assay_plot *plot, assay_trial *trial, assay_context *context) {
  (void)trial;
  assay_series *series = NULL;
  assay_status status = assay_plot_add(&series, plot, "theory", true, 2, false, context);
  if (status) return status;
  series->x[1] = series->y[1] = 1;
  return ASSAY_OK;
}

/* The same with a bar whose length above is its own. */
static assay_status draw_skewed(assay_plot *plot, assay_trial *trial, assay_context *context) {
  assay_series *points = NULL;
  assay_status status = draw(plot, trial, context);
  if (!status) status = assay_plot_add(&points, plot, "measured", false, 1, true, context);
  if (!status) status = assay_series_skew(points, context);
  if (!status) points->above[0] = 1;
  return status;
}

static void figures_become_svg(void **state) {
  (void)state;
  const assay_figure drawn[] = {
      {.id = "mse",
       .title = "MSE & n",
       .x_label = "n",
       .y_label = "MSE",
       .caption = "a < b.",
       .claim = "test/proved",
       .draw = draw},
      {.id = "bars", .title = "bars", .x_label = "n", .y_label = "MSE", .draw = draw_skewed},
      {.id = "other", .title = "of a claim that was not run", .claim = "test/none", .draw = draw},
      {.id = NULL}};
  fixture f;
  open_fixture(&f, false, 1);
  assay_paper paper = {.key = "test", .title = "", .claims = f.run->papers[0]->claims, .figures = drawn};
  const assay_paper *const papers[] = {&paper, NULL};
  f.run->papers = papers;
  for (size_t i = 0; i < CLAIMS; i++) f.run->owners[i] = &paper;
  assay_status status = assay_report_figures(f.directory, f.run, &f.context);
  test_check(status == ASSAY_OK || status == ASSAY_UNSUPPORTED, "%s", f.context.message);
  test_check(assay_report_html(path_in(&f, "run.html"), f.run, &f.context) == ASSAY_OK, "%s", f.context.message);
  char *page = read_all(path_in(&f, "run.html"));
  test_check((strstr(page, "Not drawn: ") == NULL) == (status == ASSAY_OK), "figure in the page");
  test_check(strstr(page, "<figcaption>a &lt; b. Evidence: <a href=\"#test/proved\">test/proved</a>.</figcaption>"),
             "the caption, with its claim");
  if (status == ASSAY_OK) {
    char *svg = read_all(path_in(&f, "test-mse.svg"));
    test_check(strstr(svg, "<svg") && strstr(page, svg), "the page holds another figure than the file");
    free(svg);
    svg = read_all(path_in(&f, "test-bars.svg"));
    double bottom = 0, top = 0; /* of a line as long as the axis: the bar alone is in this series */
    bool found = false;
    for (const char *bar = strstr(svg, "gnuplot_plot_2"); bar;
         bar = strchr(bar + 1, 'M')) /* NOLINTNEXTLINE(cert-err34-c): short coordinates */
      found = found || (sscanf(bar, "M%*f,%lf L%*f,%lf", &bottom, &top) == 2 && bottom - top > 100);
    test_check(found, "the bar's upper part is lost");
    free(svg);
    test_check(access(path_in(&f, "test-other.svg"), F_OK) != 0, "a figure of a claim that was not run");
  }
  free(page);
  char *path = strdup(getenv("PATH"));
  test_check(path && setenv("PATH", "/nonexistent", 1) == 0, "PATH");
  test_check(assay_report_figures(f.directory, f.run, &f.context) == ASSAY_UNSUPPORTED, "%s", f.context.message);
  test_check(assay_report_html(path_in(&f, "run.html"), f.run, &f.context) == ASSAY_OK, "%s", f.context.message);
  test_check(setenv("PATH", path, 1) == 0, "PATH");
  free(path);
  page = read_all(path_in(&f, "run.html"));
  test_check(strstr(page, "Not drawn: ") && strstr(page, "MSE &amp; n"), "no note about the figure");
  free(page);
  close_fixture(&f);
}

/* ---- decimal ends ---- */

/* Text wider than the enclosure, by at most a tenth of its width at either end (one unit of the last of its digits). */
static void ends_are_outward(void **state) {
  (void)state;
  test_random random = test_random_new(0xe2d5);
  assay_context context;
  assay_context_init(&context);
  mpfi_t enclosure;
  mpfr_t low, high, width;
  mpfi_init2(enclosure, 300);
  mpfr_inits2(1200, low, high, width, (mpfr_ptr)NULL);
  for (size_t i = 0; i < test_cases(1000); i++) {
    double middle = ldexp(test_uniform(&random, -1, 1), (int)test_integer(&random, 0, 200) - 100);
    long bits = (long)test_integer(&random, 0, 120);
    mpfi_set_d(enclosure, middle);
    mpfr_set_d(width, fabs(middle) * test_uniform(&random, 0.5, 1), MPFR_RNDU);
    mpfr_mul_2si(width, width, -bits, MPFR_RNDU);
    if (i % 10) mpfr_add(&enclosure->right, &enclosure->right, width, MPFR_RNDU);
    char *lower = NULL, *upper = NULL;
    test_check(assay_ends_text(&lower, &upper, enclosure, &context) == ASSAY_OK, "%s", context.message);
    mpfr_set_str(low, lower, 10, MPFR_RNDU);
    mpfr_set_str(high, upper, 10, MPFR_RNDD);
    test_check(mpfr_lessequal_p(low, &enclosure->left) && mpfr_greaterequal_p(high, &enclosure->right),
               "%a, 2^-%ld wide: [%s, %s]", middle, bits, lower, upper);
    mpfr_sub(high, high, low, MPFR_RNDU);
    mpfr_sub(width, &enclosure->right, &enclosure->left, MPFR_RNDD);
    mpfr_mul_d(width, width, 1.2 + 1e-9, MPFR_RNDU);
    test_check(i % 10 == 0 || mpfr_lessequal_p(high, width), "%a, 2^-%ld wide: [%s, %s] is wider", middle, bits, lower,
               upper);
    free(lower);
    free(upper);
  }
  mpfi_clear(enclosure);
  mpfr_clears(low, high, width, (mpfr_ptr)NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(json_says_what_the_run_says),
      cmocka_unit_test(json_keeps_any_seed),
      cmocka_unit_test(reports_agree),
      cmocka_unit_test(page_is_deterministic),
      cmocka_unit_test(unwritable_places),
      cmocka_unit_test(figures_become_svg),
      cmocka_unit_test(ends_are_outward),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
