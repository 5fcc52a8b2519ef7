// SPDX-License-Identifier: Apache-2.0
//
// The products in integers at one level; included once by each file that stands for one.
//
// Set by that file: as for lanes.h, and HAS_VNNI, whether dot products of words are single instructions.

#include "lanes.h"

#include "functions.h"

#include "activation.h"

#include "tile_sizes.h"

#include "words.h"

#include "integers.h"

#include "int16_product.h"

#include "int8_product.h"

#include "peak.h"
DEFINE_PEAK(int16_peak, Mask, 4, add_pairs(sum, a, b))
DEFINE_PEAK(int8_peak, Mask, 8, add_quads(sum, a, b))

const attune_integer_functions LEVEL_TABLE = {.int16 = {int16_panel_size, int16_pack, int16_product, int16_peak},
                                              .int8_panel_size = int8_panel_size,
                                              .int8_quantize = int8_quantize,
                                              .int8_pack = int8_pack,
                                              .int8_unpack = int8_unpack,
                                              .int8_product = int8_product,
                                              .int8_peak = int8_peak};
