/* exp and log in double-double. Their errors: docs/quick-field-bound.md, Q6. */
#include "reference/core/quick_exp_kernel.h"

const dd quick_exponentials[2 * QUICK_EXP_REACH + 1] = {
    {0x1.6b0ff72deb89dp-1, -0x1.dabf5975c0c02p-57},
    {0x1.70c79eba33c07p-1, -0x1.58b71227465a1p-55},
    {0x1.769652df22f7ep-1, 0x1.3445f7544e0efp-57},
    {0x1.7c7c70887763cp-1, -0x1.09aa682553231p-60},
    {0x1.827a561889716p-1, -0x1.6b2eab63020c1p-57},
    {0x1.8890636e31f54p-1, 0x1.d9c29d8d982edp-56},
    {0x1.8ebef9eac820bp-1, -0x1.797d4686c5393p-57},
    {0x1.95067c78379f2p-1, 0x1.f483a3e8cd60fp-55},
    {0x1.9b674f8f2f3d8p-1, -0x1.51bfdbb129094p-55},
    {0x1.a1e1d93d687d0p-1, 0x1.e3a6bdaece8f9p-58},
    {0x1.a876812c0877cp-1, -0x1.fd36226fadd44p-56},
    {0x1.af25b0a61a7b5p-1, -0x1.676a52a1a618bp-55},
    {0x1.b5efd29f24c26p-1, 0x1.3d5fd7d70a5edp-56},
    {0x1.bcd553b9d7b62p-1, 0x1.6ad4c353465b0p-61},
    {0x1.c3d6a24ed8222p-1, -0x1.e1e0a76cb0685p-55},
    {0x1.caf42e73a4c7ep-1, -0x1.b5beee8bcee31p-55},
    {0x1.d22e6a0197c03p-1, -0x1.32ae7bdaf1116p-55},
    {0x1.d985c89d041a3p-1, 0x1.8798de3138a56p-57},
    {0x1.e0fabfbc702a4p-1, -0x1.8d0e700fcfb65p-56},
    {0x1.e88dc6afecfc0p-1, -0x1.38e62149c16e2p-55},
    {0x1.f03f56a88b5d8p-1, -0x1.bad3fd501a227p-55},
    {0x1.f80feabfeefa5p-1, -0x1.b60bbd08aac55p-55},
    {0x1.0000000000000p+0, 0x0.0p+0},
    {0x1.04080ab55de39p+0, 0x1.7ab864b3e9045p-56},
    {0x1.08205601127edp+0, -0x1.9c7d0bdf15160p-54},
    {0x1.0c49236829e8cp+0, -0x1.eb6980ce14da7p-55},
    {0x1.1082b577d34edp+0, 0x1.f56c680678897p-54},
    {0x1.14cd4fc989cd6p+0, 0x1.1557a8671b89ep-54},
    {0x1.192937074e0cdp+0, 0x1.a24f46336ea04p-54},
    {0x1.1d96b0eff0e79p+0, 0x1.e8ac7a4d3206cp-55},
    {0x1.2216045b6f5cdp+0, -0x1.8c4a5df1ec7e5p-58},
    {0x1.26a7793f60164p+0, 0x1.5aeb9860044d0p-55},
    {0x1.2b4b58b372c79p+0, 0x1.404dd9f031676p-54},
    {0x1.3001ecf601af7p+0, 0x1.7ab912c69ffebp-61},
    {0x1.34cb8170b5835p+0, 0x1.6a7062465be33p-55},
    {0x1.39a862bd3c106p+0, 0x1.7dd1a79cbd0fcp-54},
    {0x1.3e98deaa11dccp+0, -0x1.5722108fefcffp-54},
    {0x1.439d443f5f159p+0, -0x1.1c5b2e8735a43p-56},
    {0x1.48b5e3c3e8186p+0, 0x1.9d9ef0eda6eabp-54},
    {0x1.4de30ec211e60p+0, 0x1.3b5223eca1712p-56},
    {0x1.5325180cfacf7p+0, 0x1.b28b660a648dap-54},
    {0x1.587c53c5a7af0p+0, 0x1.3b0e93c017937p-55},
    {0x1.5de9176045ff5p+0, 0x1.da89923298baap-55},
    {0x1.636bb9a983258p+0, 0x1.349cc31f7248dp-54},
    {0x1.690492cbf9433p+0, -0x1.812833f7d6e43p-55},
};

dd quick_exp(dd x) {
  quick_exp_parts parts = quick_exp_reduce(x);
  return quick_exp_join(parts.rest, quick_exp_power(parts), quick_exp_scale(parts));
}

/* x = m 2^e with m in [1, 2); one step of Newton's method and its next term, from the library's log of m. */
dd quick_log(dd x, double exponent) {
  int e = ilogb(x.high);
  dd m = dd_scale(x, ldexp(1, -e));
  double first = log(m.high);
  dd rest = dd_add_double(dd_multiply(m, quick_exp(dd_of(-first))), -1);
  dd value = dd_add_double(dd_add_double(rest, -0.5 * rest.high * rest.high), first);
  return dd_add(dd_multiply_double(QUICK_LOG_2, e + exponent), value);
}
