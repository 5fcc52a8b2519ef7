// SPDX-License-Identifier: Apache-2.0
//
// Gathering, adding and pooling whole rows.

static void gather_rows(const void *const *tables, const int32_t *const *ids, size_t table_count, REAL *destination,
                        size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    REAL *row = destination + r * columns;
    bool started = false;
    for (size_t t = 0; t < table_count; t++) {
      int32_t id = ids[t][r];
      if (id < 0) continue;
      const REAL *source = (const REAL *)tables[t] + (size_t)id * columns;
      if (started) {
        add(row, source, row, columns);
      } else {
        memcpy(row, source, columns * sizeof(REAL));
      }
      started = true;
    }
    if (!started) fill(row, 0, columns);
  }
}

static void sum_rows(const REAL *x, const int32_t *order, const int32_t *starts, REAL *destination, size_t groups,
                     size_t columns) {
  for (size_t g = 0; g < groups; g++) {
    int32_t start = starts[g], end = starts[g + 1];
    FOR_LANES(c, n, columns, {
      Vector total = splat(0);
      for (int32_t i = start; i < end; i++) total += get(x + (size_t)order[i] * columns + c, n);
      put(destination + g * columns + c, n, total);
    });
  }
}

static void transpose_rows(const REAL *x, REAL *destination, size_t leading, size_t rows, size_t columns) {
  size_t r = 0;
  for (; r + LANES <= rows; r += LANES)
    FOR_LANES(c, n, columns,
              transpose_square(x + r * columns + c, columns, LANES, n, destination + c * leading + r, leading););
  for (; r < rows; r++)
    for (size_t c = 0; c < columns; c++) destination[c * leading + r] = x[r * columns + c];
}

static void segment_mean(const REAL *x, const int64_t *offsets, REAL *destination, size_t segments, size_t columns) {
  for (size_t s = 0; s < segments; s++) {
    int64_t start = offsets[s], end = offsets[s + 1];
    REAL *row = destination + s * columns;
    fill(row, 0, columns);
    if (start >= end) continue;
    add_all_columns(x + (size_t)start * columns, NULL, columns, row, (size_t)(end - start), columns);
    scale(1.0 / (double)(end - start), row, row, columns);
  }
}

static void segment_max(const REAL *x, const int64_t *offsets, REAL *destination, int32_t *winners, size_t segments,
                        size_t columns) {
  for (size_t s = 0; s < segments; s++) {
    int64_t start = offsets[s], end = offsets[s + 1];
    FOR_LANES(c, n, columns, {
      Vector best = splat(0);
      Indices winner = (Indices){0} - 1;
      for (int64_t r = start; r < end; r++) {
        Vector value = get(x + (size_t)r * columns + c, n);
        // A NaN wins over every number, so that it is seen.
        Mask wins = (value > best) | ((value != value) & (best == best));
        if (r == start) wins = (Mask){0} - 1;
        Indices narrow = __builtin_convertvector(wins, Indices);
        best = choose(wins, value, best);
        winner = (narrow & (int32_t)r) | (~narrow & winner);
      }
      put(destination + s * columns + c, n, best);
      for (size_t lane = 0; lane < n; lane++) winners[s * columns + c + lane] = winner[lane];
    });
  }
}
