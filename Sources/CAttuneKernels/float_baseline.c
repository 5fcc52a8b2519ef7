// SPDX-License-Identifier: Apache-2.0

#include "levels.h"

#define REAL float
#define REAL_BYTES 4
#define VECTOR_BYTES 16
#define LEVEL_TABLE attune_float_baseline
#define BFLOAT_TABLE attune_bfloat_baseline
#include "bodies/all.h"
