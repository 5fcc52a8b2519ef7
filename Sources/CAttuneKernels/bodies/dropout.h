// SPDX-License-Identifier: Apache-2.0
//
// Draws in vectors, and dropout.

/// Which elements stay, and what those are multiplied by.
typedef struct {
  uint32_t threshold;  // of 2^32: draws below it drop
  REAL factor;
  bool drops_all;
} Dropping;

INLINE Dropping dropping(double rate) {
  double threshold = rate * 4294967296.0;
  bool all = threshold >= 4294967295.5;
  return (Dropping){all ? UINT32_MAX : (uint32_t)threshold, all ? 0 : (REAL)(1 / (1 - rate)), all};
}

INLINE Words draws(attune_draw_key key, uint32_t index) {
  Words x = lane_numbers() + index;
  ATTUNE_DRAW(x, key);
  return x;
}

/// `values` times the factor where the draws keep them, else 0.
INLINE Vector dropped(Vector values, Words drawn, Dropping how) {
  Indices kept = drawn >= how.threshold - (Words){0};
  return choose(__builtin_convertvector(kept, Mask), values * how.factor, splat(0));
}

/// Elements from `index` on that share its upper 32 bits, at most `count`.
INLINE size_t shared_upper(uint64_t index, size_t count) {
  uint64_t left = 0x100000000u - (uint32_t)index;
  return count < left ? count : (size_t)left;
}

/// destination = residual (NULL: nothing) + dropped(x), for one run of indices that share their upper half.
INLINE void drop_run(uint64_t key, uint64_t first, Dropping how, const REAL *residual, const REAL *x,
                     REAL *destination, size_t count) {
  attune_draw_key words = attune_spread_key(key, (uint32_t)(first >> 32));
  FOR_LANES(i, n, count, {
    Vector kept = dropped(get(x + i, n), draws(words, (uint32_t)(first + i)), how);
    put(destination + i, n, residual ? get(residual + i, n) + kept : kept);
  });
}

static void dropout(uint64_t key, uint64_t first, double rate, const REAL *x, REAL *destination, size_t count) {
  Dropping how = dropping(rate);
  if (how.threshold == 0) {
    if (destination != x) memmove(destination, x, count * sizeof(REAL));
  } else if (how.drops_all) {
    fill(destination, 0, count);
  } else {
    for (size_t i = 0; i < count;) {
      size_t run = shared_upper(first + i, count - i);
      drop_run(key, first + i, how, NULL, x + i, destination + i, run);
      i += run;
    }
  }
}

static void add_dropout(uint64_t key, uint64_t first, double rate, const REAL *residual, const REAL *x,
                        REAL *destination, size_t count) {
  Dropping how = dropping(rate);
  if (how.threshold == 0) {
    add(residual, x, destination, count);
  } else if (how.drops_all) {
    if (destination != residual) memmove(destination, residual, count * sizeof(REAL));
  } else {
    for (size_t i = 0; i < count;) {
      size_t run = shared_upper(first + i, count - i);
      drop_run(key, first + i, how, residual + i, x + i, destination + i, run);
      i += run;
    }
  }
}
