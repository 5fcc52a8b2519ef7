// SPDX-License-Identifier: Apache-2.0

#include "random.h"

#include "CAttuneKernels.h"

uint32_t attune_random_bits(uint64_t key, uint64_t index) {
  attune_draw_key words = attune_spread_key(key, (uint32_t)(index >> 32));
  uint32_t x = (uint32_t)index;
  ATTUNE_DRAW(x, words);
  return x;
}

uint64_t attune_random_key(uint64_t key, uint64_t place) {
  // The inner mix keeps (key, place) and (key + constant, place - 1) apart.
  return attune_mix(attune_mix(key ^ 0x6a09e667f3bcc909u) + ATTUNE_GOLDEN * (place + 1));
}
