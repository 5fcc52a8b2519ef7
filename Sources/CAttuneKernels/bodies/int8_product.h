// SPDX-License-Identifier: Apache-2.0
//
// c = f(a . weight^T + bias) in bytes: one scale for each row of the weight, and for each row of A a scale and the middle of
// its numbers, found on the way. Integers are the distances from the middle, which is half as coarse as from zero where all
// numbers lie on one side, as those of activations do; the middle itself is multiplied with the sums of the weight's rows. All
// sums are exact: results are the same at every level, but for the last rounding.
//
// Packed: panels of 32 columns; 32 scales, 32 starting sums of levels that raise the left factor (-128 times the sum of the
// weight's row), then [depth / 4][32] words of four neighbours.

enum {
  INT8_LIMIT = 127,
  INT8_DEPTH = 1024,
  INT8_WORDS = INT8_DEPTH / 4,
  INT8_DISTANCE = INT8_WORDS + 16,
  INT8_HEADER = 2 * ATTUNE_PANEL,
  INT8_RAISE = 128  // what the left factor is raised by where it must not be negative
};

INLINE size_t int8_panel_size(size_t k) { return INT8_HEADER + (k + 3) / 4 * ATTUNE_PANEL; }

/// Depth of the block at `start`, a multiple of 4 but for the last.
INLINE size_t int8_depth(size_t k, size_t start) {
  size_t left = k - start, count = (left + INT8_DEPTH - 1) / INT8_DEPTH;
  if (count <= 1) return left;
  return ((left + count - 1) / count + 3) & ~(size_t)3;
}

#if VECTOR_BYTES == 64
#define NARROW(a, b, bits) (__m512i)_mm512_packs_epi##bits((__m512i)(a), (__m512i)(b))
#elif VECTOR_BYTES == 32
#define NARROW(a, b, bits) (__m256i)_mm256_packs_epi##bits((__m256i)(a), (__m256i)(b))
#else
/// Four neighbouring integers in each word, from 4 * LANES of them.
INLINE Mask quads(Mask a, Mask b, Mask c, Mask d) {
  Mask low = paired(a, b), high = paired(c, d);
  low = (low & 0xff) | ((low >> 8) & 0xff00);
  high = (high & 0xff) | ((high >> 8) & 0xff00);
  return paired(low, high);
}
#endif

#define QUARTER_LANE(l, x) ((l) % (LANES / 4) * 4 + (l) / (LANES / 4))

INLINE Mask quantized_quads(const float *x, size_t count, Vector middle, Vector inverse) {
  Mask parts[4];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 4; i++) {
    size_t before = lesser(i * LANES, count);
    parts[i] = quantized(get(x + before, lesser(count - before, LANES)) - middle, inverse);
  }
#ifdef NARROW
  // Narrowing works within 16 bytes: each holds a word of every part, which are put in their order at last.
  Mask mixed = (Mask)NARROW(NARROW(parts[0], parts[1], 32), NARROW(parts[2], parts[3], 32), 16);
  return __builtin_shufflevector(mixed, mixed, EACH_LANE(QUARTER_LANE, 0));
#else
  return quads(parts[0], parts[1], parts[2], parts[3]);
#endif
}

/// How the integers of a row of A become numbers: middle + integer * scale.
typedef struct {
  float scale, middle, inverse;
} Int8Row;

INLINE Int8Row int8_row(const float *x, size_t count) {
  Int8Row row;
  row.scale = scale_of(spread(x, count, &row.middle), INT8_LIMIT, &row.inverse);
  return row;
}

/// The integers of a row, four to a word.
static void quantize_quads(const float *x, size_t depth, Int8Row row, int32_t raise, int32_t *words) {
  Vector middle = splat(row.middle), inverse = splat(row.inverse);
  size_t i = 0;
  for (; i + 4 * LANES <= depth; i += 4 * LANES)
    put_words(words + i / 4, quantized_quads(x + i, 4 * LANES, middle, inverse) ^ raise);
  if (i < depth) put_words(words + i / 4, quantized_quads(x + i, depth - i, middle, inverse) ^ raise);
}

// ---- Packing ----

static void int8_quantize(const float *x, size_t leading, size_t rows, size_t columns, int8_t *integers,
                          float *scales) {
  int32_t words[LANES];
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * leading;
    float inverse;
    scales[r] = scale_of(largest_magnitude(row, columns), INT8_LIMIT, &inverse);
    for (size_t i = 0; i < columns; i += 4 * LANES) {
      size_t n = lesser(columns - i, 4 * LANES);
      put_words(words, quantized_quads(row + i, n, splat(0), splat(inverse)));
      memcpy(integers + r * columns + i, words, n);
    }
  }
}

