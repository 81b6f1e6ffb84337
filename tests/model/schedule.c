#include "tests.h"

#include <math.h>
#include <string.h>

void schedule_reads_its_parameters(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  char storage[64], text[] = "vp:1/10:2e1";
  assay_schedule schedule;
  const struct {
    const char *text;
    assay_schedule_kind kind;
  } plain[] = {{"linear", ASSAY_LINEAR}, {"trigonometric", ASSAY_TRIGONOMETRIC}, {"linear-vp", ASSAY_LINEAR_VP}};
  for (size_t k = 0; k < 3; k++) {
    assert_int_equal(assay_schedule_parse(&schedule, plain[k].text, storage, &context), ASSAY_OK);
    assert_int_equal(schedule.kind, plain[k].kind);
    assert_string_equal(assay_schedule_name(schedule.kind), plain[k].text);
  }
  assert_int_equal(assay_schedule_parse(&schedule, "polynomial:12", storage, &context), ASSAY_OK);
  assert_int_equal(schedule.kind, ASSAY_POLYNOMIAL);
  assert_int_equal(schedule.degree, 12);
  assert_int_equal(assay_schedule_parse(&schedule, text, storage, &context), ASSAY_OK);
  memset(text, 'x', sizeof text - 1); /* exact strings live in storage */
  assert_int_equal(schedule.kind, ASSAY_VP);
  assert_string_equal(schedule.beta_min.exact, "1/10");
  assert_true(schedule.beta_min.nearest == 0.1 && schedule.beta_max.nearest == 20 && !schedule.beta_max.exact);
  assert_string_equal(assay_schedule_name((assay_schedule_kind)77), "unknown");
}

void schedule_refuses_by_name(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  const struct {
    const char *text, *message;
  } bad[] = {
      {"cosine", "schedule: 'cosine' is none of linear, trigonometric, polynomial:N, linear-vp, vp:BMIN:BMAX"},
      {"coefficients", "schedule: 'coefficients' is none of linear"},
      {"", "schedule: '' is none of linear"},
      {"linear:1", "schedule: 'linear:1' where linear is expected"},
      {"linear-vp:", "schedule: 'linear-vp:' where linear-vp is expected"},
      {"polynomial", "schedule: 'polynomial' where polynomial:N is expected"},
      {"polynomial:", "degree: '' is not an integer from 1 to 1000"},
      {"polynomial:2.5", "degree: '2.5' is not an integer from 1 to 1000"},
      {"polynomial:-1", "degree: '-1' is not"},
      {"polynomial:4294967298", "degree: '4294967298' is not"},
      {"polynomial:0", "degree: 0 is outside 1 to 1000"},
      {"polynomial:1001", "degree: 1001 is outside 1 to 1000"},
      {"vp", "schedule: 'vp' where vp:BMIN:BMAX is expected"},
      {"vp:1", "schedule: 'vp:1' lacks BMAX"},
      {"vp:1:2:3", "beta_max: '2:3' is not a number"},
      {"vp::2", "beta_min: '' is not a number"},
      {"vp:-1:2", "beta_min: -1 must be"},
      {"vp:0:0", "beta_max: 0 must be positive"},
      {"vp:3:2", "beta_min: 3 exceeds beta_max, 2"},
      {"vp:1/0:2", "beta_min: '1/0' divides by 0"},
  };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    char storage[64];
    assay_schedule schedule = {.degree = 5};
    assert_int_equal(assay_schedule_parse(&schedule, bad[k].text, storage, &context), ASSAY_INVALID);
    test_check(strstr(context.message, bad[k].message), "'%s' for '%s'", context.message, bad[k].text);
    assert_int_equal(schedule.degree, 5);
  }
  assay_schedule wild = assay_schedule_vp(assay_real_of(0), assay_real_of(NAN));
  assert_int_equal(assay_schedule_check(&wild, &context), ASSAY_INVALID);
  wild = assay_schedule_vp(assay_real_of(INFINITY), assay_real_of(INFINITY));
  assert_int_equal(assay_schedule_check(&wild, &context), ASSAY_INVALID);
}
