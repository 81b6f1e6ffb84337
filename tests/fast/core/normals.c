/* The stream of normals: the documented counter, the same bits whatever the instruction set, rectangle or thread, and
 * what it refuses. */
#include "testing.h"

#include "fast/core/normals.h"

#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t limit = (size_t)1 << 48;

static assay_context context_with(assay_isa isa) {
  assay_context context;
  assay_context_init(&context);
  context.isa = isa;
  return context;
}

static bool lacks(assay_isa isa) {
  bool absent = assay_fast_isa_resolve(isa) != isa;
  if (absent) printf("this machine lacks %s: not tested\n", assay_fast_isa_name(isa));
  return absent;
}

static uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* One value from the scalar generator, by the layout written in fast.h; only Box-Muller is the kernel's. */
static double from_header(const assay_normals *normals, uint64_t row, uint64_t column) {
  uint64_t pair = column / 2;
  uint32_t counter[4] = {(uint32_t)pair, (uint32_t)row, (uint32_t)((row >> 32) << 16 | pair >> 32), normals->stream};
  uint32_t key[2] = {(uint32_t)normals->seed, (uint32_t)(normals->seed >> 32)}, o[4];
  assay_fast_philox(o, counter, key);
  uint64_t a = (uint64_t)o[1] << 32 | o[0], b = (uint64_t)o[3] << 32 | o[2];
  double values[2];
  assay_normals_sse2.transform(values, &a, &b, 1);
  return values[column % 2];
}

/* Reads the rectangle between guards and compares every value with the documented one. */
static void check_rectangle(const assay_normals *normals, size_t row, size_t rows, size_t column, size_t columns,
                            assay_context *context) {
  assay_stream stream = assay_fast_normals(normals, limit, limit);
  size_t stride = columns + 3;
  double guard = -99, *out = malloc((rows * stride + 1) * sizeof *out);
  assert_non_null(out);
  for (size_t k = 0; k <= rows * stride; k++) out[k] = guard;
  assert_int_equal(stream.read(&stream, row, rows, column, columns, out, stride, context), ASSAY_OK);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < stride; j++) {
      double got = out[i * stride + j], expected = j < columns ? from_header(normals, row + i, column + j) : guard;
      test_check(bits_of(got) == bits_of(expected),
                 "%s seed %" PRIx64 " stream %" PRIx32 ", rectangle %zx+%zx x %zx+%zx at %zx, %zx: got %a, expected %a",
                 assay_fast_isa_name(context->isa), normals->seed, normals->stream, row, rows, column, columns, i, j,
                 got, expected);
    }
  assert_true(out[rows * stride] == guard);
  free(out);
}

/* Random rectangles, small and large, anywhere up to 2^48, and across the places where counter words carry. */
static void rectangles(void **state) {
  (void)state;
  for (assay_isa isa = ASSAY_ISA_SSE2; isa <= ASSAY_ISA_AVX512; isa++) {
    if (lacks(isa)) continue;
    assay_context context = context_with(isa);
    test_random random = test_random_new(1);
    for (size_t k = 0; k < test_cases(300); k++) {
      assay_normals normals = {test_bits(&random), (uint32_t)test_bits(&random)};
      size_t columns = test_integer(&random, 0, k % 3 ? 20 : 900), rows = test_integer(&random, 0, 12);
      size_t shift = test_integer(&random, 0, 47);
      size_t row = (size_t)(test_bits(&random) >> (16 + shift)), column = (size_t)(test_bits(&random) >> (16 + shift));
      if (row > limit - rows) row = limit - rows;
      if (column > limit - columns) column = limit - columns;
      check_rectangle(&normals, row, rows, column, columns, &context);
    }
    const assay_normals normals = {42, 7};
    const size_t carry_row = (size_t)1 << 32, carry_column = (size_t)1 << 33;
    check_rectangle(&normals, carry_row - 2, 4, carry_column - 301, 602, &context);
    check_rectangle(&normals, carry_row - 2, 4, carry_column - 3, 7, &context);
    check_rectangle(&normals, limit - 3, 3, limit - 301, 301, &context);
  }
}

