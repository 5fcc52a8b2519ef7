// SPDX-License-Identifier: Apache-2.0
//
// Elementary functions of a vector. In float they are polynomials and quotients of polynomials fitted by least maximum
// error; double, which only derivative checks use, calls the C library lane by lane.

#if REAL_BYTES == 4

/// exp(x) within about 1 ulp over the whole range, subnormal results included; NaN stays NaN.
INLINE Vector exponential(Vector x) {
  const float round = 12582912.0f;  // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
  x = choose(x > 89.0f, splat(89.0f), x);
  x = choose(x < -104.0f, splat(-104.0f), x);
  Vector shifted = x * 1.44269504f + round;
  Vector whole = shifted - round;
  Vector r = whole * -0.693359375f + x;
  r = whole * 2.12194440e-4f + r;
  Vector p = r * 0.0013813144760206342f + 0.008369418792426586f;
  p = p * r + 0.04166845604777336f;
  p = p * r + 0.16666515171527863f;
  p = p * r + 0.4999999403953552f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
#if VECTOR_BYTES == 64
  return _mm512_scalef_ps(p, whole);
#else
  // In two steps, since 2^128 and 2^-150 are no floats.
  Mask exponent = (Mask)shifted - (Mask)splat(round);
  Mask half = exponent >> 1;
  return p * (Vector)((half + 127) << 23) * (Vector)((exponent - half + 127) << 23);
#endif
}

/// tanh(x) with a relative error below 4e-7.
INLINE Vector hyperbolic_tangent(Vector x) {
  Vector c = choose(x > 9.0f, splat(9.0f), x);
  c = choose(c < -9.0f, splat(-9.0f), c);
  Vector t = c * c;
  Vector p = t * 1.335466244837262e-08f + 2.060908262458163e-05f;
  p = p * t + 0.0034955881166352635f;
  p = p * t + 0.13381025613814976f;
  p = p * t + 1.0f;
  Vector q = t * 7.776558597403674e-07f + 0.00032856348248596116f;
  q = q * t + 0.02587698211180908f;
  q = q * t + 0.46714341205094106f;
  q = q * t + 1.0f;
  Vector result = c * p / q;
  result = choose(result > 1.0f, splat(1.0f), result);
  return choose(result < -1.0f, splat(-1.0f), result);
}

/// The distribution function of the standard normal, within about 1e-7.
INLINE Vector normal_distribution(Vector x) {
  Vector t = x * x;
  Vector p = t * 2.2931153796708762e-08f + 6.3015912699637875e-06f;
  p = p * t + 0.00016457380467186955f;
  p = p * t + 0.004651482560083458f;
  p = p * t + 0.03345889610567202f;
  p = p * t + 0.39894227379101266f;
  Vector q = t * 1.1990283201106398e-06f + 7.216705340241276e-05f;
  q = q * t + 0.0018606463322930174f;
  q = q * t + 0.02841613271339174f;
  q = q * t + 0.2505354164161224f;
  q = q * t + 1.0f;
  Vector result = x * p / q + 0.5f;
  result = choose(x > 5.5f, splat(1.0f), result);
  return choose(x < -5.5f, splat(0.0f), result);
}

#else

#define LANE_BY_LANE(expression)                       \
  Vector result = x;                                   \
  for (int i = 0; i < LANES; i++) {                    \
    double lane = x[i];                                \
    result[i] = (expression);                          \
  }                                                    \
  return result

INLINE Vector exponential(Vector x) { LANE_BY_LANE(exp(lane)); }
INLINE Vector hyperbolic_tangent(Vector x) { LANE_BY_LANE(tanh(lane)); }
INLINE Vector normal_distribution(Vector x) { LANE_BY_LANE(0.5 * erfc(lane * -0.70710678118654752440)); }

#endif

INLINE Vector logistic(Vector x) { return 1 / (1 + exponential(-x)); }
