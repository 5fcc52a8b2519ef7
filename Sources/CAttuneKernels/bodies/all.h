// SPDX-License-Identifier: Apache-2.0
//
// Every function of one precision at one level; included once by each file that stands for such a pair.

#include "lanes.h"

#include "functions.h"

#include "elementwise.h"

#include "activation.h"

#include "gating.h"

#include "dropout.h"

#include "normalization.h"

#include "columns.h"

#include "rows.h"

#include "softmax.h"

#include "attention.h"

#include "decoding.h"

#include "rotation.h"

#include "recurrence.h"

#include "optimizer.h"

#include "tile_sizes.h"

#include "tiles.h"

#include "small_product.h"

#if REAL_BYTES == 4
#include "words.h"

#include "bfloat.h"

#include "packed_product.h"

#include "peak.h"
DEFINE_PEAK(float_peak, Vector, 2, sum * b + a)
const attune_float_functions LEVEL_TABLE = {ATTUNE_FUNCTIONS(ATTUNE_ENTRY).packed_product = packed_product,
                                            .blocked_product = blocked_product,
                                            .pack = pack,
                                            .peak = float_peak};
const attune_short_functions BFLOAT_TABLE = {bfloat_panel_size, bfloat_pack, bfloat_product, float_peak};
#else
const attune_double_functions LEVEL_TABLE = {ATTUNE_FUNCTIONS(ATTUNE_ENTRY)};
#endif
