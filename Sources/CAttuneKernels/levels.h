// SPDX-License-Identifier: Apache-2.0
//
// The tables of functions, one for each precision and level.

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
} attune_float_functions;
#undef REAL

#define REAL double
typedef struct {
  ATTUNE_FUNCTIONS(ATTUNE_FIELD)
} attune_double_functions;
#undef REAL

extern const attune_float_functions attune_float_baseline, attune_float_avx2, attune_float_avx512;
extern const attune_double_functions attune_double_baseline, attune_double_avx2, attune_double_avx512;

#endif
