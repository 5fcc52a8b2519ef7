// SPDX-License-Identifier: Apache-2.0
//
// What writing one token at a time needs: single queries over keys that lie anywhere, and the best of many scores.

/// Products of the numbers of a head, LANES apart summed up.
INLINE Vector products_of_head(const REAL *query, const REAL *key, size_t width) {
  Vector total = splat(0);
  FOR_LANES(i, n, width, total += get(query + i, n) * get(key + i, n););
  return total;
}

/// The row of key or value t.
INLINE size_t slot_of(const int32_t *slots, size_t t) { return slots ? (size_t)slots[t] : t; }

/// The products of a head of the query with the keys from t on, LANES of them at most.
INLINE Vector score_some_keys(size_t width, const REAL *query, const REAL *keys, const int32_t *slots, size_t t, size_t n,
                              size_t columns) {
  Vector products[LANES];
  for (size_t i = 0; i < n; i++) products[i] = products_of_head(query, keys + slot_of(slots, t + i) * columns, width);
  for (size_t i = n; i < LANES; i++) products[i] = splat(0);
  return sums_of_lanes(products);
}

/// What `softmax` makes of the first n scores of a vector, without a way through memory.
INLINE Vector softmax_of_vector(REAL factor, Vector scores, size_t n) {
  Vector scaled = scores * factor, lowest = splat(-(REAL)INFINITY);
  REAL shift = shift_of(largest_lane(larger(choose(first_lanes(n), scaled, lowest), lowest)));
  Vector power = exponential(scaled - shift);
  return power * (1 / sum_of_lanes(only(n, power)));
}

/// weights[h][t] = softmax over t of factor * query . key t of head h; rows of `stride` weights.
INLINE void weigh_keys(size_t width, const REAL *query, const REAL *keys, const int32_t *slots, size_t count, size_t heads,
                       REAL factor, REAL *weights, size_t stride) {
  size_t columns = heads * width;
  for (size_t h = 0; h < heads; h++) {
    const REAL *own = query + h * width, *head_keys = keys + h * width;
    REAL *row = weights + h * stride;
    if (count <= LANES) {
      put(row, LANES, softmax_of_vector(factor, score_some_keys(width, own, head_keys, slots, 0, count, columns), count));
      continue;
    }
    for (size_t t = 0; t < count; t += LANES) {
      size_t n = count - t < LANES ? count - t : LANES;
      put(row + t, LANES, score_some_keys(width, own, head_keys, slots, t, n, columns));
    }
    softmax((double)factor, row, row, 1, count);
  }
}

/// result = sum over t of value t * weights[v][t], `vectors` vectors v side by side: their sums do not wait for each other.
INLINE void weigh_values(size_t vectors, const REAL *values, const int32_t *slots, size_t count, size_t columns,
                         const REAL *const *weights, REAL *result) {
  enum { MOST = 8 };
  Vector totals[MOST];
#pragma clang loop unroll(full)
  for (size_t v = 0; v < vectors; v++) totals[v] = splat(0);
  for (size_t t = 0; t < count; t++) {
    const REAL *value = values + slot_of(slots, t) * columns;
#pragma clang loop unroll(full)
    for (size_t v = 0; v < vectors; v++) totals[v] += get(value + v * LANES, LANES) * weights[v][t];
  }
#pragma clang loop unroll(full)
  for (size_t v = 0; v < vectors; v++) put(result + v * LANES, LANES, totals[v]);
}

INLINE void attend_with_heads_of(size_t width, const REAL *query, const REAL *keys, const REAL *values,
                                 const int32_t *slots, size_t count, size_t heads, REAL factor, REAL *weights,
                                 REAL *result) {
  enum { VECTORS = 8 };
  size_t columns = heads * width, column = 0;
  size_t stride = (count + ATTUNE_WEIGHTS - 1) / ATTUNE_WEIGHTS * ATTUNE_WEIGHTS;
  weigh_keys(width, query, keys, slots, count, heads, factor, weights, stride);
  if (width % LANES == 0) {
    const REAL *own[VECTORS];
    for (; column + VECTORS * LANES <= columns; column += VECTORS * LANES) {
      for (size_t v = 0; v < VECTORS; v++) own[v] = weights + (column + v * LANES) / width * stride;
      weigh_values(VECTORS, values + column, slots, count, columns, own, result + column);
    }
    for (; column < columns; column += LANES) {
      own[0] = weights + column / width * stride;
      weigh_values(1, values + column, slots, count, columns, own, result + column);
    }
    return;
  }
  for (size_t h = 0; h < heads; h++) {
    const REAL *weight = weights + h * stride;
    FOR_LANES(i, n, width, {
      Vector total = splat(0);
      const REAL *part = values + h * width + i;
      for (size_t t = 0; t < count; t++) total += get(part + slot_of(slots, t) * columns, n) * weight[t];
      put(result + h * width + i, n, total);
    });
  }
}

