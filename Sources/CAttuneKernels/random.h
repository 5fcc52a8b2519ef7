// SPDX-License-Identifier: Apache-2.0
//
// The mixing functions behind the draws, shared by the scalar and the vector code.

#ifndef ATTUNE_RANDOM_H
#define ATTUNE_RANDOM_H

#include <stdint.h>

/// The finaliser of splitmix64 (Steele, Lea and Flood 2014).
static inline uint64_t attune_mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

#define ATTUNE_GOLDEN 0x9e3779b97f4a7c15u

/// A key and the upper half of an index, spread over the words that the lower half is mixed with.
typedef struct {
  uint32_t first, second, third;
} attune_draw_key;

static inline attune_draw_key attune_spread_key(uint64_t key, uint32_t upper) {
  uint64_t a = attune_mix(attune_mix(key + ATTUNE_GOLDEN) + ATTUNE_GOLDEN * upper);
  uint64_t b = attune_mix(a + ATTUNE_GOLDEN);
  return (attune_draw_key){(uint32_t)a, (uint32_t)(a >> 32), (uint32_t)b};
}

/// Three rounds of multiply and xor-shift, the multipliers found by Wellons (2018), with the key between the rounds.
/// For one word or a vector of words.
#define ATTUNE_DRAW(x, key)                \
  do {                                     \
    x += (key).first;                      \
    x ^= x >> 17;                          \
    x *= 0xed5ad4bbu;                      \
    x ^= (key).second;                     \
    x ^= x >> 11;                          \
    x *= 0xac4c1b51u;                      \
    x += (key).third;                      \
    x ^= x >> 15;                          \
    x *= 0x31848babu;                      \
    x ^= x >> 14;                          \
  } while (0)

#endif
