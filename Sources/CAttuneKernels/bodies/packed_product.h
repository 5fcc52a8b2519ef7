// SPDX-License-Identifier: Apache-2.0
//
// c = f(a . weight^T + bias) with the weight packed in panels of 32 outputs: [n / 32][k][32], zeros beyond n; or packed
// as 16-bit floats, which are widened block by block. Products of those are exact in float.

/// How the factors come.
typedef enum { WHOLE, HALVED } Width;

enum {
  STRIP = DEPTH_BLOCK * LANES,  // one tile of a transposed block
  STRIPS = (ROW_BLOCK + TILE_ROWS - 1) / TILE_ROWS,
  BLOCK_SIZE = STRIPS * STRIP > ROW_BLOCK * ROW_DISTANCE ? STRIPS * STRIP : ROW_BLOCK * ROW_DISTANCE
};

INLINE size_t panel_size(Width width, size_t k) { return width == HALVED ? bfloat_panel_size(k) : ATTUNE_PANEL * k; }

INLINE Vector narrowed(Width width, Vector x) { return width == HALVED ? bfloat_rounded(x) : x; }

/// One block of a panel of 16-bit floats as floats: [depth][32].
static void widen_panel(const float *packed, size_t depth, float *panel) {
  for (size_t k = 0; k < depth; k += 2, packed += ATTUNE_PANEL) {
    for (size_t j = 0; j < ATTUNE_PANEL; j += LANES) {
      Mask words = get_words((const int32_t *)packed + j);
      put(panel + k * ATTUNE_PANEL + j, LANES, low_bfloats(words));
      put(panel + (k + 1) * ATTUNE_PANEL + j, LANES, high_bfloats(words));
    }
  }
}

INLINE void load_tile(Vector *tile, const float *c, size_t leading, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    FOR_LANES(j, n, columns, tile[r * 2 + j / LANES] = get(c + r * leading + j, n););
}

/// Copies the rows of a block of A, or of its transpose: [k][LANES] for each tile, one after the other.
INLINE void copy_block(Width width, bool a_transposed, const float *a, size_t leading, size_t rows, size_t depth,
                       float *copy) {
  if (!a_transposed) {
    for (size_t r = 0; r < rows; r++)
      FOR_LANES(k, n, depth, put(copy + r * ROW_DISTANCE + k, LANES, narrowed(width, get(a + r * leading + k, n))););
    return;
  }
  size_t heights[STRIPS];
  for (size_t r = 0, strip = 0; r < rows; r += heights[strip++]) heights[strip] = tile_height(rows, r);
  for (size_t k = 0; k < depth; k++) {
    // Rows lie pages apart, where the processor does not look ahead by itself.
    for (size_t r = 0; r < rows; r += 16) __builtin_prefetch(a + (k + 12) * leading + r);
    float *target = copy + k * LANES;
    for (size_t r = 0, strip = 0; r < rows; r += heights[strip++], target += STRIP)
      put(target, LANES, narrowed(width, get(a + k * leading + r, heights[strip])));
  }
}

/// Adds one block of k to all columns of some rows that were copied.
INLINE void multiply_panels(Width width, bool a_transposed, const float *copy, size_t rows, size_t n, size_t size,
                            const float *packed, size_t depth, float *c, size_t c_leading, bool accumulate) {
  Vector tile[TILE_ROWS * 2] = {{0}};
  float panel[DEPTH_BLOCK * ATTUNE_PANEL] __attribute__((aligned(64)));
  for (size_t j = 0; j < n; j += TILE_COLUMNS) {
    const float *source = packed + j / ATTUNE_PANEL * size;
    if (width == HALVED && j % ATTUNE_PANEL == 0) widen_panel(source, depth, panel);
    const float *columns = (width == HALVED ? panel : source) + j % ATTUNE_PANEL;
    size_t count = lesser(n - j, TILE_COLUMNS), strip = 0;
    for (size_t r = 0; r < rows;) {
      size_t height = tile_height(rows, r);
      float *target = c + r * c_leading + j;
      bool whole = count == TILE_COLUMNS;
      if (!accumulate) {
        expect_tile(target + height * c_leading, c_leading, lesser(height, rows - r - height));
      } else if (!whole) {
        load_tile(tile, target, c_leading, height, count);
      }
      const float *left = a_transposed ? copy + strip : copy + r * ROW_DISTANCE;
      tiles[height - 1][a_transposed][1](left, a_transposed ? LANES : 1, columns, ATTUNE_PANEL, depth,
                                         whole ? target : (float *)tile, whole ? c_leading : TILE_COLUMNS, accumulate);
      for (size_t row = 0; !whole && row < height; row++)
        FOR_LANES(i, lanes, count, put(target + row * c_leading + i, lanes, tile[row * 2 + i / LANES]););
      r += height;
      strip += STRIP;
    }
  }
}

