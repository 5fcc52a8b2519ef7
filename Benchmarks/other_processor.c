// SPDX-License-Identifier: Apache-2.0
//
// Runs the kernels of a processor that the tests do not run on, such as arm64 under an emulator, beside plain loops in
// double: a program without Swift. How it is compiled and run stands in README.md. Exits with 1 at a wrong number.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CAttuneKernels.h"

static int failures;

static float drawn(void) {
  static uint64_t place;
  return (float)attune_random_bits(7, place++) / 2147483648.0f - 1;
}

static float *draw(size_t count) {
  float *x = malloc((count ? count : 1) * sizeof(float));
  for (size_t i = 0; i < count; i++) x[i] = drawn();
  return x;
}

/// Largest difference over the root mean square of what is expected, against a bound.
static void report(const char *name, const float *found, const double *expected, size_t count, double bound) {
  double most = 0, squares = 0;
  for (size_t i = 0; i < count; i++) {
    double difference = fabs(found[i] - expected[i]);
    most = difference <= most ? most : difference;  // NaN stays
    squares += expected[i] * expected[i];
  }
  double error = most / sqrt(squares / (double)count + 1e-300);
  int wrong = !(error <= bound);
  failures += wrong;
  printf("%-34s %.1e %s\n", name, error, wrong ? "WRONG" : "ok");
}

typedef enum { BLOCKED, PACKED, BFLOAT, INT16, INT8 } Kind;

static const char *const names[] = {"float32", "float32 packed", "bfloat16", "int16", "int8"};
static const double bounds[] = {1e-5, 1e-5, 3e-2, 2e-3, 6e-2};

/// op(a)[m][k] . op(b)[k][n] in one kind of number.
static void multiply(Kind kind, int turned, size_t m, size_t n, size_t k) {
  int a_turned = turned & 1 && kind != PACKED && kind != INT8;
  int b_turned = turned & 2 || kind == PACKED || kind == INT8;
  float *a = draw(m * k), *b = draw(n * k), *c = draw(m * n);
  double *expected = calloc(m * n, sizeof(double));
  for (size_t r = 0; r < m; r++)
    for (size_t j = 0; j < n; j++)
      for (size_t i = 0; i < k; i++)
        expected[r * n + j] +=
            (double)(a_turned ? a[i * m + r] : a[r * k + i]) * (b_turned ? b[j * k + i] : b[i * n + j]);
  size_t panels = (n + ATTUNE_PANEL_COLUMNS - 1) / ATTUNE_PANEL_COLUMNS;
  size_t bytes = panels * ATTUNE_PANEL_COLUMNS * (k + 64) * 4 + attune_int8_packed_size(n, k) + 4096;
  void *packed = aligned_alloc(128, bytes & ~(size_t)127);
  size_t a_leading = a_turned ? m : k, b_leading = b_turned ? k : n;
  if (kind == BLOCKED) {
    attune_pack_factor(b_turned, b, b_leading, n, k, packed);
    attune_blocked_gemm(a_turned, m, n, k, a, a_leading, packed, 0, c, n);
  } else if (kind == PACKED) {
    attune_pack(b, k, n, k, packed);
    attune_packed_gemm(m, n, k, a, k, packed, NULL, ATTUNE_IDENTITY, c, n);
  } else if (kind == INT8) {
    int8_t *integers = malloc(n * k);
    float *scales = malloc(n * sizeof(float));
    attune_int8_quantize(b, k, n, k, integers, scales);
    attune_int8_pack(integers, scales, n, k, packed);
    attune_int8_gemm(m, n, k, a, k, packed, NULL, ATTUNE_IDENTITY, c, n);
    free(integers), free(scales);
  } else {
    attune_short_format format = kind == BFLOAT ? ATTUNE_BFLOAT16 : ATTUNE_INT16;
    attune_short_pack(format, b_turned, b, b_leading, n, k, packed);
    attune_short_gemm(format, a_turned, m, n, k, a, a_leading, packed, 0, NULL, ATTUNE_IDENTITY, c, n);
  }
  char name[64];
  snprintf(name, sizeof name, "%s %zu x %zu x %zu%s%s", names[kind], m, n, k, a_turned ? " a^T" : "",
           b_turned ? " b^T" : "");
  report(name, c, expected, m * n, bounds[kind]);
  free(a), free(b), free(c), free(expected), free(packed);
}

static void check_elements(size_t count) {
  float *x = draw(count), *y = draw(count);
  double *expected = malloc(count * sizeof(double));
  attune_activate(ATTUNE_FLOAT32, ATTUNE_GELU, x, y, count);
  for (size_t i = 0; i < count; i++) expected[i] = x[i] * 0.5 * erfc(-x[i] / sqrt(2));
  report("gelu", y, expected, count, 1e-5);
  attune_softmax(ATTUNE_FLOAT32, 3, x, y, 1, count);
  double total = 0;
  for (size_t i = 0; i < count; i++) total += expected[i] = exp(3.0 * x[i]);
  for (size_t i = 0; i < count; i++) expected[i] /= total;
  report("softmax", y, expected, count, 1e-5);
  attune_adamw_settings step = {0.1, 0.9, 0.99, 1e-6, 0.05, 0.1, 0.01, 0.5};
  float *first = draw(count), *second = draw(count);
  memcpy(y, x, count * sizeof(float));
  for (size_t i = 0; i < count; i++) {
    second[i] *= second[i];
    double slope = 0.5 * x[i], m = 0.9 * first[i] + 0.1 * slope, v = 0.99 * second[i] + 0.01 * slope * slope;
    expected[i] = x[i] * (1 - 0.1 * 0.05) - 0.1 * (m / 0.1) / (sqrt(v / 0.01) + 1e-6);
  }
  attune_adamw(ATTUNE_FLOAT32, &step, 1, x, y, first, second, count);
  report("AdamW", y, expected, count, 1e-5);
  free(x), free(y), free(expected), free(first), free(second);
}

static void count_up(void *context, size_t index) { ((int *)context)[index]++; }

int main(void) {
  attune_level level = attune_current_level();
  const char *problem = attune_level_problem("avx2");
  printf("level %s; ATTUNE_INSTRUCTION_LEVEL=avx2: %s\n", attune_level_name(level), problem ? problem : "taken");
  for (Kind kind = BLOCKED; kind <= INT8; kind++)
    for (int turned = 0; turned < (kind == PACKED || kind == INT8 ? 1 : 4); turned++) {
      multiply(kind, turned, 1, 33, 70);
      multiply(kind, turned, 5, 31, 129);
      multiply(kind, turned, 117, 70, 1100);
    }
  check_elements(1003);
  int counts[500] = {0};
  attune_set_thread_count(3);
  attune_parallel(500, count_up, counts);
  for (int i = 0; i < 500; i++) failures += counts[i] != 1;
  printf(failures ? "%d are WRONG\n" : "all as expected\n", failures);
  return failures > 0;
}
