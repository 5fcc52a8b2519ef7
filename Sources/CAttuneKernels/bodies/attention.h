// SPDX-License-Identifier: Apache-2.0
//
// One block of queries against one block of keys. What a query may see is one run of columns.

typedef struct {
  size_t start, end;
} Run;

INLINE size_t column_of(int64_t position, size_t columns) {
  if (position < 0) return 0;
  return (uint64_t)position < columns ? (size_t)position : columns;
}

INLINE Run visible(const attune_score_block *block, size_t row, size_t columns) {
  int64_t query = block->first_query + (int64_t)row - block->first_key;
  Run run = {0, columns};
  if (block->window_before >= 0) run.start = column_of(query - block->window_before, columns);
  if (block->window_after >= 0) run.end = column_of(query + block->window_after + 1, columns);
  if (run.end < run.start) run.end = run.start;
  return run;
}

/// Index in the bias of the block's row and column `start`.
INLINE int64_t bias_index(const attune_score_block *block, size_t row, size_t start) {
  return block->first_key + (int64_t)start - block->first_query - (int64_t)row + block->bias_origin;
}

INLINE void hide_others(REAL *row, Run run, size_t columns) {
  if (run.start > 0) memset(row, 0, run.start * sizeof(REAL));
  if (run.end < columns) memset(row + run.end, 0, (columns - run.end) * sizeof(REAL));
}

INLINE Vector score(const REAL *raw, const REAL *bias, REAL factor, size_t i, size_t n) {
  Vector scaled = get(raw + i, n) * factor;
  return bias ? get(bias + i, n) + scaled : scaled;
}

INLINE REAL largest_score(const REAL *raw, const REAL *bias, REAL factor, size_t count) {
  if (!bias) return largest_scaled(raw, factor, count);
  Vector most = splat(-(REAL)INFINITY);
  FOR_LANES(i, n, count, {
    Vector value = score(raw, bias, factor, i, n);
    most = larger(n == LANES ? value : choose(first_lanes(n), value, most), most);
  });
  return largest_lane(most);
}

/// Writes exp(score - shift), after dropout, and returns the sum before dropout.
INLINE REAL exponentiate(REAL *scores, const REAL *bias, REAL factor, REAL shift, size_t count, const Dropping *how,
                         attune_draw_key key, uint32_t index) {
  Vector total = splat(0);
  FOR_LANES(i, n, count, {
    Vector power = exponential(score(scores, bias, factor, i, n) - shift);
    total += only(n, power);
    put(scores + i, n, how ? dropped(power, draws(key, index + (uint32_t)i), *how) : power);
  });
  return sum_of_lanes(total);
}

static void attention_softmax(const attune_score_block *block, REAL *scores, size_t leading, REAL *maxima, REAL *sums,
                              REAL *corrections, size_t rows, size_t columns) {
  Dropping how = dropping(block->dropout_rate);
  REAL factor = (REAL)block->scale;
  for (size_t r = 0; r < rows; r++) {
    Run run = visible(block, r, columns);
    REAL *row = scores + r * leading;
    REAL *seen = row + run.start;
    hide_others(row, run, columns);
    const REAL *bias = block->bias ? (const REAL *)block->bias + bias_index(block, r, run.start) : NULL;
    size_t count = run.end - run.start;
    REAL before = maxima[r];
    REAL maximum = largest_score(seen, bias, factor, count);
    if (!(maximum > before)) maximum = before;
    REAL shift = shift_of(maximum);
    uint64_t index = (uint64_t)block->first_key + run.start;
    REAL added;
    if (how.threshold == 0) {
      added = exponentiate(seen, bias, factor, shift, count, NULL, (attune_draw_key){0, 0, 0}, 0);
    } else {
      uint64_t key = attune_random_key(block->dropout_key, block->dropout_row + r);
      attune_draw_key words = attune_spread_key(key, (uint32_t)(index >> 32));
      added = exponentiate(seen, bias, factor, shift, count, &how, words, (uint32_t)index);
    }
    corrections[r] = before == -(REAL)INFINITY ? 0 : (REAL)exp((double)(before - shift));
    maxima[r] = maximum;
    sums[r] = sums[r] * corrections[r] + added;
  }
}

static void attention_rescale(REAL *accumulated, size_t leading, const REAL *corrections, size_t rows,
                              size_t columns) {
  for (size_t r = 0; r < rows; r++)
    if (corrections[r] != 1) scale(corrections[r], accumulated + r * leading, accumulated + r * leading, columns);
}

static void attention_finish(REAL *output, size_t leading, const REAL *maxima, const REAL *sums, REAL *log_sum_exps,
                             size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    bool empty = sums[r] == 0;
    if (empty) {
      fill(output + r * leading, 0, columns);
    } else {
      scale(1 / (double)sums[r], output + r * leading, output + r * leading, columns);
    }
    if (log_sum_exps) log_sum_exps[r] = empty ? 0 : (REAL)((double)maxima[r] + log((double)sums[r]));
  }
}

typedef struct {
  const REAL *bias;
  REAL *bias_gradient;
  REAL factor, log_sum_exp, delta;
} BackwardRow;

INLINE void attend_backward(REAL *scores, REAL *products, BackwardRow row, size_t count, const Dropping *how,
                            attune_draw_key key, uint32_t index) {
  FOR_LANES(i, n, count, {
    Vector probability = exponential(score(scores, row.bias, row.factor, i, n) - row.log_sum_exp);
    Vector arriving = get(products + i, n);
    Vector kept = probability;
    if (how) {
      Words drawn = draws(key, index + (uint32_t)i);
      kept = dropped(probability, drawn, *how);
      arriving = dropped(arriving, drawn, *how);
    }
    put(scores + i, n, kept);
    Vector slope = probability * (arriving - row.delta);
    put(products + i, n, slope * row.factor);
    if (row.bias_gradient) put(row.bias_gradient + i, n, get(row.bias_gradient + i, n) + slope);
  });
}

static void attention_backward(const attune_score_block *block, REAL *scores, REAL *value_products, size_t leading,
                               const REAL *log_sum_exps, const REAL *delta, REAL *bias_gradient, size_t rows,
                               size_t columns) {
  Dropping how = dropping(block->dropout_rate);
  for (size_t r = 0; r < rows; r++) {
    Run run = visible(block, r, columns);
    hide_others(scores + r * leading, run, columns);
    hide_others(value_products + r * leading, run, columns);
    int64_t place = bias_index(block, r, run.start);
    BackwardRow row = {block->bias ? (const REAL *)block->bias + place : NULL,
                       bias_gradient ? bias_gradient + place : NULL, (REAL)block->scale, log_sum_exps[r], delta[r]};
    REAL *seen = scores + r * leading + run.start;
    REAL *products = value_products + r * leading + run.start;
    uint64_t index = (uint64_t)block->first_key + run.start;
    if (how.threshold == 0) {
      attend_backward(seen, products, row, run.end - run.start, NULL, (attune_draw_key){0, 0, 0}, 0);
    } else {
      uint64_t key = attune_random_key(block->dropout_key, block->dropout_row + r);
      attune_draw_key words = attune_spread_key(key, (uint32_t)(index >> 32));
      attend_backward(seen, products, row, run.end - run.start, &how, words, (uint32_t)index);
    }
  }
}