/* Every bit of seed, stream, row and pair tells: all values one bit away from a base differ from it and each other. The
 * chance that 192 good 64-bit words give two equal values is below 2^-35. */
static void every_bit_counts(void **state) {
  (void)state;
  enum { count = 64 + 32 + 48 + 47 + 1 };
  double value[count];
  assay_context context = context_with(ASSAY_ISA_BEST);
  for (size_t k = 0; k < count; k++) {
    assay_normals normals = {1, 2};
    size_t row = 3, column = 8;
    if (k < 64)
      normals.seed ^= UINT64_C(1) << k;
    else if (k < 96)
      normals.stream ^= UINT32_C(1) << (k - 64);
    else if (k < 144)
      row ^= (size_t)1 << (k - 96);
    else if (k < 191)
      column ^= (size_t)2 << (k - 144);
    assay_stream stream = assay_fast_normals(&normals, limit, limit);
    assert_int_equal(stream.read(&stream, row, 1, column, 1, &value[k], 1, &context), ASSAY_OK);
    for (size_t j = 0; j < k; j++) test_check(value[j] != value[k], "positions %zu and %zu: both %a", j, k, value[k]);
  }
}

/* Words at the ends and in the middle, every length up to three blocks of the widest: all kernels give SSE2's bits. */
static void kernels_agree(void **state) {
  (void)state;
  enum { longest = 96, cases = 4000 };
  static uint64_t a[cases + longest], b[cases + longest];
  test_random random = test_random_new(2);
  for (size_t k = 0; k < cases + longest; k++) {
    uint64_t near = (test_bits(&random) % 8 - 4) << 11, low = test_bits(&random) >> 53;
    a[k] = k % 4 == 0   ? test_bits(&random) >> test_integer(&random, 0, 63)
           : k % 4 == 1 ? ~(test_bits(&random) >> test_integer(&random, 0, 63))
                        : test_bits(&random);
    b[k] = k % 3 == 0 ? (test_bits(&random) << 61) + near + low : test_bits(&random);
  }
  for (assay_isa isa = ASSAY_ISA_AVX2; isa <= ASSAY_ISA_AVX512; isa++) {
    if (lacks(isa)) continue;
    const assay_normals_kernel *kernel = assay_normals_kernel_of(isa);
    for (size_t k = 0; k < cases; k += 7) {
      double got[2 * longest + 1], expected[2 * longest + 1];
      size_t count = k % (longest + 1);
      got[2 * count] = expected[2 * count] = -99;
      kernel->transform(got, a + k, b + k, count);
      assay_normals_sse2.transform(expected, a + k, b + k, count);
      for (size_t i = 0; i <= 2 * count; i++)
        test_check(bits_of(got[i]) == bits_of(expected[i]), "%s a %016" PRIx64 " b %016" PRIx64 ": got %a, expected %a",
                   assay_fast_isa_name(isa), a[k + i / 2], b[k + i / 2], got[i], expected[i]);
    }
  }
}

/* Tiles filled by several threads at once make the array that one call makes. */
static void threads(void **state) {
  (void)state;
  enum { rows = 64, columns = 301, tile = 16 };
  static double whole[rows * columns], tiled[rows * columns];
  const assay_normals normals = {5, 6};
  assay_stream stream = assay_fast_normals(&normals, rows, columns);
  assay_context context = context_with(ASSAY_ISA_BEST);
  assert_int_equal(stream.read(&stream, 0, rows, 0, columns, whole, columns, &context), ASSAY_OK);
  int failures = 0;
#pragma omp parallel for collapse(2) schedule(dynamic) num_threads(4) reduction(+ : failures)
  for (size_t row = 0; row < rows; row += tile)
    for (size_t column = 0; column < columns; column += 43)
      failures += stream.read(&stream, row, tile, column, 43, tiled + row * columns + column, columns, &context) != 0;
  assert_int_equal(failures, 0);
  assert_memory_equal(whole, tiled, sizeof whole);
}

