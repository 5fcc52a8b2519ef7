// SPDX-License-Identifier: Apache-2.0

#include "levels.h"

#if defined(__x86_64__)

#define REAL float
#define REAL_BYTES 4
#define VECTOR_BYTES 64

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,avx512bf16,tune=znver4"))), apply_to = function)
#include "bodies/lanes.h"

#include "bodies/functions.h"

#include "bodies/activation.h"

#include "bodies/tile_sizes.h"

#include "bodies/words.h"

#include "bodies/bfloat.h"

#include "bodies/bfloat_dot.h"

#include "bodies/peak.h"
DEFINE_PEAK(bfloat_peak, Vector, 4, add_bfloat_pairs(sum, (Mask)a, (Mask)b))

const attune_short_functions attune_bfloat_avx512_bf16 = {bfloat_panel_size, bfloat_pack, bfloat_product,
                                                          bfloat_peak};
#pragma clang attribute pop

#endif
