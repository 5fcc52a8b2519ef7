// SPDX-License-Identifier: Apache-2.0

#include "levels.h"

#if defined(__x86_64__)

#define REAL float
#define REAL_BYTES 4
#define VECTOR_BYTES 32
#define HAS_VNNI 1
#define LEVEL_TABLE attune_integer_avx2_vnni

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3,avxvnni"))), apply_to = function)
#include "bodies/integer_products.h"
#pragma clang attribute pop

#endif
