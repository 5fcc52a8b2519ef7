// SPDX-License-Identifier: Apache-2.0
//
// c = op(a) . b in integers of 13 bits. Each row of op(a) and each column of b has a scale of its own for every block
// of at most 128 along the depth (dynamic fixed point, Das et al. 2018), so that the sum of a block is exact in 32
// bits: 128 * 4095^2 < 2^31. What is rounded is at most 1 / 8190 of the largest magnitude of its block.
//
// Packed: panels of 32 columns; of each block 32 scales, then [depth / 2][32] words of two neighbours.

enum {
  INT16_DEPTH = 128,
  INT16_LIMIT = 4095,
  INT16_WORDS = INT16_DEPTH / 2,
  INT16_DISTANCE = INT16_WORDS + 16,
  INT16_STRIP = INT16_WORDS * LANES,
  INT16_BLOCK = WORD_STRIPS * INT16_STRIP > ROW_BLOCK * INT16_DISTANCE ? WORD_STRIPS * INT16_STRIP
                                                                       : ROW_BLOCK * INT16_DISTANCE,
  INT16_BLOCKS = 4,      // copied at once, so that memory is read in long runs
  PACKED_COLUMNS = 128,  // likewise
  ROWS_AHEAD = 12        // rows lie pages apart, where the processor does not look ahead by itself
};

/// Depth of the block at `start`, even but for the last: the depth is spread evenly over as few blocks as it needs.
INLINE size_t int16_depth(size_t k, size_t start) {
  size_t left = k - start, count = (left + INT16_DEPTH - 1) / INT16_DEPTH;
  if (count <= 1) return left;
  return ((left + count - 1) / count + 1) & ~(size_t)1;
}

INLINE size_t int16_block_size(size_t depth) { return (1 + (depth + 1) / 2) * ATTUNE_PANEL; }

INLINE size_t int16_panel_size(size_t k) {
  size_t blocks = (k + INT16_DEPTH - 1) / INT16_DEPTH;
  return (blocks + (k + 1) / 2) * ATTUNE_PANEL;
}

/// The integers of a row, two to a word.
static void quantize_pairs(const float *row, size_t depth, Vector inverse, int32_t *words) {
  FOR_PAIRS(i, m, n, depth, {
    Mask first = quantized(get(row + i, m), inverse), second = quantized(get(row + i + m, n), inverse);
    put_words(words + i / 2, paired(first, second));
  });
}

/// The scales of at most PACKED_COLUMNS columns, and what to multiply them by; ends of vectors are written beyond.
static void scale_of_columns(const float *x, size_t leading, size_t rows, size_t columns, float *scales,
                             float *inverses) {
  Mask largest[PACKED_COLUMNS / LANES] = {{0}};
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * leading, *ahead = row + ROWS_AHEAD * leading;
    for (size_t j = 0; j < columns; j += 16) __builtin_prefetch(ahead + j);
    FOR_LANES(j, n, columns, largest[j / LANES] = larger_magnitude(largest[j / LANES], get(row + j, n)););
  }
  for (size_t j = 0; j < columns; j += LANES) {
    Vector inverse;
    put(scales + j, LANES, scales_of((Vector)largest[j / LANES], INT16_LIMIT, &inverse));
    put(inverses + j, LANES, inverse);
  }
}

INLINE Mask quantized_row_pair(const float *x, size_t leading, size_t depth, size_t k, size_t n, Vector inverse) {
  Mask low = quantized(get(x + k * leading, n), inverse);
  Mask high = k + 1 < depth ? quantized(get(x + (k + 1) * leading, n), inverse) : (Mask){0};
  return joined(low, high);
}

// ---- Packing ----