static void attend_one(const REAL *query, const REAL *keys, const REAL *values, const int32_t *slots, size_t count,
                       size_t heads, size_t width, double factor, REAL *weights, REAL *result) {
  REAL by = (REAL)factor;
  if (count == 0) {
    fill(result, 0, heads * width);
    return;
  }
  // Code of their own for the usual widths: a head is so few vectors that a loop over them would cost as much.
  switch (width) {
    case 32: return attend_with_heads_of(32, query, keys, values, slots, count, heads, by, weights, result);
    case 64: return attend_with_heads_of(64, query, keys, values, slots, count, heads, by, weights, result);
    default: return attend_with_heads_of(width, query, keys, values, slots, count, heads, by, weights, result);
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

INLINE bool any_lane(Mask mask) { return __builtin_reduce_or(mask) != 0; }

static void best_scores(const REAL *x, size_t count, size_t wanted, int32_t *places, REAL *scores) {
  enum { GROUP = 4 * LANES };
  size_t kept = 0;
  REAL least = -(REAL)INFINITY;
  if (wanted == 0) return;
  for (size_t start = 0; start < count; start += GROUP) {
    size_t end = start + GROUP <= count ? start + GROUP : count;
    if (end - start == GROUP) {
      Mask above = {0};
#pragma clang loop unroll(full)
      for (size_t v = 0; v < 4; v++) above |= get(x + start + v * LANES, LANES) > splat(least);
      if (!any_lane(above)) continue;
    }
    for (size_t i = start; i < end; i++) {
      // Few are kept once the first are there: vectors without any are passed over.
      if ((i - start) % LANES == 0 && i + LANES <= end && !any_lane(get(x + i, LANES) > splat(least))) {
        i += LANES - 1;
        continue;
      }
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

/// Where the largest of `count` exact scores may stand, given scores from rows rounded to 8 bits.
static size_t contending_panels(const REAL *scores, const REAL *lengths, size_t count, const REAL *row, size_t depth,
                                double stray, double slack, int32_t *panels) {
  Vector low = splat((REAL)INFINITY), high = -low, squares = splat(0);
  FOR_LANES(i, n, depth, {
    Vector value = get(row + i, n);
    low = smaller(get_or(row + i, n, (REAL)INFINITY), low);
    high = larger(get_or(row + i, n, -(REAL)INFINITY), high);
    squares += value * value;
  });
  double spread = (double)largest_lane(high) + (double)largest_lane(-low);
  double length = sqrt((double)sum_of_lanes(squares));
  // The row is rounded by half a step of 1 / 254 of its spread at most; sums of floats stray by a share of the lengths.
  double by = 0.51 / 254 * spread * sqrt((double)depth) + (stray + ldexp((double)depth, -22)) * length;
  REAL factor = (REAL)(by * 1.0001), best = -(REAL)INFINITY;
  Vector least = splat(best);
  FOR_LANES(i, n, count, {
    Vector value = get(scores + i, n) - get(lengths + i, n) * factor;
    least = larger(n == LANES ? value : choose(first_lanes(n), value, least), least);
  });
  best = largest_lane(least) - (REAL)(2 * slack);
  size_t found = 0;
  for (size_t i = 0; i < count; i += ATTUNE_PANEL_COLUMNS) {
    size_t width = count - i < ATTUNE_PANEL_COLUMNS ? count - i : ATTUNE_PANEL_COLUMNS;
    Mask below = {0};
    below = ~below;
    // What is not a number contends.
    FOR_LANES(j, n, width, below &= get(scores + i + j, n) + get(lengths + i + j, n) * factor < splat(best););
    if (any_lane(~below)) panels[found++] = (int32_t)(i / ATTUNE_PANEL_COLUMNS);
  }
  return found;
}
