// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic element by element, and sums over all elements.

static void fill(REAL *destination, double value, size_t count) {
  Vector values = splat((REAL)value);
  FOR_LANES(i, n, count, put(destination + i, n, values););
}

static void add(const REAL *a, const REAL *b, REAL *destination, size_t count) {
  FOR_LANES(i, n, count, put(destination + i, n, get(a + i, n) + get(b + i, n)););
}

static void multiply(const REAL *a, const REAL *b, REAL *destination, size_t count) {
  FOR_LANES(i, n, count, put(destination + i, n, get(a + i, n) * get(b + i, n)););
}

static void scale(double factor, const REAL *x, REAL *destination, size_t count) {
  Vector factors = splat((REAL)factor);
  FOR_LANES(i, n, count, put(destination + i, n, get(x + i, n) * factors););
}

static void add_scaled(double factor, const REAL *x, REAL *destination, size_t count) {
  Vector factors = splat((REAL)factor);
  FOR_LANES(i, n, count, put(destination + i, n, get(x + i, n) * factors + get(destination + i, n)););
}

static void convert_to_float(const REAL *source, float *destination, size_t count) {
  for (size_t i = 0; i < count; i++) destination[i] = (float)source[i];
}

static void convert_to_double(const REAL *source, double *destination, size_t count) {
  for (size_t i = 0; i < count; i++) destination[i] = (double)source[i];
}

enum { SUM_BLOCK = 4096 };

// A macro and a pointer below, since a value wider than a register is not to be passed to functions.
#define WIDENED(x) __builtin_convertvector(x, Doubles)

/// Sum of a[i] * b[i], or of a[i] where b is NULL, over one block.
INLINE double block_sum(const REAL *a, const REAL *b, size_t count) {
  Doubles even = {0}, odd = {0};
  size_t i = 0;
  for (; i + 2 * LANES <= count; i += 2 * LANES) {
    Doubles first = WIDENED(get(a + i, LANES)), second = WIDENED(get(a + i + LANES, LANES));
    even += b ? first * WIDENED(get(b + i, LANES)) : first;
    odd += b ? second * WIDENED(get(b + i + LANES, LANES)) : second;
  }
  FOR_LANES(rest, n, count - i, {
    Doubles last = WIDENED(get(a + i + rest, n));
    even += b ? last * WIDENED(get(b + i + rest, n)) : last;
  });
  even += odd;
  return sum_of_doubles(&even);
}

INLINE double blockwise_sum(const REAL *a, const REAL *b, size_t count) {
  double total = 0;
  for (size_t start = 0; start < count; start += SUM_BLOCK) {
    size_t length = count - start < SUM_BLOCK ? count - start : SUM_BLOCK;
    total += b ? block_sum(a + start, b + start, length) : block_sum(a + start, NULL, length);
  }
  return total;
}

static double sum(const REAL *x, size_t count) { return blockwise_sum(x, NULL, count); }
static double sum_of_squares(const REAL *x, size_t count) { return blockwise_sum(x, x, count); }
static double dot(const REAL *a, const REAL *b, size_t count) { return blockwise_sum(a, b, count); }
