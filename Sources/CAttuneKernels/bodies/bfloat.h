// SPDX-License-Identifier: Apache-2.0
//
// Numbers of 16 bits with the exponent of float, and their packing: panels of 32 columns, [depth / 2][32] words of two
// neighbours.

/// The bits of the nearest numbers, ties to even, in the low halves of the lanes. NaN stays NaN.
INLINE Words bfloat_bits(Vector x) {
  Words bits = (Words)x, rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  Words numbers = (Words)(x == x);
  return (numbers & rounded) | (~numbers & (bits >> 16 | 0x40));
}

/// The nearest numbers, as floats.
INLINE Vector bfloat_rounded(Vector x) { return (Vector)(bfloat_bits(x) << 16); }

/// The numbers in the low and in the high halves of words, as floats.
INLINE Vector low_bfloats(Mask words) { return (Vector)(words << 16); }
INLINE Vector high_bfloats(Mask words) { return (Vector)(words & (int32_t)0xffff0000); }

INLINE size_t bfloat_panel_size(size_t k) { return (k + 1) / 2 * ATTUNE_PANEL; }

INLINE Mask bfloat_pairs(Vector first, Vector second) {
  return paired((Mask)bfloat_bits(first), (Mask)bfloat_bits(second));
}

/// Two neighbouring rows of a matrix side by side; the row below its end is zero.
INLINE Mask bfloat_row_pair(const float *x, size_t leading, size_t depth, size_t k, size_t n) {
  Vector low = get(x + k * leading, n), high = k + 1 < depth ? get(x + (k + 1) * leading, n) : splat(0);
  return joined((Mask)bfloat_bits(low), (Mask)bfloat_bits(high));
}

/// Columns of b[n][k], which are its rows.
static void pack_bfloat_rows(const float *b, size_t leading, size_t k, size_t columns, int32_t *panel) {
  int32_t rows[LANES][WORDS_OF_ROW] __attribute__((aligned(64)));
  for (size_t j = 0; j < columns; j += LANES) {
    for (size_t start = 0; start < k; start += 2 * WORDS_TURNED) {
      size_t depth = lesser(k - start, 2 * WORDS_TURNED);
      memset(rows, 0, sizeof rows);
      for (size_t row = 0; row < LANES && j + row < columns; row++) {
        const float *source = b + (j + row) * leading + start;
        FOR_PAIRS(i, m, n, depth,
                  put_words(rows[row] + i / 2, bfloat_pairs(get(source + i, m), get(source + i + m, n))););
      }
      put_transposed(rows, (depth + 1) / 2, panel + start / 2 * ATTUNE_PANEL + j, ATTUNE_PANEL);
    }
  }
}

static void bfloat_pack(int transposed, const float *b, size_t leading, size_t n, size_t k, int32_t *packed) {
  for (size_t j = 0; j < n; j += ATTUNE_PANEL) {
    size_t columns = lesser(n - j, ATTUNE_PANEL);
    int32_t *panel = packed + j / ATTUNE_PANEL * bfloat_panel_size(k);
    if (columns < ATTUNE_PANEL) memset(panel, 0, bfloat_panel_size(k) * sizeof(int32_t));
    if (transposed) {
      pack_bfloat_rows(b + j * leading, leading, k, columns, panel);
    } else {
      for (size_t i = 0; i < k; i += 2)
        FOR_LANES(l, lanes, columns, put_words(panel + i / 2 * ATTUNE_PANEL + l,
                                               bfloat_row_pair(b + j + l, leading, k, i, lanes)););
    }
  }
}
