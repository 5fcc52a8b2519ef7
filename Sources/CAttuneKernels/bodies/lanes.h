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
#if VECTOR_BYTES == 64
  SELECT_PRECISION(_mm512_mask_storeu_ps, _mm512_mask_storeu_pd)(p, LANE_MASK(n), value);
#elif VECTOR_BYTES == 32
  SELECT_PRECISION(_mm256_maskstore_ps, _mm256_maskstore_pd)(p, (__m256i)first_lanes(n), value);
#else
  for (size_t i = 0; i < n; i++) p[i] = value[i];
#endif
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

#if LANES == 16
#define ROTATED_8(v) __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
#define ROTATED_4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)
#define ROTATED_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
#define ROTATED_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#elif LANES == 8
#define ROTATED_4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3)
#define ROTATED_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5)
#define ROTATED_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6)
#elif LANES == 4
#define ROTATED_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1)
#define ROTATED_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2)
#else
#define ROTATED_1(v) __builtin_shufflevector(v, v, 1, 0)
#endif

INLINE REAL sum_of_lanes(Vector v) {
#if LANES > 8
  v += ROTATED_8(v);
#endif
#if LANES > 4
  v += ROTATED_4(v);
#endif
#if LANES > 2
  v += ROTATED_2(v);
#endif
  v += ROTATED_1(v);
  return v[0];
}

INLINE REAL largest_lane(Vector v) {
#if LANES > 8
  v = larger(v, ROTATED_8(v));
#endif
#if LANES > 4
  v = larger(v, ROTATED_4(v));
#endif
#if LANES > 2
  v = larger(v, ROTATED_2(v));
#endif
  v = larger(v, ROTATED_1(v));
  return v[0];
}

INLINE double sum_of_doubles(const Doubles *values) {
  Doubles v = *values;
#if LANES > 8
  v += ROTATED_8(v);
#endif
#if LANES > 4
  v += ROTATED_4(v);
#endif
#if LANES > 2
  v += ROTATED_2(v);
#endif
  v += ROTATED_1(v);
  return v[0];
}
