// SPDX-License-Identifier: Apache-2.0

#include "levels.h"

#define REAL float
#define REAL_BYTES 4
#define VECTOR_BYTES 16
#define HAS_VNNI 0
#define LEVEL_TABLE attune_integer_baseline
#include "bodies/integer_products.h"