/// Weight [n][k] of bytes and the scales of its rows.
static void int8_pack(const int8_t *weight, const float *scales, size_t n, size_t k, int32_t *packed) {
  size_t panel_size = int8_panel_size(k);
  memset(packed, 0, (n + ATTUNE_PANEL - 1) / ATTUNE_PANEL * panel_size * sizeof(int32_t));
  for (size_t row = 0; row < n; row++) {
    int32_t *panel = packed + row / ATTUNE_PANEL * panel_size + row % ATTUNE_PANEL, sum = 0;
    const int8_t *source = weight + row * k;
    for (size_t i = 0; i < k; i++) sum += source[i];
    memcpy(panel, scales + row, sizeof(float));
    panel[ATTUNE_PANEL] = -INT8_RAISE * sum;
    for (size_t i = 0; i < k; i += 4)
      memcpy(panel + INT8_HEADER + i / 4 * ATTUNE_PANEL, source + i, lesser(k - i, 4));
  }
}

/// What was packed.
static void int8_unpack(const int32_t *packed, size_t n, size_t k, int8_t *weight, float *scales) {
  for (size_t row = 0; row < n; row++) {
    const int32_t *panel = panel_at(packed, int8_panel_size(k), row);
    memcpy(scales + row, panel, sizeof(float));
    for (size_t i = 0; i < k; i += 4)
      memcpy(weight + row * k + i, panel + INT8_HEADER + i / 4 * ATTUNE_PANEL, lesser(k - i, 4));
  }
}

// ---- Tiles ----

/// What one tile does at its ends.
typedef struct {
  bool first, last;  // of the blocks along the depth; between them C holds integers
  const float *bias;
  size_t ahead;  // words to the same place of the next panel
} Int8Ends;

INLINE Mask int8_start(const int32_t *header) {
  return LEFT_OFFSET ? get_words(header + ATTUNE_PANEL) : (Mask){0};
}

/// What columns get for each unit of a row's middle: the sums of the weight's rows.
INLINE Vector int8_unit(const int32_t *header) {
  Vector sums = __builtin_convertvector(get_words(header + ATTUNE_PANEL), Vector) * (-1.0f / INT8_RAISE);
  return sums * get((const float *)header, LANES);
}

INLINE void multiply_int8_tile(size_t rows, const int32_t *a, const int32_t *panel, const int32_t *b, size_t words,
                               const Int8Row *scaling, Int8Ends ends, float *c, size_t leading) {
  Mask sums[WORD_ROWS * 2];
  size_t ahead = ends.ahead;
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows * 2; i++)
    sums[i] = ends.first ? int8_start(panel + i % 2 * LANES)
                         : get_words((const int32_t *)c + i / 2 * leading + i % 2 * LANES);
#pragma clang loop unroll(disable)
  for (size_t w = 0; w < words; w++) {
    Mask first = get_words(b), second = get_words(b + LANES);
    // Few rows would wait for the words of the next panel.
    for (size_t line = 0; line < TILE_COLUMNS; line += 16) __builtin_prefetch(b + ahead + line, 0, 2);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      Mask left = splat_word(a[r * INT8_DISTANCE]);
      sums[r * 2] = add_quads(sums[r * 2], left, first);
      sums[r * 2 + 1] = add_quads(sums[r * 2 + 1], left, second);
    }
    a++;
    b += ATTUNE_PANEL;
  }
  Vector units[2] = {int8_unit(panel), int8_unit(panel + LANES)};
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows * 2; i++) {
    float *target = c + i / 2 * leading + i % 2 * LANES;
    if (ends.last) {
      Vector before = units[i % 2] * scaling[i / 2].middle + get(ends.bias + i % 2 * LANES, LANES);
      put(target, LANES,
          scaled_sum(sums[i], scaling[i / 2].scale, get((const float *)panel + i % 2 * LANES, LANES), before));
    } else {
      put_words((int32_t *)target, sums[i]);
    }
  }
}

typedef void Int8Tile(const int32_t *a, const int32_t *panel, const int32_t *b, size_t words, const Int8Row *scaling,
                      Int8Ends ends, float *c, size_t leading);

#define DEFINE_INT8_TILE(rows)                                                                                     \
  static void int8_tile_##rows(const int32_t *a, const int32_t *panel, const int32_t *b, size_t words,            \
                               const Int8Row *scaling, Int8Ends ends, float *c, size_t leading) {                 \
    multiply_int8_tile(rows, a, panel, b, words, scaling, ends, c, leading);                                      \
  }
#define INT8_TILE_ENTRY(rows) int8_tile_##rows,

WORD_ROW_COUNTS(DEFINE_INT8_TILE)

/// [rows - 1]
static Int8Tile *const int8_tiles[WORD_ROWS] = {WORD_ROW_COUNTS(INT8_TILE_ENTRY)};

// ---- The product ----

