#include "tests.h"

#include <math.h>
#include <string.h>

static void expect_refusal(assay_path_point point, assay_quantity quantity, const char *message) {
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_path_point_check(&point, quantity, &context), ASSAY_INVALID);
  test_check(strstr(context.message, message), "message: %s, expected: %s", context.message, message);
}

void path_point_refuses_by_name(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  const double good[] = {0, 0x1p-1074, 0.5, 1};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(good[i]));
    assert_int_equal(assay_path_point_check(&point, ASSAY_VELOCITY, &context), ASSAY_OK);
  }
  expect_refusal(assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(-0x1p-1074)), ASSAY_SCORE, "time");
  expect_refusal(assay_path_point_at(assay_schedule_of(ASSAY_TRIGONOMETRIC), assay_real_of(1 + 0x1p-52)), ASSAY_SCORE,
                 "time");
  expect_refusal(assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(NAN)), ASSAY_SCORE, "time: nan");
  assay_real zero = assay_real_of(0), one = assay_real_of(1);
  expect_refusal(assay_path_point_of(zero, zero), ASSAY_SCORE, "both are 0");
  expect_refusal(assay_path_point_of(assay_real_of(-1), one), ASSAY_SCORE, "alpha: -1");
  expect_refusal(assay_path_point_of(one, assay_real_of(INFINITY)), ASSAY_SCORE, "beta: inf");
  expect_refusal(assay_path_point_of(one, one), ASSAY_VELOCITY, "velocity");
  expect_refusal(assay_path_point_of(one, one), ASSAY_DIVERGENCE, "divergence");
}

void names_are_inverse_to_parsing(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
#define CHECK(code, name, wide)                                                                                        \
  {                                                                                                                    \
    assay_quantity quantity = (assay_quantity)-1;                                                                      \
    assert_int_equal(assay_quantity_parse(&quantity, assay_quantity_name(code), &context), ASSAY_OK);                  \
    assert_int_equal(quantity, code);                                                                                  \
    assert_int_equal(assay_quantity_width(code, 9), (wide) ? 9 : 1);                                                   \
  }
  ASSAY_QUANTITIES(CHECK)
#undef CHECK
  assay_quantity quantity;
  assert_int_equal(assay_quantity_parse(&quantity, "speed", &context), ASSAY_INVALID);
  assert_non_null(strstr(context.message, "'speed'"));
  assert_non_null(strstr(context.message, "log-density"));
  assert_string_equal(assay_status_name(ASSAY_PRECISION), "precision");
  assert_string_equal(assay_status_name((assay_status)99), "unknown");
}

void points_name_row_and_column(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  double x[6] = {0, 1, 2, 3, NAN, 5};
  assert_int_equal(assay_points_check(x, 2, 3, &context), ASSAY_INVALID);
  assert_non_null(strstr(context.message, "row 1, column 1 is nan"));
  x[4] = 1e308;
  assert_int_equal(assay_points_check(x, 2, 3, &context), ASSAY_OK);
}

void settings_refuse_by_name(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings good = assay_dae_settings_of(8, assay_real_of(0.5), assay_real_of(0.1)), bad = good;
  assert_int_equal(assay_dae_settings_check(&good, &context), ASSAY_OK);
  bad.samples = 0;
  assert_int_equal(assay_dae_settings_check(&bad, &context), ASSAY_INVALID);
  assert_non_null(strstr(context.message, "samples"));
  bad = good, bad.sigma = assay_real_of(0);
  assert_int_equal(assay_dae_settings_check(&bad, &context), ASSAY_INVALID);
  assert_non_null(strstr(context.message, "sigma: 0"));
  bad = good, bad.lambda = assay_real_of(-1e-9);
  assert_int_equal(assay_dae_settings_check(&bad, &context), ASSAY_INVALID);
  assert_non_null(strstr(context.message, "lambda"));
  bad = good, bad.samples = 1, bad.lambda = assay_real_of(0);
  assert_int_equal(assay_dae_settings_check(&bad, &context), ASSAY_INVALID);
  bad = good, bad.schedule = assay_schedule_of(ASSAY_COEFFICIENTS);
  assert_int_equal(assay_dae_settings_check(&bad, &context), ASSAY_INVALID);
  bad = good, bad.schedule = assay_schedule_vp(assay_real_of(0.1), assay_real_of(20));
  assert_int_equal(assay_dae_settings_check(&bad, &context), ASSAY_UNSUPPORTED);
  assert_non_null(strstr(context.message, "schedule: vp has beta(0) > 0"));
  bad = good, bad.schedule = assay_schedule_polynomial(0);
  assert_int_equal(assay_dae_settings_check(&bad, &context), ASSAY_INVALID);
  bad = good, bad.schedule = assay_schedule_of(ASSAY_LINEAR_VP);
  assert_int_equal(assay_dae_settings_check(&bad, &context), ASSAY_OK);
}