/// One block of some panels of b[k][n].
static void pack_int16_columns(const float *b, size_t leading, size_t depth, size_t columns, int32_t *packed,
                               size_t panel_size) {
  float scales[PACKED_COLUMNS], inverses[PACKED_COLUMNS];
  scale_of_columns(b, leading, depth, columns, scales, inverses);
  for (size_t j = 0; j < columns; j += ATTUNE_PANEL)
    memcpy(packed + j / ATTUNE_PANEL * panel_size, scales + j, lesser(columns - j, ATTUNE_PANEL) * sizeof(float));
  for (size_t k = 0; k < depth; k += 2) {
    int32_t *words = packed + (1 + k / 2) * ATTUNE_PANEL;
    FOR_LANES(j, n, columns,
              put_words(words + j / ATTUNE_PANEL * panel_size + j % ATTUNE_PANEL,
                        quantized_row_pair(b + j, leading, depth, k, n, get(inverses + j, LANES))););
  }
}

/// Columns of one block of b[n][k], which are its rows.
static void pack_int16_rows(const float *b, size_t leading, size_t depth, size_t columns, float *scales,
                            int32_t *words) {
  int32_t rows[LANES][WORDS_OF_ROW] __attribute__((aligned(64)));
  for (size_t j = 0; j < columns; j += LANES) {
    memset(rows, 0, sizeof rows);
    for (size_t row = 0; row < LANES && j + row < columns; row++) {
      const float *source = b + (j + row) * leading;
      float inverse;
      scales[j + row] = scale_of(largest_magnitude(source, depth), INT16_LIMIT, &inverse);
      quantize_pairs(source, depth, splat(inverse), rows[row]);
    }
    put_transposed(rows, (depth + 1) / 2, words + j, ATTUNE_PANEL);
  }
}

static void int16_pack(int transposed, const float *b, size_t leading, size_t n, size_t k, int32_t *packed) {
  size_t panel_size = int16_panel_size(k);
  if (n % ATTUNE_PANEL) memset(packed + n / ATTUNE_PANEL * panel_size, 0, panel_size * sizeof(int32_t));
  for (size_t start = 0; start < k;) {
    size_t depth = int16_depth(k, start), step = transposed ? ATTUNE_PANEL : PACKED_COLUMNS;
    for (size_t j = 0; j < n; j += step) {
      size_t columns = lesser(n - j, step);
      int32_t *target = packed + j / ATTUNE_PANEL * panel_size;
      if (transposed) {
        pack_int16_rows(b + j * leading + start, leading, depth, columns, (float *)target, target + ATTUNE_PANEL);
      } else {
        pack_int16_columns(b + start * leading + j, leading, depth, columns, target, panel_size);
      }
    }
    packed += int16_block_size(depth);
    start += depth;
  }
}

// ---- Tiles ----

INLINE void multiply_int16_tile(size_t rows, size_t distance, const int32_t *a, size_t step, const int32_t *b,
                                size_t words, const float *row_scales, const float *column_scales, float *c,
                                size_t leading, bool accumulate) {
  Mask sums[WORD_ROWS * 2];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows * 2; i++) sums[i] = (Mask){0};
#pragma clang loop unroll(disable)
  for (size_t w = 0; w < words; w++) {
    Mask first = get_words(b), second = get_words(b + LANES);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      Mask left = splat_word(a[r * distance]);
      sums[r * 2] = add_pairs(sums[r * 2], left, first);
      sums[r * 2 + 1] = add_pairs(sums[r * 2 + 1], left, second);
    }
    a += step;
    b += ATTUNE_PANEL;
  }
  Vector scales[2] = {get(column_scales, LANES), get(column_scales + LANES, LANES)};
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
    for (size_t v = 0; v < 2; v++) {
      float *target = c + r * leading + v * LANES;
      Vector before = accumulate ? get(target, LANES) : splat(0);
      put(target, LANES, scaled_sum(sums[r * 2 + v], row_scales[r], scales[v], before));
    }
}

typedef void Int16Tile(const int32_t *a, size_t step, const int32_t *b, size_t words, const float *row_scales,
                       const float *column_scales, float *c, size_t leading, bool accumulate);

