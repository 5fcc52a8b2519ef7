// SPDX-License-Identifier: Apache-2.0
//
// The tables of functions, one for each kind of number and level.

#ifndef ATTUNE_LEVELS_H
#define ATTUNE_LEVELS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "CAttuneKernels.h"
#include "random.h"
#include "table.h"

/// Outputs in one panel of a packed weight.
enum { ATTUNE_PANEL = ATTUNE_PANEL_COLUMNS };

typedef void attune_packed_product(size_t m, size_t n, size_t k, const float *a, size_t a_leading, const float *packed,
                                   const float *bias, attune_activation f, float *c, size_t c_leading);

typedef void attune_blocked_product(int a_transposed, size_t m, size_t n, size_t k, const float *a, size_t a_leading,
                                    const float *packed, int accumulate, float *c, size_t c_leading);
typedef void attune_packing(int transposed, const float *b, size_t leading, size_t n, size_t k, float *packed);

#define REAL float
typedef struct {
  ATTUNE_FUNCTIONS(ATTUNE_FIELD)
  attune_packed_product *packed_product;
  attune_blocked_product *blocked_product;
  attune_packing *pack;
  double (*peak)(size_t rounds);
} attune_float_functions;
#undef REAL

#define REAL double
typedef struct {
  ATTUNE_FUNCTIONS(ATTUNE_FIELD)
} attune_double_functions;
#undef REAL

/// Products with numbers of 16 bits, packed in panels of 32-bit words.
typedef struct {
  size_t (*panel_size)(size_t k);
  void (*pack)(int transposed, const float *b, size_t leading, size_t n, size_t k, int32_t *packed);
  void (*product)(int a_transposed, size_t m, size_t n, size_t k, const float *a, size_t a_leading,
                  const int32_t *packed, int accumulate, const float *bias, attune_activation f, float *c,
                  size_t c_leading);
  double (*peak)(size_t rounds);
} attune_short_functions;

typedef struct {
  attune_short_functions int16;
  size_t (*int8_panel_size)(size_t k);
  void (*int8_quantize)(const float *x, size_t leading, size_t rows, size_t columns, int8_t *integers, float *scales);
  void (*int8_pack)(const int8_t *weight, const float *scales, size_t n, size_t k, int32_t *packed);
  void (*int8_unpack)(const int32_t *packed, size_t n, size_t k, int8_t *weight, float *scales);
  void (*int8_product)(size_t m, size_t n, size_t k, const float *a, size_t a_leading, const int32_t *packed,
                       const float *bias, attune_activation f, float *c, size_t c_leading);
  double (*int8_peak)(size_t rounds);
} attune_integer_functions;

extern const attune_float_functions attune_float_baseline, attune_float_avx2, attune_float_avx512;
extern const attune_double_functions attune_double_baseline, attune_double_avx2, attune_double_avx512;
extern const attune_short_functions attune_bfloat_baseline, attune_bfloat_avx2, attune_bfloat_avx512,
    attune_bfloat_avx512_bf16;
extern const attune_integer_functions attune_integer_baseline, attune_integer_avx2, attune_integer_avx2_vnni,
    attune_integer_avx512, attune_integer_avx512_vnni;

#endif
