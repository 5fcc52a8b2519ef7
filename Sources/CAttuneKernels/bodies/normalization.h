// SPDX-License-Identifier: Apache-2.0
//
// Layer norm. Rows are short enough to stay in the first cache between the passes.

/// Runs the statements over a row with four accumulators; `sums` is the accumulator that lane block i adds to.
#define SUM_ROW(total, i, n, count, ...)                              \
  do {                                                                \
    Vector partial[4] = {{0}, {0}, {0}, {0}};                         \
    size_t start = 0;                                                 \
    for (; start + 4 * LANES <= (count); start += 4 * LANES) {        \
      enum { n = LANES };                                             \
      _Pragma("clang loop unroll(full)") for (int part = 0; part < 4; part++) { \
        size_t i = start + (size_t)part * LANES;                      \
        partial[part] += __VA_ARGS__;                                 \
      }                                                               \
    }                                                                 \
    FOR_LANES(rest, n, (count) - start, {                             \
      size_t i = start + rest;                                        \
      partial[0] += __VA_ARGS__;                                      \
    });                                                               \
    total = sum_of_lanes((partial[0] + partial[1]) + (partial[2] + partial[3])); \
  } while (0)

INLINE Vector only(size_t n, Vector v) { return n == LANES ? v : choose(first_lanes(n), v, splat(0)); }

INLINE REAL row_sum(const REAL *x, size_t count) {
  REAL total;
  SUM_ROW(total, i, n, count, get(x + i, n));
  return total;
}

INLINE REAL centred_square_sum(const REAL *x, REAL mean, size_t count) {
  REAL total;
  SUM_ROW(total, i, n, count, only(n, (get(x + i, n) - mean) * (get(x + i, n) - mean)));
  return total;
}

INLINE Vector put_and_give(REAL *p, size_t n, Vector value) {
  put(p, n, value);
  return value;
}

/// Writes a + b, and returns its sum.
INLINE REAL summed_row(const REAL *a, const REAL *b, REAL *destination, size_t count) {
  REAL total;
  SUM_ROW(total, i, n, count, put_and_give(destination + i, n, get(a + i, n) + get(b + i, n)));
  return total;
}

static void layer_norm(const REAL *residual, const REAL *x, uint64_t key, uint64_t first, double rate,
                       const REAL *weight, const REAL *bias, double epsilon, REAL *sum, REAL *result, REAL *mean,
                       REAL *reciprocal_deviation, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    size_t offset = r * columns;
    const REAL *row = x + offset;
    REAL *normalized = result + offset, total;
    if (residual) {
      REAL *target = sum ? sum + offset : normalized;
      if (rate == 0) {
        total = summed_row(residual + offset, row, target, columns);
      } else {
        add_dropout(key, first + offset, rate, residual + offset, row, target, columns);
        total = row_sum(target, columns);
      }
      row = target;
    } else {
      if (sum && sum != x) memcpy(sum + offset, row, columns * sizeof(REAL));
      total = row_sum(row, columns);
    }
    REAL centre = total / (REAL)columns;
    REAL variance = centred_square_sum(row, centre, columns) / (REAL)columns;
    REAL scale = (REAL)(1 / sqrt((double)variance + epsilon));
    FOR_LANES(c, n, columns, {
      Vector unit = (get(row + c, n) - centre) * scale;
      if (weight) unit *= get(weight + c, n);
      if (bias) unit += get(bias + c, n);
      put(normalized + c, n, unit);
    });
    if (mean) mean[r] = centre;
    if (reciprocal_deviation) reciprocal_deviation[r] = scale;
  }
}

INLINE Vector weighted(const REAL *gradient, const REAL *weight, size_t c, size_t n) {
  return weight ? get(gradient + c, n) * get(weight + c, n) : get(gradient + c, n);
}

static void layer_norm_backward(const REAL *gradient, const REAL *sum, const REAL *mean,
                                const REAL *reciprocal_deviation, const REAL *weight, REAL *input_gradient,
                                REAL *weight_gradient, REAL *bias_gradient, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const REAL *row = sum + r * columns;
    const REAL *incoming = gradient + r * columns;
    REAL centre = mean[r], scale = reciprocal_deviation[r];
    REAL level, tilt;
    SUM_ROW(level, c, n, columns, weighted(incoming, weight, c, n));
    SUM_ROW(tilt, c, n, columns, weighted(incoming, weight, c, n) * (get(row + c, n) - centre));
    level /= (REAL)columns;
    tilt *= scale / (REAL)columns;
    FOR_LANES(c, n, columns, {
      Vector arriving = get(incoming + c, n);
      Vector unit = (get(row + c, n) - centre) * scale;
      if (weight_gradient) put(weight_gradient + c, n, arriving * unit + get(weight_gradient + c, n));
      if (bias_gradient) put(bias_gradient + c, n, arriving + get(bias_gradient + c, n));
      Vector inner = weighted(incoming, weight, c, n) - level;
      put(input_gradient + r * columns + c, n, (inner - unit * tilt) * scale);
    });
  }
}
