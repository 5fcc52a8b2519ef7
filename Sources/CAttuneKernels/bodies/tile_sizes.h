// SPDX-License-Identifier: Apache-2.0
//
// What the tiles of all matrix products have in common.

enum {
  TILE_COLUMNS = 2 * LANES,
  ROW_BLOCK = 8 * 14  // copied rows that stay in the nearest caches beside a panel
};

#define ROW_COUNTS_TO_4(X) X(1) X(2) X(3) X(4)
#define ROW_COUNTS_TO_6(X) ROW_COUNTS_TO_4(X) X(5) X(6)
#define ROW_COUNTS_TO_14(X) ROW_COUNTS_TO_6(X) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)

INLINE size_t lesser(size_t a, size_t b) { return a < b ? a : b; }

/// Height of the tile at row r: the rows are spread evenly over as few tiles of `most` as they need.
INLINE size_t even_height(size_t rows, size_t r, size_t most) {
  size_t left = rows - r, count = (left + most - 1) / most;
  return (left + count - 1) / count;
}

/// Asks for the rows of C that the next tile will write. They lie pages apart, where the processor does not look ahead
/// by itself; of shorter rows there are enough in the caches.
INLINE void expect_tile(REAL *c, size_t leading, size_t rows) {
  if (leading < 768) return;
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < TILE_COLUMNS; j += 64 / REAL_BYTES) __builtin_prefetch(c + r * leading + j, 1);
}

static void move_tile(const REAL *source, size_t source_leading, REAL *target, size_t target_leading, size_t rows,
                      size_t columns) {
  for (size_t r = 0; r < rows; r++)
    FOR_LANES(j, n, columns, put(target + r * target_leading + j, n, get(source + r * source_leading + j, n)););
}