/// c = (accumulate ? c : 0) + op(a) . b for at most ROW_BLOCK rows.
INLINE void multiply_block(Width width, bool a_transposed, size_t rows, size_t n, size_t k, const float *a,
                           size_t a_leading, const float *packed, float *c, size_t c_leading, bool accumulate) {
  float copy[BLOCK_SIZE] __attribute__((aligned(64)));
  size_t start = 0;
  do {
    size_t blocks = (k - start + DEPTH_BLOCK - 1) / DEPTH_BLOCK;
    size_t depth = blocks > 1 ? ((k - start + blocks - 1) / blocks + 1) & ~(size_t)1 : k - start;
    copy_block(width, a_transposed, a + start * (a_transposed ? a_leading : 1), a_leading, rows, depth, copy);
    multiply_panels(width, a_transposed, copy, rows, n, panel_size(width, k), packed + panel_size(width, start), depth,
                    c, c_leading, accumulate || start > 0);
    start += depth;
  } while (start < k);
}

/// One row: no tiles, and enough columns at once to keep the memory busy.
INLINE void multiply_one_row(Width width, size_t n, size_t k, const float *a, const float *packed, float *c,
                             bool accumulate) {
  enum { COLUMNS = WIDE_ROW * LANES };
  for (size_t j = 0; j < n; j += COLUMNS) {
    const float *starts[WIDE_ROW];
    Vector sums[WIDE_ROW];
    for (size_t v = 0; v < WIDE_ROW; v++) {
      size_t column = j + v * LANES;
      starts[v] = packed + lesser(column, n - 1) / ATTUNE_PANEL * panel_size(width, k) + column % ATTUNE_PANEL;
      sums[v] = accumulate && column < n ? get(c + column, lesser(n - column, LANES)) : splat(0);
    }
    for (size_t i = 0; i < k; i += width == HALVED ? 2 : 1) {
      Vector left = splat(a[i]), next = splat(width == HALVED && i + 1 < k ? a[i + 1] : 0);
#pragma clang loop unroll(full)
      for (size_t v = 0; v < WIDE_ROW; v++) {
        const float *source = starts[v] + panel_size(width, i);
        if (width == HALVED) {
          Mask words = get_words((const int32_t *)source);
          sums[v] += left * low_bfloats(words);
          sums[v] += next * high_bfloats(words);
        } else {
          sums[v] += left * get(source, LANES);
        }
      }
    }
    FOR_LANES(i, lanes, lesser(n - j, COLUMNS), put(c + j + i, lanes, sums[i / LANES]););
  }
}

/// The same with a row that is rounded first.
static void multiply_one_halved_row(size_t n, size_t k, const float *a, const float *packed, float *c,
                                    bool accumulate) {
  float rounded[4 * DEPTH_BLOCK];
  if (k <= 4 * DEPTH_BLOCK) {
    FOR_LANES(i, lanes, k, put(rounded + i, lanes, bfloat_rounded(get(a + i, lanes))););
    multiply_one_row(HALVED, n, k, rounded, packed, c, accumulate);
  } else {
    multiply_block(HALVED, false, 1, n, k, a, k, packed, c, n, accumulate);
  }
}

