/* io/text: appends, numbers, escapes and quotes. */
#include "io/text.h"

#include "testing.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void appends_grow(void **state) {
  (void)state;
  assay_text text = {0};
  assert_string_equal(assay_text_string(&text), "");
  for (int i = 0; i < 1000; i++) assay_text_format(&text, "%d,", i % 10);
  assay_text_add(&text, "end");
  assay_text_bytes(&text, "xyz", 2);
  assert_int_equal(text.length, 2005);
  assert_int_equal(strlen(assay_text_string(&text)), 2005);
  for (size_t i = 0; i < 2000; i++) assert_int_equal(text.data[i], i % 2 ? ',' : '0' + (int)(i / 2 % 10));
  assert_string_equal(text.data + 2000, "endxy");
  assay_text_clear(&text);
  assert_null(text.data);
}

static void take_hands_over(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  assay_text text = {0};
  char *string = NULL;
  assert_int_equal(assay_text_take(&string, &text, "nothing", &context), ASSAY_OK);
  assert_string_equal(string, "");
  free(string);
  assay_text_add(&text, "some");
  assert_int_equal(assay_text_take(&string, &text, "some", &context), ASSAY_OK);
  assert_string_equal(string, "some");
  assert_null(text.data);
  free(string);
}

static void failure_is_sticky(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  assay_text text = {0};
  assay_text_add(&text, "begun");
  text.status = ASSAY_MEMORY; /* as after a failed realloc */
  assay_text_add(&text, "lost");
  assay_text_format(&text, "%d", 1);
  assay_text_escape(&text, "<");
  assert_string_equal(assay_text_string(&text), "begun");
  char *untouched = NULL;
  assert_int_equal(assay_text_take(&untouched, &text, "report", &context), ASSAY_MEMORY);
  assert_null(untouched);
  assert_non_null(strstr(context.message, "report"));
}

/* A length that no allocation can serve, without touching `bytes`: reserve() must refuse before the copy. */
static void impossible_length_is_memory(void **state) {
  (void)state;
  assay_text text = {0};
  assay_text_bytes(&text, "x", SIZE_MAX / 2 + 2);
  assert_int_equal(text.status, ASSAY_MEMORY);
  assay_text_clear(&text);
}

static void check_number(double value) {
  assay_text text = {0};
  assay_text_number(&text, value);
  char *end;
  double back = strtod(assay_text_string(&text), &end);
  test_check(*end == '\0' && (back == value || (isnan(back) && isnan(value))), "%a gave %s", value,
             assay_text_string(&text));
  assay_text_clear(&text);
}

static void numbers_read_back(void **state) {
  (void)state;
  const double special[] = {0.0,      -0.0,      1.0 / 3, DBL_MAX, DBL_MIN, DBL_TRUE_MIN,      DBL_EPSILON,
                            INFINITY, -INFINITY, NAN,     1e23,    5e-324,  9007199254740993.0};
  for (size_t i = 0; i < sizeof special / sizeof *special; i++) check_number(special[i]);
  test_random random = test_random_new(1);
  for (size_t i = 0; i < test_cases(20000); i++) {
    uint64_t bits = test_bits(&random);
    double value;
    memcpy(&value, &bits, sizeof value);
    if (isfinite(value)) check_number(value);
  }
  assay_text text = {0};
  assay_text_number(&text, 0.1);
  assay_text_add(&text, " ");
  assay_text_number(&text, 1e300);
  assert_string_equal(text.data, "0.1 1e+300");
  assay_text_clear(&text);
}

static void escapes(void **state) {
  (void)state;
  static const struct {
    const char *in, *out;
  } cases[] = {
      {"a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c&#39;"},
      {"\xcf\x83\xc2\xb2 \xe2\x89\xa4 \xf0\x9d\x94\xbc", "\xcf\x83\xc2\xb2 \xe2\x89\xa4 \xf0\x9d\x94\xbc"},
      {"tab\tline\n", "tab\tline\n"},
      {"\x01", "\xef\xbf\xbd"},
      {"\xff.", "\xef\xbf\xbd."},                                               /* never a lead byte */
      {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},                                 /* overlong */
      {"\xe0\x9f\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                 /* overlong */
      {"\xf0\x8f\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* overlong */
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                 /* surrogate */
      {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* beyond U+10FFFF */
      {"\xe2\x89", "\xef\xbf\xbd\xef\xbf\xbd"},                                 /* cut short */
      {"\xe2<\x89", "\xef\xbf\xbd&lt;\xef\xbf\xbd"},                            /* markup inside a broken sequence */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assay_text text = {0};
    assay_text_escape(&text, cases[i].in);
    assert_string_equal(assay_text_string(&text), cases[i].out);
    assay_text_clear(&text);
  }
}

static void quotes_are_short_lines(void **state) {
  (void)state;
  char quote[ASSAY_QUOTE_SIZE];
  assay_text_quote(quote, "a\nb\x7f\xff\xcf\x83", 7);
  assert_string_equal(quote, "a\\x0ab\\x7f\\xff\xcf\x83");
  assay_text_quote(quote, "", 0);
  assert_string_equal(quote, "");
  assay_text_quote(quote, "\xe2\x89\xa4", 2); /* the third byte does not count */
  assert_string_equal(quote, "\\xe2\\x89");
  char bytes[300];
  for (size_t length = 0; length < sizeof bytes; length++) {
    memset(bytes, length % 2 ? 'x' : '\n', sizeof bytes);
    memset(quote, '#', sizeof quote);
    assay_text_quote(quote, bytes, length);
    size_t used = strlen(quote);
    assert_in_range(used, 0, ASSAY_QUOTE_SIZE - 1);
    size_t full = length % 2 ? length : 4 * length;
    if (full < ASSAY_QUOTE_SIZE - 4)
      assert_int_equal(used, full);
    else if (full >= ASSAY_QUOTE_SIZE)
      assert_string_equal(quote + used - 3, "...");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(appends_grow),           cmocka_unit_test(take_hands_over),
      cmocka_unit_test(failure_is_sticky),      cmocka_unit_test(impossible_length_is_memory),
      cmocka_unit_test(numbers_read_back),      cmocka_unit_test(escapes),
      cmocka_unit_test(quotes_are_short_lines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