#define DEFINE_INT16_TILE(rows, order, distance)                                                                      \
  static void int16_tile_##rows##_##order(const int32_t *a, size_t step, const int32_t *b, size_t words,             \
                                          const float *row_scales, const float *column_scales, float *c,             \
                                          size_t leading, bool accumulate) {                                         \
    multiply_int16_tile(rows, distance, a, step, b, words, row_scales, column_scales, c, leading, accumulate);       \
  }
#define DEFINE_INT16_TILES(rows) DEFINE_INT16_TILE(rows, copied, INT16_DISTANCE) DEFINE_INT16_TILE(rows, transposed, 1)
#define INT16_TILE_ENTRIES(rows) {int16_tile_##rows##_copied, int16_tile_##rows##_transposed},

WORD_ROW_COUNTS(DEFINE_INT16_TILES)

/// [rows - 1][transposed]
static Int16Tile *const int16_tiles[WORD_ROWS][2] = {WORD_ROW_COUNTS(INT16_TILE_ENTRIES)};

// ---- The product ----

/// The integers of rows in some blocks along the depth, and their scales.
static void copy_int16_rows(const float *a, size_t leading, size_t rows, const size_t *depths, size_t count,
                            int32_t (*copies)[INT16_BLOCK], float (*scales)[PACKED_COLUMNS]) {
  for (size_t r = 0; r < rows; r++) {
    const float *row = a + r * leading;
    for (size_t i = 0; i < count; row += depths[i++]) {
      float inverse;
      scales[i][r] = scale_of(largest_magnitude(row, depths[i]), INT16_LIMIT, &inverse);
      quantize_pairs(row, depths[i], splat(inverse), copies[i] + r * INT16_DISTANCE);
    }
  }
}

/// The columns of a block of the transpose: [depth / 2][LANES] for each tile.
static void copy_int16_columns(const float *a, size_t leading, size_t columns, size_t depth, int32_t *copy,
                               float *scales) {
  float inverses[PACKED_COLUMNS];
  scale_of_columns(a, leading, depth, columns, scales, inverses);
  size_t heights[WORD_STRIPS];
  for (size_t r = 0, strip = 0; r < columns; r += heights[strip++]) heights[strip] = word_tile_height(columns, r);
  for (size_t k = 0; k < depth; k += 2) {
    int32_t *target = copy + k / 2 * LANES;
    for (size_t r = 0, strip = 0; r < columns; r += heights[strip++], target += INT16_STRIP)
      put_words(target, quantized_row_pair(a + r, leading, depth, k, heights[strip],
                                           get(inverses + r, heights[strip])));
  }
}

static void multiply_int16_panels(bool a_transposed, const int32_t *copy, const float *row_scales, size_t rows,
                                  size_t n, size_t panel_size, const int32_t *packed, size_t depth, float *c,
                                  size_t c_leading, bool accumulate) {
  float tile[WORD_ROWS * TILE_COLUMNS] __attribute__((aligned(64))) = {0};
  for (size_t j = 0; j < n; j += TILE_COLUMNS) {
    const int32_t *block = panel_at(packed, panel_size, j);
    size_t width = lesser(n - j, TILE_COLUMNS);
    for (size_t r = 0, strip = 0; r < rows; strip++) {
      size_t height = word_tile_height(rows, r);
      float *target = c + r * c_leading + j;
      Int16Tile *multiply = int16_tiles[height - 1][a_transposed];
      const int32_t *left = copy + (a_transposed ? strip * INT16_STRIP : r * INT16_DISTANCE);
      if (!accumulate) expect_tile(target + height * c_leading, c_leading, lesser(height, rows - r - height));
      if (width == TILE_COLUMNS) {
        multiply(left, a_transposed ? LANES : 1, block + ATTUNE_PANEL, (depth + 1) / 2, row_scales + r,
                 (const float *)block, target, c_leading, accumulate);
      } else {
        if (accumulate) move_tile(target, c_leading, tile, TILE_COLUMNS, height, width);
        multiply(left, a_transposed ? LANES : 1, block + ATTUNE_PANEL, (depth + 1) / 2, row_scales + r,
                 (const float *)block, tile, TILE_COLUMNS, accumulate);
        move_tile(tile, TILE_COLUMNS, target, c_leading, height, width);
      }
      r += height;
    }
  }
}

