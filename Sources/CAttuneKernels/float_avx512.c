// SPDX-License-Identifier: Apache-2.0

#include "levels.h"

#if defined(__x86_64__)

#define REAL float
#define REAL_BYTES 4
#define VECTOR_BYTES 64
#define LEVEL_TABLE attune_float_avx512
#define BFLOAT_TABLE attune_bfloat_avx512

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,tune=znver4"))), apply_to = function)
#include "bodies/all.h"
#pragma clang attribute pop

#endif