/// One row: enough columns at once to keep the memory busy.
static void multiply_one_int8_row(size_t n, size_t k, const int32_t *a, Int8Row scaling, const int32_t *packed,
                                  const float *bias, float *c) {
  enum { COLUMNS = WIDE_ROW * LANES };
  size_t panel_size = int8_panel_size(k), words = (k + 3) / 4;
  for (size_t j = 0; j < n; j += COLUMNS) {
    const int32_t *panels[WIDE_ROW];
    Mask sums[WIDE_ROW];
    for (size_t v = 0; v < WIDE_ROW; v++) {
      panels[v] = panel_at(packed, panel_size, lesser(j + v * LANES, (n - 1) & ~(size_t)(LANES - 1)));
      sums[v] = int8_start(panels[v]);
    }
    for (size_t w = 0; w < words; w++) {
      Mask left = splat_word(a[w]);
#pragma clang loop unroll(full)
      for (size_t v = 0; v < WIDE_ROW; v++)
        sums[v] = add_quads(sums[v], left, get_words(panels[v] + INT8_HEADER + w * ATTUNE_PANEL));
    }
    FOR_LANES(i, lanes, lesser(n - j, COLUMNS), {
      const int32_t *panel = panels[i / LANES];
      Vector before = int8_unit(panel) * scaling.middle + (bias ? get(bias + j + i, lanes) : splat(0));
      Vector result = scaled_sum(sums[i / LANES], scaling.scale, get((const float *)panel, LANES), before);
      put(c + j + i, lanes, result);
    });
  }
}

/// Multiplies the copied rows with all panels, and activates what is done.
static void multiply_int8_panels(const int32_t *copy, const Int8Row *scaling, size_t rows, size_t n, size_t k,
                                 const int32_t *packed, size_t start, size_t depth, const float *bias,
                                 attune_activation f, float *c, size_t c_leading) {
  float tile[WORD_ROWS * TILE_COLUMNS] __attribute__((aligned(64))) = {0}, padded[TILE_COLUMNS];
  size_t panel_size = int8_panel_size(k);
  Int8Ends ends = {.first = start == 0, .last = start + depth == k, .ahead = panel_size};
  for (size_t j = 0; j < n; j += TILE_COLUMNS) {
    const int32_t *panel = panel_at(packed, panel_size, j);
    const int32_t *words = panel + INT8_HEADER + start / 4 * ATTUNE_PANEL;
    size_t width = lesser(n - j, TILE_COLUMNS);
    bool partial = width < TILE_COLUMNS;
    if (partial || !bias) {
      memset(padded, 0, sizeof padded);
      if (bias) memcpy(padded, bias + j, width * sizeof(float));
      ends.bias = padded;
    } else {
      ends.bias = bias + j;
    }
    for (size_t r = 0; r < rows;) {
      size_t height = word_tile_height(rows, r);
      float *target = c + r * c_leading + j;
      if (ends.first) expect_tile(target + height * c_leading, c_leading, lesser(height, rows - r - height));
      if (partial) move_tile(target, c_leading, tile, TILE_COLUMNS, height, width);
      int8_tiles[height - 1](copy + r * INT8_DISTANCE, panel, words, (depth + 3) / 4, scaling + r, ends,
                             partial ? tile : target, partial ? TILE_COLUMNS : c_leading);
      if (partial) move_tile(tile, TILE_COLUMNS, target, c_leading, height, width);
      if (ends.last && f != ATTUNE_IDENTITY)
        bias_activate(f, target, c_leading, NULL, target, c_leading, height, width);
      r += height;
    }
  }
}

static void int8_product(size_t m, size_t n, size_t k, const float *a, size_t a_leading, const int32_t *packed,
                         const float *bias, attune_activation f, float *c, size_t c_leading) {
  int32_t copy[ROW_BLOCK * INT8_DISTANCE] __attribute__((aligned(64)));
  Int8Row scaling[ROW_BLOCK];
  const int32_t raise = LEFT_OFFSET ? (int32_t)0x80808080 : 0;
  for (size_t r = 0; r < m && n > 0; r += ROW_BLOCK) {
    size_t rows = lesser(m - r, ROW_BLOCK), start = 0;
    do {
      size_t depth = int8_depth(k, start);
      for (size_t row = 0; row < rows; row++) {
        const float *source = a + (r + row) * a_leading;
        if (start == 0) scaling[row] = int8_row(source, k);
        quantize_quads(source + start, depth, scaling[row], raise, copy + row * INT8_DISTANCE);
      }
      if (rows == 1 && depth == k) {
        multiply_one_int8_row(n, k, copy, scaling[0], packed, bias, c + r * c_leading);
        bias_activate(f, c + r * c_leading, c_leading, NULL, f == ATTUNE_IDENTITY ? NULL : c + r * c_leading,
                      c_leading, 1, n);
      } else {
        multiply_int8_panels(copy, scaling, rows, n, k, packed, start, depth, bias, f, c + r * c_leading, c_leading);
      }
      start += depth;
    } while (start < k);
  }
}
