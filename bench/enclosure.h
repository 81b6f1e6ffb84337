/* bench/enclosure.h: what drivers of the reference share. */
#ifndef ASSAY_BENCH_ENCLOSURE_H
#define ASSAY_BENCH_ENCLOSURE_H

#include "bench/driver.h"

#include <mpfi.h>

/* `low` and `high`: the ends rounded outward to double; `width`: high less low before that, to 64 bits upward. */
void bench_show_enclosures(const bench_arguments *arguments, mpfi_srcptr enclosures, size_t count);

#endif
