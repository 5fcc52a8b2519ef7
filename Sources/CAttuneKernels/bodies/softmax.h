// SPDX-License-Identifier: Apache-2.0
//
// Softmax, its sum of exponentials, and cross-entropy.

/// The largest scale * x[i]; NaN is passed over (it shows in the sum of the exponentials).
INLINE REAL largest_scaled(const REAL *x, REAL factor, size_t count) {
  Vector even = splat(-(REAL)INFINITY), odd = even;
  size_t i = 0;
  for (; i + 2 * LANES <= count; i += 2 * LANES) {
    even = larger(get(x + i, LANES) * factor, even);
    odd = larger(get(x + i + LANES, LANES) * factor, odd);
  }
  FOR_LANES(rest, n, count - i, {
    Vector value = get(x + i + rest, n) * factor;
    even = larger(n == LANES ? value : choose(first_lanes(n), value, even), even);
  });
  return largest_lane(larger(even, odd));
}

/// What is subtracted before the exponential: the maximum, unless that is infinite.
INLINE REAL shift_of(REAL maximum) { return isfinite(maximum) ? maximum : 0; }

static void softmax(double factor, const REAL *x, REAL *destination, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const REAL *row = x + r * columns;
    REAL *result = destination + r * columns;
    REAL by = (REAL)factor, shift = shift_of(largest_scaled(row, by, columns));
    Vector total = splat(0);
    FOR_LANES(c, n, columns, {
      Vector power = exponential(get(row + c, n) * by - shift);
      put(result + c, n, power);
      total += only(n, power);
    });
    scale(1 / sum_of_lanes(total), result, result, columns);
  }
}

static void softmax_backward(const REAL *probabilities, const REAL *gradient, REAL *destination, size_t rows,
                             size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const REAL *p = probabilities + r * columns;
    const REAL *g = gradient + r * columns;
    REAL mean;
    SUM_ROW(mean, c, n, columns, get(p + c, n) * get(g + c, n));
    FOR_LANES(c, n, columns, put(destination + r * columns + c, n, get(p + c, n) * (get(g + c, n) - mean)););
  }
}

static void log_sum_exp(const REAL *x, size_t leading, REAL *result, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const REAL *row = x + r * leading;
    REAL shift = shift_of(largest_scaled(row, 1, columns));
    REAL total;
    SUM_ROW(total, c, n, columns, only(n, exponential(get(row + c, n) - shift)));
    result[r] = (REAL)((double)shift + log((double)total));
  }
}

static void cross_entropy(const REAL *logits, size_t leading, const REAL *log_sum_exps, const int32_t *targets,
                          double smoothing, const REAL *row_weights, REAL *losses, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const REAL *row = logits + r * leading;
    if (targets[r] < 0) {
      losses[r] = 0;
      continue;
    }
    double loss = (double)log_sum_exps[r] - (1 - smoothing) * (double)row[targets[r]];
    if (smoothing != 0) loss -= smoothing / (double)columns * sum(row, columns);
    losses[r] = (REAL)(row_weights ? loss * (double)row_weights[r] : loss);
  }
}

static void cross_entropy_backward(REAL *logits, size_t leading, const REAL *log_sum_exps, const int32_t *targets,
                                   double smoothing, const REAL *row_weights, double factor, size_t rows,
                                   size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    REAL *row = logits + r * leading;
    if (targets[r] < 0) {
      fill(row, 0, columns);
      continue;
    }
    double whole = row_weights ? factor * (double)row_weights[r] : factor;
    REAL by = (REAL)whole, shift = log_sum_exps[r], everywhere = (REAL)(smoothing / (double)columns);
    // In the target's column the difference is formed before the product, as in the others.
    REAL target = row[targets[r]];
    FOR_LANES(c, n, columns, put(row + c, n, (exponential(get(row + c, n) - shift) - everywhere) * by););
    double probability = exp((double)target - (double)shift);
    row[targets[r]] = (REAL)(whole * (probability - smoothing / (double)columns - (1 - smoothing)));
  }
}
