/* bench/data.h: what drivers of flow-dae share. */
#ifndef ASSAY_BENCH_DATA_H
#define ASSAY_BENCH_DATA_H

#include "bench/driver.h"

#include <assay/fast.h>

/* tiny: what fits follow from: the shape, noise, data and labels. */
void bench_show_data(const bench_arguments *arguments, const assay_dae_data *data, assay_context *context);

#endif
