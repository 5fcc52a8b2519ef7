// SPDX-License-Identifier: Apache-2.0

#include "levels.h"

#define REAL double
#define REAL_BYTES 8
#define VECTOR_BYTES 16
#define LEVEL_TABLE attune_double_baseline
#include "bodies/all.h"
