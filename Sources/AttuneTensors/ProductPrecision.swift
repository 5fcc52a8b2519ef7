// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// How the factors of the large products of linear maps and output tables are rounded, in training too. Sums, results,
/// parameters and all else stay Float32.
public enum ProductPrecision: String, Sendable, Hashable, CaseIterable, Codable {
  case float32
  /// The upper half of a Float32: 8 bits of precision. Twice as fast as Float32 where the processor multiplies it faster,
  /// which Intel's processors do not.
  case bfloat16
  /// Integers of 13 bits, with a scale for every 128 neighbours of a row (dynamic fixed point, Das et al. 2018): closer to
  /// Float32 than BFloat16, and twice as fast as Float32 on processors with VNNI.
  case int16

  var kernel: attune_short_format { self == .bfloat16 ? ATTUNE_BFLOAT16 : ATTUNE_INT16 }
}
