// SPDX-License-Identifier: Apache-2.0
//
// Vectors of REAL, as wide as the level's registers. A body is written once in terms of them. A remainder is loaded
// into a whole vector and goes through the same code, so an element's bits do not depend on its position.
//
// Set by the file that includes the bodies: REAL, REAL_BYTES (4 or 8), VECTOR_BYTES (16, 32 or 64), LEVEL_TABLE.

#define LANES (VECTOR_BYTES / REAL_BYTES)
#define INLINE static inline __attribute__((always_inline))

#if REAL_BYTES == 4
typedef int32_t Integer;
#define SELECT_PRECISION(single, twofold) single
#else
typedef int64_t Integer;
#define SELECT_PRECISION(single, twofold) twofold
#endif

typedef REAL Vector __attribute__((vector_size(VECTOR_BYTES)));
typedef REAL AnyVector __attribute__((vector_size(VECTOR_BYTES), aligned(REAL_BYTES), may_alias));
typedef Integer Mask __attribute__((vector_size(VECTOR_BYTES)));
/// 32-bit words, one for each lane, whatever REAL is.
typedef uint32_t Words __attribute__((vector_size(LANES * 4)));
typedef int32_t Indices __attribute__((vector_size(LANES * 4)));
typedef double Doubles __attribute__((vector_size(LANES * 8)));

#if VECTOR_BYTES == 64
#define LANE_MASK(n) ((SELECT_PRECISION(__mmask16, __mmask8))((1u << (n)) - 1))
#endif

INLINE Vector splat(REAL value) { return value - (Vector){0}; }

INLINE Vector choose(Mask mask, Vector yes, Vector no) {
  return (Vector)((mask & (Mask)yes) | (~mask & (Mask)no));
}

INLINE Vector larger(Vector a, Vector b) { return choose(a > b, a, b); }
INLINE Vector smaller(Vector a, Vector b) { return choose(a < b, a, b); }
INLINE Vector absolute(Vector x) { return __builtin_elementwise_abs(x); }
INLINE Vector square_root(Vector x) { return __builtin_elementwise_sqrt(x); }

/// 0, 1, 2, ... in the lanes.
INLINE Words lane_numbers(void) {
  Words numbers = {0};
  for (int i = 0; i < LANES; i++) numbers[i] = (uint32_t)i;
  return numbers;
}

/// All bits of the first `n` lanes.
INLINE Mask first_lanes(size_t n) {
  return __builtin_convertvector(lane_numbers(), Mask) < (Integer)n - (Mask){0};
}

/// The first `n` elements at `p`, and `fill` in the lanes above.
INLINE Vector get_or(const REAL *p, size_t n, REAL fill) {
  if (n == LANES) return *(const AnyVector *)p;
#if VECTOR_BYTES == 64
  return SELECT_PRECISION(_mm512_mask_loadu_ps, _mm512_mask_loadu_pd)(splat(fill), LANE_MASK(n), p);
#elif VECTOR_BYTES == 32
  Mask lanes = first_lanes(n);
  Vector loaded = SELECT_PRECISION(_mm256_maskload_ps, _mm256_maskload_pd)(p, (__m256i)lanes);
  return choose(lanes, loaded, splat(fill));
#else
  Vector padded = splat(fill);
  for (size_t i = 0; i < n; i++) padded[i] = p[i];
  return padded;
#endif
}

INLINE Vector get(const REAL *p, size_t n) { return get_or(p, n, 0); }

INLINE void put(REAL *p, size_t n, Vector value) {
  if (n == LANES) {
    *(AnyVector *)p = value;
    return;
  }
  // Not a masked store: a load that overlaps its unwritten part, as of the next row, would wait for it to retire.
  REAL lanes[LANES] __attribute__((aligned(VECTOR_BYTES)));
  *(Vector *)lanes = value;
  size_t done = 0;
#pragma clang loop unroll(full)
  for (size_t width = LANES / 2; width > 0; width /= 2) {
    if (n & width) {
      memcpy(p + done, lanes + done, width * sizeof(REAL));
      done += width;
    }
  }
}

/// Runs the statements for i = 0, LANES, ... below count; n is the number of elements there, a constant but at the end.
#define FOR_LANES(i, n, count, ...)                          \
  do {                                                       \
    size_t i = 0;                                            \
    for (; i + LANES <= (count); i += LANES) {               \
      enum { n = LANES };                                    \
      __VA_ARGS__                                            \
    }                                                        \
    if (i < (count)) {                                       \
      const size_t n = (count) - i;                          \
      __VA_ARGS__                                            \
    }                                                        \
  } while (0)

