// SPDX-License-Identifier: Apache-2.0
//
// Sums over rows and columns of a matrix, and scaling along them. A column is summed in row order starting from what
// the destination holds, so cutting the rows into calls changes nothing.

enum { COLUMN_VECTORS = 4 };

/// Adds the rows of x, times those of y where it is not NULL, to `vectors` whole vectors of columns.
INLINE void add_columns(const REAL *x, const REAL *y, size_t leading, REAL *destination, size_t rows, size_t vectors) {
  Vector sums[COLUMN_VECTORS];
  for (size_t v = 0; v < vectors; v++) sums[v] = get(destination + v * LANES, LANES);
  for (size_t r = 0; r < rows; r++) {
    const REAL *left = x + r * leading;
    for (size_t v = 0; v < vectors; v++) {
      Vector value = get(left + v * LANES, LANES);
      sums[v] = y ? value * get(y + r * leading + v * LANES, LANES) + sums[v] : value + sums[v];
    }
  }
  for (size_t v = 0; v < vectors; v++) put(destination + v * LANES, LANES, sums[v]);
}

INLINE void add_last_columns(const REAL *x, const REAL *y, size_t leading, REAL *destination, size_t rows, size_t n) {
  Vector sums = get(destination, n);
  for (size_t r = 0; r < rows; r++) {
    Vector value = get(x + r * leading, n);
    sums = y ? value * get(y + r * leading, n) + sums : value + sums;
  }
  put(destination, n, sums);
}

INLINE void add_all_columns(const REAL *x, const REAL *y, size_t leading, REAL *destination, size_t rows,
                            size_t columns) {
  size_t c = 0;
  for (; c + COLUMN_VECTORS * LANES <= columns; c += COLUMN_VECTORS * LANES)
    add_columns(x + c, y ? y + c : NULL, leading, destination + c, rows, COLUMN_VECTORS);
  for (; c + LANES <= columns; c += LANES) add_columns(x + c, y ? y + c : NULL, leading, destination + c, rows, 1);
  if (c < columns) add_last_columns(x + c, y ? y + c : NULL, leading, destination + c, rows, columns - c);
}

static void column_sums(const REAL *x, size_t leading, REAL *destination, size_t rows, size_t columns) {
  add_all_columns(x, NULL, leading, destination, rows, columns);
}

static void column_dots(const REAL *a, const REAL *b, REAL *destination, size_t rows, size_t columns) {
  add_all_columns(a, b, columns, destination, rows, columns);
}

static void scale_columns(const REAL *x, const REAL *factors, const REAL *shift, REAL *destination, size_t rows,
                          size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    FOR_LANES(c, n, columns, {
      Vector value = get(x + r * columns + c, n);
      if (factors) value *= get(factors + c, n);
      if (shift) value += get(shift + c, n);
      put(destination + r * columns + c, n, value);
    });
  }
}

static void scale_rows(const REAL *x, const REAL *factors, REAL *destination, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) scale(factors[r], x + r * columns, destination + r * columns, columns);
}

static void row_dots(const REAL *a, size_t a_leading, const REAL *b, size_t b_leading, REAL *result, size_t rows,
                     size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const REAL *left = a + r * a_leading;
    const REAL *right = b + r * b_leading;
    SUM_ROW(result[r], c, n, columns, get(left + c, n) * get(right + c, n));
  }
}
