// SPDX-License-Identifier: Apache-2.0
//
// Numbers as integers with a common scale, and dot products of them.

/// The bits of the largest magnitude; those of NaN are above those of infinity, and infinity's above all numbers'.
INLINE Mask larger_magnitude(Mask largest, Vector x) {
  return __builtin_elementwise_max(largest, (Mask)x & 0x7fffffff);
}

INLINE float largest_magnitude(const float *x, size_t count) {
  Mask largest = {0}, second = {0};
  size_t i = 0;
  for (; i + 2 * LANES <= count; i += 2 * LANES) {
    largest = larger_magnitude(largest, get(x + i, LANES));
    second = larger_magnitude(second, get(x + i + LANES, LANES));
  }
  largest = __builtin_elementwise_max(largest, second);
  for (; i < count; i += LANES) largest = larger_magnitude(largest, get(x + i, lesser(count - i, LANES)));
  int32_t bits = __builtin_reduce_max(largest);
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

INLINE Mask splat_order(int32_t order) { return order - (Mask){0}; }

/// Numbers in their order, as integers, and back; NaN lies beyond infinity, on the side of its sign.
INLINE Mask ordered(Mask bits) { return bits ^ ((bits >> 31) & 0x7fffffff); }

INLINE float number_at(int32_t order) {
  int32_t bits = order ^ ((order >> 31) & 0x7fffffff);
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

/// The middle between the least and the greatest number of a row, and how far both are from it at most; where there is a NaN
/// or an infinity, the latter is no finite number.
INLINE float spread(const float *x, size_t count, float *middle) {
  Mask low = splat_order(INT32_MAX), high = splat_order(INT32_MIN);
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    Mask order = ordered((Mask)get(x + i, LANES));
    low = __builtin_elementwise_min(low, order);
    high = __builtin_elementwise_max(high, order);
  }
  int32_t least = __builtin_reduce_min(low), greatest = __builtin_reduce_max(high);
  for (; i < count; i++) {
    int32_t bits, order;
    memcpy(&bits, x + i, sizeof bits);
    order = bits ^ ((bits >> 31) & 0x7fffffff);
    least = order < least ? order : least;
    greatest = order > greatest ? order : greatest;
  }
  *middle = 0;
  if (count == 0) return 0;
  float first = number_at(least), last = number_at(greatest);
  *middle = first * 0.5f + last * 0.5f;
  // The middle is rounded: what counts are the distances that there will be. Where one is no number the other is not finite.
  float below = *middle - first, above = last - *middle;
  return above > below ? above : below;
}

/// What to multiply by to reach integers up to `limit`, and what to multiply those by to come back. Where the former
/// would overflow, the integers stay smaller. Infinity and NaN give a scale of NaN, so that no result that they enter
/// looks like a number.
INLINE Vector scales_of(Vector largest, float limit, Vector *inverse) {
  const float most = 0x1p126f;
  Vector factor = limit / largest;
  *inverse = choose(factor > most, splat(most), factor);
  Vector scale = choose(factor > most, splat(1 / most), largest / limit);
  Mask finite = largest < __builtin_inff();
  *inverse = choose(finite, *inverse, splat(0));
  return choose(finite, scale, splat(__builtin_nanf("")));
}

INLINE float scale_of(float largest, float limit, float *inverse) {
  Vector factor, scale = scales_of(splat(largest), limit, &factor);
  *inverse = factor[0];
  return scale[0];
}

/// The nearest integers to x * inverse; products beyond 2^22 do not occur. The product is rounded first at every level,
/// so that the integers are the same.
INLINE Mask quantized(Vector x, Vector inverse) {
#pragma clang fp contract(off)
  const float round = 12582912.0f;  // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
  return (Mask)(x * inverse + round) - (Mask)splat(round);
}

/// before + sum * row_scale * column_scales
INLINE Vector scaled_sum(Mask sum, float row_scale, Vector column_scales, Vector before) {
  Vector scaled = __builtin_convertvector(sum, Vector) * row_scale;
  return scaled * column_scales + before;
}

/// Products of signed 16-bit numbers, two neighbours added.
INLINE Mask multiply_pairs(Mask a, Mask b) {
#if VECTOR_BYTES == 64
  return (Mask)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif VECTOR_BYTES == 32
  return (Mask)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__x86_64__)
  return (Mask)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  return ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16);
#endif
}

/// sum + the two products of signed 16-bit numbers
INLINE Mask add_pairs(Mask sum, Mask a, Mask b) {
#if HAS_VNNI && VECTOR_BYTES == 64
  return (Mask)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
#elif HAS_VNNI
  return (Mask)_mm256_dpwssd_avx_epi32((__m256i)sum, (__m256i)a, (__m256i)b);
#else
  return sum + multiply_pairs(a, b);
#endif
}

#if HAS_VNNI
// The instruction multiplies unsigned with signed bytes: the left factor is raised by 128 and the sum starts lower.
enum { LEFT_OFFSET = 128 };

/// sum + the four products of unsigned with signed bytes
INLINE Mask add_quads(Mask sum, Mask a, Mask b) {
#if VECTOR_BYTES == 64
  return (Mask)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
#else
  return (Mask)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)a, (__m256i)b);
#endif
}
#else
enum { LEFT_OFFSET = 0 };

typedef int16_t Shorts __attribute__((vector_size(VECTOR_BYTES)));
INLINE Mask even_bytes(Mask words) { return (Mask)(((Shorts)words << 8) >> 8); }
INLINE Mask odd_bytes(Mask words) { return (Mask)((Shorts)words >> 8); }

/// sum + the four products of signed bytes
INLINE Mask add_quads(Mask sum, Mask a, Mask b) {
  return sum + multiply_pairs(even_bytes(a), even_bytes(b)) + multiply_pairs(odd_bytes(a), odd_bytes(b));
}
#endif

