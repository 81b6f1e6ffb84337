#include "allocation.h"

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(io_survives), cmocka_unit_test(numbers_survive),
                                     cmocka_unit_test(theory_survives)};
  return cmocka_run_group_tests(tests, allocation_setup, allocation_teardown);
}
