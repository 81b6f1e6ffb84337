/* tests/cross/schedules.h: the schedules that random problems take. */
#ifndef ASSAY_TESTS_CROSS_SCHEDULES_H
#define ASSAY_TESTS_CROSS_SCHEDULES_H

#include <assay/model.h>

enum { SCHEDULES = 6 };

static inline assay_schedule numbered_schedule(size_t number) {
  const assay_schedule schedules[SCHEDULES] = {assay_schedule_of(ASSAY_LINEAR),
                                               assay_schedule_of(ASSAY_TRIGONOMETRIC),
                                               assay_schedule_polynomial(3),
                                               assay_schedule_of(ASSAY_LINEAR_VP),
                                               assay_schedule_vp((assay_real){0.1, "1/10"}, assay_real_of(20)),
                                               assay_schedule_vp(assay_real_of(0), (assay_real){1.0 / 3, "1/3"})};
  return schedules[number];
}

#endif
