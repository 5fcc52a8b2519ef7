// SPDX-License-Identifier: Apache-2.0
//
// C = alpha op(A) op(B) + beta C for matrices of tens of rows.

/// Copies the first `columns` of the rows of b, zeros beyond them, into packed[depth][TILE_COLUMNS].
INLINE void pack_rows(const REAL *b, size_t leading, size_t depth, size_t columns, REAL *packed) {
  for (size_t k = 0; k < depth; k++) {
    FOR_LANES(j, n, columns, put(packed + k * TILE_COLUMNS + j, LANES, get(b + k * leading + j, n)););
    if (columns <= LANES) put(packed + k * TILE_COLUMNS + LANES, LANES, splat(0));
  }
}

/// The same of the transpose of b: its first `columns` rows become columns; rows of `packed` are `distance` apart.
static void pack_transposed(const REAL *b, size_t leading, size_t depth, size_t columns, REAL *packed,
                            size_t distance) {
  size_t j = 0;
  for (; j + LANES <= columns; j += LANES)
    FOR_LANES(k, n, depth,
              transpose_square(b + j * leading + k, leading, LANES, n, packed + k * distance + j, distance););
  if (j < columns) {
    size_t height = columns - j;
    FOR_LANES(k, n, depth,
              transpose_square(b + j * leading + k, leading, height, n, packed + k * distance + j, distance););
  }
}

INLINE void copy_rows(const REAL *a, size_t leading, size_t rows, size_t depth, REAL *copy) {
  for (size_t r = 0; r < rows; r++)
    FOR_LANES(k, n, depth, put(copy + r * ROW_DISTANCE + k, LANES, get(a + r * leading + k, n)););
}

INLINE void write_tile(const Vector *tile, size_t vectors, REAL alpha, REAL beta, REAL *c, size_t leading, size_t rows,
                       size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    REAL *row = c + r * leading;
    FOR_LANES(j, n, columns, {
      Vector value = tile[r * vectors + j / LANES] * alpha;
      if (beta != 0) value = get(row + j, n) * beta + value;
      put(row + j, n, value);
    });
  }
}

/// One block of k for one strip of columns of C.
static void multiply_strip(bool a_transposed, size_t m, size_t columns, size_t depth, REAL alpha, const REAL *a,
                           size_t a_leading, const REAL *b, size_t b_leading, REAL beta, REAL *c, size_t c_leading) {
  REAL copy[TILE_ROWS * ROW_DISTANCE] __attribute__((aligned(64)));
  Vector tile[TILE_ROWS * 2];
  size_t vectors = columns <= LANES ? 1 : 2;
  for (size_t r = 0; r < m;) {
    size_t rows = tile_height(m, r);
    if (a_transposed) {
      tiles[rows - 1][1][vectors - 1](a + r, a_leading, b, b_leading, depth, (REAL *)tile, vectors * LANES, false);
    } else {
      copy_rows(a + r * a_leading, a_leading, rows, depth, copy);
      tiles[rows - 1][0][vectors - 1](copy, 1, b, b_leading, depth, (REAL *)tile, vectors * LANES, false);
    }
    write_tile(tile, vectors, alpha, beta, c + r * c_leading, c_leading, rows, columns);
    r += rows;
  }
}

static void small_product(int transposes, size_t m, size_t n, size_t k, double alpha, const REAL *a, size_t a_leading,
                          const REAL *b, size_t b_leading, double beta, REAL *c, size_t c_leading) {
  bool a_transposed = transposes & 1, b_transposed = transposes & 2;
  REAL packed[DEPTH_BLOCK * TILE_COLUMNS] __attribute__((aligned(64)));
  for (size_t j = 0; j < n; j += TILE_COLUMNS) {
    size_t columns = lesser(n - j, TILE_COLUMNS), start = 0;
    do {
      size_t depth = lesser(k - start, DEPTH_BLOCK);
      const REAL *left = a_transposed ? a + start * a_leading : a + start;
      const REAL *right = b_transposed ? b + j * b_leading + start : b + start * b_leading + j;
      size_t right_leading = b_leading;
      if (b_transposed || (columns != LANES && columns != TILE_COLUMNS)) {
        if (b_transposed) {
          pack_transposed(right, b_leading, depth, columns, packed, TILE_COLUMNS);
        } else {
          pack_rows(right, b_leading, depth, columns, packed);
        }
        right = packed;
        right_leading = TILE_COLUMNS;
      }
      multiply_strip(a_transposed, m, columns, depth, (REAL)alpha, left, a_leading, right, right_leading,
                     start == 0 ? (REAL)beta : 1, c + j, c_leading);
      start += depth;
    } while (start < k);
  }
}
