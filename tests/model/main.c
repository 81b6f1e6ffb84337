#include "tests.h"

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(real_reads_decimals_and_ratios),  cmocka_unit_test(real_refuses_by_name),
      cmocka_unit_test(real_ratio_is_nearest),           cmocka_unit_test(real_copy_owns_its_string),
      cmocka_unit_test(mixture_binary_is_symmetric),     cmocka_unit_test(mixture_refuses_by_name),
      cmocka_unit_test(mixture_respects_the_memory_cap), cmocka_unit_test(path_point_refuses_by_name),
      cmocka_unit_test(names_are_inverse_to_parsing),    cmocka_unit_test(points_name_row_and_column),
      cmocka_unit_test(settings_refuse_by_name),         cmocka_unit_test(schedule_reads_its_parameters),
      cmocka_unit_test(schedule_refuses_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
