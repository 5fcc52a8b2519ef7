// SPDX-License-Identifier: Apache-2.0
//
// c = op(a) . b by the instruction that adds products of pairs of 16-bit floats to floats. It takes denormal numbers
// for zero.

enum {
  DOT_DEPTH = 512,
  DOT_WORDS = DOT_DEPTH / 2,
  DOT_DISTANCE = DOT_WORDS + 16,
  DOT_STRIP = DOT_WORDS * LANES,
  DOT_COPY = WORD_STRIPS * DOT_STRIP > ROW_BLOCK * DOT_DISTANCE ? WORD_STRIPS * DOT_STRIP : ROW_BLOCK * DOT_DISTANCE
};

INLINE Vector add_bfloat_pairs(Vector sum, Mask a, Mask b) {
  return (Vector)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}

INLINE void multiply_dot_tile(size_t rows, size_t distance, const int32_t *a, size_t step, const int32_t *b,
                              size_t words, float *c, size_t leading, bool accumulate) {
  Vector sums[WORD_ROWS * 2];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows * 2; i++)
    sums[i] = accumulate ? get(c + i / 2 * leading + i % 2 * LANES, LANES) : splat(0);
#pragma clang loop unroll(disable)
  for (size_t w = 0; w < words; w++) {
    Mask first = get_words(b), second = get_words(b + LANES);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      Mask left = splat_word(a[r * distance]);
      sums[r * 2] = add_bfloat_pairs(sums[r * 2], left, first);
      sums[r * 2 + 1] = add_bfloat_pairs(sums[r * 2 + 1], left, second);
    }
    a += step;
    b += ATTUNE_PANEL;
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows * 2; i++) put(c + i / 2 * leading + i % 2 * LANES, LANES, sums[i]);
}

typedef void DotTile(const int32_t *a, size_t step, const int32_t *b, size_t words, float *c, size_t leading,
                     bool accumulate);

#define DEFINE_DOT_TILE(rows, order, distance)                                                                    \
  static void dot_tile_##rows##_##order(const int32_t *a, size_t step, const int32_t *b, size_t words, float *c,  \
                                        size_t leading, bool accumulate) {                                        \
    multiply_dot_tile(rows, distance, a, step, b, words, c, leading, accumulate);                                 \
  }
#define DEFINE_DOT_TILES(rows) DEFINE_DOT_TILE(rows, copied, DOT_DISTANCE) DEFINE_DOT_TILE(rows, transposed, 1)
#define DOT_TILE_ENTRIES(rows) {dot_tile_##rows##_copied, dot_tile_##rows##_transposed},

WORD_ROW_COUNTS(DEFINE_DOT_TILES)

/// [rows - 1][transposed]
static DotTile *const dot_tiles[WORD_ROWS][2] = {WORD_ROW_COUNTS(DOT_TILE_ENTRIES)};

static void copy_dot_block(bool a_transposed, const float *a, size_t leading, size_t rows, size_t depth,
                           int32_t *copy) {
  if (!a_transposed) {
    for (size_t r = 0; r < rows; r++) {
      const float *row = a + r * leading;
      FOR_PAIRS(i, m, n, depth, put_words(copy + r * DOT_DISTANCE + i / 2,
                                          (Mask)_mm512_cvtne2ps_pbh((__m512)get(row + i + m, n),
                                                                    (__m512)get(row + i, m))););
    }
    return;
  }
  for (size_t k = 0; k < depth; k += 2) {
    int32_t *target = copy + k / 2 * LANES;
    for (size_t r = 0; r < rows; r += 16) __builtin_prefetch(a + (k + 12) * leading + r);
    for (size_t r = 0, height; r < rows; r += height, target += DOT_STRIP) {
      height = word_tile_height(rows, r);
      put_words(target, bfloat_row_pair(a + r, leading, depth, k, height));
    }
  }
}

static void multiply_dot_panels(bool a_transposed, const int32_t *copy, size_t rows, size_t n, size_t panel_size,
                                const int32_t *packed, size_t depth, float *c, size_t c_leading, bool accumulate) {
  float tile[WORD_ROWS * TILE_COLUMNS] __attribute__((aligned(64))) = {0};
  for (size_t j = 0; j < n; j += TILE_COLUMNS) {
    size_t width = lesser(n - j, TILE_COLUMNS);
    for (size_t r = 0, strip = 0; r < rows; strip++) {
      size_t height = word_tile_height(rows, r);
      float *target = c + r * c_leading + j;
      const int32_t *left = copy + (a_transposed ? strip * DOT_STRIP : r * DOT_DISTANCE);
      bool partial = width < TILE_COLUMNS;
      if (partial && accumulate) move_tile(target, c_leading, tile, TILE_COLUMNS, height, width);
      dot_tiles[height - 1][a_transposed](left, a_transposed ? LANES : 1, panel_at(packed, panel_size, j),
                                          (depth + 1) / 2, partial ? tile : target,
                                          partial ? TILE_COLUMNS : c_leading, accumulate);
      if (partial) move_tile(tile, TILE_COLUMNS, target, c_leading, height, width);
      r += height;
    }
  }
}

static void bfloat_product(int a_transposed, size_t m, size_t n, size_t k, const float *a, size_t a_leading,
                           const int32_t *packed, int accumulate, const float *bias, attune_activation f, float *c,
                           size_t c_leading) {
  int32_t copy[DOT_COPY] __attribute__((aligned(64)));
  for (size_t r = 0; r < m && n > 0; r += ROW_BLOCK) {
    size_t rows = lesser(m - r, ROW_BLOCK), start = 0;
    float *target = c + r * c_leading;
    do {
      size_t depth = lesser(k - start, DOT_DEPTH);
      const float *left = a_transposed ? a + start * a_leading + r : a + r * a_leading + start;
      copy_dot_block(a_transposed, left, a_leading, rows, depth, copy);
      multiply_dot_panels(a_transposed, copy, rows, n, bfloat_panel_size(k), packed + start / 2 * ATTUNE_PANEL, depth,
                          target, c_leading, accumulate || start > 0);
      start += depth;
    } while (start < k);
    bias_activate(f, target, c_leading, bias, f == ATTUNE_IDENTITY ? NULL : target, c_leading, rows, n);
  }
}