/// f(0, x), f(1, x), ...: lists of lanes for shuffles.
#define TWO_LANES(f, l, x) f(l, x), f(l + 1, x)
#define FOUR_LANES(f, l, x) TWO_LANES(f, l, x), TWO_LANES(f, l + 2, x)
#define EIGHT_LANES(f, l, x) FOUR_LANES(f, l, x), FOUR_LANES(f, l + 4, x)
#if LANES == 16
#define EACH_LANE(f, x) EIGHT_LANES(f, 0, x), EIGHT_LANES(f, 8, x)
#elif LANES == 8
#define EACH_LANE(f, x) EIGHT_LANES(f, 0, x)
#elif LANES == 4
#define EACH_LANE(f, x) FOUR_LANES(f, 0, x)
#else
#define EACH_LANE(f, x) TWO_LANES(f, 0, x)
#endif

#define FLIPPED_LANE(l, distance) ((l) ^ (distance))
/// The vector with lanes `distance` (a power of two) apart exchanged.
#define FLIPPED(v, distance) __builtin_shufflevector(v, v, EACH_LANE(FLIPPED_LANE, distance))

/// Applies the two-operand statement to the vector and its flips, so that lane 0 comes from all lanes.
#if LANES == 16
#define FOLD_LANES(STEP) STEP(8) STEP(4) STEP(2) STEP(1)
#elif LANES == 8
#define FOLD_LANES(STEP) STEP(4) STEP(2) STEP(1)
#elif LANES == 4
#define FOLD_LANES(STEP) STEP(2) STEP(1)
#else
#define FOLD_LANES(STEP) STEP(1)
#endif

#define ADD_FLIPPED(distance) v += FLIPPED(v, distance);
#define MAXIMISE_FLIPPED(distance) v = larger(v, FLIPPED(v, distance));

INLINE REAL sum_of_lanes(Vector v) {
  FOLD_LANES(ADD_FLIPPED)
  return v[0];
}

#define LEFT_HALF(l, step) ((l) / (2 * (step)) * (2 * (step)) + (l) % (step) + ((l) & (step) ? LANES : 0))
#define RIGHT_HALF(l, step) (LEFT_HALF(l, step) + (step))
#define ADD_HALVES(step)                                                                                       \
  _Pragma("clang loop unroll(full)") for (int row = 0; row < (step); row++) {                                 \
    Vector left = __builtin_shufflevector(rows[row], rows[row + (step)], EACH_LANE(LEFT_HALF, step));          \
    Vector right = __builtin_shufflevector(rows[row], rows[row + (step)], EACH_LANE(RIGHT_HALF, step));        \
    rows[row] = left + right;                                                                                  \
  }

/// In lane i what sum_of_lanes returns of row i, with half of its work. Overwrites the rows.
INLINE Vector sums_of_lanes(Vector rows[LANES]) {
  FOLD_LANES(ADD_HALVES)
  return rows[0];
}

INLINE REAL largest_lane(Vector v) {
  FOLD_LANES(MAXIMISE_FLIPPED)
  return v[0];
}

INLINE double sum_of_doubles(const Doubles *values) {
  Doubles v = *values;
  FOLD_LANES(ADD_FLIPPED)
  return v[0];
}

// Transposition of LANES vectors by exchanging ever smaller squares beside the diagonal.
#define UPPER_LANE(l, step) ((l) & (step) ? LANES + (l) - (step) : (l))
#define LOWER_LANE(l, step) ((l) & (step) ? LANES + (l) : (l) + (step))
#define EXCHANGE_SQUARES(step)                                                                        \
  _Pragma("clang loop unroll(full)") for (int row = 0; row < LANES; row++) {                          \
    if (row & (step)) continue;                                                                       \
    Vector upper = rows[row], lower = rows[row + (step)];                                             \
    rows[row] = __builtin_shufflevector(upper, lower, EACH_LANE(UPPER_LANE, step));                   \
    rows[row + (step)] = __builtin_shufflevector(upper, lower, EACH_LANE(LOWER_LANE, step));          \
  }

INLINE void transpose(Vector rows[LANES]) { FOLD_LANES(EXCHANGE_SQUARES) }

/// Turns `height` rows of n elements into n rows of LANES, `distance` apart, zeros beyond the height.
INLINE void transpose_square(const REAL *b, size_t leading, size_t height, size_t n, REAL *packed, size_t distance) {
  Vector square[LANES];
#pragma clang loop unroll(full)
  for (size_t row = 0; row < LANES; row++) square[row] = row < height ? get(b + row * leading, n) : splat(0);
  transpose(square);
#pragma clang loop unroll(full)
  for (size_t row = 0; row < LANES; row++)
    if (row < n) put(packed + row * distance, LANES, square[row]);
}
