// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels under both matrix products: a tile of C held in registers. Every element is one running sum over
// k in order, in every tile size, so its bits do not depend on the tile that computes it.

#if VECTOR_BYTES == 64
enum { TILE_ROWS = 14 };
#elif VECTOR_BYTES == 32
enum { TILE_ROWS = 6 };
#else
enum { TILE_ROWS = 4 };
#endif

enum {
  DEPTH_BLOCK = VECTOR_BYTES == 64 ? 512 : 256,
  // Copied rows lie this far apart: a constant, so that one register addresses them all, and no power of two, so that
  // they fall into different sets of the cache.
  ROW_DISTANCE = DEPTH_BLOCK + 16
};

/// c[rows][vectors * LANES] = (accumulate ? c : 0) + sum over k of a[r * row_distance + k * step] * b[k * b_leading ...]
INLINE void multiply_tile(size_t rows, size_t vectors, size_t row_distance, const REAL *a, size_t step, const REAL *b,
                          size_t b_leading, size_t depth, REAL *c, size_t c_leading, bool accumulate) {
  Vector sums[TILE_ROWS * 2];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows * vectors; i++)
    sums[i] = accumulate ? get(c + i / vectors * c_leading + i % vectors * LANES, LANES) : splat(0);
#pragma clang loop unroll(disable)
  for (size_t k = 0; k < depth; k++) {
    Vector first = get(b, LANES), second = vectors > 1 ? get(b + LANES, LANES) : first;
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      Vector left = splat(a[r * row_distance]);
      sums[r * vectors] += left * first;
      if (vectors > 1) sums[r * vectors + 1] += left * second;
    }
    a += step;
    b += b_leading;
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows * vectors; i++)
    put(c + i / vectors * c_leading + i % vectors * LANES, LANES, sums[i]);
}

typedef void Tile(const REAL *a, size_t step, const REAL *b, size_t b_leading, size_t depth, REAL *c,
                  size_t c_leading, bool accumulate);

// Named by rows, vectors, and whether the rows of A (copied, or transposed in place) or its columns are contiguous.
#define DEFINE_TILE(rows, vectors, order, distance)                                                            \
  static void tile_##rows##_##vectors##_##order(const REAL *a, size_t step, const REAL *b, size_t b_leading,   \
                                                size_t depth, REAL *c, size_t c_leading, bool accumulate) {    \
    multiply_tile(rows, vectors, distance, a, step, b, b_leading, depth, c, c_leading, accumulate);            \
  }
#define DEFINE_TILES(rows)                        \
  DEFINE_TILE(rows, 1, copied, ROW_DISTANCE)      \
  DEFINE_TILE(rows, 2, copied, ROW_DISTANCE)      \
  DEFINE_TILE(rows, 1, transposed, 1)             \
  DEFINE_TILE(rows, 2, transposed, 1)
#define TILE_ENTRIES(rows)                                  \
  {{tile_##rows##_1_copied, tile_##rows##_2_copied},        \
   {tile_##rows##_1_transposed, tile_##rows##_2_transposed}},

#if VECTOR_BYTES == 64
#define ALL_ROW_COUNTS ROW_COUNTS_TO_14
#elif VECTOR_BYTES == 32
#define ALL_ROW_COUNTS ROW_COUNTS_TO_6
#else
#define ALL_ROW_COUNTS ROW_COUNTS_TO_4
#endif

ALL_ROW_COUNTS(DEFINE_TILES)

/// [rows - 1][transposed][vectors - 1]
static Tile *const tiles[TILE_ROWS][2][2] = {ALL_ROW_COUNTS(TILE_ENTRIES)};

INLINE size_t tile_height(size_t rows, size_t r) { return even_height(rows, r, TILE_ROWS); }
