#include "bench/update_kernel.h"

void update_sse2(const coordinates *x, size_t d, double rate, double epsilon) { update(x, d, rate, epsilon); }
