// SPDX-License-Identifier: Apache-2.0
//
// Rotary positions: columns i and half + i of a head are a point of the plane that turns about the origin.

static void rotate(const REAL *x, const REAL *turns, const int32_t *places, double direction, REAL *destination,
                   size_t rows, size_t heads, size_t half) {
  Vector sign = splat((REAL)direction);
  for (size_t r = 0; r < rows; r++) {
    const REAL *cosines = turns + (size_t)places[r] * 2 * half, *sines = cosines + half;
    for (size_t h = 0; h < heads; h++) {
      const REAL *from = x + (r * heads + h) * 2 * half;
      REAL *to = destination + (r * heads + h) * 2 * half;
      FOR_LANES(i, n, half, {
        Vector a = get(from + i, n), b = get(from + half + i, n);
        Vector cosine = get(cosines + i, n), sine = get(sines + i, n) * sign;
        put(to + i, n, a * cosine - b * sine);
        put(to + half + i, n, b * cosine + a * sine);
      });
    }
  }
}
