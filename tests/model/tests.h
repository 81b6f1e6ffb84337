/* The tests of model/, one function per property; main.c lists them. */
#ifndef ASSAY_TESTS_MODEL_TESTS_H
#define ASSAY_TESTS_MODEL_TESTS_H

#include "testing.h"

#include <assay/model.h>

void real_reads_decimals_and_ratios(void **state);
void real_refuses_by_name(void **state);
void real_ratio_is_nearest(void **state);
void real_copy_owns_its_string(void **state);
void mixture_binary_is_symmetric(void **state);
void mixture_refuses_by_name(void **state);
void mixture_respects_the_memory_cap(void **state);
void path_point_refuses_by_name(void **state);
void schedule_reads_its_parameters(void **state);
void schedule_refuses_by_name(void **state);
void names_are_inverse_to_parsing(void **state);
void points_name_row_and_column(void **state);
void settings_refuse_by_name(void **state);

#endif
