// SPDX-License-Identifier: Apache-2.0
//
// c = f(a . weight^T + bias) with the weight packed in panels of 32 outputs: [n / 32][k][32], zeros beyond n.

enum {
  PANEL_TILES = ATTUNE_PANEL / TILE_COLUMNS,
  ROW_BLOCK = 8 * 14,  // copied rows that stay in the second cache beside a panel
  STRIP = DEPTH_BLOCK * LANES,  // one tile of a transposed block
  STRIPS = (ROW_BLOCK + TILE_ROWS - 1) / TILE_ROWS,
  BLOCK_SIZE = STRIPS * STRIP > ROW_BLOCK * ROW_DISTANCE ? STRIPS * STRIP : ROW_BLOCK * ROW_DISTANCE,
  WIDE_VECTORS = 8     // sums that one row keeps running at once
};

INLINE void load_tile(Vector *tile, const float *c, size_t leading, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    FOR_LANES(j, n, columns, tile[r * 2 + j / LANES] = get(c + r * leading + j, n););
}

/// Copies the rows of a block of A, or of its transpose: [k][LANES] for each tile, one after the other.
static void copy_block(bool a_transposed, const float *a, size_t leading, size_t rows, size_t depth, float *copy) {
  if (!a_transposed) {
    copy_rows(a, leading, rows, depth, copy);
    return;
  }
  size_t heights[STRIPS];
  for (size_t r = 0, strip = 0; r < rows; r += heights[strip++]) heights[strip] = tile_height(rows, r);
  for (size_t k = 0; k < depth; k++) {
    // Rows lie pages apart, where the processor does not look ahead by itself.
    for (size_t r = 0; r < rows; r += 16) __builtin_prefetch(a + (k + 12) * leading + r);
    float *target = copy + k * LANES;
    for (size_t r = 0, strip = 0; r < rows; r += heights[strip++], target += STRIP)
      put(target, LANES, get(a + k * leading + r, heights[strip]));
  }
}

/// Adds one block of k to all columns of some rows that were copied.
static void multiply_panels(bool a_transposed, const float *copy, size_t rows, size_t n, size_t k, const float *packed,
                            size_t depth, float *c, size_t c_leading, bool accumulate) {
  Vector tile[TILE_ROWS * 2] = {{0}};
  for (size_t j = 0; j < n; j += TILE_COLUMNS) {
    const float *columns = packed + j / ATTUNE_PANEL * ATTUNE_PANEL * k + j % ATTUNE_PANEL;
    size_t width = lesser(n - j, TILE_COLUMNS), strip = 0;
    for (size_t r = 0; r < rows;) {
      size_t height = tile_height(rows, r);
      float *target = c + r * c_leading + j;
      if (accumulate) load_tile(tile, target, c_leading, height, width);
      if (a_transposed) {
        tiles[height - 1][1][1](copy + strip, LANES, columns, ATTUNE_PANEL, depth, tile, accumulate);
      } else {
        tiles[height - 1][0][1](copy + r * ROW_DISTANCE, 1, columns, ATTUNE_PANEL, depth, tile, accumulate);
      }
      for (size_t row = 0; row < height; row++)
        FOR_LANES(i, lanes, width, put(target + row * c_leading + i, lanes, tile[row * 2 + i / LANES]););
      r += height;
      strip += STRIP;
    }
  }
}

/// c = (accumulate ? c : 0) + op(a) . b for at most ROW_BLOCK rows.
static void multiply_block(bool a_transposed, size_t rows, size_t n, size_t k, const float *a, size_t a_leading,
                           const float *packed, float *c, size_t c_leading, bool accumulate) {
  float copy[BLOCK_SIZE] __attribute__((aligned(64)));
  size_t start = 0;
  do {
    size_t blocks = (k - start + DEPTH_BLOCK - 1) / DEPTH_BLOCK;
    size_t depth = blocks > 1 ? (k - start + blocks - 1) / blocks : k - start;
    copy_block(a_transposed, a + start * (a_transposed ? a_leading : 1), a_leading, rows, depth, copy);
    multiply_panels(a_transposed, copy, rows, n, k, packed + start * ATTUNE_PANEL, depth, c, c_leading,
                    accumulate || start > 0);
    start += depth;
  } while (start < k);
}

/// One row: no copies, and enough columns at once to keep the memory busy.
static void multiply_one_row(size_t n, size_t k, const float *a, const float *packed, float *c) {
  enum { COLUMNS = WIDE_VECTORS * LANES };
  for (size_t j = 0; j < n; j += COLUMNS) {
    const float *starts[WIDE_VECTORS];
    Vector sums[WIDE_VECTORS];
    for (size_t v = 0; v < WIDE_VECTORS; v++) {
      size_t column = j + v * LANES;
      size_t panel = lesser(column, n - 1) / ATTUNE_PANEL;
      starts[v] = packed + panel * ATTUNE_PANEL * k + column % ATTUNE_PANEL;
      sums[v] = splat(0);
    }
    for (size_t i = 0; i < k; i++) {
      Vector left = splat(a[i]);
#pragma clang loop unroll(full)
      for (size_t v = 0; v < WIDE_VECTORS; v++) sums[v] += left * get(starts[v] + i * ATTUNE_PANEL, LANES);
    }
    FOR_LANES(i, lanes, lesser(n - j, COLUMNS), put(c + j + i, lanes, sums[i / LANES]););
  }
}

static void packed_product(size_t m, size_t n, size_t k, const float *a, size_t a_leading, const float *packed,
                           const float *bias, attune_activation f, float *c, size_t c_leading) {
  if (n == 0) return;
  for (size_t r = 0; r < m;) {
    size_t rows = lesser(m - r, ROW_BLOCK);
    const float *left = a + r * a_leading;
    float *target = c + r * c_leading;
    if (rows == 1) {
      multiply_one_row(n, k, left, packed, target);
    } else {
      multiply_block(false, rows, n, k, left, a_leading, packed, target, c_leading, false);
    }
    bias_activate(f, target, c_leading, bias, f == ATTUNE_IDENTITY ? NULL : target, c_leading, rows, n);
    r += rows;
  }
}

static void blocked_product(int a_transposed, size_t m, size_t n, size_t k, const float *a, size_t a_leading,
                            const float *packed, int accumulate, float *c, size_t c_leading) {
  if (n == 0) return;
  for (size_t r = 0; r < m;) {
    size_t rows = lesser(m - r, ROW_BLOCK);
    multiply_block(a_transposed, rows, n, k, a + r * (a_transposed ? 1 : a_leading), a_leading, packed,
                   c + r * c_leading, c_leading, accumulate);
    r += rows;
  }
}

/// Panels of b[k][n], or of the transpose of b[n][k].
static void pack(int transposed, const float *b, size_t leading, size_t n, size_t k, float *packed) {
  for (size_t j = 0; j < n; j += ATTUNE_PANEL) {
    size_t columns = lesser(n - j, ATTUNE_PANEL);
    float *panel = packed + j * k;
    if (columns < ATTUNE_PANEL) fill(panel, 0, k * ATTUNE_PANEL);
    if (transposed) {
      pack_transposed(b + j * leading, leading, k, columns, panel, ATTUNE_PANEL);
    } else {
      for (size_t i = 0; i < k; i++) {
        const float *row = b + i * leading + j;
        FOR_LANES(l, lanes, columns, put(panel + i * ATTUNE_PANEL + l, LANES, get(row + l, lanes)););
      }
    }
  }
}