/// One row: no tiles, and enough columns at once to keep the memory busy.
static void multiply_one_int16_row(size_t n, size_t k, const int32_t *a, float row_scale, const int32_t *packed,
                                   size_t depth, float *c, bool accumulate) {
  enum { COLUMNS = WIDE_ROW * LANES };
  size_t panel_size = int16_panel_size(k);
  for (size_t j = 0; j < n; j += COLUMNS) {
    const int32_t *blocks[WIDE_ROW];
    Mask sums[WIDE_ROW];
    for (size_t v = 0; v < WIDE_ROW; v++) {
      blocks[v] = panel_at(packed, panel_size, lesser(j + v * LANES, (n - 1) & ~(size_t)(LANES - 1)));
      sums[v] = (Mask){0};
    }
    for (size_t w = 0; w < (depth + 1) / 2; w++) {
      Mask left = splat_word(a[w]);
#pragma clang loop unroll(full)
      for (size_t v = 0; v < WIDE_ROW; v++)
        sums[v] = add_pairs(sums[v], left, get_words(blocks[v] + (w + 1) * ATTUNE_PANEL));
    }
    FOR_LANES(i, lanes, lesser(n - j, COLUMNS), {
      Vector scales = get((const float *)blocks[i / LANES], LANES);
      Vector before = accumulate ? get(c + j + i, lanes) : splat(0);
      put(c + j + i, lanes, scaled_sum(sums[i / LANES], row_scale, scales, before));
    });
  }
}

static void int16_product(int a_transposed, size_t m, size_t n, size_t k, const float *a, size_t a_leading,
                          const int32_t *packed, int accumulate, const float *bias, attune_activation f, float *c,
                          size_t c_leading) {
  int32_t copies[INT16_BLOCKS][INT16_BLOCK] __attribute__((aligned(64)));
  float scales[INT16_BLOCKS][PACKED_COLUMNS];
  for (size_t r = 0; r < m && n > 0; r += ROW_BLOCK) {
    size_t rows = lesser(m - r, ROW_BLOCK), start = 0;
    const int32_t *block = packed;
    float *target = c + r * c_leading;
    for (size_t row = 0; row < rows && k == 0 && !accumulate; row++)
      memset(target + row * c_leading, 0, n * sizeof(float));
    while (start < k) {
      size_t depths[INT16_BLOCKS] = {0}, count = 0, end = start;
      while (count < INT16_BLOCKS && end < k) end += depths[count++] = int16_depth(k, end);
      if (!a_transposed) copy_int16_rows(a + r * a_leading + start, a_leading, rows, depths, count, copies, scales);
      for (size_t i = 0; i < count; start += depths[i++]) {
        bool adds = accumulate || start > 0;
        if (a_transposed)
          copy_int16_columns(a + start * a_leading + r, a_leading, rows, depths[i], copies[i], scales[i]);
        if (rows == 1 && !a_transposed) {
          multiply_one_int16_row(n, k, copies[i], scales[i][0], block, depths[i], target, adds);
        } else {
          multiply_int16_panels(a_transposed, copies[i], scales[i], rows, n, int16_panel_size(k), block, depths[i],
                                target, c_leading, adds);
        }
        block += int16_block_size(depths[i]);
      }
    }
    bias_activate(f, target, c_leading, bias, f == ATTUNE_IDENTITY ? NULL : target, c_leading, rows, n);
  }
}
