// SPDX-License-Identifier: Apache-2.0
//
// Loops that multiply and add in registers alone: what a product could reach at best. Each returns the operations of
// all rounds.

#if VECTOR_BYTES == 64
enum { PEAK_SUMS = 24 };
#else
enum { PEAK_SUMS = 12 };
#endif

#if defined(__x86_64__)
#define FORGET(vector) __asm__ volatile("" : "+x"(vector))
#elif defined(__aarch64__)
#define FORGET(vector) __asm__ volatile("" : "+w"(vector))
#else
#define FORGET(vector) (void)(vector)
#endif

/// A function that repeats sum = step(sum) on independent sums; `a`, which changes each time, and
/// `b` are what the compiler knows nothing about.
#define DEFINE_PEAK(name, Sum, operations, step)                        \
  static double name(size_t rounds) {                                   \
    Sum sums[PEAK_SUMS], a = (Sum)splat(1), b = (Sum)splat(0.5f);       \
    for (int i = 0; i < PEAK_SUMS; i++) sums[i] = (Sum)splat(0);        \
    for (size_t round = 0; round < rounds; round++) {                   \
      FORGET(b);                                                        \
      _Pragma("clang loop unroll(full)")                                \
      for (int i = 0; i < PEAK_SUMS; i++) {                             \
        FORGET(a);                                                      \
        Sum sum = sums[i];                                              \
        sums[i] = (step);                                               \
      }                                                                 \
    }                                                                   \
    for (int i = 0; i < PEAK_SUMS; i++) FORGET(sums[i]);                \
    return (double)rounds * PEAK_SUMS * LANES * (operations);           \
  }