static void refusals(void **state) {
  (void)state;
  const assay_normals normals = {1, 1};
  const struct {
    size_t stream_rows, stream_columns, row, rows, column, columns, stride;
    const char *says;
  } bad[] = {
      {limit + 1, 1, 0, 1, 0, 1, 1, "281474976710657 rows"},
      {1, limit + 1, 0, 1, 0, 1, 1, "281474976710657 columns"},
      {5, 5, 5, 1, 0, 1, 1, "row 5 + 1 rows"},
      {5, 5, 6, 0, 0, 1, 1, "row 6 + 0 rows"},
      {5, 5, 2, SIZE_MAX, 0, 1, 1, "row 2 + 18446744073709551615 rows"},
      {5, 5, 0, 1, 4, 2, 2, "column 4 + 2 columns"},
      {5, 5, 0, 1, 4, SIZE_MAX, 2, "column 4 + 18446744073709551615 columns"},
      {5, 5, 0, 2, 0, 3, 2, "stride 2"},
  };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    assay_context context = context_with(ASSAY_ISA_BEST);
    assay_stream stream = assay_fast_normals(&normals, bad[k].stream_rows, bad[k].stream_columns);
    double out[4] = {-99, -99, -99, -99};
    assay_status status =
        stream.read(&stream, bad[k].row, bad[k].rows, bad[k].column, bad[k].columns, out, bad[k].stride, &context);
    test_check(status == ASSAY_INVALID && strstr(context.message, bad[k].says), "case %zu: status %d, message '%s'", k,
               (int)status, context.message);
    for (size_t i = 0; i < 4; i++) assert_true(out[i] == -99);
  }
}

/* One row needs no stride, and nothing asked for is nothing written. */
static void accepted_edges(void **state) {
  (void)state;
  const assay_normals normals = {1, 1};
  assay_context context = context_with(ASSAY_ISA_BEST);
  assay_stream stream = assay_fast_normals(&normals, 5, 5);
  double out[5] = {-99, -99, -99, -99, -99};
  assert_int_equal(stream.read(&stream, 5, 0, 5, 0, out, 0, &context), ASSAY_OK);
  assert_int_equal(stream.read(&stream, 0, 1, 0, 0, out, 0, &context), ASSAY_OK);
  assert_int_equal(stream.read(&stream, 0, 0, 0, 5, out, 5, &context), ASSAY_OK);
  for (size_t k = 0; k < 5; k++) assert_true(out[k] == -99);
  assert_int_equal(stream.read(&stream, 4, 1, 0, 5, out, 0, &context), ASSAY_OK);
  for (size_t k = 0; k < 5; k++) assert_true(bits_of(out[k]) == bits_of(from_header(&normals, 4, k)));
}

/* Never more than the machine has, nor more than was asked for. */
static void resolved_isa(void **state) {
  (void)state;
  const assay_isa best = assay_fast_isa_resolve(ASSAY_ISA_BEST);
  assert_int_not_equal(best, ASSAY_ISA_BEST);
  for (assay_isa isa = ASSAY_ISA_SSE2; isa <= ASSAY_ISA_AVX512; isa++)
    assert_int_equal(assay_fast_isa_resolve(isa), isa < best ? isa : best);
  assert_ptr_equal(assay_normals_kernel_of(ASSAY_ISA_SSE2), &assay_normals_sse2);
  if (!lacks(ASSAY_ISA_AVX2)) assert_ptr_equal(assay_normals_kernel_of(ASSAY_ISA_AVX2), &assay_normals_avx2);
  if (!lacks(ASSAY_ISA_AVX512)) assert_ptr_equal(assay_normals_kernel_of(ASSAY_ISA_AVX512), &assay_normals_avx512);
  assert_string_equal(assay_fast_isa_name(ASSAY_ISA_SSE2), "sse2");
  assert_string_equal(assay_fast_isa_name(ASSAY_ISA_AVX2), "avx2");
  assert_string_equal(assay_fast_isa_name(ASSAY_ISA_AVX512), "avx512");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rectangles),   cmocka_unit_test(every_bit_counts), cmocka_unit_test(kernels_agree),
      cmocka_unit_test(threads),      cmocka_unit_test(refusals),         cmocka_unit_test(accepted_edges),
      cmocka_unit_test(resolved_isa),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