static void packed_product(size_t m, size_t n, size_t k, const float *a, size_t a_leading, const float *packed,
                           const float *bias, attune_activation f, float *c, size_t c_leading) {
  // Columns whose sums are still in the near caches when the bias comes.
  enum { COLUMNS = 8 * ATTUNE_PANEL };
  for (size_t r = 0; r < m && n > 0; r += ROW_BLOCK) {
    size_t rows = lesser(m - r, ROW_BLOCK), step = rows == 1 ? n : COLUMNS;
    const float *left = a + r * a_leading;
    for (size_t j = 0; j < n; j += step) {
      size_t columns = lesser(n - j, step);
      const float *panels = packed + j * k;
      float *target = c + r * c_leading + j;
      if (rows == 1) {
        multiply_one_row(WHOLE, columns, k, left, panels, target, false);
      } else {
        multiply_block(WHOLE, false, rows, columns, k, left, a_leading, panels, target, c_leading, false);
      }
      bias_activate(f, target, c_leading, bias ? bias + j : NULL, f == ATTUNE_IDENTITY ? NULL : target, c_leading, rows,
                    columns);
    }
  }
}

static void blocked_product(int a_transposed, size_t m, size_t n, size_t k, const float *a, size_t a_leading,
                            const float *packed, int accumulate, float *c, size_t c_leading) {
  for (size_t r = 0; r < m && n > 0; r += ROW_BLOCK)
    multiply_block(WHOLE, a_transposed, lesser(m - r, ROW_BLOCK), n, k, a + r * (a_transposed ? 1 : a_leading),
                   a_leading, packed, c + r * c_leading, c_leading, accumulate);
}

static void bfloat_product(int a_transposed, size_t m, size_t n, size_t k, const float *a, size_t a_leading,
                           const int32_t *packed, int accumulate, const float *bias, attune_activation f, float *c,
                           size_t c_leading) {
  for (size_t r = 0; r < m && n > 0; r += ROW_BLOCK) {
    size_t rows = lesser(m - r, ROW_BLOCK);
    const float *left = a + r * (a_transposed ? 1 : a_leading);
    float *target = c + r * c_leading;
    if (rows == 1 && !a_transposed) {
      multiply_one_halved_row(n, k, left, (const float *)packed, target, accumulate);
    } else {
      multiply_block(HALVED, a_transposed, rows, n, k, left, a_leading, (const float *)packed, target, c_leading,
                     accumulate);
    }
    bias_activate(f, target, c_leading, bias, f == ATTUNE_IDENTITY ? NULL : target, c_leading, rows, n);
  }
}

/// Panels of b[k][n], or of the transpose of b[n][k].
static void pack(int transposed, const float *b, size_t leading, size_t n, size_t k, float *packed) {
  if (transposed) {
    for (size_t j = 0; j < n; j += ATTUNE_PANEL) {
      size_t columns = lesser(n - j, ATTUNE_PANEL);
      if (columns < ATTUNE_PANEL) fill(packed + j * k, 0, k * ATTUNE_PANEL);
      pack_transposed(b + j * leading, leading, k, columns, packed + j * k, ATTUNE_PANEL);
    }
    return;
  }
  // Row by row, so that the processor sees what it will read next.
  for (size_t i = 0; i < k; i++) {
    const float *row = b + i * leading;
    float *target = packed + i * ATTUNE_PANEL;
    size_t j = 0;
    for (; j + ATTUNE_PANEL <= n; j += ATTUNE_PANEL)
      for (size_t l = 0; l < ATTUNE_PANEL; l += LANES) put(target + j * k + l, LANES, get(row + j + l, LANES));
    for (size_t l = 0; j < n && l < ATTUNE_PANEL; l += LANES) {
      size_t left = j + l < n ? lesser(n - j - l, LANES) : 0;
      put(target + j * k + l, LANES, left ? get(row + j + l, left) : splat(0));
    }
  }
}
