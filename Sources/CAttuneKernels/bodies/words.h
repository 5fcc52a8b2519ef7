// SPDX-License-Identifier: Apache-2.0
//
// Matrices of narrow numbers, packed two or four to a word along the depth. A word of A is spread over a vector and
// multiplied with a vector of words of B, one for each column.

typedef Integer AnyMask __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));

/// Words of one row that are turned at a time, and room for the end of a vector.
enum { WORDS_TURNED = 64, WORDS_OF_ROW = WORDS_TURNED + LANES };

INLINE Mask get_words(const int32_t *p) { return *(const AnyMask *)p; }
INLINE void put_words(int32_t *p, Mask words) { *(AnyMask *)p = words; }
INLINE Mask splat_word(int32_t word) { return word - (Mask){0}; }

#define EVEN_LANE(l, x) (2 * (l))
#define ODD_LANE(l, x) (2 * (l) + 1)
#define EVEN_LANES(a, b) __builtin_shufflevector(a, b, EACH_LANE(EVEN_LANE, 0))
#define ODD_LANES(a, b) __builtin_shufflevector(a, b, EACH_LANE(ODD_LANE, 0))

/// Two vectors' 16-bit numbers (in the low halves of lanes) side by side: lane l holds low[l] and high[l].
INLINE Mask joined(Mask low, Mask high) { return (low & 0xffff) | (high << 16); }

/// Neighbouring 16-bit numbers of 2 * LANES lanes in the LANES words of one vector.
INLINE Mask paired(Mask first, Mask second) { return joined(EVEN_LANES(first, second), ODD_LANES(first, second)); }

/// Turns rows of words, one for each column of a panel, into rows of LANES columns, `distance` apart.
static void put_transposed(int32_t (*rows)[WORDS_OF_ROW], size_t count, int32_t *target, size_t distance) {
  for (size_t w = 0; w < count; w += LANES) {
    Vector square[LANES];
#pragma clang loop unroll(full)
    for (size_t row = 0; row < LANES; row++) square[row] = (Vector)get_words(rows[row] + w);
    transpose(square);
#pragma clang loop unroll(full)
    for (size_t row = 0; row < LANES; row++)
      if (w + row < count) put_words(target + (w + row) * distance, (Mask)square[row]);
  }
}

/// The words of a panel at `column`.
INLINE const int32_t *panel_at(const int32_t *packed, size_t panel_size, size_t column) {
  return packed + column / ATTUNE_PANEL * panel_size + column % ATTUNE_PANEL;
}

/// Runs the statements for i = 0, 2 * LANES, ... below count; m and n are the numbers of elements at i and at i + m.
#define FOR_PAIRS(i, m, n, count, ...)                                          \
  do {                                                                          \
    size_t i = 0;                                                               \
    for (; i + 2 * LANES <= (count); i += 2 * LANES) {                          \
      enum { m = LANES, n = LANES };                                            \
      __VA_ARGS__                                                               \
    }                                                                           \
    if (i < (count)) {                                                          \
      const size_t m = lesser((count) - i, LANES), n = (count) - i - m;         \
      __VA_ARGS__                                                               \
    }                                                                           \
  } while (0)

// ---- Tiles ----

enum { WIDE_ROW = 8 };  // sums that one row keeps running at once

#if VECTOR_BYTES == 64
enum { WORD_ROWS = 14 };
#define WORD_ROW_COUNTS ROW_COUNTS_TO_14
#elif VECTOR_BYTES == 32 && defined(HAS_VNNI) && HAS_VNNI
enum { WORD_ROWS = 6 };
#define WORD_ROW_COUNTS ROW_COUNTS_TO_6
#else
enum { WORD_ROWS = 4 };
#define WORD_ROW_COUNTS ROW_COUNTS_TO_4
#endif

enum { WORD_STRIPS = (ROW_BLOCK + WORD_ROWS - 1) / WORD_ROWS };

INLINE size_t word_tile_height(size_t rows, size_t r) { return even_height(rows, r, WORD_ROWS); }
