// SPDX-License-Identifier: Apache-2.0
//
// What writing one token at a time needs: single queries over keys that lie anywhere, and the best of many scores.

INLINE REAL dot_of_head(const REAL *query, const REAL *key, size_t width) {
  Vector total = splat(0);
  FOR_LANES(i, n, width, total += get(query + i, n) * get(key + i, n););
  return sum_of_lanes(total);
}

static void attend_one(const REAL *query, const REAL *keys, const REAL *values, const int32_t *slots, size_t count,
                       size_t heads, size_t width, double factor, REAL *weights, REAL *result) {
  size_t columns = heads * width;
  if (count == 0) {
    fill(result, 0, columns);
    return;
  }
  for (size_t t = 0; t < count; t++) {
    const REAL *key = keys + (slots ? (size_t)slots[t] : t) * columns;
    for (size_t h = 0; h < heads; h++) weights[h * count + t] = dot_of_head(query + h * width, key + h * width, width);
  }
  softmax(factor, weights, weights, heads, count);
  for (size_t h = 0; h < heads; h++) {
    const REAL *weight = weights + h * count;
    FOR_LANES(i, n, width, {
      Vector total = splat(0);
      const REAL *column = values + h * width + i;
      for (size_t t = 0; t < count; t++)
        total += get(column + (slots ? (size_t)slots[t] : t) * columns, n) * weight[t];
      put(result + h * width + i, n, total);
    });
  }
}

/// Inserts behind all that are as large, so that of equal scores the first stays.
INLINE size_t keep_score(REAL score, int32_t place, int32_t *places, REAL *scores, size_t kept, size_t wanted) {
  size_t position = kept < wanted ? kept : wanted - 1;
  for (; position > 0 && scores[position - 1] < score; position--) {
    scores[position] = scores[position - 1];
    places[position] = places[position - 1];
  }
  scores[position] = score;
  places[position] = place;
  return kept < wanted ? kept + 1 : kept;
}

static void best_scores(const REAL *x, size_t count, size_t wanted, int32_t *places, REAL *scores) {
  enum { GROUP = 4 * LANES };
  size_t kept = 0, i = 0;
  REAL least = -(REAL)INFINITY;
  if (wanted == 0) return;
  while (i < count) {
    size_t end = i + GROUP <= count ? i + GROUP : count;
    if (end - i == GROUP) {
      Vector least_lanes = splat(least);
      Mask above = {0};
#pragma clang loop unroll(full)
      for (size_t v = 0; v < 4; v++) above |= get(x + i + v * LANES, LANES) > least_lanes;
      if (!__builtin_reduce_or(above)) {
        i = end;
        continue;
      }
    }
    for (; i < end; i++) {
      if (!(x[i] > least)) continue;
      kept = keep_score(x[i], (int32_t)i, places, scores, kept, wanted);
      if (kept == wanted) least = scores[wanted - 1];
    }
  }
  for (; kept < wanted; kept++) {
    places[kept] = -1;
    scores[kept] = -(REAL)INFINITY;
  }
}
